"""The softmax: numbers to probabilities."""

from __future__ import annotations

from cnnspec.layers._activation import OverChannels


class Softmax(OverChannels):
    """Turns the values of a vector, or the channels of each position of an image, into probabilities that add up to 1.

    Stands at the end of a classifier with exclusive classes; `sigmoid` is for independent ones. The size stays; no
    parameters.
    """

    operator = "Softmax"
    formula = "exp(x_i)/(exp(x_1) + ... + exp(x_C))"
    source = "ONNX operator Softmax"
    example = "input 3\nsoftmax -> 3\nexample [1, 2, 3] -> [0.0900, 0.2447, 0.6652]\n"


KIND = Softmax()
