"""The rectified linear unit with a ceiling."""

from __future__ import annotations

from cnnspec.layers._activation import Activation
from cnnspec.layers._kind import GraphBuilder, Operation


class Relu6(Activation):
    """Keeps values between 0 and 6; what lies outside becomes 0 or 6.

    The activation of the MobileNet family. Size and channels stay; no parameters.
    """

    formula = "min(max(0, x), 6)"
    source = "Howard et al., MobileNets: Efficient Convolutional Neural Networks for Mobile Vision Applications, 2017"
    example = "input 3\nrelu6 -> 3\nexample [-2, 3, 8] -> [0, 3, 6]\n"

    def lower(self, g: GraphBuilder, op: Operation, *inputs: str) -> str:
        return g.node("Clip", *inputs, g.constant(0.0), g.constant(6.0))


KIND = Relu6()
