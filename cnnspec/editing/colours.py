"""The sort of each word, for editors that colour by meaning."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, NamedTuple

from cnnspec.editing import words
from cnnspec.editing.names import (
    ARGUMENT,
    BLOCK,
    FIGURE,
    FUNCTION,
    INPUT,
    KIND,
    LET,
    LETTER,
    LOOP,
    MODEL,
    MODEL_PARAMETER,
    PARAMETER,
    VALUE,
    VARIANT,
)
from cnnspec.editing.tokens import KEYWORDS, Token
from cnnspec.source import Span

if TYPE_CHECKING:
    from cnnspec.editing.analysis import Analysis
    from cnnspec.editing.names import Occurrence

SORTS = (
    "keyword",
    "class",  # a layer kind
    "function",  # a block
    "parameter",
    "variable",
    "property",  # the name of an argument
    "enumMember",  # a word such as `same`, a variant
    "method",  # a function of the language
    "typeParameter",  # the letter of a size
    "namespace",  # the model
    "number",
    "string",
    "comment",
    "operator",
)
MODIFIERS = ("declaration", "readonly", "defaultLibrary")
_OF_SYMBOL = {
    KIND: "class",
    BLOCK: "function",
    PARAMETER: "parameter",
    MODEL_PARAMETER: "parameter",
    LET: "variable",
    LOOP: "variable",
    VALUE: "variable",
    INPUT: "variable",
    ARGUMENT: "property",
    VARIANT: "enumMember",
    MODEL: "namespace",
    FIGURE: "variable",
    FUNCTION: "method",
    LETTER: "typeParameter",
}
_NUMBERS = frozenset({"NUMBER", "SIZE", "BLANK"})
_SIGNS = frozenset(
    {"PIPE", "ARROW", "EQUAL", "PLUS", "MINUS", "STAR", "SLASH", "DOUBLE_SLASH", "PERCENT", "DOUBLE_STAR"}
)


class Coloured(NamedTuple):
    span: Span
    sort: str
    modifiers: tuple[str, ...] = ()


def colours(analysis: Analysis, within: Span | None = None) -> list[Coloured]:
    """The sort of every word, sign and comment, in the order of the text; none spans two."""
    meant = {one.span: one for one in analysis.names.occurrences}
    found = [Coloured(span, "comment") for span in analysis.tokens.comments]
    for token in analysis.tokens.all:
        found += _token(token, meant.get(Span(token.start, token.end)))
    found.sort(key=lambda one: one.span)
    if within is None:
        return found
    return [one for one in found if one.span.start < within.end and one.span.end > within.start]


def _token(token: Token, meant: Occurrence | None) -> Iterator[Coloured]:
    span = Span(token.start, token.end)
    if meant is not None and meant.symbol is not None:
        modifiers = ["declaration"] if meant.defines else []
        if meant.symbol.kind in (KIND, FIGURE, FUNCTION, ARGUMENT):
            modifiers.append("defaultLibrary")
        elif meant.symbol.kind in (LET, LOOP, PARAMETER, MODEL_PARAMETER):
            modifiers.append("readonly")
        yield Coloured(span, _OF_SYMBOL[meant.symbol.kind], tuple(modifiers))
    elif token.kind in KEYWORDS or token.kind in ("PARAMS", "PARAM"):
        yield Coloured(span, "keyword")
    elif token.kind in _NUMBERS:
        yield Coloured(span, "number")
    elif token.kind == "STRING":
        yield Coloured(span, "string")
    elif token.kind == "SYMBOL":
        yield Coloured(span, "typeParameter")
    elif token.text in words.MODES:
        yield Coloured(span, "enumMember", ("defaultLibrary",))
    elif token.kind in _SIGNS:
        yield Coloured(span, "operator")
