"""What is right after a student's own earlier answers: the network walked once more with the sizes that were written.

Never more than honest work gives. A wrong size is carried on only where it is plausible: each part is a known mistake,
or between half and twice what is right; and no part is 1 (or 0) where the right one is more. Wrong counts enter sums
under the same rule. A value that follows is trivial where it is 0, or 1 in a part, and the right one is more.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from cnnspec.network import Layer
from cnnspec.record import Record
from cnnspec.source import Source, Span
from cnnspec.syntax import tree
from cnnspec.teaching.blanks import Place, axes
from cnnspec.teaching.mistakes import wrong_counts, wrong_sizes
from cnnspec.teaching.model import FIGURE, PARAMS, SIZE, Blank
from cnnspec.teaching.runs import Run, Runs
from cnnspec.teaching.truth import Truth, asked_of, figure, part_of, places_of
from cnnspec.values import UNKNOWN, Size, known

if TYPE_CHECKING:
    from cnnspec.teaching.exercise import Exercise

SUMS = ("params", "trainable", "non_trainable", "macs")


class Followed(Record):
    """What follows for one blank: the values, the first told; the run of its statement with what arrived.

    For a sum there is no run, but the counts that were added up.
    """

    values: tuple[Any, ...]
    run: Run | None = None
    terms: tuple[int, ...] = ()


class Following(Record):
    """What follows for each blank where it differs from the truth, and what arrives at each blank for a size."""

    by_key: Mapping[str, Followed]
    arriving: Mapping[str, Any]

    def get(self, key: str) -> Followed | None:
        """What follows for a blank; None where nothing but the truth does."""
        return self.by_key.get(key)


NOTHING = Following({}, {})


def follow(exercise: Exercise, truth: Truth, own: Mapping[str, Any]) -> Following:
    """What is right for each computed blank after the student's own values."""
    if all(value == truth.values[key] for key, value in own.items()):
        return NOTHING
    walk = Walk(exercise, truth, own)
    assert truth.network.trial is not None
    truth.network.trial.statements(walk.see, walk.carried)
    found = dict(walk.followed)
    figures = [blank for blank in exercise.blanks if blank.family == FIGURE]
    counts = [_Counts(walk, elsewhere=elsewhere) for elsewhere in (True, False)] if figures else []
    for blank in figures:
        followed = _sum(exercise, truth, counts, blank)
        if followed is not None:
            found[blank.key] = followed
    return Following(found, walk.arriving)


class Walk:
    """Sees each statement of the network with what arrives by the student's own answers, and says what goes on."""

    def __init__(self, exercise: Exercise, truth: Truth, own: Mapping[str, Any]) -> None:
        self.exercise = exercise
        self.truth = truth
        self.own = own
        self.carried: dict[Span, Size] = {}
        self.followed: dict[str, Followed] = {}
        self.arriving: dict[str, Any] = {}
        self.asked = asked_at(exercise)
        self.runs: dict[Span, list[Run]] = {}

    def see(self, node: tree.Flow, source: Source, arriving: Any, result: Any, layers: list[Layer]) -> None:
        if source is not self.exercise.source:
            return
        run = Run.of(arriving, result, layers)
        rounds = self.runs.setdefault(node.span, [])
        rounds.append(run)
        true = self.truth.runs.get(node.span, ())
        if len(rounds) > len(true):
            return
        right = true[len(rounds) - 1]
        for blank, place in self.asked.get(node.span, ()):
            self.arriving.setdefault(blank.key, run.arriving)
            self._note(blank, place, run, right)
        carried = self._goes_on(node, run, right)
        if carried is not None:
            self.carried[node.span] = carried

    def _note(self, blank: Blank, place: Place, run: Run, right: Run) -> None:
        value, wanted = asked_of(place, run), asked_of(place, right)
        if known(value) and known(run.result) and value != wanted and not is_trivial(value, wanted):
            self.followed.setdefault(blank.key, Followed((value,), run))

    def _goes_on(self, node: tree.Flow, run: Run, right: Run) -> Size | None:
        """The size that goes on from here: the student's own where it is plausible, else the right one."""
        annotation = node.annotation
        if annotation is None or annotation.size is None or not known(right.result):
            return None
        asked = [(blank, place) for blank, place in self.asked.get(node.span, ()) if place.family == SIZE]
        size: list[Any] = list(right.result)
        for blank, place in asked:
            value = self.own.get(blank.key, UNKNOWN)
            if known(value) and self._plausible(value, place, run, right):
                if place.part == "size":
                    return tuple(value)
                size[axes(len(size)).index(place.part)] = value
        return tuple(size)

    def _plausible(self, value: Any, place: Place, run: Run, right: Run) -> bool:
        wanted, follows = asked_of(place, right), asked_of(place, run)
        if is_trivial(value, wanted):
            return False
        if value in (wanted, follows) or is_near(value, wanted) or (known(follows) and is_near(value, follows)):
            return True
        return any(
            part_of(candidate.value, place.part) == value for one in (right, run) for candidate in wrong_sizes(one)
        )


def asked_at(exercise: Exercise) -> Mapping[Span, tuple[tuple[Blank, Place], ...]]:
    """The blanks for sizes and counts of each statement, with their places."""

    def make() -> Mapping[Span, tuple[tuple[Blank, Place], ...]]:
        found: dict[Span, list[tuple[Blank, Place]]] = {}
        for blank in exercise.blanks:
            for span in blank.spans:
                place = places_of(exercise)[span]
                if blank.family in (SIZE, PARAMS) and place.family in (SIZE, PARAMS):
                    found.setdefault(place.statement.span, []).append((blank, place))
        return {span: tuple(asked) for span, asked in found.items()}

    at: Mapping[Span, tuple[tuple[Blank, Place], ...]] = exercise.known("asked", make)
    return at


def is_near(value: Any, right: Any) -> bool:
    """Whether each part lies between half and twice the right one.

    >>> is_near((61, 61, 32), (62, 62, 32)), is_near(5, 62), is_near((62, 62), (62, 62, 32))
    (True, False, False)
    """
    parts, wanted = _parts(value), _parts(right)
    return len(parts) == len(wanted) and all(n <= 2 * m <= 4 * n for n, m in zip(parts, wanted, strict=True))


def is_trivial(value: Any, right: Any) -> bool:
    """Whether a part is below 1, or 1 where more is right: what comes after it would be too easy.

    >>> is_trivial((1, 1, 32), (62, 62, 32)), is_trivial(0, 896), is_trivial((61, 61, 32), (62, 62, 32))
    (True, True, False)
    """
    parts, wanted = _parts(value), _parts(right)
    if len(parts) != len(wanted):
        return any(n < 2 for n in parts)
    return any(n < min(2, m) for n, m in zip(parts, wanted, strict=True))


def _parts(value: Any) -> tuple[Any, ...]:
    return value if isinstance(value, tuple) else (value,)


# --- sums ------------------------------------------------------------------------------------------------------------


def _sum(exercise: Exercise, truth: Truth, counts: list[_Counts], blank: Blank) -> Followed | None:
    """A figure of the student's own counts, where they are asked for and plausible, and of what follows elsewhere."""
    place = places_of(exercise)[blank.span]
    wanted = truth.values[blank.key]
    found: list[Any] = []
    for own in (one for one in counts if one.known):
        value = figure(exercise, truth.network, place, own.totals)
        if known(value) and value != wanted and value not in found and not is_trivial(value, wanted):
            found.append(value)
    terms = next((one.terms for one in counts if one.known), ())
    return Followed(tuple(found), None, terms) if found else None


class _Counts:
    """Sums over all statements; where no count is asked for, of what follows (`elsewhere`) or of what is true."""

    def __init__(self, walk: Walk, *, elsewhere: bool) -> None:
        self.walk = walk
        self.elsewhere = elsewhere
        self.totals: dict[str, Any] = dict.fromkeys(SUMS, 0)
        self.known = True
        self._terms: dict[Span, Any] = {}
        self._home: dict[str, Span] = {}  # the statement of the top level that a layer comes from
        for statement in walk.exercise.file.body:
            if isinstance(statement, tree.Flow) and statement.span in walk.truth.runs:
                self._add(statement.span)
        key = "outermost", id(walk.truth)
        counted = walk.exercise.known(key, lambda: outermost(walk.truth.runs, walk.asked)) if self.known else {}
        for span, rounds in counted.items():
            self._put_own(span, rounds)

    @property
    def terms(self) -> tuple[int, ...]:
        """The counts of the statements, without those that are 0."""
        return tuple(term for term in self._terms.values() if term)

    def _runs(self, span: Span) -> Iterator[tuple[Run, Run]]:
        """Each run with the student's sizes beside the true one; the true one twice where it broke off before."""
        now = self.walk.runs.get(span, [])
        for i, right in enumerate(self.walk.truth.runs[span]):
            yield (now[i] if i < len(now) else right), right

    def _add(self, span: Span) -> None:
        runs = [run if self.elsewhere else right for run, right in self._runs(span)]
        layers = [layer for run in runs for layer in run.layers]
        self.known = self.known and all(isinstance(getattr(layer, name), int) for layer in layers for name in SUMS)
        if self.known:
            self._home.update((layer.name, span) for layer in layers)
            self._terms[span] = sum(layer.params for layer in layers)
            for name in SUMS:
                self.totals[name] += sum(getattr(layer, name) for layer in layers)

    def _put_own(self, span: Span, rounds: tuple[int, ...]) -> None:
        """Puts the student's own counts of runs of a statement in the place of what was added."""
        runs = [*self._runs(span)]
        for blank, place in self.walk.asked[span]:
            own = self.walk.own.get(blank.key, UNKNOWN)
            for run, right in [runs[i] for i in rounds] if place.family == PARAMS else ():
                if isinstance(own, int) and known(run.params) and plausible_count(own, run, right):
                    self._change(run if self.elsewhere else right, own)

    def _change(self, run: Run, own: int) -> None:
        off: Any = own - run.params
        fixed: Any = sum(layer.non_trainable for layer in run.layers)
        self.totals["params"] += off
        self.totals["non_trainable" if fixed and fixed == run.params else "trainable"] += off
        for layer in run.layers[:1]:
            self._terms[self._home[layer.name]] += off


def outermost(runs: Runs, asked: Mapping[Span, tuple[tuple[Blank, Place], ...]]) -> Mapping[Span, tuple[int, ...]]:
    """Which runs of the statements whose counts are asked for lie in no other such run: of a loop, a block call …"""
    names: dict[tuple[Span, int], frozenset[str]] = {}
    holding: dict[str, list[tuple[Span, int]]] = {}
    for span in (span for span, blanks in asked.items() if any(place.family == PARAMS for _, place in blanks)):
        for i, run in enumerate(runs.get(span, ())):
            names[span, i] = frozenset(layer.name for layer in run.layers)
            for layer in run.layers:
                holding.setdefault(layer.name, []).append((span, i))
    found: dict[Span, tuple[int, ...]] = {}
    for (span, i), own in names.items():
        around = holding[next(iter(own))] if own else []
        if not any(own < names[other] or (own == names[other] and (span, i) < other) for other in around):
            found[span] = (*found.get(span, ()), i)
    return found


def plausible_count(own: int, run: Run, right: Run) -> bool:
    """Whether a wrong count may enter a sum: near what is right or follows, or a known mistake, and not trivial."""
    wanted: Any = right.params
    if is_trivial(own, wanted):
        return False
    if own in (wanted, run.params) or is_near(own, wanted) or is_near(own, run.params):
        return True
    return any(candidate.value == own for one in (right, run) for candidate in wrong_counts(one))
