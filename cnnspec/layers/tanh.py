"""The hyperbolic tangent."""

from __future__ import annotations

from cnnspec.layers._activation import Activation


class Tanh(Activation):
    """Squeezes each value into the range from -1 to 1.

    Size and channels stay; no parameters.
    """

    operator = "Tanh"
    formula = "(exp(x) - exp(-x))/(exp(x) + exp(-x))"
    source = "ONNX operator Tanh"
    example = "input 3\ntanh -> 3\nexample [-1, 0, 1] -> [-0.7616, 0.0000, 0.7616]\n"


KIND = Tanh()
