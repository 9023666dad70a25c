"""W205: a softmax over a single value, which is 1 whatever arrives."""

from __future__ import annotations

from collections.abc import Iterator

from cnnspec.diagnostics import Diagnostic
from cnnspec.language import say
from cnnspec.lint._flow import SOFTMAXES, layers_of
from cnnspec.lint._graph import finding
from cnnspec.network import Layer, Network

CODE = "W205"
DEFAULT = True
ON_GRAPHS = True


def check_network(net: Network) -> Iterator[Diagnostic]:
    """Softmaxes where one channel arrives."""
    for layer in layers_of(net, *SOFTMAXES):
        if layer.output_size[-1] == 1:
            yield _finding(layer)


def _finding(layer: Layer) -> Diagnostic:
    from cnnspec.lint._edits import fix, replace_step

    plain = layer.kind == "softmax"
    return finding(
        CODE,
        say("`{kind}` of a single value is always {result}", kind=layer.kind, result=1 if plain else 0),
        layer,
        notes=("e^x / e^x = 1",) if plain else ("ln(e^x / e^x) = 0",),
        help=say("use `sigmoid` for one probability, or two classes"),
        fix=fix("unsafe", say("use `sigmoid`"), replace_step(layer, "sigmoid")) if plain else None,
    )
