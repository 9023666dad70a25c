"""W311: a receptive field far larger than the image: the last windows see little but padding."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from cnnspec.diagnostics import Diagnostic
from cnnspec.language import say
from cnnspec.lint._graph import computed_layers, finding
from cnnspec.network import Layer, Network
from cnnspec.values import Size, show

CODE = "W311"
DEFAULT = False
ON_GRAPHS = True
KINDS = ("conv", "depthwise")
TIMES = 20  # DenseNet-201 reaches 16 on 224x224


def check_network(net: Network) -> Iterator[Diagnostic]:
    """The first convolution whose field is many times the image along every axis."""
    if len(net.input_values) != 1:
        return
    rows = next(iter(net.inputs.values()))[:-1]
    if not rows or not all(isinstance(n, int) for n in rows):
        return
    from cnnspec.fields import receptive_fields

    fields = receptive_fields(net)
    for layer in computed_layers(net):
        if layer.kind in KINDS and any(f != 1 for f in layer.args.f):
            size = fields[layer.name].size
            if len(size) == len(rows) and all(_far(f, n) for f, n in zip(size, rows, strict=True)):
                yield _finding(layer, size, rows)
                return


def _far(field: Any, n: Any) -> bool:
    return isinstance(field, int) and field > TIMES * n


def _finding(layer: Layer, field: tuple[Any, ...], rows: Size) -> Diagnostic:
    return finding(
        CODE,
        say("from here on the receptive field is {field}, the image only {rows}", field=show(field), rows=show(rows)),
        layer,
        notes=(say("more than {times} times the image: larger windows see little but padding", times=TIMES),),
        help=say("use fewer strides and poolings at the start, fewer layers, or a larger image"),
    )
