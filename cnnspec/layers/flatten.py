"""An image as a vector."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from cnnspec.language import say
from cnnspec.layers._kind import GraphBuilder, Kind, Operation
from cnnspec.layers._sizes import product_text
from cnnspec.sizes import elements
from cnnspec.values import Size, Value


class Flatten(Kind):
    """Puts all values into one vector: first the whole first channel, row by row, then the second, and so on.

    Output size: height*width*channels. It stands between the last convolution and the first `dense`. The order is
    PyTorch's and ONNX's; Keras goes through the channels of each pixel first. `reshape` undoes it. No parameters.
    """

    family = "shape"
    view = True
    formula = "height*width*channels"
    source = "ONNX operator Flatten"
    example = "input 4x4x20\nflatten -> 320\n"

    def output_size(self, a: Any, x: Size) -> Size:
        return (elements(x),)

    def guess(self, given: Mapping[str, Value], x: Size) -> Size | None:
        return (elements(x),)

    def explain_size(self, op: Operation) -> tuple[str, ...]:
        if not op.rank:
            return (say("a vector already: the size stays"),)
        count = product_text(op.input)
        if op.rank == 2:
            return (say("{count} values in a row: channels, rows, columns", count=count),)
        return (say("{count} values in a row: channels first", count=count),)

    def lower(self, g: GraphBuilder, op: Operation, *inputs: str) -> str:
        return g.node("Flatten", *inputs, axis=1)


KIND = Flatten()
