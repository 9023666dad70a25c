"""Rows of formatted text, and what is aligned among them."""

from __future__ import annotations

from collections.abc import Callable, Iterator

WIDEST = 72  # a longer row does not push the others


class Row:
    """One line: its text, where an annotation starts in it, and the comment at its end."""

    __slots__ = ("arrow", "blank", "comment", "indent", "text")

    def __init__(self, indent: int, *, comment: str = "", blank: bool = False) -> None:
        self.indent = indent
        self.text = ""
        self.arrow = 0
        self.comment = comment
        self.blank = blank

    @property
    def is_comment(self) -> bool:
        return not self.text

    @property
    def width(self) -> int:
        return self.indent + len(self.text)


def aligned(rows: list[Row]) -> str:
    """The rows as text, with annotations under each other, and then comments."""
    for run in _runs(rows, lambda row: not row.is_comment, same_indent=True):
        _align_arrows([row for row in run if row.arrow])
    for run in _runs(rows, lambda row: bool(row.text and row.comment), same_indent=False):
        _align_comments(run)
    lines: list[str] = []
    for row in rows:
        if row.blank and lines:
            lines.append("")
        lines.append(" " * row.indent + (row.text or row.comment))
    return "".join(f"{line}\n" for line in lines)


def _runs(rows: list[Row], fits: Callable[[Row], bool], *, same_indent: bool) -> Iterator[list[Row]]:
    """The stretches of neighbouring rows that fit, without a blank line between them."""
    run: list[Row] = []
    for row in rows:
        if run and (not fits(row) or row.blank or (same_indent and row.indent != run[0].indent)):
            yield run
            run = []
        if fits(row):
            run.append(row)
    if run:
        yield run


def _align_arrows(rows: list[Row]) -> None:
    column = max((row.arrow for row in rows if row.arrow <= WIDEST), default=0) + 2
    for row in rows:
        gap = column - row.arrow if len(rows) > 1 and row.arrow <= WIDEST else 1
        row.text = row.text[: row.arrow] + " " * gap + row.text[row.arrow :]


def _align_comments(rows: list[Row]) -> None:
    column = max((row.width for row in rows if row.width <= WIDEST), default=0) + 2
    for row in rows:
        gap = column - row.width if row.width <= WIDEST else 2
        row.text += " " * gap + row.comment
