"""How far a file may go, so that none can make the checker hang or exhaust memory."""

from __future__ import annotations

from cnnspec.diagnostics import Mistake

MAX_STEPS = 600_000
MAX_LAYERS = 200_000
MAX_DEPTH = 60
MAX_DIAGNOSTICS = 200

TOP, TOP_IF, INNER = range(3)  # where a statement stands: at top level, in an `if` there, anywhere else


class TooLarge(Exception):  # noqa: N818  (carries a Mistake that ends the walk)
    def __init__(self, mistake: Mistake) -> None:
        super().__init__(mistake)
        self.mistake = mistake
