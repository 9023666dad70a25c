"""How far from the right number a form takes an answer: one tolerance for all that grading takes as rounded enough."""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING, Any

from cnnspec.teaching.model import SIZE, VALUE

if TYPE_CHECKING:
    from cnnspec.teaching.settings import Settings

MOST = 15  # decimals
DIGITS = 3  # of a whole number, where rounded forms count


def tolerance_of(settings: Settings, family: str, value: Any) -> Fraction:
    """The largest deviation that is right: by the settings, or by rounding a number that is not whole."""
    exact = Fraction(str(value))
    if family == SIZE:
        return Fraction(0)
    relative = abs(exact) * Fraction(str(settings.tolerance))
    return max(relative, _rounding(settings, family, exact, whole=isinstance(value, int)))


def decimals_of(settings: Settings, family: str, value: Any) -> int:
    """How many decimals an answer needs at least; none, where the number has none."""
    exact = Fraction(str(value))
    needed = _decimals(settings, family, exact)
    return next(n for n in range(needed + 1) if n == needed or _fits(exact, n))


def _rounding(settings: Settings, family: str, exact: Fraction, *, whole: bool) -> Fraction:
    """Half a unit of the last digit that is needed; nothing where no digit is lost."""
    if whole:
        unit = 10 ** max(0, len(str(abs(exact.numerator))) - DIGITS)
        return Fraction(unit, 2) if settings.rounded and family != VALUE and unit > 1 else Fraction(0)
    needed = _decimals(settings, family, exact)
    return Fraction(0) if _fits(exact, needed) else Fraction(1, 2 * 10**needed)


def _decimals(settings: Settings, family: str, exact: Fraction) -> int:
    """The fewest decimals that are enough: of a value two, or three digits in all; a figure to 1 %, or rounded 5 %."""
    if family == VALUE:
        return next(n for n in range(3) if n == 2 or abs(exact) * 10**n >= 100)
    share = abs(exact) / (20 if settings.rounded else 100)
    return next(n for n in range(1, MOST + 1) if n == MOST or Fraction(1, 2 * 10**n) <= share)


def _fits(exact: Fraction, decimals: int) -> bool:
    return bool((exact * 10**decimals).denominator == 1)
