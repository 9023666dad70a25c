"""W306: padding as large as the window of a convolution, so that windows see padding only."""

from __future__ import annotations

from collections.abc import Iterator

from cnnspec.diagnostics import Diagnostic
from cnnspec.language import say
from cnnspec.layers._windows import dilation_of
from cnnspec.lint._graph import argument_span, computed_layers, finding, pad_text
from cnnspec.network import Layer, Network
from cnnspec.sizes import extent
from cnnspec.values import Dim, show

CODE = "W306"
DEFAULT = True
ON_GRAPHS = True
KINDS = ("conv", "depthwise")


def check_network(net: Network) -> Iterator[Diagnostic]:
    """Convolutions whose first windows lie in the padding as a whole; windows of 1 are W305."""
    for layer in computed_layers(net):
        if layer.kind in KINDS and not layer.args.p.same:
            spans = [extent(f, d) for f, d in zip(layer.args.f, dilation_of(layer.operation), strict=True)]
            for span, (begin, end) in zip(spans, layer.args.p.pairs, strict=True):
                if span != 1 and (begin >= span or end >= span):
                    yield _finding(layer, spans, span, begin if begin >= span else end)
                    break


def _finding(layer: Layer, spans: list[Dim], span: Dim, pixels: Dim) -> Diagnostic:
    from cnnspec.lint._edits import fix, put_argument

    pairs = zip(layer.args.p.pairs, spans, strict=True)
    padding = pad_text([(min(begin, size // 2), min(end, size // 2)) for (begin, end), size in pairs])
    return finding(
        CODE,
        say(
            "with padding {pixels}, windows of {span} at the border see padding only",
            pixels=show(pixels),
            span=show(span),
        ),
        layer,
        span=argument_span(layer, "p", "pad", "padding"),
        notes=(say("what they yield depends on the bias alone"),),
        help=say("use p={padding}, or `pad` where the output has to grow", padding=padding),
        fix=fix("unsafe", say("write `p={padding}`", padding=padding), put_argument(layer, "p", padding)),
    )
