"""The sigmoid linear unit, also called swish."""

from __future__ import annotations

from cnnspec.layers._activation import Activation
from cnnspec.layers._kind import GraphBuilder, Operation


class Silu(Activation):
    """Multiplies each value by its own sigmoid; also called swish, the activation of EfficientNet.

    Size and channels stay; no parameters.
    """

    formula = "x*sigmoid(x) = x/(1 + exp(-x))"
    source = "Ramachandran et al., Searching for Activation Functions, 2017"
    example = "input 3\nsilu -> 3\nexample [-1, 0, 2] -> [-0.2689, 0.0000, 1.7616]\n"

    def lower(self, g: GraphBuilder, op: Operation, *inputs: str) -> str:
        return g.node("Mul", inputs[0], g.node("Sigmoid", inputs[0]))


KIND = Silu()
