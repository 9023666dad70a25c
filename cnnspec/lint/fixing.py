"""Applies the fixes of diagnostics, round after round, until nothing more is to be done.

After each round the text is checked again. A fix that would bring a new error (a count in an annotation that no longer
holds, say) is left out. Errors hide each other, so that all that can be mended are first mended together, and only what
is left after that is held against them. No fix takes out again what another has just written.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from typing import NamedTuple

from cnnspec.diagnostics import ERROR, Diagnostic, Edit
from cnnspec.source import Source, Span

SAFE = "safe"
MOST_ROUNDS = 100
MOST_CHECKS = 200

Check = Callable[[Source], list[Diagnostic]]


class LeftOut(NamedTuple):
    """A diagnostic whose fix was not applied, and the first error that it would have brought.

    There is no such error where it would have taken out what another fix wrote.
    """

    diagnostic: Diagnostic
    error: Diagnostic | None


class Fixed(NamedTuple):
    """The text as it is now, what was mended, what is still to be said, and which fixes were left out."""

    source: Source
    applied: tuple[Diagnostic, ...]
    remaining: list[Diagnostic]
    left_out: tuple[LeftOut, ...]


def is_applicable(d: Diagnostic, *, unsafe: bool) -> bool:
    """Whether a diagnostic has a fix of the wanted sort."""
    return d.fix is not None and (unsafe or d.fix.applicability == SAFE)


def fix_all(source: Source, diagnostics: list[Diagnostic], check: Check, *, unsafe: bool = False) -> Fixed:
    """Mends a text. `diagnostics` are those of the source as it is; `check` gives those of a changed one.

    Only the source itself is changed, never a file that it uses.
    """
    return _Fixing(source, diagnostics, check, unsafe=unsafe).run()


def with_edits(text: str, edits: Iterable[Edit]) -> str:
    """The text after edits that do not overlap."""
    out: list[str] = []
    done = 0
    for span, content in sorted(edits):
        out += text[done : span.start], content
        done = span.end
    return "".join((*out, text[done:]))


class _Fixing:
    def __init__(self, source: Source, diagnostics: list[Diagnostic], check: Check, *, unsafe: bool) -> None:
        self.source = source
        self.diagnostics = diagnostics
        self.check = check
        self.unsafe = unsafe
        self.checks = 0
        self.applied: list[Diagnostic] = []
        self.written: list[Span] = []  # what fixes have put into the text
        self.left_out: dict[tuple[str, str, tuple[Edit, ...]], LeftOut] = {}

    def run(self) -> Fixed:
        self._mend_errors()
        seen = {self.source.text}
        for _ in range(MOST_ROUNDS):
            chosen = self._candidates()
            if not chosen or self.checks >= MOST_CHECKS:
                break
            before = self.source
            self._apply(chosen)
            if self.source is not before and self.source.text in seen:
                break  # one fix takes back what another does
            seen.add(self.source.text)
        return Fixed(self.source, tuple(self.applied), self.diagnostics, tuple(self.left_out.values()))

    def _mend_errors(self) -> None:
        """Mends errors, and those that come to light, as long as there are any; if that brings errors, none of them."""
        before = self.source, self.diagnostics, self.written
        chosen: list[Diagnostic] = []
        seen = {self.source.text}
        while errors := [d for d in self._candidates() if d.severity == ERROR]:
            source = self._changed(errors)
            if source.text in seen or self.checks >= MOST_CHECKS:
                break
            seen.add(source.text)
            self._accept(source, self._found(source), errors)
            chosen += errors
        if _new_error(before[1], self.diagnostics, chosen) is None:
            self.applied += chosen
        else:
            self.source, self.diagnostics, self.written = before

    def _changed(self, chosen: Sequence[Diagnostic]) -> Source:
        edits = [edit for d in chosen for edit in _edits(d)]
        return Source(with_edits(self.source.text, edits), self.source.filename)

    def _found(self, source: Source) -> list[Diagnostic]:
        self.checks += 1
        return self.check(source)

    def _accept(self, source: Source, found: list[Diagnostic], chosen: Sequence[Diagnostic]) -> None:
        edits = [edit for d in chosen for edit in _edits(d)]
        self.written = written_after(self.written, edits)
        self.source, self.diagnostics = source, found

    def _candidates(self) -> list[Diagnostic]:
        """Diagnostics with fixes that do not overlap, in the order of the text."""
        usable = [
            d
            for d in self.diagnostics
            if d.source is self.source and is_applicable(d, unsafe=self.unsafe) and self._key(d) not in self.left_out
        ]
        for d in usable:
            if any(_takes_out(edit, one) for edit in _edits(d) for one in self.written):
                self.left_out[self._key(d)] = LeftOut(d, None)
        usable = [d for d in usable if self._key(d) not in self.left_out]
        chosen: list[Diagnostic] = []
        taken: list[Edit] = []
        for d in sorted(usable, key=lambda d: min(edit.span for edit in _edits(d))):
            if not any(_overlap(one, other) for one in _edits(d) for other in taken):
                chosen.append(d)
                taken += _edits(d)
        return chosen

    def _apply(self, chosen: Sequence[Diagnostic]) -> None:
        """Applies these fixes; where together they bring an error, each half of them by itself."""
        if self.checks >= MOST_CHECKS:
            return
        source = self._changed(chosen)
        found = self._found(source)
        error = _new_error(self.diagnostics, found, chosen)
        if error is None:
            self.applied += chosen
            self._accept(source, found, chosen)
        elif len(chosen) == 1:
            self.left_out[self._key(chosen[0])] = LeftOut(chosen[0], error)
        else:
            middle = len(chosen) // 2
            before = self.source
            self._apply(chosen[:middle])
            if self.source is before:  # else the places of the others have moved: the next round sees to them
                self._apply(chosen[middle:])

    def _key(self, d: Diagnostic) -> tuple[str, str, tuple[Edit, ...]]:
        """Knows a fix again after lines have moved, as well as may be: by the line and what is written there."""
        start = self.source.line_starts[d.row - 1]
        edits = tuple(Edit(Span(e.span.start - start, e.span.end - start), e.content) for e in _edits(d))
        return d.code, self.source.line(d.row), edits


def written_after(written: list[Span], edits: Sequence[Edit]) -> list[Span]:
    """Where the texts of earlier fixes, and those of these edits, stand afterwards; replaced ones are gone."""
    now: list[Span] = []
    moved = 0
    kept = [span for span in written if not any(_share(span, edit.span) for edit in edits)]
    at = sorted([(span, None) for span in kept] + [(edit.span, edit) for edit in edits], key=lambda one: one[0])
    for (start, end), edit in at:
        if edit is None:
            now.append(Span(start + moved, end + moved))
            continue
        content = len(edit.content)
        if content:
            now.append(Span(start + moved, start + moved + content))
        moved += content - (end - start)
    return now


def _share(one: Span, other: Span) -> bool:
    return max(one.start, other.start) < min(one.end, other.end)


def _takes_out(edit: Edit, written: Span) -> bool:
    """Whether nothing is left of the text that a fix wrote."""
    return not edit.content and edit.span.start <= written.start and written.end <= edit.span.end


def _edits(d: Diagnostic) -> tuple[Edit, ...]:
    return d.fix.edits if d.fix else ()


def _overlap(one: Edit, other: Edit) -> bool:
    """Whether two edits touch the same text; two that write at the same place do, too."""
    (a, b), (c, d) = one.span, other.span
    return max(a, c) < min(b, d) or a == c or (a == b and c < a < d) or (c == d and a < c < b)


def _new_error(before: list[Diagnostic], after: list[Diagnostic], chosen: Sequence[Diagnostic]) -> Diagnostic | None:
    """The first error that was not there before.

    What a mended error hid is not new: sizes are not known before names are, and names not before the syntax is right.
    """
    hidden = min((d.code[:2] for d in chosen if d.severity == ERROR), default="E9")
    known = Counter(_sort(d) for d in before if d.severity == ERROR)
    for d in chosen:
        known[_sort(d)] -= d.severity == ERROR
    for d in after:
        if d.severity == ERROR and d.code[:2] <= hidden:
            if known[_sort(d)] <= 0:
                return d
            known[_sort(d)] -= 1
    return None


def _sort(d: Diagnostic) -> tuple[str, str]:
    return d.code, d.message
