"""A line with a token that does not fit, and what a hint makes of it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from cnnspec.diagnostics import Diagnostic, Edit, Fix, Mistake
from cnnspec.language import say
from cnnspec.source import Source, Span
from cnnspec.syntax.tokens import NEW_STATEMENT, Lexeme, lexeme

OPENERS = frozenset({"LPAR", "CALL", "LSQB"})
CLOSERS = frozenset({"RPAR", "RSQB"})
OPERANDS = frozenset(
    {"NUMBER", "NAME", "SIZE", "STRING", "TRUE", "FALSE", "BLANK", "SYMBOL", "PARAMS", "PARAM", "INPUT"}
)
COMPARISONS = frozenset({"EQUALS", "DIFFERS", "LESS", "AT_MOST", "MORE", "AT_LEAST"})
SIGNS = frozenset({"PLUS", "MINUS", "STAR", "SLASH", "DOUBLE_SLASH", "PERCENT", "DOUBLE_STAR", "UP_TO"})
OPERATORS = COMPARISONS | SIGNS | {"IF", "AND", "OR"}


class Hint(NamedTuple):
    """A diagnostic, and the line as it was probably meant (empty: there is no telling)."""

    diagnostic: Diagnostic
    tokens: list[Lexeme]
    needs_body: bool = False
    vague: bool = False  # it may follow from an error before it


class Trouble:
    """A line of tokens, and the index of the one that does not fit (the length of the line: it ends too early)."""

    def __init__(self, source: Source, tokens: list[Lexeme], index: int) -> None:
        self.source = source
        self.tokens = tokens
        self.index = index
        end = tokens[-1].end_pos
        self.token = tokens[index] if index < len(tokens) else lexeme("NL", "", end, end)
        self.before = tokens[index - 1]
        self.head = tokens[1] if len(tokens) > 1 else self.token

    def at(self, index: int) -> Lexeme:
        """The token there; before the line and after it there are ends of lines."""
        return self.tokens[index] if 0 <= index < len(self.tokens) else NEW_STATEMENT

    @property
    def depth(self) -> int:
        """How many brackets are open before the token."""
        kinds = [token.type for token in self.tokens[: self.index]]
        return sum(kind in OPENERS for kind in kinds) - sum(kind in CLOSERS for kind in kinds)

    def starts_step(self, index: int) -> bool:
        return self.at(index).type == "NAME" and self.at(index - 1).type in ("NL", "PIPE", "LBRACE", "RBRACE")

    def partner(self, opener: int) -> int:
        """The index of the bracket that closes the one at `opener`."""
        depth = 0
        for index in range(opener, len(self.tokens)):
            kind = self.tokens[index].type
            depth += (kind in OPENERS) - (kind in CLOSERS)
            if depth == 0:
                return index
        return len(self.tokens)

    def text(self, first: int, last: int) -> str:
        """The text of the tokens from `first` to `last`, with no more than single spaces."""
        if last < first:
            return ""
        return " ".join(self.source.text[self.tokens[first].start_pos : self.tokens[last].end_pos].split())

    def hint(
        self,
        mistake: Mistake,
        tokens: Sequence[Lexeme] = (),
        *edits: tuple[int, int, str],
        place: Lexeme | None = None,
    ) -> Hint:
        """The hint that marks the token (or another place), with a safe fix of these edits."""
        marked = place or self.token
        fix = None
        if edits:
            what = mistake.values.get("right")
            message = say("write `{content}`", content=what) if what else say("mend it")
            fix = Fix("safe", message, tuple(Edit(Span(start, end), content) for start, end, content in edits))
        return Hint(mistake.at(self.source, Span(marked.start_pos, marked.end_pos), fix=fix), list(tokens))
