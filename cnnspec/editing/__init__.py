"""What an editor shows about a text: everything in offsets and plain values, for any editor or web page."""
