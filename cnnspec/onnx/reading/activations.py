"""Functions of each value, and what does nothing at inference."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from cnnspec.onnx.reading.node import Node, Value
from cnnspec.onnx.reading.walk import Walk
from cnnspec.values import UNKNOWN

Handler = Callable[[Walk, Node], None]
SIXTH = 1 / 6

# Operators that leave the shape, and are none of our kinds by themselves.
SAME = (
    *("Acos", "Acosh", "Asin", "Asinh", "Atan", "Atanh", "Bernoulli", "BitwiseNot", "Ceil", "Cos", "Cosh", "CumSum"),
    *("Erf", "Exp", "Floor", "Hardmax", "IsInf", "IsNaN", "Log", "LpNormalization", "MeanVarianceNormalization"),
    *("Neg", "Not", "Reciprocal", "Round", "Shrink", "Sign", "Sin", "Sinh", "Sqrt", "Tan", "ThresholdedRelu", "Trilu"),
)


def elementwise(kind: str, **given: tuple[str, float]) -> Handler:
    """A kind whose arguments are attributes of the node: alpha=("alpha", 0.01)."""

    def read(w: Walk, node: Node) -> None:
        apply(w, node, kind, {name: node.number(*attribute) for name, attribute in given.items()})

    return read


def apply(w: Walk, node: Node, kind: str, given: dict[str, Any]) -> None:
    """A kind that leaves the size, in whatever order the axes stand."""
    x = w.input(node, 0)
    if x is None or x.size() is UNKNOWN:
        w.open(node, UNKNOWN if x is None else x.shape, last=None if x is None else x.last)
    else:
        w.layer(node, kind, given, [x], last=bool(x.last), yields=x.last)


def same(w: Walk, node: Node) -> None:
    x = w.input(node, 0)
    w.open(node, UNKNOWN if x is None else x.shape, last=None if x is None else x.last)


def selu(w: Walk, node: Node) -> None:
    usual = abs(node.number("alpha", 1.67326) - 1.67326) < 1e-4 and abs(node.number("gamma", 1.0507) - 1.0507) < 1e-4
    apply(w, node, "selu", {}) if usual else same(w, node)


def hard_sigmoid(w: Walk, node: Node) -> None:
    alpha, beta = node.number("alpha", 0.2), node.number("beta", 0.5)
    if abs(alpha - SIXTH) < 1e-4 and beta == 0.5:
        apply(w, node, "hard_sigmoid", {})
    else:
        same(w, node)


def gelu(w: Walk, node: Node) -> None:
    apply(w, node, "gelu", {"approximate": node.text("approximate", "none") == "tanh"})


def prelu(w: Walk, node: Node) -> None:
    x, slope = w.input(node, 0), w.input(node, 1)
    if x is None or slope is None or not slope.constant or x.size() is UNKNOWN or slope.shape is UNKNOWN:
        same(w, node)
        return
    trailing = len(slope.shape) - 1
    alone = all(n == 1 for n in slope.shape[1:]) and trailing == max(0, len(x.shape) - 2)
    if not alone or x.last:
        same(w, node)  # one slope for all, or one for each place
        return
    slopes = Value(slope.name, slope.shape[:1], slope.element, written=slope.written)
    w.layer(node, "prelu", {}, [x], weights={"weight": slopes}, yields=x.last)


def clip(w: Walk, node: Node) -> None:
    low, high = (_bound(w, node, i, name) for i, name in ((1, "min"), (2, "max")))
    if (low, high) == (0, 6):
        apply(w, node, "relu6", {})
    elif (low, high) == (0, None):
        apply(w, node, "relu", {})
    elif low is not None and high is not None and low <= high:
        apply(w, node, "clip", {"min": low, "max": high})
    else:
        same(w, node)


def _bound(w: Walk, node: Node, index: int, name: str) -> float | None:
    if name in node.attributes:
        return node.number(name, 0.0)
    value = w.input(node, index)
    if value is None:
        return None
    numbers = value.numbers
    return numbers[0] if numbers and isinstance(numbers[0], (int, float)) else UNKNOWN  # type: ignore[return-value]


def softmax(kind: str) -> Handler:
    def read(w: Walk, node: Node) -> None:
        x = w.input(node, 0)
        if x is None or x.rank is None:
            w.open(node)
            return
        axis = node.integer("axis", -1 if w.opset >= 13 else 1)
        axis += x.rank if axis < 0 else 0
        channels = x.rank - 1 if x.last else 1
        over_all = w.opset < 13 and axis == 1 and all(n == 1 for n in x.shape[2:])
        meant = x.rank == 2 or (x.last is not None and (w.opset >= 13 or over_all))
        if axis == channels and meant:
            apply(w, node, kind, {})
        else:
            same(w, node)

    return read


def dropout(w: Walk, node: Node) -> None:
    ratio = w.input(node, 1)
    rate = ratio.numbers[0] if ratio and ratio.numbers else node.number("ratio", 0.5)
    apply(w, node, "dropout", {"rate": rate if isinstance(rate, float) and 0 <= rate < 1 else 0.5})
    for output in node.outputs[1:]:
        if output:
            w.open(node, w.values[node.output].shape, output=output, element=9)


def passed_on(w: Walk, node: Node) -> None:
    """What changes the type of numbers only."""
    x = w.input(node, 0)
    if x is None:
        w.open(node)
    else:
        element = {"Cast": node.integer("to"), "DequantizeLinear": 1}.get(node.op, 0)
        w.alias(node, x, element=element)


OPERATORS: dict[str, Handler] = {
    "Relu": elementwise("relu"),
    "LeakyRelu": elementwise("leaky_relu", alpha=("alpha", 0.01)),
    "Elu": elementwise("elu", alpha=("alpha", 1.0)),
    "Celu": elementwise("celu", alpha=("alpha", 1.0)),
    "Selu": selu,
    "PRelu": prelu,
    "Gelu": gelu,
    "Sigmoid": elementwise("sigmoid"),
    "HardSigmoid": hard_sigmoid,
    "HardSwish": elementwise("hard_swish"),
    "Mish": elementwise("mish"),
    "Tanh": elementwise("tanh"),
    "Softplus": elementwise("softplus"),
    "Softsign": elementwise("softsign"),
    "Abs": elementwise("abs"),
    "Clip": clip,
    "Softmax": softmax("softmax"),
    "LogSoftmax": softmax("log_softmax"),
    "Dropout": dropout,
    "Identity": elementwise("identity"),
    "Cast": passed_on,
    "QuantizeLinear": passed_on,
    "DequantizeLinear": passed_on,
    **dict.fromkeys(SAME, same),
}
