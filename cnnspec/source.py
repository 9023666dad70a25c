"""The text of a file, and places in it."""

from __future__ import annotations

import bisect
from typing import TypeAlias

from cnnspec.language import say
from cnnspec.record import Record


class Span(Record):
    """A half-open range of character offsets in one source text."""

    start: int
    end: int


class Position(Record):
    """A place as people count it: row and column start at 1."""

    row: int
    column: int


class Source:
    """A text with its name, able to say in which row and column an offset lies."""

    __slots__ = ("_line_starts", "filename", "text")

    def __init__(self, text: str, filename: str = "<text>") -> None:
        self.text = text
        self.filename = filename
        self._line_starts: list[int] | None = None

    @property
    def line_starts(self) -> list[int]:
        if self._line_starts is None:
            starts = [0]
            offset = self.text.find("\n")
            while offset >= 0:
                starts.append(offset + 1)
                offset = self.text.find("\n", offset + 1)
            self._line_starts = starts
        return self._line_starts

    def row(self, offset: int) -> int:
        return bisect.bisect_right(self.line_starts, offset)

    def position(self, offset: int) -> Position:
        row = self.row(offset)
        return Position(row, offset - self.line_starts[row - 1] + 1)

    def line(self, row: int) -> str:
        """The text of a row, without its end of line."""
        start = self.line_starts[row - 1]
        end = self.text.find("\n", start)
        return self.text[start : end if end >= 0 else len(self.text)].rstrip("\r")


class Listing(Source):
    """A text that was made to show something that has none, such as a graph: node for node a line.

    Nobody can edit it, and it is not written in the language of `.cnn` files.
    """

    __slots__ = ()


class Call(Record):
    """A block call on the way to a layer, or to what is wrong with one."""

    block: str
    row: int
    source: Source

    def said(self, here: Source, filename: str = "") -> str:
        """The call in words, for what lies in the source `here`; `filename` is how its own is to be called."""
        if self.source is here:
            return say("in `{block}`, called at line {row}", block=self.block, row=self.row)
        where = filename or self.source.filename
        return say("in `{block}`, called at line {row} of {file}", block=self.block, row=self.row, file=where)


Trace: TypeAlias = tuple[Call, ...]
"""Calls, innermost first."""
