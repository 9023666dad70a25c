"""Maximum pooling."""

from __future__ import annotations

import math

from cnnspec.layers._arguments import PerAxis
from cnnspec.layers._kind import Argument, GraphBuilder, Operation
from cnnspec.layers._lowering import pad
from cnnspec.layers._pooling import CEIL, F, P, Pool, S, pads_of
from cnnspec.layers._windows import auto_pad, graph_pads, known_pads, onnx_pads

D = Argument("d", PerAxis(), 1, long="dilation", doc="distance between the points of the window")


class MaxPool(Pool):
    """Takes the largest value of each window, channel by channel; padding never wins.

    Size, for each axis: floor((n + p_begin + p_end - d(f - 1) - 1)/s) + 1; with `ceil=true`
    floor((n + p_begin - 1 + min(0, p_end + s - d(f - 1) - 1))/s) + 1: a last window may reach beyond the padded input
    if it starts on the input or its left padding; with `p=same` ceil(n/s). The channels stay. No parameters.
    """

    arguments = (F, S, P, D, CEIL)
    source = "ONNX operator MaxPool"
    example = "input 24x24x6\nmaxpool 2 -> 12x12x6, 0 params\nmaxpool 3, s=2, p=1 -> 6x6x6\n"

    def lower(self, g: GraphBuilder, op: Operation, *inputs: str) -> str:
        a, x = op.args, inputs[0]
        if auto_pad(op) and not known_pads(pads_of(op)):
            return g.node("MaxPool", x, kernel_shape=list(a.f), strides=list(a.s), auto_pad="SAME_UPPER")
        # ONNX's own ceil_mode is left alone: in runtimes it has let windows start beyond the input.
        pads = graph_pads(g, op, last=True)
        # onnxruntime takes no padding of f or more, which dilation allows here.
        if not known_pads(pads) or any(pixels >= f for pair, f in zip(pads, a.f, strict=True) for pixels in pair):
            x = pad(g, x, pads, -math.inf)
            pads = [(0, 0)] * op.rank
        return g.node(
            "MaxPool", x, kernel_shape=list(a.f), strides=list(a.s), pads=onnx_pads(pads), dilations=list(a.d)
        )


KIND = MaxPool()
