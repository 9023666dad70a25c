"""Normalisations."""

from __future__ import annotations

from typing import Any

from cnnspec.diagnostics import Mistake
from cnnspec.onnx.reading.node import Node, Value
from cnnspec.onnx.reading.walk import Walk, differs
from cnnspec.values import UNKNOWN, show_size


def batchnorm(w: Walk, node: Node) -> None:
    x, *tensors = (w.input(node, i) for i in range(5))
    if x is None or x.rank is None or any(t is None or not t.constant for t in tensors):
        w.open(node)
        return
    weight, bias, mean, variance = tensors
    weights = {"weight": weight, "bias": bias, "running_mean": mean, "running_var": variance}
    given: dict[str, Any] = {"eps": node.number("epsilon", 1e-5), **_present(weights)}
    w.layer(node, "batchnorm", given, [x], weights=weights, yields=x.last)
    for output in node.outputs[1:]:  # old versions yield statistics besides
        if output:
            w.open(node, UNKNOWN, output=output)


def _present(weights: dict[str, Value | None]) -> dict[str, bool]:
    """Which of weight and bias are there: a constant that stands in the graph itself is no parameter."""
    return {name: (value := weights.get(name)) is not None and value.written for name in ("weight", "bias")}


def instancenorm(w: Walk, node: Node) -> None:
    x, weight, bias = (w.input(node, i) for i in range(3))
    if x is None or x.rank is None or x.rank < 3 or weight is None:
        w.open(node)
        return
    weights = {"weight": weight, "bias": bias}
    given: dict[str, Any] = {"eps": node.number("epsilon", 1e-5), **_present(weights)}
    w.layer(node, "instancenorm", given, [x], weights=weights, yields=False)


def groupnorm(w: Walk, node: Node) -> None:
    x, weight, bias = (w.input(node, i) for i in range(3))
    if x is None or x.rank is None or w.opset < 21:  # before, its weights were one a group
        w.open(node, None if x is None else x.shape)
        return
    weights = {"weight": weight, "bias": bias}
    given = {"groups": node.integer("num_groups", 1), "eps": node.number("epsilon", 1e-5), **_present(weights)}
    w.layer(node, "groupnorm", given, [x], weights=weights, yields=False)


def layernorm(w: Walk, node: Node) -> None:
    x, weight, bias = (w.input(node, i) for i in range(3))
    if x is None or x.rank is None or weight is None:
        w.open(node)
        return
    axis = node.integer("axis", -1)
    over_last = axis in (-1, x.rank - 1)
    if not over_last or (x.last is False and x.rank > 2):
        _check_tail(w, node, x, weight, axis)
        w.open(node, x.shape, last=x.last)
        return
    weights = {"weight": weight, "bias": bias}
    given: dict[str, Any] = {"eps": node.number("epsilon", 1e-5), **_present(weights)}
    w.layer(node, "layernorm", given, [x], last=True, weights=weights)


def _check_tail(w: Walk, node: Node, x: Value, weight: Value, axis: int) -> None:
    """A layer norm over several axes: its weight has these."""
    tail = x.shape[axis:] if -len(x.shape) <= axis < len(x.shape) else ()
    if weight.shape is not UNKNOWN and len(weight.shape) == len(tail) and differs(weight.shape, tail):
        mistake = Mistake(
            "E408",
            "the weight of `{name}` has the shape {has}, the axes that it normalises {tail}",
            name=node.name,
            has=show_size(weight.shape),
            tail=show_size(tuple(tail)),
        )
        w.report(node, mistake)


def lrn(w: Walk, node: Node) -> None:
    x = w.input(node, 0)
    if x is None or x.rank is None:
        w.open(node)
        return
    given = {
        "size": node.integer("size", 1),
        "alpha": node.number("alpha", 1e-4),
        "beta": node.number("beta", 0.75),
        "k": node.number("bias", 1.0),
    }
    w.layer(node, "lrn", given, [x], yields=False)


OPERATORS = {
    "BatchNormalization": batchnorm,
    "InstanceNormalization": instancenorm,
    "GroupNormalization": groupnorm,
    "LayerNormalization": layernorm,
    "LRN": lrn,
}
