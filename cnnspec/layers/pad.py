"""A border around the image."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from cnnspec.diagnostics import Mistake
from cnnspec.layers._arguments import Choice, Pads
from cnnspec.layers._kind import Argument, GraphBuilder, Operation
from cnnspec.layers._sizes import SpatialKind
from cnnspec.layers._windows import by_axis, moved, onnx_pads
from cnnspec.values import Size, Word, show

if TYPE_CHECKING:
    from cnnspec.reach import Reach

MODES = {"zero": "constant", "reflect": "reflect", "edge": "edge"}


class Pad(SpatialKind):
    """Puts a border of p pixels around the image; the channels stay.

    Output size, for each axis: n + p_begin + p_end. `mode` says what the border holds: zeros (`zero`), the image
    mirrored at its outermost pixels (`reflect`; p must be below n), or the outermost pixels repeated (`edge`). No
    parameters.
    """

    arguments = (
        Argument("p", Pads(words=False), long="pad", doc="pixels on each side"),
        Argument("mode", Choice(tuple(MODES)), Word("zero"), doc="what the border holds"),
    )
    formula = "n + 2p"
    source = "ONNX operator Pad"
    example = "input 28x28x1\npad 2 -> 32x32x1\npad [0, 1, 0, 1], mode=reflect -> 32x34x1\n"

    def output_size(self, a: Any, x: Size) -> Size:
        if a.mode == "reflect":
            for n, pair in zip(x[:-1], a.p.pairs, strict=True):
                for p in pair:
                    _check_mirror(n, p)
        return (*(n + begin + end for n, (begin, end) in zip(x[:-1], a.p.pairs, strict=True)), x[-1])

    def window(self, a: Any, x: Size) -> tuple[Reach, ...]:
        return moved([-begin for begin, _ in a.p.pairs])

    def explain_size(self, op: Operation) -> tuple[str, ...]:
        axes = zip(op.input[:-1], op.args.p.pairs, op.output[:-1], strict=True)
        return by_axis(
            op.rank,
            [
                f"n + 2p = {show(n)} + 2*{show(b)} = {show(m)}"
                if b == e
                else f"n + p_begin + p_end = {show(n)} + {show(b)} + {show(e)} = {show(m)}"
                for n, (b, e), m in axes
            ],
        )

    def lower(self, g: GraphBuilder, op: Operation, *inputs: str) -> str:
        half = onnx_pads(op.args.p.pairs)
        amounts = [0, 0, *half[: op.rank], 0, 0, *half[op.rank :]]
        return g.node("Pad", *inputs, g.constant(amounts, "int64"), mode=MODES[op.args.mode])


def _check_mirror(n: Any, p: Any) -> None:
    if p >= n:
        raise Mistake(
            "E306",
            "mode=reflect mirrors at most n - 1 = {most} pixels, not p={p}",
            help="use p={most} or less, or mode=edge",
            argument="p",
            most=show(n - 1),
            p=show(p),
        )


KIND = Pad()
