"""Wrong answers that are known by name: for any network, computed from its layers and what arrives at them.

Where two mistakes give the same value the likelier is named: that which stands first. The order is: padding, stride
and rounding of windows; rows, channels and flattening; bias, channels and window of counts; normalisation; parameters
of layers that have none; what sums leave out.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from typing import Any

from cnnspec.diagnostics import Mistake
from cnnspec.language import say
from cnnspec.layers._kind import Operation
from cnnspec.network import Layer
from cnnspec.teaching.mistakes import nothing, sizes, totals, weights, windows
from cnnspec.teaching.mistakes._registry import Candidate, Known
from cnnspec.teaching.mistakes.totals import wrong_totals
from cnnspec.teaching.runs import Run
from cnnspec.values import UNKNOWN, Size

__all__ = ["NAMES", "Candidate", "wrong_counts", "wrong_sizes", "wrong_totals"]

SIZES = (*windows.SIZES, *sizes.SIZES)
COUNTS = (*weights.COUNTS, *nothing.COUNTS)
NAMES: tuple[str, ...] = tuple(
    dict.fromkeys(
        (*(known.name for known in (*SIZES, *COUNTS)), "repeat-counted-once", "shared-counted-again", *totals.NAMES)
    )
)
"""Every known mistake, the likelier first."""
MOST_LAYERS = 16  # of a statement whose layers are looked at one by one


def wrong_sizes(run: Run) -> Iterator[Candidate]:
    """Sizes that the statement would yield with a mistake at one of its layers; never the right one."""
    if len(run.layers) > MOST_LAYERS:
        return
    for known in SIZES:
        for i, layer in enumerate(run.layers):
            wrong = _value(known, layer)
            result = None if wrong is None or wrong == layer.size else _after(run.layers, i, wrong)
            if result is not None and result != run.result:
                yield Candidate(result, known.name, _teller(known, layer.operation))


def wrong_counts(run: Run) -> Iterator[Candidate]:
    """Counts that the statement would have with a mistake at all of its layers, or at one; never the right one."""
    whole: Any = run.params
    if whole is UNKNOWN:
        return
    yield from totals.counted_once(run.layers, "params")
    if len(run.layers) > MOST_LAYERS:
        return
    for known in COUNTS:
        differences = [(layer, _difference(known, layer)) for layer in run.layers if layer.params or not whole]
        made = [(layer, off) for layer, off in differences if off]
        if len(made) > 1:
            yield Candidate(whole + sum(off for _, off in made), known.name, _teller(known, made[0][0].operation))
        for layer, off in made:
            yield Candidate(whole + off, known.name, _teller(known, layer.operation))
    yield from _of_sharing(run, whole)


def _of_sharing(run: Run, whole: int) -> Iterator[Candidate]:
    counted = [layer for layer in run.layers if layer.params]
    for layer in counted if len(counted) > 1 else ():
        yield Candidate(
            whole - layer.params,
            "forgot-layer",
            totals.missing(layer),
        )
    again: Any = sum(layer.operation.params for layer in run.layers if layer.shares)
    if again:
        yield Candidate(
            whole + again,
            "shared-counted-again",
            lambda: say("these weights are shared: they are counted where they come first"),
        )


def _difference(known: Known, layer: Layer) -> Any:
    wrong = None if layer.shares else _value(known, layer)
    return 0 if wrong is None else wrong - layer.params


def _value(known: Known, layer: Layer) -> Any:
    """What the mistake makes of a layer; None of one that is not known whole."""
    op = layer.operation
    if op.args is None or not all(isinstance(n, int) for size in (*op.inputs, op.output) for n in _parts(size)):
        return None
    return known.rule(op)


def _parts(size: Size | Any) -> tuple[Any, ...]:
    return (UNKNOWN,) if size is UNKNOWN else size


def _after(layers: tuple[Layer, ...], i: int, wrong: Size) -> Size | None:
    """What the last of the layers yields where the one at i yields a wrong size; None where nothing fits any more."""
    found: dict[Any, Size] = {layers[i]: wrong}
    for layer in layers[i + 1 :]:
        if any(value in found for value in layer.operands):
            sizes = [found.get(value, value.size) for value in layer.operands]
            output = _output(layer, sizes)
            if output is None:
                return None
            found[layer] = output
    return found.get(layers[-1])


def _output(layer: Layer, inputs: list[Size]) -> Size | None:
    kind: Any = layer.definition
    try:
        if kind.needs == "vector" and len(inputs[0]) > 1:
            return None
        output: Size = kind.joined_size(layer.args, inputs) if kind.joins else kind.output_size(layer.args, inputs[0])
    except (Mistake, ValueError):  # a window that does not fit, or axes that do not go together
        return None
    return output


def _teller(known: Known, op: Operation) -> Any:
    return partial(known.tell, op)
