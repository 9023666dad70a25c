"""The answer key: each blank with its right answer, its arithmetic, and the wrong answers that are known by name."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from cnnspec.teaching.arguments.judge import CHANNELS
from cnnspec.teaching.arguments.proving import only_value
from cnnspec.teaching.computed.candidates import candidates
from cnnspec.teaching.computed.settling import settled_arguments
from cnnspec.teaching.computed.worked import solution_of
from cnnspec.teaching.judging import judgements
from cnnspec.teaching.labels import label_of
from cnnspec.teaching.model import ARGUMENT, VALUE, Answer, Blank, Judgement, Solved, Wrong
from cnnspec.teaching.truth import COMPUTED, Truth, truth_of

if TYPE_CHECKING:
    from cnnspec.teaching.exercise import Exercise


def solutions(exercise: Exercise) -> tuple[Solved, ...]:
    """The key of an exercise, in the order of its blanks."""
    judged = judgements(exercise, Answer({}))
    truth = truth_of(exercise, settled_arguments(exercise, judged))
    return tuple(_solved(exercise, blank, judged[blank.key], truth) for blank in exercise.blanks)


def _solved(exercise: Exercise, blank: Blank, judgement: Judgement, truth: Truth) -> Solved:
    label = label_of(exercise, blank)
    if blank.family == VALUE:
        return Solved(
            blank, label, _literal(judgement.right), judgement.right, judgement.arithmetic, _slips(exercise, blank)
        )
    if blank.family not in COMPUTED:
        name = blank.part if blank.family == ARGUMENT and "." not in blank.part and blank.layer else ""
        right = f"{name}={judgement.right}" if name and judgement.right else judgement.right
        value = only_value(exercise, blank)
        number = value if blank.part in CHANNELS else None  # a window may be written `2x2` too: that is no number
        return Solved(blank, label, number, right, judgement.arithmetic, only=value is not None)
    solution = solution_of(exercise, blank, truth)
    value = truth.values[blank.key]
    wrongs = tuple(_wrongs(exercise, blank, truth))
    return Solved(blank, label, value, solution.right, solution.arithmetic, wrongs)


def _literal(text: str) -> Any:
    """The number, or the lists of numbers, that a value is written as."""
    return json.loads(text)


def _slips(exercise: Exercise, blank: Blank) -> tuple[Wrong, ...]:
    """What known slips give in the place of a value."""
    from cnnspec.teaching.values.judge import wrong_values

    found: dict[str, Wrong] = {}
    for wrong in wrong_values(exercise, blank.key):
        found.setdefault(wrong.value, wrong._replace(value=_literal(wrong.value)))
    return tuple(found.values())


def _wrongs(exercise: Exercise, blank: Blank, truth: Truth) -> Iterator[Wrong]:
    """Each wrong value once, under the likeliest of its names."""
    seen: set[Any] = {truth.values[blank.key]}
    for candidate in candidates(exercise, blank, truth):
        if candidate.value not in seen:
            seen.add(candidate.value)
            yield Wrong(candidate.value, candidate.mistake, candidate.tell())
