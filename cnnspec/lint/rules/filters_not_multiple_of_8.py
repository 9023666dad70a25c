"""W506: a number of filters or units that tensor cores have to fill up."""

from __future__ import annotations

from collections.abc import Iterator

from cnnspec.diagnostics import Diagnostic
from cnnspec.language import say
from cnnspec.lint._flow import layers_of, output_ids
from cnnspec.lint._graph import consumers, finding
from cnnspec.network import Layer, Network

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
            yield _finding(layer, count)


def _finding(layer: Layer, count: int) -> Diagnostic:
    from cnnspec.lint._edits import argument_span

    name = "units" if layer.kind == "dense" else "filters"
    wanted = -(-count // MULTIPLE) * MULTIPLE
    return finding(
        CODE,
        say("{count} units are no multiple of {multiple}", count=count, multiple=MULTIPLE)
        if name == "units"
        else say("{count} filters are no multiple of {multiple}", count=count, multiple=MULTIPLE),
        layer,
        span=argument_span(layer, name),
        notes=(say("in half precision, {wanted} take a GPU no longer", wanted=wanted),),
        help=say("use {wanted}", wanted=wanted),
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
