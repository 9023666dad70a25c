"""The larger of several values."""

from __future__ import annotations

from cnnspec.layers._joins import EqualJoin


class Maximum(EqualJoin):
    """The largest of values of equal size, element by element.

    The size stays; no parameters. `maxout` takes the largest of neighbouring channels instead.
    """

    pair = many = "Max"
    formula = "max(x_1, x_2, ...)"
    source = "ONNX operator Max"
    example = "input 2\nmaximum {\n    branch { }\n    branch { rescale -1 }\n}  -> 2\nexample [-4, 6] -> [4, 6]\n"


KIND = Maximum()
