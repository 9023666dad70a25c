"""A larger image by repeating or interpolating pixels."""

from __future__ import annotations

import struct
from typing import TYPE_CHECKING, Any

from cnnspec.layers._arguments import Choice, PerAxis, TargetSize
from cnnspec.layers._kind import OPTIONAL, Argument, GraphBuilder, Operation
from cnnspec.layers._sizes import SpatialKind, one_of
from cnnspec.layers._windows import by_axis
from cnnspec.values import UNKNOWN, Size, Word, show

if TYPE_CHECKING:
    from cnnspec.reach import Reach


class Upsample(SpatialKind):
    """Enlarges the image by a whole factor, or to a given size, without parameters; the channels stay.

    Output size, for each axis: n*factor, or the given one, m (which may be smaller, too). Pixels count from 0.
    `mode=nearest`: output pixel i is input pixel floor(i*n/m), so that a factor of 2 writes each pixel twice.
    `mode=linear`: output pixel i lies at (i + 1/2)*n/m - 1/2 of the input and takes its share of the two pixels beside
    it, along each axis; outside the outermost pixel centres these hold. That is PyTorch's `interpolate` with
    `align_corners=False` (whose nearest pixel may be one off where floats round i*n/m below a whole number).
    """

    arguments = (
        Argument("factor", PerAxis(), OPTIONAL, doc="how many times larger"),
        Argument("size", TargetSize(), OPTIONAL, keyword_only=True, doc="the height and width to reach"),
        Argument("mode", Choice(("nearest", "linear")), Word("nearest"), keyword_only=True, doc="how to fill in"),
    )
    formula = "n*factor"
    source = "ONNX operator Resize"
    example = "input 7x7x64\nupsample 2 -> 14x14x64\nupsample size=20x30, mode=linear -> 20x30x64\n"

    def output_size(self, a: Any, x: Size) -> Size:
        one_of(self, a, "factor", "size", "upsample 2")
        if a.factor is None:
            return (*a.size, x[-1])
        return (*(n * k for n, k in zip(x[:-1], a.factor, strict=True)), x[-1])

    def window(self, a: Any, x: Size) -> tuple[Reach, ...]:
        from cnnspec.reach import nearest, open_reach, periodic

        sizes = zip(x[:-1], a.size, strict=True) if a.factor is None else ((1, k) for k in a.factor)
        reaches = [periodic(n, m, nearest if a.mode == "nearest" else _beside) for n, m in sizes]
        return tuple(open_reach(one.stride) if a.mode is UNKNOWN else one for one in reaches)

    def explain_size(self, op: Operation) -> tuple[str, ...]:
        if op.args.factor is None:
            return by_axis(op.rank, [f"size = {show(m)}" for m in op.output[:-1]])
        axes = zip(op.input[:-1], op.args.factor, op.output[:-1], strict=True)
        return by_axis(op.rank, [f"n*factor = {show(n)}*{show(k)} = {show(m)}" for n, k, m in axes])

    def lower(self, g: GraphBuilder, op: Operation, *inputs: str) -> str:
        n, m = op.input[:-1], op.output[:-1]
        if op.args.mode == "linear":
            return _resize(g, inputs[0], n, m, mode="linear", coordinate_transformation_mode="half_pixel")
        if any(b % a for a, b in zip(n, m, strict=True)):
            return _pick(g, inputs[0], n, m)
        nearest = {"coordinate_transformation_mode": "asymmetric", "nearest_mode": "floor"}
        return _resize(g, inputs[0], n, m, mode="nearest", **nearest)


def _beside(i: int, n: int, m: int) -> tuple[int, int]:
    """The two pixels beside (i + 1/2)*n/m - 1/2; one where that is a whole number."""
    place, unit = (2 * i + 1) * n - m, 2 * m
    return place // unit, -(-place // unit)


def _resize(g: GraphBuilder, x: str, n: Size, m: Size, **attributes: str) -> str:
    scales = g.constant([1.0, 1.0, *map(scale, n, m)])
    return g.node("Resize", x, "", scales, **attributes)


def _pick(g: GraphBuilder, x: str, n: Any, m: Any) -> str:
    """Nearest pixels by their numbers: exact where m/n is no whole number, which a float scale is not."""
    for axis, (a, b) in enumerate(zip(n, m, strict=True), start=2):
        if a != b:
            x = g.node("Gather", x, g.constant([i * a // b for i in range(b)], "int64"), axis=axis)
    return x


def scale(n: Any, m: Any) -> float:
    """The smallest 32-bit float not below m/n: then floor(n*scale) is m, however it is computed.

    >>> scale(7, 14), scale(3, 7) * 3 >= 7
    (2.0, True)
    """
    bits: int = struct.unpack("<I", struct.pack("<f", m / n))[0]
    value: float = struct.unpack("<f", struct.pack("<I", bits))[0]
    if value * n < m:
        value = struct.unpack("<f", struct.pack("<I", bits + 1))[0]
    return value


KIND = Upsample()
