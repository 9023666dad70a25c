"""Which values of the blank arguments sizes and counts are true for: the student's own, where they are right."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from cnnspec.teaching.model import ARGUMENT, Answer, Judgement
from cnnspec.teaching.truth import Truth, truth_of

if TYPE_CHECKING:
    from cnnspec.teaching.exercise import Exercise


def settled_arguments(exercise: Exercise, judged: Mapping[str, Judgement]) -> dict[str, Any]:
    """Values of the blank arguments with which the exercise holds: the student's own, where they are right."""
    if not any(blank.family == ARGUMENT for blank in exercise.blanks):
        return {}
    from cnnspec.teaching.arguments.judge import read_value

    found = {}
    for blank in exercise.blanks:
        if blank.family == ARGUMENT and judged[blank.key].right:
            value = read_value(judged[blank.key].right, blank)
            if not isinstance(value, Judgement):
                found[blank.key] = value
    return found


def own_arguments(exercise: Exercise, answer: Answer, judged: Mapping[str, Judgement]) -> Truth:
    """What would be true with the student's own arguments, right or not, as far as they are plausible."""
    from cnnspec.teaching.arguments.judge import read_value

    settled = settled_arguments(exercise, judged)
    for blank in exercise.blanks:
        if blank.family == ARGUMENT and judged[blank.key].status == "wrong" and blank.key in settled:
            value = read_value(answer.given.get(blank.key, ""), blank)
            if not isinstance(value, Judgement) and _plausible(value, settled[blank.key]):
                settled[blank.key] = value
    return truth_of(exercise, settled)


def _plausible(value: Any, right: Any) -> bool:
    """Whether a wrong number is at least half and at most twice the right one (and a padding at most 2 for 0)."""
    if not isinstance(value, int) or not isinstance(right, int):
        return type(value) is type(right)
    return 0 <= max(value, right) <= 2 * max(min(value, right), 1)
