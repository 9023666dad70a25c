"""Where a brace was forgotten: the indentation tells."""

from __future__ import annotations

import re

from cnnspec.source import Source
from cnnspec.syntax.tokens import Lexeme


def missing_braces(source: Source, pairs: list[tuple[Lexeme, Lexeme]], unclosed: list[Lexeme]) -> dict[int, Lexeme]:
    """The places where a `}` is missing, each with the brace that it would close.

    `pairs` are the braces that met one at the start of a line. Where that one stands further left than the line of its
    partner, it was meant for another: the partner is the brace that nobody closed.
    """
    suspects = [one for one, other in pairs if _indentation(source, other) < _indentation(source, one)]
    places = {}
    for brace in suspects[: len(unclosed)] or unclosed:
        place = _end_of_body(source, brace)
        if place is not None:
            places[place] = brace
    return places


def _indentation(source: Source, token: Lexeme) -> int:
    line = source.line(source.row(token.start_pos))
    return len(line) - len(line.lstrip())


def _end_of_body(source: Source, brace: Lexeme) -> int | None:
    """The first text after the line of the brace that is no further right than that line."""
    indentation = _indentation(source, brace)
    next_line = re.compile(rf"\n[ \t]{{0,{indentation}}}(?=[^\s#])")
    match = next_line.search(source.text, brace.end_pos)
    return match.end() if match else None
