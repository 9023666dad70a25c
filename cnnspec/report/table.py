"""The rows of a summary: one a layer, or one a block instance."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

from cnnspec.network import Input, Layer, Network
from cnnspec.sizes import numbers_of, total
from cnnspec.values import Dim, Size


class Row(NamedTuple):
    """An input, a layer, or all layers of one block instance."""

    name: str
    kind: str  # "input", the layer's kind, or the block's name
    sources: tuple[str, ...]
    size: Size
    params: Dim = 0
    trainable: Dim = 0
    macs: Dim = 0
    shares: str = ""
    last: str = ""  # the value that the row yields


class Totals(NamedTuple):
    """Sums over all layers; `activations` counts the elements that the layers yield for one image."""

    params: Dim
    trainable: Dim
    macs: Dim
    activations: Dim

    @property
    def non_trainable(self) -> Dim:
        return self.params - self.trainable


def rows(net: Network, depth: int | None = None) -> Iterator[Row]:
    """A row for each input and layer; with a depth, block instances nested that deep are one row each."""
    for value in net.input_values.values():
        yield Row(value.name, "input", (), value.size, last=value.name)
    if depth is None:
        yield from map(_row, net.layers)
        return
    for group, layers in _groups(net, depth).items():
        yield _row(layers[0]) if len(layers) == 1 and layers[0].name == group else _grouped(group, layers, depth)


def _groups(net: Network, depth: int) -> dict[str, list[Layer]]:
    """The layers by the block instance that they belong to at that depth, by their own name where they stand higher."""
    groups: dict[str, list[Layer]] = {}
    for layer in net.layers:
        inside = len(layer.trace) >= depth
        name = ".".join(layer.name.split(".")[:depth]) if inside else layer.name
        groups.setdefault(name, []).append(layer)
    return groups


def add_up(layers: Iterable[Layer]) -> Totals:
    layers = tuple(layers)
    return Totals(
        total(layer.params for layer in layers),
        total(layer.trainable for layer in layers),
        total(layer.macs for layer in layers),
        total(numbers_of(layer.output_size) for layer in layers),
    )


def is_chain(net: Network) -> bool:
    """Whether every layer continues from the one before it."""
    previous: Input | Layer | None = next(reversed(net.input_values.values()), None)
    for layer in net.layers:
        if len(layer.operands) != 1 or layer.operands[0] is not previous:
            return False
        previous = layer
    return True


def _row(layer: Layer) -> Row:
    return Row(
        layer.name,
        layer.kind,
        tuple(value.name for value in layer.operands),
        layer.output_size,
        layer.params,
        layer.trainable,
        layer.macs,
        layer.shares.name if layer.shares else "",
        layer.name,
    )


def _grouped(name: str, layers: Sequence[Layer], depth: int) -> Row:
    """The row of a block instance: what goes in, what its last layer yields, and the sums."""
    inside = {layer.name for layer in layers}
    sources = dict.fromkeys(value.name for layer in layers for value in layer.operands if value.name not in inside)
    sums = add_up(layers)
    trace = layers[0].trace
    block = trace[len(trace) - depth].block
    size, last = layers[-1].output_size, layers[-1].name
    return Row(name, block, tuple(sources), size, sums.params, sums.trainable, sums.macs, last=last)
