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
from cnnspec.teaching.quiz.sheet import intro, make_sheet
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
    assert told("input 28x28x1\nconv 6, f=5 -> ?\n", kinds=["conv"]) == [
        "`kinds` holds for a `?` in the place of layers, and there is none"
    ]
    assert told("input 28x28x1\nconv 6, f=5\nexpect params == ?\n", points_of={"params": 2}) == [
        "in the settings `params` means counts after `->`; write `figure` for this one"
    ]
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


LAZY = {
    "conv": "conv {k}, f={crop}, p=0\nconv {k}, f=1",
    "transposed": "conv {k}, f=1\nconv {k}, f=1\nconv {k}, f=1",
    "dilation": "conv {k}, f=1\nconv {k}, f=1\nconv {k}, f=1",
    "groups": "conv {k}, f={crop}\nconv {k}, f=1\nconv {k}, f=1",
    "pool": "conv {k}, f={crop}\nconv {k}, f=1",
    "lenet": "conv 1, f=1 | conv 1, f=1\nflatten | dense 1 | dense {k}",
    "residual": "conv 1, f=1\nconv 1, f=1\nconv 1, f=1\nconv 1, f=1\nconv 1, f=1\nconv 1, f=1\nflatten | dense {k}",
}


@pytest.mark.parametrize("level", LAZY)
def test_a_design_without_what_the_level_is_about_is_not_right(level: str, tmp_path: Path) -> None:
    for seed in range(4):
        exercise = fresh(level, "design", seed, tmp_path)
        (before,) = exercise.network.inputs.values()
        after = parse_size(exercise.source.text)
        lazy = LAZY[level].format(k=after[-1], crop=before[0] - after[0] + 1)
        assert judgements(exercise, Answer({"layers1": lazy}))["layers1"].credit < 1


def parse_size(text: str) -> list[int]:
    written = text.partition("? -> ")[2].splitlines()[0]
    return [int(part) for part in written.split("x")]


def test_what_is_seen_without_gaps_costs_too_many_parameters(tmp_path: Path) -> None:
    for seed in range(12):
        exercise = fresh("dilation", "design", seed, tmp_path)
        text, channels = exercise.source.text, parse_size(exercise.source.text)[-1]
        bound, field = (int(text.partition(word)[2].split()[0].replace("_", "")) for word in ("<= ", "field >= "))
        windows = ((f, g, field + 2 - f - g) for f in range(1, field + 1) for g in range(1, field + 2 - f))
        least = min(f * f + 1 + g * g + 1 + h * h * channels + channels for f, g, h in windows)
        assert bound < least


@pytest.mark.parametrize("level", LEVELS)
def test_as_many_blanks_with_every_seed(level: str) -> None:
    asked = {new_exercise(level, "complete", seed).text.count("?") for seed in range(12)}
    assert asked == {2 if level == "mlp" else 4}


@pytest.mark.parametrize("level", LEVELS)
def test_values_to_compute_are_varied(level: str, tmp_path: Path) -> None:
    for seed in range(20):
        exercise = fresh(level, "values", seed, tmp_path)
        right = [n for row in solved(exercise)[0].value for n in _numbers(row)]
        assert 3 * right.count(0) <= len(right)
        assert len(set(right)) > 1
        assert not any("number" in said for _, said in warnings_of(exercise))


def _numbers(value: object) -> list[object]:
    return [n for one in value for n in _numbers(one)] if isinstance(value, list) else [value]


def test_the_layers_that_may_be_used_are_told(tmp_path: Path) -> None:
    plain = fresh("conv", "compute", 1, tmp_path)
    exercise = fresh("transposed", "design", 1, tmp_path)
    said = "Only these layers may be used: `conv`, `conv_transpose`, `dense`, `flatten`, `maxpool`, `relu`."
    assert said in intro(make_sheet(exercise, solved(exercise)))
    assert "Only" not in intro(make_sheet(plain, solved(plain)))
