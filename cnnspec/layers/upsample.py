"""A larger image by repeating or interpolating pixels."""

from __future__ import annotations

import struct
from typing import TYPE_CHECKING, Any

from cnnspec.language import say
from cnnspec.layers._arguments import Choice, PerAxis, TargetSize, ValueName
from cnnspec.layers._kind import OPTIONAL, Argument, GraphBuilder, Operation
from cnnspec.layers._lowering import count_up
from cnnspec.layers._sizes import SpatialKind, one_of, same_rank
from cnnspec.layers._windows import by_axis
from cnnspec.values import UNKNOWN, Dim, Size, Word, show, show_factor

if TYPE_CHECKING:
    from cnnspec.reach import Reach


class Upsample(SpatialKind):
    """Enlarges the image by a whole factor, or to a given size, without parameters; the channels stay.

    Output size, for each axis: n*factor, or the given one, m (which may be smaller, too); with `like=NAME` the height
    and width of the value of that name. Pixels count from 0.
    `mode=nearest`: output pixel i is input pixel floor(i*n/m), so that a factor of 2 writes each pixel twice.
    `mode=linear`: output pixel i lies at (i + 1/2)*n/m - 1/2 of the input and takes its share of the two pixels beside
    it, along each axis; outside the outermost pixel centres these hold. That is PyTorch's `interpolate` with
    `align_corners=False` (whose nearest pixel may be one off where floats round i*n/m below a whole number).
    """

    arguments = (
        Argument("factor", PerAxis(), OPTIONAL, doc="how many times larger"),
        Argument("size", TargetSize(), OPTIONAL, keyword_only=True, doc="the height and width to reach"),
        Argument("like", ValueName(), OPTIONAL, keyword_only=True, doc="the value whose height and width to take"),
        Argument("mode", Choice(("nearest", "linear")), Word("nearest"), keyword_only=True, doc="how to fill in"),
    )
    formula = "n*factor"
    source = "ONNX operator Resize"
    example = "input 7x7x64\nupsample 2 -> 14x14x64\nupsample size=20x30, mode=linear -> 20x30x64\n"

    def output_size(self, a: Any, x: Size) -> Size:
        one_of(self, a, ("factor", "size", "like"), "upsample 2")
        if a.factor is None:
            return (*_target(self.name, a, x), x[-1])
        return (*(n * k for n, k in zip(x[:-1], a.factor, strict=True)), x[-1])

    def window(self, a: Any, x: Size) -> tuple[Reach, ...]:
        from cnnspec.reach import nearest, open_reach, periodic

        sizes = zip(x[:-1], _target(self.name, a, x), strict=True) if a.factor is None else ((1, k) for k in a.factor)
        reaches = [periodic(n, m, nearest if a.mode == "nearest" else _beside) for n, m in sizes]
        return tuple(open_reach(one.stride) if a.mode is UNKNOWN else one for one in reaches)

    def explain_size(self, op: Operation) -> tuple[str, ...]:
        if op.args.factor is None:
            word = "size" if op.args.like is None else say("the size of `like`")
            return by_axis(op.rank, [f"{word} = {show(m)}" for m in op.output[:-1]])
        axes = zip(op.input[:-1], op.args.factor, op.output[:-1], strict=True)
        return by_axis(op.rank, [f"n*factor = {show_factor(n)}*{show(k)} = {show(m)}" for n, k, m in axes])

    def lower(self, g: GraphBuilder, op: Operation, *inputs: str) -> str:
        n, m = op.input[:-1], op.output[:-1]
        factors = [_factor(a, b) for a, b in zip(n, m, strict=True)]
        if op.args.mode == "linear":
            return _resize(g, inputs[0], n, m, mode="linear", coordinate_transformation_mode="half_pixel")
        if 0 in factors:
            return _pick(g, inputs[0], n, m)
        nearest = {"coordinate_transformation_mode": "asymmetric", "nearest_mode": "floor"}
        return _resize(g, inputs[0], n, m, mode="nearest", **nearest)


def _beside(i: int, n: int, m: int) -> tuple[int, int]:
    """The two pixels beside (i + 1/2)*n/m - 1/2; one where that is a whole number."""
    place, unit = (2 * i + 1) * n - m, 2 * m
    return place // unit, -(-place // unit)


def _target(kind: str, a: Any, x: Size) -> Size:
    """The size to reach, without channels."""
    if a.like is None:
        size: Size = a.size
        return size
    if a.like is UNKNOWN:
        return (UNKNOWN,) * (len(x) - 1)
    same_rank(kind, "like", x, a.like)
    like: Size = a.like[:-1]
    return like


def _factor(n: Dim, m: Dim) -> int:
    """m/n where it is a known whole number, else 0.

    >>> _factor(7, 14), _factor(2, 3)
    (2, 0)
    """
    try:
        factor: Any = m // n
    except TypeError:  # of letters no simple expression
        return 0
    return factor if isinstance(factor, int) and factor * n == m else 0


def _resize(g: GraphBuilder, x: str, n: Size, m: Size, **attributes: str) -> str:
    factors = [scale(a, b) for a, b in zip(n, m, strict=True)]
    if None not in factors:
        return g.node("Resize", x, "", g.constant([1.0, 1.0, *factors]), **attributes)
    start, end = g.constant([0], "int64"), g.constant([2], "int64")
    kept = g.node("Slice", g.node("Shape", x), start, end)
    return g.node("Resize", x, "", "", g.shape([kept, *m]), **attributes)


def _pick(g: GraphBuilder, x: str, n: Any, m: Any) -> str:
    """Nearest pixels by their numbers: exact where m/n is no whole number, which a float scale is not."""
    for axis, (a, b) in enumerate(zip(n, m, strict=True), start=2):
        if a != b:
            x = g.node("Gather", x, _pixels(g, a, b), axis=axis)
    return x


def _pixels(g: GraphBuilder, n: Any, m: Any) -> str:
    """floor(i*n/m) for each of m pixels."""
    if isinstance(n, int) and isinstance(m, int):
        return g.constant([i * n // m for i in range(m)], "int64")
    size = g.dimension(m)
    return g.node("Div", g.node("Mul", count_up(g, size), g.dimension(n)), size)


def scale(n: Any, m: Any) -> float | None:
    """The smallest 32-bit float not below m/n: then floor(n*scale) is m, however it is computed.

    None where letters leave m/n open.

    >>> scale(7, 14), scale(3, 7) * 3 >= 7
    (2.0, True)
    """
    if not isinstance(n, int) or not isinstance(m, int):
        return float(factor) if (factor := _factor(n, m)) else None
    bits: int = struct.unpack("<I", struct.pack("<f", m / n))[0]
    value: float = struct.unpack("<f", struct.pack("<I", bits))[0]
    if value * n < m:
        value = struct.unpack("<f", struct.pack("<I", bits + 1))[0]
    return value


KIND = Upsample()
