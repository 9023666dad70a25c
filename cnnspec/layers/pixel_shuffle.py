"""Channels as pixels."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from cnnspec.diagnostics import Mistake
from cnnspec.language import say
from cnnspec.layers._arguments import Whole
from cnnspec.layers._channels import check_divides
from cnnspec.layers._kind import Argument, GraphBuilder, Kind, Operation
from cnnspec.layers._windows import axis_names
from cnnspec.values import UNKNOWN, Size, Value, show, show_factor, show_size

if TYPE_CHECKING:
    from cnnspec.reach import Reach


class PixelShuffle(Kind):
    """Makes an image r times higher and wider out of groups of r*r channels, without parameters.

    Output size: height*r x width*r x channels/(r*r). Of r*r consecutive channels, the first r fill the first of each r
    rows, the next r the second: the order of PyTorch's PixelShuffle. Images only.
    """

    family = "shape"
    needs = "image"
    arguments = (Argument("r", Whole(), doc="how many times higher and wider"),)
    formula = "height*r x width*r x channels/(r*r)"
    source = "ONNX operator DepthToSpace (CRD); Shi et al., Real-Time Single Image and Video Super-Resolution, 2016"
    example = "input 16x16x12\npixel_shuffle 2 -> 32x32x3\n"

    def output_size(self, a: Any, x: Size) -> Size:
        if len(x) != 3:
            raise Mistake(
                "E309",
                "`pixel_shuffle` works on images: height x width x channels, here arrives {size}",
                help="use `reshape` or `conv_transpose`",
                size=show_size(x),
            )
        r = show(a.r)
        check_divides(a.r * a.r, x[-1], "r", f"r*r = {r}*{r} = {show(a.r * a.r)}")
        return (x[0] * a.r, x[1] * a.r, x[2] // (a.r * a.r))

    def window(self, a: Any, x: Size) -> tuple[Reach, ...]:
        from cnnspec.reach import nearest, periodic

        return (periodic(1, a.r, nearest),) * 2

    def guess(self, given: Mapping[str, Value], x: Size) -> Size | None:
        return (UNKNOWN,) * len(x)

    def explain_size(self, op: Operation) -> tuple[str, ...]:
        (h, w, c), (h2, w2, c2), r = map(show_factor, op.input), map(show, op.output), show(op.args.r)
        channels = say("channels")
        lines = f"{h}*{r} = {h2}", f"{w}*{r} = {w2}", f"{channels}/(r*r) = {c}/({r}*{r}) = {c2}"
        names = *axis_names(2), channels
        return tuple(say("{name}: {text}", name=name, text=text) for name, text in zip(names, lines, strict=True))

    def lower(self, g: GraphBuilder, op: Operation, *inputs: str) -> str:
        return g.node("DepthToSpace", *inputs, blocksize=op.args.r, mode="CRD")


KIND = PixelShuffle()
