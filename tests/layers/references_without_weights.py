"""The definitions of the kinds without weights (and of prelu): activations, arithmetic, shapes, joins, no-ops.

Arrays are (N, C, spatial axes). Each function takes the operation, the inputs and the tensors.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from fractions import Fraction
from typing import Any

import numpy as np

from cnnspec.layers._kind import Operation
from tests.layers.conformance import Reference
from tests.layers.references import empty

Array = np.ndarray
Tensors = Mapping[str, Array]


def each(function: Callable[[float, Any], float]) -> Reference:
    """The reference of a function of one number and the layer's arguments."""

    def reference(op: Operation, inputs: Sequence[Array], tensors: Tensors) -> Array:
        return np.vectorize(lambda x: function(x, op.args), otypes=[np.float64])(inputs[0])

    return reference


def sigmoid(x: float) -> float:
    return 1 / (1 + math.exp(-x))


def softplus(x: float) -> float:
    return math.log(1 + math.exp(x))


def hard_sigmoid(x: float) -> float:
    return min(max(0.0, x / 6 + 1 / 2), 1.0)


def selu(x: float) -> float:
    alpha, scale = 1.6732632423543772, 1.0507009873554805
    return scale * (x if x > 0 else alpha * (math.exp(x) - 1))


def celu(x: float, alpha: float) -> float:
    return max(0.0, x) + min(0.0, alpha * (math.exp(x / alpha) - 1))


def gelu(x: float, approximate: bool) -> float:
    if approximate:
        return 0.5 * x * (1 + math.tanh(math.sqrt(2 / math.pi) * (x + 0.044715 * x**3)))
    return x * (1 + math.erf(x / math.sqrt(2))) / 2


def softmax(op: Operation, inputs: Sequence[Array], tensors: Tensors) -> Array:
    powers = np.exp(inputs[0])
    return powers / powers.sum(axis=1, keepdims=True)


def log_softmax(op: Operation, inputs: Sequence[Array], tensors: Tensors) -> Array:
    return np.log(softmax(op, inputs, tensors))


def prelu(op: Operation, inputs: Sequence[Array], tensors: Tensors) -> Array:
    y = inputs[0].copy()
    for c, slope in enumerate(tensors["weight"]):
        y[:, c][y[:, c] < 0] *= slope
    return y


def maxout(op: Operation, inputs: Sequence[Array], tensors: Tensors) -> Array:
    x, k = inputs[0], op.args.k
    return np.stack([x[:, c : c + k].max(axis=1) for c in range(0, x.shape[1], k)], axis=1)


def rescale(op: Operation, inputs: Sequence[Array], tensors: Tensors) -> Array:
    y = inputs[0].copy()
    for c in range(y.shape[1]):
        a, b = (part[c] if isinstance(part, tuple) else part for part in (op.args.a, op.args.b))
        y[:, c] = a * y[:, c] + b
    return y


def unchanged(op: Operation, inputs: Sequence[Array], tensors: Tensors) -> Array:
    return inputs[0]


def flatten(op: Operation, inputs: Sequence[Array], tensors: Tensors) -> Array:
    return np.array([[value for channel in image for value in channel.ravel()] for image in inputs[0]])


def reshape(op: Operation, inputs: Sequence[Array], tensors: Tensors) -> Array:
    *spatial, channels = op.args.size
    return np.array([image.ravel().reshape(channels, *spatial) for image in inputs[0]])


def pad(op: Operation, inputs: Sequence[Array], tensors: Tensors) -> Array:
    mode: Any = {"zero": "constant"}.get(op.args.mode, op.args.mode)
    return np.pad(inputs[0], ((0, 0), (0, 0), *op.args.p.pairs), mode=mode)


def crop(op: Operation, inputs: Sequence[Array], tensors: Tensors) -> Array:
    if op.args.like is None:
        begins = [begin for begin, _ in op.args.p.pairs]
    else:
        begins = [math.floor((n - m) / 2) for n, m in zip(op.input[:-1], op.args.like[:-1], strict=True)]
    y = inputs[0]
    for axis, (begin, n) in enumerate(zip(begins, op.output[:-1], strict=True), start=2):
        y = y.take(range(begin, begin + n), axis)
    return y


def upsample(op: Operation, inputs: Sequence[Array], tensors: Tensors) -> Array:
    y = inputs[0]
    blend = linear if op.args.mode == "linear" else nearest
    for axis, m in enumerate(op.output[:-1], start=2):
        y = np.stack([blend(y, axis, i, Fraction(y.shape[axis], m)) for i in range(m)], axis)  # type: ignore[arg-type]
    return y


def nearest(x: Array, axis: int, i: int, ratio: Fraction) -> Array:
    return x.take(math.floor(i * ratio), axis)


def linear(x: Array, axis: int, i: int, ratio: Fraction) -> Array:
    place = (i + Fraction(1, 2)) * ratio - Fraction(1, 2)
    place = min(max(place, Fraction(0)), Fraction(x.shape[axis] - 1))
    left = math.floor(place)
    right = min(left + 1, x.shape[axis] - 1)
    share = float(place - left)
    return (1 - share) * x.take(left, axis) + share * x.take(right, axis)


def pixel_shuffle(op: Operation, inputs: Sequence[Array], tensors: Tensors) -> Array:
    r = op.args.r
    y = empty(op, inputs[0])
    for c, row, column in np.ndindex(*y.shape[1:]):
        source = c * r * r + (row % r) * r + column % r
        y[:, c, row, column] = inputs[0][:, source, row // r, column // r]
    return y


def channel_shuffle(op: Operation, inputs: Sequence[Array], tensors: Tensors) -> Array:
    groups = np.split(inputs[0], op.args.groups, axis=1)
    return np.stack([group[:, j] for j in range(groups[0].shape[1]) for group in groups], axis=1)


def slice_(op: Operation, inputs: Sequence[Array], tensors: Tensors) -> Array:
    return np.stack([inputs[0][:, c] for c in range(op.args.start, op.args.end)], axis=1)


def select(op: Operation, inputs: Sequence[Array], tensors: Tensors) -> Array:
    return np.stack([inputs[0][:, c] for c in op.args.indices], axis=1)


def add(op: Operation, inputs: Sequence[Array], tensors: Tensors) -> Array:
    return np.sum(inputs, axis=0)


def sub(op: Operation, inputs: Sequence[Array], tensors: Tensors) -> Array:
    return inputs[0] - np.sum(inputs[1:], axis=0)


def average(op: Operation, inputs: Sequence[Array], tensors: Tensors) -> Array:
    return np.mean(inputs, axis=0)


def maximum(op: Operation, inputs: Sequence[Array], tensors: Tensors) -> Array:
    return np.max(inputs, axis=0)


def concat(op: Operation, inputs: Sequence[Array], tensors: Tensors) -> Array:
    return np.stack([x[:, c] for x in inputs for c in range(x.shape[1])], axis=1)


def mul(op: Operation, inputs: Sequence[Array], tensors: Tensors) -> Array:
    y = empty(op, inputs[0]) + 1
    for x in inputs:
        for n, c, *place in np.ndindex(*y.shape):
            y[(n, c, *place)] *= factor(x, n, c, place)
    return y


def factor(x: Array, n: int, c: int, place: Sequence[int]) -> float:
    """What a value or gate says of a place: a gate says the same along each axis that it has not."""
    if x.ndim == 2:
        return float(x[n, c])
    kept = [i if size > 1 else 0 for i, size in zip((c, *place), x.shape[1:], strict=True)]
    return float(x[(n, *kept)])
