"""Columns of text on a terminal, as wide as they are shown."""

from __future__ import annotations

import re
import textwrap
import unicodedata
from collections.abc import Callable, Sequence

Row = Sequence[str]
TOGETHER = "\0"  # in the place of a space at which a line is not broken
Paint = Callable[[int, int, str], str]  # the numbers of row and column, and the cell


def width_of(text: str) -> int:
    """How many columns a terminal takes for a text: none for accents that combine, two for wide signs."""
    if text.isascii():
        return len(text)
    return sum(_width(sign) for sign in text)


def _width(sign: str) -> int:
    if unicodedata.category(sign) in ("Mn", "Me", "Cf"):
        return 0
    return 2 if unicodedata.east_asian_width(sign) in "WF" else 1


def aligned(rows: Sequence[Row], right: Sequence[int] = (), paint: Paint | None = None) -> list[str]:
    """Rows of equal columns; those whose numbers are in `right` are right-aligned."""
    widths = [max(map(width_of, column)) for column in zip(*rows, strict=True)]
    lines = []
    for number, row in enumerate(rows):
        parts = []
        for i, (cell, width) in enumerate(zip(row, widths, strict=True)):
            gap = " " * (width - width_of(cell))
            shown = paint(number, i, cell) if paint and cell.strip() else cell
            parts.append(gap + shown if i in right else shown + gap)
        lines.append("  ".join(parts).rstrip())
    return lines


def wrapped(text: str, width: int, indent: str = "") -> list[str]:
    """A text in lines of that width, all of them indented; none ends between the thousands of a number."""
    lines = textwrap.wrap(
        re.sub(r"(?<=\d) (?=\d)", TOGETHER, text), max(width, 20), initial_indent=indent, subsequent_indent=indent,
        break_long_words=False, break_on_hyphens=False,
    )  # fmt: skip
    return [line.replace(TOGETHER, " ") for line in lines]
