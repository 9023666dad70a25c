"""Average pooling."""

from __future__ import annotations

from cnnspec.layers._arguments import Flag
from cnnspec.layers._kind import Argument, GraphBuilder, Operation
from cnnspec.layers._lowering import pad
from cnnspec.layers._pooling import CEIL, F, P, Pool, S, pads_of, with_overhang
from cnnspec.layers._windows import onnx_pads


class AvgPool(Pool):
    """Takes the mean of each window, channel by channel.

    Only the input's own values are counted; with `count_pad=true` the padding's zeros too, though never what a last
    window reaches beyond the padding. Size, for each axis: floor((n + p_begin + p_end - f)/s) + 1; with `ceil=true`
    floor((n + p_begin - 1 + min(0, p_end + s - f))/s) + 1; with `p=same` ceil(n/s). The channels stay. No parameters.
    """

    arguments = (F, S, P, CEIL, Argument("count_pad", Flag(), False, doc="whether the zeros of the padding count"))
    source = "ONNX operator AveragePool"
    example = "input 24x24x6\navgpool 2 -> 12x12x6, 0 params\n"

    def lower(self, g: GraphBuilder, op: Operation, *inputs: str) -> str:
        a, x = op.args, inputs[0]
        pads = pads_of(op)
        all_pads = with_overhang(op, pads)
        if a.count_pad and all_pads != pads:
            x = pad(g, x, pads)
            all_pads = with_overhang(op, [(0, 0)] * op.rank)
        return g.node(
            "AveragePool",
            x,
            kernel_shape=list(a.f),
            strides=list(a.s),
            pads=onnx_pads(all_pads),
            count_include_pad=int(a.count_pad and all_pads == pads),
        )


KIND = AvgPool()
