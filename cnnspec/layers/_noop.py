"""What the layers share that act in training only."""

from __future__ import annotations

from collections.abc import Mapping

from cnnspec.language import say
from cnnspec.layers._kind import GraphBuilder, Kind, Operation
from cnnspec.values import Size, Value


class NoOp(Kind):
    """At inference, the value that arrives."""

    family = "no-op"
    view = True
    formula = "x"
    source = "ONNX operator Identity"

    def guess(self, given: Mapping[str, Value], x: Size) -> Size | None:
        return x

    def explain_size(self, op: Operation) -> tuple[str, ...]:
        return (say("nothing happens at inference: the size stays"),)

    def lower(self, g: GraphBuilder, op: Operation, *inputs: str) -> str:
        return g.node("Identity", *inputs)
