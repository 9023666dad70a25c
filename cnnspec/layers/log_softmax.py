"""The logarithm of the softmax."""

from __future__ import annotations

from cnnspec.layers._activation import OverChannels


class LogSoftmax(OverChannels):
    """The logarithm of `softmax`, computed without loss for very small probabilities.

    Over the values of a vector, or the channels of each position of an image. The size stays; no parameters.
    """

    operator = "LogSoftmax"
    formula = "x_i - log(exp(x_1) + ... + exp(x_C))"
    source = "ONNX operator LogSoftmax"
    example = "input 3\nlog_softmax -> 3\nexample [1, 2, 3] -> [-2.4076, -1.4076, -0.4076]\n"


KIND = LogSoftmax()
