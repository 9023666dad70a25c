"""The types of arguments: what may be written, and what the kind gets to see."""

from __future__ import annotations

import math
from typing import Any

from cnnspec.diagnostics import Mistake, Repair
from cnnspec.language import listing, plural, say
from cnnspec.record import Record
from cnnspec.sizes import same_padding
from cnnspec.suggest import did_you_mean
from cnnspec.values import UNKNOWN, Dim, Size, Symbolic, Value, Word, as_whole, describe, is_number, show

LARGEST = 3.4028234e38  # of the 32-bit floats


class Whole(Record):
    """A whole number, at least `minimum`: `filters`, `groups`."""

    minimum: int = 1

    def read(self, value: Value, rank: int | None) -> Dim:
        return _whole(value, self.minimum)

    def describe(self) -> str:
        return say("a whole number, at least {minimum}", minimum=self.minimum)


class Real(Record):
    """A number: `alpha`, `eps`, `rate`. `above` and `below` are excluded, `minimum` is included."""

    minimum: float = -math.inf
    above: float = -math.inf
    below: float = math.inf

    def read(self, value: Value, rank: int | None) -> float | int | Any:
        if value is UNKNOWN:
            return value
        if not is_number(value):
            raise Mistake("E206", "`{argument}` is a number, not {what}", what=describe(value))
        if not abs(value) <= LARGEST:  # not a number, too
            raise Mistake("E215", "`{argument}` is {value}, beyond what a 32-bit float holds", value=show(value))
        if value < self.minimum or value <= self.above or value >= self.below:
            raise Mistake(
                "E207",
                "`{argument}` is {what}, but {value} is given",
                help="write {share} for {value} %" if self.below == 1 < value <= 100 else "",
                repair=Repair(f"{value / 100:g}", "unsafe") if self.below == 1 < value <= 100 else None,
                what=self.describe(),
                value=show(value),
                share=f"{value / 100:g}" if abs(value) <= 100 else "",
            )
        return value

    def describe(self) -> str:
        bounds = []
        if self.minimum > -math.inf:
            bounds.append(say("at least {n}", n=f"{self.minimum:g}"))
        if self.above > -math.inf:
            bounds.append(say("above {n}", n=f"{self.above:g}"))
        if self.below < math.inf:
            bounds.append(say("below {n}", n=f"{self.below:g}"))
        return say("a number, {bounds}", bounds=listing(bounds)) if bounds else say("a number")


class Flag(Record):
    """`true` or `false`."""

    def read(self, value: Value, rank: int | None) -> bool | Any:
        if isinstance(value, bool) or value is UNKNOWN:
            return value
        raise Mistake(
            "E206", "`{argument}` is true or false, not {what}", help="write {argument}=true", what=describe(value)
        )

    def describe(self) -> str:
        return say("true or false")


class Choice(Record):
    """One of several bare words: `mode=reflect`."""

    words: tuple[str, ...]

    def read(self, value: Value, rank: int | None) -> str | Any:
        if value is UNKNOWN or (isinstance(value, Word) and value in self.words):
            return value
        raise Mistake(
            "E222",
            "`{argument}` is one of {words}, not {what}",
            help="write {argument}={best} (without quotes)" if value in self.words else "write {argument}={best}",
            repair=Repair(str(value)) if value in self.words else None,
            words=", ".join(self.words),
            what=describe(value),
            best=next((word for word in self.words if isinstance(value, str) and word in value), self.words[0]),
        )

    def describe(self) -> str:
        return f" {say('or')} ".join(self.words)


class PerAxis(Record):
    """One number for every spatial axis, or a size with one for each: `f=3`, `f=1x7`. The kind sees a tuple."""

    minimum: int = 1
    may_be_symbolic: bool = False

    def read(self, value: Value, rank: int | None) -> Size:
        if isinstance(value, list):
            value = tuple(value)
        if not isinstance(value, tuple):
            return (self._part(value),) * (1 if rank is None else rank)
        if rank is not None and len(value) != rank:
            raise Mistake(
                "E309",
                "`{argument}` has {parts}, the input has {axes}",
                help="write one number, or one for each axis",
                parts=plural("{n} part", "{n} parts", len(value)),
                axes=plural("{n} spatial axis", "{n} spatial axes", rank),
            )
        return tuple(map(self._part, value))

    def _part(self, value: Value) -> Dim:
        return _whole(value, self.minimum, may_be_symbolic=self.may_be_symbolic)

    def describe(self) -> str:
        return say("a whole number at least {minimum}, or one for each axis (1x7)", minimum=self.minimum)


class Padding(Record):
    """Padding as written: `same`, or the pixels (begin, end) for each axis."""

    same: bool
    pairs: tuple[tuple[Dim, Dim], ...]

    def resolve(self, x: Size, f: Size, s: Size, d: Size) -> tuple[tuple[Dim, Dim], ...]:
        """(begin, end) for each spatial axis of the input x."""
        if self.same:
            return tuple(same_padding(*axis) for axis in zip(x[:-1], f, s, d, strict=True))
        return self.pairs


SAME = Padding(True, ())


class Pads(Record):
    """One number, one for each axis (`1x3`), all starts then all ends (`[top, left, bottom, right]`), or a word.

    The words are `same` and `valid`.
    """

    words: bool = True  # whether `same` and `valid` may be written

    def read(self, value: Value, rank: int | None) -> Padding | Any:
        if isinstance(value, str):
            return self._read_word(value, rank)
        rank = 1 if rank is None else rank
        if isinstance(value, (tuple, list)) and len(value) == 2 * rank and rank > 0:
            parts = tuple(_whole(part, 0) for part in value)
            return Padding(False, tuple(zip(parts[:rank], parts[rank:], strict=True)))
        if isinstance(value, (tuple, list)) and len(value) != rank:
            raise Mistake(
                "E309",
                "`{argument}` has {parts}, the input has {axes}",
                help="write one number, {rank} (one for each axis) or {twice} (all starts, then all ends)",
                parts=plural("{n} part", "{n} parts", len(value)),
                axes=plural("{n} spatial axis", "{n} spatial axes", rank),
                rank=rank,
                twice=2 * rank,
            )
        return Padding(False, tuple((n, n) for n in PerAxis(0).read(value, rank)))

    def _read_word(self, value: str, rank: int | None) -> Padding:
        if self.words and isinstance(value, Word) and value in ("same", "valid"):
            return SAME if value == "same" else Padding(False, ((0, 0),) * (1 if rank is None else rank))
        meant = did_you_mean(value, ("same", "valid")) if self.words and isinstance(value, Word) else ""
        if meant:
            raise Mistake(
                "E222",
                "`{argument}` is same, valid or numbers, not {given}",
                help="{remedy}",
                given=describe(value),
                remedy=meant,
            )
        if self.words and value in ("same", "valid"):
            raise Mistake(
                "E222",
                "`{argument}` takes bare words",
                help="write {argument}={word} without quotes",
                repair=Repair(value),
                word=value,
            )
        raise Mistake("E206", "`{argument}` is {what}, not {given}", what=self.describe(), given=describe(value))

    def describe(self) -> str:
        forms = say("a number, one for each axis (1x3), all starts then all ends ([top, left, bottom, right])")
        return say("{forms}, `same` or `valid`", forms=forms) if self.words else forms


class TargetSize(Record):
    """A size to reach: all axes with channels (`channels=True`, for reshape) or the spatial ones only.

    With channels, UNKNOWN where not even the number of axes is known.
    """

    channels: bool = False

    def read(self, value: Value, rank: int | None) -> Size | Any:
        if self.channels:
            if value is UNKNOWN:
                return value
            if isinstance(value, (tuple, list)):
                return tuple(_whole(part, 1, may_be_symbolic=True) for part in value)
            return (_whole(value, 1, may_be_symbolic=True),)
        return PerAxis(1, may_be_symbolic=True).read(value, rank)

    def describe(self) -> str:
        if self.channels:
            return say("a size with its channels (4x4x16)")
        return say("a size without channels (7x7), or one number")


class WholeList(Record):
    """A list of whole numbers: `select [0, 4, 5]`; a single number is a list of one. UNKNOWN where the list is open."""

    minimum: int = 0

    def read(self, value: Value, rank: int | None) -> tuple[Dim, ...] | Any:
        if value is UNKNOWN:
            return value
        parts = value if isinstance(value, (list, tuple)) else [value]
        return tuple(_whole(part, self.minimum) for part in parts)

    def describe(self) -> str:
        return say("a list of whole numbers ([0, 4, 5])")


class PerChannel(Record):
    """One number, or a list with one for each channel: `rescale 2, b=[1, 2, 3]`. The kind sees a number or a tuple."""

    def read(self, value: Value, rank: int | None) -> Any:
        if isinstance(value, (list, tuple)):
            return tuple(Real().read(part, rank) for part in value)
        return Real().read(value, rank)

    def describe(self) -> str:
        return say("a number, or a list with one for each channel")


class TensorValue(Record):
    """A parameter tensor: `true` (learned), `false` (absent, where that makes sense), or its values as nested lists."""

    may_be_absent: bool = True

    def read(self, value: Value, rank: int | None) -> Any:
        if value is False and not self.may_be_absent:
            raise Mistake("E206", "`{kind}` does not work without `{argument}`", help="leave `{argument}` out")
        if isinstance(value, (bool, list)) or value is UNKNOWN:
            return value
        if is_number(value):
            return [value]
        if isinstance(value, tuple):
            return list(value)
        raise Mistake("E206", "`{argument}` is {what}, not {given}", what=self.describe(), given=describe(value))

    def describe(self) -> str:
        if self.may_be_absent:
            return say("true (learned), false (absent), or its values as nested lists")
        return say("true (learned), or its values as nested lists")


class ValueName(Record):
    """The name of a value of the flow: `crop like=skip`. The kind sees its size."""

    def read(self, value: Value, rank: int | None) -> Size | Any:
        size = UNKNOWN if value is UNKNOWN else getattr(value, "size", None)
        if size is UNKNOWN:
            return size
        if not isinstance(size, tuple):
            raise Mistake("E206", "`{argument}` is the name of a value, not {what}", what=describe(value))
        return size

    def describe(self) -> str:
        return say("the name of a value")


def _whole(value: Value, minimum: int, *, may_be_symbolic: bool = False) -> Dim:
    whole = as_whole(value)
    if isinstance(whole, Symbolic) and not may_be_symbolic:
        raise Mistake(
            "E226",
            "`{argument}` has to be a known number, not {value}",
            help="give the input a known size, or write a number",
            value=show(whole),
        )
    if whole is None:
        if isinstance(value, float):
            raise Mistake(
                "E213",
                "`{argument}` is a whole number, not {value}",
                help="use `//` for a division that rounds down, or `round`, `floor`, `ceil`",
                value=show(value),
            )
        raise Mistake("E206", "`{argument}` is a whole number, not {what}", what=describe(value))
    if whole < minimum:
        raise Mistake(
            "E207",
            "`{argument}` is {value}, but must be at least {minimum}",
            help="use {argument}={minimum} or more",
            value=show(whole),
            minimum=minimum,
        )
    return whole
