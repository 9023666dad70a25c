"""The layer that does nothing."""

from __future__ import annotations

from cnnspec.layers._noop import NoOp


class Identity(NoOp):
    """Yields the value that arrives: for a branch that says so, or a block argument that stands for no activation.

    The size stays; no parameters.
    """

    example = "input 3\nidentity -> 3\nexample [1, 2, 3] -> [1, 2, 3]\n"


KIND = Identity()
