"""A weight and a bias for each channel."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from cnnspec.layers._kind import GraphBuilder, Kind, Operation, Tensor
from cnnspec.layers._tensors import BIAS, WEIGHT, affine, affine_tensors, affine_text
from cnnspec.values import Size, Value


class Scale(Kind):
    """Multiplies each channel by a learned weight and adds a learned bias.

    y = weight * x + bias. The size stays, of images and of vectors. Parameters: 2*channels, or channels with
    `bias=false` or `weight=false`. Layout of `weight` and `bias`: (channels).
    """

    family = "normalisation"
    arguments = (WEIGHT, BIAS)
    formula = "the size stays"
    source = "LeCun, Bottou, Bengio, Haffner 1998, Gradient-based learning (trainable sub-sampling)"
    example = "input 28x28x6\navgpool 2 | scale -> 14x14x6, 12 params\n"

    def tensors(self, a: Any, x: Size) -> tuple[Tensor, ...]:
        return affine_tensors(a, x[-1])

    def guess(self, given: Mapping[str, Value], x: Size) -> Size | None:
        return x

    def explain_params(self, op: Operation) -> tuple[str, ...]:
        return affine_text(op)

    def lower(self, g: GraphBuilder, op: Operation, *inputs: str) -> str:
        return affine(g, op, inputs[0]) if op.tensors else g.node("Identity", inputs[0])


KIND = Scale()
