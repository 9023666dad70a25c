"""What letters have to be: the number that gives an axis its pixels, the multiple that makes two sizes equal."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Any

from cnnspec.symbolic import LONGEST_PERIOD, Expression, Number, TooComplicatedError, letter, period, terms_of


def never_equal(left: Any, right: Any) -> bool:
    """Whether two sizes differ whatever the letters are: one is larger, or what divides their difference forbids 0.

    >>> never_equal(2 * letter("H"), 3), never_equal(2 * letter("H"), 4)
    (True, False)
    """
    if left < right or left > right:
        return True
    terms = terms_of(left - right) or {}
    common = math.gcd(*(factor for product, factor in terms.items() if product))
    return common > 0 and terms.get((), 0) % common != 0


def solve(size: Any, n: int) -> tuple[str, int] | None:
    """The letter and its value that give an input's axis n pixels; None where none does, or no letter is in it.

    >>> solve(16 * letter("H"), 480), solve(16 * letter("H"), 100)
    (('H', 30), None)
    """
    if not isinstance(size, Expression) or not is_axis(size):
        return None
    (product, factor) = next(item for item in size.terms.items() if item[0])
    value, rest = divmod(n - size.terms.get((), 0), factor)
    return (product[0].name, value) if rest == 0 and value >= 1 else None


def is_axis(size: Expression) -> bool:
    """Whether it may be the axis of an input: a letter, a multiple of it, and a number added, such as 16*H + 4."""
    products = [product for product in size.terms if product]
    return len(products) == 1 and len(products[0]) == 1 and not products[0][0].divisor and size.terms[products[0]] > 0


def multiple(left: Any, right: Any) -> int | None:
    """The least multiple of the letters for which two sizes are equal; None where no multiple makes them so.

    >>> H = letter("H")
    >>> multiple(2 * (H // 2), H), multiple(H // 2, H)
    (2, None)
    """
    letters = sorted({name for size in (left, right) if isinstance(size, Expression) for name in size.letters})
    repeats = math.lcm(*(period(size) for size in (left, right) if isinstance(size, Expression)))
    for factor in _divisors(repeats) if repeats <= LONGEST_PERIOD else (repeats,):
        values: dict[str, Number] = {name: factor * letter(name) for name in letters}
        try:
            first, second = (size.at(values) if isinstance(size, Expression) else size for size in (left, right))
        except TooComplicatedError:
            return None
        if first == second:
            return factor
    return None


def _divisors(n: int) -> Iterator[int]:
    return (divisor for divisor in range(1, n + 1) if n % divisor == 0)
