"""W503: every unit of a layer sees tens of thousands of values."""

from __future__ import annotations

from collections.abc import Iterator

from cnnspec.diagnostics import Diagnostic
from cnnspec.language import say
from cnnspec.lint._flow import image_of, layers_of
from cnnspec.lint._graph import finding
from cnnspec.lint.rules.dense_on_pixels import is_on_pixels
from cnnspec.network import Layer, Network, Value
from cnnspec.values import show, show_count

CODE = "W503"
DEFAULT = True
ON_GRAPHS = True

MOST = 65_536  # the first dense layer of VGG has 25,088 inputs, that of OverFeat 36,864


def check_network(net: Network) -> Iterator[Diagnostic]:
    """Weights of dense layers and convolutions; a vector that is an input has as many values as it has."""
    for layer in layers_of(net, "dense", "conv"):
        inputs = layer.operation.tensor("weight").fan_in
        if inputs > MOST and not (layer.kind == "dense" and is_on_pixels(layer)):
            image = image_of(layer)
            if isinstance(image, Layer) or len(image.size) > 1:
                yield _finding(layer, inputs, image)


def _finding(layer: Layer, inputs: int, image: Value) -> Diagnostic:
    return finding(
        CODE,
        say("each unit of `{kind}` has {inputs} inputs", kind=layer.kind, inputs=show_count(inputs)),
        layer,
        notes=(
            say(
                "{size} arrives, {params} parameters follow",
                size=show(image.size),
                params=show_count(layer.operation.params),
            ),
        ),
        help=say("pool before it, or use a smaller window")
        if layer.kind == "conv"
        else say("pool before it, or use `global_avgpool` for `flatten`"),
    )
