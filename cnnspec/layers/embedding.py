"""The embedding of words, or of other numbered things."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from cnnspec.language import say
from cnnspec.layers._arguments import Whole
from cnnspec.layers._kind import Argument, GraphBuilder, Kind, Operation, Tensor
from cnnspec.layers._tensors import KERNEL
from cnnspec.values import UNKNOWN, Size, Value, as_whole, show, show_count


class Embedding(Kind):
    """Replaces each number of a sequence by a learned vector: row i of the weight for the number i.

    The input is a sequence of integers from 0 to vocabulary - 1 (`input 56, integer`); a sequence of length n becomes
    n x width. Parameters: vocabulary * width. Layout of `weight`: (vocabulary, width).
    """

    family = "text"
    integers = True
    arguments = (
        Argument("vocabulary", Whole(), doc="how many different numbers there are, 0 included"),
        Argument("width", Whole(), doc="size of the vector of each, which is the number of output channels"),
        KERNEL._replace(doc="the vectors, one below the other: learned, or their values"),
    )
    formula = "n x width"
    source = "ONNX operator Gather"
    example = "input 56, integer\nembedding 1000, 64 -> 56x64, 64_000 params\nconv 128, f=3 | relu -> 54x128\n"

    def output_size(self, a: Any, x: Size) -> Size:
        return (*x, a.width)

    def guess(self, given: Mapping[str, Value], x: Size) -> Size | None:
        width = as_whole(given.get("width"))
        return (*x, UNKNOWN if width is None or width < 1 else width)

    def tensors(self, a: Any, x: Size) -> tuple[Tensor, ...]:
        return (Tensor("weight", (a.vocabulary, a.width), "normal"),)

    def explain_size(self, op: Operation) -> tuple[str, ...]:
        width, count = show(op.args.width), show(op.input)
        return (say("a vector of width {width} for each of the {count} integers", width=width, count=count),)

    def explain_params(self, op: Operation) -> tuple[str, ...]:
        a = op.args
        return (f"vocabulary*width = {show(a.vocabulary)}*{show(a.width)} = {show_count(op.params)}",)

    def lower(self, g: GraphBuilder, op: Operation, *inputs: str) -> str:
        """The looked-up vectors stand last, and move to the place of the channels."""
        vectors = g.node("Gather", g.tensor("weight"), inputs[0], axis=0)
        last = len(op.input) + 1
        return g.node("Transpose", vectors, perm=[0, last, *range(2, last), 1])


KIND = Embedding()
