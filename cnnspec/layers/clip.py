"""Keeps values within bounds."""

from __future__ import annotations

from typing import Any

from cnnspec.diagnostics import Mistake
from cnnspec.layers._activation import Activation
from cnnspec.layers._arguments import Real
from cnnspec.layers._kind import Argument, GraphBuilder, Operation
from cnnspec.values import Size, show


class Clip(Activation):
    """Keeps values between `min` and `max`; what lies outside becomes the nearer bound.

    Size and channels stay; no parameters.
    """

    arguments = (
        Argument("min", Real(), doc="the lower bound"),
        Argument("max", Real(), doc="the upper bound"),
    )
    formula = "min(max(lower, x), upper)"
    source = "ONNX operator Clip"
    example = "input 3\nclip -1, 1 -> 3\nexample [-2, 0.5, 3] -> [-1.0, 0.5, 1.0]\n"

    def output_size(self, a: Any, x: Size) -> Size:
        if a.min > a.max:
            raise Mistake(
                "E207",
                "`min` is {min}, above `max`, which is {max}",
                help="write clip {max}, {min}",
                argument="min",
                min=show(a.min),
                max=show(a.max),
            )
        return x

    def lower(self, g: GraphBuilder, op: Operation, *inputs: str) -> str:
        return g.node("Clip", *inputs, g.constant(float(op.args.min)), g.constant(float(op.args.max)))


KIND = Clip()
