"""The tokens of the language: taken from the grammar, with what people type all the same after them."""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from typing import Any

from lark import Token

from cnnspec.diagnostics import Diagnostic

MAX_MISTAKES = 100  # of a line

# What people type all the same, and any other character: the module `foreign` says what becomes of it.
_ODD = (
    r"(?P<ODD_WORD>(?:[^\W\d]|_)\w*)",
    r"(?P<ODD_NUMBER>[0-9.]*[0-9]\w*)",
    r"(?P<QUOTED>'[^'\n]*'|[\u2018-\u201e\u00ab][^\n\u2018-\u201e\u00bb]*[\u2018-\u201e\u00bb])",
    r"(?P<UNCLOSED>[\"'\u2018-\u201e\u00ab][^\n]*)",
    r"(?P<END>\Z)",
    r"(?P<UNKNOWN>(?s:[^\w\s!-~]+|.))",
)
_ODD_SIGN = r"(?P<ODD_SIGN>&&|\|\||-->|=+>|!(?!=)|[\u21d2\u2212\u2013\u2014\u2264\u2265\u2260\u00d7\u00b7\u2026])"

ODD_KINDS = frozenset({"ODD_WORD", "ODD_NUMBER", "QUOTED", "UNCLOSED", "UNKNOWN", "ODD_SIGN"})


class Lexeme(Token):
    """A token of lark that knows its offsets only: rows and columns are counted when somebody asks."""

    __slots__ = ("words",)

    start_pos: int
    end_pos: int
    words: tuple[str, ...]  # of BROKEN only


def lexeme(type_: str, value: str, start: int, end: int) -> Lexeme:
    made = str.__new__(Lexeme, value)
    made.type = type_
    made.value = value
    made.start_pos = start
    made.end_pos = end
    return made


NEW_STATEMENT = lexeme("NL", "\n", 0, 0)


class Vocabulary:
    """The terminals of the grammar, as one regular expression and a table of fixed words and signs."""

    __slots__ = ("fixed", "pattern")

    def __init__(self, terminals: Collection[Any]) -> None:
        self.fixed: dict[str, str] = {t.pattern.value: t.name for t in terminals if t.pattern.type == "str"}
        free = {t.name: t.pattern.to_regexp() for t in sorted(terminals, key=_rank) if t.pattern.type == "re"}
        space = free.pop("SPACE")
        signs = sorted((sign for sign in self.fixed if not sign.isalpha()), key=lambda sign: -len(sign))
        parts = [f"(?P<{name}>{pattern})" for name, pattern in free.items()]
        parts += [_ODD_SIGN, f"(?P<SIGN>{'|'.join(map(re.escape, signs))})", *_ODD]
        self.pattern = re.compile(f"(?:{space})?(?:{'|'.join(parts)})")


def _rank(terminal: Any) -> tuple[int, int, int, str]:
    """The order in which lark itself tries terminals."""
    return -terminal.priority, -terminal.pattern.max_width, -len(terminal.pattern.value), terminal.name


class Line(list[Lexeme]):
    """A logical line. `mistakes` were found while scanning it; a `spoiled` line is not worth parsing."""

    mistakes: Sequence[Diagnostic] = ()
    spoiled = False

    def note(self, diagnostic: Diagnostic) -> None:
        if not self.spoiled:
            self.mistakes = [*self.mistakes, diagnostic]
        self.spoiled = self.spoiled or len(self.mistakes) == MAX_MISTAKES

    @property
    def empty(self) -> bool:
        return len(self) == 1 and self[0] is NEW_STATEMENT and not self.mistakes
