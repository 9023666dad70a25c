"""Lines of a source with marks under them: what is between `-->` and `=` in a message."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from cnnspec.source import Source, Span

WIDTH = 100  # columns of an excerpt; a longer line is cut around its marks
BEFORE = 30  # columns shown before the first mark of a cut line
TAB = 4
CUT = "..."
LINES = 4  # lines of a mark that are shown

PRIMARY, SECONDARY = "^", "-"


class Mark(NamedTuple):
    """A span to underline, and a word about it."""

    span: Span
    text: str
    primary: bool


class Piece(NamedTuple):
    """The part of a mark that lies in one row: columns count from 0, in characters."""

    start: int
    end: int
    text: str
    primary: bool


class Line(NamedTuple):
    """One line of the excerpt: `number` is 0 in lines of marks, -1 where lines are left out."""

    number: int
    text: str
    marks: str = ""  # for each column of `text`: "^", "-" or " "


def excerpt(source: Source, marks: Sequence[Mark]) -> list[Line]:
    """The marked lines of a source in order, each followed by its marks."""
    rows: dict[int, list[Piece]] = {}
    for mark in marks:
        for row, piece in _pieces(source, mark):
            rows.setdefault(row, []).append(piece)
    lines: list[Line] = []
    previous = 0
    for row in sorted(rows):
        if previous and _omits(source, previous + 1, row):
            lines.append(Line(-1, CUT))
        text = source.line(row)
        for group in _groups(text, rows[row]):
            lines += _marked(row, text, group)
        previous = row
    return lines


def _omits(source: Source, first: int, end: int) -> bool:
    """Whether something is left out between two shown rows; blank lines and comments are not worth a word."""
    if end - first > 50:
        return True
    return any(not source.line(row).strip().startswith("#") for row in range(first, end) if source.line(row).strip())


def _pieces(source: Source, mark: Mark) -> list[tuple[int, Piece]]:
    """A mark row by row; of a long one the first rows and the last."""
    start = min(mark.span.start, len(source.text))
    end = min(max(mark.span.end, start), len(source.text))
    first, last = source.position(start), source.position(max(start, end - 1))
    if first.row == last.row:
        width = max(1, end - start)
        return [(first.row, Piece(first.column - 1, first.column - 1 + width, mark.text, mark.primary))]
    rows = range(first.row, last.row + 1)
    shown = [*rows] if len(rows) <= LINES else [*rows[: LINES - 1], rows[-1]]
    pieces = []
    for row in shown:
        line = source.line(row)
        begin = first.column - 1 if row == first.row else len(line) - len(line.lstrip())
        stop = last.column if row == last.row else len(line.rstrip())
        if stop > begin:
            pieces.append((row, Piece(begin, stop, mark.text if row == last.row else "", mark.primary)))
    return pieces


def _groups(text: str, pieces: list[Piece]) -> list[list[Piece]]:
    """Pieces that fit into one excerpt of the line together."""
    pieces = sorted(set(pieces), key=lambda p: (p.start, -p.end))
    if len(text) <= WIDTH:
        return [pieces]
    groups: list[list[Piece]] = []
    for piece in pieces:
        if groups and piece.start - groups[-1][0].start < WIDTH - 2 * BEFORE:
            groups[-1].append(piece)
        else:
            groups.append([piece])
    return groups


def _marked(row: int, text: str, pieces: list[Piece]) -> list[Line]:
    shown, columns, offset = _shown(text, pieces[0].start)
    spots = [_spot(piece, columns, offset) for piece in pieces]
    return [Line(row, shown), *_underline(spots)]


def _shown(text: str, start: int) -> tuple[str, list[int], int]:
    """The line as displayed, the column of each character from `offset` on (and of the end), and `offset`."""
    first = 0
    if len(text) > WIDTH:
        first = max(0, min(start - BEFORE, len(text) - (WIDTH - BEFORE)))
        first = 0 if first <= len(CUT) else first
    shown = CUT if first else ""
    column = len(shown)
    columns = []
    parts = [shown]
    for char in text[first:].rstrip() if len(text) - first < 10 * WIDTH else text[first : first + WIDTH + 1]:
        width = TAB - column % TAB if char == "\t" else _width(char)
        if column + width > WIDTH:
            parts.append(CUT)
            break
        columns.append(column)
        parts.append(" " * width if char == "\t" else visible(char))
        column += width
    columns.append(column)
    return "".join(parts), columns, first


class Spot(NamedTuple):
    """A piece in display columns."""

    start: int
    end: int
    text: str
    primary: bool


def _spot(piece: Piece, columns: list[int], offset: int) -> Spot:
    def column(i: int) -> int:
        i -= offset
        return columns[min(max(i, 0), len(columns) - 1)] + max(0, min(i - len(columns) + 1, 1))

    start = column(piece.start)
    return Spot(start, max(start + 1, column(piece.end)), visible(piece.text), piece.primary)


def _underline(spots: Sequence[Spot]) -> list[Line]:
    """The line of marks with the last word behind it, then the other words, each below its mark."""
    marks = [" "] * max(spot.end for spot in spots)
    for spot in sorted(spots, key=lambda s: s.primary):
        marks[spot.start : spot.end] = (PRIMARY if spot.primary else SECONDARY) * (spot.end - spot.start)
    words = [spot for spot in spots if spot.text]
    beside = words[-1] if words and words[-1].end >= len(marks) else None
    text = "".join(marks)
    kinds = text
    if beside:
        kinds += " " + (PRIMARY if beside.primary else SECONDARY) * len(beside.text)
        text += " " + beside.text
    lines = [Line(0, text, kinds)]
    below = [spot for spot in words if spot is not beside]
    if below:
        lines.append(_hanging(below, None))
    while below:
        lines.append(_hanging(below, below[-1]))
        below.pop()
    return lines


def _hanging(below: Sequence[Spot], last: Spot | None) -> Line:
    """A line of bars under the marks that still wait for their word, with the word of the last one."""
    text = kinds = ""
    for spot in below:
        if len(text) > spot.start:
            continue
        what = spot.text if spot is last else "|"
        pad = " " * (spot.start - len(text))
        text += pad + what
        kinds += pad + (PRIMARY if spot.primary else SECONDARY) * len(what)
    if last and not text.endswith(last.text):
        text += " " + last.text
        kinds += " " + (PRIMARY if last.primary else SECONDARY) * len(last.text)
    return Line(0, text, kinds)


def _width(char: str) -> int:
    if char < "\u0300":
        return 1
    import unicodedata

    if unicodedata.combining(char) or unicodedata.category(char) in ("Mn", "Me", "Cf"):
        return 0 if char not in INVISIBLE else 1
    return 2 if unicodedata.east_asian_width(char) in "WF" else 1


# Characters that would command the terminal or reorder the line are shown as signs.
INVISIBLE = {chr(c) for c in (*range(0x202A, 0x202F), *range(0x2066, 0x206A), 0x200E, 0x200F, 0x061C, 0x2028, 0x2029)}
SIGNS = {c: chr(0x2400 + c) for c in range(32) if c not in (9, 10)}
SIGNS |= {0x7F: "\u2421"} | dict.fromkeys(range(0x80, 0xA0), "\ufffd") | {ord(c): "\ufffd" for c in INVISIBLE}
SIGNS |= dict.fromkeys(range(0xD800, 0xE000), "\ufffd")


def visible(text: str) -> str:
    """The text without control characters."""
    return text.translate(SIGNS) if not text.isprintable() else text


def widest(numbers: Iterable[int]) -> int:
    """The width of the gutter for these line numbers."""
    return len(str(max(numbers, default=1)))
