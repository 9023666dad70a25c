"""Whether a blank argument has one right value and no other: then a key says so, and a quiz may ask for the number."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from cnnspec.teaching.arguments.chains import chain_of
from cnnspec.teaching.arguments.domains import domain_of
from cnnspec.teaching.arguments.judge import CHANNELS, puzzle_of, usual_arguments
from cnnspec.teaching.arguments.puzzles import Group
from cnnspec.teaching.model import ARGUMENT, Blank

if TYPE_CHECKING:
    from cnnspec.teaching.exercise import Exercise

STEADY = ("f", "s", *CHANNELS)  # sizes and counts only grow with them, or only shrink
NEAR = (-2, -1, 1, 2)  # two, for `p=same` wants odd windows


def only_value(exercise: Exercise, blank: Blank) -> int | None:
    """The one right value; None where there are several, or it is not proved.

    A line of layers with this blank alone yields more and more, or less and less, as the value grows: where those
    beside it do not hold, none farther off does. What is usual is tried as well.

    >>> from cnnspec.source import Source
    >>> from cnnspec.teaching.exercise import make_exercise
    >>> exercise = make_exercise(Source("input 8x8x3\\nconv 4, f=3, p=? -> 8x8x4\\nflatten | dense ? -> 10"))
    >>> [only_value(exercise, blank) for blank in exercise.blanks]
    [None, 10]
    """
    if blank.family != ARGUMENT or blank.choices or blank.part not in STEADY or len(blank.spans) > 1:
        return None
    puzzle = puzzle_of(exercise)
    group = next(group for group in puzzle.groups if blank.key in group.keys)
    value = usual_arguments(exercise).get(blank.key)
    if len(group.blanks) > 1 or type(value) is not int or chain_of(group) is None:
        return None
    others = _others(group, blank, value)
    return value if not any(puzzle.holds(group, {blank.key: other}) for other in others) else None


def _others(group: Group, blank: Blank, value: int) -> list[Any]:
    """Values beside the right one, near it and usual ones, for all axes and for each alone."""
    usual = domain_of(blank, group.places[blank.key], group.arriving, group.stated, 1)
    numbers = {one for one in (*(value + n for n in NEAR), *usual) if isinstance(one, int) and one > 0 and one != value}
    found: list[Any] = sorted(numbers)
    if blank.part not in CHANNELS:
        found += [(*(value,) * i, n, *(value,) * (_axes(group) - i - 1)) for n in numbers for i in range(_axes(group))]
    return found


def _axes(group: Group) -> int:
    return len(group.arriving) - 1
