"""Some of the channels, in a given order."""

from __future__ import annotations

from typing import Any

from cnnspec.diagnostics import Mistake
from cnnspec.language import say
from cnnspec.layers._arguments import WholeList
from cnnspec.layers._kind import Argument, GraphBuilder, Operation
from cnnspec.layers._sizes import ChannelKind, channels_name
from cnnspec.values import UNKNOWN, Size, show


class Select(ChannelKind):
    """Keeps the listed channels, in the order of the list; they are numbered from 0, and one may come twice.

    Output: as many channels as the list has numbers; height and width stay. No parameters.
    """

    arguments = (Argument("indices", WholeList(), doc="the numbers of the channels"),)
    formula = "channels = numbers in the list"
    source = "ONNX operator Gather"
    example = "input 5\nselect [4, 0, 0] -> 3\nexample [10, 11, 12, 13, 14] -> [14, 10, 10]\n"

    def output_size(self, a: Any, x: Size) -> Size:
        if a.indices is UNKNOWN:
            return (*x[:-1], UNKNOWN)
        if len(a.indices) == 0:
            raise Mistake("E307", "the list is empty: nothing would be left", help="list a channel", argument="indices")
        for index in a.indices:
            if index >= x[-1]:
                raise Mistake(
                    "E311",
                    "there is no channel {index}: the {count} channels count from 0"
                    if len(x) > 1
                    else "there is no channel {index}: the {count} features count from 0",
                    help="use numbers from 0 to {last}",
                    argument="indices",
                    index=show(index),
                    count=show(x[-1]),
                    last=show(x[-1] - 1),
                )
        return (*x[:-1], len(a.indices))

    def explain_size(self, op: Operation) -> tuple[str, ...]:
        text = say("the list has {count} numbers", count=show(op.output[-1]))
        return (say("{name}: {text}", name=channels_name(op.input), text=text),)

    def lower(self, g: GraphBuilder, op: Operation, *inputs: str) -> str:
        return g.node("Gather", *inputs, g.constant(list(op.args.indices), "int64"), axis=1)


KIND = Select()
