"""W201: two layers with weights and no activation between them are one linear layer."""

from __future__ import annotations

from collections.abc import Iterator

from cnnspec.diagnostics import Diagnostic, Label
from cnnspec.language import say
from cnnspec.lint._graph import computed_layers, consumers, finding, is_open
from cnnspec.network import Layer, Network

CODE = "W201"
DEFAULT = True
ON_GRAPHS = True
WEIGHTED = ("conv", "dense", "conv_transpose")
# Linear when the network runs, so that the weight layers on both sides stay one linear layer. Not here: what changes
# the resolution on purpose (upsample, pixel_shuffle), what takes channels apart, and the norms that divide by the
# image's own figures.
LINEAR = (
    "batchnorm",
    "scale",
    "rescale",
    "avgpool",
    "global_avgpool",
    "adaptive_avgpool",
    "flatten",
    "reshape",
    "crop",
    "dropout",
    "drop_path",
    "identity",
)


def check_network(net: Network) -> Iterator[Diagnostic]:
    """Walks from each weight layer back to the one before it."""
    readers = consumers(net)
    named = {id(value) for value in net.output_values.values()}
    for layer in computed_layers(net):
        if layer.kind in ("conv", "dense"):
            first = _weight_layer_before(layer, readers, named)
            if first is not None and not deliberate(first, layer):
                yield _finding(first, layer)


def _weight_layer_before(layer: Layer, readers: dict[int, list[Layer]], outputs: set[int]) -> Layer | None:
    """The weight layer whose value, and nothing else's, arrives here by linear steps alone."""
    value = layer.operands[0]
    while isinstance(value, Layer) and not is_open(value):
        if len(readers.get(id(value), ())) != 1 or id(value) in outputs:
            return None
        if value.kind in WEIGHTED:
            return value
        if value.kind not in LINEAR:
            return None
        value = value.operands[0]
    return None


def deliberate(first: Layer, second: Layer) -> bool:
    """What published designs do: bottlenecks, separable windows, groups; and weights written into the file."""
    if any(tensor.values is not None for layer in (first, second) for tensor in layer.operation.tensors):
        return True
    if any(getattr(layer.args, "groups", 1) != 1 for layer in (first, second)):
        return True
    middle = first.output_size[-1]
    if middle < first.operation.input[-1] and middle < second.output_size[-1]:
        return True
    return _separable(first, second)


def _separable(first: Layer, second: Layer) -> bool:
    """A window taken apart: 1x7, then 7x1."""
    f, g = getattr(first.args, "f", None), getattr(second.args, "f", None)
    if f is None or g is None or len(f) != len(g):
        return False
    return any(m == 1 and n != 1 for m, n in zip(f, g, strict=True)) and any(
        m != 1 and n == 1 for m, n in zip(f, g, strict=True)
    )


def _finding(first: Layer, second: Layer) -> Diagnostic:
    return finding(
        CODE,
        say("`{kind}` follows `{first_kind}` with no activation between them", kind=second.kind, first_kind=first.kind),
        second,
        label=say("and this one"),
        labels=(Label(first.source, first.span, say("this layer")),),
        notes=(say("two linear layers in a row compute what a single one can"),),
        help=say("put an activation such as `relu` between them"),
    )
