"""The swish with a sigmoid of straight lines."""

from __future__ import annotations

from cnnspec.layers._activation import Activation
from cnnspec.layers._kind import GraphBuilder, Operation


class HardSwish(Activation):
    """Multiplies each value by its `hard_sigmoid`; the activation of MobileNetV3.

    Size and channels stay; no parameters.
    """

    formula = "x*min(max(0, x/6 + 1/2), 1)"
    source = "Howard et al., Searching for MobileNetV3, 2019"
    example = "input 3\nhard_swish -> 3\nexample [-1.5, 0, 4] -> [-0.375, 0.000, 4.000]\n"

    def lower(self, g: GraphBuilder, op: Operation, *inputs: str) -> str:
        return g.node("Mul", inputs[0], g.node("HardSigmoid", inputs[0], alpha=1 / 6, beta=0.5))


KIND = HardSwish()
