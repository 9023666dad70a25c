"""The sigmoid made of three straight lines."""

from __future__ import annotations

from cnnspec.layers._activation import Activation
from cnnspec.layers._kind import GraphBuilder, Operation


class HardSigmoid(Activation):
    """A sigmoid of three straight lines: 0 up to -3, 1 from 3 on, x/6 + 1/2 between.

    Older versions of Keras use the slope 0.2 instead. Size and channels stay; no parameters.
    """

    formula = "min(max(0, x/6 + 1/2), 1)"
    source = "ONNX operator HardSigmoid; Howard et al., Searching for MobileNetV3, 2019"
    example = "input 3\nhard_sigmoid -> 3\nexample [-4, 0, 1.5] -> [0.00, 0.50, 0.75]\n"

    def lower(self, g: GraphBuilder, op: Operation, *inputs: str) -> str:
        return g.node("HardSigmoid", *inputs, alpha=1 / 6, beta=0.5)


KIND = HardSigmoid()
