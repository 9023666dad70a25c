"""The smooth version of relu."""

from __future__ import annotations

from cnnspec.layers._activation import Activation


class Softplus(Activation):
    """A `relu` with a rounded corner: always above 0.

    Size and channels stay; no parameters.
    """

    operator = "Softplus"
    formula = "log(1 + exp(x))"
    source = "ONNX operator Softplus"
    example = "input 3\nsoftplus -> 3\nexample [-1, 0, 1] -> [0.3133, 0.6931, 1.3133]\n"


KIND = Softplus()
