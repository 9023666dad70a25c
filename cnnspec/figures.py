"""Figures of a whole network that need its paths: depth and receptive field."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from cnnspec.network import Layer, Network
from cnnspec.values import UNKNOWN, Dim, is_open, known

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

    Taken at the last value with spatial axes; 1 where there is none. `cnnspec.fields` has those of all values.
    """
    from cnnspec.fields import receptive_fields

    if any(layer.kind == "?" or is_open(layer.output_size) for layer in network.layers):
        return UNKNOWN
    inside = None if part is None else set(map(id, part))
    images = [
        layer for layer in network.layers if len(layer.output_size) > 1 and (inside is None or id(layer) in inside)
    ]
    if not images:
        return 1
    size = receptive_fields(network)[images[-1].name].size
    if not known(size):
        return UNKNOWN
    return size[0] if len(set(size)) == 1 else size
