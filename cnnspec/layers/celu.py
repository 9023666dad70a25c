"""The exponential linear unit whose slope has no break at 0."""

from __future__ import annotations

from cnnspec.layers._activation import Activation
from cnnspec.layers._arguments import Real
from cnnspec.layers._kind import Argument, GraphBuilder, Operation


class Celu(Activation):
    """An `elu` whose slope at 0 is 1 for every alpha; the two are the same at alpha=1.

    Size and channels stay; no parameters.
    """

    arguments = (Argument("alpha", Real(above=0), 1.0, doc="negative values approach -alpha"),)
    formula = "max(0, x) + min(0, alpha*(exp(x/alpha) - 1))"
    source = "ONNX operator Celu; Barron, Continuously Differentiable Exponential Linear Units, 2017"
    example = "input 3\ncelu 2 -> 3\nexample [-2, 0, 3] -> [-1.2642, 0.0000, 3.0000]\n"

    def lower(self, g: GraphBuilder, op: Operation, *inputs: str) -> str:
        return g.node("Celu", *inputs, alpha=float(op.args.alpha))


KIND = Celu()
