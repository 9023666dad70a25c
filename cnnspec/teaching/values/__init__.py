"""Numbers worked out by hand: what a small network computes."""
