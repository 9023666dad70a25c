"""Channels in another order."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from cnnspec.language import say
from cnnspec.layers._arguments import Whole
from cnnspec.layers._channels import check_divides
from cnnspec.layers._kind import Argument, GraphBuilder, Operation
from cnnspec.layers._lowering import reshape, to_layout
from cnnspec.layers._sizes import ChannelKind
from cnnspec.values import Size, Value, show


class ChannelShuffle(ChannelKind):
    """Deals the channels of `groups` consecutive groups out in turn: the first of each group, then the second of each.

    After a convolution with groups it lets the next one see channels of all groups. `groups` must divide the channels.
    The size stays; no parameters.
    """

    arguments = (Argument("groups", Whole(), doc="number of groups that are mixed"),)
    formula = "channel j of group i goes to place j*groups + i"
    source = "Zhang et al., ShuffleNet, 2017; PyTorch's ChannelShuffle"
    example = "input 6\nchannel_shuffle 2 -> 6\nexample [0, 1, 2, 3, 4, 5] -> [0, 3, 1, 4, 2, 5]\n"

    def output_size(self, a: Any, x: Size) -> Size:
        check_divides(a.groups, x[-1], "groups", f"groups={show(a.groups)}")
        return x

    def guess(self, given: Mapping[str, Value], x: Size) -> Size | None:
        return x

    def explain_size(self, op: Operation) -> tuple[str, ...]:
        if op.rank:
            return (say("the same channels in another order: the size stays"),)
        return (say("the same features in another order: the size stays"),)

    def lower(self, g: GraphBuilder, op: Operation, *inputs: str) -> str:
        groups, channels = op.args.groups, op.input[-1]
        split = reshape(g, inputs[0], 0, groups, channels // groups, *op.input[:-1])
        dealt = g.node("Transpose", split, perm=[0, 2, 1, *range(3, op.rank + 3)])
        return to_layout(g, dealt, op.input)


KIND = ChannelShuffle()
