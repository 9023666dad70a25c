"""Sums of a student's own counts, where they are asked for: of those that are plausible, or of all of them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from cnnspec.source import Span
from cnnspec.syntax import tree
from cnnspec.teaching.blanks import Place
from cnnspec.teaching.computed.plausible import is_near, is_trivial
from cnnspec.teaching.mistakes import wrong_counts
from cnnspec.teaching.model import PARAMS, Blank
from cnnspec.teaching.runs import Run, Runs
from cnnspec.values import UNKNOWN, known

if TYPE_CHECKING:
    from cnnspec.teaching.computed.following import Walk

SUMS = ("params", "trainable", "non_trainable", "macs")


class Counts:
    """Sums over all statements; where no count is asked for, of what follows (`elsewhere`) or of what is true.

    The student's own counts stand in them where they are plausible, or `every` one of them.
    """

    def __init__(self, walk: Walk, *, elsewhere: bool, every: bool) -> None:
        self.walk = walk
        self.elsewhere = elsewhere
        self.every = every
        self._added: set[int] = set()  # the student's own counts but 0
        self._worked: set[int] = set()  # those of them that are right, follow, or are a known mistake near that
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

    @property
    def show_work(self) -> bool:
        """Whether several own counts are added, one of which at least no one writes by chance."""
        return len(self._added) > 1 and bool(self._worked)

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
                if not isinstance(own, int) or not known(run.params):
                    continue
                self._added |= {own} - {0}
                plausible = plausible_count(own, run, right)
                if plausible and is_worked(own, run, right) and not is_trivial(own, 2) and is_near(own, right.params):
                    self._worked.add(own)
                if self.every or plausible:
                    self._change(run if self.elsewhere else right, own)

    def _change(self, run: Run, own: int) -> None:
        off: Any = own - run.params
        trainable: Any = sum(layer.trainable for layer in run.layers)
        kept = own if trainable == run.params else min(own, trainable) if off < 0 or not trainable else trainable + off
        self.totals["params"] += off
        self.totals["trainable"] += kept - trainable  # what is forgotten of a normalisation are its statistics
        self.totals["non_trainable"] += off - (kept - trainable)
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
    """Whether a wrong count may enter a sum: it is worked, or near what is right or follows and not trivial."""
    if is_worked(own, run, right):
        return True
    if is_trivial(own, right.params):
        return False
    return is_near(own, right.params) or is_near(own, run.params)


def is_worked(own: int, run: Run, right: Run) -> bool:
    """Whether a count is right, follows, or is a known mistake."""
    if any(candidate.value == own for one in (right, run) for candidate in wrong_counts(one)):
        return True
    return own in (right.params, run.params) and not is_trivial(own, right.params)
