"""Dense layers: products with a weight."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from cnnspec.diagnostics import Mistake
from cnnspec.onnx.listing import short
from cnnspec.onnx.reading.joins import broadcast, shown
from cnnspec.onnx.reading.node import Node, Value, same
from cnnspec.onnx.reading.walk import Walk, differs
from cnnspec.values import UNKNOWN, Dim, Symbolic, show

Handler = Callable[[Walk, Node], None]


def gemm(w: Walk, node: Node) -> None:
    x, weight, bias = (w.input(node, i) for i in range(3))
    usual = weight is not None and weight.constant and weight.rank == 2 and not node.integer("transA")
    if x is None or weight is None or not usual or x.constant:
        w.open(node)
        return
    rows, columns = weight.shape
    units, inputs = (rows, columns) if node.integer("transB") else (columns, rows)
    if x.rank is not None and x.rank != 2:
        w.layer(node, "dense", {"units": units}, [x], last=bool(x.last))  # which says that it takes a vector
        return
    size = _features(x, inputs)
    if bias is not None and not _is_bias(w, node, bias, units):
        w.open(node, (x.shape[0] if x.rank else UNKNOWN, units), last=False)
        return
    row = None if bias is None else Value(bias.name, (units,), bias.element, written=bias.written)
    turned = Value(weight.name, (units, inputs), weight.element, written=weight.written)
    weights = {"weight": turned, "bias": row}
    w.layer(node, "dense", {"units": units, "bias": bias is not None}, [x], sizes=[size], weights=weights, yields=False)


def _features(x: Value, inputs: Dim) -> Any:
    """The vector that arrives; where letters leave its length open, what the weight takes."""
    if x.rank is None:
        return (inputs,)
    size = x.size()
    return (inputs,) if size[0] is UNKNOWN or isinstance(size[0], Symbolic) else size


def _is_bias(w: Walk, node: Node, bias: Value, units: Dim) -> bool:
    """Whether the third input is one number a unit. One that cannot be added is reported."""
    if not bias.constant or bias.shape is UNKNOWN:
        return False
    wide = [n for n in bias.shape if n != 1]
    if len(wide) == 1 and not same(wide, (units,)) and len(bias.shape) == 1:
        mistake = Mistake(
            "E408",
            "the bias of `{name}` has {has} numbers, there are {units} units",
            name=short(node.name),
            has=show(wide[0]),
            units=show(units),
        )
        w.report(node, mistake)
        return False
    return same(wide, (units,)) or (units == 1 and not wide)


def matmul(w: Walk, node: Node) -> None:
    x, other = w.input(node, 0), w.input(node, 1)
    if x is None or other is None or x.shape is UNKNOWN or other.shape is UNKNOWN:
        w.open(node)
        return
    if not x.shape or not other.shape:
        w.open(node, UNKNOWN)
    elif (
        other.constant
        and other.rank == 2
        and not x.constant
        and x.rank in (2, 3, 4, 5)
        and (x.rank == 2 or x.last is not False)
    ):
        _dense(w, node, x, other)
    else:
        _product(w, node, x, other)


def _dense(w: Walk, node: Node, x: Value, weight: Value) -> None:
    """A product with a weight: of vectors a dense layer, of what has its channels last a convolution of one pixel."""
    inputs, units = weight.shape
    size = x.size(last=True)
    if size[-1] is UNKNOWN or isinstance(size[-1], Symbolic):
        size = (*size[:-1], inputs)
    if not isinstance(inputs, int) or not isinstance(units, int):
        w.open(node, (*x.shape[:-1], units), last=x.last)
        return
    weights: dict[str, Value | None]
    if len(size) == 1:
        weights = {"weight": Value(weight.name, (units, inputs), weight.element, written=weight.written)}
        w.layer(node, "dense", {"units": units, "bias": False}, [x], sizes=[size], weights=weights, yields=False)
        return
    shape = (units, inputs, *(1,) * (len(size) - 1))
    weights = {"weight": Value(weight.name, shape, weight.element, written=weight.written)}
    given = {"filters": units, "f": 1, "bias": False}
    w.layer(node, "conv", given, [x], last=True, sizes=[size], weights=weights)


def _product(w: Walk, node: Node, a: Value, b: Value) -> None:
    left, right = tuple(a.shape), tuple(b.shape)
    inner = left[-1], right[-2] if len(right) > 1 else right[0]
    if differs(inner[:1], inner[1:]):
        mistake = Mistake(
            "E304",
            "`MatMul` takes rows as long as the columns, here arrive {a} and {b}",
            notes=("rows of {n}, columns of {m}",),
            a=shown(left),
            b=shown(right),
            n=show(inner[0]),
            m=show(inner[1]),
        )
        if not (a.doubtful or b.doubtful):
            w.report(node, mistake)
        w.open(node, UNKNOWN, doubtful=True)
        return
    if len(left) < 2 or len(right) < 2:
        w.open(node)
        return
    outer = broadcast([left[:-2], right[:-2]])
    w.open(node, UNKNOWN if outer is None else (*outer, left[-2], right[-1]))


OPERATORS: dict[str, Handler] = {"Gemm": gemm, "MatMul": matmul}
