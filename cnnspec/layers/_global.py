"""What the global poolings share."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, cast

from cnnspec.language import listing
from cnnspec.layers._arguments import Flag
from cnnspec.layers._kind import Argument, GraphBuilder, Kind, Operation
from cnnspec.layers._windows import axis_names, check_rank
from cnnspec.values import UNKNOWN, Size, Value, show

if TYPE_CHECKING:
    from cnnspec.reach import Reach


class GlobalPool(Kind):
    """A kind that makes one number of each channel."""

    family = "pooling"
    needs = "image"
    arguments = (Argument("keep", Flag(), False, doc="whether the output stays an image, 1x1 with the channels"),)
    formula = "channels"
    operator = ""

    def output_size(self, a: Any, x: Size) -> Size:
        check_rank(x)
        if a.keep is UNKNOWN:
            return cast(Size, UNKNOWN)
        return (*(1,) * (len(x) - 1), x[-1]) if a.keep else (x[-1],)

    def guess(self, given: Mapping[str, Value], x: Size) -> Size | None:
        if len(x) == 1:
            return x
        keep = given.get("keep", False)
        return (*(1,) * (len(x) - 1), x[-1]) if keep is True else (x[-1],) if keep is False else None

    def window(self, a: Any, x: Size) -> tuple[Reach, ...]:
        from cnnspec.reach import everything

        return tuple(map(everything, x[:-1]))

    def explain_size(self, op: Operation) -> tuple[str, ...]:
        return (self.explained(listing(axis_names(op.rank)), show(op.input[-1])),)

    def explained(self, axes: str, channels: str) -> str:
        """The arithmetic of the output's size, where these are the names of the axes."""
        raise NotImplementedError(self.name)

    def lower(self, g: GraphBuilder, op: Operation, *inputs: str) -> str:
        pooled = g.node(self.operator, inputs[0])
        return pooled if op.args.keep else g.node("Flatten", pooled, axis=1)
