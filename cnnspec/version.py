"""The version, where every room can read it: reading it from the installed metadata would slow every start down."""

__version__ = "0.1.0"
