"""Texts with a mark `¦` where the cursor is."""

from __future__ import annotations

from cnnspec.editing.analysis import Analysis, analyse
from cnnspec.source import Source

MARK = "¦"


def marked(text: str, filename: str = "net.cnn") -> tuple[Analysis, int]:
    offset = text.index(MARK)
    return analyse(Source(text.replace(MARK, ""), filename)), offset


def of(text: str, filename: str = "net.cnn") -> Analysis:
    return analyse(Source(text, filename))
