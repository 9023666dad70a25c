"""What is right after a student's own earlier answers: the network walked once more with the sizes that were written.

Never more than honest work gives. A wrong size is carried on only where it is plausible: each part is a known mistake,
or between half and twice what is right; and no part is 1 (or 0) where the right one is more. Wrong counts enter sums
under the same rule. A value that follows is trivial where it is 0, or 1 in a part, and the right one is more.
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
    counts = [Counts(walk, elsewhere=elsewhere) for elsewhere in (True, False)] if figures else []
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
            if len(rounds) == 1 and place.blank.span == blank.span:  # further on it would follow from itself
                self.arriving[blank.key] = run.arriving
                self._note(blank, place, run, right)
        carried = self._goes_on(node, run, right)
        if carried is not None:
            self.carried[node.span] = carried

    def _note(self, blank: Blank, place: Place, run: Run, right: Run) -> None:
        value, wanted = asked_of(place, run), asked_of(place, right)
        if known(value) and known(run.result) and value != wanted and not is_trivial(value, wanted):
            self.followed[blank.key] = Followed((value,), run)

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


def _sum(exercise: Exercise, truth: Truth, counts: list[Counts], blank: Blank) -> Followed | None:
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
