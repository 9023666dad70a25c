"""Batch normalisation."""

from __future__ import annotations

from typing import Any

from cnnspec.language import say
from cnnspec.layers._arguments import TensorValue
from cnnspec.layers._kind import Argument, GraphBuilder, Operation, Tensor
from cnnspec.layers._norms import EPS, Norm
from cnnspec.layers._tensors import BIAS, WEIGHT, affine_text, per_channel, tensor_or
from cnnspec.values import Size, show, show_count


class BatchNorm(Norm):
    """Normalises each channel with the mean and the variance of the training images, then scales and shifts it.

    y = weight * (x - running_mean)/sqrt(running_var + eps) + bias. The size stays, of images and of vectors.
    Parameters: 2*channels that are trained (weight, bias) and 2*channels that are not (running_mean, running_var).
    Layout of all four: (channels).
    """

    arguments: tuple[Argument, ...] = (
        EPS,
        WEIGHT,
        BIAS,
        Argument(
            "running_mean", TensorValue(may_be_absent=False), True, keyword_only=True, doc="the mean of each channel"
        ),
        Argument(
            "running_var", TensorValue(may_be_absent=False), True, keyword_only=True, doc="the variance of each channel"
        ),
    )
    source = "Ioffe, Szegedy 2015, Batch normalization; ONNX operator BatchNormalization"
    example = "input 28x28x1\nconv 64, f=3, bias=false | batchnorm | relu -> 26x26x64, 832 params\n"

    def explained(self) -> str:
        return say("normalised over the training images, channel by channel: the size stays")

    def tensors(self, a: Any, x: Size) -> tuple[Tensor, ...]:
        statistics = (
            *per_channel("running_mean", a.running_mean, x[-1], "zeros"),
            *per_channel("running_var", a.running_var, x[-1], "ones"),
        )
        return (*super().tensors(a, x), *(t._replace(trainable=False) for t in statistics))

    def explain_params(self, op: Operation) -> tuple[str, ...]:
        trained = affine_text(op) if op.has("weight") or op.has("bias") else ()
        channels = op.input[-1]
        statistics = f"2*{say('channels')} = 2*{show(channels)} = {show_count(channels * 2)}"
        return (*trained, say("running mean and variance, not trained: {arithmetic}", arithmetic=statistics))

    def lower(self, g: GraphBuilder, op: Operation, *inputs: str) -> str:
        channels: Any = op.input[-1]
        return g.node(
            "BatchNormalization",
            inputs[0],
            tensor_or(g, op, "weight", 1.0, channels),
            tensor_or(g, op, "bias", 0.0, channels),
            g.tensor("running_mean"),
            g.tensor("running_var"),
            epsilon=float(op.args.eps),
        )


KIND = BatchNorm()
