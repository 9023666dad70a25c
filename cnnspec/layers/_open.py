"""What stands where nothing is known: a blank in the place of layers, or a layer that could not be understood."""

from __future__ import annotations

from typing import Any

from cnnspec.language import say
from cnnspec.layers._kind import Kind, Operation
from cnnspec.values import UNKNOWN, Size


class Open(Kind):
    """Stands for any layers; its size is what an annotation says, its counts are open."""

    family = "open"

    def __init__(self) -> None:
        self.name = "?"

    def of_size(self, inputs: tuple[Size, ...], output: Size | Any) -> Operation:
        op = Operation(self, None, inputs, output)
        op.params = op.trainable = op.macs = UNKNOWN
        return op

    def explain_size(self, op: Operation) -> tuple[str, ...]:
        return (say("open"),)

    def explain_params(self, op: Operation) -> tuple[str, ...]:
        return (say("open"),)


OPEN = Open()
