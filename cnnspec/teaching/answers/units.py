"""A text in the language, cut into statements of tokens with much patience: broken files have them too.

The scanner of the language stops at what is wrong; here everything is a token, and only the layout counts.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from cnnspec.record import Record

MOST_TOKENS = 20_000

_TOKEN = re.compile(
    r"(?P<comment>\#[^\n]*)|(?P<line>\n)|(?P<string>\"[^\"\n]*\")"
    r"|(?P<arrow>->)|(?P<blank>\?[0-9]*)"
    r"|(?P<times>[xX\u00d7](?=[ \t]*[0-9?(\[A-Z]))"
    r"|(?P<letter>[A-Z](?=[x\u00d7][0-9?A-Z]))"
    r"|(?P<number>[0-9]+(?:_[0-9]+)*(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?)"
    r"|(?P<word>[^\W\d]\w*)|(?P<sign>\*\*|//|==|!=|<=|>=|\.\.|[^\s])"
)
_SYNONYMS = {
    "kernel": "f",
    "kernel_size": "f",
    "stride": "s",
    "strides": "s",
    "pad": "p",
    "padding": "p",
    "dilation": "d",
}
_CONTINUING = frozenset({"|", "->", "else", "shortcut", "{"})
_AFTER_BRACE = frozenset({"branch", "for", "if", "repeat", "residual", "frozen"})
_PAIRS = {")": "(", "]": "["}


class Token(Record):
    """`text` is what is compared; the span is that of the words as they are written."""

    text: str
    start: int
    end: int
    kind: str


class Unit(Record):
    """A statement, or what stands before the `{` or after the `}` of one.

    `arrow` is the index of its `->`, `depth` is in how many braces it stands.
    """

    tokens: tuple[Token, ...]
    arrow: int
    depth: int

    @property
    def body(self) -> tuple[Token, ...]:
        return self.tokens[: self.arrow]

    @property
    def start(self) -> int:
        return self.tokens[0].start

    @property
    def end(self) -> int:
        return self.tokens[-1].end


def tokens_of(text: str) -> list[Token]:
    """All tokens of a text, ends of lines among them; of a very long text, the first."""
    tokens = []
    for match in _TOKEN.finditer(text):
        kind = str(match.lastgroup)
        if kind != "comment":
            tokens.append(Token(_canonical(kind, match[0]), match.start(), match.end(), kind))
            if len(tokens) == MOST_TOKENS:
                break
    return tokens


def _canonical(kind: str, text: str) -> str:
    if kind == "number":
        return text.replace("_", "")
    if kind == "word":
        return text.lower()
    return "x" if kind == "times" else text


def units_of(text: str) -> list[Unit]:
    """The statements of a text."""
    units = []
    depth = 0
    for tokens in _statements(tokens_of(text)):
        depth = max(0, depth - (tokens[0].text == "}"))
        units.append(_unit(tokens, depth))
        depth += tokens[-1].text == "{"
    return units


def _unit(tokens: list[Token], depth: int) -> Unit:
    tokens = [
        token._replace(text=_SYNONYMS[token.text]) if token.text in _SYNONYMS and after.text == "=" else token
        for token, after in zip(tokens, [*tokens[1:], tokens[-1]], strict=True)
    ]
    if tokens[0].text in ("expect", "if"):
        tokens = [token._replace(text="==") if token.text == "=" else token for token in tokens]
    flow = tokens[0].text not in ("example", "example:")
    arrow = next((i for i, token in enumerate(tokens) if token.kind == "arrow" and flow), len(tokens))
    return Unit(tuple(tokens), arrow, depth)


def _statements(tokens: list[Token]) -> Iterator[list[Token]]:
    inside = _insides(tokens)
    current: list[Token] = []
    broken = False  # a line has ended
    for i, token in enumerate(tokens):
        if token.kind == "line":
            broken = broken or not inside[i]
            continue
        if current and ((broken and not _continues(tokens, i, current[-1])) or _starts(token, current[-1])):
            yield current
            current = []
        broken = False
        if token.text == ";" and not inside[i] and _ends(tokens, i):
            broken = True
            continue
        current.append(token)
        if token.text == "{":
            yield current
            current = []
    if current:
        yield current


def _starts(token: Token, before: Token) -> bool:
    return token.text == "}" or (before.text == "}" and token.text in _AFTER_BRACE)


def _continues(tokens: list[Token], index: int, before: Token) -> bool:
    """Whether a line goes on with this token. After a comma only an argument does: a count may have been left out."""
    token = tokens[index]
    if token.text in _CONTINUING or before.text == "|":
        return True
    named = index + 1 < len(tokens) and tokens[index + 1].text == "="
    return before.text == "," and (token.kind != "word" or named)


def _ends(tokens: list[Token], index: int) -> bool:
    """Whether a `;` ends a statement: none begins with a number, but a count may stand there."""
    return index + 1 == len(tokens) or tokens[index + 1].kind not in ("number", "sign")


def _insides(tokens: list[Token]) -> list[bool]:
    """For each token whether it stands in brackets that are closed before the next brace."""
    inside = [0] * (len(tokens) + 1)
    opened: list[int] = []
    for i, token in enumerate(tokens):
        if token.text in ("(", "["):
            opened.append(i)
        elif token.text in ("{", "}"):
            opened.clear()
        elif token.text in _PAIRS and opened and tokens[opened[-1]].text == _PAIRS[token.text]:
            inside[opened.pop()] += 1
            inside[i] -= 1
    depth, found = 0, []
    for change in inside[:-1]:
        depth += change
        found.append(depth > 0)
    return found
