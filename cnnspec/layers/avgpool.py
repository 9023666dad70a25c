"""Average pooling."""

from __future__ import annotations

from typing import Any

from cnnspec.layers._arguments import Flag
from cnnspec.layers._kind import Argument, GraphBuilder, Operation
from cnnspec.layers._lowering import pad
from cnnspec.layers._pooling import CEIL, F, P, Pool, S, pads_of
from cnnspec.layers._windows import auto_pad, graph_pads, known_pads, onnx_pads


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
        windows = {"kernel_shape": list(a.f), "strides": list(a.s)}
        pads = pads_of(op)
        if auto_pad(op) and not known_pads(pads):
            return g.node("AveragePool", x, **windows, auto_pad="SAME_UPPER", count_include_pad=int(a.count_pad))
        # ONNX's own ceil_mode is left alone: in runtimes it has counted what lies beyond the padding.
        all_pads = graph_pads(g, op, last=True)
        if not known_pads(all_pads):
            return _mean_of_counted(g, op, x, all_pads)
        if a.count_pad and all_pads != pads:
            x = pad(g, x, pads)
            all_pads = [(0, end - e) for (_, end), (_, e) in zip(all_pads, pads, strict=True)]
        return g.node(
            "AveragePool",
            x,
            **windows,
            pads=onnx_pads(all_pads),
            count_include_pad=int(a.count_pad and all_pads == pads),
        )


def _mean_of_counted(g: GraphBuilder, op: Operation, x: str, pads: list[tuple[Any, Any]]) -> str:
    """Where the padding is computed: the mean of each padded window, divided by the share of it that counts."""
    a = op.args
    spatial: tuple[Any, ...] = op.input[:-1]
    around = pads
    if a.count_pad and not a.p.same:
        given = a.p.pairs
        spatial = tuple(n + b + e for n, (b, e) in zip(spatial, given, strict=True))
        around = [
            (0, end - e if isinstance(end, int) else g.node("Sub", end, g.dimension(e)))
            for (_, end), (_, e) in zip(pads, given, strict=True)
        ]
    windows = {"kernel_shape": list(a.f), "strides": list(a.s), "pads": [0] * (2 * op.rank)}
    mean = g.node("AveragePool", pad(g, x, pads), **windows)
    if a.count_pad and a.p.same:
        return mean
    counted = g.node("Expand", g.constant(1.0), g.shape([1, 1, *spatial]))
    return g.node("Div", mean, g.node("AveragePool", pad(g, counted, around), **windows))


KIND = AvgPool()
