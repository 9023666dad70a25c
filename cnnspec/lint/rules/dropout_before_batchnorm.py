"""W403: a dropout before a batch norm, which learns the variance of values that are dropped."""

from __future__ import annotations

from collections.abc import Iterator

from cnnspec.diagnostics import Diagnostic, Label
from cnnspec.language import say
from cnnspec.lint._flow import ELEMENTWISE, SHAPES, WEIGHTED, by_kind, layers_of
from cnnspec.lint._graph import finding, is_open
from cnnspec.network import Layer, Network, Value

CODE = "W403"
DEFAULT = True
ON_GRAPHS = True

POOLS = ("maxpool", "avgpool", "global_avgpool", "global_maxpool", "adaptive_avgpool", "adaptive_maxpool")
THROUGH = frozenset(
    (*ELEMENTWISE, *WEIGHTED, *SHAPES, *POOLS, "identity", "scale", "rescale", "pad", "crop", "upsample", "dropout")
)


def check_network(net: Network) -> Iterator[Diagnostic]:
    """Dropouts from which a batch norm is reached through at most one layer with weights."""
    if "dropout" not in by_kind(net):
        return
    for norm in layers_of(net, "batchnorm"):
        dropout = None if norm.frozen else _dropout_before(norm)
        if dropout is not None:
            yield _finding(dropout, norm)


def _dropout_before(norm: Layer) -> Layer | None:
    value: Value = norm.operands[0]
    weights = 0
    while isinstance(value, Layer) and not is_open(value):
        if value.kind == "dropout" and value.args.rate != 0:
            return value
        weights += value.kind in WEIGHTED
        if weights > 1 or value.kind not in THROUGH:
            return None
        value = value.operands[0]
    return None


def _finding(dropout: Layer, norm: Layer) -> Diagnostic:
    return finding(
        CODE,
        say("`dropout` shifts the variance that the `batchnorm` behind it has learned"),
        dropout,
        labels=(Label(norm.source, norm.span, say("learns the variance while values are dropped")),),
        notes=(say("when nothing is dropped any more, the variance is smaller than the running one"),),
        help=say("put the dropout behind the last batch norm, or leave it out"),
    )
