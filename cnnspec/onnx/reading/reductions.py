"""Means, maxima and sums over axes."""

from __future__ import annotations

from collections.abc import Callable

from cnnspec.onnx.reading.node import Node
from cnnspec.onnx.reading.shapes import axes_of
from cnnspec.onnx.reading.walk import Walk

Handler = Callable[[Walk, Node], None]

POOLS = {"ReduceMean": "global_avgpool", "ReduceMax": "global_maxpool"}


def reduce(w: Walk, node: Node) -> None:
    x, axes = w.input(node, 0), axes_of(w, node)
    given = len(node.inputs) > 1 and bool(node.inputs[1])
    if x is None or x.rank is None or (given and axes is None):
        w.open(node)
        return
    keep = node.integer("keepdims", 1) == 1
    if not axes and node.integer("noop_with_empty_axes"):
        w.alias(node, x)
        return
    gone = {a % x.rank for a in axes} if axes else set(range(x.rank))
    shape = tuple(1 if i in gone else n for i, n in enumerate(x.shape) if keep or i not in gone)
    channels = x.rank - 1 if x.last else 1
    spatial = {i for i in range(1, x.rank) if i != channels}
    if node.op in POOLS and x.last is not None and spatial and gone == spatial:
        w.layer(node, POOLS[node.op], {"keep": keep}, [x], last=x.last, yields=x.last if keep else False)
    else:
        w.open(node, shape, last=x.last if keep else None, element=7 if node.op.startswith("Arg") else None)


def argument(w: Walk, node: Node) -> None:
    """ArgMax, ArgMin: the place along one axis."""
    x, axis = w.input(node, 0), node.integer("axis")
    if x is None or x.rank is None or not -x.rank <= axis < x.rank:
        w.open(node, element=7)
        return
    keep = node.integer("keepdims", 1) == 1
    shape = tuple(1 if i == axis % x.rank else n for i, n in enumerate(x.shape) if keep or i != axis % x.rank)
    w.open(node, shape, element=7)


REDUCTIONS = ("L1", "L2", "LogSum", "LogSumExp", "Max", "Mean", "Min", "Prod", "Sum", "SumSquare")
OPERATORS: dict[str, Handler] = {
    "ArgMax": argument,
    "ArgMin": argument,
    **{f"Reduce{name}": reduce for name in REDUCTIONS},
}
