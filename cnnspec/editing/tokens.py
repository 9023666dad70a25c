"""The words of a text, whether it makes sense or not: where statements begin and end, which braces are pairs."""

from __future__ import annotations

import bisect
from collections.abc import Iterator
from typing import NamedTuple

from cnnspec.source import Span
from cnnspec.syntax.parser import machinery
from cnnspec.syntax.scanner import AFTER_BRACE, CONTINUES

KEYWORDS = frozenset(
    {
        *(
            "MODEL",
            "BLOCK",
            "USE",
            "LET",
            "INPUT",
            "OUTPUT",
            "EXPECT",
            "EXAMPLE",
            "VARIANT",
            "REPEAT",
            "FOR",
            "IN",
            "IF",
        ),
        *(
            "ELSE",
            "RESIDUAL",
            "SHORTCUT",
            "BRANCH",
            "FROZEN",
            "FROM",
            "APPLY",
            "AS",
            "TRUE",
            "FALSE",
            "AND",
            "OR",
            "NOT",
        ),
    }
)
STATEMENTS = KEYWORDS - {"IN", "IF", "ELSE", "SHORTCUT", "AS", "TRUE", "FALSE", "AND", "OR", "NOT", "INPUT", "OUTPUT"}
WORDS = frozenset({"NAME", "PARAMS", "PARAM"})
OPENING = frozenset({"LPAR", "LSQB"})
CLOSING = frozenset({"RPAR", "RSQB"})
_OPEN_ENDED = frozenset({"PIPE", "COMMA"})
_FIXED = frozenset({"NAME", "SIGN"})


class Token(NamedTuple):
    """A word or sign. `starts` says that a statement begins with it; `depth` counts the braces around it."""

    kind: str
    text: str
    start: int
    end: int
    starts: bool
    depth: int


class Tokens:
    """All tokens of a text, its comments, and its pairs of braces (one that is never closed ends with the text)."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.all: list[Token] = []
        self.comments: list[Span] = []
        self.braces: list[Span] = []
        self.brackets: list[Span] = []
        _Reader(self).read()
        self.starts = [token.start for token in self.all]

    def index(self, offset: int) -> int:
        """The index of the last token that begins at or before the offset; -1 before the first."""
        return bisect.bisect_right(self.starts, offset) - 1

    def at(self, offset: int) -> Token | None:
        """The token that holds the offset, or that ends there."""
        i = self.index(offset)
        if i >= 0 and offset >= self.all[i].end and i > 0 and self.all[i].start == offset:
            i -= 1
        return self.all[i] if i >= 0 and self.all[i].start <= offset <= self.all[i].end else None

    def in_comment(self, offset: int) -> bool:
        return any(span.start < offset <= span.end for span in self.comments)

    def before(self, offset: int) -> Iterator[Token]:
        """The tokens that end at or before the offset, the last first."""
        for i in range(self.index(offset), -1, -1):
            if self.all[i].end <= offset:
                yield self.all[i]

    def statement(self, offset: int) -> list[Token]:
        """The tokens of the statement at the offset, up to where it opens a brace or ends, those before the offset."""
        found: list[Token] = []
        for token in self.before(offset):
            if token.kind in ("LBRACE", "RBRACE", "NL"):
                break
            found.append(token)
            if token.starts:
                break
        return found[::-1]

    def statement_end(self, start: int) -> int:
        """Where the statement that begins at an offset ends, braces and all."""
        first = self.index(start)
        if first < 0:
            return start
        depth, end = self.all[first].depth, self.all[first].end
        for i in range(first + 1, len(self.all)):
            token = self.all[i]
            if token.depth < depth or (token.depth == depth and (token.starts or token.kind == "NL")):
                break
            end = token.end
        return end

    def brace_after(self, offset: int) -> Span | None:
        """The first pair of braces that opens at or after the offset."""
        i = bisect.bisect_left(self.braces, (offset, offset))
        return self.braces[i] if i < len(self.braces) else None

    def around(self, offset: int) -> list[Span]:
        """The pairs of braces around the offset, the innermost first."""
        return [span for span in reversed(self.braces) if span.start < offset < span.end]


class _Reader:
    """One pass over the text."""

    def __init__(self, into: Tokens) -> None:
        self.into = into
        self.open: list[int] = []
        self.inside: list[int] = []
        self.before = "NL"
        self.fresh = True

    def read(self) -> None:
        into = self.into
        vocabulary = machinery()[2]
        for match in vocabulary.pattern.finditer(into.text):
            kind = match.lastgroup or ""
            value = match[kind]
            end = match.end()
            start = end - len(value)
            if kind in _FIXED:
                kind = vocabulary.fixed.get(value, kind)
            if kind == "COMMENT":
                into.comments.append(Span(start, end))
            elif kind == "NL" and value != ";":
                self.fresh = True
            elif kind != "END":
                self._add(kind, value, start, end)
        into.braces += [Span(start, len(into.text) + 1) for start in self.open]
        into.braces.sort()

    def _add(self, kind: str, value: str, start: int, end: int) -> None:
        if self.inside and (kind in ("LBRACE", "RBRACE") or (self.fresh and kind in STATEMENTS)):
            self.inside.clear()
            self.before = "NL" if self.fresh else self.before
        if kind == "RBRACE" and self.open:
            self.into.braces.append(Span(self.open.pop(), end))
        starts = not self.inside and kind not in ("NL", "RBRACE") and self._begins(kind)
        self.into.all.append(Token(kind, value, start, end, starts, len(self.open)))
        if kind == "LBRACE":
            self.open.append(start)
        elif kind in OPENING:
            self.inside.append(start)
        elif kind in CLOSING and self.inside:
            self.into.brackets.append(Span(self.inside.pop(), end))
        self.before, self.fresh = kind, False

    def _begins(self, kind: str) -> bool:
        if self.before in ("NL", "LBRACE"):
            return kind != "LBRACE"
        if self.fresh and kind not in CONTINUES and self.before not in _OPEN_ENDED:
            return True
        return self.before == "RBRACE" and kind in AFTER_BRACE
