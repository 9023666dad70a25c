"""What stands behind a line that says nothing itself: the size that it yields, and its parameters."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, NamedTuple

from cnnspec.editing.watching import Seen, Visit, Visits
from cnnspec.elaborate.tours import bodies
from cnnspec.language import plural, say
from cnnspec.source import Source, Span
from cnnspec.syntax import tree
from cnnspec.values import Dim, known, show, show_count

if TYPE_CHECKING:
    from cnnspec.editing.analysis import Analysis

CALLS = 4  # that the tooltip lists
STALE = "~ "


class Hint(NamedTuple):
    """A text behind a line. `annotation` can be inserted there, where one size holds for every run of the line."""

    offset: int
    text: str
    tooltip: str
    annotation: str


class Line(NamedTuple):
    """The statement that ends a line of text, and where its annotation would stand."""

    node: tree.Flow
    start: int
    end: int


def hints(
    analysis: Analysis, others: tuple[tuple[Seen, Source], ...] = (), within: Span | None = None
) -> Iterator[Hint]:
    """The hints of a text, none where it is an exercise. `others` are the walks of files that use this one."""
    if analysis.exercise:
        return
    for line in lines(analysis, within):
        if line.node.annotation is not None:
            continue
        hint = _hint(analysis, line, others)
        if hint is not None:
            yield hint


def lines(analysis: Analysis, within: Span | None = None) -> Iterator[Line]:
    """For each row on which statements end, the outermost of them; an annotation inside speaks for the row, too."""
    rows: dict[int, Line] = {}
    source, tokens = analysis.source, analysis.tokens
    for node in flows(analysis.file.body):
        end = tokens.statement_end(node.span.start)
        if within is not None and (end < within.start or node.span.start > within.end):
            continue
        row = source.row(end)
        before = rows.get(row)
        line = Line(node, node.span.start, end)
        if before is None:
            rows[row] = line
            continue
        outer, inner = (line, before) if end >= before.end else (before, line)
        annotation = outer.node.annotation or inner.node.annotation
        rows[row] = outer._replace(node=outer.node._replace(annotation=annotation))
    return iter(sorted(rows.values(), key=lambda line: line.end))


def flows(body: tree.Body) -> Iterator[tree.Flow]:
    """Every statement with layers, the inner ones before those around them."""
    for statement in body:
        if isinstance(statement, tree.Block):
            yield from flows(statement.body)
        elif isinstance(statement, tree.Flow):
            for step in statement.steps:
                for inner in bodies(step):
                    yield from flows(inner)
            yield statement


def visits_of(seen: Seen, source: Source, node: tree.Flow) -> Visits | None:
    """The runs of a statement; of a branch, which leaves the flow as it was, those of its last line."""
    if len(node.steps) == 1 and isinstance(node.steps[0], tree.Branch):
        inner = [one for one in node.steps[0].body if isinstance(one, tree.Flow)]
        return visits_of(seen, source, inner[-1]) if inner else None
    return seen.flow(source, node.span)


def _hint(analysis: Analysis, line: Line, others: tuple[tuple[Seen, Source], ...]) -> Hint | None:
    visits = visits_of(analysis.seen, analysis.source, line.node)
    for seen, source in others:
        if visits is None:
            visits = visits_of(seen, source, line.node)
    sound = [visit for visit in visits or () if visit.sound]
    if sound and visits is not None and visits.last is not None and visits.last.sound:
        hint = _of_visits(line.end, sound, visits)
        return hint._replace(annotation="") if isinstance(line.node.steps[-1], tree.Branch) else hint
    return _as_before(analysis, line)


def _as_before(analysis: Analysis, line: Line) -> Hint | None:
    """While a line is half typed, the hints of the others stay, marked as what they were."""
    if not analysis.half_typed or analysis.good is None:
        return None
    span = analysis.before(Span(line.start, line.end))
    if span is None:
        return None
    before = analysis.good.hints.get(span.end)
    if before is None:
        return None
    tooltip = f"{say('as it was before the error')}\n{before.tooltip}"
    return Hint(line.end, STALE + before.text, tooltip, "")


def _of_visits(offset: int, sound: list[Visit], visits: Visits) -> Hint:
    first, last = sound[0], sound[-1]
    if visits.last is not None and visits.last.sound:
        last = visits.last
    outcomes = {outcome(visit) for visit in sound}
    if len(outcomes) == 1:
        return Hint(offset, f"-> {outcome(first)}", _tooltip(sound), annotation(first) if visits.alike else "")
    sizes = {show(visit.size) for visit in sound}
    size = sizes.pop() if len(sizes) == 1 else f"{show(first.size)} … {show(last.size)}"
    counts = sorted(visit.params for visit in sound if isinstance(visit.params, int))
    ends = [show_count(n) for n in dict.fromkeys((counts[0], counts[-1]))] if counts and counts[-1] else []
    count = " … ".join(ends)
    counted = say("{size}, {count} params", size=size, count=count) if count else size
    return Hint(offset, f"-> {counted}", _tooltip(sound), "")


def annotation(visit: Visit) -> str:
    """The outcome as one writes it: `-> 24x24x10, 1_260 params`."""
    count = f", {visit.params:_} params" if isinstance(visit.params, int) and visit.params else ""
    return f"-> {show(visit.size)}{count}"


def outcome(visit: Visit) -> str:
    """`24x24x10, 260 params`; the count is left out where it is 0."""
    count = _count(visit.params)
    return say("{size}, {count} params", size=show(visit.size), count=count) if count else show(visit.size)


def _count(params: Dim) -> str:
    return show_count(params) if known(params) and params != 0 else ""


def _tooltip(sound: list[Visit]) -> str:
    """What arrives; in a block that is called several times, each call."""
    if len(sound) == 1:
        visit = sound[0]
        arriving = say("{size} arrives", size=show(visit.arriving.size)) if visit.arriving is not None else ""
        return f"{arriving}\n{say('after round {round}', round=visit.round)}" if visit.round else arriving
    lines = [say("{name}: {text}", name=_call(visit), text=outcome(visit)) for visit in sound[:CALLS]]
    more = len(sound) - CALLS
    return "\n".join([*lines, *([plural("and {n} more calls", "and {n} more calls", more)] if more > 0 else [])])


def _call(visit: Visit) -> str:
    if not visit.trace:
        return say("here")
    return ", ".join(say("`{block}` called at line {row}", block=call.block, row=call.row) for call in visit.trace[:2])
