"""W404: a dropout on the answer itself."""

from __future__ import annotations

from collections.abc import Iterator

from cnnspec.diagnostics import Diagnostic
from cnnspec.language import say
from cnnspec.lint._flow import ELEMENTWISE, SHAPES, SOFTMAXES, layers_of, output_ids
from cnnspec.lint._graph import consumers, finding
from cnnspec.network import Layer, Network

CODE = "W404"
DEFAULT = True
ON_GRAPHS = True

THROUGH = frozenset((*ELEMENTWISE, *SOFTMAXES, *SHAPES, "identity", "rescale", "clip", "dropout"))


def check_network(net: Network) -> Iterator[Diagnostic]:
    """Dropouts after which no layer learns: only activations and shapes lie between them and an output."""
    for layer in layers_of(net, "dropout"):
        if layer.args.rate != 0 and _reaches_output(net, layer):
            yield _finding(layer)


def _finding(layer: Layer) -> Diagnostic:
    from cnnspec.lint._edits import fix, remove_step

    return finding(
        CODE,
        say("`dropout` stands at the end: it drops parts of the answer"),
        layer,
        help=say("put it before the last layer with weights, or leave it out"),
        fix=fix("unsafe", say("leave `dropout` out"), remove_step(layer)),
    )


def _reaches_output(net: Network, layer: Layer) -> bool:
    readers, outputs = consumers(net), output_ids(net)
    waiting = [layer]
    while waiting:
        current = waiting.pop()
        if id(current) in outputs:
            return True
        waiting.extend(reader for reader in readers.get(id(current), ()) if reader.kind in THROUGH)
    return False
