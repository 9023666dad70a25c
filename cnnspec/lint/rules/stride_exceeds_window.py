"""W304: a stride larger than the window, so that some pixels are never looked at."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from cnnspec.diagnostics import Diagnostic
from cnnspec.language import plural, say
from cnnspec.layers._windows import dilation_of
from cnnspec.lint._graph import argument_span, bypassed, computed_layers, finding
from cnnspec.network import Layer, Network
from cnnspec.sizes import extent

CODE = "W304"
DEFAULT = True
ON_GRAPHS = True
KINDS = ("conv", "depthwise", "maxpool", "avgpool")


def check_network(net: Network) -> Iterator[Diagnostic]:
    """Windows with gaps between them; a shortcut that thins its pixels out (1x1, stride 2) is meant."""
    around: set[int] | None = None
    for layer in computed_layers(net):
        if layer.kind in KINDS and (gap := _gap(layer)) is not None:
            if all(f == 1 for f in layer.args.f):
                around = bypassed(net) if around is None else around
                if id(layer) in around:
                    continue
            yield _finding(layer, gap)


class Gap(NamedTuple):
    """Window and stride along an axis where windows leave gaps; of every `pixels` in all axes, `seen` are seen."""

    span: int
    s: int
    seen: int
    pixels: int


def _gap(layer: Layer) -> Gap | None:
    """The gaps between windows; None where there are none."""
    op = layer.operation
    found: tuple[int, int] | None = None
    seen = pixels = 1
    for f, s, d, places in zip(layer.args.f, layer.args.s, dilation_of(op), op.output[:-1], strict=True):
        span = extent(f, d)
        if isinstance(span, int) and isinstance(s, int) and s > span and places != 1:
            found = found or (span, s)
            seen, pixels = seen * span, pixels * s
    return Gap(*found, seen, pixels) if found else None


def _finding(layer: Layer, gap: Gap) -> Diagnostic:
    span, s, seen, pixels = gap
    return finding(
        CODE,
        say(
            "with stride {s}, windows of {span} leave {unseen} of every {pixels} pixels unseen",
            s=s,
            span=span,
            unseen=pixels - seen,
            pixels=pixels,
        ),
        layer,
        span=argument_span(layer, "s", "stride", "strides"),
        notes=(
            plural(
                "along an axis, a window looks at {n} pixel, and the next one begins {s} further",
                "along an axis, a window looks at {n} pixels, and the next one begins {s} further",
                span,
                s=s,
            ),
        ),
        help=say("use s={span} or smaller, or a larger window", span=span),
    )
