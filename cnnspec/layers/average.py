"""The mean of several values."""

from __future__ import annotations

from cnnspec.layers._joins import EqualJoin


class Average(EqualJoin):
    """The mean of values of equal size, element by element.

    The size stays; no parameters.
    """

    pair = many = "Mean"
    formula = "(x_1 + ... + x_m)/m"
    source = "ONNX operator Mean"
    example = "input 2\naverage {\n    branch { }\n    branch { relu }\n}  -> 2\nexample [-4, 6] -> [-2, 6]\n"


KIND = Average()
