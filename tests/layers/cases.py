"""The entries of the convolutions, poolings, dense, norms and embedding: small sizes, one to three axes."""

from __future__ import annotations

from typing import Any

import numpy as np
from hypothesis import assume
from hypothesis import strategies as st

from cnnspec.diagnostics import Mistake
from cnnspec.layers._kind import Operation
from cnnspec.values import Word
from tests.layers import references
from tests.layers.conformance import Case, Entry, operation

EXTENTS = {1: 9, 2: 6, 3: 4}  # the largest size along each axis, by the number of axes


@st.composite
def images(draw: st.DrawFn, channels: int = 4) -> tuple[int, ...]:
    """A size with one to three spatial axes."""
    rank = draw(st.sampled_from((2, 1, 3)))
    spatial = draw(st.tuples(*[st.integers(1, EXTENTS[rank])] * rank))
    return (*spatial, draw(st.integers(1, channels)))


vectors = st.tuples(st.integers(1, 7))
anything = images() | vectors


def axes(low: int, high: int, rank: int) -> st.SearchStrategy[Any]:
    """A number for every axis, or one for each."""
    number = st.integers(low, high)
    return number | st.tuples(*[number] * rank)


def pads(high: int, rank: int) -> st.SearchStrategy[Any]:
    """Padding in all its forms."""
    amount = st.integers(0, high)
    words = st.sampled_from((Word("same"), Word("valid")))
    return st.one_of(amount, words, st.lists(amount, min_size=2 * rank, max_size=2 * rank))


def some(draw: st.DrawFn, **strategies: st.SearchStrategy[Any]) -> dict[str, Any]:
    """Arguments that may be left out."""
    return {name: draw(strategy) for name, strategy in strategies.items() if draw(st.booleans())}


def accepted(kind: str, case: Case) -> Case:
    """The case, where the kind takes it; windows that do not fit and the like are tried elsewhere."""
    try:
        operation(kind, case)
    except Mistake:
        assume(False)
    return case


@st.composite
def conv(draw: st.DrawFn, kind: str = "conv") -> Case:
    x = draw(images())
    rank = len(x) - 1
    given = {"f": draw(axes(1, 3, rank))}
    given |= some(draw, s=axes(1, 3, rank), p=pads(2, rank), d=axes(1, 2, rank), bias=st.booleans())
    if kind == "depthwise":
        given |= some(draw, multiplier=st.integers(1, 3))
        return accepted(kind, Case(given, (x,)))
    groups = draw(st.sampled_from([g for g in (1, 2, 3, 4) if x[-1] % g == 0]))
    given |= {"filters": groups * draw(st.integers(1, 2)), "groups": groups}
    if kind == "conv_transpose":
        given |= some(draw, output_pad=axes(0, 1, rank))
    return accepted(kind, Case(given, (x,)))


def blind(op: Operation) -> bool:
    """Whether a window sees nothing but padding: nothing is defined there."""
    return any(
        not any(references.inside(position, op.input[:-1]) for _, position in references.points(op, place))
        for place in references.places(op.output[:-1])
    )


@st.composite
def pool(draw: st.DrawFn, kind: str) -> Case:
    x = draw(images())
    rank = len(x) - 1
    given = {"f": draw(axes(1, 4, rank))}
    given |= some(draw, s=axes(1, 4, rank), p=pads(3, rank), ceil=st.booleans())
    given |= some(draw, d=axes(1, 2, rank)) if kind == "maxpool" else some(draw, count_pad=st.booleans())
    case = accepted(kind, Case(given, (x,)))
    assert not blind(operation(kind, case))
    return case


@st.composite
def adaptive(draw: st.DrawFn) -> Case:
    x = draw(images())
    return Case({"size": draw(axes(1, 5, len(x) - 1))}, (x,))


@st.composite
def arguments(draw: st.DrawFn, /, inputs: st.SearchStrategy[Any], **strategies: st.SearchStrategy[Any]) -> Case:
    """An input and arguments that may each be left out."""
    return Case(some(draw, **strategies), (draw(inputs),))


@st.composite
def groupnorm(draw: st.DrawFn) -> Case:
    groups = draw(st.integers(1, 3))
    x = draw(anything)
    given = {"groups": groups, **some(draw, eps=EPS, weight=st.booleans(), bias=st.booleans())}
    return Case(given, ((*x[:-1], groups * x[-1]),))


def numbers(low: int, high: int) -> st.SearchStrategy[Any]:
    return st.integers(low, high)


EPS = st.sampled_from((1e-5, 1e-3, 1))
AFFINE = {"eps": EPS, "weight": st.booleans(), "bias": st.booleans()}
LRN = {
    "alpha": st.sampled_from((1e-4, 0.5, 2)),
    "beta": st.sampled_from((0.75, 0.5, 1)),
    "k": st.sampled_from((1, 2.5)),
}


def merged(kind: st.SearchStrategy[Case], **required: st.SearchStrategy[Any]) -> st.SearchStrategy[Case]:
    """The case with arguments that are always there."""
    more = st.fixed_dictionaries(required)
    return st.builds(lambda case, given: Case({**case.given, **given}, case.inputs), kind, more)


def tokens(rng: np.random.Generator, op: Operation, shape: tuple[int, ...]) -> np.ndarray:
    return rng.integers(0, op.args.vocabulary, shape)


ENTRIES = {
    "conv": Entry(conv(), references.conv, tries=60),
    "depthwise": Entry(conv("depthwise"), references.depthwise, tries=60),
    "conv_transpose": Entry(conv("conv_transpose"), references.conv_transpose, tries=60),
    "maxpool": Entry(pool("maxpool"), references.maxpool, tries=60),
    "avgpool": Entry(pool("avgpool"), references.avgpool, tries=60),
    "global_avgpool": Entry(arguments(images(), keep=st.booleans()), references.global_avgpool),
    "global_maxpool": Entry(arguments(images(), keep=st.booleans()), references.global_maxpool),
    "adaptive_avgpool": Entry(adaptive(), references.adaptive_avgpool, tries=60),
    "adaptive_maxpool": Entry(adaptive(), references.adaptive_maxpool, tries=60),
    "dense": Entry(merged(arguments(vectors, bias=st.booleans()), units=numbers(1, 9)), references.dense),
    "batchnorm": Entry(arguments(anything, **AFFINE), references.batchnorm),
    "layernorm": Entry(arguments(anything, **AFFINE), references.layernorm),
    "groupnorm": Entry(groupnorm(), references.groupnorm),
    "instancenorm": Entry(arguments(images(), **AFFINE), references.instancenorm),
    "lrn": Entry(merged(arguments(anything, **LRN), size=numbers(1, 6)), references.lrn),
    "scale": Entry(arguments(anything, weight=st.booleans(), bias=st.booleans()), references.scale),
    "embedding": Entry(
        merged(arguments(vectors | images()), vocabulary=numbers(1, 9), width=numbers(1, 5)),
        references.embedding,
        tokens,
    ),
}
