"""W302: padding of more than half the pooling window."""

from __future__ import annotations

from collections.abc import Iterator

from cnnspec.diagnostics import Diagnostic, Fix
from cnnspec.language import say
from cnnspec.layers._windows import dilation_of
from cnnspec.lint._graph import argument_span, computed_layers, finding, pad_text
from cnnspec.network import Layer, Network
from cnnspec.sizes import extent
from cnnspec.values import Dim, show

CODE = "W302"
DEFAULT = True
ON_GRAPHS = True
KINDS = ("maxpool", "avgpool")


def check_network(net: Network) -> Iterator[Diagnostic]:
    """Pooling windows at the border that see more padding than image."""
    for layer in computed_layers(net):
        if layer.kind in KINDS and not layer.args.p.same:
            spans = [extent(f, d) for f, d in zip(layer.args.f, dilation_of(layer.operation), strict=True)]
            for span, pair in zip(spans, layer.args.p.pairs, strict=True):
                widest = next((p for p in sorted(pair, key=str, reverse=True) if 2 * p > span), None)
                if widest is not None:
                    yield _finding(layer, spans, span, widest)
                    break


def _finding(layer: Layer, spans: list[Dim], span: Dim, widest: Dim) -> Diagnostic:
    return finding(
        CODE,
        say("padding {widest} is more than half the window of {span}", widest=show(widest), span=show(span)),
        layer,
        span=argument_span(layer, "p", "pad", "padding"),
        notes=(say("the windows at the border see more padding than image"),),
        help=say("use p={span} or less", span=show(span // 2)),
        fix=_fix(layer, spans),
    )


def _fix(layer: Layer, spans: list[Dim]) -> Fix | None:
    from cnnspec.lint._edits import fix, put_argument

    pairs = zip(layer.args.p.pairs, spans, strict=True)
    padding = pad_text([(min(begin, span // 2), min(end, span // 2)) for (begin, end), span in pairs])
    return fix("unsafe", say("write `p={padding}`", padding=padding), put_argument(layer, "p", padding))
