"""Blank arguments: every answer that makes the rest hold is right, and no other."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import product, repeat
from random import Random
from statistics import fmean

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cnnspec.diagnostics import CnnSpecError
from cnnspec.source import Source
from cnnspec.teaching.arguments.judge import judge_arguments, puzzle_of, search_arguments
from cnnspec.teaching.arguments.proving import only_value
from cnnspec.teaching.exercise import Exercise, make_exercise
from cnnspec.teaching.model import Answer
from tests.teaching.tables import exercise_of, graded, verdict_of

KEYS = ("conv1.filters", "conv1.f", "conv1.s", "conv1.p")
OPEN = "input 32x32x3\nconv ?, f=?, s=?, p=? | relu -> 28x28x6\nmaxpool 2 -> 14x14x6\n"


def exercise(text: str) -> Exercise:
    return make_exercise(Source(text))


def right(task: Exercise, **given_values: str) -> set[str]:
    """The arguments that are right, by their last word."""
    given_keys = {blank.key: given_values[blank.part] for blank in task.blanks if blank.part in given_values}
    judged = judge_arguments(task, Answer(given_keys))
    return {key.rpartition(".")[2] for key, one in judged.items() if one.status == "right"}


def places(n: int, f: int, s: int, p: int) -> int:
    """How often a window fits, counted one by one."""
    return sum(1 for start in range(-p, n + p, s) if start + f <= n + p)


def test_every_window_up_to_twelve_is_judged_as_counting_says() -> None:
    task = exercise("input 17x17x2\nconv 4, f=?, s=?, p=? -> 9x9x4\n")
    for f, s, p in product(range(1, 13), range(1, 13), range(7)):
        holds = places(17, f, s, p) == 9
        found = right(task, f=str(f), s=str(s), p=str(p))
        assert (found == {"f", "s", "p"}) == holds, (f, s, p)
        assert holds or len(found) < 3


@settings(max_examples=40)
@given(
    st.integers(5, 40),
    st.integers(1, 12),
    st.integers(1, 4),
    st.integers(0, 5),
    st.sampled_from(("conv 3, ", "maxpool ")),
)
def test_what_was_taken_out_is_right_when_put_back(n: int, f: int, s: int, p: int, kind: str) -> None:
    if places(n, f, s, p) < 1 or (kind == "maxpool " and p > f - 1):
        return
    m = places(n, f, s, p)
    task = exercise(f"input {n}x{n}x3\n{kind}f=?, s=?, p=? -> {m}x{m}x3\n")
    assert right(task, f=str(f), s=str(s), p=str(p)) == {"f", "s", "p"}
    assert right(task, **{one.rpartition(".")[2]: value for one, value in search_arguments(task).items()}) == {
        "f",
        "s",
        "p",
    }


def test_answers_that_nobody_thought_of_are_right() -> None:
    task = exercise(OPEN)
    assert right(task, filters="6", f="27", s="1", p="11") == {"filters", "f", "s", "p"}
    assert right(task, filters="6", f="5x5", s="1", p="valid") == {"filters", "f", "s", "p"}
    assert right(task, filters="6", f="f = 7", s="1", p="1") == {"filters", "f", "s", "p"}


def test_each_blank_stands_on_its_own() -> None:
    task = exercise(OPEN)
    assert right(task, filters="7", f="5", s="1", p="0") == {"f", "s", "p"}
    assert right(task, filters="6", f="3", s="1", p="0") == {"filters", "s", "p"}
    assert right(task, filters="6", f="7", s="2", p="1") == {"filters", "f", "p"}
    assert right(task, filters="6") == {"filters"}
    assert right(task, filters="six", f="99", s="0", p="-1") == set()


def test_what_does_not_hold_counts_beside_the_usual_values_of_the_rest() -> None:
    task = exercise("input 32x32x3\nconv 8, f=?, s=?, p=? -> 16x16x8\n")
    assert search_arguments(task) == {"conv1.f": "3", "conv1.s": "2", "conv1.p": "1"}
    assert right(task, f="2", s="2", p="0") == {"f", "s", "p"}
    assert right(task, f="2", s="2", p="2") == {"s"}
    assert right(task, f="2", s="2") == {"s"}, "a blank left open gains nothing"
    assert right(task, f="5", s="1", p="2") == {"f", "p"}
    assert right(task, f="7", s="1", p="0") == set()
    assert right(task, f="5", s="3", p="2") == {"f", "p"}
    assert right(task, f="4", s="2", p="0") == {"f", "s"}


GUESSES = (
    OPEN,
    "input 32x32x3\nconv 8, f=?, p=?, s=? -> 16x16x8\nconv ?, f=?, p=?, s=?\nmaxpool ?, s=? -> 4x4x16\n",
    "input 32x32x3\nconv 8, f=?, p=?, s=? -> 32x32x8\n",
    "input 28x28x3\nmaxpool ?, s=?, p=? -> 14x14x3\nconv 6, f=?, p=? -> 14x14x6\n",
)


def guessed(task: Exercise, numbers: Iterator[int]) -> float:
    """The part of the points for numbers without thought."""
    judged = judge_arguments(task, Answer({blank.key: str(n) for blank, n in zip(task.blanks, numbers, strict=False)}))
    return sum(one.credit for one in judged.values()) / len(judged)


@pytest.mark.parametrize("text", GUESSES)
def test_guesses_stay_below_a_third(text: str) -> None:
    task = exercise(text)
    assert fmean(guessed(task, repeat(n)) for n in range(4)) < 1 / 3
    chance = Random(0)
    assert fmean(guessed(task, iter(chance.choices((0, 1, 2, 3, 5), k=9))) for _ in range(60)) < 1 / 3


def test_the_message_shows_what_comes_out() -> None:
    task = exercise(OPEN)
    judged = judge_arguments(task, Answer(dict(zip(KEYS, ("6", "3", "1", "0"), strict=True))))
    assert judged["conv1.f"].message == "with filters=6, f=3, s=1, p=0: (32 + 2*0 - 3)/1 + 1 = 30, not 28"
    assert judged["conv1.f"].right == "5"
    assert judged["conv1.f"].arithmetic[0].endswith("(32 + 2*0 - 5)/1 + 1 = 28")


def test_open_and_unreadable_blanks_are_told_apart() -> None:
    judged = judge_arguments(exercise(OPEN), Answer({"conv1.filters": "many", "conv1.f": "?", "conv1.s": "1"}))
    assert [judged[key].status for key in KEYS] == ["unreadable", "empty", "right", "empty"]
    assert all(judged[key].right for key in KEYS)


def test_a_student_cannot_change_the_rest() -> None:
    task = exercise(OPEN)
    for text in ("5 -> 1x1x1 #", "5\nconv 1, f=1", "5, bias=false", "if true { }", "1..5", "n", "[5]*9"):
        assert "f" not in right(task, filters="6", f=text, s="1", p="0")


def test_lines_between_which_no_size_is_stated_are_one_group() -> None:
    task = exercise("input 32x32x3\nconv 8, f=?, s=2\nmaxpool ? -> 7x7x8\n")
    assert len(puzzle_of(task).groups) == 1
    holds = {
        (f, q)
        for f, q in product(range(1, 12), range(1, 9))
        if places(32, f, 2, 0) >= q and (places(32, f, 2, 0) - q) // q + 1 == 7
    }
    for f, q in product(range(1, 12), range(1, 9)):
        judged = judge_arguments(task, Answer({"conv1.f": str(f), "maxpool1.f": str(q)}))
        assert all(one.status == "right" for one in judged.values()) == ((f, q) in holds)


def test_a_numbered_blank_is_one_value_in_two_lines() -> None:
    task = exercise("input 32x32x3\nconv 6, f=?1 -> 28x28x6\nconv 6, f=?1 -> 24x24x6\n")
    assert search_arguments(task) == {"?1": "5"}
    assert judge_arguments(task, Answer({"?1": "5"}))["?1"].credit == 1
    assert judge_arguments(task, Answer({"?1": "3"}))["?1"].credit == 0


def test_choices() -> None:
    task = exercise("input 28x28x1\nconv 6, f=5, p=?(0, 2, same) -> 28x28x6\n")
    assert {
        text: judge_arguments(task, Answer({"conv1.p": text}))["conv1.p"].credit for text in ("0", "2", "same", "1")
    } == {
        "0": 0,
        "2": 1,
        "same": 1,
        "1": 0,
    }
    assert "none of the choices" in judge_arguments(task, Answer({"conv1.p": "1"}))["conv1.p"].message


def test_sizes_and_booleans() -> None:
    task = exercise("input 30x20x3\nconv 4, f=?, bias=? -> 28x16x4, 180 params\n")
    assert right(task, f="3x5", bias="false") == {"f", "bias"}
    assert right(task, f="3x5", bias="true") == {"f"}
    assert right(task, f="5x3", bias="false") == {"bias"}
    assert search_arguments(task) == {"conv1.f": "3x5", "conv1.bias": "false"}


def test_an_expect_line_binds_groups_together() -> None:
    task = exercise("input 8\ndense ? -> 4\ndense ?1 | relu -> ?1\ndense 2 -> 2\nexpect params == 36 + 25 + 12\n")
    assert search_arguments(task) == {"dense1.units": "4", "?1": "5"}
    judged = judge_arguments(task, Answer({"dense1.units": "4", "?1": "6"}))
    assert (judged["dense1.units"].credit, judged["?1"].credit) == (1, 0)


def test_the_key_is_the_usual_one() -> None:
    usual = {
        "input 28x28x1\nconv 6, f=?, p=? -> 28x28x6\n": {"conv1.f": "3", "conv1.p": "1"},
        "input 32x32x3\nconv ?, f=?, s=?, p=? -> 28x28x6\n": dict(zip(KEYS, ("6", "5", "1", "0"), strict=True)),
        "input 28x28x6\nmaxpool ? -> 14x14x6\n": {"maxpool1.f": "2"},
        "input 28x28x8\nconv 8, f=3, p=1, groups=? -> 28x28x8, 152 params\n": {"conv1.groups": "4"},
        "input 7x7x8\nconv_transpose 4, f=?, s=?, p=? -> 14x14x4\n": {
            "conv_transpose1.f": "4",
            "conv_transpose1.s": "2",
            "conv_transpose1.p": "1",
        },
    }
    for text, key in usual.items():
        found = search_arguments(exercise(text))
        judged = judge_arguments(exercise(text), Answer(found))
        assert all(one.credit == 1 for one in judged.values())
        if "transpose" not in text:
            assert found == key


def test_an_exercise_without_a_solution_is_refused() -> None:
    with pytest.raises(CnnSpecError) as caught:
        exercise("input 32x32x3\nconv 6, f=?, s=2 -> 28x28x6\n")
    assert [d.code for d in caught.value.diagnostics] == ["E512"]


def test_the_quick_way_says_what_the_checker_says() -> None:
    task = exercise("input 9x9x4\nconv ?, f=?, s=?, p=?, groups=? | relu | maxpool 2 -> 4x4x8, 152 params\n")
    puzzle = puzzle_of(task)
    (group,) = puzzle.groups
    seen = set()
    for values in product((8, 6), (1, 2, 3, 4), (1, 2), (0, 1, 2), (1, 2, 3)):
        values_by_key = dict(zip(group.keys, values, strict=True))
        holds = puzzle.holds(group, values_by_key)
        assert holds == (puzzle.outcome(group, values_by_key).error is None)
        seen.add(holds)
    assert seen == {True, False}


def test_rounds_without_end_are_not_tried() -> None:
    task = exercise("input 32\nrepeat ? { dense 32 }\nexpect params == 3 * 1_056\n")
    (key,) = (blank.key for blank in task.blanks)
    assert judge_arguments(task, Answer({key: "999999999"}))[key].credit == 0
    assert judge_arguments(task, Answer({key: "3"}))[key].credit == 1
    assert judge_arguments(task, Answer({key: "4"}))[key].credit == 0


SHARED = exercise(OPEN)


@given(
    st.lists(st.text(alphabet="0123456789xfs=p,.-+*/()[]{}?#| \nsametruévalid", max_size=12), min_size=4, max_size=4)
)
def test_whatever_is_written_is_a_judgement(texts: list[str]) -> None:
    judged = judge_arguments(SHARED, Answer(dict(zip(KEYS, texts, strict=True))))
    assert set(judged) == set(KEYS)
    assert all(one.right and one.credit in (0, 1) for one in judged.values())


def test_large_windows_and_steps_are_found() -> None:
    usual = {
        "input 224x224x3\nconv 768, f=?, s=? -> 14x14x768, 590_592 params\n": {"conv1.f": "16", "conv1.s": "16"},
        "input 64x64x3\nconv 8, f=15, p=? -> 64x64x8\n": {"conv1.p": "7"},
        "input 56x56x4\navgpool ? -> 7x7x4\n": {"avgpool1.f": "8"},
        "input 40x40x4\nconv 4, f=? -> 10x10x4\n": {"conv1.f": "31"},
    }
    for text, key in usual.items():
        assert search_arguments(exercise(text)) == key


def test_a_blank_in_a_block_acts_on_every_call() -> None:
    task = exercise("block unit(k) { conv k, f=?, p=? | relu }\ninput 16x16x3\nunit 4 -> 14x14x4\nunit ? -> 12x12x8\n")
    keys = {blank.part: blank.key for blank in task.blanks}
    found = search_arguments(task)
    assert (found[keys["f"]], found[keys["p"]]) == ("3", "0")
    answer = {keys["f"]: "5", keys["p"]: "1", **{key: "8" for part, key in keys.items() if part not in "fp"}}
    assert all(one.credit == 1 for one in judge_arguments(task, Answer(answer)).values())
    answer[keys["p"]] = "0"
    assert sum(one.credit for one in judge_arguments(task, Answer(answer)).values()) == 2


# --- explanations ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "key", "answer", "message"),
    [
        ("input 12x12x1\nlet k = ?\nconv 4, f=k -> 8x8x4", "k", {"k": "7"}, "with k=7: "),
        (
            "input 12x12x8\nconv 8, f=?, groups=? -> 10x10x8, 152 params",
            "conv1.groups",
            {"conv1.f": "5", "conv1.groups": "8"},
            "with groups=8: the parameters here are 80, not 152",
        ),
        (
            "input 12x12x8\nconv 8, f=?(3,5), s=? -> 5x5x8",
            "conv1.s",
            {"conv1.f": "7", "conv1.s": "3"},
            "with s=3: ",
        ),
        (
            "input 8x8x3\nconcat {\n branch { conv ?, f=1 }\n branch { conv ?, f=1 }\n} -> 8x8x24",
            "conv1.filters",
            {"conv1.filters": "12", "conv2.filters": "13"},
            "with filters=12: the size here is 8x8x25, not 8x8x24",
        ),
    ],
)
def test_what_is_said_is_of_the_students_own_values(text: str, key: str, answer: dict[str, str], message: str) -> None:
    assert verdict_of(graded(exercise_of(text), answer), key).message.startswith(message)


# --- what is said of the line itself ---------------------------------------------------------------------------------

TWO_LINES = "input 14x14x6\nconv ?1, f=?, s=? -> 5x5x?1, 2416 params\nconv 32, f=? -> 3x3x32\n"


def test_a_line_is_explained_by_what_is_wrong_with_it() -> None:
    given_keys = {"?1": "16", "conv1.f": "3", "conv1.s": "2", "conv2.f": "5"}
    judged = judge_arguments(exercise(TWO_LINES), Answer(given_keys))
    assert judged["conv1.f"].message == (
        "with filters=16, f=3, s=2: floor((14 + 2*0 - 3)/2) + 1 = floor(5.5) + 1 = 6, not 5"
    )
    assert judged["conv2.f"].message == "with f=5: (5 + 2*0 - 5)/1 + 1 = 1, not 3"


def test_filters_are_explained_by_channels_not_by_the_height() -> None:
    task = exercise("input 28x28x1\nconv ?, f=5, p=? | relu -> 28x28x6\n")
    judged = judge_arguments(task, Answer({"conv1.filters": "28", "conv1.p": "0"}))
    assert judged["conv1.filters"].message == "28 filters give 28 channels, not 6"
    assert judged["conv1.p"].message == "with filters=28, p=0: (28 + 2*0 - 5)/1 + 1 = 24, not 28"
    judged = judge_arguments(task, Answer({"conv1.filters": "1", "conv1.p": "2"}))
    assert judged["conv1.filters"].message == "1 filter gives 1 channel, not 6"


# --- the only right value --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("line", "only"),
    [
        ("dense ? -> 10", 10),
        ("avgpool ? -> 14x14x28", 2),
        ("conv ?, f=3 -> 26x26x6", 6),
        ("conv 6, f=? -> 26x26x6", 3),
        ("conv 6, f=3, s=? -> 13x13x6", 2),
        ("conv 6, f=3, s=? -> 2x2x6", None),
        ("conv 6, f=?, p=same -> 28x28x6", None),
        ("maxpool ? -> 3x3x28", None),
        ("conv 6, f=3, p=? -> 28x28x6", None),
        ("conv ?, f=1, groups=4 | conv 8, f=1 -> 28x28x8", None),
        ("conv ?, f=3, s=? -> 26x26x6", None),
    ],
)
def test_a_value_is_the_only_one_where_no_other_holds(line: str, only: int | None) -> None:
    task = exercise(f"input {10 if 'dense' in line else '28x28x28'}\n{line}\n")
    blank = task.blanks[0]
    assert only_value(task, blank) == only
    values = range(1, 200) if len(task.blanks) == 1 else ()
    hold = [n for n in values if right(task, **{blank.part: str(n)})]
    assert (hold == [only]) == (only is not None) or blank.part == "p"
