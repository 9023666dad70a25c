"""Dropout, which acts in training only."""

from __future__ import annotations

from cnnspec.layers._arguments import Real
from cnnspec.layers._kind import Argument
from cnnspec.layers._noop import NoOp


class Dropout(NoOp):
    """In training sets a share of the values to 0 at random, against overfitting; at inference it does nothing.

    The values that stay are divided by 1 - rate in training, so that inference needs no correction. The size stays;
    no parameters.
    """

    arguments = (Argument("rate", Real(minimum=0, below=1), 0.5, doc="share of the values that are set to 0"),)
    formula = "x (at inference)"
    source = "Srivastava et al., Dropout: A Simple Way to Prevent Neural Networks from Overfitting, 2014"
    example = "input 3\ndropout 0.5 -> 3, 0 params\nexample [1, 2, 3] -> [1, 2, 3]\n"


KIND = Dropout()
