"""The definitions of the kinds with weights, windows and statistics, in loops over plain numpy: slow, and easy to read.

Arrays are (N, C, spatial axes). Each function takes the operation, the inputs and the tensors.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np

Operation = Any  # its sizes are known here, and are not for the type checker to doubt
Array = Any  # numpy's types have no word for an index made of a tuple
Place = tuple[int, ...]


def same(n: int, f: int, s: int, d: int) -> tuple[int, int]:
    """The padding of p=same, as the language states it."""
    total = max(0, (math.ceil(n / s) - 1) * s + d * (f - 1) + 1 - n)
    return total // 2, total - total // 2


def padding(op: Operation) -> list[tuple[int, int]]:
    a = op.args
    if not a.p.same:
        return list(a.p.pairs)
    d = getattr(a, "d", (1,) * op.rank)
    return [same(n, f, s, di) for n, f, s, di in zip(op.input[:-1], a.f, a.s, d, strict=True)]


def places(size: Sequence[Any]) -> Iterator[Place]:
    return itertools.product(*map(range, size))


def points(op: Operation, place: Place) -> Iterator[tuple[Place, Place]]:
    """Each point of the window at a place of the output: (position in the window, position on the input)."""
    a = op.args
    d = getattr(a, "d", (1,) * op.rank)
    begins = [begin for begin, _ in padding(op)]
    for k in places(a.f):
        yield k, tuple(i * s - b + j * di for i, s, b, j, di in zip(place, a.s, begins, k, d, strict=True))


def inside(position: Place, size: Sequence[Any]) -> bool:
    return all(0 <= i < n for i, n in zip(position, size, strict=True))


def with_bias(y: Array, tensors: Mapping[str, Array]) -> Array:
    if "bias" in tensors:
        y = y + tensors["bias"].reshape(-1, *(1,) * (y.ndim - 2))
    return y


def empty(op: Operation, x: Array) -> Array:
    return np.zeros((len(x), op.output[-1], *op.output[:-1]))


def conv(op: Operation, xs: Sequence[Array], tensors: Mapping[str, Array], groups: int = 0) -> Array:
    x, weight = xs[0], tensors["weight"]
    groups = groups or op.args.groups
    y = empty(op, x)
    filters, channels = weight.shape[0] // groups, weight.shape[1]
    for o in range(weight.shape[0]):
        first = o // filters * channels
        for place in places(op.output[:-1]):
            for k, position in points(op, place):
                if inside(position, op.input[:-1]):
                    pixels = x[(slice(None), slice(first, first + channels), *position)]
                    y[(slice(None), o, *place)] += pixels @ weight[(o, slice(None), *k)]
    return with_bias(y, tensors)


def depthwise(op: Operation, xs: Sequence[Array], tensors: Mapping[str, Array]) -> Array:
    return conv(op, xs, tensors, groups=xs[0].shape[1])


def conv_transpose(op: Operation, xs: Sequence[Array], tensors: Mapping[str, Array]) -> Array:
    x, weight, a = xs[0], tensors["weight"], op.args
    y = empty(op, x)
    if a.p.same:
        begins = [max(0, d * (f - 1) + 1 + o - s) // 2 for f, s, d, o in zip(a.f, a.s, a.d, a.output_pad, strict=True)]
    else:
        begins = [begin for begin, _ in a.p.pairs]
    filters, channels = weight.shape[1], x.shape[1] // a.groups
    for c, o in itertools.product(range(x.shape[1]), range(filters)):
        out = c // channels * filters + o
        for place in places(op.input[:-1]):
            for k in places(a.f):
                target = tuple(i * s - b + j * d for i, s, b, j, d in zip(place, a.s, begins, k, a.d, strict=True))
                if inside(target, op.output[:-1]):
                    y[(slice(None), out, *target)] += x[(slice(None), c, *place)] * weight[(c, o, *k)]
    return with_bias(y, tensors)


def maxpool(op: Operation, xs: Sequence[Array], tensors: Mapping[str, Array]) -> Array:
    x = xs[0]
    y = empty(op, x)
    for place in places(op.output[:-1]):
        seen = [position for _, position in points(op, place) if inside(position, op.input[:-1])]
        y[(slice(None), slice(None), *place)] = np.max([x[(slice(None), slice(None), *p)] for p in seen], axis=0)
    return y


def avgpool(op: Operation, xs: Sequence[Array], tensors: Mapping[str, Array]) -> Array:
    """With count_pad the divisor is the number of points on the padded input, else of those on the input."""
    x, pads = xs[0], padding(op)
    y = empty(op, x)
    for place in places(op.output[:-1]):
        positions = [position for _, position in points(op, place)]
        seen = [p for p in positions if inside(p, op.input[:-1])]
        padded = [n + begin + end for n, (begin, end) in zip(op.input[:-1], pads, strict=True)]
        moved = [tuple(i + begin for i, (begin, _) in zip(p, pads, strict=True)) for p in positions]
        count = sum(inside(p, padded) for p in moved) if op.args.count_pad else len(seen)
        total = sum(x[(slice(None), slice(None), *p)] for p in seen)
        y[(slice(None), slice(None), *place)] = total / count
    return y


def global_avgpool(op: Operation, xs: Sequence[Array], tensors: Mapping[str, Array]) -> Array:
    return xs[0].mean(tuple(range(2, xs[0].ndim)), keepdims=op.args.keep)


def global_maxpool(op: Operation, xs: Sequence[Array], tensors: Mapping[str, Array]) -> Array:
    return xs[0].max(tuple(range(2, xs[0].ndim)), keepdims=op.args.keep)


def adaptive(op: Operation, x: Array, reduce: Any) -> Array:
    y = empty(op, x)
    for place in places(op.output[:-1]):
        spans = [
            slice(math.floor(i * n / m), math.ceil((i + 1) * n / m))
            for i, n, m in zip(place, op.input[:-1], op.output[:-1], strict=True)
        ]
        window = x[(slice(None), slice(None), *spans)]
        y[(slice(None), slice(None), *place)] = reduce(window, axis=tuple(range(2, x.ndim)))
    return y


def adaptive_avgpool(op: Operation, xs: Sequence[Array], tensors: Mapping[str, Array]) -> Array:
    return adaptive(op, xs[0], np.mean)


def adaptive_maxpool(op: Operation, xs: Sequence[Array], tensors: Mapping[str, Array]) -> Array:
    return adaptive(op, xs[0], np.max)


def dense(op: Operation, xs: Sequence[Array], tensors: Mapping[str, Array]) -> Array:
    return with_bias(np.einsum("ni,ui->nu", xs[0], tensors["weight"]), tensors)


def affine(y: Array, tensors: Mapping[str, Array]) -> Array:
    if "weight" in tensors:
        y = y * tensors["weight"].reshape(-1, *(1,) * (y.ndim - 2))
    return with_bias(y, tensors)


def normalised(x: Array, axes: tuple[int, ...], eps: float) -> Array:
    mean = x.mean(axes, keepdims=True)
    variance = ((x - mean) ** 2).mean(axes, keepdims=True)
    return (x - mean) / np.sqrt(variance + eps)


def batchnorm(op: Operation, xs: Sequence[Array], tensors: Mapping[str, Array]) -> Array:
    x = xs[0]
    shape = (-1, *(1,) * (x.ndim - 2))
    mean, variance = tensors["running_mean"].reshape(shape), tensors["running_var"].reshape(shape)
    return affine((x - mean) / np.sqrt(variance + op.args.eps), tensors)


def layernorm(op: Operation, xs: Sequence[Array], tensors: Mapping[str, Array]) -> Array:
    return affine(normalised(xs[0], (1,), op.args.eps), tensors)


def groupnorm(op: Operation, xs: Sequence[Array], tensors: Mapping[str, Array]) -> Array:
    x = xs[0]
    size = x.shape[1] // op.args.groups
    parts = [x[:, first : first + size] for first in range(0, x.shape[1], size)]
    axes = tuple(range(1, x.ndim))
    return affine(np.concatenate([normalised(part, axes, op.args.eps) for part in parts], axis=1), tensors)


def instancenorm(op: Operation, xs: Sequence[Array], tensors: Mapping[str, Array]) -> Array:
    return affine(normalised(xs[0], tuple(range(2, xs[0].ndim)), op.args.eps), tensors)


def lrn(op: Operation, xs: Sequence[Array], tensors: Mapping[str, Array]) -> Array:
    x, a = xs[0], op.args
    y = np.empty_like(x)
    for c in range(x.shape[1]):
        around = range(c - a.size // 2, c + (a.size - 1) // 2 + 1)
        total = sum(x[:, i] ** 2 for i in around if 0 <= i < x.shape[1])
        y[:, c] = x[:, c] / (a.k + a.alpha / a.size * total) ** a.beta
    return y


def scale(op: Operation, xs: Sequence[Array], tensors: Mapping[str, Array]) -> Array:
    return affine(xs[0], tensors)


def embedding(op: Operation, xs: Sequence[Array], tensors: Mapping[str, Array]) -> Array:
    x, weight = xs[0], tensors["weight"]
    y = empty(op, x)
    for index in np.ndindex(*x.shape):
        batch, channel, spatial = index[0], index[1], index[2:]
        y[(batch, slice(None), *spatial, channel)] = weight[x[index]]
    return y
