"""W307: an even window with `p=same`: the padding falls to one side, and the output is shifted by half a pixel."""

from __future__ import annotations

from collections.abc import Iterator

from cnnspec.diagnostics import Diagnostic
from cnnspec.language import say
from cnnspec.lint._graph import argument_span, computed_layers, finding
from cnnspec.network import Layer, Network
from cnnspec.values import show

CODE = "W307"
DEFAULT = True
ON_GRAPHS = True
KINDS = ("conv", "depthwise")


def check_network(net: Network) -> Iterator[Diagnostic]:
    """Convolutions of images; in text and signals half a place is no matter, and 2x2 after `upsample` is common."""
    for layer in computed_layers(net):
        if layer.kind in KINDS and layer.operation.rank > 1 and layer.args.p.same and not _enlarged(layer):
            axes = zip(layer.args.f, layer.args.s, layer.args.d, strict=True)
            even = next((f for f, s, d in axes if f % 2 == 0 and d % 2 and s == 1), None)
            if even is not None:
                yield _finding(layer, even)


def _enlarged(layer: Layer) -> bool:
    """Whether the window smooths what was enlarged, which has no centre of its own either."""
    before = layer.operands[0]
    return isinstance(before, Layer) and before.kind == "upsample"


def _finding(layer: Layer, f: int) -> Diagnostic:
    return finding(
        CODE,
        say("`same` cannot centre an even window of {f}: one side gets more padding", f=show(f)),
        layer,
        span=argument_span(layer, "p", "pad", "padding"),
        notes=(
            say(
                "{f} - 1 = {pixels} pixels: {before} before, {after} after",
                f=show(f),
                pixels=show(f - 1),
                before=show((f - 1) // 2),
                after=show(f // 2),
            ),
        ),
        help=say("use an odd window: f={more} or f={less}", more=show(f + 1), less=show(f - 1))
        if f > 2
        else say("use an odd window: f={more}", more=show(f + 1)),
    )
