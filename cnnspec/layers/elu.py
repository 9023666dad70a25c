"""The exponential linear unit."""

from __future__ import annotations

from cnnspec.layers._activation import Activation
from cnnspec.layers._arguments import Real
from cnnspec.layers._kind import Argument, GraphBuilder, Operation


class Elu(Activation):
    """Keeps positive values; negative ones approach -alpha along an exponential.

    Size and channels stay; no parameters.
    """

    arguments = (Argument("alpha", Real(), 1.0, doc="negative values approach -alpha"),)
    formula = "x if x > 0, else alpha*(exp(x) - 1)"
    source = "ONNX operator Elu; Clevert et al., Exponential Linear Units, 2015"
    example = "input 3\nelu -> 3\nexample [-1, 0, 2] -> [-0.6321, 0.0000, 2.0000]\n"

    def lower(self, g: GraphBuilder, op: Operation, *inputs: str) -> str:
        return g.node("Elu", *inputs, alpha=float(op.args.alpha))


KIND = Elu()
