"""What an editor offers to do at a place: fixes, remedies, annotations, and allowing a finding."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING, NamedTuple

from cnnspec.diagnostics import ERROR, Diagnostic, Edit
from cnnspec.editing.hints import hints
from cnnspec.editing.renaming import applied
from cnnspec.language import language, say, speaking
from cnnspec.lint._noqa import CODES
from cnnspec.source import Span

if TYPE_CHECKING:
    from cnnspec.editing.analysis import Analysis

QUICKFIX, REWRITE, FIX_ALL = "quickfix", "refactor.rewrite", "source.fixAll.cnnspec"
TRIED = 4  # remedies of a diagnostic that are tried out

Again = Callable[[str], "Analysis"]


class Action(NamedTuple):
    """A change of the text with its title. `preferred` where it is what one most likely wants."""

    title: str
    sort: str
    edits: tuple[Edit, ...]
    diagnostic: Diagnostic | None = None
    preferred: bool = False


def actions(analysis: Analysis, span: Span, again: Again, told: Sequence[Diagnostic] = ()) -> Iterator[Action]:
    """What can be done with the stretch of text. `again` looks at a changed text, to try a remedy out.

    `told` is what files that use this one find in it; only they can say whether a remedy mends that.
    """
    here = [d for d in _findings(analysis, told) if _touches(d.span, span)]
    for d in here:
        if d.fix is not None:
            doubtful = d.fix.applicability != "safe" and d.severity != ERROR  # a network that works would be another
            title = say("{fix} (may change results)", fix=d.fix.message) if doubtful else d.fix.message
            yield Action(title, QUICKFIX, d.fix.edits, d, preferred=not doubtful)
        elif d.source is analysis.source:
            yield from _remedies(analysis, d, again)
    for d in here:
        if d.code.startswith("W"):
            yield Action(say("allow {code} in this line", code=d.code), QUICKFIX, (noqa(analysis, d),), d)
    yield from _annotations(analysis, span)


def fix_all(analysis: Analysis, told: Sequence[Diagnostic] = ()) -> Action | None:
    """All safe fixes that do not touch each other."""
    edits: list[Edit] = []
    for d in _findings(analysis, told):
        if d.fix is None or d.fix.applicability != "safe":
            continue
        if all(edit == other or not _overlap(edit.span, other.span) for edit in d.fix.edits for other in edits):
            edits += [edit for edit in d.fix.edits if edit not in edits]
    return Action(say("fix all that can be fixed safely"), FIX_ALL, tuple(edits)) if edits else None


def _findings(analysis: Analysis, told: Sequence[Diagnostic]) -> list[Diagnostic]:
    """What stands in this text, whoever says so; each once."""
    own = [d for d in analysis.diagnostics if d.source is analysis.source]
    known = {(d.code, d.span) for d in own}
    return [*own, *(d for d in told if (d.code, d.span) not in known)]


# --- remedies --------------------------------------------------------------------------------------------------------


def _remedies(analysis: Analysis, d: Diagnostic, again: Again) -> Iterator[Action]:
    """What the help proposes in backticks, where putting it in the place of the error mends it."""
    help = _english_help(analysis, d, again)
    proposed = re.findall(r"(?:did you mean|write|use|or|try) `([^`…]+)`", help)
    if help.startswith("put ") and "before it" in help:
        proposed = [f"{text} | " for text in re.findall(r"`([^`…]+)`", help)]
    for text in list(dict.fromkeys(proposed))[:TRIED]:
        for edit in _ways(analysis, d, text):
            after = again(applied(analysis.text, [edit]))
            if _gone(d, edit, after) and len(after.errors) <= len(analysis.errors):
                yield Action(_title(text), QUICKFIX, (edit,), d, preferred=True)
                break


def _english_help(analysis: Analysis, d: Diagnostic, again: Again) -> str:
    """The help in the language whose words say where a proposal stands: whatever is spoken, the proposals are alike."""
    if language() == "en" or "`" not in d.help:
        return d.help
    with speaking("en"):
        alike = [
            other.help for other in again(analysis.text).diagnostics if (other.code, other.span) == (d.code, d.span)
        ]
    return alike[0] if alike else ""


def _title(text: str) -> str:
    if text.endswith(" | "):
        return say("write `{text}` before it", text=text.removesuffix(" | "))
    return say("write `{text}`", text=text)


def _ways(analysis: Analysis, d: Diagnostic, text: str) -> Iterator[Edit]:
    """The places that a remedy may be meant for: what is marked, the line, or the whole annotation."""
    old = analysis.text[d.span.start : d.span.end]
    if text.endswith(" | "):
        yield Edit(Span(d.span.start, d.span.start), text)
    elif text.startswith("->"):
        yield Edit(d.span, text.removeprefix("->").strip())
    elif text.endswith(" params"):
        yield Edit(d.span, text.removesuffix(" params"))
    elif text.startswith("| "):  # a step of its own, without the comma before it
        before = analysis.text[: d.span.start].rstrip()
        yield Edit(Span(len(before.removesuffix(",")), d.span.end), f" {text}")
    elif text.endswith("=") and "=" not in old:
        yield Edit(d.span, text.removesuffix("="))
    else:
        yield Edit(d.span, text)


def _gone(d: Diagnostic, edit: Edit, after: Analysis) -> bool:
    """Whether nothing of the kind is said any more of the place that was changed."""
    changed = Span(edit.span.start, edit.span.start + len(edit.content))
    return not any(other.code == d.code and _touches(other.span, changed) for other in after.diagnostics)


def noqa(analysis: Analysis, d: Diagnostic) -> Edit:
    """The comment that allows a finding in its line; one that is there already gets the code, too."""
    source = analysis.source
    row = source.row(d.span.start)
    start = source.line_starts[row - 1]
    line = source.line(row)
    there = re.search(rf"#.*\bnoqa:{CODES}", line, re.IGNORECASE)
    if there:
        end = start + there.end()
        return Edit(Span(end, end), f", {d.code}")
    end = start + len(line.rstrip())
    return Edit(Span(end, end), f"  # noqa: {d.code}")


# --- annotations -----------------------------------------------------------------------------------------------------


def _annotations(analysis: Analysis, span: Span) -> Iterator[Action]:
    """Writing down what a line yields; for the whole text, too."""
    rows = (analysis.source.row(span.start), analysis.source.row(span.end))
    known = [hint for hint in hints(analysis) if hint.annotation]
    for hint in known:
        if rows[0] <= analysis.source.row(hint.offset) <= rows[1]:
            edit = Edit(Span(hint.offset, hint.offset), f"  {hint.annotation}")
            yield Action(say("add `{annotation}`", annotation=hint.annotation), REWRITE, (edit,))
    if len(known) > 1:
        edits = tuple(Edit(Span(hint.offset, hint.offset), f"  {hint.annotation}") for hint in known)
        yield Action(say("add the sizes of all lines"), REWRITE, edits)


def _touches(a: Span, b: Span) -> bool:
    return a.start <= b.end and b.start <= max(a)


def _overlap(a: Span, b: Span) -> bool:
    return (a.start < b.end and b.start < a.end) or (a.start == b.start)
