"""W204: an activation that works on probabilities."""

from __future__ import annotations

from collections.abc import Iterator

from cnnspec.diagnostics import Diagnostic, Label
from cnnspec.language import say
from cnnspec.lint._flow import ELEMENTWISE, SOFTMAXES, VIEWS, layers_of, operand
from cnnspec.lint._graph import finding
from cnnspec.lint._ranges import IDENTITY, changes_nothing
from cnnspec.network import Layer, Network

CODE = "W204"
DEFAULT = True
ON_GRAPHS = True


def check_network(net: Network) -> Iterator[Diagnostic]:
    """Activations, a second softmax among them, on what a softmax or its logarithm gives."""
    for layer in layers_of(net, *ELEMENTWISE, "abs", *SOFTMAXES):
        first = operand(layer, VIEWS)
        if first is not None and first.kind in SOFTMAXES:
            yield _finding(first, layer)


def _finding(first: Layer, layer: Layer) -> Diagnostic:
    from cnnspec.lint._edits import fix, remove_step

    idle = layer.kind in IDENTITY and not layer.operation.tensors and changes_nothing(layer)
    return finding(
        CODE,
        say("`{kind}` follows `{first_kind}`, which is the last step", kind=layer.kind, first_kind=first.kind),
        layer,
        labels=(
            Label(
                first.source, first.span, say("gives probabilities") if first.kind == "softmax" else say("gives scores")
            ),
        ),
        notes=_notes(first, layer),
        help=say("leave `{kind}` out", kind=layer.kind),
        fix=fix("safe" if idle else "unsafe", say("leave `{kind}` out", kind=layer.kind), remove_step(layer)),
    )


def _notes(first: Layer, layer: Layer) -> tuple[str, ...]:
    if first.kind == "log_softmax" and layer.kind in ("relu", "relu6"):
        return (say("a logarithm of a probability is never positive, so `{kind}` makes 0 of all", kind=layer.kind),)
    if layer.kind in SOFTMAXES:
        return (say("a softmax of probabilities makes them more equal"),) if first.kind == "softmax" else ()
    return (say("the probabilities no longer add up to 1"),) if layer.kind not in IDENTITY else ()
