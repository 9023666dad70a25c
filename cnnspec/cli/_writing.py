"""Writes the text of a file that was read."""

from __future__ import annotations


def write(path: str, text: str) -> None:
    """Puts the text in the place of what the file held, with the byte order mark that it had. Raises FileProblem."""
    from cnnspec.files import replacing

    with open(path, "rb") as old:
        mark = old.read(3)
    with replacing(path) as file:
        file.write((mark if mark == b"\xef\xbb\xbf" else b"") + text.encode())
