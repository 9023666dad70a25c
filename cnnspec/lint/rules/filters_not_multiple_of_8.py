"""W506: a number of filters or units that tensor cores have to fill up."""

from __future__ import annotations

from collections.abc import Iterator

from cnnspec.diagnostics import Diagnostic
from cnnspec.lint import _edits
from cnnspec.lint._flow import layers_of, output_ids
from cnnspec.lint._graph import consumers, finding
from cnnspec.network import Layer, Network
from cnnspec.values import show

CODE = "W506"
DEFAULT = False
ON_GRAPHS = True

MULTIPLE = 8  # numbers of 16 bits in the 16 bytes that a tensor core loads at once
ENDS = frozenset(("convolution", "dense"))


def check_network(net: Network) -> Iterator[Diagnostic]:
    """Hidden layers with weights; the answer has as many values as it has."""
    for layer in layers_of(net, "conv", "conv_transpose", "dense"):
        count = layer.output_size[-1]
        if isinstance(count, int) and count % MULTIPLE and not _gives_output(net, layer):
            name = "units" if layer.kind == "dense" else "filters"
            wanted = -(-count // MULTIPLE) * MULTIPLE
            yield finding(
                CODE,
                f"{count} {name} are no multiple of {MULTIPLE}",
                layer,
                span=_edits.argument_span(layer, name),
                notes=(f"{show(wanted)} take a GPU no longer in half precision",),
                help=f"use {show(wanted)}",
            )


def _gives_output(net: Network, layer: Layer) -> bool:
    """Whether an output comes from it without another layer with weights."""
    readers, outputs = consumers(net), output_ids(net)
    waiting, seen = [layer], {id(layer)}
    while waiting:
        current = waiting.pop()
        if id(current) in outputs:
            return True
        for reader in readers.get(id(current), ()):
            if id(reader) not in seen and reader.definition.family not in ENDS:
                seen.add(id(reader))
                waiting.append(reader)
    return False
