"""The sum of several values."""

from __future__ import annotations

from cnnspec.layers._joins import EqualJoin


class Add(EqualJoin):
    """Adds values of equal size, element by element: the join of a residual network.

    The size stays; no parameters. Nothing is stretched to fit: 1x1 and 8x8, or 16 and 32 channels, are an error.
    """

    pair = "Add"
    many = "Sum"
    formula = "x_1 + x_2 + ..."
    source = "ONNX operators Add and Sum; He et al., Deep Residual Learning for Image Recognition, 2015"
    example = "input 8x8x4\nadd {\n    branch { conv 4, f=3, p=1 | relu }\n    branch { }\n}  -> 8x8x4, 148 params\n"


KIND = Add()
