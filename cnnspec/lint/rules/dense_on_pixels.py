"""W501: a dense layer on the pixels of a large image."""

from __future__ import annotations

from collections.abc import Iterator

from cnnspec.diagnostics import Diagnostic
from cnnspec.language import decimal, say
from cnnspec.lint._flow import image_of, is_raw, layers_of
from cnnspec.lint._graph import finding
from cnnspec.network import Layer, Network
from cnnspec.values import Dim, show, show_count

CODE = "W501"
DEFAULT = True
ON_GRAPHS = True

MOST_WEIGHTS = 25_000_000  # about all of ResNet-50


def check_network(net: Network) -> Iterator[Diagnostic]:
    """Dense layers of 25 million weights and more whose inputs are those of the network."""
    for layer in layers_of(net, "dense"):
        if is_on_pixels(layer):
            yield _finding(layer)


def is_on_pixels(layer: Layer) -> bool:
    """Whether this rule speaks of the dense layer, so that others need not."""
    weights, image = layer.operation.macs, image_of(layer)
    return isinstance(weights, int) and weights >= MOST_WEIGHTS and is_raw(image) and len(image.size) > 1


def _finding(layer: Layer) -> Diagnostic:
    inputs, units, weights = layer.operation.input[0], layer.output_size[0], layer.operation.macs
    return finding(
        CODE,
        say(
            "a dense layer on the {inputs} values of a {size} image",
            inputs=show_count(inputs),
            size=show(image_of(layer).size),
        ),
        layer,
        notes=(
            say(
                "{inputs} inputs * {units} units = {weights} weights",
                inputs=show_count(inputs),
                units=show_count(units),
                weights=show_count(weights),
            ),
            say("4 bytes each: {amount}", amount=bytes_text(weights)),
        ),
        help=say("put convolutions and pooling before it, and `global_avgpool` or `flatten` behind them"),
    )


def bytes_text(weights: Dim) -> str:
    """The bytes of so many weights of four bytes each: "12.3 GB"."""
    size = 4.0 * weights if isinstance(weights, int) else 0.0
    units = say("bytes"), say("kB"), say("MB"), say("GB"), say("TB")
    for unit in units:
        if size < 1000 or unit == units[-1]:
            break
        size /= 1000
    text = f"{size:.3g}" if size < 1000 else f"{size:.0f}"
    return f"{decimal(float(text), len(text.partition('.')[2]))} {unit}"
