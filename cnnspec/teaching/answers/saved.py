"""Tables of layers as a spreadsheet saves them: headings first, cells parted by `;`, tabs or commas."""

from __future__ import annotations

import re
from collections.abc import Sequence

from cnnspec.teaching.answers.collecting import normal
from cnnspec.teaching.answers.rows import heads_of

LONGEST_LINE = 1_000

_AXES = ("frames", "height", "width", "channels")
_MOST_BEFORE = 5  # a title, and lines left empty
_OPEN = re.compile(r"[\[(]*[0-9?N-]")


def cells_of(lines: Sequence[str]) -> list[list[str]]:
    """The cells of each row, those of the headings first; none where the lines are no such table.

    >>> cells_of(["Layer;Height;Width;Channels;Params", "conv 32;62;62;32;896", "flatten;;;28800;0"])[1:]
    [['conv 32', '62x62x32', '896'], ['flatten', '28800', '0']]
    """
    lines = [line[:LONGEST_LINE] for line in lines if line.strip() and not re.match(r"\s*sep=.\s*$", line)]
    for sign in ";\t,":
        rows = [_cells(line, sign) for line in lines[:_MOST_BEFORE]]
        top = next((i for i, row in enumerate(rows) if len(row) > 1 and heads_of(_one_size(row, row))), None)
        if top is not None:
            return _table([_cells(line, sign) for line in lines[top:]], sign)
    return []


def _cells(line: str, sign: str) -> list[str]:
    """The cells of a line: a sign in quotes, or in brackets that are closed, parts none."""
    pattern = rf'(?:"(?:[^"]|"")*"|\([^()]*\)|\[[^\[\]]*\]|[^{sign}])*+'
    cells = [match[0].strip(" \ufeff\t\r\n") for match in re.finditer(rf"(?:^|(?<={sign})){pattern}", line)]
    return [cell[1:-1].replace('""', '"').strip() if re.fullmatch('".*"', cell) else cell for cell in cells]


def _table(rows: list[list[str]], sign: str) -> list[list[str]]:
    heads = rows[0]
    if sign == "\t" and ("" in heads or any(len(row) > len(heads) for row in rows)):  # tabs that only align
        return []
    size = heads_of(heads).get("size", 0)
    return [_one_size(heads, _fitted(row, len(heads), size)) for row in rows]


def _fitted(row: list[str], count: int, size: int) -> list[str]:
    """The row with as many cells as there are headings: commas of a name or of thousands parted it."""
    more = len(row) - count
    if more <= 0:
        return row
    if size > 0 and not _OPEN.match(row[size]):
        return [", ".join(row[: more + 1]), *row[more + 1 :]]
    return [*row[: count - 1], ",".join(row[count - 1 :]).rstrip(",")]


def _one_size(heads: Sequence[str], row: Sequence[str]) -> list[str]:
    """The row with one cell for the size, where the table has a column for each axis."""
    axes = {axis: i for i, head in enumerate(heads) if (axis := normal(head)) in _AXES}
    if len(axes) < 2:
        return list(row)
    places = [axes[axis] for axis in _AXES if axis in axes]
    parts = [row[i] for i in places if i < len(row) and row[i] not in ("", "-", "/")]
    whole = "shape" if row is heads else "x".join(parts)
    first = min(places)
    return [whole if i == first else cell for i, cell in enumerate(row) if i == first or i not in places]
