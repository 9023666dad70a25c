"""What the adaptive poolings share: windows that are chosen so that the output has a given size.

Window i of m over n pixels runs from floor(i*n/m) to ceil((i + 1)*n/m).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from cnnspec.layers._arguments import TargetSize
from cnnspec.layers._kind import Argument, GraphBuilder, Kind, Operation
from cnnspec.layers._pooling import channels_stay, same_channels
from cnnspec.layers._windows import by_axis, check_rank
from cnnspec.values import Dim, Size, Value, show

if TYPE_CHECKING:
    from cnnspec.reach import Reach


class AdaptivePool(Kind):
    """A pooling to a given size; a subclass says with which operator, and how unequal windows are reduced."""

    family = "pooling"
    needs = "image"
    arguments = (Argument("size", TargetSize(), doc="size of the output without channels: 7x7, or one number"),)
    formula = "the size given"
    operator = ""

    def output_size(self, a: Any, x: Size) -> Size:
        check_rank(x)
        return (*a.size, x[-1])

    def guess(self, given: Mapping[str, Value], x: Size) -> Size | None:
        return same_channels(x)

    def window(self, a: Any, x: Size) -> tuple[Reach, ...]:
        from cnnspec.reach import periodic

        return tuple(periodic(n, m, _span) for n, m in zip(x[:-1], a.size, strict=True))

    def explain_size(self, op: Operation) -> tuple[str, ...]:
        lines = [_text(n, m) for n, m in zip(op.input[:-1], op.args.size, strict=True)]
        return (*by_axis(op.rank, lines), channels_stay(op))

    def lower(self, g: GraphBuilder, op: Operation, *inputs: str) -> str:
        """Plain pooling along the axes that divide, then the others one by one."""
        x = inputs[0]
        axes: Any = list(zip(op.input[:-1], op.args.size, strict=True))
        steps = [n // m if n % m == 0 else 1 for n, m in axes]
        if any(step > 1 for step in steps):
            x = g.node(self.operator, x, kernel_shape=steps, strides=steps, pads=[0] * (2 * op.rank))
        for axis, (n, m) in enumerate(axes):
            if n % m != 0:
                x = self.reduce_windows(g, x, op.rank, axis, windows(n, m))
        return x if x != inputs[0] else g.node("Identity", x)

    def reduce_windows(self, g: GraphBuilder, x: str, rank: int, axis: int, spans: list[tuple[int, int]]) -> str:
        """Each window of the spatial axis to one value."""
        raise NotImplementedError(self.name)


def windows(n: int, m: int) -> list[tuple[int, int]]:
    """First pixel, and the one after the last, of each window.

    >>> windows(5, 3)
    [(0, 2), (1, 4), (3, 5)]
    """
    return [(i * n // m, -(-(i + 1) * n // m)) for i in range(m)]


def gather_windows(g: GraphBuilder, x: str, axis: int, spans: list[tuple[int, int]]) -> str:
    """The pixels of all windows, as a new axis after the one they lie along; short windows repeat their last pixel."""
    longest = max(end - start for start, end in spans)
    pixels = [[min(start + i, end - 1) for i in range(longest)] for start, end in spans]
    return g.node("Gather", x, g.constant(pixels, "int64"), axis=axis + 2)


def _span(i: int, n: int, m: int) -> tuple[int, int]:
    """First and last pixel of window i."""
    return i * n // m, -(-(i + 1) * n // m) - 1


def _text(n: Dim, m: Dim) -> str:
    if not isinstance(n, int) or not isinstance(m, int):
        return f"{show(m)}, as given"
    if n % m == 0:
        return f"{show(m)}, as given: windows of n/size = {show(n)}/{show(m)} = {show(n // m)}"
    ends = f"floor(i*{show(n)}/{show(m)}) to ceil((i + 1)*{show(n)}/{show(m)})"
    return f"{show(m)}, as given: window i, from 0, runs from {ends}"
