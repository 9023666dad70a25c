"""The `example` lines of a spec, run in onnxruntime and compared."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

import numpy as np

from cnnspec.network import Example, Input, Network
from cnnspec.runtime.session import Array, Session
from cnnspec.sizes import at
from cnnspec.source import Source, Span
from cnnspec.values import Size, known

ROUNDING = 1e-6  # of 32-bit arithmetic, relative to the value, on top of the digits printed


class Result(NamedTuple):
    """How an example came out. `expected` and `got`: for each output the numbers in the spec's order (rows, columns,
    channels); None is a blank. `worst` is the largest difference.
    """

    ok: bool
    expected: tuple[tuple[float | None, ...], ...]
    got: tuple[tuple[float, ...], ...]
    worst: float
    source: Source
    span: Span

    @property
    def row(self) -> int:
        return self.source.row(self.span.start)


def run_examples(net: Network, session: Session) -> list[Result]:
    """Runs each example of the network and compares within half a unit of the last digit that the spec prints.

    One with a blank among its inputs, or nothing but blanks for outputs, is left out: what is open is not judged.
    """
    return [_run(net, example, session) for example in net.examples if is_judged(example)]


def is_judged(example: Example) -> bool:
    """Whether the example can be run and says what should come out."""
    return known(list(example.inputs)) and any(one is not None for one in _flat(example.outputs))


def _run(net: Network, example: Example, session: Session) -> Result:
    inputs = zip(net.input_values.values(), example.inputs, strict=True)
    letters = dict(example.letters)
    outputs = session.run({input_.name: _batch(input_, values, letters) for input_, values in inputs})
    expected = tuple(tuple(_flat(values)) for values in example.outputs)
    got = tuple(tuple(map(float, _in_spec_order(outputs[name][0]))) for name in net.outputs)
    ok, worst = True, 0.0
    for wanted, have, tolerances in zip(expected, got, example.tolerances, strict=True):
        ok = ok and len(wanted) == len(have)
        for w, h, tolerance in zip(wanted, have, tolerances, strict=False):
            if w is None or tolerance is None:
                continue
            worst = max(worst, abs(w - h)) if np.isfinite(h) else float("inf")
            ok = ok and abs(w - h) <= tolerance + ROUNDING * max(abs(w), 1.0)
    return Result(ok, expected, got, worst, example.source, example.span)


def _batch(input_: Input, values: Any, letters: Mapping[str, int]) -> Array:
    """Numbers as the spec writes them, height x width x channels, as (1, channels, height, width)."""
    array = np.array(list(_flat(values)), np.int64 if input_.integer else np.float32)
    return to_layout(array, at(input_.size, letters))[None]


def to_layout(values: Array, size: Size) -> Array:
    """Numbers in the order of the spec (channels last) as an array with the channels first."""
    return np.ascontiguousarray(np.moveaxis(values.reshape([int(str(n)) for n in size]), -1, 0))


def _in_spec_order(array: Array) -> Array:
    return np.moveaxis(array, 0, -1).reshape(-1)


def _flat(values: Any) -> Iterator[float | None]:
    if isinstance(values, (list, tuple)):
        for value in values:
            yield from _flat(value)
    else:
        yield values if isinstance(values, (int, float)) else None
