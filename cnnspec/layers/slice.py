"""A run of channels."""

from __future__ import annotations

from typing import Any

from cnnspec.diagnostics import Mistake
from cnnspec.language import say
from cnnspec.layers._arguments import Whole
from cnnspec.layers._kind import Argument, GraphBuilder, Operation
from cnnspec.layers._sizes import ChannelKind, channels_name
from cnnspec.values import Size, show


class Slice(ChannelKind):
    """Keeps the channels from `start` up to, but not with, `end`; they are numbered from 0.

    Output: end - start channels; height and width stay. On a vector it keeps that part of its values. No parameters.
    """

    arguments = (
        Argument("start", Whole(0), doc="the first channel to keep"),
        Argument("end", Whole(0), doc="the channel before which to stop"),
    )
    formula = "end - start"
    source = "ONNX operator Slice"
    example = "input 5\nslice 1, 4 -> 3\nexample [10, 11, 12, 13, 14] -> [11, 12, 13]\n"

    def output_size(self, a: Any, x: Size) -> Size:
        if a.end > x[-1]:
            raise Mistake(
                "E311",
                "`end` is {end}, there are {count} channels"
                if len(x) > 1
                else "`end` is {end}, there are {count} features",
                help="use `end` up to {count}",
                argument="end",
                end=show(a.end),
                count=show(x[-1]),
            )
        if a.start >= a.end:
            raise Mistake(
                "E307",
                "`slice` from {start} to {end} leaves nothing",
                notes=("end - start = {end} - {start} = {rest}",),
                help="use an `end` above `start`; the channel `end` itself is left out",
                argument="end",
                start=show(a.start),
                end=show(a.end),
                rest=show(a.end - a.start),
            )
        return (*x[:-1], a.end - a.start)

    def explain_size(self, op: Operation) -> tuple[str, ...]:
        a, left = op.args, show(op.output[-1])
        text = f"end - start = {show(a.end)} - {show(a.start)} = {left}"
        return (say("{name}: {text}", name=channels_name(op.input), text=text),)

    def lower(self, g: GraphBuilder, op: Operation, *inputs: str) -> str:
        return g.node("Slice", *inputs, *(g.constant([part], "int64") for part in (op.args.start, op.args.end, 1)))


KIND = Slice()
