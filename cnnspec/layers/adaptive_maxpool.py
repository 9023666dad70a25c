"""Maximum pooling to a given size."""

from __future__ import annotations

from cnnspec.layers._adaptive import AdaptivePool, OpenWindows, gather_windows
from cnnspec.layers._kind import GraphBuilder
from cnnspec.layers._lowering import reduce


class AdaptiveMaxPool(AdaptivePool):
    """Takes the largest value of windows that are chosen so that the output has the given size.

    Window i of m over n pixels runs from floor(i*n/m) to ceil((i + 1)*n/m); where m divides n they are
    equal, otherwise they overlap. The channels stay. No parameters.
    """

    source = "PyTorch's AdaptiveMaxPool"
    example = "input 13x13x256\nadaptive_maxpool 6 -> 6x6x256, 0 params\n"
    operator = "MaxPool"
    reduction = "ReduceMax"

    def reduce_windows(self, g: GraphBuilder, x: str, rank: int, axis: int, spans: list[tuple[int, int]]) -> str:
        return reduce(g, "ReduceMax", gather_windows(g, x, axis, spans), [axis + 3], keepdims=False)

    def reduce_open_windows(self, g: GraphBuilder, x: str, rank: int, axis: int, spans: OpenWindows) -> str:
        return reduce(g, "ReduceMax", spans.gather(g, x, axis), [axis + 3], keepdims=False)


KIND = AdaptiveMaxPool()
