"""The absolute value."""

from __future__ import annotations

from cnnspec.layers._activation import Activation


class Abs(Activation):
    """Drops the sign of each value.

    After an edge filter it keeps edges from dark to bright and from bright to dark alike. Size and channels stay; no
    parameters.
    """

    operator = "Abs"
    formula = "|x|"
    source = "ONNX operator Abs"
    example = "input 3\nabs -> 3\nexample [-2, 0, 3] -> [2, 0, 3]\n"


KIND = Abs()
