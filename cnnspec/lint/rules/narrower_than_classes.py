"""W504: a hidden dense layer that is narrower than the classes behind it."""

from __future__ import annotations

from collections.abc import Iterator

from cnnspec.diagnostics import Diagnostic, Fix, Label
from cnnspec.language import say
from cnnspec.lint._flow import ELEMENTWISE, SOFTMAXES, VIEWS, layers_of, operand
from cnnspec.lint._graph import finding
from cnnspec.network import Layer, Network
from cnnspec.values import show

CODE = "W504"
DEFAULT = True
ON_GRAPHS = True

BETWEEN = (*VIEWS, "batchnorm", "layernorm")


def check_network(net: Network) -> Iterator[Diagnostic]:
    """From each softmax back to the two dense layers before it."""
    for softmax in layers_of(net, *SOFTMAXES):
        last = operand(softmax, VIEWS)
        if last is not None and last.kind == "dense":
            hidden = _hidden_before(last)
            if hidden is not None and _narrows(hidden, last):
                yield _finding(hidden, last)


def _hidden_before(last: Layer) -> Layer | None:
    """The dense layer before, where an activation stands between (without one, they are one linear layer)."""
    value = operand(last, BETWEEN)
    if value is None or value.kind not in ELEMENTWISE:
        return None
    hidden = operand(value, BETWEEN)
    return hidden if hidden is not None and hidden.kind == "dense" else None


def _narrows(hidden: Layer, last: Layer) -> bool:
    """More arrives than there are classes, and less goes on."""
    arriving, units, classes = hidden.operation.input[0], hidden.output_size[0], last.output_size[0]
    return bool(units < classes and arriving >= classes)


def _finding(hidden: Layer, last: Layer) -> Diagnostic:
    units, classes, arriving = (
        show(n) for n in (hidden.output_size[0], last.output_size[0], hidden.operation.input[0])
    )
    return finding(
        CODE,
        say("{units} hidden units stand before {classes} classes", units=units, classes=classes),
        hidden,
        labels=(Label(last.source, last.span, say("{classes} classes", classes=classes)),),
        notes=(
            say(
                "{arriving} values arrive, {units} go on: the {classes} scores depend on one another",
                arriving=arriving,
                units=units,
                classes=classes,
            ),
        ),
        help=say("use {classes} units or more, or leave this layer out", classes=classes),
        fix=_fix(hidden, classes),
    )


def _fix(hidden: Layer, classes: str) -> Fix | None:
    """Where the number itself is written."""
    from cnnspec.lint._edits import arguments, fix, set_argument

    if not any(value.replace("_", "").isdigit() for name, value in arguments(hidden)[:1] if name in (None, "units")):
        return None
    return fix("unsafe", say("use {classes} units", classes=classes), set_argument(hidden, "units", classes))
