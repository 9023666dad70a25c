"""The tables of the lectures as exercises, and what several tests do with exercises."""

from __future__ import annotations

import csv
from pathlib import Path
from typing import Any

from cnnspec.source import Source
from cnnspec.teaching.exercise import Exercise, make_exercise, settings_of, solved
from cnnspec.teaching.judging import judge
from cnnspec.teaching.model import Answer, Marks, Submission, Verdict

HAND_SIGNS = """\
input 64x64x3
conv 32, f=3 | relu      -> ?x?x?, ? params
conv 32, f=3 | relu      -> ?x?x?, ? params
maxpool 2                -> ?,     ? params
flatten                  -> ?,     ? params
dense 6 | softmax        -> ?,     ? params
expect params == ?
"""
HAND_SIGNS_KEY = (
    *("62", "62", "32", "896", "60", "60", "32", "9248", "30x30x32", "0", "28800", "0", "6", "172806"),
    "182950",
)

MNIST = """\
input 28x28x1
conv 10, f=5 | relu      -> ?, ? params
maxpool 2                -> ?, ? params
conv 20, f=5 | relu      -> ?, ? params
maxpool 2                -> ?, ? params
flatten                  -> ?, ? params
dense 100 | relu         -> ?, ? params
dense 10 | softmax       -> ?, ? params
expect params == ?
"""
MNIST_KEY = (
    *("24x24x10", "260", "12x12x10", "0", "8x8x20", "5020", "4x4x20", "0", "320", "0", "100", "32100", "10", "1010"),
    "38390",
)

MLP = """\
input 784
dense 256 | relu         -> ?, ? params
dense 128 | relu         -> ?, ? params
dense 10 | softmax       -> ?, ? params
expect params == ?
"""
MLP_KEY = ("256", "200960", "128", "32896", "10", "1290", "235146")

TABLES = {"hand signs": (HAND_SIGNS, HAND_SIGNS_KEY), "mnist": (MNIST, MNIST_KEY), "mlp": (MLP, MLP_KEY)}


def exercise_of(text: str, **settings: Any) -> Exercise:
    return make_exercise(Source(text, "exercise.cnn"), settings_of(settings))


def key_of(exercise: Exercise) -> dict[str, str]:
    """The perfect answer."""
    return {one.blank.key: one.right for one in solved(exercise)}


def marks_of(exercise: Exercise, **changed: str) -> Marks:
    """The marks of the perfect answer with changes; `conv1_height` is the blank conv1.height."""
    given = key_of(exercise)
    for name, text in changed.items():
        key = name if name in given else ".".join(name.rsplit("_", 1))
        assert key in given, key
        given[key] = text
    return graded(exercise, given)


def graded(exercise: Exercise, given: dict[str, str]) -> Marks:
    return judge(exercise, Submission("Marie Curie", "curie.cnn", b""), Answer(given))


def verdict_of(marks: Marks, key: str) -> Verdict:
    return next(verdict for verdict in marks.verdicts if verdict.blank == key)


def statuses(marks: Marks) -> dict[str, str]:
    """Of the blanks that are not right."""
    return {verdict.blank: verdict.status for verdict in marks.verdicts if verdict.status != "right"}


def marks_by_hand(path: Path) -> dict[tuple[str, str], tuple[float, float]]:
    """Points and those to be had, by exercise and answer, from the table that people keep."""
    with path.open(encoding="utf-8", newline="") as file:
        rows = [*csv.DictReader(file)]
    return {(row["exercise"], row["answer"]): (float(row["points"]), float(row["out_of"])) for row in rows}
