"""W106: an input that no layer reads."""

from __future__ import annotations

from collections.abc import Iterator

from cnnspec.diagnostics import Diagnostic
from cnnspec.language import say
from cnnspec.network import Network

CODE = "W106"
DEFAULT = True
ON_GRAPHS = True


def check_network(net: Network) -> Iterator[Diagnostic]:
    """Inputs that are asked for and thrown away; a blank may stand for what reads them."""
    if net.blanks:
        return
    used = {id(value) for layer in net.layers for value in layer.operands}
    used.update(id(value) for value in net.output_values.values())
    for value in net.input_values.values():
        if id(value) not in used:
            yield Diagnostic(
                CODE,
                say("no layer reads the input `{name}`", name=value.name),
                value.source,
                value.span,
                help=say("continue `from {name}`, join it, or leave it out", name=value.name),
            )
