"""What is right after a student's own earlier answers: the network walked once more with the sizes that were written.

Never more than honest work gives. A wrong size is carried on only where it is plausible: each part is a known mistake,
or between a quarter and four times what is right; and no part is 1 (or 0) where the right one is more. Wrong counts
enter sums under the same rule, or all of them where they show work. A value that follows is trivial where it is 0, or 1
in a part, and the right one is more. What is rightly worked from other values is told so, without credit.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from cnnspec.network import Layer
from cnnspec.record import Record
from cnnspec.source import Source, Span
from cnnspec.syntax import tree
from cnnspec.teaching.blanks import Place, axes
from cnnspec.teaching.computed.plausible import is_near, is_trivial
from cnnspec.teaching.computed.sums import Counts
from cnnspec.teaching.mistakes import wrong_sizes
from cnnspec.teaching.model import FIGURE, PARAMS, SIZE, Blank
from cnnspec.teaching.runs import Run
from cnnspec.teaching.truth import Truth, asked_of, figure, part_of, places_of
from cnnspec.values import UNKNOWN, Size, known

if TYPE_CHECKING:
    from cnnspec.teaching.exercise import Exercise


class Followed(Record):
    """What follows for one blank: the values, the first told; the run of its statement with what arrived.

    For a sum there is no run, but the counts that were added up for each value. `own` is whether nothing right had to
    take the place of a value that is too far off.
    """

    values: tuple[Any, ...]
    run: Run | None = None
    terms: tuple[tuple[int, ...], ...] = ()
    own: bool = True


class Following(Record):
    """What follows for each blank where it differs from the truth, and what arrives at each blank for a size.

    `runs` are those of the statements with what arrived, `beyond` is what follows from values too far off to carry.
    """

    by_key: Mapping[str, Followed]
    arriving: Mapping[str, Any]
    runs: Mapping[str, Run]
    beyond: Mapping[str, Followed]

    def get(self, key: str) -> Followed | None:
        """What follows for a blank; None where nothing but the truth does."""
        return self.by_key.get(key)


LARGEST = 10**6  # of a part of a size that is looked at
NOTHING = Following({}, {}, {}, {})


def follow(exercise: Exercise, truth: Truth, own: Mapping[str, Any]) -> Following:
    """What is right for each computed blank after the student's own values."""
    if all(value == truth.values[key] for key, value in own.items()):
        return NOTHING
    walk = Walk(exercise, truth, own)
    assert truth.network.trial is not None
    truth.network.trial.statements(walk.see, walk.carried)
    found, beyond = dict(walk.followed), _beyond(walk)
    figures = [blank for blank in exercise.blanks if blank.family == FIGURE]
    sums = Sums(walk) if figures else None
    for blank in figures if sums else ():
        assert sums is not None
        _put(found, blank, sums.followed(blank))
        _put(beyond, blank, sums.beyond(blank))
    return Following(found, walk.arriving, walk.run_of, beyond)


def _put(found: dict[str, Followed], blank: Blank, followed: Followed | None) -> None:
    if followed is not None:
        found[blank.key] = followed


def _beyond(walk: Walk) -> dict[str, Followed]:
    """What follows where values are carried however far off they are."""
    if not walk.dropped:
        return {}
    free = Walk(walk.exercise, walk.truth, walk.own, free=True)
    assert walk.truth.network.trial is not None
    walk.truth.network.trial.statements(free.see, free.carried)
    return free.followed


class Walk:
    """Sees each statement of the network with what arrives by the student's own answers, and says what goes on."""

    def __init__(self, exercise: Exercise, truth: Truth, own: Mapping[str, Any], *, free: bool = False) -> None:
        self.exercise = exercise
        self.truth = truth
        self.own = own
        self.free = free  # carries on what is not plausible
        self.dropped: set[str] = set()
        self.carried: dict[Span, Size] = {}
        self.followed: dict[str, Followed] = {}
        self.arriving: dict[str, Any] = {}
        self.run_of: dict[str, Run] = {}
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
            if len(rounds) == 1 and place.blank.span == blank.span:  # further on it would follow from itself
                self.arriving[blank.key] = run.arriving
                self.run_of[blank.key] = run
                self._note(blank, place, run, right)
        carried = self._goes_on(node, run, right)
        if carried is not None:
            self.carried[node.span] = carried

    def _note(self, blank: Blank, place: Place, run: Run, right: Run) -> None:
        value, wanted = asked_of(place, run), asked_of(place, right)
        if known(value) and known(run.result) and value != wanted and not is_trivial(value, wanted):
            self.followed[blank.key] = Followed((value,), run, own=not self.dropped)

    def _goes_on(self, node: tree.Flow, run: Run, right: Run) -> Size | None:
        """The size that goes on from here: the student's own where it is plausible, else the right one."""
        annotation = node.annotation
        if annotation is None or annotation.size is None or not known(right.result):
            return None
        asked = [(blank, place) for blank, place in self.asked.get(node.span, ()) if place.family == SIZE]
        size: list[Any] = list(right.result)
        for blank, place in asked:
            value = self.own.get(blank.key, UNKNOWN)
            if not known(value):
                continue
            if not (_whole_size(value) if self.free else self._plausible(value, place, run, right)):
                self.dropped.add(blank.key)
            elif place.part == "size":
                return tuple(value)
            else:
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


def _whole_size(value: Any) -> bool:
    return all(isinstance(n, int) and 1 <= n <= LARGEST for n in (value if isinstance(value, tuple) else (value,)))


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


class Sums:
    """Figures of the student's own counts, where they are asked for, and of what follows elsewhere."""

    def __init__(self, walk: Walk) -> None:
        self.walk = walk
        self.every = [Counts(walk, elsewhere=elsewhere, every=True) for elsewhere in (True, False)]
        self.some = [Counts(walk, elsewhere=elsewhere, every=False) for elsewhere in (True, False)]

    def followed(self, blank: Blank) -> Followed | None:
        """Of all counts where they show work, then of the plausible ones."""
        honest = self.every[0].show_work
        values = self._values(blank, [*(self.every if honest else ()), *self.some])
        if not values:
            return None
        own = not self.walk.dropped and next(iter(values)) in self._values(blank, self.every)
        return Followed((*values,), None, (*values.values(),), own=own)

    def beyond(self, blank: Blank) -> Followed | None:
        """Of all counts, whatever they are."""
        values = self._values(blank, self.every)
        return Followed((*values,), None, (*values.values(),), own=False) if values else None

    def _values(self, blank: Blank, counts: list[Counts]) -> dict[Any, tuple[int, ...]]:
        """The values that differ from the truth, each with the counts that were added up."""
        exercise, truth = self.walk.exercise, self.walk.truth
        wanted = truth.values[blank.key]
        found: dict[Any, tuple[int, ...]] = {}
        for one in (one for one in counts if one.known):
            value = figure(exercise, truth.network, places_of(exercise)[blank.span], one.totals)
            if known(value) and value != wanted and not is_trivial(value, wanted):
                found.setdefault(value, one.terms)
        return found
