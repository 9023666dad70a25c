"""The language server: what `cnnspec.editing` knows, in the words of the Language Server Protocol."""
