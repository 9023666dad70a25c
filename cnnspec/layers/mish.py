"""The mish function."""

from __future__ import annotations

from cnnspec.layers._activation import Activation
from cnnspec.layers._kind import GraphBuilder, Operation


class Mish(Activation):
    """A smooth curve close to `silu`; the activation of YOLOv4.

    Size and channels stay; no parameters.
    """

    formula = "x*tanh(log(1 + exp(x)))"
    source = "Misra, Mish: A Self Regularized Non-Monotonic Activation Function, 2019"
    example = "input 3\nmish -> 3\nexample [-1, 0, 2] -> [-0.3034, 0.0000, 1.9440]\n"

    def lower(self, g: GraphBuilder, op: Operation, *inputs: str) -> str:
        return g.node("Mul", inputs[0], g.node("Tanh", g.node("Softplus", inputs[0])))


KIND = Mish()
