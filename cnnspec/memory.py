"""How much memory a network needs at inference: its weights, and the outputs that have to be kept at one time."""

from __future__ import annotations

from operator import index
from typing import NamedTuple, SupportsIndex

from cnnspec.language import say
from cnnspec.network import Network, Value
from cnnspec.sizes import elements
from cnnspec.values import UNKNOWN, Dim, is_open

BYTES = 4  # of a number: 32-bit floating point


class Memory(NamedTuple):
    """Bytes of the weights, and of the largest live set of activations; the layer at which that is reached."""

    weights: Dim
    activations: Dim
    peak_layer: str | None
    batch: int


def memory(network: Network, batch: int = 1) -> Memory:
    """The memory of the weights, and the most that the values need together while the layers run in order.

    While a layer runs, there are: the inputs of the network, the outputs that a later layer or this one still reads,
    the outputs of the network that are made, and what the layer makes. No layer writes over what it reads. The no-ops
    of inference (dropout, drop_path, identity), flatten and reshape take no memory: they yield what arrives. Every
    number takes four bytes. Weights: 4 * params; activations: 4 * batch * numbers.

    Raises ValueError for a batch that is not a whole number of at least 1.
    """
    images = _whole(batch)
    if images < 1:
        raise ValueError(say("batch is a whole number, 1 or more, not {value}", value=repr(batch)))
    numbers, peak_layer = _largest(network)
    return Memory(network.params * BYTES, numbers * BYTES * images, peak_layer, images)


def _whole(batch: object) -> int:
    """The number of images; 0 for what is no whole number."""
    return index(batch) if isinstance(batch, SupportsIndex) and not isinstance(batch, bool) else 0


def _largest(network: Network) -> tuple[Dim, str | None]:
    """The most numbers that live together for one image, and the first layer at which they do."""
    values: list[Value] = [*network.input_values.values(), *network.layers]
    sizes = [value.size for value in values]
    if not all(not is_open(size) and all(isinstance(n, int) for n in size) for size in sizes):
        return UNKNOWN, None
    held = _held(network)
    last = _last_uses(network, held)
    live: int = sum(_numbers(value) for value in network.input_values.values())
    most, peak_layer = live, None
    dying: dict[int, int] = {}
    for i, layer in enumerate(network.layers):
        if held[id(layer)] is layer:
            live += _numbers(layer)
            end = last.get(id(layer), i)
            dying[end] = dying.get(end, 0) + _numbers(layer)
            if live > most or peak_layer is None:
                most, peak_layer = live, layer.name
        live -= dying.pop(i, 0)
    return most, peak_layer


def _held(network: Network) -> dict[int, Value]:
    """The value whose memory each value lies in: its own, or for no-ops and views that of what arrives."""
    held: dict[int, Value] = {id(value): value for value in network.input_values.values()}
    for layer in network.layers:
        held[id(layer)] = held[id(layer.operands[0])] if layer.definition.view and layer.operands else layer
    return held


def _last_uses(network: Network, held: dict[int, Value]) -> dict[int, int]:
    """The number of the last layer that reads each memory; of the outputs, one that never comes."""
    last: dict[int, int] = {}
    for i, layer in enumerate(network.layers):
        for value in layer.operands:
            last[id(held[id(value)])] = i
    for value in network.output_values.values():
        last[id(held[id(value)])] = len(network.layers)
    return last


def _numbers(value: Value) -> int:
    count = elements(value.size)
    assert isinstance(count, int)
    return count
