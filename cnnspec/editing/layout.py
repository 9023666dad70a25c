"""The canonical layout as edits, so that an editor keeps its cursor and marks."""

from __future__ import annotations

from collections.abc import Iterator
from difflib import SequenceMatcher

from cnnspec.diagnostics import CnnSpecError, Edit
from cnnspec.files import FileProblem
from cnnspec.source import Source, Span

MOST_COMPARED = 1_000_000  # pairs of lines


def formatting(source: Source, within: Span | None = None) -> list[Edit]:
    """The edits that bring the text, or the lines of a stretch of it, into the canonical layout.

    There are none where the syntax is wrong: what is half typed stays as it is.
    """
    from cnnspec.syntax.format import format_text

    try:
        formatted = format_text(source.text, source.filename)
    except (CnnSpecError, FileProblem):
        return []
    return list(_edits(source.text, formatted, within))


def _edits(text: str, formatted: str, within: Span | None) -> Iterator[Edit]:
    before, after = _lines(text), _lines(formatted)
    starts = [0]
    for line in before:
        starts.append(starts[-1] + len(line))
    for tag, i, j, k, m in _changes(before, after):
        span = Span(starts[i], starts[j])
        touches = within is None or (span.start <= within.end and span.end >= within.start)
        if tag != "equal" and touches:
            yield from _one(span, before[i:j], after[k:m], starts[i:j], within)


def _changes(before: list[str], after: list[str]) -> Iterator[tuple[str, int, int, int, int]]:
    """What differs between the first and the last line that do; of very many lines, all between them."""
    shorter = min(len(before), len(after))
    start = next((i for i in range(shorter) if before[i] != after[i]), shorter)
    end = next((i for i in range(shorter - start) if before[-1 - i] != after[-1 - i]), shorter - start)
    old, new = before[start : len(before) - end], after[start : len(after) - end]
    if len(old) == len(new) or len(old) * len(new) > MOST_COMPARED:  # nothing to search for, or too much
        yield "replace", start, start + len(old), start, start + len(new)
    else:
        for tag, i, j, k, m in SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
            yield tag, start + i, start + j, start + k, start + m


def _one(span: Span, old: list[str], new: list[str], starts: list[int], within: Span | None) -> Iterator[Edit]:
    """One change; where as many lines come as go, line by line."""
    if len(old) != len(new):
        yield Edit(span, "".join(new))
        return
    for start, was, becomes in zip(starts, old, new, strict=True):
        here = Span(start, start + len(was))
        if was != becomes and (within is None or (here.start <= within.end and here.end > within.start)):
            yield Edit(here, becomes)


def _lines(text: str) -> list[str]:
    """The lines with their ends; only the ends that a file has count."""
    lines = [f"{line}\n" for line in text.split("\n")]
    last = lines.pop()[:-1]
    return [*lines, last] if last else lines
