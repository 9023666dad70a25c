"""W310: a classifier that averages features which see a small part of the image only."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from cnnspec.diagnostics import Diagnostic, Label
from cnnspec.language import say
from cnnspec.lint._graph import bypassed, computed_layers, finding
from cnnspec.network import Layer, Network
from cnnspec.values import show

CODE = "W310"
DEFAULT = True
ON_GRAPHS = True
KINDS = ("global_avgpool", "adaptive_avgpool")
SHARE = 8  # an image has to be more than this many fields wide: published classifiers see most of it
SMALLEST = 32  # of the images in question


def check_network(net: Network) -> Iterator[Diagnostic]:
    """Global average poolings that the whole network goes through, over fields below an eighth of the image."""
    pools = [layer for layer in computed_layers(net) if layer.kind in KINDS and _is_global(layer)]
    if not pools or len(net.input_values) != 1 or not _classifies(net):
        return
    image = next(iter(net.inputs.values()))
    if len(image) < 3 or not all(isinstance(n, int) and n >= SMALLEST for n in image[-3:-1]):
        return
    around = bypassed(net)
    for layer in pools:
        if id(layer) not in around:
            yield from _small(net, layer, image)


def _is_global(layer: Layer) -> bool:
    """Whether one number is left of each channel, of so many that their fields may be small."""
    op = layer.operation
    return op.rank > 1 and all(n == 1 for n in op.output[:-1]) and all(n > SHARE for n in op.input[:-1])


def _classifies(net: Network) -> bool:
    return all(len(size) == 1 for size in net.outputs.values()) and any(layer.kind == "dense" for layer in net.layers)


def _small(net: Network, layer: Layer, image: tuple[Any, ...]) -> Iterator[Diagnostic]:
    from cnnspec.fields import receptive_field_of

    before = layer.operands[0]
    field = receptive_field_of(net, before).size[-2:]
    rows = image[-3:-1]
    if all(isinstance(f, int) and f > 1 and f * SHARE < n for f, n in zip(field, rows, strict=True)):
        yield finding(
            CODE,
            say("each feature sees {field} pixels of the {rows} image", field=show(field), rows=show(rows)),
            layer,
            labels=(Label(before.source, before.span, say("receptive field {field}", field=show(field))),),
            notes=(say("the average over all places cannot tell how distant parts lie to one another"),),
            help=say("use more layers, or pooling and strides before this one, until a feature sees most of the image"),
        )
