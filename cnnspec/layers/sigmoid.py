"""The logistic function."""

from __future__ import annotations

from cnnspec.layers._activation import Activation


class Sigmoid(Activation):
    """Squeezes each value into the range from 0 to 1.

    At the end of a network it gives independent probabilities, one for each class; `softmax` gives exclusive ones.
    In hidden layers it learns slowly, because it is flat on both sides. Size and channels stay; no parameters.
    """

    operator = "Sigmoid"
    formula = "1/(1 + exp(-x))"
    source = "ONNX operator Sigmoid"
    example = "input 3\nsigmoid -> 3\nexample [-1, 0, 1] -> [0.2689, 0.5000, 0.7311]\n"


KIND = Sigmoid()
