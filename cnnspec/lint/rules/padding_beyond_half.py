"""W302: padding of more than half the pooling window."""

from __future__ import annotations

from collections.abc import Iterator

from cnnspec.diagnostics import Diagnostic
from cnnspec.lint._graph import argument_span, computed_layers, finding
from cnnspec.network import Network
from cnnspec.sizes import extent
from cnnspec.values import show

CODE = "W302"
KINDS = ("maxpool", "avgpool")


def check_network(net: Network) -> Iterator[Diagnostic]:
    """Pooling windows at the border that see more padding than image."""
    for layer in computed_layers(net):
        if layer.kind in KINDS and not layer.args.p.same:
            d = getattr(layer.args, "d", (1,) * layer.operation.rank)
            for f, di, pair in zip(layer.args.f, d, layer.args.p.pairs, strict=True):
                span = extent(f, di)
                widest = next((p for p in sorted(pair, key=str, reverse=True) if 2 * p > span), None)
                if widest is not None:
                    yield finding(
                        CODE,
                        f"padding {show(widest)} is more than half the window of {show(span)}",
                        layer,
                        span=argument_span(layer, "p", "pad", "padding"),
                        notes=("the windows at the border see more padding than image",),
                        help=f"use p={show(span // 2)} or less",
                    )
                    break
