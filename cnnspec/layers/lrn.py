"""Local response normalisation."""

from __future__ import annotations

from collections.abc import Mapping

from cnnspec.language import say
from cnnspec.layers._arguments import Real, Whole
from cnnspec.layers._kind import Argument, GraphBuilder, Kind, Operation
from cnnspec.layers._lowering import reshape, to_layout
from cnnspec.values import Size, Value, show


class Lrn(Kind):
    """Divides each value by the strength of its neighbours: the same place in the channels around its own.

    y = x/(k + alpha/size * sum)**beta, where the sum of the squares runs over `size` channels: as many before as after,
    one more before where `size` is even; channels that do not exist count as 0. The size stays. No parameters.
    """

    family = "normalisation"
    arguments = (
        Argument("size", Whole(), doc="number of channels in the sum"),
        Argument("alpha", Real(), 1e-4, doc="weight of the sum, divided by `size`"),
        Argument("beta", Real(), 0.75, doc="exponent"),
        Argument("k", Real(), 1, doc="added to the sum"),
    )
    formula = "the size stays"
    source = "Krizhevsky, Sutskever, Hinton 2012, ImageNet classification; ONNX operator LRN"
    example = "input 55x55x96\nlrn 5, alpha=5e-4, k=2 -> 55x55x96, 0 params\n"

    def guess(self, given: Mapping[str, Value], x: Size) -> Size | None:
        return x

    def explain_size(self, op: Operation) -> tuple[str, ...]:
        return (say("normalised over {count} channels around each: the size stays", count=show(op.args.size)),)

    def lower(self, g: GraphBuilder, op: Operation, *inputs: str) -> str:
        a = op.args
        if a.size % 2 == 0:
            return _in_plain_operators(g, op, inputs[0])
        # onnxruntime's LRN takes images with two spatial axes only, and odd sizes only.
        x = inputs[0] if op.rank == 2 else reshape(g, inputs[0], 0, op.input[-1], -1, 1)
        y = g.node("LRN", x, size=a.size, alpha=float(a.alpha), beta=float(a.beta), bias=float(a.k))
        return y if op.rank == 2 else to_layout(g, y, op.output)


def _in_plain_operators(g: GraphBuilder, op: Operation, x: str) -> str:
    a = op.args
    squares = reshape(g, g.node("Mul", x, x), 0, 1, op.input[-1], -1)
    pads = [a.size // 2, 0, (a.size - 1) // 2, 0]
    means = g.node("AveragePool", squares, kernel_shape=[a.size, 1], strides=[1, 1], pads=pads, count_include_pad=1)
    scaled = g.node("Mul", to_layout(g, means, op.output), g.constant(float(a.alpha)))
    base = g.node("Add", scaled, g.constant(float(a.k)))
    return g.node("Div", x, g.node("Pow", base, g.constant(float(a.beta))))


KIND = Lrn()
