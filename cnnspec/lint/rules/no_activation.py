"""W207: a layer with weights whose value is pooled or normalised, and not activated, before the next one."""

from __future__ import annotations

from collections.abc import Iterator

from cnnspec.diagnostics import Diagnostic, Label
from cnnspec.language import listing, say
from cnnspec.lint._flow import layers_of, sole_reader
from cnnspec.lint._graph import finding
from cnnspec.lint.rules.linear_after_linear import LINEAR, WEIGHTED, deliberate
from cnnspec.network import Layer, Network

CODE = "W207"
DEFAULT = True
ON_GRAPHS = True

# Not linear, and no activation: the largest of each window; figures of the image itself. `layernorm` between two
# projections is a design of its own.
WEAK = ("maxpool", "global_maxpool", "adaptive_maxpool", "lrn", "groupnorm", "instancenorm")


def check_network(net: Network) -> Iterator[Diagnostic]:
    """Walks from each layer with weights on to the next one."""
    for layer in layers_of(net, *WEIGHTED):
        between, last = _next_weights(net, layer)
        if last is not None and between and not deliberate(layer, last):
            yield _finding(layer, between, last)


def _next_weights(net: Network, layer: Layer) -> tuple[list[Layer], Layer | None]:
    """The pools and norms up to the next layer with weights; None where an activation or a branch comes first."""
    between = []
    reader = sole_reader(net, layer)
    while reader is not None and reader.kind not in ("conv", "dense"):
        if reader.kind in WEAK:
            between.append(reader)
        elif reader.kind not in LINEAR:
            return between, None
        reader = sole_reader(net, reader)
    return between, reader


def _finding(layer: Layer, between: list[Layer], last: Layer) -> Diagnostic:
    from cnnspec.lint._edits import add_step, fix

    steps = listing([f"`{kind}`" for kind in dict.fromkeys(one.kind for one in between)])
    return finding(
        CODE,
        say(
            "only {steps} stands between this `{kind}` and the next `{last_kind}`",
            steps=steps,
            kind=layer.kind,
            last_kind=last.kind,
        ),
        layer,
        labels=(Label(last.source, last.span, say("the next layer with weights")),),
        notes=(say("{steps} is no activation", steps=steps),),
        help=say("put an activation such as `relu` behind it"),
        fix=fix("unsafe", say("put `relu` behind it"), add_step(layer, "relu")),
    )
