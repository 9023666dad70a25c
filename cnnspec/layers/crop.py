"""The image without its border."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from cnnspec.diagnostics import Mistake
from cnnspec.language import say
from cnnspec.layers._arguments import Pads, ValueName
from cnnspec.layers._kind import OPTIONAL, Argument, GraphBuilder, Operation
from cnnspec.layers._sizes import SpatialKind, one_of, same_rank
from cnnspec.layers._windows import by_axis, moved
from cnnspec.values import UNKNOWN, Dim, Size, show, show_factor, show_size

if TYPE_CHECKING:
    from cnnspec.reach import Reach


class Crop(SpatialKind):
    """Cuts p pixels off each side of the image; the channels stay.

    Output size, for each axis: n - p_begin - p_end. `crop like=NAME` cuts the middle out, as high and wide as the value
    of that name; where the difference is odd, one pixel more goes at the end. No parameters.
    """

    arguments = (
        Argument("p", Pads(words=False), OPTIONAL, doc="pixels to cut off each side"),
        Argument("like", ValueName(), OPTIONAL, keyword_only=True, doc="the value whose height and width to take"),
    )
    formula = "n - 2p"
    source = "ONNX operator Slice"
    example = (
        "input 8x8x1\nconv 4, f=3 as small -> 6x6x4, 40 params\n"
        "pad 3 -> 12x12x4\ncrop 1 -> 10x10x4\ncrop like=small -> 6x6x4\n"
    )

    def output_size(self, a: Any, x: Size) -> Size:
        one_of(self, a, ("p", "like"), "crop 2")
        if a.like is not None:
            _check_like(self.name, x, a.like)
        size = tuple(n - b - e for n, (b, e) in zip(x[:-1], cuts(a, x), strict=True))
        if any(n < 1 for n in size):
            raise Mistake(
                "E307",
                "`crop` leaves nothing of {size}",
                notes=("n - p_begin - p_end = {rule}",),
                help="use a smaller `p`",
                argument="p",
                size=show_size(x),
                rule=_rule(x, a),
            )
        return (*size, x[-1])

    def window(self, a: Any, x: Size) -> tuple[Reach, ...]:
        return moved([begin for begin, _ in cuts(a, x)])

    def explain_size(self, op: Operation) -> tuple[str, ...]:
        axes = zip(op.input[:-1], cuts(op.args, op.input), op.output[:-1], strict=True)
        lines = [f"{show(n)} - {show_factor(b)} - {show_factor(e)} = {show(m)}" for n, (b, e), m in axes]
        if op.args.like is not None:
            lines = [say("{arithmetic}, the size of `like`", arithmetic=line) for line in lines]
        return by_axis(op.rank, lines)

    def lower(self, g: GraphBuilder, op: Operation, *inputs: str) -> str:
        pairs = cuts(op.args, op.input)
        starts = g.shape([b for b, _ in pairs])
        ends = g.shape([b + n for (b, _), n in zip(pairs, op.output[:-1], strict=True)])
        return g.node("Slice", *inputs, starts, ends, g.shape(list(range(2, op.rank + 2))))


def cuts(a: Any, x: Size) -> tuple[tuple[Dim, Dim], ...]:
    """(begin, end): the pixels to cut off along each spatial axis."""
    if a.like is None:
        pairs: tuple[tuple[Dim, Dim], ...] = a.p.pairs
        return pairs
    if a.like is UNKNOWN:
        return ((UNKNOWN, UNKNOWN),) * (len(x) - 1)
    surplus = [n - m for n, m in zip(x[:-1], a.like[:-1], strict=True)]
    return tuple((d // 2, d - d // 2) for d in surplus)


def _check_like(kind: str, x: Size, like: Any) -> None:
    if like is UNKNOWN:
        return
    same_rank(kind, "like", x, like)
    if any(m > n for n, m in zip(x[:-1], like[:-1], strict=True)):
        raise Mistake(
            "E304",
            "`crop` cannot enlarge {size} to {like}",
            help="use `pad` or `upsample`, or crop the larger value",
            argument="like",
            size=show_size(x[:-1]),
            like=show_size(like[:-1]),
        )


def _rule(x: Size, a: Any) -> str:
    """The arithmetic of the first axis of which nothing is left."""
    axes = zip(x[:-1], cuts(a, x), strict=True)
    n, b, e = next((n, b, e) for n, (b, e) in axes if n - b - e < 1)
    return f"{show(n)} - {show_factor(b)} - {show_factor(e)} = {show(n - b - e)}"


KIND = Crop()
