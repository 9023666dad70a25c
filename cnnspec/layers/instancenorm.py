"""Instance normalisation."""

from __future__ import annotations

from typing import Any

from cnnspec.language import say
from cnnspec.layers._kind import GraphBuilder, Operation
from cnnspec.layers._norms import Norm
from cnnspec.layers._tensors import tensor_or


class InstanceNorm(Norm):
    """Normalises each channel of each image over its places, then scales and shifts it.

    y = weight * (x - mean)/sqrt(variance + eps) + bias, mean and variance over the places of one channel. The size
    stays. Parameters: 2*channels. Layout of `weight` and `bias`: (channels).
    """

    needs = "image"
    source = "Ulyanov, Vedaldi, Lempitsky 2016, Instance normalization; ONNX operator InstanceNormalization"
    example = "input 28x28x64\ninstancenorm -> 28x28x64, 128 params\n"

    def explained(self) -> str:
        return say("normalised over the places of each channel: the size stays")

    def lower(self, g: GraphBuilder, op: Operation, *inputs: str) -> str:
        channels: Any = op.input[-1]
        tensors = tensor_or(g, op, "weight", 1.0, channels), tensor_or(g, op, "bias", 0.0, channels)
        return g.node("InstanceNormalization", inputs[0], *tensors, epsilon=float(op.args.eps))


KIND = InstanceNorm()
