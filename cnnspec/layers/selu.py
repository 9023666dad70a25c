"""The scaled exponential linear unit."""

from __future__ import annotations

from cnnspec.layers._activation import Activation


class Selu(Activation):
    """An `elu` with fixed alpha and scale, chosen so that mean 0 and variance 1 carry over from layer to layer.

    Size and channels stay; no parameters.
    """

    operator = "Selu"
    formula = "1.0507*x if x > 0, else 1.0507*1.6733*(exp(x) - 1)"
    source = "ONNX operator Selu; Klambauer et al., Self-Normalizing Neural Networks, 2017"
    example = "input 3\nselu -> 3\nexample [-1, 0, 1] -> [-1.1113, 0.0000, 1.0507]\n"


KIND = Selu()
