"""Maps of numbers as students write them, and as they are shown: nested lists, or rows on lines."""

from __future__ import annotations

import math
import re

from cnnspec.record import Record
from cnnspec.teaching.values.evaluating import Map, Number

LONGEST = 20_000  # characters of an answer
MOST_NUMBERS = 4096
DIGITS = 6  # of a decimal in the key
DECIMALS = 2  # that a rounded number has at least

NUMBER = re.compile(r"[-+\u2212]?(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][-+]?\d{1,2}(?!\d))?(?:\s*/\s*[-+]?\d+)?")
PERCENT = re.compile(r"(?<![\d.,])(?P<number>\d{1,20}(?:[.,]\d{1,20})?)\s{0,3}%")
WITH_COMMA = re.compile(r"(?<=\d),(?=\d)")
ALLOWED = re.compile(r"[\s\d.,;|+\-\u2212eE/\[\](){}]*")


class Written(Record):
    """A number as a student wrote it, and half a unit of its last digit (0: exact)."""

    value: float
    half: float
    decimals: int


class Grid(Record):
    """Numbers with the shape in which they were written."""

    shape: tuple[int, ...]
    numbers: tuple[Written, ...]


def read_grids(text: str) -> list[Grid]:
    """What a text may mean as a map: with commas between numbers, then with commas in them.

    >>> [(grid.shape, [one.value for one in grid.numbers]) for grid in read_grids("[[1, 2], [3, 4]]")]
    [((2, 2), [1.0, 2.0, 3.0, 4.0])]
    >>> [grid.shape for grid in read_grids("3,25 5,25")]
    [(2,), (4,)]
    """
    text = PERCENT.sub(_hundredths, text[: LONGEST + 1].strip().strip("`\"'"))
    if not text or len(text) > LONGEST or not ALLOWED.fullmatch(text):
        return []
    plain = [text.replace("(", "[").replace(")", "]").replace("{", "[").replace("}", "]")]
    if WITH_COMMA.search(plain[0]):
        decimal = WITH_COMMA.sub(".", plain[0])
        spaced = "[" not in text or ", " in text
        plain = [decimal, plain[0]] if spaced else [plain[0], decimal]
    return [grid for grid in map(_grid, plain) if grid is not None]


def _hundredths(percent: re.Match[str]) -> str:
    """`57,6 %` as 0.576: as many digits as are written."""
    from decimal import Decimal

    return f"{Decimal(percent['number'].replace(',', '.')).scaleb(-2):f}"


def _grid(text: str) -> Grid | None:
    if "[" in text:
        return _nested(text)
    rows = [row for row in re.split(r"[\n;]", text) if row.strip(" ,|\t")]
    found = [_numbers(re.sub(r"[,|]", " ", row)) for row in rows]
    if any(row is None for row in found) or not found:
        return None
    lengths = {len(row) for row in found if row is not None}
    numbers = tuple(one for row in found if row is not None for one in row)
    if len(lengths) > 1 or len(numbers) > MOST_NUMBERS or not numbers:
        return None
    columns = lengths.pop()
    return Grid((len(rows), columns) if len(rows) > 1 else (columns,), numbers)


def _nested(text: str) -> Grid | None:
    """Nested lists, whose rows are all of one length."""
    counts: list[int] = []  # of the items in each open list
    lengths: dict[int, int] = {}
    numbers: list[Written] = []
    position = 0
    while position < len(text):
        sign = text[position]
        match = NUMBER.match(text, position)
        if sign in "[]":
            if sign == "[":
                counts.append(0)
            elif not counts or lengths.setdefault(len(counts), counts[-1]) != counts[-1]:
                return None
            elif counts.pop() is not None and counts:
                counts[-1] += 1
            position += 1
        elif match and counts and len(numbers) < MOST_NUMBERS:
            one = _written(match.group())
            if one is None:
                return None
            numbers.append(one)
            counts[-1] += 1
            position = match.end()
        elif sign in " ,;|\n\t\r":
            position += 1
        else:
            return None
    shape = tuple(lengths[depth] for depth in sorted(lengths))
    return Grid(shape, tuple(numbers)) if not counts and numbers and math.prod(shape) == len(numbers) else None


def _numbers(text: str) -> list[Written] | None:
    found = [_written(one) if NUMBER.fullmatch(one) else None for one in re.sub(r"(?<!\s)\s*/\s*", "/", text).split()]
    return None if None in found else [one for one in found if one is not None]


def _written(text: str) -> Written | None:
    text = text.replace("\u2212", "-").replace(" ", "")
    above, _, below = text.partition("/")
    if len(text) > 40 or (below and float(below) == 0):
        return None
    if below:
        return Written(float(above) / float(below), 0.0, 0)
    mantissa, _, exponent = text.lower().partition("e")
    decimals = len(mantissa.partition(".")[2])
    value = float(text)
    if not math.isfinite(value):
        return None
    return Written(value, 0.5 * 10.0 ** (int(exponent or 0) - decimals), decimals)


def computed(text: str) -> Grid | None:
    """The one number that a formula gives, `1+5-1`; None for any other text."""
    from cnnspec.teaching.answers.numerals import FORMULA, numbers

    found = [reading for reading in numbers(text) if reading.form == FORMULA or "=" in text]
    return Grid((), (Written(float(found[0].number), 0.0, 0),)) if found else None


def is_right(one: Written, right: Number, tolerance: float = 0.0) -> bool:
    """Whether a number is right: exactly, within the tolerance, or to the digits written where they are enough.

    Enough are two decimals, or three digits in all.

    >>> is_right(Written(0.72, 0.005, 2), 0.717), is_right(Written(3.3, 0.05, 1), 3.25)
    (True, False)
    """
    distance = abs(one.value - right)
    if distance <= 1e-9 * max(1.0, abs(right)) or distance <= tolerance * abs(right):
        return True
    enough = one.decimals >= DECIMALS or (abs(one.value) >= 200 * one.half > 0 and not isinstance(right, int))
    return enough and distance <= one.half * (1 + 1e-9)


def show_number(value: Number) -> str:
    """
    >>> show_number(3.25), show_number(-451), show_number(1 / 3)
    ('3.25', '-451', '0.333333')
    """
    return str(value) if isinstance(value, int) else f"{value:.{DIGITS}g}"


def show_map(found: Map) -> str:
    """The numbers as nested lists, axes of size one left out.

    >>> show_map(Map((2, 2, 1), (6, 8, 3, 4)))
    '[[6, 8], [3, 4]]'
    """
    wide = [n for n in found.size if n != 1]
    parts = [show_number(value) for value in found.values]
    for n in reversed(wide):
        parts = [f"[{', '.join(parts[i : i + n])}]" for i in range(0, len(parts), n)]
    return parts[0]
