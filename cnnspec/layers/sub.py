"""The difference of values."""

from __future__ import annotations

from cnnspec.layers._joins import EqualJoin


class Sub(EqualJoin):
    """The first value minus all others, element by element; they have equal size.

    With a name, the arriving value is the first: `sub other` is the arriving value minus `other`. The size stays; no
    parameters.
    """

    any_order = False
    pair = "Sub"
    formula = "x_1 - x_2 - ..."
    source = "ONNX operator Sub"
    example = "input 2\nsub {\n    branch { }\n    branch { relu }\n}  -> 2\nexample [-3, 5] -> [-3, 0]\n"


KIND = Sub()
