"""What the activations share: each value for itself, so the size stays."""

from __future__ import annotations

from collections.abc import Mapping

from cnnspec.language import say
from cnnspec.layers._kind import GraphBuilder, Kind, Operation
from cnnspec.values import Size, Value


class Activation(Kind):
    """A function of each value, without parameters. `operator` is the ONNX operator that computes it alone."""

    family = "activation"
    operator = ""

    def guess(self, given: Mapping[str, Value], x: Size) -> Size | None:
        return x

    def lower(self, g: GraphBuilder, op: Operation, *inputs: str) -> str:
        return g.node(self.operator, *inputs)


class OverChannels(Activation):
    """A function of all channels of a position together: softmax and its logarithm."""

    def explain_size(self, op: Operation) -> tuple[str, ...]:
        if op.rank:
            return (say("over the channels of each position: the size stays"),)
        return (say("over all values: the size stays"),)

    def lower(self, g: GraphBuilder, op: Operation, *inputs: str) -> str:
        return g.node(self.operator, *inputs, axis=1)
