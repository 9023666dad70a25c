"""The rectified linear unit that lets a little of the negative side through."""

from __future__ import annotations

from cnnspec.layers._activation import Activation
from cnnspec.layers._arguments import Real
from cnnspec.layers._kind import Argument, GraphBuilder, Operation


class LeakyRelu(Activation):
    """Keeps positive values and multiplies negative ones by alpha, so that no neuron falls silent.

    `prelu` learns alpha. Size and channels stay; no parameters.
    """

    arguments = (Argument("alpha", Real(), 0.01, doc="slope for negative values"),)
    formula = "x if x > 0, else alpha*x"
    source = "ONNX operator LeakyRelu; Maas et al., Rectifier Nonlinearities Improve Acoustic Models, 2013"
    example = "input 3\nleaky_relu 0.1 -> 3\nexample [-2, 0, 3] -> [-0.2, 0.0, 3.0]\n"

    def lower(self, g: GraphBuilder, op: Operation, *inputs: str) -> str:
        return g.node("LeakyRelu", *inputs, alpha=float(op.args.alpha))


KIND = LeakyRelu()
