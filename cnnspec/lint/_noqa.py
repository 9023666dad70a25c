"""Comments that allow findings, as in other linters.

`# noqa: W301, unused-name` at the end of a line allows these there, `# noqa` and `# noqa: ALL` everything;
`# cnnspec: noqa: W301` alone on a line allows it in the whole file. No comment allows an error.
"""

from __future__ import annotations

from collections.abc import Iterator

from cnnspec.codes import CODES as NAMES
from cnnspec.diagnostics import Diagnostic
from cnnspec.source import Source, Span

UNUSED = "W107"  # says that a comment allows nothing: only its own code allows it

# A comment that speaks of noqa; a `#` in a string starts none.
COMMENT = r"""^(?:[^"#\n\r]|"[^"\n\r]*")*(#[^\n\r]*noqa[^\n\r]*)"""
_NAMED = "|".join(sorted(NAMES.values(), key=len, reverse=True))
_WORD = rf"(?:[A-Z]+\d{{3}}\b|(?:{_NAMED})(?![\w-])|(?-i:ALL)\b)"
CODES = rf"(?P<codes>[\s,]*{_WORD}(?:[\s,]+{_WORD})*)"
WHOLE_FILE = rf"#\s*cnnspec:\s*(?P<noqa>noqa\b(?::{CODES}?)?)"
LINE = rf"#.*?\b(?P<noqa>noqa:{CODES}?)|#\s*(?P<all>noqa)\b(?!:)"


class Allowance:
    """A comment that allows findings: its place, that of the words in it, and the codes (None: all).

    `names` holds for each code the word that is written there, which may be its name.
    """

    __slots__ = ("codes", "comment", "names", "row", "whole_file", "words")

    def __init__(self, row: int, comment: Span, words: Span, names: dict[str, str] | None, *, whole_file: bool) -> None:
        self.row = row
        self.comment = comment
        self.words = words
        self.codes = None if names is None else tuple(names)
        self.names = names or {}
        self.whole_file = whole_file

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
    import re  # most files have no such comment: nothing is compiled for them

    whole_file, line = (re.compile(pattern, re.IGNORECASE) for pattern in (WHOLE_FILE, LINE))
    for found in re.finditer(COMMENT, source.text, re.IGNORECASE | re.MULTILINE):
        start = found.start(1)
        row = source.row(start)
        alone = not source.text[source.line_starts[row - 1] : start].strip()
        match = whole_file.match(source.text, start, found.end()) if alone else None
        whole = match is not None
        match = match or line.match(source.text, start, found.end())
        if match is None:
            continue
        group = "noqa" if match["noqa"] else "all"
        written = re.findall(r"[^\s,]+", match["codes"] or "")
        names = {_code(word): word for word in written}
        bare = ":" not in match[group] or "ALL" in names
        words = Span(*match.span(group))
        yield Allowance(row, Span(start, found.end()), words, None if bare else names, whole_file=whole)


def _code(word: str) -> str:
    """The code that a word means, which may be its name."""
    return next((code for code, name in NAMES.items() if name == word.lower()), word.upper())
