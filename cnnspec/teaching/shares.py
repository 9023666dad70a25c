"""Parts that are rounded so that they still add up to the rounded whole: points of blanks, discounts."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction

DIGITS = 4
"""Of points, wherever they are written down: for a class, for a platform, in a notebook."""


def shares(parts: Sequence[Fraction], digits: int = DIGITS) -> list[Fraction]:
    """The parts with so many decimals, by largest remainders: together they are the rounded sum.

    >>> [float(part) for part in shares([Fraction(1, 3)] * 3)]
    [0.3334, 0.3333, 0.3333]
    """
    unit = 10**digits
    whole = round(sum(parts, Fraction(0)) * unit)
    floors = [int(part * unit // 1) for part in parts]
    largest = sorted(range(len(parts)), key=lambda i: floors[i] - parts[i] * unit)  # stable: of equals the first
    for i in largest[: whole - sum(floors)]:
        floors[i] += 1
    return [Fraction(floor, unit) for floor in floors]
