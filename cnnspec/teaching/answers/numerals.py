"""Numbers and sizes as students write them: `2 416`, `61,7 k`, `(5*5*3 + 1)*6 = 456`, `(None, 62, 62, 32)`.

A text may mean several things: `2.416` is 2416 to a French hand and 2.416 to an English one. So reading gives all that
it may mean, the likeliest first, and what was asked decides (`meant`). Nothing is ever executed, and everything has a
bound: what is longer than an answer can be is unreadable at once.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from fractions import Fraction
from functools import partial
from itertools import pairwise

from cnnspec.language import say
from cnnspec.record import Record
from cnnspec.teaching.answers.formulas import MAX_LENGTH, evaluate, is_formula

MAX_AXES = 6
MAX_READINGS = 12
MAX_DIGITS = 60

PLAIN, ROUNDED, FORMULA, CHANNELS_FIRST, BATCH = "plain", "rounded", "formula", "channels first", "batch"

Exact = int | Fraction
Sized = tuple[int, ...]


class Reading(Record):
    """One thing that a text may mean.

    `value` is a number, or a size as the language has it (channels last, no batch). `half` is half a unit of the last
    digit that was written, 0 for a whole number: 138 M is 138,000,000 give or take 500,000. `form` is "plain",
    "rounded", "formula", "channels first" (turned round already) or "batch" (a 1 in front was left out). `remark` is a
    sentence about the text, such as a chain of equals signs that does not hold.
    """

    value: int | Fraction | tuple[int, ...]
    half: Fraction = Fraction(0)
    form: str = PLAIN
    remark: str = ""

    @property
    def number(self) -> Exact:
        """The value where it is a number, or a size of one axis."""
        if isinstance(self.value, tuple):
            assert len(self.value) == 1, "a size of several axes is no number"
            return self.value[0]
        return self.value


_SPACE = " \t\u00a0\u1680\u2000-\u200a\u202f\u205f\u3000"
_PASTED = {
    **dict.fromkeys((0x200B, 0x200C, 0x200D, 0x2060, 0xFEFF, 0x00AD)),  # of no width
    **dict.fromkeys((0x0A, 0x0D), " "),
}
_HOSTILE = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069\ud800-\udfff]")
_GROUPED = re.compile(rf"[0-9]{{1,3}}(?:(?P<sign>[{_SPACE},.'\u2019])[0-9]{{3}})(?:(?P=sign)[0-9]{{3}})*")
_WHOLE = re.compile(r"[0-9]+(?:_[0-9]+)*")
_DECIMAL = re.compile(rf"(?P<whole>[0-9](?:[{_SPACE},.'\u2019_]?[0-9])*)?(?P<point>[.,])(?P<digits>[0-9]*)")
_EXPONENT = re.compile(r"(?P<number>.+?)[eE](?P<exponent>[+-]?[0-9]{1,3})")
_ABOUT = re.compile(
    rf"(?:[~\u2248\u2243\u2245\u223c]|(?:environ|about|approx\.?|ca\.?)(?![a-z]))[{_SPACE}]*", re.IGNORECASE
)
_THING = (
    r"params?|param[e\u00e8]tres?|parameters?|poids|weights?|pixels?|px|neurones?|neurons?|units?|unit[e\u00e9]s?"
    r"|valeurs?|values?|canal|canaux|channels?|filtres?|filters?|sorties?|outputs?|op[e\u00e9]rations?|macs?|biais|bias"
    r"|classes?|couches?|layers?|convs?|convolutions?|p"
)
_UNIT = re.compile(
    rf"(?<=[\w)\]])[{_SPACE}]*(?<![^\W\d_])(?:trainable[{_SPACE}]+)?(?:{_THING})"
    rf"(?:[{_SPACE}]*(?:\+|et|and)[{_SPACE}]*(?:{_THING}))?"
    rf"(?:[{_SPACE}]+(?:entra[i\u00ee]nables?|au total|in total|en tout))?\.?$",
    re.IGNORECASE,
)
_INNER_UNIT = re.compile(rf"(?<=[0-9])[{_SPACE}]*\b(?:{_THING})(?=[{_SPACE}]*[-+*=])", re.IGNORECASE)
_COMPUTED = re.compile(
    rf"(?P<number>[0-9][^()=]*?)(?P<unit>[{_SPACE}]+(?:{_THING}))?[{_SPACE}]*\((?P<formula>[^()=]*[0-9][^()=]*)\)",
    re.IGNORECASE,
)
_ASIDE = re.compile(rf"(?<=[\w)\]])[{_SPACE}]*\([^()=]*=[^()]*\)$")  # 24x24x6 (28-5+1=24)
_BY = re.compile(rf"(?<=[0-9])[{_SPACE}]+(?:sur|by|par)[{_SPACE}]+(?=[0-9])", re.IGNORECASE)
_MAPS = re.compile(rf"(?P<maps>[0-9]+)[{_SPACE}]*@[{_SPACE}]*(?P<map>[^@]+)")  # as in the figure of LeNet
_SQUARE = re.compile(rf"(?<![0-9])(?P<side>[0-9]+)[{_SPACE}]*+\u00b2(?=[{_SPACE}]*[xX\u00d7])")
_SAID = re.compile(rf"(?<![{_SPACE}])[{_SPACE}]*\((?=[^()0-9]*[^\W\d_])[^()0-9]*+\)[{_SPACE}]*[.!]?$")
_BEFORE = re.compile(
    rf"(?:(?:soit|donc|taille|size|forme|shape|sortie|output)\b[{_SPACE}]*:?|[^\W\d_][^\W\d]*[{_SPACE}]*:)[{_SPACE}]*",
    re.IGNORECASE,
)
_PIXELS = re.compile(rf"(?<=[0-9])[{_SPACE}]*(?:pixels?|px)\b", re.IGNORECASE)
_FACTORS = {
    **dict.fromkeys(("k", "mille", "millier", "milliers", "thousand"), 10**3),
    **dict.fromkeys(("m", "mio", "million", "millions"), 10**6),
    **dict.fromkeys(("g", "b", "md", "mrd", "bn", "milliard", "milliards", "billion", "billions"), 10**9),
}
_FACTOR = re.compile(rf"(?P<number>.*[0-9.,])[{_SPACE}]*(?P<word>[A-Za-z]+)(?:[{_SPACE}]+(?:de|d['\u2019]|of))?")
_ZERO = re.compile(
    r"(?:aucun(?:e|s|es)?|none|no|zero|z[e\u00e9]ro|n[e\u00e9]ant|nul|nil"
    r"|rien|nothing|pas|pas de|[-\u2013\u2014\u2212]{1,3})",
    re.IGNORECASE,
)
_LABEL = re.compile(rf"[^\W\d_][\w{_SPACE}'\u2019#]*")
_BATCH = frozenset({"none", "n", "batch", "b", "?", "-1", "null", "-"})
_MARKS = "`\"'$*_\u2018\u2019\u201c\u201d\u00ab\u00bb"


def numbers(text: str) -> tuple[Reading, ...]:
    """All numbers that the text may mean, the likeliest first; none where it is unreadable.

    >>> [reading.value for reading in numbers("2.416")]
    [2416, Fraction(302, 125)]
    >>> numbers("138 M")
    (Reading(value=138000000, half=Fraction(500000, 1), form='rounded', remark=''),)
    >>> [reading.value for reading in numbers("(5*5*3 + 1)*6 = 456")]
    [456]
    """
    cleaned = clean(text)
    return _unique(_numbers(cleaned)) if cleaned else ()


def sizes(text: str, axes: int = 0) -> tuple[Reading, ...]:
    """All sizes that the text may mean; with `axes`, those with so many numbers come first.

    >>> [(reading.value, reading.form) for reading in sizes("(None, 62, 62, 32)")]
    [((62, 62, 32), 'plain'), ((62, 32, 62), 'channels first')]
    >>> [reading.value for reading in sizes("28,800", axes=1)]
    [(28800,), (28, 800), (800, 28)]
    """
    cleaned = clean(text)
    found = list(_unique(_sizes(cleaned))) if cleaned else []
    if axes:
        found += [
            Reading(reading.value[1:], form=BATCH)
            for reading in found
            if isinstance(reading.value, tuple) and len(reading.value) == axes + 1 and reading.value[0] == 1
        ]
    found += _turned(found)
    if axes:
        found.sort(key=lambda reading: isinstance(reading.value, tuple) and len(reading.value) != axes)
    return _unique(found)


def meant(readings: Sequence[Reading], wanted: Exact | Sized | None) -> Reading | None:
    """The reading that is what was asked, in the plainest form; else the likeliest; None where there is none.

    >>> meant(numbers("2.416"), 2416).value
    2416
    """
    if wanted is not None:
        for reading in readings:
            if reading.value == wanted or (isinstance(wanted, int) and reading.value == (wanted,)):
                return reading
    return readings[0] if readings else None


def is_close(reading: Reading, wanted: Exact | float, tolerance: float = 0.0, *, rounded: bool = False) -> bool:
    """Whether a number is right within a relative tolerance, or, if rounded forms count, to the digits written.

    >>> is_close(numbers("138 M")[0], 138_357_544, rounded=True)
    True
    """
    if isinstance(reading.value, tuple) and len(reading.value) != 1:
        return False
    distance = abs(Fraction(reading.number) - Fraction(wanted))
    if distance <= Fraction(repr(tolerance)) * abs(Fraction(wanted)):
        return True
    return rounded and _tells(reading) and distance <= reading.half


def _tells(reading: Reading) -> bool:
    """Whether the digits written tell the number to 5 %, as two digits do: `14 M`, `0.14 G`, not `0.1 G` or `0 G`."""
    return reading.half * 20 <= abs(Fraction(reading.number))


def clean(text: str) -> str:
    """The text without what is there for looks (backticks, quotes, a last stop); "" where it cannot be an answer.

    Digits are 0 to 9: others, marks that turn the direction of a text, and control characters make it unreadable.
    """
    if len(text) > 2 * MAX_LENGTH or _HOSTILE.search(text):
        return ""
    text = text.translate(_PASTED).replace("\\times", "\u00d7").replace("\\cdot", "\u00b7").strip()
    text = text.rstrip("?! \t") or text
    while len(text) > 1 and text[0] in _MARKS and text[-1] in _MARKS:
        text = text[1:-1].strip()
    return "" if len(text) > MAX_LENGTH else _plainly(text.rstrip(";,!").rstrip())


def _plainly(text: str) -> str:
    """The text without a word before it, and without one in brackets behind it: `0 (aucun)`."""
    before = _BEFORE.match(text)
    text = text[before.end() :] if before else text
    text = _ASIDE.sub("", text)
    said = _SAID.search(text)
    return text[: said.start()] if said and re.search("[0-9]", text[: said.start()]) else text


# --- numbers ---------------------------------------------------------------------------------------------------------


def _numbers(text: str) -> Iterator[Reading]:
    about = _ABOUT.match(text)
    if about:
        text = text[about.end() :]
    text = _computed(text)
    chain = re.split("[=\u2248\u2243]", text)
    if len(chain) > 1:
        yield from _chain(text, [part.strip() for part in chain])
        return
    text = _INNER_UNIT.sub("", _UNIT.sub("", text)).strip()
    if _ZERO.fullmatch(text):
        yield Reading(0)
        return
    yield from _signed_literals(text)
    if is_formula(text):
        yield from _formulas(text)


def _computed(text: str) -> str:
    """`156 params (26*6)` as the chain `26*6 = 156`; without a word, `32 (3*3*3 + 1)` is a product unless it holds."""
    found = _COMPUTED.fullmatch(text)
    if not found or not is_formula(found["formula"]) or is_formula(found["number"]):
        return text
    chain = f"{found['formula']} = {found['number']}"
    holds = evaluate(found["formula"], partial(_literal, last=False)) == evaluate(
        found["number"], partial(_literal, last=False)
    )
    return chain if found["unit"] or holds else text


def _signed_literals(text: str) -> Iterator[Reading]:
    sign = -1 if text[:1] in ("-", "\u2212", "\u2013") else 1
    digits = text[1:].lstrip() if text[:1] in ("-", "\u2212", "\u2013", "+") else text
    for reading in _literals(digits):
        yield reading._replace(value=sign * reading.number)


def _literals(text: str) -> Iterator[Reading]:
    """What a number without a sign may mean, with an exponent or a word such as million after it."""
    if match := _EXPONENT.fullmatch(text):
        factor = Fraction(10) ** int(match["exponent"])
        yield from _scaled(match["number"], factor) if abs(int(match["exponent"])) <= MAX_DIGITS else ()
    elif (match := _FACTOR.fullmatch(text)) and match["word"].lower() in _FACTORS:
        yield from _scaled(match["number"], Fraction(_FACTORS[match["word"].lower()]))
    else:
        yield from _plain(text)


def _scaled(text: str, factor: Fraction) -> Iterator[Reading]:
    """In `1,2 million` the last digit is worth 100,000."""
    for reading in _plain(text):
        unit = reading.half or Fraction(1, 2)
        yield Reading(_simple(reading.number * factor), unit * factor, ROUNDED)


def _plain(text: str) -> Iterator[Reading]:
    """Digits with separators of thousands, with a point or a comma, or both."""
    if sum(map(str.isdigit, text)) > MAX_DIGITS:
        return
    whole = _whole(text)
    if whole is not None:
        yield Reading(whole)
    match = _DECIMAL.fullmatch(text)
    if match and (match["whole"] or match["digits"]):
        before = _whole(match["whole"] or "0")
        if before is not None and match["point"] not in (match["whole"] or ""):
            places = len(match["digits"])
            value = before + Fraction(int(match["digits"] or "0"), 10**places)
            yield Reading(_simple(value), Fraction(1, 2 * 10**places) if places else Fraction(0))


def _whole(text: str) -> int | None:
    """A whole number, plain or in groups of three; `0,717` has no thousands."""
    if _WHOLE.fullmatch(text):
        return int(text.replace("_", ""))
    if _GROUPED.fullmatch(text) and text[0] != "0":
        return int(re.sub("[^0-9]", "", text))
    return None


def _formulas(text: str) -> Iterator[Reading]:
    """The one value of a formula: two would be two answers in one blank.

    Its ambiguous numbers are whole ones, `9.248 + 896`. If it is whole with them as decimals too, it is unreadable.
    """
    whole, decimal = (evaluate(text, partial(_literal, last=last)) for last in (False, True))
    value = decimal if whole is None else whole
    if value is not None and (decimal in (None, value) or decimal.denominator > 1):
        yield Reading(_simple(value), form=FORMULA)


def _literal(text: str, *, last: bool) -> Fraction | None:
    readings = list(_literals(text))
    return Fraction(readings[-1 if last else 0].number) if readings else None


def _chain(text: str, parts: list[str]) -> Iterator[Reading]:
    """The last part of `a = b = c` counts, or what it rounds; where the chain does not hold, the reading says so."""
    if len(parts) > MAX_READINGS or not parts[-1]:
        return
    values = [] if not parts[0] or _LABEL.fullmatch(parts[0]) else [_unique(_numbers(parts[0]))]
    values += [_unique(_numbers(part)) for part in parts[1:]]
    if not all(values):
        return
    false = any(not _agree(left, right) for left, right in pairwise(values))
    remark = say("`{chain}` does not hold: the last part counts", chain=text) if false else ""
    rounded = values[-1][0].form == ROUNDED and len(values) > 1 and not false
    for reading in values[-2] if rounded else values[-1]:
        yield reading._replace(remark=remark)


def _agree(left: Sequence[Reading], right: Sequence[Reading]) -> bool:
    """Whether some readings are equal, to the digits written; halves that were rounded down are the lecture's way."""
    return any(
        abs(Fraction(one.number) - Fraction(other.number)) <= max(one.half, other.half)
        or one.number // 1 == other.number
        for one in left
        for other in right
    )


# --- sizes -----------------------------------------------------------------------------------------------------------


def _sizes(text: str) -> Iterator[Reading]:
    text = _BY.sub("x", _UNIT.sub("", _PIXELS.sub("", text)).rstrip())
    if maps := _MAPS.fullmatch(text):
        text = f"{maps['map']}x{maps['maps']}"
    if (plain := _SQUARE.sub(r"\g<side>x\g<side>", text)) != text:
        yield from _sizes(plain)
    chain = [part.strip() for part in text.split("=")]
    if not chain[0]:
        chain = chain[1:]
        text = chain[0] if len(chain) == 1 else text
    if len(chain) > 1:
        yield from _size_chain(text, chain)
        return
    inner = _without_brackets(text)
    while inner is not None and (further := _without_brackets(inner)) is not None:
        inner = further
    bare = inner is None
    if bare:
        yield from _vectors(text)
    written = text if inner is None else inner
    for separator in ("x",) if _split(written, "x")[1:] else ("*", ";", ",", " "):
        parts = _split(written, separator)
        if 1 < len(parts) <= MAX_AXES or (len(parts) == 1 and not bare and separator == ","):
            yield from _axes(parts)
    if inner is not None:
        yield from _vectors(inner)


def _vectors(text: str) -> Iterator[Reading]:
    """One number is the size of a vector. `30x30x32` is no way of writing 28800, `30*30*32` is one."""
    if _split(text, "x")[1:] or _ZERO.fullmatch(text):
        return
    for reading in _numbers(text):
        if _is_natural(reading.value):
            yield reading._replace(value=(int(reading.number),))


def _size_chain(text: str, parts: list[str]) -> Iterator[Reading]:
    """`30x30x32 = 28800`: the last part counts."""
    if len(parts) > MAX_READINGS:
        return
    computed = _unique(_numbers(text))
    if computed and not computed[0].remark and len(parts) == 2:  # 30x30x32 = 28800 tells the size as well
        yield from (one for one in _sizes(parts[0]) if isinstance(one.value, tuple) and len(one.value) > 1)
    for reading in _unique(_sizes(parts[-1])):
        vector = isinstance(reading.value, tuple) and len(reading.value) == 1
        yield reading._replace(remark=computed[0].remark if computed and vector else "")


def _without_brackets(text: str) -> str | None:
    """What stands in the brackets round the whole text; None where there are none."""
    text = text.removeprefix("torch.Size(").removesuffix(")") if text.startswith("torch.Size([") else text
    closing = {"(": ")", "[": "]", "{": "}", "<": ">"}.get(text[:1])
    if closing is None or text[-1] != closing or len(text) < 3:
        return None
    depth = 0
    for place, sign in enumerate(text):
        depth += (sign == text[0]) - (sign == closing)
        if not depth:
            return text[1:-1].strip() if place == len(text) - 1 else None
    return None


def _split(text: str, separator: str) -> list[str]:
    """The parts between separators that stand outside all brackets."""
    signs = {"x": "xX\u00d7", "*": "*\u00b7\u22c5", ";": ";|", ",": ",", " ": " \u00a0\u202f\t"}[separator]
    parts, depth = [""], 0
    for sign in text:
        depth += (sign in "([{") - (sign in ")]}")
        if sign in signs and depth == 0:
            parts.append("")
        else:
            parts[-1] += sign
    parts = [part.strip() for part in parts]
    if separator == " ":
        return [part for part in parts if part]
    return parts[:-1] if len(parts) > 1 and not parts[-1] and separator in ",;" else parts


def _axes(parts: list[str]) -> Iterator[Reading]:
    """A size of these parts, each a number or a formula; a batch axis in front is left out."""
    if parts[0].lower() in _BATCH:
        parts = parts[1:]
    if not 1 <= len(parts) <= MAX_AXES:
        return
    values = [_axis(part) for part in parts]
    if all(value is not None for value in values):
        computed = any(not re.fullmatch(r"[0-9]+", part) and is_formula(part) for part in parts)
        yield Reading(tuple(value for value in values if value is not None), form=FORMULA if computed else PLAIN)


def _axis(text: str) -> int | None:
    """The whole number of one axis. `028` is none: it was a group of three."""
    if re.match("0[0-9]", text) or "=" in text:
        return None
    for reading in _numbers(_plainly(text)) if text else ():
        if _is_natural(reading.value) and not _ZERO.fullmatch(text):
            return int(reading.number)
    return None


def _turned(found: Sequence[Reading]) -> list[Reading]:
    """The same sizes, read with the channels in front."""
    return [
        reading._replace(value=(*reading.value[1:], reading.value[0]), form=CHANNELS_FIRST)
        for reading in found
        if isinstance(reading.value, tuple) and len(reading.value) > 1
    ]


# --- both ------------------------------------------------------------------------------------------------------------


def _unique(readings: Iterator[Reading] | Sequence[Reading]) -> tuple[Reading, ...]:
    """Each value once, in the form that was found first."""
    found: dict[int | Fraction | tuple[int, ...], Reading] = {}
    for reading in readings:
        found.setdefault(reading.value, reading)
        if len(found) == MAX_READINGS:
            break
    return tuple(found.values())


def _is_natural(value: Exact | Sized) -> bool:
    return type(value) is int and value >= 0


def _simple(value: Exact) -> Exact:
    return int(value) if value == int(value) else value
