"""The wrong values of a blank that are known by name."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from cnnspec.teaching.blanks import Place
from cnnspec.teaching.computed.sums import SUMS
from cnnspec.teaching.mistakes import Candidate, wrong_counts, wrong_sizes, wrong_totals
from cnnspec.teaching.model import FIGURE, PARAMS, Blank
from cnnspec.teaching.runs import Run
from cnnspec.teaching.truth import Truth, part_of, places_of
from cnnspec.values import known

if TYPE_CHECKING:
    from cnnspec.teaching.exercise import Exercise


def candidates(exercise: Exercise, blank: Blank, truth: Truth, run: Run | None = None) -> Iterator[Candidate]:
    """Wrong values of a blank that are known by name: with the right sizes, then with the student's own."""
    place = places_of(exercise)[blank.span]
    key = "candidates", id(truth), blank.key
    yield from exercise.known(key, lambda: tuple(_of_truth(place, truth)))
    if run is not None:
        yield from _of_run(place, run)


def _of_truth(place: Place, truth: Truth) -> Iterator[Candidate]:
    if place.family == FIGURE:
        yield from wrong_totals(place.part, truth.network) if place.part in SUMS else ()
        return
    for run in truth.runs.get(place.statement.span, ())[:1]:
        yield from _of_run(place, run)


def _of_run(place: Place, run: Run) -> Iterator[Candidate]:
    if place.family == PARAMS:
        yield from wrong_counts(run)
        return
    for candidate in wrong_sizes(run):
        value = part_of(candidate.value, place.part)
        if known(value) and value != part_of(run.result, place.part):
            yield candidate._replace(value=value)
