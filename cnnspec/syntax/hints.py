"""What to say about a token that does not fit: the remedy, where what was meant is plain."""

from __future__ import annotations

from typing import NamedTuple

from cnnspec.diagnostics import Diagnostic, Mistake
from cnnspec.source import Source, Span
from cnnspec.syntax.scanner import Lexeme


class Hint(NamedTuple):
    """A diagnostic, and the line as it was probably meant (None: there is no telling)."""

    diagnostic: Diagnostic
    tokens: list[Lexeme] | None


def explain(
    source: Source, tokens: list[Lexeme], index: int, expected: frozenset[str], mistake: Mistake | None
) -> Hint:
    end = tokens[-1].end_pos
    span = Span(tokens[index].start_pos, tokens[index].end_pos) if index < len(tokens) else Span(end, end)
    if mistake is None:
        mistake = Mistake("E104", "unexpected text")
    return Hint(mistake.at(source, span), None)
