"""What a small network with given weights computes, in plain numbers: for feature maps that are made by hand.

No library is needed, whole numbers stay whole, and the same walk can be made with a slip in it: the kernel turned
round, the padding forgotten. What comes out is compared with onnxruntime in the tests.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any

from cnnspec.layers._kind import Operation
from cnnspec.network import Layer, Network
from cnnspec.network import Value as FlowValue
from cnnspec.record import Record
from cnnspec.sizes import window, window_ceil
from cnnspec.values import UNKNOWN

MOST_WORK = 200_000  # multiply-and-adds: a tenth of a second, and more than anybody does by hand

Number = int | float


class Map(Record):
    """The numbers of a value in the order of the language: rows, columns, channels."""

    size: tuple[int, ...]
    values: tuple[Number, ...]


class Slip(Record):
    """A way to compute wrongly. None of it is the right way."""

    flipped: bool = False  # the kernel turned round: a convolution in the sense of mathematics
    unpadded: bool = False
    unbiased: bool = False
    linear: bool = False  # without the activations
    other_pool: bool = False  # the maximum in the place of the mean, and the other way round
    single_steps: bool = False  # the stride left out


RIGHT = Slip()


class NotByHand(ValueError):  # noqa: N818  (it is the exercise that cannot be computed)
    """A layer whose values cannot be computed here; `reason` is "weights", "kind" or "work", `name` the layer's."""

    def __init__(self, reason: str, name: str) -> None:
        super().__init__(reason, name)
        self.reason = reason
        self.name = name


class DoesNotFit(ValueError):  # noqa: N818
    """With a slip, what arrives does not fit the layer any more."""


def evaluate(
    network: Network,
    inputs: Mapping[str, Map],
    slip: Slip = RIGHT,
    given: Mapping[FlowValue, Map] | None = None,
) -> dict[FlowValue, Map]:
    """The value of every input and layer; those that are `given` are taken as they are.

    Raises NotByHand, and DoesNotFit where a slip makes sizes that a later layer refuses.
    """
    check(network)
    found: dict[FlowValue, Map] = {value: inputs[name] for name, value in network.input_values.items()}
    found.update(given or {})
    for layer in network.layers:
        if layer not in found:
            found[layer] = _layer(layer, [found[operand] for operand in layer.operands], slip)
    return found


def check(network: Network) -> None:
    """That every layer can be computed. Raises NotByHand."""
    for layer in network.layers:
        if layer.kind not in KINDS or not _supported(layer.operation):
            raise NotByHand("kind", layer.name)
        if any(_numbers(tensor.values) is None for tensor in layer.operation.tensors):
            raise NotByHand("weights", layer.name)
    macs = network.macs
    if not isinstance(macs, int) or macs > MOST_WORK:
        raise NotByHand("work", network.layers[0].name if network.layers else "")


def _layer(layer: Layer, arriving: list[Map], slip: Slip) -> Map:
    try:
        return KINDS[layer.kind](layer.operation, arriving, slip)
    except (IndexError, ZeroDivisionError, OverflowError) as error:
        raise DoesNotFit(layer.name) from error


def _supported(op: Operation) -> bool:
    a = op.args
    if op.kind.name == "pad":
        return str(a.mode) == "zero"
    if op.kind.name == "upsample":
        return str(a.mode) == "nearest" and a.factor is not None
    return not (op.kind.name == "mul" and len(set(op.inputs)) > 1) and not (op.kind.name == "crop" and a.p is None)


def _numbers(values: Any) -> list[Number] | None:
    """The numbers of nested lists in order; None where one is open or there are none."""
    if not isinstance(values, (list, tuple)):
        plain = isinstance(values, (int, float)) and not isinstance(values, bool) and values is not UNKNOWN
        return [values] if plain else None
    found: list[Number] = []
    for item in values:
        inner = _numbers(item)
        if inner is None:
            return None
        found += inner
    return found


def _weights(op: Operation, name: str) -> list[Number]:
    """The values of a tensor, in the order of its shape; nothing where the layer has none of that name."""
    if not op.has(name):
        return []
    numbers = _numbers(op.tensor(name).values)
    assert numbers is not None  # `check` has looked
    return numbers


# --- windows ---------------------------------------------------------------------------------------------------------


class Place(Record):
    """One window: the offsets of its cells in a map of one channel, with their numbers in the window."""

    cells: tuple[tuple[int, int], ...]
    counted: int  # cells on the input or its padding


def _pads(op: Operation, x: Map, slip: Slip) -> list[tuple[int, int]]:
    a = op.args
    if slip.unpadded:
        return [(0, 0)] * len(a.f)
    pads: Any = a.p.resolve(x.size, a.f, _steps(op, slip), _dilation(op))
    return list(pads)


def _dilation(op: Operation) -> tuple[int, ...]:
    return getattr(op.args, "d", None) or (1,) * len(op.args.f)


def _steps(op: Operation, slip: Slip) -> tuple[int, ...]:
    return (1,) * len(op.args.f) if slip.single_steps else op.args.s


def _places(op: Operation, x: Map, slip: Slip) -> tuple[tuple[int, ...], list[Place]]:
    """The size that a window yields on the spatial axes, and what it sees in each place."""
    a, spatial = op.args, x.size[:-1]
    f, s, d, pads = a.f, _steps(op, slip), _dilation(op), _pads(op, x, slip)
    rule = window_ceil if getattr(a, "ceil", False) and not a.p.same else window
    counts: Any = tuple(rule(n, fi, si, b, e, di) for n, fi, si, (b, e), di in zip(spatial, f, s, pads, d, strict=True))
    if any(count < 1 for count in counts):
        raise DoesNotFit(op.kind.name)
    axes = [
        [[(k, i * si - b + k * di) for k in range(fi) if i * si - b + k * di < n + e] for i in range(count)]
        for n, fi, si, (b, e), di, count in zip(spatial, f, s, pads, d, counts, strict=True)
    ]
    return counts, [_place(cells, spatial, f) for cells in itertools.product(*axes)]


def _place(axes: Sequence[Sequence[tuple[int, int]]], spatial: Sequence[int], f: Sequence[int]) -> Place:
    cells = [
        (_index([k for k, _ in one], f), _index([at for _, at in one], spatial))
        for one in itertools.product(*axes)
        if all(0 <= at < n for (_, at), n in zip(one, spatial, strict=True))
    ]
    return Place(tuple(cells), math.prod(map(len, axes)))


def _index(at: Sequence[int], size: Sequence[int]) -> int:
    index = 0
    for i, n in zip(at, size, strict=True):
        index = index * n + i
    return index


def _conv(op: Operation, arriving: list[Map], slip: Slip) -> Map:
    (x,) = arriving
    a, channels = op.args, x.size[-1]
    counts, places = _places(op, x, slip)
    filters = a.filters if op.kind.name == "conv" else channels * a.multiplier
    groups = a.groups if op.kind.name == "conv" else channels
    depth, cells, weight = channels // groups, math.prod(a.f), _weights(op, "weight")
    bias = _bias(op, filters, slip)
    values: list[Number] = []
    for place in places:
        for k in range(filters):
            first = k // (filters // groups) * depth
            total: Number = bias[k]
            for c in range(depth):
                base = (k * depth + c) * cells
                for cell, at in place.cells:
                    w = weight[base + (cells - 1 - cell if slip.flipped else cell)]
                    total += w * x.values[at * channels + first + c]
            values.append(total)
    return Map((*counts, filters), tuple(values))


def _bias(op: Operation, count: int, slip: Slip) -> list[Number]:
    bias = [] if slip.unbiased else _weights(op, "bias")
    return bias or [0] * count


def _conv_transpose(op: Operation, arriving: list[Map], slip: Slip) -> Map:
    (x,) = arriving
    a, channels, spatial = op.args, x.size[-1], x.size[:-1]
    size: Any = op.output
    if slip != RIGHT._replace(unbiased=slip.unbiased, linear=slip.linear, other_pool=slip.other_pool):
        raise DoesNotFit(op.kind.name)  # its slips are other ones
    begins = [0] * len(a.f) if a.p.same else [b for b, _ in a.p.pairs]
    if a.p.same:
        axes = zip(a.f, a.s, a.d, a.output_pad, strict=True)
        begins = [max(0, d * (f - 1) + 1 + extra - s) // 2 for f, s, d, extra in axes]
    each, depth, cells, weight = a.filters // a.groups, channels // a.groups, math.prod(a.f), _weights(op, "weight")
    bias = _bias(op, a.filters, slip)
    values = list(bias) * math.prod(size[:-1])
    for at in itertools.product(*map(range, spatial)):
        for cell in itertools.product(*map(range, a.f)):
            to = [i * s - b + k * d for i, s, b, k, d in zip(at, a.s, begins, cell, a.d, strict=True)]
            if not all(0 <= i < n for i, n in zip(to, size[:-1], strict=True)):
                continue
            target, origin, inside = _index(to, size[:-1]), _index(at, spatial), _index(cell, a.f)
            for c in range(channels):
                for k in range(each):
                    out = c // depth * each + k
                    values[target * a.filters + out] += (
                        weight[(c * each + k) * cells + inside] * x.values[origin * channels + c]
                    )
    return Map(tuple(size), tuple(values))


def _pool(op: Operation, arriving: list[Map], slip: Slip) -> Map:
    (x,) = arriving
    channels = x.size[-1]
    counts, places = _places(op, x, slip)
    largest = (op.kind.name == "maxpool") != slip.other_pool
    values: list[Number] = []
    for place in places:
        for c in range(channels):
            seen = [x.values[at * channels + c] for _, at in place.cells]
            if not seen:
                raise DoesNotFit(op.kind.name)
            counted = place.counted if getattr(op.args, "count_pad", False) else len(seen)
            values.append(max(seen) if largest else _ratio(sum(seen), counted))
    return Map((*counts, channels), tuple(values))


def _ratio(a: Number, b: int) -> Number:
    """a/b, whole where it comes out whole."""
    return a // b if isinstance(a, int) and a % b == 0 else a / b


# --- the rest --------------------------------------------------------------------------------------------------------


def _global_pool(op: Operation, arriving: list[Map], slip: Slip) -> Map:
    (x,) = arriving
    channels = x.size[-1]
    largest = (op.kind.name == "global_maxpool") != slip.other_pool
    seen = [x.values[c::channels] for c in range(channels)]
    values = tuple(max(one) if largest else _ratio(sum(one), len(one)) for one in seen)
    size = (*(1,) * (len(x.size) - 1), channels) if getattr(op.args, "keep", False) else (channels,)
    return Map(size, values)


def _dense(op: Operation, arriving: list[Map], slip: Slip) -> Map:
    (x,) = arriving
    units, weight, count = op.args.units, _weights(op, "weight"), len(x.values)
    if len(weight) != units * count:
        raise DoesNotFit(op.kind.name)
    bias = _bias(op, units, slip)
    values = (bias[k] + sum(map(_times, weight[k * count : (k + 1) * count], x.values)) for k in range(units))
    return Map((units,), tuple(values))


def _times(a: Number, b: Number) -> Number:
    return a * b


def _each(function: Callable[[Any, Number], Number]) -> Callable[[Operation, list[Map], Slip], Map]:
    """An activation: a function of the arguments and one number."""

    def apply(op: Operation, arriving: list[Map], slip: Slip) -> Map:
        (x,) = arriving
        return x if slip.linear else Map(x.size, tuple(function(op.args, value) for value in x.values))

    return apply


def _softmax(_op: Operation, arriving: list[Map], slip: Slip) -> Map:
    (x,) = arriving
    if slip.linear:
        return x
    channels = x.size[-1]
    values: list[Number] = []
    for start in range(0, len(x.values), channels):
        some = x.values[start : start + channels]
        powers = [math.exp(value - max(some)) for value in some]
        values += [power / sum(powers) for power in powers]
    return Map(x.size, tuple(values))


def _same(_op: Operation, arriving: list[Map], _slip: Slip) -> Map:
    return arriving[0]


def _flatten(_op: Operation, arriving: list[Map], _slip: Slip) -> Map:
    (x,) = arriving
    channels = x.size[-1]
    return Map((len(x.values),), tuple(value for c in range(channels) for value in x.values[c::channels]))


def _rescale(op: Operation, arriving: list[Map], _slip: Slip) -> Map:
    (x,) = arriving
    a, b = (_per_channel(value, x.size[-1]) for value in (op.args.a, op.args.b))
    return Map(x.size, tuple(a[i % x.size[-1]] * value + b[i % x.size[-1]] for i, value in enumerate(x.values)))


def _scale(op: Operation, arriving: list[Map], slip: Slip) -> Map:
    (x,) = arriving
    channels = x.size[-1]
    a, b = _weights(op, "weight") or [1] * channels, _bias(op, channels, slip)
    return Map(x.size, tuple(a[i % channels] * value + b[i % channels] for i, value in enumerate(x.values)))


def _per_channel(value: Any, channels: int) -> Sequence[Number]:
    return list(value) if isinstance(value, (list, tuple)) else [value] * channels


def _moved(x: Map, begins: Sequence[int], ends: Sequence[int]) -> Map:
    """A border added (or cut off, where it is negative)."""
    spatial = x.size[:-1]
    size = tuple(n + b + e for n, b, e in zip(spatial, begins, ends, strict=True))
    channels = x.size[-1]
    values: list[Number] = []
    for at in itertools.product(*map(range, size)):
        source = [i - b for i, b in zip(at, begins, strict=True)]
        inside = all(0 <= i < n for i, n in zip(source, spatial, strict=True))
        first = _index(source, spatial) * channels if inside else 0
        values += x.values[first : first + channels] if inside else [0] * channels
    return Map((*size, channels), tuple(values))


def _pad(op: Operation, arriving: list[Map], slip: Slip) -> Map:
    pairs = op.args.p.pairs
    return arriving[0] if slip.unpadded else _moved(arriving[0], [b for b, _ in pairs], [e for _, e in pairs])


def _crop(op: Operation, arriving: list[Map], _slip: Slip) -> Map:
    pairs = op.args.p.pairs
    return _moved(arriving[0], [-b for b, _ in pairs], [-e for _, e in pairs])


def _upsample(op: Operation, arriving: list[Map], _slip: Slip) -> Map:
    (x,) = arriving
    spatial, factors, channels = x.size[:-1], op.args.factor, x.size[-1]
    size = tuple(n * k for n, k in zip(spatial, factors, strict=True))
    values: list[Number] = []
    for at in itertools.product(*map(range, size)):
        first = _index([i // k for i, k in zip(at, factors, strict=True)], spatial) * channels
        values += x.values[first : first + channels]
    return Map((*size, channels), tuple(values))


def _joined(function: Callable[[Sequence[Number]], Number]) -> Callable[[Operation, list[Map], Slip], Map]:
    def apply(op: Operation, arriving: list[Map], _slip: Slip) -> Map:
        if len({x.size for x in arriving}) > 1:
            raise DoesNotFit(op.kind.name)
        return Map(arriving[0].size, tuple(function(one) for one in zip(*(x.values for x in arriving), strict=True)))

    return apply


def _concat(op: Operation, arriving: list[Map], _slip: Slip) -> Map:
    if len({x.size[:-1] for x in arriving}) > 1:
        raise DoesNotFit(op.kind.name)
    rows = zip(*(_chunks(x.values, x.size[-1]) for x in arriving), strict=True)
    values = tuple(value for row in rows for chunk in row for value in chunk)
    return Map((*arriving[0].size[:-1], sum(x.size[-1] for x in arriving)), values)


def _chunks(values: Sequence[Number], count: int) -> Iterator[Sequence[Number]]:
    return (values[i : i + count] for i in range(0, len(values), count))


def _product(values: Iterable[Number]) -> Number:
    return math.prod(values)


def _sigmoid(x: Number) -> float:
    return 1 / (1 + math.exp(-x)) if x >= 0 else math.exp(x) / (1 + math.exp(x))


KINDS: dict[str, Callable[[Operation, list[Map], Slip], Map]] = {
    "conv": _conv,
    "depthwise": _conv,
    "conv_transpose": _conv_transpose,
    "maxpool": _pool,
    "avgpool": _pool,
    "global_maxpool": _global_pool,
    "global_avgpool": _global_pool,
    "dense": _dense,
    "relu": _each(lambda _, x: max(0, x)),
    "relu6": _each(lambda _, x: min(6, max(0, x))),
    "leaky_relu": _each(lambda a, x: x if x >= 0 else a.alpha * x),
    "elu": _each(lambda a, x: x if x > 0 else a.alpha * math.expm1(x)),
    "sigmoid": _each(lambda _, x: _sigmoid(x)),
    "hard_sigmoid": _each(lambda _, x: min(1, max(0, x / 6 + 0.5))),
    "silu": _each(lambda _, x: x * _sigmoid(x)),
    "tanh": _each(lambda _, x: math.tanh(x)),
    "softplus": _each(lambda _, x: max(x, 0) + math.log1p(math.exp(-abs(x)))),
    "abs": _each(lambda _, x: abs(x)),
    "clip": _each(lambda a, x: min(a.max, max(a.min, x))),
    "softmax": _softmax,
    "identity": _same,
    "dropout": _same,
    "drop_path": _same,
    "flatten": _flatten,
    "rescale": _rescale,
    "scale": _scale,
    "pad": _pad,
    "crop": _crop,
    "upsample": _upsample,
    "add": _joined(sum),
    "sub": _joined(lambda values: values[0] - sum(values[1:])),
    "mul": _joined(_product),
    "average": _joined(lambda values: sum(values) / len(values)),
    "maximum": _joined(max),
    "concat": _concat,
}
