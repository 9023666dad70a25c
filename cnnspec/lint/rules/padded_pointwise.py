"""W305: padding along an axis where the window is 1, which adds a border without any image in it."""

from __future__ import annotations

from collections.abc import Iterator

from cnnspec.diagnostics import Diagnostic
from cnnspec.language import say
from cnnspec.lint._graph import argument_span, computed_layers, finding, pad_text
from cnnspec.network import Layer, Network
from cnnspec.values import show

CODE = "W305"
DEFAULT = True
ON_GRAPHS = True
KINDS = ("conv", "depthwise")


def check_network(net: Network) -> Iterator[Diagnostic]:
    """Convolutions whose border values are made of zeros alone, and of the bias."""
    for layer in computed_layers(net):
        if layer.kind in KINDS and not layer.args.p.same and _padded(layer):
            yield _finding(layer)


def _padded(layer: Layer) -> bool:
    return any(f == 1 and max(pair) > 0 for f, pair in zip(layer.args.f, layer.args.p.pairs, strict=True))


def _finding(layer: Layer) -> Diagnostic:
    from cnnspec.lint._edits import fix, put_argument

    f, pairs = layer.args.f, layer.args.p.pairs
    padding = pad_text([(0, 0) if n == 1 else pair for n, pair in zip(f, pairs, strict=True)])
    return finding(
        CODE,
        say("a window of 1 needs no padding: the border of the output is only zeros")
        if layer.args.bias is False
        else say("a window of 1 needs no padding: the border of the output is only the bias"),
        layer,
        span=argument_span(layer, "p", "pad", "padding"),
        notes=(
            say(
                "{input} becomes {output_size}", input=show(layer.operation.input), output_size=show(layer.output_size)
            ),
        ),
        help=say("use p={padding}", padding=padding) if padding != "0" else say("leave `p` out"),
        fix=fix("unsafe", say("write `p={padding}`", padding=padding), put_argument(layer, "p", padding)),
    )
