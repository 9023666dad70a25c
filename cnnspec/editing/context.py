"""What is being typed at a place: the position in its statement, told from the words before it alone."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING, NamedTuple

from cnnspec.editing.tokens import CLOSING, OPENING, WORDS, Token
from cnnspec.source import Span

if TYPE_CHECKING:
    from cnnspec.editing.analysis import Analysis

STATEMENT, STEP, ARGUMENT, VALUE, EXPRESSION = "statement", "step", "argument", "value", "expression"
AFTER_BRACE, AFTER_STEP, FLOW_NAME, SHARED, PATH = "after brace", "after step", "flow name", "shared", "path"
ANNOTATION, COUNT, EXPECT, KINDS, PARTS, INPUT_SIZE = "annotation", "count", "expect", "kinds", "parts", "input size"
ELEMENT, SETTING, SETTING_VALUE, IN = "element", "setting", "setting value", "in"

_ENDED = frozenset({"PIPE", "COMMA"})
_OPERANDS = WORDS | CLOSING | {"NUMBER", "SIZE", "STRING", "TRUE", "FALSE", "BLANK", "SYMBOL"}


class Context(NamedTuple):
    """The sort of place, the span of the word under way, and of a layer or block call: its name and its argument.

    `argument` is the name before a `=`, `position` the number of commas before the place.
    """

    place: str
    word: Span
    callee: str = ""
    argument: str = ""
    position: int = 0
    named: frozenset[str] = frozenset()


def context_at(analysis: Analysis, offset: int) -> Context | None:
    """Where the offset lies; None where nothing can be proposed: in comments, texts and new names."""
    tokens = analysis.tokens
    if tokens.in_comment(offset):
        return None
    token = tokens.at(offset)
    word = Span(offset, offset)
    if token is not None and token.start < offset and token.kind in ("STRING", "UNCLOSED"):
        opened = tokens.statement(token.start)
        used = bool(opened) and opened[0].kind == "USE"
        return Context(PATH, Span(token.start + 1, offset)) if used else None
    if token is not None and token.start < offset and (token.text[0].isalpha() or token.text[0] == "_"):
        word = Span(token.start, token.end)
    if token is not None and token.start < offset and token.kind in ("NUMBER", "SIZE", "ODD_NUMBER"):
        return None
    return _place(analysis, word)


def _place(analysis: Analysis, word: Span) -> Context | None:
    tokens = analysis.tokens
    statement = tokens.statement(word.start)
    last = next(tokens.before(word.start), None)
    between = analysis.text[last.end : word.start] if last else "\n"
    fresh = "\n" in between or "\r" in between
    if not statement:
        if last is not None and last.kind == "RBRACE" and not fresh:
            return Context(AFTER_BRACE, word)
        return Context(STATEMENT, word)
    if fresh and statement[-1].kind not in _ENDED and not _depth(statement):
        return Context(STATEMENT, word)
    return _inside(statement, word)


def _inside(statement: list[Token], word: Span) -> Context | None:
    """The place after these words of a statement."""
    head, last = statement[0].kind, statement[-1].kind
    if last == "AS" or (head in ("LET", "BLOCK", "MODEL", "VARIANT", "FOR") and len(statement) == 1) or head == "USE":
        return None
    arrow = next((i for i, token in enumerate(statement) if token.kind == "ARROW"), -1)
    if head == "EXAMPLE":
        return None
    if arrow >= 0:
        return _annotation(statement[arrow + 1 :], word)
    if head == "INPUT":
        return Context(ELEMENT if last == "COMMA" else INPUT_SIZE, word)
    if head == "OUTPUT":
        return Context(FLOW_NAME, word)
    if head == "EXPECT":
        return _expect(statement, word)
    if head in ("MODEL", "BLOCK", "VARIANT"):
        return _header(statement, word)
    if head == "FOR" and not any(token.kind == "IN" for token in statement):
        return Context(IN, word) if last in WORDS else None
    if head in ("LET", "FOR"):
        return Context(EXPRESSION, word)
    return _in_step(_current_step(statement), word)


def _annotation(after: list[Token], word: Span) -> Context:
    if not after:
        return Context(ANNOTATION, word)
    return Context(COUNT if after[-1].kind in _OPERANDS else EXPRESSION, word)


def _expect(statement: list[Token], word: Span) -> Context:
    opened = _open_bracket(statement)
    if opened > 0 and statement[opened - 1].kind in WORDS:
        function = statement[opened - 1].text
        if function == "count":
            return Context(KINDS, word)
        if function in ("params", "trainable", "non_trainable", "macs", "depth", "receptive_field", "output"):
            return Context(PARTS, word)
    return Context(EXPECT, word)


def _header(statement: list[Token], word: Span) -> Context | None:
    if not _depth(statement):
        return None
    last = statement[-1]
    if statement[0].kind == "VARIANT":
        named = frozenset(one.text for one, after in pairwise(statement) if after.kind == "EQUAL")
        if last.kind in ("LPAR", "COMMA"):
            return Context(SETTING, word, named=named)
        return Context(SETTING_VALUE, word)
    return Context(EXPRESSION, word) if last.kind not in ("LPAR", "COMMA") else None


def _current_step(statement: list[Token]) -> list[Token]:
    """The tokens after the last `|` outside of brackets."""
    depth = 0
    for i in range(len(statement) - 1, -1, -1):
        kind = statement[i].kind
        depth += (kind in CLOSING) - (kind in OPENING)
        if kind == "PIPE" and depth == 0:
            return statement[i + 1 :]
    return statement


def _in_step(step: list[Token], word: Span) -> Context | None:
    if not step:
        return Context(STEP, word)
    head = step[0].kind
    if head == "FROM":
        return Context(FLOW_NAME, word) if len(step) == 1 else Context(AFTER_STEP, word)
    if head == "APPLY":
        return Context(SHARED, word) if len(step) == 1 else Context(AFTER_STEP, word)
    if head in ("IF", "REPEAT", "RESIDUAL", "ELSE", "SHORTCUT"):
        return Context(EXPRESSION, word)
    if head not in WORDS:
        return None
    return call_context(step, word)


def call_context(step: list[Token], word: Span) -> Context:
    """The place in a layer or block call whose first word is the first of `step`."""
    callee, index, depth, name, named = step[0].text, 0, 0, "", set()
    for i, token in enumerate(step[1:], 1):
        depth += (token.kind in OPENING) - (token.kind in CLOSING)
        if depth == 0 and token.kind == "COMMA":
            index, name = index + 1, ""
        elif depth == 0 and token.kind == "EQUAL" and step[i - 1].kind in WORDS:
            name = step[i - 1].text
            named.add(name)
    last = step[-1].kind
    if depth > 0:
        place = EXPRESSION
    elif len(step) == 1 or last == "COMMA":
        place = ARGUMENT
    elif last == "EQUAL":
        place = VALUE
    else:
        place = AFTER_STEP if last in _OPERANDS else EXPRESSION
    return Context(place, word, callee, name, index, frozenset(named))


def _depth(statement: list[Token]) -> int:
    return sum((token.kind in OPENING) - (token.kind in CLOSING) for token in statement)


def _open_bracket(statement: list[Token]) -> int:
    """The index of the innermost bracket that is open at the end; -1 where none is."""
    depth = 0
    for i in range(len(statement) - 1, -1, -1):
        kind = statement[i].kind
        depth += (kind in CLOSING) - (kind in OPENING)
        if depth < 0:
            return i
    return -1
