"""How far a file may go, so that none can make the checker hang or exhaust memory."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cnnspec.diagnostics import Mistake

if TYPE_CHECKING:
    from cnnspec.elaborate.scopes import Frame

MAX_STEPS = 600_000
MAX_STEPS_OF_VARIANTS = 1_000_000  # together
STEPS_OF_A_VARIANT = 100  # before its first layer
MAX_LAYERS = 200_000
MAX_DEPTH = 60
MAX_DIAGNOSTICS = 200

TOP, TOP_IF, INNER = range(3)  # where a statement stands: at top level, in an `if` there, anywhere else


class Enough(Exception):  # noqa: N818  (nobody's error)
    """So many diagnostics that more would help nobody."""


class TooLarge(Exception):  # noqa: N818  (it is a Mistake that ends the walk)
    """A limit is passed: carries the mistake out of all blocks, and the frame in which it was noticed."""

    def __init__(self, mistake: Mistake, frame: Frame) -> None:
        super().__init__(mistake)
        self.mistake = mistake
        self.frame = frame
