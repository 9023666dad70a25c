"""The exercise as the table of the slides: a row a line of the file, its blanks under "Shape ?" and "Count ?"."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import TypeVar

from cnnspec.language import say
from cnnspec.record import Record
from cnnspec.source import Source
from cnnspec.teaching.model import Blank
from cnnspec.teaching.variants.drawing import VARIANT

T = TypeVar("T")
ARROW, PARAMS = "->", "params"
TIMES = " × "  # between the axes of a size
AXIS_BEFORE, AXIS_AFTER = r"(?<=[\dA-Z?])", r"(?=[\dA-Z?])"
OPENING, CLOSING = "([{", ")]}"


class Hole(Record):
    """The place of a blank; `first` where it has not been seen yet."""

    key: str
    first: bool


Cell = tuple[str | Hole, ...]


class Row(Record):
    """A line of the file: what stands before the arrow, the size and the count after it. A note is a comment."""

    line: int
    note: bool
    layer: Cell
    size: Cell
    params: Cell


def rows(source: Source, blanks: Sequence[Blank]) -> tuple[Row, ...]:
    """The lines of the file that say something."""
    found = sorted((span.start, span.end, blank.key) for blank in blanks for span in blank.spans)
    firsts = {blank.key: min(span.start for span in blank.spans) for blank in blanks}
    cutter = _Cutter(source.text, found, firsts)
    made = (_row(cutter, line, source.line(line), source.line_starts[line - 1]) for line in _lines(source))
    return tuple(row for row in made if (row.layer or row.size or row.params) and not _is_title(row))


def fill(cell: Cell, text: Callable[[str], T], hole: Callable[[Hole], T]) -> list[T]:
    """The cell with its texts and its holes in a form of their own."""
    return [text(piece) if isinstance(piece, str) else hole(piece) for piece in cell]


def without_gaps(table: Sequence[Row]) -> tuple[bool, bool]:
    """Whether there is anything under the size, and under the count."""
    return any(row.size for row in table), any(row.params for row in table)


class _Cutter:
    """Cuts stretches of the text at the blanks in them."""

    def __init__(self, text: str, blanks: list[tuple[int, int, str]], firsts: Mapping[str, int]) -> None:
        self.text = text
        self.blanks = blanks
        self.firsts = firsts

    def cell(self, start: int, end: int, drop: str = "") -> Cell:
        pieces: list[str | Hole] = []
        for begin, stop, key in self.blanks:
            if start <= begin and stop <= end:
                pieces += [self.text[start:begin], Hole(key, begin == self.firsts[key])]
                start = stop
        last = self.text[start:end].rstrip()
        pieces.append(last.removesuffix(drop).rstrip() if drop else last)
        return tuple(TIMES if piece == "x" else piece for piece in pieces if piece != "")


def _is_title(row: Row) -> bool:
    """`model lenet`: the name alone; with parameters in brackets it says what they are."""
    text = row.layer[0] if len(row.layer) == 1 else ""
    return isinstance(text, str) and text.startswith("model ") and "(" not in text and not row.note


def _lines(source: Source) -> Iterator[int]:
    return (i + 1 for i in range(len(source.line_starts)) if source.line(i + 1).strip())


def _row(cutter: _Cutter, line: int, text: str, offset: int) -> Row:
    stated = VARIANT.match(text)
    if stated:
        return Row(line, True, (say("variant: {name}", name=stated["seed"].strip()),), (), ())
    if text.lstrip().startswith("#"):
        return Row(line, True, (text.strip().lstrip("# "),) if text.strip("# ") else (), (), ())
    cuts = dict(_marks(text))
    end = offset + next((place for place, mark in cuts.items() if mark == "#"), len(text))
    arrows = [offset + place for place, mark in cuts.items() if mark == ARROW]
    if not arrows:
        return Row(line, False, cutter.cell(offset, end), (), ())
    size: Cell = ()
    params: Cell = ()
    commas = [offset + place for place, mark in cuts.items() if mark == "," and offset + place > arrows[0]]
    starts = [arrows[0] + len(ARROW), *(place + 1 for place in commas)]
    for start, stop in zip(starts, [*commas, end], strict=True):
        start += len(cutter.text[start:stop]) - len(cutter.text[start:stop].lstrip())  # noqa: PLW2901
        if cutter.text[start:stop].rstrip().endswith(PARAMS):
            params += cutter.cell(start, stop, PARAMS)
        else:
            size += ((", ",) if size else ()) + _with_times(cutter.cell(start, stop))
    return Row(line, False, cutter.cell(offset, arrows[0]), size, params)


def _with_times(cell: Cell) -> Cell:
    """A size as people write it: 62 × 62 × 32, boxes or not. An axis is a number or a capital letter."""
    made: list[str | Hole] = []
    for i, piece in enumerate(cell):
        before, after = i > 0, i < len(cell) - 1  # a hole
        made.append(times(piece, before, after) if isinstance(piece, str) else piece)
    return tuple(made)


def times(size: str, before: bool = False, after: bool = False) -> str:
    """A size with signs of multiplication; whether there is an axis before it, and one after it.

    >>> times("62x62x32"), times("HxWx3"), times("x32", before=True), times("box")
    ('62 × 62 × 32', 'H × W × 3', ' × 32', 'box')
    """
    left, right = ("^|" if before else "") + AXIS_BEFORE, ("$|" if after else "") + AXIS_AFTER
    return re.sub(f"(?:{left})x(?:{right})", TIMES, size)


def _marks(text: str) -> Iterator[tuple[int, str]]:
    """Where the arrow, the commas outside brackets and the comment of a line stand."""
    depth, quoted, arrow = 0, False, False
    for i, c in enumerate(text):
        if c == '"' and text[i - 1 : i] != "\\":
            quoted = not quoted
        elif quoted:
            continue
        elif c == "#":
            yield i, c
            return
        elif c in OPENING:
            depth += 1
        elif c in CLOSING:
            depth -= 1
        elif depth <= 0 and not arrow and text.startswith(ARROW, i):
            arrow = True
            yield i, ARROW
        elif depth <= 0 and c == ",":
            yield i, c
