"""The entries of the kinds without weights (and of prelu): activations, arithmetic, shapes, joins, no-ops."""

from __future__ import annotations

import math
from types import SimpleNamespace
from typing import Any

import numpy as np
from hypothesis import strategies as st

from cnnspec.layers._kind import Operation
from cnnspec.values import Word
from tests.layers import references_without_weights as references
from tests.layers.cases import accepted, anything, axes, images, some
from tests.layers.conformance import Case, Entry
from tests.layers.references_without_weights import each

small = st.sampled_from((0, 0.01, 0.3, 1, 2.5))
MODES = st.sampled_from([Word("zero"), Word("reflect"), Word("edge")])


@st.composite
def alone(draw: st.DrawFn, /, **optional: st.SearchStrategy[Any]) -> Case:
    """One value of any size, and arguments that may be left out."""
    return Case(some(draw, **optional), (draw(anything),))


@st.composite
def grouped(draw: st.DrawFn, name: str) -> Case:
    """A number that divides the channels."""
    x = draw(anything)
    parts = draw(st.integers(1, 4))
    return Case({name: parts}, ((*x[:-1], x[-1] * parts),))


@st.composite
def clip(draw: st.DrawFn) -> Case:
    low, high = sorted(draw(st.tuples(*[st.floats(-2, 2, width=32)] * 2)))
    return Case({"min": low, "max": high}, (draw(anything),))


@st.composite
def rescale(draw: st.DrawFn) -> Case:
    x = draw(anything)
    number = st.integers(-3, 3) | st.floats(-3, 3, width=32)
    numbers = number | st.lists(number, min_size=x[-1], max_size=x[-1])
    return Case({"a": draw(numbers), **some(draw, b=numbers)}, (x,))


@st.composite
def reshape(draw: st.DrawFn) -> Case:
    size = draw(anything)
    product = math.prod(size)
    divisor = draw(st.sampled_from([d for d in range(1, product + 1) if product % d == 0]))
    x = draw(st.sampled_from([(product,), (divisor, product // divisor), (1, divisor, product // divisor), size]))
    return Case({"size": list(size) if draw(st.booleans()) else size if len(size) > 1 else size[0]}, (x,))


@st.composite
def bordered(draw: st.DrawFn, kind: str, high: int) -> Case:
    """pad and crop with p in all its forms."""
    x = draw(images())
    rank = len(x) - 1
    amount = st.integers(0, high)
    p = draw(axes(0, high, rank) | st.lists(amount, min_size=2 * rank, max_size=2 * rank))
    return accepted(kind, Case({"p": p, **(some(draw, mode=MODES) if kind == "pad" else {})}, (x,)))


@st.composite
def crop_like(draw: st.DrawFn) -> Case:
    x = draw(images())
    like = tuple(draw(st.integers(1, n)) for n in x[:-1])
    return Case({"like": SimpleNamespace(size=(*like, 7))}, (x,))


@st.composite
def upsample(draw: st.DrawFn) -> Case:
    x = draw(images())
    rank = len(x) - 1
    by = draw(st.sampled_from(("factor", "size")))
    given = {by: draw(axes(1, 4 if by == "factor" else 13, rank))}
    return Case(given | some(draw, mode=st.sampled_from([Word("nearest"), Word("linear")])), (x,))


@st.composite
def pixel_shuffle(draw: st.DrawFn) -> Case:
    r, c = draw(st.tuples(st.integers(1, 3), st.integers(1, 3)))
    height, width = draw(st.tuples(st.integers(1, 5), st.integers(1, 5)))
    return Case({"r": r}, ((height, width, c * r * r),))


@st.composite
def slice_(draw: st.DrawFn) -> Case:
    x = draw(anything)
    start = draw(st.integers(0, x[-1] - 1))
    return Case({"start": start, "end": draw(st.integers(start + 1, x[-1]))}, (x,))


@st.composite
def select(draw: st.DrawFn) -> Case:
    x = draw(anything)
    return Case({"indices": draw(st.lists(st.integers(0, x[-1] - 1), min_size=1, max_size=6))}, (x,))


@st.composite
def equal(draw: st.DrawFn) -> Case:
    """Two to four values of the same size."""
    return Case({}, (draw(anything),) * draw(st.integers(2, 4)))


@st.composite
def concat(draw: st.DrawFn) -> Case:
    x = draw(anything)
    channels = draw(st.lists(st.integers(1, 5), min_size=2, max_size=4))
    return Case({}, tuple((*x[:-1], c) for c in channels))


@st.composite
def gated(draw: st.DrawFn) -> Case:
    """A value with itself and its gates, in any order."""
    x = draw(images())
    ones = (1,) * (len(x) - 1)
    others = st.sampled_from([x, x[-1:], (*ones, x[-1]), (*x[:-1], 1)])
    return Case({}, tuple(draw(st.permutations([x, *draw(st.lists(others, min_size=1, max_size=2))]))))


def spread(rng: np.random.Generator, op: Operation, shape: tuple[int, ...]) -> np.ndarray:
    """Numbers wide enough to reach the flat ends of an activation."""
    return (4 * rng.normal(size=shape)).astype(np.float32).astype(np.float64)


ACTIVATIONS = {
    "relu": (alone(), each(lambda x, a: max(0.0, x))),
    "relu6": (alone(), each(lambda x, a: min(max(0.0, x), 6.0))),
    "leaky_relu": (alone(alpha=small), each(lambda x, a: x if x > 0 else a.alpha * x)),
    "elu": (alone(alpha=small), each(lambda x, a: x if x > 0 else a.alpha * (math.exp(x) - 1))),
    "selu": (alone(), each(lambda x, a: references.selu(x))),
    "prelu": (alone(), references.prelu),
    "celu": (alone(alpha=st.sampled_from((0.3, 1, 2.5))), each(lambda x, a: references.celu(x, a.alpha))),
    "gelu": (alone(approximate=st.booleans()), each(lambda x, a: references.gelu(x, a.approximate))),
    "silu": (alone(), each(lambda x, a: x * references.sigmoid(x))),
    "mish": (alone(), each(lambda x, a: x * math.tanh(references.softplus(x)))),
    "sigmoid": (alone(), each(lambda x, a: references.sigmoid(x))),
    "hard_sigmoid": (alone(), each(lambda x, a: references.hard_sigmoid(x))),
    "hard_swish": (alone(), each(lambda x, a: x * references.hard_sigmoid(x))),
    "tanh": (alone(), each(lambda x, a: math.tanh(x))),
    "softplus": (alone(), each(lambda x, a: references.softplus(x))),
    "softsign": (alone(), each(lambda x, a: x / (1 + abs(x)))),
    "softmax": (alone(), references.softmax),
    "log_softmax": (alone(), references.log_softmax),
    "maxout": (grouped("k"), references.maxout),
    "abs": (alone(), each(lambda x, a: abs(x))),
    "clip": (clip(), each(lambda x, a: min(max(a.min, x), a.max))),
}

ENTRIES = {
    **{kind: Entry(cases, reference, spread) for kind, (cases, reference) in ACTIVATIONS.items()},
    "rescale": Entry(rescale(), references.rescale),
    "flatten": Entry(alone(), references.flatten),
    "reshape": Entry(reshape(), references.reshape),
    "pad": Entry(bordered("pad", 3), references.pad),
    "crop": Entry(bordered("crop", 2) | crop_like(), references.crop),
    "upsample": Entry(upsample(), references.upsample),
    "pixel_shuffle": Entry(pixel_shuffle(), references.pixel_shuffle),
    "channel_shuffle": Entry(grouped("groups"), references.channel_shuffle),
    "slice": Entry(slice_(), references.slice_),
    "select": Entry(select(), references.select),
    "add": Entry(equal(), references.add),
    "sub": Entry(equal(), references.sub),
    "mul": Entry(equal() | gated(), references.mul),
    "average": Entry(equal(), references.average),
    "maximum": Entry(equal(), references.maximum),
    "concat": Entry(concat(), references.concat),
    "dropout": Entry(alone(rate=st.sampled_from((0, 0.2))), references.unchanged),
    "drop_path": Entry(st.builds(lambda case: Case({"rate": 0.1}, case.inputs), alone()), references.unchanged),
    "identity": Entry(alone(), references.unchanged),
}
