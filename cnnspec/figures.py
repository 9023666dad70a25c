"""Figures of a whole network that need its paths: depth and receptive field."""

from __future__ import annotations

import math
from collections.abc import Collection
from typing import Any, TypeAlias

from cnnspec.network import Layer, Network, Value
from cnnspec.values import UNKNOWN, Dim, is_open

Field: TypeAlias = tuple[tuple[Any, ...], tuple[Any, ...]]  # whole numbers, or fractions after what enlarges
WEIGHTED = ("convolution", "dense")


def depth(network: Network, part: Collection[Layer] | None = None) -> Dim:
    """Layers with weights (conv, depthwise, conv_transpose, dense) on the longest path; 50 for ResNet-50."""
    inside = set(map(id, network.layers if part is None else part))
    depths: dict[int, int] = {}
    longest = 0
    for layer in network.layers:
        if layer.kind == "?":
            return UNKNOWN
        before = max((depths.get(id(value), 0) for value in layer.operands), default=0)
        here = before + (layer.definition.family in WEIGHTED and id(layer) in inside)
        depths[id(layer)] = here
        longest = max(longest, here)
    return longest


def receptive_field(network: Network, part: Collection[Layer] | None = None) -> Any:
    """How many pixels of the input one value sees, along each spatial axis; one number where all axes agree.

    Taken at the last value with spatial axes. A window of f with stride s and dilation d adds d(f - 1) times the
    product of the strides before it (what enlarges divides the distance between neighbours); where branches meet, the
    widest counts. (Araujo, Norris, Sim: Computing Receptive Fields of Convolutional Neural Networks, 2019)
    """
    fields: dict[int, Field] = {}
    inside = None if part is None else set(map(id, part))
    last: Value | None = None
    for layer in network.layers:
        if layer.kind == "?" or is_open(layer.output_size) or any(is_open(value.size) for value in layer.operands):
            return UNKNOWN
        rank = len(layer.output_size) - 1
        if rank < 1:
            continue
        fields[id(layer)] = _field(layer, fields, rank)
        if inside is None or id(layer) in inside:
            last = layer
    if last is None:
        return 1
    axes = tuple(n if n is UNKNOWN else math.floor(n) for n in fields[id(last)][0])
    if any(n is UNKNOWN for n in axes):
        return UNKNOWN
    return axes[0] if len(set(axes)) == 1 else axes


def _field(layer: Layer, fields: dict[int, Field], rank: int) -> Field:
    """(field, distance between neighbours) of a layer's output, along each axis."""
    start: Field = ((1,) * rank, (1,) * rank)
    arriving = [fields.get(id(value), start) for value in layer.operands if len(value.size) - 1 == rank] or [start]
    field = tuple(max((f[axis] for f, _ in arriving), key=_order) for axis in range(rank))
    jump = tuple(max((j[axis] for _, j in arriving), key=_order) for axis in range(rank))
    window = layer.definition.window(layer.args, layer.operation.inputs[0]) if layer.args is not None else None
    if window is None:
        return field, jump
    grown = tuple(r + d * (f - 1) * j * _shrinking(s) for r, j, (f, s, d) in zip(field, jump, window, strict=True))
    return grown, tuple(j * s for j, (_, s, _) in zip(jump, window, strict=True))


def _shrinking(s: Any) -> Any:
    """The step of a kind that enlarges, 1 of all others: its window is measured in pixels of the output."""
    return 1 if s is UNKNOWN else min(1, s)


def _order(n: Any) -> tuple[bool, Any]:
    return (n is UNKNOWN, 0 if n is UNKNOWN else n)
