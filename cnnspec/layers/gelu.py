"""The Gaussian error linear unit."""

from __future__ import annotations

import math

from cnnspec.layers._activation import Activation
from cnnspec.layers._arguments import Flag
from cnnspec.layers._kind import Argument, GraphBuilder, Operation


class Gelu(Activation):
    """Multiplies each value by the share of a normal distribution that lies below it.

    `approximate=true` computes 0.5*x*(1 + tanh(sqrt(2/pi)*(x + 0.044715*x**3))) instead, as some published networks do.
    Size and channels stay; no parameters.
    """

    arguments = (Argument("approximate", Flag(), False, doc="with tanh instead of the error function"),)
    formula = "0.5*x*(1 + erf(x/sqrt(2)))"
    source = "Hendrycks and Gimpel, Gaussian Error Linear Units, 2016"
    example = "input 3\ngelu -> 3\nexample [-1, 0, 2] -> [-0.1587, 0.0000, 1.9545]\n"

    def lower(self, g: GraphBuilder, op: Operation, *inputs: str) -> str:
        x = inputs[0]
        curve = _tanh_curve(g, x) if op.args.approximate else _erf_curve(g, x)
        share = g.node("Add", curve, g.constant(1.0))
        return g.node("Mul", g.node("Mul", x, share), g.constant(0.5))


def _erf_curve(g: GraphBuilder, x: str) -> str:
    return g.node("Erf", g.node("Div", x, g.constant(math.sqrt(2))))


def _tanh_curve(g: GraphBuilder, x: str) -> str:
    cube = g.node("Mul", g.node("Mul", x, x), x)
    inner = g.node("Add", x, g.node("Mul", cube, g.constant(0.044715)))
    return g.node("Tanh", g.node("Mul", inner, g.constant(math.sqrt(2 / math.pi))))


KIND = Gelu()
