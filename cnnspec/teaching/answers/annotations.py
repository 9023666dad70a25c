"""What a student wrote after `->`: which part is the size, which the count."""

from __future__ import annotations

import re
from collections.abc import Iterator

from cnnspec.record import Record
from cnnspec.teaching.answers.numerals import numbers, sizes

LONGEST = 600

_COUNTED = r"(?:params?|param\u00e8tres?|parametres?|parameters?|poids|weights?)"
_COUNT_WORD = re.compile(
    rf"(?<![\s,;])[\s,;]*\b(?:trainable\s+)?{_COUNTED}[\s.;]*$",
    re.IGNORECASE,
)
_WITHOUT = re.compile(
    rf"[\s,;]*+\b(?:sans|without|pas\s+de|with\s+no)\s++(?:aucun\s+)?{_COUNTED}[\s.;]*$", re.IGNORECASE
)
_WITH = re.compile(r"[\s,;]++(?:avec|with)\s++(?=[0-9(])", re.IGNORECASE)
_PLAIN = re.compile(r"\s*+([0-9x?]*+)\s*+,\s*+([0-9_?]*+)\s*+params?\s*")
_DOUBT = re.compile(r"(?<=[\w)])\s*+\?\s*$|(?<=[^\W\d_])\s++//.*$")  # 208 params ?, 208 params // 26*8
_SEPARATOR = re.compile(r"\s*[,;|/]\s*|\s+")


class Parts(Record):
    """Texts, "" where there is none."""

    size: str
    params: str


def split(text: str, axes: int, *, counted: bool) -> Parts:
    """The size and the count of an annotation; `axes` is how many numbers the size is asked to have, 0 for any.

    >>> split(" (62, 62, 32), 2,416 params", 3, counted=True)
    Parts(size='(62, 62, 32)', params='2,416')
    >>> split("28,800, 1,024 params", 0, counted=True)
    Parts(size='28,800', params='1,024')
    """
    plain = _PLAIN.fullmatch(text)
    if plain and counted:
        return Parts(plain[1], plain[2])
    text = _plainly(text)
    rest = _COUNT_WORD.sub("", text)
    named = rest != text
    if not counted and not named:
        return Parts(text, "")
    best = max(_splits(rest, axes, named=named), key=lambda one: one[0])
    return best[1]


def count_in(text: str) -> str:
    """The count of an annotation that is asked for no size, without one that is there all the same.

    >>> count_in(" 154,624 params"), count_in("24x24x6, 456 params")
    ('154,624', '456')
    """
    text = _plainly(text)
    rest = _COUNT_WORD.sub("", text)
    if "?" in rest or numbers(rest):
        return rest
    parts = split(text, 0, counted=True)
    return parts.params or parts.size


def _plainly(text: str) -> str:
    """The text without doubts, and with a comma for the words between a size and a count."""
    text = _DOUBT.sub("", text[:LONGEST].strip())
    return _WITH.sub(", ", _WITHOUT.sub(", 0 params", text)).strip(" ,")


def _splits(text: str, axes: int, *, named: bool) -> Iterator[tuple[float, Parts]]:
    """Every way to part the text in two, with how well that reads."""
    alone = Parts("", text) if named else Parts(text, "")
    yield (1.5 if (numbers(text) if named else _fits(text, axes)) else 0.0), alone
    if named and text.count(",") == 0:
        yield (1.2 if _fits(text, axes) > 1 else 0.0), Parts(text, "")
    depths = _depths(text)
    for gap in _SEPARATOR.finditer(text):
        prose = gap[0].isspace() and text[: gap.start()][-1:].isalpha()  # a number after a word goes with it
        if depths[gap.start()] == 0 and not prose:
            size, count = text[: gap.start()], text[gap.end() :]
            yield _fits(size, axes) + _counts(count) + _loose(gap[0]), Parts(size, count)


def _fits(text: str, axes: int) -> float:
    if not text or "?" in text:
        return 0.9
    readings = sizes(text, axes)
    if not readings:
        return 0.0
    lengths = {len(reading.value) for reading in readings[:2] if isinstance(reading.value, tuple)}
    return 1.0 if axes == 0 or axes in lengths else 0.6


def _counts(text: str) -> float:
    return 0.9 if not text or "?" in text else 1.0 if numbers(text) else 0.0


def _loose(gap: str) -> float:
    """A comma with a space after it parts rather than one between digits."""
    sign = gap.strip()
    return 0.3 if sign and (gap[-1:].isspace() or sign in ";|/") else 0.15 if sign else 0.0


def _depths(text: str) -> list[int]:
    depth, found = 0, []
    for sign in text:
        depth -= sign in ")]"
        found.append(max(0, depth))
        depth += sign in "(["
    return found
