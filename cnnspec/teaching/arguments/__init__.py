"""Blank arguments: every answer that makes the rest hold is right."""
