"""ONNX nodes whose form depends on the opset, and shapes with the symbolic batch."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from cnnspec.layers._kind import GraphBuilder
from cnnspec.values import Dim, Size

FLOAT = 1  # ONNX's number of the type of 32-bit floats

# The opset from which a reduction takes its axes as an input instead of an attribute.
AXES_AS_INPUT = {"ReduceSum": 13, "ReduceMax": 18, "ReduceMean": 18}


def reduce(g: GraphBuilder, op_type: str, x: str, axes: Sequence[int], *, keepdims: bool = True) -> str:
    """`ReduceSum`, `ReduceMean` or `ReduceMax` over the given axes."""
    if g.opset >= AXES_AS_INPUT[op_type]:
        return g.node(op_type, x, g.constant(list(axes), "int64"), keepdims=int(keepdims))
    return g.node(op_type, x, axes=list(axes), keepdims=int(keepdims))


def reshape(g: GraphBuilder, x: str, *dims: Any) -> str:
    """The values in another shape; 0 keeps the axis at that place (the batch), -1 is what remains.

    Sizes with letters are computed; a single one is what remains.
    """
    open_ = [i for i, n in enumerate(dims) if not isinstance(n, int)]
    if len(open_) == 1 and -1 not in dims:
        dims = (*dims[: open_[0]], -1, *dims[open_[0] + 1 :])
    return g.node("Reshape", x, g.shape(dims))


def to_layout(g: GraphBuilder, x: str, size: Size) -> str:
    """The values as (N, channels, spatial axes) of the given size."""
    return reshape(g, x, 0, size[-1], *size[:-1])


def pad(g: GraphBuilder, x: str, pads: Sequence[tuple[Dim | str, Dim | str]], value: float = 0.0) -> str:
    """(begin, end) pixels of the value around each spatial axis; sizes, or names of what `g.dimension` gave."""
    begins, ends = [begin for begin, _ in pads], [end for _, end in pads]
    amounts = g.shape([0, 0, *begins, 0, 0, *ends])
    return g.node("Pad", x, amounts, g.constant(value), mode="constant")


def count_up(g: GraphBuilder, count: str) -> str:
    """The numbers 0, 1, … as many as `count`, what `g.dimension` gave, says."""
    stop = g.node("Squeeze", count, g.constant([0], "int64"))
    return g.node("Range", g.constant(0, "int64"), stop, g.constant(1, "int64"))


def repeated(g: GraphBuilder, value: float, count: Dim) -> str:
    """A list of the value, `count` times."""
    if isinstance(count, int):
        return g.constant([value] * count)
    return g.node("Expand", g.constant([value]), g.dimension(count))
