"""From the bytes of a file to its text, whatever editor wrote it."""

from __future__ import annotations

import re

from cnnspec.language import say

LARGEST = 256 * 1024

_SIGNATURES = (
    (b"%PDF", "PDF"),
    (b"PK\x03\x04", "Word, Excel, zip"),
    (b"\xd0\xcf\x11\xe0", "Word, Excel"),
    (b"\x89PNG", "PNG"),
    (b"\xff\xd8\xff", "JPEG"),
    (b"GIF8", "GIF"),
    (b"{\\rtf", "RTF"),
    (b"\x1f\x8b", "gzip"),
    (b"7z\xbc\xaf", "7z"),
    (b"Rar!", "RAR"),
)
_BYTE_ORDER_MARKS = ((b"\xef\xbb\xbf", "utf-8"), (b"\xff\xfe", "utf-16-le"), (b"\xfe\xff", "utf-16-be"))

# What text processors make of signs while one types.
_TYPED = {
    **dict.fromkeys(
        ("\u2192", "\u21d2", "\u27f6", "\u2794", "\u279c", "\u2013>", "\u2014>", "-->", "=>", "\u2212>"), "->"
    ),
    **dict.fromkeys("\u201c\u201d\u201e\u00ab\u00bb\u2018\u2019\u201a", '"'),
}


def unreadable(content: bytes) -> str:
    """Why these bytes are no text, "" where they may be some."""
    if len(content) > LARGEST:
        return say("the file is larger than {limit} KiB", limit=LARGEST // 1024)
    for signature, name in _SIGNATURES:
        if content.startswith(signature):
            return say("this is no text but a file of another kind ({kind})", kind=name)
    return "" if content.strip(b"\x00\t\n\r \xef\xbb\xbf\xfe\xff") else say("the file is empty")


def decode(content: bytes) -> str:
    """The text of these bytes with plain ends of lines: UTF-8, UTF-16 (with or without its mark), or Windows' Latin.

    >>> decode("Forme ?".encode("utf-16")), decode("réponse".encode("latin-1"))
    ('Forme ?', 'réponse')
    """
    return _decoded(content).replace("\r\n", "\n").replace("\r", "\n")


def _decoded(content: bytes) -> str:
    for mark, encoding in _BYTE_ORDER_MARKS:
        if content.startswith(mark):
            return content[len(mark) :].decode(encoding, "replace")
    head = content[:1000]
    if head.count(0) > len(head) // 4:
        return content.decode("utf-16-le" if head[1::2].count(0) >= head[::2].count(0) else "utf-16-be", "replace")
    try:
        return content.decode("utf-8")
    except UnicodeDecodeError:
        return content.decode("cp1252", "replace")


def typed(text: str) -> str:
    """The text with the signs of the language in the place of those that a text processor put there.

    >>> typed("dense 6 → 6")
    'dense 6 -> 6'
    """
    text = re.sub(r"(?<![-\u2013\u2014])[-\u2013\u2014\u2212][ \u00a0]>", "->", text)
    for sign, plain in _TYPED.items():
        if sign in text:
            text = text.replace(sign, plain)
    return text
