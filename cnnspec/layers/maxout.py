"""The maximum over groups of channels."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from cnnspec.language import say
from cnnspec.layers._activation import Activation
from cnnspec.layers._arguments import Whole
from cnnspec.layers._channels import check_divides
from cnnspec.layers._kind import Argument, GraphBuilder, Operation
from cnnspec.layers._lowering import reduce, reshape
from cnnspec.values import UNKNOWN, Size, Value, show


class Maxout(Activation):
    """The largest of each group of k consecutive channels: channels 0 to k - 1 give the first, and so on.

    channels/k channels come out; k must divide the channels. Height and width stay; no parameters.
    """

    arguments = (Argument("k", Whole(), doc="channels in a group"),)
    formula = "max(x_1, ..., x_k)"
    source = "Goodfellow et al., Maxout Networks, 2013"
    example = "input 4\nmaxout 2 -> 2\nexample [-2, -1, 3, 1] -> [-1, 3]\n"

    def output_size(self, a: Any, x: Size) -> Size:
        check_divides(a.k, x[-1], "k", f"k={show(a.k)}")
        return (*x[:-1], x[-1] // a.k)

    def guess(self, given: Mapping[str, Value], x: Size) -> Size | None:
        return (*x[:-1], UNKNOWN)

    def explain_size(self, op: Operation) -> tuple[str, ...]:
        channels = say("channels")
        text = f"{channels}/k = {show(op.input[-1])}/{show(op.args.k)} = {show(op.output[-1])}"
        return (say("{name}: {text}", name=channels, text=text),)

    def lower(self, g: GraphBuilder, op: Operation, *inputs: str) -> str:
        groups = reshape(g, inputs[0], 0, op.output[-1], op.args.k, *op.input[:-1])
        return reduce(g, "ReduceMax", groups, [2], keepdims=False)


KIND = Maxout()
