"""What stands in `floor(…)` and `ceil(…)`: (H - 2)/2 + 1, which need not be whole before it is rounded."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from cnnspec.values import Symbolic, Value, show_factor


class Quotient(Symbolic):
    """A size with letters divided by a whole number above 0, before it is rounded."""

    __slots__ = ("divisor", "size")

    def __init__(self, size: Any, divisor: int) -> None:
        self.size = size
        self.divisor = divisor

    def __str__(self) -> str:
        return f"{show_factor(self.size)} / {self.divisor}"


ROUNDED: dict[str, Callable[[Quotient], Any]] = {
    "floor": lambda x: x.size // x.divisor,
    "ceil": lambda x: -(-x.size // x.divisor),
}


def combined(operator: str, left: Value, right: Value) -> Quotient | None:
    """`left op right` of sizes and quotients, where that is a quotient; None where it is none."""
    if not all(isinstance(x, (int, Symbolic)) and not isinstance(x, bool) for x in (left, right)):
        return None
    (a, b), (c, d) = ((x.size, x.divisor) if isinstance(x, Quotient) else (x, 1) for x in (left, right))
    if operator == "/":
        return None if not isinstance(right, int) or right == 0 else Quotient(a if c > 0 else -a, b * abs(c))
    if not isinstance(left, Quotient) and not isinstance(right, Quotient):
        return None
    sums = {"+": lambda: a * d + c * b, "-": lambda: a * d - c * b, "*": lambda: a * c}
    return Quotient(sums[operator](), b * d)
