"""Stochastic depth, which acts in training only."""

from __future__ import annotations

from cnnspec.layers._arguments import Real
from cnnspec.layers._kind import Argument
from cnnspec.layers._noop import NoOp


class DropPath(NoOp):
    """In training leaves out the whole branch at random, an image at a time; at inference it does nothing.

    Also called stochastic depth. It stands at the end of a branch of `residual`. The size stays; no parameters.
    """

    arguments = (Argument("rate", Real(minimum=0, below=1), doc="share of the images that skip the branch"),)
    formula = "x (at inference)"
    source = "Huang et al., Deep Networks with Stochastic Depth, 2016"
    example = "input 8x8x4\nresidual { conv 4, f=3, p=1 | drop_path 0.2 } -> 8x8x4, 148 params\n"


KIND = DropPath()
