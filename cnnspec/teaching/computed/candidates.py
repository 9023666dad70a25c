"""The wrong values of a blank that are known by name."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from cnnspec.network import Layer, Network
from cnnspec.syntax import tree
from cnnspec.teaching.blanks import Place
from cnnspec.teaching.computed.sums import SUMS
from cnnspec.teaching.figures import sides
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
        layer = counted_layer(place, truth.network)
        if place.part in SUMS:
            yield from wrong_totals(place.part, truth.network)
        elif layer is not None:
            yield from wrong_counts(Run.of(layer.operands[0] if layer.operands else None, layer, [layer]))
        return
    for run in truth.runs.get(place.statement.span, ())[:1]:
        yield from _of_run(place, run)


def counted_layer(place: Place, network: Network) -> Layer | None:
    """The layer whose parameters alone are asked for: `expect params(conv2) == ?`; None of any other figure."""
    blank, asked = sides(place)
    if not isinstance(blank, tree.Blank) or not isinstance(asked, tree.Call) or asked.function != "params":
        return None
    if len(asked.arguments) != 1:
        return None
    name = getattr(asked.arguments[0], "name", "")
    return next((layer for layer in network.layers if layer.name == name), None)


def _of_run(place: Place, run: Run) -> Iterator[Candidate]:
    if place.family == PARAMS:
        yield from wrong_counts(run)
        return
    for candidate in wrong_sizes(run):
        if place.part != "size" and known(run.result) and len(candidate.value) != len(run.result):
            continue
        value = part_of(candidate.value, place.part)
        if known(value) and value != part_of(run.result, place.part):
            yield candidate._replace(value=value)
