"""Comments that allow findings, as in other linters.

`# noqa: W301, W302` at the end of a line allows these there, `# noqa` everything; `# cnnspec: noqa: W301` alone on a
line allows them in the whole file. No comment allows an error.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

from cnnspec.diagnostics import Diagnostic
from cnnspec.source import Source, Span

UNUSED = "W107"  # says that a comment allows nothing: only its own code allows it

# A comment that speaks of noqa; a `#` in a string starts none.
_COMMENT = re.compile(r'^(?:[^"#\n\r]|"[^"\n\r]*")*(#[^\n\r]*noqa[^\n\r]*)', re.IGNORECASE | re.MULTILINE)
_CODES = r"(?P<codes>[\s,]*[A-Z]+\d{3}\b(?:[\s,]+[A-Z]+\d{3}\b)*)"
_WHOLE_FILE = re.compile(rf"#\s*cnnspec:\s*(?P<noqa>noqa\b(?::{_CODES}?)?)", re.IGNORECASE)
_LINE = re.compile(rf"#.*?\b(?P<noqa>noqa:{_CODES}?)|#\s*(?P<all>noqa)\b(?!:)", re.IGNORECASE)


class Allowance(NamedTuple):
    """A comment that allows findings: its place, that of the words in it, and the codes (None: all)."""

    row: int
    comment: Span
    words: Span
    codes: tuple[str, ...] | None
    whole_file: bool

    def covers(self, finding: Diagnostic) -> bool:
        if not self.whole_file and finding.row != self.row:
            return False
        return finding.code != UNUSED if self.codes is None else finding.code in self.codes


class Suppressions:
    """The comments of one text that allow findings, and which codes each of them has met."""

    def __init__(self, source: Source) -> None:
        self.allowances = list(_allowances(source)) if "noqa" in source.text.lower() else []
        self.met: dict[Allowance, set[str]] = {one: set() for one in self.allowances}

    def allow(self, finding: Diagnostic) -> bool:
        """Whether a comment allows the finding, which is then remembered."""
        covering = [one for one in self.allowances if one.covers(finding)]
        for one in covering:
            self.met[one].add(finding.code)
        return bool(covering)


def _allowances(source: Source) -> Iterator[Allowance]:
    for found in _COMMENT.finditer(source.text):
        start = found.start(1)
        row = source.row(start)
        alone = not source.text[source.line_starts[row - 1] : start].strip()
        match = _WHOLE_FILE.match(source.text, start, found.end()) if alone else None
        whole = match is not None
        match = match or _LINE.match(source.text, start, found.end())
        if match is None:
            continue
        group = "noqa" if match["noqa"] else "all"
        bare = ":" not in match[group]
        codes = tuple(dict.fromkeys(re.findall(r"[A-Z]+\d+", (match["codes"] or "").upper())))
        words = Span(*match.span(group))
        yield Allowance(row, Span(start, found.end()), words, None if bare else codes, whole)
