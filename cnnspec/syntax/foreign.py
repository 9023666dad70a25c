"""What is no token of the language, and what becomes of it."""

from __future__ import annotations

from cnnspec.diagnostics import Diagnostic, Mistake
from cnnspec.source import Source
from cnnspec.syntax.scanner import Lexeme, Scanner


def without_foreign_comments(source: Source) -> tuple[str, tuple[Diagnostic, ...]]:
    return source.text, ()


def mend(scanner: Scanner, kind: str, value: str, start: int, end: int) -> list[Lexeme]:
    scanner.spoil(Mistake("E105", "unexpected character"), start, end)
    return []
