"""W402: a batch norm over an image that has shrunk to one pixel."""

from __future__ import annotations

from collections.abc import Iterator

from cnnspec.diagnostics import Diagnostic
from cnnspec.lint._flow import image_of, layers_of
from cnnspec.lint._graph import finding
from cnnspec.network import Network
from cnnspec.values import show

CODE = "W402"
DEFAULT = True
ON_GRAPHS = True


def check_network(net: Network) -> Iterator[Diagnostic]:
    """Batch norms that see one value a channel and image; those of vectors that never were an image are left alone."""
    for layer in layers_of(net, "batchnorm"):
        size = image_of(layer).size
        if not layer.frozen and len(size) > 1 and all(n == 1 for n in size[:-1]):
            yield finding(
                CODE,
                f"`batchnorm` works on one pixel: {show(size)} holds one value a channel",
                layer,
                notes=("its mean and variance are those of the images of a batch: of one image, the variance is 0",),
                help="leave it out, use `layernorm`, or train with large batches",
            )
