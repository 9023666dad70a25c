"""Repetition is no work: who writes the same number everywhere, or copies each line from the one before, gains nothing.

Where a line keeps a size, the right answer after a wrong one repeats it, and so does the sum of one count. Such a
repetition is credited only to a student who has worked: the wrong value must not itself be a copy of what arrived, and
some other value of the answer, right or following, has to have another number in it than this one. Channels that a
layer keeps follow wherever rows or columns beside them are worked. Nor is it work to multiply the input: a flattened
size follows only if a number before it is worked, and not that of the input, copied so far.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

from cnnspec.language import say
from cnnspec.teaching.blanks import axes
from cnnspec.teaching.computed.following import Following
from cnnspec.teaching.model import SIZE, Judgement
from cnnspec.teaching.truth import Truth, part_of, places_of
from cnnspec.values import known

if TYPE_CHECKING:
    from cnnspec.teaching.exercise import Exercise


def without_copies(
    exercise: Exercise, truth: Truth, judged: dict[str, Judgement], own: Mapping[str, Any], following: Following
) -> dict[str, Judgement]:
    """The judgements, with no credit for what follows only because it repeats."""
    copied = Copied(exercise, truth, judged, own, following)
    follows = [key for key, judgement in judged.items() if judgement.status == "follow-through"]
    copies = {key for key in follows if copied.is_copy(key)}
    worked = {
        n
        for key, judgement in judged.items()
        if judgement.status in ("right", "follow-through") and key in own and key not in copies
        for n in _numbers(own[key])
    }
    found = dict(judged)
    for key in copies:
        if copied.stands_beside_work(key):
            continue
        if not worked - _wrong_numbers(own[key], truth.values[key]) - {0, 1} or copied.from_a_copy(key):
            message = say("not right: it repeats a wrong value")
            found[key] = judged[key]._replace(status="wrong", credit=0.0, message=message)
    for key in follows:
        if copied.flattens_the_input(key):
            message = say("not right: the size before it is that of the input, only copied")
            found[key] = judged[key]._replace(status="wrong", credit=0.0, message=message)
    return found


def _numbers(value: Any) -> set[Any]:
    return set(value) if isinstance(value, tuple) else {value}


def _wrong_numbers(value: Any, right: Any) -> set[Any]:
    """The numbers of a wrong value that are wrong in their place."""
    if isinstance(value, tuple) and isinstance(right, tuple) and len(value) == len(right):
        return {n for n, m in zip(value, right, strict=True) if n != m}
    return _numbers(value)


class Axis:
    """What a student wrote along one axis of one statement, and what arrived there."""

    __slots__ = ("arriving", "own")

    def __init__(self, own: Any, arriving: Any) -> None:
        self.own = own
        self.arriving = arriving


class Copied:
    """Which values of an answer repeat what arrives."""

    def __init__(
        self,
        exercise: Exercise,
        truth: Truth,
        judged: Mapping[str, Judgement],
        own: Mapping[str, Any],
        following: Following,
    ) -> None:
        self.truth = truth
        self.judged = judged
        self.own = own
        self.following = following
        self.places = {blank.key: places_of(exercise)[blank.span] for blank in exercise.blanks}
        sizes = (blank.key for blank in exercise.blanks if blank.family == SIZE)
        self.sizes = [key for key in sizes if key in following.arriving]

    def is_copy(self, key: str) -> bool:
        """Whether the answer is what arrives, or the one count of a sum."""
        followed = self.following.get(key)
        if followed is not None and followed.run is None:
            return (self.own[key],) in followed.terms
        if key not in self.sizes:
            return False
        arriving = part_of(self.following.arriving[key], self.places[key].part)
        return known(arriving) and bool(self.own[key] == arriving)

    def from_a_copy(self, key: str) -> bool:
        """Whether what is repeated was a repetition in the first place, along every axis that is told."""
        return bool(self._along(key)) and all(self._origin_is_copy(key, name) for name in self._along(key))

    def stands_beside_work(self, key: str) -> bool:
        """Whether these are channels that the line keeps, where another part of its size is worked."""
        place = self.places[key]
        if key not in self.sizes or place.part != "channels":
            return False
        right = self.truth.runs[place.statement.span][0]
        if not known(right.arriving) or right.arriving[-1] != right.result[-1]:
            return False
        beside = [one for one in self.sizes if self.places[one].statement.span == place.statement.span and one != key]
        credited = [one for one in beside if self.judged[one].status in ("right", "follow-through")]
        return any(not self.is_copy(one) for one in credited)

    def flattens_the_input(self, key: str) -> bool:
        """Whether a size of other axes is made of numbers that are right, or those of the input, copied so far."""
        followed = self.following.get(key)
        if key not in self.sizes or followed is None or followed.run is None:
            return False
        run, right = followed.run, self.truth.runs[self.places[key].statement.span][0]
        if not known(run.arriving) or not known(right.arriving) or len(run.arriving) != len(right.arriving):
            return False
        if len(run.result) == len(run.arriving):
            return False
        told = [*zip(axes(len(run.arriving)), run.arriving, right.arriving, strict=True)]
        untouched = {name: self._is_untouched(key, name, n) for name, n, _ in told}
        if any(n == m and name != "channels" and self._is_worked(key, name) for name, n, m in told):
            return False
        return all(n == m or untouched[name] for name, n, m in told)

    def _is_worked(self, key: str, name: str) -> bool:
        """Whether the student wrote a number along this axis, before, that differs from what arrived there."""
        told = (self._along(one).get(name) for one in self.sizes[: self.sizes.index(key)])
        return any(axis is not None and axis.own != axis.arriving for axis in told)

    def _is_untouched(self, key: str, name: str, value: Any) -> bool:
        """Whether a number arrived at the first size that tells this axis, and stands in all of them since."""
        before = [self._along(one).get(name) for one in self.sizes[: self.sizes.index(key)]]
        told = [axis for axis in before if axis is not None]
        return bool(told) and told[0].arriving == value and all(axis.own == value for axis in told)

    def _along(self, key: str) -> dict[str, Axis]:
        """The axes of a blank for a size, by name: one of a part, all of a whole."""
        part, value, arriving = self.places[key].part, self.own.get(key), self.following.arriving.get(key)
        if key not in self.sizes or value is None or not known(arriving):
            return {}
        if part != "size":
            return {part: Axis(value, part_of(arriving, part))}
        names: Iterable[str] = axes(len(value))
        return {name: Axis(n, part_of(arriving, name)) for name, n in zip(names, value, strict=True)}

    def _origin_is_copy(self, key: str, name: str) -> bool:
        """Follows a number back to the line where it was first wrong: did it stand there because it arrived?"""
        value = self._along(key)[name].own
        origin = None
        for before in reversed(self.sizes[: self.sizes.index(key)]):
            axis = self._along(before).get(name)
            if axis is not None and (axis.own != value or self.judged[before].status == "right"):
                break
            origin = axis or origin
        return origin is not None and known(origin.arriving) and bool(origin.own == origin.arriving)
