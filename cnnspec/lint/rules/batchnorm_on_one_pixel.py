"""W402: a batch norm over an image that has shrunk to one pixel."""

from __future__ import annotations

from collections.abc import Iterator

from cnnspec.diagnostics import Diagnostic
from cnnspec.language import say
from cnnspec.lint._flow import ELEMENTWISE, NO_OPS, before, image_of, layers_of
from cnnspec.lint._graph import finding
from cnnspec.network import Layer, Network
from cnnspec.values import Size, show

CODE = "W402"
DEFAULT = True
ON_GRAPHS = True


VECTORS = ("global_avgpool", "global_maxpool", "reshape")  # vectors in the form of an image


def check_network(net: Network) -> Iterator[Diagnostic]:
    """Batch norms that see one value a channel and image; what always was a vector is left alone."""
    for layer in layers_of(net, "batchnorm"):
        image = before(image_of(layer), (*ELEMENTWISE, *NO_OPS))
        size = image.size
        if layer.frozen or not isinstance(image, Layer) or image.kind in VECTORS:
            continue
        if len(size) > 1 and all(n == 1 for n in size[:-1]):
            yield _finding(layer, size)


def _finding(layer: Layer, size: Size) -> Diagnostic:
    return finding(
        CODE,
        say("`batchnorm` works on one pixel: {size} holds one value a channel", size=show(size)),
        layer,
        notes=(say("its mean and variance are those of the images of a batch: of one image, the variance is 0"),),
        help=say("leave it out, use `layernorm`, or train with large batches"),
    )
