"""Writes the comments that allow findings: `# noqa: W301` at the end of their lines."""

from __future__ import annotations

from collections.abc import Iterable

from cnnspec.diagnostics import WARNING, Diagnostic, Edit
from cnnspec.lint._noqa import UNUSED, Suppressions
from cnnspec.lint.fixing import with_edits
from cnnspec.source import Source, Span


def with_comments(source: Source, diagnostics: Iterable[Diagnostic]) -> tuple[str, int]:
    """The text with every finding of the source allowed, and how many lines that took."""
    rows: dict[int, set[str]] = {}
    for d in diagnostics:
        if d.severity == WARNING and d.source is source and d.code != UNUSED:
            rows.setdefault(d.row, set()).add(d.code)
    edits = [_comment(source, row, codes) for row, codes in rows.items()]
    return with_edits(source.text, edits), len(edits)


def _comment(source: Source, row: int, codes: set[str]) -> Edit:
    """A comment at the end of the line, or more codes in the one that is there."""
    for one in Suppressions(source).allowances:
        if one.row == row and one.codes and not one.whole_file:
            words = [one.names.get(code, code) for code in sorted(codes.union(one.codes))]
            return Edit(one.words, f"noqa: {', '.join(words)}")
    start = source.line_starts[row - 1]
    line = source.line(row)
    text = line.rstrip()
    return Edit(Span(start + len(text), start + len(line)), f"  # noqa: {', '.join(sorted(codes))}")
