"""Blank arguments as puzzles: groups of blanks that act on each other, and the values with which the rest holds.

Whether values hold is for the checker to say: they are put into the exercise's own tree, and that is walked.
"""

from __future__ import annotations

import itertools
import math
import os
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from cnnspec.diagnostics import ERROR, Diagnostic
from cnnspec.elaborate import Elaboration
from cnnspec.elaborate.program import Program
from cnnspec.elaborate.uses import Uses
from cnnspec.network import Layer
from cnnspec.record import Record
from cnnspec.source import Source, Span
from cnnspec.syntax import tree
from cnnspec.teaching.arguments.chains import chain_of
from cnnspec.teaching.arguments.domains import LEVELS, cost_of, domain_of
from cnnspec.teaching.blanks import Place, expression, filled, places
from cnnspec.teaching.model import ARGUMENT, Blank
from cnnspec.teaching.runs import runs_of
from cnnspec.teaching.truth import disagreement
from cnnspec.values import UNKNOWN, Size, known

if TYPE_CHECKING:
    from cnnspec.teaching.exercise import Exercise

MOST_TRIED = 2500  # combinations of values for one group
MOST_WHOLE = 600  # combinations of the groups, where an `expect` line binds them together
MOST_KEPT = 5000
STEPS = 60_000
KEPT = (tree.Block, tree.Let, tree.Use, tree.Model)

Values = Mapping[str, Any]


class Group(Record):
    """Blanks that are judged together, and the part of the file in which they act on each other."""

    blanks: tuple[Blank, ...]
    file: tree.File
    places: Mapping[str, Place]  # of each blank, the first
    arriving: Size | Any
    stated: Size | Any  # by the annotation that ends the group
    ends: tuple[Span, Span]  # the first and the last statement

    @property
    def keys(self) -> tuple[str, ...]:
        return tuple(blank.key for blank in self.blanks)


class Outcome(Record):
    """What the checker makes of some values: the first error, and the layers by the place where they stand."""

    error: Diagnostic | None
    layers: Mapping[Span, Layer]


class Puzzle:
    """The blank arguments of one exercise; what was found once is kept."""

    def __init__(self, exercise: Exercise) -> None:
        self.exercise = exercise
        self.source = exercise.source
        self.uses = Uses(os.path.dirname(os.path.abspath(exercise.source.filename)))
        self.groups = tuple(groups_of(exercise))
        self._completed: dict[Any, Values | None] = {}
        self._outcomes: dict[Any, Outcome] = {}

    # --- what the checker says ---------------------------------------------------------------------------------------

    def outcome(self, group: Group, values: Values) -> Outcome:
        """What comes of the values in this group; all other blanks stay open."""
        key = (group.keys, _key(values))
        return self._kept(key, lambda: self._walked(group, values, errors=3))

    def holds(self, group: Group, values: Values) -> bool:
        """Whether the rest of the group holds with values for all its blanks; nothing of it is kept."""
        chain = self.exercise.known(("chain", group.keys), lambda: chain_of(group))
        return bool(self._walked(group, values).error is None if chain is None else chain.holds(values))

    def _walked(self, group: Group, values: Values, errors: int = 1) -> Outcome:
        program = Program(self.source, filled(group.file, _expressions(group.blanks, values)), self.uses, {})
        layers: dict[Span, Layer] = {}

        def see(_node: Any, _source: Source, _arriving: Any, _result: Any, added: list[Layer]) -> None:
            for layer in added:
                if layer.source is self.source:
                    layers.setdefault(layer.span, layer)

        program.again = True
        program.allowance = STEPS
        program.most_diagnostics = errors
        program.watch = see
        program.walk()
        return Outcome(next((d for d in program.diagnostics if d.severity == ERROR), None), layers)

    def whole(self, values: Values) -> Diagnostic | None:
        """The first error of the whole file with these values, `expect` lines and all."""
        key = ("whole", _key(values))
        return self._kept(key, lambda: self._elaborated(values)).error

    def _elaborated(self, values: Values) -> Outcome:
        file = filled(self.exercise.file, _expressions(self._blanks(), values))
        network, found = Elaboration(self.source, file).one()
        error = next((d for d in found if d.severity == ERROR), None)
        if error is None and network is not None and len(values) == len(self._blanks()):
            error = disagreement(self.exercise, network)
        return Outcome(error, {})

    def _kept(self, key: Any, make: Callable[[], Outcome]) -> Outcome:
        if key not in self._outcomes:
            if len(self._outcomes) > MOST_KEPT:
                self._outcomes.clear()
            self._outcomes[key] = make()
        return self._outcomes[key]

    def _blanks(self) -> tuple[Blank, ...]:
        return tuple(blank for group in self.groups for blank in group.blanks)

    # --- which values hold -------------------------------------------------------------------------------------------

    def complete(self, group: Group, fixed: Values) -> Values | None:
        """The most usual values of all blanks of the group with which the rest holds, `fixed` among them."""
        if all(key in fixed for key in group.keys):
            return fixed if self.outcome(group, fixed).error is None else None
        key = (group.keys, _key(fixed))
        if key not in self._completed:
            if len(self._completed) > MOST_KEPT:
                self._completed.clear()
            self._completed[key] = next(self.completions(group, fixed), None)
        return self._completed[key]

    def completions(self, group: Group, fixed: Values) -> Iterator[Values]:
        """All values that are tried with which the rest of the group holds, `fixed` among them."""
        level, solutions = self._solutions(group)
        if all(self.is_usual(group, key, value) for key, value in fixed.items()):
            return (one for one in solutions if all(_same(one[key], value) for key, value in fixed.items()))
        return (values for values in self._tried(group, fixed, level) if self.holds(group, values))

    def is_usual(self, group: Group, key: str, value: Any) -> bool:
        """Whether the value is one of those that are tried anyway."""
        level, _ = self._solutions(group)
        domains = self.exercise.known(("domains", group.keys), lambda: self._domains(group, {}, level))
        return any(_same(value, one) for one in domains[key])

    def _solutions(self, group: Group) -> tuple[int, tuple[Values, ...]]:
        """How far one has to look for values that hold, and those that are found there, the most usual first."""
        found: tuple[int, tuple[Values, ...]]
        found = self.exercise.known(("solutions", group.keys), lambda: self._first_solutions(group))
        return found

    def _first_solutions(self, group: Group) -> tuple[int, tuple[Values, ...]]:
        for level in LEVELS:
            found = [values for values in self._tried(group, {}, level) if self.holds(group, values)]
            if found:
                return level, tuple(sorted(found, key=lambda values: self._cost(group, values)))
        return 0, ()

    def _tried(self, group: Group, fixed: Values, level: int) -> Iterator[Values]:
        domains = self._domains(group, fixed, level)
        return (dict(zip(domains, one, strict=True)) for one in itertools.product(*domains.values()))

    def is_free(self, group: Group, key: str) -> bool:
        """Whether each value that is tried for one blank holds in the whole file, the others as is usual."""
        usual = self.together({})
        level, _ = self._solutions(group)
        values = self._domains(group, {}, level)[key][:12]
        if usual is None or len(values) < 2 or not all(self.holds(group, {**usual, key: v}) for v in values):
            return False
        return all(self.whole({**usual, key: value}) is None for value in values)

    def together(self, fixed: Values) -> Values | None:
        """Values of all blanks with which the whole file holds, `fixed` among them; None where none are found."""
        some = []
        for group in self.groups:
            own = {key: value for key, value in fixed.items() if key in group.keys}
            complete = len(own) == len(group.keys)
            found = [own] if complete else list(itertools.islice(self.completions(group, own), MOST_WHOLE))
            some.append(found)
        for chosen in itertools.islice(itertools.product(*some), MOST_WHOLE):
            values = {key: value for one in chosen for key, value in one.items()}
            if self.whole(values) is None:
                return values
        return None

    def _domains(self, group: Group, fixed: Values, level: int) -> dict[str, Sequence[Any]]:
        """What is tried for each blank: the most usual values first, cut where they would be too many together."""
        domains = self._all_domains(group, fixed, level)
        while math.prod(map(len, domains.values())) > MOST_TRIED:
            longest = max(domains, key=lambda key: len(domains[key]))
            domains[longest] = domains[longest][: max(1, len(domains[longest]) * 3 // 4)]
        return domains

    def _all_domains(self, group: Group, fixed: Values, level: int) -> dict[str, Sequence[Any]]:
        domains: dict[str, Sequence[Any]] = {}
        for blank in group.blanks:
            place = group.places[blank.key]
            given = (fixed[blank.key],) if blank.key in fixed else None
            arriving = group.arriving if place.statement.span == group.ends[0] else UNKNOWN
            stated = group.stated if place.statement.span == group.ends[1] else UNKNOWN
            domains[blank.key] = given or domain_of(blank, place, arriving, stated, level)
        return domains

    def _cost(self, group: Group, values: Values) -> float:
        return sum(cost_of(blank, group.places[blank.key], values) for blank in group.blanks)


def _same(a: Any, b: Any) -> bool:
    return type(a) is type(b) and bool(a == b)


def _expressions(blanks: Iterable[Blank], values: Values) -> dict[Span, tree.Expression]:
    return {span: expression(values[b.key], span) for b in blanks if b.key in values for span in b.spans}


def _key(values: Values) -> tuple[Any, ...]:
    return tuple(sorted((key, type(value).__name__, repr(value)) for key, value in values.items()))


# --- groups ----------------------------------------------------------------------------------------------------------


def groups_of(exercise: Exercise) -> Iterator[Group]:
    """The blank arguments in groups that can be judged apart: from one stated size to the next."""
    blanks = [blank for blank in exercise.blanks if blank.family == ARGUMENT]
    if not blanks:
        return
    found = {place.blank.span: place for place in places(exercise.file, exercise.source.text)}
    at = {blank.key: found[blank.span] for blank in blanks}
    body = exercise.file.body
    reaches = [_reach(exercise, blank) for blank in blanks]
    anywhere = tuple(blank for blank, reach in zip(blanks, reaches, strict=True) if reach is None)
    if anywhere:
        yield Group(anywhere, exercise.file, at, UNKNOWN, UNKNOWN, (exercise.file.span, exercise.file.span))
    merged = _merged([(*reach, [blank]) for reach, blank in zip(reaches, blanks, strict=True) if reach])
    runs = runs_of(exercise.network)
    for first, last, members in merged:
        some = runs.get(body[first].span)
        arriving = some[0].arriving if some else UNKNOWN
        file = tree.File(tuple(_part(exercise, first, last, arriving)), exercise.file.span)
        ends = body[first].span, body[last].span
        yield Group(tuple(members), file, at, arriving, _stated(runs, body[last]), ends)


def _reach(exercise: Exercise, blank: Blank) -> tuple[int, int] | None:
    """From which statement to which a blank acts; None where it may act anywhere."""
    body = exercise.file.body
    spans = set(blank.spans)
    touched = [i for i, statement in enumerate(body) if _holds(statement, spans)]
    if not touched or not all(isinstance(body[i], tree.Flow) for i in touched):
        return None
    last = touched[-1]
    while last + 1 < len(body) and not _closed(body[last]):
        last += 1
    return touched[0], last


def _holds(node: Any, spans: set[Span]) -> bool:
    if isinstance(node, tree.Blank):
        return node.span in spans
    return isinstance(node, tuple) and not isinstance(node, Span) and any(_holds(child, spans) for child in node)


def _closed(statement: tree.Statement) -> bool:
    """Whether the size after the statement is stated, without a blank."""
    annotation = statement.annotation if isinstance(statement, tree.Flow) else None
    return annotation is not None and annotation.size is not None and not _has_blank(annotation.size)


def _has_blank(node: Any) -> bool:
    if isinstance(node, tree.Blank):
        return True
    return isinstance(node, tuple) and not isinstance(node, Span) and any(map(_has_blank, node))


def _merged(ranges: list[tuple[int, int, list[Blank]]]) -> list[tuple[int, int, list[Blank]]]:
    merged: list[tuple[int, int, list[Blank]]] = []
    for first, last, members in sorted(ranges, key=lambda one: one[:2]):
        if merged and first <= merged[-1][1]:
            before = merged.pop()
            merged.append((before[0], max(before[1], last), before[2] + members))
        else:
            merged.append((first, last, members))
    return merged


def _part(exercise: Exercise, first: int, last: int, arriving: Size | Any) -> Iterator[tree.Statement]:
    """The statements that a group needs: its own, and those before, or in their place the size that they yield."""
    body = exercise.file.body
    own, before = body[first : last + 1], body[:first]
    alone = len(exercise.network.input_values) == 1 and known(arriving) and all(isinstance(n, int) for n in arriving)
    integer = any(one.integer for one in exercise.network.input_values.values())
    if alone and not integer and not (_words(own) & _given(before)):
        yield from (one for one in before if isinstance(one, KEPT))
        yield tree.Input(None, expression(tuple(arriving), Span(0, 0)), None, None, Span(0, 0), None, None)
        yield from (one for one in own if isinstance(one, (*KEPT, tree.Flow)))
        yield from (one for one in body[last + 1 :] if isinstance(one, (tree.Block, tree.Let, tree.Use)))
    else:
        held = (tree.Output, tree.Expect, tree.Example, tree.Variant)
        yield from (one for one in (*before, *own) if not isinstance(one, held))
        yield from (one for one in body[last + 1 :] if isinstance(one, (tree.Block, tree.Let, tree.Use)))


def _words(node: Any) -> set[str]:
    """All words of some statements, names among them."""
    if isinstance(node, str):
        return {node}
    if not isinstance(node, (tuple, list)) or isinstance(node, Span):
        return set()
    return set().union(*map(_words, node))


def _given(node: Any) -> set[str]:
    """The names that some statements give to values."""
    if not isinstance(node, (tuple, list)) or isinstance(node, Span):
        return set()
    alias = getattr(node, "alias", None)
    return set().union({alias} if alias else set(), *map(_given, node))


def _stated(runs: Mapping[Span, Any], statement: tree.Statement) -> Size | Any:
    """The size after the last statement, as the annotation says it."""
    some = runs.get(statement.span)
    return some[0].result if some and _closed(statement) else UNKNOWN
