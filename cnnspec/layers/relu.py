"""The rectified linear unit."""

from __future__ import annotations

from cnnspec.layers._activation import Activation


class Relu(Activation):
    """Keeps positive values and sets negative ones to 0.

    The usual activation after a convolution or a dense layer. Size and channels stay; no parameters.
    """

    operator = "Relu"
    formula = "max(0, x)"
    source = "ONNX operator Relu; Nair and Hinton, Rectified Linear Units Improve Restricted Boltzmann Machines, 2010"
    example = "input 3\nrelu -> 3\nexample [-2, 0, 3] -> [0, 0, 3]\n"


KIND = Relu()
