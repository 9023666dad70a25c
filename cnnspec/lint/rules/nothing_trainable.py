"""W507: every parameter is frozen."""

from __future__ import annotations

from collections.abc import Iterator

from cnnspec.diagnostics import Diagnostic
from cnnspec.language import say
from cnnspec.lint._graph import finding, is_open
from cnnspec.network import Network
from cnnspec.values import show_count

CODE = "W507"
DEFAULT = True
ON_GRAPHS = False  # a graph does not say what is trained


def check_network(net: Network) -> Iterator[Diagnostic]:
    """Networks with something frozen, and nothing that is not; a layer that is left open may learn."""
    frozen = next((layer for layer in net.layers if layer.frozen and layer.operation.trainable), None)
    if frozen is None or any(is_open(layer) for layer in net.layers) or net.trainable != 0:
        return
    yield finding(
        CODE,
        say("all parameters are frozen: there is nothing to train"),
        frozen,
        notes=(say("{params} parameters, 0 of them trainable", params=show_count(net.params)),),
        help=say("take the layers to be trained, such as a new head, out of `frozen`"),
    )
