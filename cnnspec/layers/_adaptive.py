"""What the adaptive poolings share: windows that are chosen so that the output has a given size.

Window i of m over n pixels runs from floor(i*n/m) to ceil((i + 1)*n/m).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from cnnspec.language import say
from cnnspec.layers._arguments import TargetSize
from cnnspec.layers._kind import Argument, GraphBuilder, Kind, Operation
from cnnspec.layers._lowering import FLOAT, count_up, reduce
from cnnspec.layers._pooling import channels_stay, same_channels
from cnnspec.layers._windows import by_axis, check_rank
from cnnspec.values import Dim, Size, Symbolic, Value, show, show_factor

if TYPE_CHECKING:
    from cnnspec.reach import Reach


class AdaptivePool(Kind):
    """A pooling to a given size; a subclass says with which operator, and how unequal windows are reduced."""

    family = "pooling"
    needs = "image"
    arguments = (Argument("size", TargetSize(), doc="size of the output without channels: 7x7, or one number"),)
    formula = "the size given"
    operator = ""
    reduction = ""

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
        steps = [_step(n, m) for n, m in axes]
        if any(step > 1 for step in steps):
            factors = [max(1, step) for step in steps]
            x = g.node(self.operator, x, kernel_shape=factors, strides=factors, pads=[0] * (2 * op.rank))
        for axis, ((n, m), step) in enumerate(zip(axes, steps, strict=True)):
            if step:
                continue
            if isinstance(n, int) and isinstance(m, int):
                x = self.reduce_windows(g, x, op.rank, axis, windows(n, m))
            elif m == 1:
                x = reduce(g, self.reduction, x, [axis + 2])
            else:
                x = self.reduce_open_windows(g, x, op.rank, axis, OpenWindows(g, n, m))
        return x if x != inputs[0] else g.node("Identity", x)

    def reduce_windows(self, g: GraphBuilder, x: str, rank: int, axis: int, spans: list[tuple[int, int]]) -> str:
        """Each window of the spatial axis to one value."""
        raise NotImplementedError(self.name)

    def reduce_open_windows(self, g: GraphBuilder, x: str, rank: int, axis: int, spans: OpenWindows) -> str:
        """The same where letters leave the windows open."""
        raise NotImplementedError(self.name)


class OpenWindows:
    """The windows where letters leave n or m open: starts and ends as columns of m numbers, and a row of places.

    No window is longer than floor(n/m) + 2.
    """

    def __init__(self, g: GraphBuilder, n: Dim, m: Dim) -> None:
        count, pixels, one = g.dimension(m), g.dimension(n), g.constant([1], "int64")
        first = g.node("Unsqueeze", count_up(g, count), one)
        after = g.node("Mul", g.node("Add", first, one), pixels)
        self.starts = g.node("Div", g.node("Mul", first, pixels), count)
        self.ends = g.node("Div", g.node("Add", after, g.node("Sub", count, one)), count)
        longest = g.node("Add", g.node("Div", pixels, count), g.constant([2], "int64"))
        self.places = count_up(g, longest)

    def gather(self, g: GraphBuilder, x: str, axis: int) -> str:
        """`gather_windows` of these."""
        last = g.node("Sub", self.ends, g.constant([1], "int64"))
        pixels = g.node("Min", g.node("Add", self.starts, self.places), last)
        return g.node("Gather", x, pixels, axis=axis + 2)

    def shares(self, g: GraphBuilder) -> str:
        """What each gathered pixel counts: 1/length inside its window, 0 where it repeats the last."""
        lengths = g.node("Sub", self.ends, self.starts)
        inside = g.node("Cast", g.node("Less", self.places, lengths), to=FLOAT)
        return g.node("Div", inside, g.node("Cast", lengths, to=FLOAT))


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


def _step(n: Dim, m: Dim) -> int:
    """The size of equal windows; 0 where they are not equal, or not of a known size."""
    if isinstance(n, Symbolic) and n == m:
        return 1
    step: Any
    if isinstance(m, Symbolic):
        try:
            step = n // m
        except TypeError:  # no simple expression
            return 0
        return step if isinstance(step, int) else 0
    step = n // m
    return step if isinstance(step, int) and n % m == 0 else 0


def _text(n: Dim, m: Dim) -> str:
    letters = isinstance(n, Symbolic) or isinstance(m, Symbolic)
    if not letters and (not isinstance(n, int) or not isinstance(m, int)):
        return say("{size}, as given", size=show(m))
    if not letters and n % m == 0:
        arithmetic = f"n/size = {show(n)}/{show(m)} = {show(n // m)}"
        return say("{size}, as given: windows of {arithmetic}", size=show(m), arithmetic=arithmetic)
    return say(
        "{size}, as given: window i, from 0, runs from {start} to {end}",
        size=show(m),
        start=f"floor(i*{show_factor(n)}/{show_factor(m)})",
        end=f"ceil((i + 1)*{show_factor(n)}/{show_factor(m)})",
    )
