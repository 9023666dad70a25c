"""W202: a softmax in the middle of the network."""

from __future__ import annotations

from collections.abc import Iterator

from cnnspec.diagnostics import Diagnostic, Label
from cnnspec.language import say
from cnnspec.lint._graph import computed_layers, consumers, finding
from cnnspec.network import Layer, Network

CODE = "W202"
DEFAULT = True
ON_GRAPHS = True
THROUGH = ("flatten", "reshape", "pad", "crop")
PASSING = ("no-op", "pooling", "normalisation", "arithmetic")  # families that hand on what they get
FAMILIES = ("convolution", "dense")  # an activation after it is W204's


def check_network(net: Network) -> Iterator[Diagnostic]:
    """A softmax that a weight layer follows; attention, which multiplies with it, is left alone."""
    readers = consumers(net)
    for layer in computed_layers(net):
        if layer.kind in ("softmax", "log_softmax"):
            after = _after(layer, readers)
            if after is not None:
                yield finding(
                    CODE,
                    say(
                        "`{kind}` is followed by `{after_kind}`: it belongs at the end",
                        kind=layer.kind,
                        after_kind=after.kind,
                    ),
                    layer,
                    labels=(Label(after.source, after.span, say("comes after it")),),
                    help=say("use another activation here, such as `relu`, or leave it out"),
                )


def _after(layer: Layer, readers: dict[int, list[Layer]]) -> Layer | None:
    """A layer that works on the probabilities as if they were features."""
    waiting = [layer]
    while waiting:
        for reader in readers.get(id(waiting.pop()), ()):
            if reader.definition.family in FAMILIES:
                return reader
            if reader.kind in THROUGH or reader.definition.family in PASSING:
                waiting.append(reader)
    return None
