"""W401: a bias whose value the batch norm right behind it takes away again."""

from __future__ import annotations

from collections.abc import Iterator

from cnnspec.diagnostics import Diagnostic, Fix, Label
from cnnspec.language import plural, say
from cnnspec.lint._flow import WEIGHTED, by_kind, layers_of, sole_reader
from cnnspec.lint._graph import finding
from cnnspec.network import Layer, Network
from cnnspec.values import Dim, show_count

CODE = "W401"
DEFAULT = True
ON_GRAPHS = True
HELP_FOR_SOME = "leave the bias out only where `batchnorm` follows: here or there none does"


def check_network(net: Network) -> Iterator[Diagnostic]:
    """Layers with a bias to be learned that only a batch norm ever sees; a shared one at every place where it is."""
    if "batchnorm" not in by_kind(net):
        return
    norms: dict[int, Layer] = {}
    elsewhere = set()
    found = []
    for layer in layers_of(net, *WEIGHTED):
        owner = layer.shares or layer
        norm = _norm_behind(net, layer)
        if norm is None:
            elsewhere.add(id(owner))
        elif owner is layer and _learns_bias(layer):
            norms[id(layer)] = norm
            found.append(layer)
    yield from (_finding(layer, norms[id(layer)]) for layer in found if id(layer) not in elsewhere)


def _norm_behind(net: Network, layer: Layer) -> Layer | None:
    reader = sole_reader(net, layer)
    while reader is not None and reader.kind == "identity":
        reader = sole_reader(net, reader)
    return reader if reader is not None and reader.kind == "batchnorm" else None


def _learns_bias(layer: Layer) -> bool:
    return not layer.frozen and any(t.name == "bias" and t.values is None for t in layer.operation.tensors)


def _finding(layer: Layer, norm: Layer) -> Diagnostic:
    count = layer.operation.tensor("bias").elements
    return finding(
        CODE,
        say("the bias of `{kind}` does nothing: `batchnorm` subtracts it with the mean", kind=layer.kind),
        layer,
        labels=(
            Label(
                norm.source,
                norm.span,
                say("has a bias of its own") if norm.operation.has("bias") else say("subtracts it"),
            ),
        ),
        notes=(_less(count),),
        help=say("write `bias=false`"),
        fix=_fix(layer),
    )


def _less(count: Dim) -> str:
    if not isinstance(count, int):
        return say("{params} parameters less", params=show_count(count))
    return plural("{n} parameter less", "{n} parameters less", count)


def _fix(layer: Layer) -> Fix | None:
    """Not where the bias depends on something, which would still stand there."""
    from cnnspec.lint._edits import arguments, fix, put_argument

    written = dict(arguments(layer)).get("bias")
    edit = put_argument(layer, "bias", "false") if written in (None, "true") else None
    return fix("unsafe", say("write `bias=false`"), edit)
