"""W203: an activation after an activation: one of the two computes nothing, or spoils what the other gives."""

from __future__ import annotations

from collections.abc import Iterator
from math import exp

from cnnspec.diagnostics import Diagnostic, Label
from cnnspec.language import decimal, say
from cnnspec.lint._flow import ELEMENTWISE, SOFTMAXES, VIEWS, layers_of, operand, sole_reader
from cnnspec.lint._graph import finding
from cnnspec.lint._ranges import BOUNDS, IDENTITY, changes_nothing
from cnnspec.network import Layer, Network

CODE = "W203"
DEFAULT = True
ON_GRAPHS = True

ENDS = (*SOFTMAXES, "sigmoid", "hard_sigmoid", "tanh")  # what is meant as the last step, so that the one before is not
MISH = ("softplus", "tanh")  # x*tanh(softplus(x)), written out


def check_network(net: Network) -> Iterator[Diagnostic]:
    """Activations that give what arrives, and activations right after one another."""
    yield from map(_idle, _always_idle(net))
    for layer in layers_of(net, *ELEMENTWISE, *SOFTMAXES):
        first = operand(layer, VIEWS)
        if first is not None and first.kind in ELEMENTWISE and _in_a_row(net, first, layer):
            yield _both(first, layer)


def _always_idle(net: Network) -> list[Layer]:
    """Activations that change nothing, wherever their text stands: in a loop, the first one may have to do."""
    idle, busy = [], set()
    for layer in layers_of(net, *IDENTITY):
        first = operand(layer, VIEWS)
        if (first is None or first.kind not in SOFTMAXES) and changes_nothing(layer):
            idle.append(layer)
        else:
            busy.add((layer.source.filename, layer.span))
    return [layer for layer in idle if (layer.source.filename, layer.span) not in busy]


def _in_a_row(net: Network, first: Layer, second: Layer) -> bool:
    """Whether the second alone works on the first, and is no attention, and says something new."""
    reader: Layer | None = first
    while reader is not None and reader is not second:
        reader = sole_reader(net, reader)
    if reader is None or (first.kind, second.kind) == MISH:
        return False
    if second.kind in SOFTMAXES:
        after = sole_reader(net, second)
        return after is None or after.kind != "mul"
    return second.kind not in IDENTITY or not changes_nothing(second)


def _idle(layer: Layer) -> Diagnostic:
    from cnnspec.lint._edits import fix, remove_step

    applicability = "unsafe" if layer.operation.tensors else "safe"
    return finding(
        CODE,
        say("`{kind}` changes nothing: what arrives is never negative", kind=layer.kind)
        if IDENTITY[layer.kind] == IDENTITY["relu"]
        else say("`{kind}` changes nothing: what arrives never leaves its bounds", kind=layer.kind),
        layer,
        help=say("leave it out"),
        fix=fix(applicability, say("leave `{kind}` out", kind=layer.kind), remove_step(layer)),
    )


def _both(first: Layer, second: Layer) -> Diagnostic:
    """The finding stands at the one that is too much."""
    from cnnspec.lint._edits import fix, remove_step

    extra, other = (first, second) if second.kind in ENDS else (second, first)
    plain = other.kind in ENDS or first.kind == second.kind
    return finding(
        CODE,
        say("`{kind}` stands right before `{other}`: one activation is enough", kind=extra.kind, other=other.kind)
        if extra is first
        else say("`{kind}` stands right after `{other}`: one activation is enough", kind=extra.kind, other=other.kind),
        extra,
        labels=(Label(other.source, other.span, say("the other activation")),),
        notes=_notes(first, second),
        help=say("leave `{kind}` out", kind=extra.kind) if plain else say("keep one of the two"),
        fix=fix("unsafe", say("leave `{kind}` out", kind=extra.kind), remove_step(extra)) if plain else None,
    )


def _notes(first: Layer, second: Layer) -> tuple[str, ...]:
    """What the second can no longer give."""
    bounds = BOUNDS.get(first.kind)
    if bounds is None or first.kind == second.kind:
        return ()
    if second.kind in ("sigmoid", "hard_sigmoid") and bounds[0] >= 0:
        return (say("after `{kind}`, `{second_kind}` is never below 0.5", kind=first.kind, second_kind=second.kind),)
    if second.kind in SOFTMAXES:
        return _of_softmax(first, second, bounds)
    return ()


def _of_softmax(first: Layer, second: Layer, bounds: tuple[float, float]) -> tuple[str, ...]:
    low, high = bounds
    classes = second.output_size[-1]
    if high - low < 10 and isinstance(classes, int):
        most = exp(high - low) / (exp(high - low) + classes - 1)
        return (
            say(
                "after `{kind}`, no class of {classes} can have a probability above {most}",
                kind=first.kind,
                classes=classes,
                most=decimal(most, 3),
            ),
        )
    if low == 0:
        return (say("all scores below 0 become equal"),)
    return ()
