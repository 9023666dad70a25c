"""Offsets in a text to the rows and columns of the protocol, and back."""

from __future__ import annotations

import bisect
import re
from collections.abc import Iterable

from lsprotocol import types
from pygls.workspace import PositionCodec

from cnnspec.diagnostics import Edit
from cnnspec.source import Span

_ENDS = re.compile(r"\r\n|\n|\r")


class Positions:
    """The rows of a text. Columns are in the units that client and server have agreed on, UTF-16 as a rule."""

    def __init__(self, text: str, codec: PositionCodec) -> None:
        self.text = text
        self.codec = codec
        self.ends = [match.span() for match in _ENDS.finditer(text)]
        self.starts = [0, *(end for _, end in self.ends)]
        self.plain = text.isascii()

    def offset(self, position: types.Position) -> int:
        """The offset of a position; one behind the end of its line means that end."""
        if position.line >= len(self.starts):
            return len(self.text)
        start = self.starts[position.line]
        end = self.ends[position.line][0] if position.line < len(self.ends) else len(self.text)
        if self.plain:
            return min(start + position.character, end)
        units = 0
        for offset in range(start, end):
            if units >= position.character:
                return offset
            units += self.codec.client_num_units(self.text[offset])
        return end

    def position(self, offset: int) -> types.Position:
        offset = max(0, min(offset, len(self.text)))
        row = bisect.bisect_right(self.starts, offset) - 1
        start = self.starts[row]
        if self.plain:
            return types.Position(row, offset - start)
        return types.Position(row, self.codec.client_num_units(self.text[start:offset]))

    def range(self, span: Span) -> types.Range:
        return types.Range(self.position(span.start), self.position(max(span)))

    def span(self, range: types.Range) -> Span:
        return Span(self.offset(range.start), self.offset(range.end))

    def edits(self, edits: Iterable[Edit]) -> list[types.TextEdit]:
        return [types.TextEdit(self.range(edit.span), edit.content) for edit in edits]
