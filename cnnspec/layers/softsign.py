"""The softsign function."""

from __future__ import annotations

from cnnspec.layers._activation import Activation


class Softsign(Activation):
    """Squeezes each value into the range from -1 to 1, more slowly than `tanh`.

    Size and channels stay; no parameters.
    """

    operator = "Softsign"
    formula = "x/(1 + |x|)"
    source = "ONNX operator Softsign"
    example = "input 3\nsoftsign -> 3\nexample [-1, 0, 3] -> [-0.50, 0.00, 0.75]\n"


KIND = Softsign()
