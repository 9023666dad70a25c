"""The channels of several values, one after the other."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from cnnspec.language import say
from cnnspec.layers._joins import MOST_SHOWN, check_equal, merged
from cnnspec.layers._kind import GraphBuilder, JoinKind, Operation
from cnnspec.layers._sizes import channels_name
from cnnspec.values import UNKNOWN, Dim, Size, show


class Concat(JoinKind):
    """Puts the channels of values of equal height and width behind one another, in the order of the branches.

    Output channels: the sum of theirs. With names, the channels of the arriving value come first. Of vectors it makes
    one longer vector. No parameters.
    """

    formula = "channels: C_1 + C_2 + ..."
    source = "ONNX operator Concat; Szegedy et al., Going Deeper with Convolutions, 2014"
    example = (
        "input 28x28x192\nconcat {\n    branch { conv 64, f=1 }\n    branch { conv 128, f=3, p=1 }\n"
        "    branch { conv 32, f=5, p=2 }\n}  -> 28x28x224\n"
    )

    def joined_size(self, a: Any, xs: Sequence[Size]) -> Size:
        check_equal(self.name, xs, channels=False)
        channels: Dim = 0
        for x in xs:
            channels = channels + x[-1]
        return (*merged([x[:-1] for x in xs]), channels)

    def guess_joined(self, xs: Sequence[Size]) -> Size | None:
        size = super().guess_joined(xs)
        return size and (*size[:-1], UNKNOWN)

    def explain_size(self, op: Operation) -> tuple[str, ...]:
        parts = [show(x[-1]) for x in op.inputs]
        if len(parts) > MOST_SHOWN:
            parts[MOST_SHOWN - 2 : -1] = ["..."]
        text = f"{' + '.join(parts)} = {show(op.output[-1])}"
        return (say("{name}: {text}", name=channels_name(op.output), text=text),)

    def lower(self, g: GraphBuilder, op: Operation, *inputs: str) -> str:
        return g.node("Concat", *inputs, axis=1)


KIND = Concat()
