"""The exercises of examples/exercises, in two languages, and every answer to them with the points that it deserves."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import pytest

import cnnspec
from cnnspec.syntax.format import format_text
from cnnspec.teaching.exercise import Exercise, load_exercise, solved
from cnnspec.teaching.grading.batch import grade_one
from cnnspec.teaching.handed_in.submissions import submissions
from cnnspec.teaching.model import Marks
from tests.teaching import tables

FOLDER = Path(__file__).parents[2] / "examples" / "exercises"
FRENCH = {
    "complete": "completer",
    "design": "concevoir",
    "hand_signs": "signes",
    "laplacian": "laplacien",
    "lenet5": "lenet5",
    "mlp": "mlp",
    "mnist": "mnist",
    "street": "rue",
    "vgg16": "vgg16",
}
"""The name of each exercise in French, by that of its English file and of the folder of its answers."""
MARKS = tables.marks_by_hand(FOLDER / "answers" / "marks.csv")
EXERCISES = [f"{language}/{name}" for pair in FRENCH.items() for language, name in zip(("en", "fr"), pair, strict=True)]


@cache
def exercise(name: str) -> Exercise:
    return load_exercise(FOLDER / f"{name}.cnn")


def marks_in(language: str, name: str, answer: str) -> Marks:
    [submission] = submissions([FOLDER / "answers" / name / answer])
    return grade_one(exercise(f"{language}/{name if language == 'en' else FRENCH[name]}"), submission)


@pytest.mark.parametrize("name", EXERCISES)
def test_nothing_is_wrong_with_the_exercise(name: str) -> None:
    path = FOLDER / f"{name}.cnn"
    text = path.read_text(encoding="utf-8")
    assert cnnspec.check(text) == []
    assert format_text(text) == text
    assert exercise(name).language == name[:2]


@pytest.mark.parametrize("name", FRENCH)
def test_both_languages_ask_the_same(name: str) -> None:
    english, french = exercise(f"en/{name}"), exercise(f"fr/{FRENCH[name]}")
    assert without_comments(english) == without_comments(french)
    words = {"title", "text", "language", "hints", "solution"}
    assert english.settings.model_dump(exclude=words) == french.settings.model_dump(exclude=words)
    assert english.settings.hints.keys() == french.settings.hints.keys()


def without_comments(one: Exercise) -> list[str]:
    return [line for line in one.source.text.splitlines() if not line.startswith("#")]


def test_every_file_is_an_exercise_of_the_table() -> None:
    files = {path.relative_to(FOLDER).with_suffix("").as_posix() for path in FOLDER.glob("??/*.cnn")}
    assert {name for name in files if not name.endswith("_solution")} == set(EXERCISES)


def test_every_answer_has_its_points() -> None:
    assert {(path.parent.name, path.name) for path in FOLDER.glob("answers/*/*")} == set(MARKS)


@pytest.mark.parametrize(("name", "answer"), MARKS, ids=map("/".join, MARKS))
def test_the_answer_gets_the_points_that_it_deserves(name: str, answer: str) -> None:
    english, french = (marks_in(language, name, answer) for language in ("en", "fr"))
    assert (english.points, english.out_of) == pytest.approx(MARKS[name, answer], abs=0.005)
    judged = [
        [(one.blank, one.status, one.mistake, one.points) for one in marks.verdicts] for marks in (english, french)
    ]
    assert (french.points, judged[1]) == (english.points, judged[0])
    assert (english.language, french.language) == ("en", "fr")


@pytest.mark.parametrize("name", FRENCH)
def test_the_perfect_answer_gets_all(name: str) -> None:
    points, out_of = MARKS[name, "perfect.cnn"]
    assert points == out_of


def test_every_mistake_that_can_occur_is_made() -> None:
    possible = {wrong.mistake for name in FRENCH for one in solved(exercise(f"en/{name}")) for wrong in one.wrongs}
    made = {one.mistake for name, answer in MARKS for one in marks_in("en", name, answer).verdicts}
    assert possible - made == set()
    assert {"batchnorm-two", "rows-and-columns-swapped", "forgot-bias", "forgot-plus-one"} <= made
