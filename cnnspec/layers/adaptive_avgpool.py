"""Average pooling to a given size."""

from __future__ import annotations

from cnnspec.layers._adaptive import AdaptivePool, OpenWindows, gather_windows
from cnnspec.layers._kind import GraphBuilder
from cnnspec.layers._lowering import reduce, reshape


class AdaptiveAvgPool(AdaptivePool):
    """Takes the mean of windows that are chosen so that the output has the given size.

    Window i of m over n pixels runs from floor(i*n/m) to ceil((i + 1)*n/m); where m divides n they are
    equal, otherwise they overlap. The channels stay. No parameters.
    """

    source = "PyTorch's AdaptiveAvgPool"
    example = "input 13x13x256\nadaptive_avgpool 6x6 -> 6x6x256, 0 params\n"
    operator = "AveragePool"
    reduction = "ReduceMean"

    def reduce_windows(self, g: GraphBuilder, x: str, rank: int, axis: int, spans: list[tuple[int, int]]) -> str:
        longest = max(end - start for start, end in spans)
        shares = [[1 / (end - start) if i < end - start else 0.0 for i in range(longest)] for start, end in spans]
        pixels = gather_windows(g, x, axis, spans)
        weights = reshape(g, g.constant(shares), len(spans), longest, *(1,) * (rank - axis - 1))
        return reduce(g, "ReduceSum", g.node("Mul", pixels, weights), [axis + 3], keepdims=False)

    def reduce_open_windows(self, g: GraphBuilder, x: str, rank: int, axis: int, spans: OpenWindows) -> str:
        beyond = g.constant(list(range(2, rank - axis + 1)), "int64")
        weights = spans.shares(g) if rank - axis == 1 else g.node("Unsqueeze", spans.shares(g), beyond)
        return reduce(g, "ReduceSum", g.node("Mul", spans.gather(g, x, axis), weights), [axis + 3], keepdims=False)


KIND = AdaptiveAvgPool()
