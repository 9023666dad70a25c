"""Never more than honest work gives: properties over random exercises and answers, and dishonest patterns by force."""

from __future__ import annotations

import re
from itertools import product
from math import prod
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cnnspec.diagnostics import CnnSpecError
from cnnspec.teaching.blanks import axes
from cnnspec.teaching.computed.following import follow
from cnnspec.teaching.computed.plausible import is_near, is_trivial
from cnnspec.teaching.exercise import Exercise, load_exercise
from cnnspec.teaching.model import Marks
from cnnspec.teaching.truth import truth_of
from cnnspec.values import show
from tests.teaching.tables import HAND_SIGNS, TABLES, exercise_of, graded, key_of, marks_of, statuses

KEEPING = """\
input 16x16x3
conv 8, f=3              -> ?x?x?, ? params
relu                     -> ?,     ? params
conv 8, f=3, p=1         -> ?x?x?, ? params
batchnorm                -> ?,     ? params
maxpool 2                -> ?x?x?, ? params
conv 8, f=5, p=2         -> ?x?x?, ? params
flatten                  -> ?
dense 10                 -> ?, ? params
expect params == ?
"""
ONE_LAYER = "input 100\ndense 10 -> ?, ? params\nexpect params == ?\nexpect trainable == ?\n"
EXERCISES = [text for text, _ in TABLES.values()] + [KEEPING, ONE_LAYER]

LINES = (
    "conv {k}, f={f}, p={p}",
    "conv {k}, f={f}, s=2, p={p} | relu",
    "maxpool 2",
    "relu",
    "batchnorm",
    "conv_transpose {k}, f=2, s=2",
    "depthwise {f}",
    "repeat 2 {{ conv {k}, f={f}, p=1 }}",
    "repeat 2 {{ depthwise 3, p=1 -> ?x?x?, ? params }}",
    "concat {{ branch {{ conv {k}, f=1 -> ?, ? params }} branch {{ identity }} }}",
    "residual {{ batchnorm -> ?, ? params }}",
)


@st.composite
def exercises(draw: st.DrawFn) -> Exercise:
    lines = [f"input {draw(st.integers(8, 24))}x{draw(st.integers(8, 24))}x{draw(st.integers(1, 4))}"]
    for _ in range(draw(st.integers(1, 4))):
        line = draw(st.sampled_from(LINES)).format(
            k=draw(st.integers(1, 6)), f=draw(st.sampled_from((1, 3))), p=draw(st.integers(0, 1))
        )
        lines.append(f"{line} -> {draw(st.sampled_from(('?', '?x?x?')))}, ? params")
    lines += ["flatten -> ?", "dense 4 -> ?, ? params", "expect params == ?"]
    try:
        return exercise_of("\n".join(lines))
    except CnnSpecError:
        return exercise_of(HAND_SIGNS)


@st.composite
def answers(draw: st.DrawFn) -> tuple[Exercise, dict[str, str], dict[str, str]]:
    """An exercise, its key, and an answer where some blanks are changed and others follow from these."""
    exercise = draw(exercises())
    key = key_of(exercise)
    truth = truth_of(exercise)
    own = dict(truth.values)
    for name in draw(st.lists(st.sampled_from(sorted(key)), min_size=1, max_size=4, unique=True)):
        parts = own[name] if isinstance(own[name], tuple) else (own[name],)
        changed = tuple(max(0, n + draw(st.sampled_from((-2, -1, 0, 1, 2, n)))) for n in parts)
        own[name] = changed if isinstance(own[name], tuple) else changed[0]
    if draw(st.booleans()):
        following = follow(exercise, truth, own).by_key
        own |= {name: one.values[0] for name, one in following.items() if own[name] == truth.values[name]}
    return exercise, key, {name: show(value) for name, value in own.items()}


@settings(max_examples=150, deadline=None)
@given(answers())
def test_no_wrong_answer_gets_as_much_as_the_perfect_one(case: tuple[Exercise, dict[str, str], dict[str, str]]) -> None:
    exercise, key, answer = case
    perfect, marks = graded(exercise, key), graded(exercise, answer)
    assert perfect.points == perfect.out_of
    assert 0 <= marks.points <= marks.out_of
    wrong = [verdict for verdict in marks.verdicts if answer[verdict.blank] != key[verdict.blank]]
    assert {verdict.status for verdict in wrong} <= {"wrong", "mistake", "follow-through"}
    if wrong:
        assert marks.points <= marks.out_of - 1, "the first wrong value follows from nothing"
        assert wrong[0].points == 0
    for verdict in marks.verdicts:
        assert verdict.points == {"right": 1, "follow-through": 0.75}.get(verdict.status, 0)


# --- dishonest patterns ----------------------------------------------------------------------------------------------


def earned_by_themselves(marks: Marks) -> float:
    return sum(verdict.points for verdict in marks.verdicts if verdict.status == "right")


def same_everywhere(exercise: Exercise, n: int) -> dict[str, str]:
    """One number, as a size where a size is asked."""
    truth = truth_of(exercise).values
    return {
        name: show((n,) * len(value)) if isinstance(value, tuple) and n else str(n) for name, value in truth.items()
    }


@pytest.mark.parametrize("text", EXERCISES)
def test_the_same_number_everywhere(text: str) -> None:
    exercise = exercise_of(text)
    numbers = {*range(70), 96, 100, 128, 256, 784, 900, 1000, 1010, 1200, 28800}
    for n in sorted(numbers):
        marks = graded(exercise, same_everywhere(exercise, n))
        assert marks.points == earned_by_themselves(marks), n


@pytest.mark.parametrize("text", EXERCISES)
def test_the_same_number_everywhere_and_no_parameters_where_there_are_none(text: str) -> None:
    exercise = exercise_of(text)
    zeros = {name: "0" for name, right in key_of(exercise).items() if right == "0"}
    for n in range(2, 70):
        marks = graded(exercise, same_everywhere(exercise, n) | zeros)
        assert marks.points == earned_by_themselves(marks), n


@pytest.mark.parametrize("text", EXERCISES)
@pytest.mark.parametrize("begin", [0, 1, 2, 3])
def test_copies_of_the_line_before(text: str, begin: int) -> None:
    """The first lines right, then each size and each count copied from the line before."""
    exercise = exercise_of(text)
    truth = truth_of(exercise)
    given = {}
    last = dict(zip(("height", "width", "channels"), (*exercise.network.inputs["input"], 1, 1), strict=False))
    count, lines = "0", 0
    statement = None
    for blank in exercise.blanks:
        lines += blank.statement != statement
        statement = blank.statement
        value = truth.values[blank.key]
        parts = value if isinstance(value, tuple) else (value,)
        names = ("height", "width", "channels")[: len(parts)] if blank.part == "size" else (blank.part,)
        if lines <= begin:
            given[blank.key] = show(value)
            last |= dict(zip(names, parts, strict=False)) if blank.family == "size" else {}
            count = count if blank.family == "size" else str(value)
        else:
            given[blank.key] = show(tuple(last[name] for name in names)) if blank.family == "size" else count
    marks = graded(exercise, given)
    assert marks.points == earned_by_themselves(marks)


@pytest.mark.parametrize("text", EXERCISES)
def test_small_sizes_make_nothing_easy(text: str) -> None:
    """A first size that makes the rest trivial is not carried on: with 1 (or 0) in it the rest earns nothing."""
    exercise = exercise_of(text)
    truth = truth_of(exercise)
    first = [blank for blank in exercise.blanks if blank.statement == exercise.blanks[0].statement]
    sizes = [blank.key for blank in first if blank.family == "size"]
    for numbers in product((0, 1), repeat=len(sizes)):
        own = dict(truth.values)
        for name, n in zip(sizes, numbers, strict=True):
            own[name] = (n,) * len(own[name]) if isinstance(own[name], tuple) else n
        assert not follow(exercise, truth, own).by_key


@pytest.mark.parametrize(
    ("text", "key", "wrong"),
    [
        ("input 8x8x3\nrepeat 3 {\n  conv 3, f=3, p=1 -> ?x8x3\n}\nflatten -> ?\n", "conv1.height", "9"),
        ("input 8x8x3\nblock b {\n  conv 3, f=3, p=1 -> ?x8x3\n}\nb\nb\nflatten -> ?\n", "b1.conv1.height", "9"),
        ("input 8x8x3\nconv 4, f=3 -> ?1x6x4\nrelu -> ?1x6x4\nflatten -> ?\n", "?1", "7"),
    ],
)
def test_no_answer_follows_from_itself(text: str, key: str, wrong: str) -> None:
    exercise = exercise_of(text)
    marks = graded(exercise, key_of(exercise) | {key: wrong})
    assert statuses(marks)[key] in ("wrong", "mistake")
    assert marks.points == marks.out_of - 1


def test_an_honest_repetition_counts() -> None:
    """61 where 62 is right, kept by the activation on the next line, and worked with after it."""
    exercise = exercise_of(KEEPING)
    marks = marks_of(exercise, conv1_height="13", relu1_size="13x14x8")
    assert statuses(marks) == {"conv1.height": "mistake", "relu1.size": "follow-through"}


def test_a_copied_size_that_is_carried_on_by_copies_counts_nothing() -> None:
    exercise = exercise_of(KEEPING)
    marks = marks_of(exercise, maxpool1_height="14", conv3_height="14")
    assert statuses(marks) == {"maxpool1.height": "mistake", "conv3.height": "wrong"}
    worked = marks_of(exercise, maxpool1_height="14", conv3_height="14", flatten1_size="784")
    assert statuses(worked)["flatten1.size"] == "follow-through"


# --- cheap answers ---------------------------------------------------------------------------------------------------

LECTURES = sorted(
    (Path(__file__).parents[2] / "examples" / "exercises" / "en" / f"{name}.cnn")
    for name in ("hand_signs", "mnist", "mlp", "lenet5", "street", "vgg16")
)
SPATIAL = ("copied", "halved by pooling")
CHANNELS = ("copied", "filters")
FLAT = ("product", "channels", "copied")
COUNTS = ("0", "filters", "product")


def cheap(exercise: Exercise, strategy: tuple[str, ...]) -> dict[str, str]:
    """Numbers that stand in the exercise, written down line by line, and products of those."""
    spatial, channels, flat, counts = strategy
    size: Any = next(iter(exercise.network.inputs.values()))
    given: dict[str, str] = {}
    statement, filters = None, 0
    for blank in exercise.blanks:
        line = exercise.source.text[blank.statement.start : blank.statement.end].partition("->")[0]
        if blank.statement != statement:
            statement = blank.statement
            match = re.match(r"\s*(?:conv|dense)\s+(\d+)", line)
            filters = int(match[1]) if match else 0
            size = _cheap_size(line, size, filters, spatial, channels, flat)
        if blank.family == "size":
            names = axes(len(size))
            given[blank.key] = str(size[names.index(blank.part)]) if blank.part in names else show(size)
        else:
            count = {"0": 0, "filters": filters, "product": prod(size)}[counts]
            given[blank.key] = str(count)
    return given


def _cheap_size(
    line: str, size: tuple[int, ...], filters: int, spatial: str, channels: str, flat: str
) -> tuple[int, ...]:
    if "flatten" in line:
        return {"product": (prod(size),), "channels": size[-1:], "copied": size}[flat]
    if "pool" in line and "halved" in spatial:
        return (*(max(1, n // 2) for n in size[:-1]), size[-1])
    return (*size[:-1], filters) if filters and channels == "filters" else size


def cheap_marks(path: Path, spatial: str) -> list[Marks]:
    exercise = load_exercise(str(path))
    return [graded(exercise, cheap(exercise, one)) for one in product((spatial,), CHANNELS, FLAT, COUNTS)]


@pytest.mark.parametrize("path", LECTURES, ids=lambda path: path.stem)
def test_copying_what_is_given_earns_nothing_but_what_is_right(path: Path) -> None:
    """Filters are channels, and pooling has 0 parameters: that is right, whoever writes it."""
    for marks in cheap_marks(path, "copied"):
        assert marks.points == pytest.approx(earned_by_themselves(marks), abs=0.001)
        assert marks.points < 0.44 * marks.out_of


@pytest.mark.parametrize("path", LECTURES, ids=lambda path: path.stem)
def test_what_follows_from_cheap_answers_stays_small(path: Path) -> None:
    for marks in cheap_marks(path, "halved by pooling"):
        assert marks.points - earned_by_themselves(marks) < marks.out_of / 5


def test_what_is_plausible() -> None:
    assert is_near((16, 248, 32), (62, 62, 32))
    assert not is_near((15, 62, 32), (62, 62, 32))
    assert not is_near((249, 62, 32), (62, 62, 32))
    assert is_trivial(1, 2)
    assert not is_trivial(1, 1)
    assert not is_trivial(0, 0)
