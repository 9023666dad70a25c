"""The same values in another size."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, cast

from cnnspec.diagnostics import Mistake
from cnnspec.language import say
from cnnspec.layers._arguments import TargetSize
from cnnspec.layers._kind import Argument, GraphBuilder, Kind, Operation
from cnnspec.layers._lowering import to_layout
from cnnspec.layers._sizes import product_text
from cnnspec.sizes import elements
from cnnspec.values import UNKNOWN, Size, Value, show

if TYPE_CHECKING:
    from cnnspec.reach import Reach

MOST_AXES = 4  # frames, height, width, channels


class Reshape(Kind):
    """Gives the same values another size, with its channels: a vector of 320 becomes 4x4x20, or the other way round.

    The number of values must stay. They are taken, and put, in the order of `flatten`: channel by channel, in each
    row by row; so `reshape` undoes `flatten`. No parameters.
    """

    family = "shape"
    view = True
    arguments = (Argument("size", TargetSize(channels=True), doc="the new size, with its channels"),)
    formula = "height*width*channels stays"
    source = "ONNX operator Reshape"
    example = "input 320\nreshape 4x4x20 -> 4x4x20\n"

    def output_size(self, a: Any, x: Size) -> Size:
        size: Any = a.size
        if size is UNKNOWN:
            return cast("Size", UNKNOWN)
        _check_axes(size)
        if elements(size) != elements(x):
            raise Mistake(
                "E308",
                "{given} values arrive, {size} holds {wanted}",
                notes=("arriving: {here}", "wanted: {there}"),
                help="choose a size of {given} values",
                argument="size",
                given=show(elements(x)),
                wanted=show(elements(size)),
                size=show(size),
                here=product_text(x),
                there=product_text(size),
            )
        return tuple(size)

    def guess(self, given: Mapping[str, Value], x: Size) -> Size | None:
        try:
            size = TargetSize(channels=True).read(given.get("size"), None)
        except Mistake:
            return None
        return size if size is not UNKNOWN and 1 <= len(size) <= MOST_AXES else None

    def window(self, a: Any, x: Size) -> tuple[Reach, ...]:
        """Its values come from anywhere."""
        from cnnspec.reach import everything

        return tuple(everything(n)._replace(stride=UNKNOWN) for n in x[:-1])

    def explain_size(self, op: Operation) -> tuple[str, ...]:
        if op.args.size is UNKNOWN:
            return (say("open"),)
        products = {product_text(size): None for size in (op.input, op.output) if len(size) > 1}
        return (say("as many values as before: {products}", products=", ".join(products) or show(op.output[0])),)

    def lower(self, g: GraphBuilder, op: Operation, *inputs: str) -> str:
        return to_layout(g, inputs[0], op.output)


def _check_axes(size: Size) -> None:
    if not 1 <= len(size) <= MOST_AXES:
        raise Mistake(
            "E309",
            "`size` has {given} parts, a size has 1 to {most}",
            help="write a size with its channels, such as 4x4x20",
            argument="size",
            given=len(size),
            most=MOST_AXES,
        )


KIND = Reshape()
