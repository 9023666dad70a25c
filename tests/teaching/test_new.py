"""Fresh exercises: for every level and kind pleasant, solvable, and the same for the same seed."""

from __future__ import annotations

import tomllib
from pathlib import Path

import pytest

import cnnspec
from cnnspec.language import speaking
from cnnspec.source import Source
from cnnspec.syntax.format import format_text
from cnnspec.teaching.exercise import Exercise, load_exercise, make_exercise, settings_of, solved
from cnnspec.teaching.judging import judgements
from cnnspec.teaching.making.inspecting import filled_text, warnings_of
from cnnspec.teaching.making.new import KINDS, LEVELS, new_exercise
from cnnspec.teaching.model import Answer
from cnnspec.teaching.variants.drawing import leaves_over

BOTH = [(level, kind) for level in LEVELS for kind in KINDS]


def fresh(level: str, kind: str, seed: int, folder: Path) -> Exercise:
    made = new_exercise(level, kind, seed, name="one")
    (folder / "one.cnn").write_text(made.text)
    (folder / "one.toml").write_text(made.settings)
    if made.solution:
        (folder / "one_solution.cnn").write_text(made.solution)
    return load_exercise(folder / "one.cnn")


@pytest.mark.parametrize(("level", "kind"), BOTH)
def test_the_key_of_a_fresh_exercise_is_right(level: str, kind: str, tmp_path: Path) -> None:
    for seed in range(4):
        exercise = fresh(level, kind, seed, tmp_path)
        filled = filled_text(exercise)
        assert cnnspec.check(filled) == [d for d in cnnspec.check(filled) if d.severity == "warning"]
        assert cnnspec.loads(filled).blanks == 0
        key = {one.blank.key: one.right for one in solved(exercise)}
        assert {one.status for one in judgements(exercise, Answer(key)).values()} == {"right"}


@pytest.mark.parametrize("level", LEVELS)
def test_no_rows_are_left_over(level: str) -> None:
    for seed in range(10):
        filled = filled_text(make_exercise(Source(new_exercise(level, "compute", seed).text)))
        assert not any(map(leaves_over, cnnspec.loads(filled).layers))


@pytest.mark.parametrize(("level", "kind"), BOTH)
def test_a_seed_makes_one_exercise_and_seeds_make_many(level: str, kind: str) -> None:
    texts = [new_exercise(level, kind, seed).text for seed in range(12)]
    assert texts == [new_exercise(level, kind, seed).text for seed in range(12)]
    assert len(set(texts)) > 6
    assert all(format_text(text) == text for text in texts)


def test_the_settings_speak_the_language() -> None:
    with speaking("fr"):
        settings = settings_of(tomllib.loads(new_exercise("conv", "values").settings))
    assert settings.language == "fr"


def test_unknown_levels() -> None:
    with pytest.raises(ValueError, match="no level 'x'"):
        new_exercise("x")


def told(text: str, **settings: object) -> list[str]:
    return [said for _, said in warnings_of(make_exercise(Source(text), settings_of(settings)))]


def test_what_a_teacher_is_warned_of() -> None:
    assert told("input 28x28x1\nconv 6, f=5 -> ?, ? params\n") == []
    assert told("input 28x28x1\nconv 6, f=5 -> ?, ? params\nexpect params == 156\n") == [
        "the answer 156 stands elsewhere in the file"
    ]
    assert told("input 28x28x1  # later 24x24x6\nconv 6, f=5 -> ?\n") == [
        "the answer 24x24x6 stands elsewhere in the file"
    ]
    assert told("input 28x28x1\nconv 6, f=5\nrelu -> ?\n") == ["nothing changes in this line: the answer is trivial"]
    assert told("input 28x28x1\nconv 6, f=5 -> ?(24x24x6)\n") == ["there is one choice only"]
    assert told("input 28x28x1\nconv 6, f=5 -> ?\n", points_of={"size": 0}) == ["this blank is worth no points"]
    assert told("input 28x28x1\ndropout ? -> 28x28x1\n") == ["every value that was tried is right"]
    assert told("input 28x28x1\n? -> 10\n") == [
        "there is no key: name a file with the layers as `solution` in the settings"
    ]


def test_maps_that_one_number_fills_are_told() -> None:
    text = "input 3x3x1\nconv 1, f=2, weight=[[1, 0], [0, -1]], bias=0 | relu\nexample {} -> {}\n"
    dark, mixed = "[[1, 2, 3], [4, 5, 7], [8, 9, 6]]", "[[9, 2, 3], [4, 5, 7], [8, 9, 1]]"
    assert told(text.format(dark, "?")) == ["all numbers of the answer are the same"]
    assert told(text.format(mixed, "?")) == []
    assert told(text.format("[[9, 2, 3], [4, 5, 7], [8, 9, 6]]", "?")) == ["most numbers of the answer are 0"]
    assert told(text.format(dark, "[[?, ?], [0, 0]]")) == ["all numbers of the answer are the same"]
