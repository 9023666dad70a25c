"""Layer normalisation."""

from __future__ import annotations

from typing import Any

from cnnspec.language import say
from cnnspec.layers._kind import GraphBuilder, Operation
from cnnspec.layers._lowering import reduce
from cnnspec.layers._norms import Norm
from cnnspec.layers._tensors import affine, tensor_or


class LayerNorm(Norm):
    """Normalises the channels of each position among themselves, then scales and shifts each channel.

    y = weight * (x - mean)/sqrt(variance + eps) + bias, mean and variance over the channels. The size stays, of images
    and of vectors. Parameters: 2*channels. Layout of `weight` and `bias`: (channels).
    """

    source = "Ba, Kiros, Hinton 2016, Layer normalization; ONNX operator LayerNormalization"
    example = "input 56x56x96\nlayernorm eps=1e-6 -> 56x56x96, 192 params\n"

    def explained(self) -> str:
        return say("normalised over the channels of each position: the size stays")

    def lower(self, g: GraphBuilder, op: Operation, *inputs: str) -> str:
        x = inputs[0]
        if g.opset < 17:
            return affine(g, op, _normalised(g, x, float(op.args.eps)))
        if op.rank > 0:
            x = g.node("Transpose", x, perm=[0, *range(2, op.rank + 2), 1])
        y = _operator(g, op, x)
        return g.node("Transpose", y, perm=[0, op.rank + 1, *range(1, op.rank + 1)]) if op.rank > 0 else y


def _operator(g: GraphBuilder, op: Operation, x: str) -> str:
    channels: Any = op.input[-1]
    tensors = [tensor_or(g, op, "weight", 1.0, channels)]
    if op.has("bias"):
        tensors.append(g.tensor("bias"))
    return g.node("LayerNormalization", x, *tensors, axis=-1, epsilon=float(op.args.eps))


def _normalised(g: GraphBuilder, x: str, eps: float) -> str:
    """(x - mean)/sqrt(variance + eps) in plain operators, for opsets before 17."""
    centred = g.node("Sub", x, reduce(g, "ReduceMean", x, [1]))
    variance = reduce(g, "ReduceMean", g.node("Mul", centred, centred), [1])
    return g.node("Div", centred, g.node("Sqrt", g.node("Add", variance, g.constant(eps))))


KIND = LayerNorm()
