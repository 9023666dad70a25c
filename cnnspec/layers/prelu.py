"""The leaky relu that learns its slope."""

from __future__ import annotations

from typing import Any

from cnnspec.language import say
from cnnspec.layers._activation import Activation
from cnnspec.layers._arguments import TensorValue
from cnnspec.layers._kind import Argument, GraphBuilder, Operation, Tensor
from cnnspec.layers._tensors import spread
from cnnspec.values import Size, show_count


class Prelu(Activation):
    """Keeps positive values and multiplies negative ones by a slope, one for each channel, that is learned.

    The size stays; parameters: one for each channel. The slopes begin at 0.25.
    """

    arguments = (
        Argument("weight", TensorValue(may_be_absent=False), True, keyword_only=True, doc="the slope of each channel"),
    )
    formula = "x if x > 0, else weight*x"
    source = "ONNX operator PRelu; He et al., Delving Deep into Rectifiers, 2015"
    example = "input 2\nprelu weight=[0.5, 0.1] -> 2, 2 params\nexample [-2, -2] -> [-1.0, -0.2]\n"

    def tensors(self, a: Any, x: Size) -> tuple[Tensor, ...]:
        slopes: Any = (x[-1],)
        return (Tensor("weight", slopes, "constant", values=0.25),)

    def explain_params(self, op: Operation) -> tuple[str, ...]:
        return (say("a slope for each channel: channels = {channels}", channels=show_count(op.params)),)

    def lower(self, g: GraphBuilder, op: Operation, *inputs: str) -> str:
        return g.node("PRelu", *inputs, spread(g, op, "weight"))


KIND = Prelu()
