"""The receptive field of every value: how many pixels of the input it sees, how far apart, and from where on.

Size, stride and offset follow Araujo, Norris, Sim: Computing Receptive Fields of Convolutional Neural Networks,
Distill 2019 (https://distill.pub/2019/computing-receptive-fields); the offset is minus their effective padding. What
enlarges, and branches that meet, are followed exactly, as intervals: `cnnspec.reach`.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple, TypeAlias

from cnnspec.network import Layer, Network, Value
from cnnspec.reach import Reach, everything, open_reach, together
from cnnspec.values import UNKNOWN, Dim, is_open

State: TypeAlias = Any
"""A Reach for each axis of the input; None where no image lies behind; UNKNOWN where that is open."""


class Field(NamedTuple):
    """Along each spatial axis of a value: the size of its field, the stride from one field to the next, the offset.

    The field of place i runs from offset + i*stride over size pixels; padding counts, so that an offset below 0 lies
    in it. The stride is a Fraction after what enlarges; then, or where windows differ, the size is that of the largest
    field. Where all places see the same (gates made of the whole image), the stride is that of the grid of places.
    """

    size: tuple[Any, ...]
    stride: tuple[Any, ...]
    offset: tuple[Any, ...]


def receptive_fields(network: Network) -> dict[str, Field]:
    """The field of every input and layer that has spatial axes, by name.

    conv f=3, p=1 on an image: size 3, stride 1, offset -1. Of several inputs, each field refers to each of them.
    """
    values: list[Value] = [*network.input_values.values(), *network.layers]
    states = follow(network)
    return {value.name: _field(value, states[id(value)]) for value in values if _rank(value) > 0}


def receptive_field_of(network: Network, value: Value) -> Field:
    """The field of one value that has spatial axes; cheaper than all of them."""
    return _field(value, follow(network)[id(value)])


def follow(network: Network) -> dict[int, State]:
    """What each value sees, by its id."""
    states: dict[int, State] = {id(value): _start(_rank(value)) for value in network.input_values.values()}
    for layer in network.layers:
        states[id(layer)] = _after(layer, states)
    return states


def window_of(layer: Layer) -> tuple[Reach, ...] | None:
    """The windows of a layer over what arrives, along each axis; None where each value sees its own place only."""
    if layer.args is None:
        return None
    return layer.definition.window(layer.args, layer.operation.inputs[0]) or None


def _field(value: Value, state: State) -> Field:
    reaches = (open_reach(),) * _rank(value) if is_open(state) else state
    sizes, strides, offsets = zip(*((one.size, one.stride, one.begin) for one in reaches), strict=True)
    return Field(sizes, strides, offsets)


def _rank(value: Value) -> int:
    """The number of spatial axes; -1 where even that is open."""
    return -1 if is_open(value.size) else len(value.size) - 1


def _start(rank: int) -> State:
    return (Reach(),) * rank if rank > 0 else None


def _after(layer: Layer, states: dict[int, State]) -> State:
    if layer.args is None or _rank(layer) < 0:
        return UNKNOWN
    state = _arriving(layer, [(value, states[id(value)]) for value in layer.operands if states[id(value)] is not None])
    if state is None:
        return _start(_rank(layer))
    if is_open(state):
        return state
    window = window_of(layer)
    if window is not None:
        state = _by_axis(lambda reach, seen: reach.through(seen), state, window)
    return _placed(layer, state)


def _by_axis(rule: Any, *parts: Sequence[Any]) -> tuple[Any, ...]:
    """The rule for each axis; axes that are alike are worked out once."""
    axes = list(zip(*parts, strict=True))
    found: list[Any] = []
    for i, axis in enumerate(axes):
        found.append(found[-1] if i and _same(axis, axes[i - 1]) else rule(*axis))
    return tuple(found)


def _same(a: tuple[Any, ...], b: tuple[Any, ...]) -> bool:
    return all(m is n or m == n for m, n in zip(a, b, strict=True))


def _arriving(layer: Layer, operands: list[tuple[Value, State]]) -> State:
    """What the values together see that come in. A vector, or an image of one pixel, may be the gate of an image."""
    if not operands:
        return None
    if any(is_open(state) for _, state in operands) or len({len(state) for _, state in operands}) > 1:
        return UNKNOWN
    if len(operands) == 1:
        return operands[0][1]
    full = max(_rank(value) for value, _ in operands)
    found = []
    for axis in range(len(operands[0][1])):
        n = layer.output_size[axis] if _rank(layer) > axis else 1
        gates = [state[axis] for value, state in operands if _is_gate(value, full, axis, n)]
        branches = [state[axis] for value, state in operands if not _is_gate(value, full, axis, n)]
        found.append(together(branches, n, gates) if branches else together(gates, n))
    return tuple(found)


def _is_gate(value: Value, full: int, axis: int, n: Dim) -> bool:
    return _rank(value) < full or (full > 0 and value.size[axis] == 1 and n != 1)


def _placed(layer: Layer, state: tuple[Reach, ...]) -> State:
    """What is known when an image becomes a vector, or a vector an image."""
    rank = _rank(layer)
    before = max(map(_rank, layer.operands))
    if rank == 0 and before > 0:
        axes = zip(state, layer.operands[0].size, strict=False)
        return tuple(reach if reach.fixed else reach.through(everything(n)) for reach, n in axes)
    if rank > 0 and len(state) != rank:
        return UNKNOWN
    if rank > 0 and before == 0:
        axes = zip(state, layer.output_size, strict=False)
        return tuple(reach if n == 1 else reach._replace(stride=UNKNOWN) for reach, n in axes)
    return state
