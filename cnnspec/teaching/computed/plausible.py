"""Which wrong values a student may have gone on with in good faith."""

from __future__ import annotations

from typing import Any


def is_near(value: Any, right: Any) -> bool:
    """Whether each part lies between a quarter and four times the right one.

    >>> is_near((61, 61, 32), (62, 62, 32)), is_near(5, 62), is_near((62, 62), (62, 62, 32))
    (True, False, False)
    """
    parts, wanted = _parts(value), _parts(right)
    return len(parts) == len(wanted) and all(n <= 4 * m <= 16 * n for n, m in zip(parts, wanted, strict=True))


def is_trivial(value: Any, right: Any) -> bool:
    """Whether a part is below 1, or 1 where more is right: what comes after it would be too easy.

    >>> is_trivial((1, 1, 32), (62, 62, 32)), is_trivial(0, 896), is_trivial((61, 61, 32), (62, 62, 32))
    (True, True, False)
    """
    parts, wanted = _parts(value), _parts(right)
    if len(parts) != len(wanted):
        return any(n < 2 for n in parts)
    return any(n < min(2, m) for n, m in zip(parts, wanted, strict=True))


def _parts(value: Any) -> tuple[Any, ...]:
    return value if isinstance(value, tuple) else (value,)
