"""Marks: the tables of the lectures from perfect to hopeless, follow-through, points, feedback levels, dates."""

from __future__ import annotations

from datetime import UTC, datetime
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest

import cnnspec
from cnnspec.language import speaking
from cnnspec.teaching.exercise import load_exercise, solved
from cnnspec.teaching.judging import judge
from cnnspec.teaching.model import Answer, Submission
from cnnspec.values import show
from tests.teaching.tables import (
    HAND_SIGNS,
    MNIST,
    TABLES,
    exercise_of,
    graded,
    key_of,
    marks_of,
    statuses,
    verdict_of,
)

# --- the tables ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("table", TABLES)
def test_the_key_is_the_lectures(table: str) -> None:
    text, key = TABLES[table]
    assert tuple(key_of(exercise_of(text)).values()) == key


@pytest.mark.parametrize("table", TABLES)
def test_perfect_and_hopeless(table: str) -> None:
    exercise = exercise_of(TABLES[table][0], points=20)
    marks = marks_of(exercise)
    assert (marks.points, marks.out_of, marks.fraction) == (20.0, 20.0, 1.0)
    assert statuses(marks) == {}
    assert all(verdict.message == "right" and verdict.arithmetic == () for verdict in marks.verdicts)
    for text, status in (("", "empty"), ("?", "empty"), ("soixante", "unreadable"), ("7", "")):
        marks = graded(exercise, {blank.key: text for blank in exercise.blanks})
        assert marks.points == 0.0
        assert status == "" or {verdict.status for verdict in marks.verdicts} == {status}


def test_ways_of_writing() -> None:
    exercise = exercise_of(HAND_SIGNS)
    marks = marks_of(
        exercise,
        conv1_params="(3*3*3 + 1)*32",
        conv2_params="9 248",
        maxpool1_size="(None, 30, 30, 32)",
        maxpool1_params="aucun",
        flatten1_size="28 800",
        dense1_params="172,806",
        params="182.950",
    )
    assert statuses(marks) == {}


def test_channels_in_front_are_right_and_said_so() -> None:
    marks = marks_of(exercise_of(HAND_SIGNS), maxpool1_size="32x30x30")
    assert marks.points == 15
    assert "30x30x32" in verdict_of(marks, "maxpool1.size").message


def test_a_chain_of_equals_signs_that_does_not_hold() -> None:
    marks = marks_of(exercise_of(HAND_SIGNS), conv1_params="3*3*3 = 27 + 1 = 28 * 32 = 896")
    assert marks.points == 15
    assert "does not hold" in verdict_of(marks, "conv1.params").message


# --- follow-through --------------------------------------------------------------------------------------------------


def test_a_wrong_line_costs_what_it_is_worth() -> None:
    """Who computes 61 in place of 62 and goes on with it loses the two sizes, and a quarter of what follows."""
    exercise = exercise_of(HAND_SIGNS)
    marks = marks_of(
        exercise,
        conv1_height="61",
        conv1_width="61",
        conv2_height="59",
        conv2_width="59",
        maxpool1_size="29x29x32",
        flatten1_size="26912",
        dense1_params="161478",
        params="171622",
    )
    follows = dict.fromkeys(("conv2.height", "conv2.width", "maxpool1.size", "flatten1.size"), "follow-through")
    follows |= dict.fromkeys(("dense1.params", "params"), "follow-through")
    assert statuses(marks) == {"conv1.height": "mistake", "conv1.width": "mistake", **follows}
    assert marks.points == 15 - 2 - 6 * 0.25
    assert verdict_of(marks, "conv2.height").message == "right for your own 61x61x32 that arrives here"
    assert verdict_of(marks, "params").message == "right for your own counts 896 + 9,248 + 161,478"


def test_after_a_mistake_the_right_answers_are_right_too() -> None:
    marks = marks_of(exercise_of(HAND_SIGNS), conv1_height="61")
    assert statuses(marks) == {"conv1.height": "mistake"}


def test_a_mistake_on_the_students_own_size() -> None:
    marks = marks_of(exercise_of(HAND_SIGNS), flatten1_size="900", dense1_params="5400")
    assert statuses(marks) == {"flatten1.size": "mistake", "dense1.params": "mistake"}
    verdict = verdict_of(marks, "dense1.params")
    assert (verdict.mistake, verdict.follows) == ("forgot-bias", "5406")


def test_the_credit_is_the_settings() -> None:
    answers = {"flatten1_size": "900", "dense1_params": "5406", "params": "15550"}
    for credit in (0.0, 0.5, 1.0):
        marks = marks_of(exercise_of(HAND_SIGNS, follow_through=credit), **answers)
        assert marks.points == 15 - 1 - 2 * (1 - credit)


@pytest.mark.parametrize("own", [(30, 26), (20, 28), (25, 25), (56, 29)])
def test_what_follows_is_what_the_rest_makes_of_it(own: tuple[int, int]) -> None:
    """Compared with the rest of the network on an input of that size."""
    rest = "conv 6, f=5, p=2, s=2 | batchnorm | relu\nmaxpool 3, s=2\nconv 9, f=3, groups=3\nflatten\ndense 7\n"
    exercise = exercise_of(
        "input 32x30x3\nconv 6, f=3 -> ?x?x6\n"
        + rest.replace("\n", " -> ?, ? params\n")
        + "expect params == ?\nexpect trainable == ?\n"
    )
    size = (*own, 6)
    given = key_of(exercise) | {"conv1.height": str(own[0]), "conv1.width": str(own[1])}
    right = dict(given)
    first = 6 * (3 * 3 * 3 + 1)
    layers = cnnspec.loads(f"input {show(size)}\n{rest}").layers
    for layer in layers:
        if f"{rename(layer.name)}.size" in given:
            given[f"{rename(layer.name)}.size"] = show(layer.size)
        if layer.kind != "batchnorm" and f"{rename(layer.name)}.params" in given:
            given[f"{rename(layer.name)}.params"] = str(layer.params + 24 * (layer.name == "conv1"))
    total = sum(layer.params for layer in layers) + first
    given |= {"params": str(total), "trainable": str(total - 12)}
    marks = graded(exercise, given)
    changed = {key for key in given if given[key] != right[key]} - {"conv1.height", "conv1.width"}
    assert changed
    assert {verdict_of(marks, key).status for key in changed} == {"follow-through"}


def rename(name: str) -> str:
    """The rest of the network counts its convolutions without the first."""
    return {"conv1": "conv2", "conv2": "conv3"}.get(name, name)


BRANCHES = """\
input 8x8x3
conv 4, f=3, p=1 -> ?x?x?
concat {
  branch { conv 6, f=1 -> ?x?x? }
  branch { conv 2, f=1 -> ?x?x? }
} -> ?
flatten -> ?
"""
FOLLOWED = [
    # exercise, answers, what follows from them
    (
        "input 20x3\nconv 4, f=5 -> ?x?, ? params\nmaxpool 2 -> ?x?\n",
        {"conv1.length": "15"},
        {"maxpool1.length": "7"},
    ),
    (
        "input 8x16x16x1\nconv 2, f=3 -> ?x?x?x?\nconv 4, f=3 -> ?x?x?x?, ? params\n",
        {"conv1.frames": "5", "conv1.channels": "3"},
        {"conv2.frames": "3", "conv2.params": "328"},
    ),
    (
        "input 12x20x3\nconv 4, f=3x5 -> ?x?x?\nflatten -> ?\n",
        {"conv1.height": "9"},
        {"flatten1.size": "576"},
    ),
    (
        "input 7x7x8\nconv_transpose 4, f=4, s=2, p=1 -> ?x?x?\nconv_transpose 2, f=4, s=2, p=1 -> ?x?x?\n",
        {"conv_transpose1.height": "16"},
        {"conv_transpose2.height": "32"},
    ),
    (
        "input 9x9x4\nconv 8, f=3 -> ?x?x?\nconv 8, f=3, d=2, groups=2 | batchnorm -> ?x?x?, ? params\n",
        {"conv1.height": "8", "conv1.channels": "4"},
        {"conv2.height": "4", "conv2.params": "184"},
    ),
    (
        BRANCHES,
        {"conv2.channels": "12"},
        {"concat1.size": "8x8x14", "flatten1.size": "896"},
    ),
    (
        "input 8x8x3\nblock unit(k) {\n  conv k, f=3 -> ?x?x6\n}\nunit 6 -> ?\nmaxpool 2 -> ?\n",
        {"unit1.conv1.height": "5"},
        {"unit1.size": "5x6x6", "maxpool1.size": "2x3x6"},
    ),
    (
        "input 12x12x3\nconv 4, f=3 -> ?x?x?\nrepeat 2 {\n  conv 4, f=3, p=1 | relu -> ?x?x?\n}\nflatten -> ?\n",
        {"conv1.height": "9"},
        {"conv2.height": "9", "flatten1.size": "360"},
    ),
]


@pytest.mark.parametrize(("text", "own", "follows"), FOLLOWED)
def test_follow_through_by_hand(text: str, own: dict[str, str], follows: dict[str, str]) -> None:
    exercise = exercise_of(text)
    key = key_of(exercise)
    assert all(key[name] != value for name, value in (own | follows).items())
    marks = graded(exercise, key | own | follows)
    found = {name: verdict_of(marks, name).status for name in follows}
    assert found == dict.fromkeys(follows, "follow-through")
    assert statuses(marks).keys() == (own | follows).keys()


BLOCKS = """\
input 8x8x4
block unit {
  conv 4, f=3, p=1 -> ? params
  relu
}
unit
repeat 2 {
  unit -> ? params
}
conv 2, f=1 -> ? params
expect params == ?
expect trainable == ?
"""


@pytest.mark.parametrize(
    ("own", "total"),
    [
        ({"unit1.conv1.params": "144"}, 144 + 2 * 148 + 10),
        ({"unit2.params": "144"}, 148 + 2 * 144 + 10),
        ({"unit1.conv1.params": "144", "unit2.params": "152", "conv1.params": "8"}, 144 + 2 * 152 + 8),
        ({"conv1.params": "9"}, 3 * 148 + 9),
    ],
)
def test_sums_of_own_counts_in_blocks_and_loops(own: dict[str, str], total: int) -> None:
    exercise = exercise_of(BLOCKS)
    key = key_of(exercise)
    assert key["params"] == str(3 * 148 + 10)
    marks = graded(exercise, key | own | {"params": str(total), "trainable": str(total)})
    assert verdict_of(marks, "params").status == "follow-through"
    assert verdict_of(marks, "trainable").status == "follow-through"


def test_sums_of_what_is_not_trained() -> None:
    exercise = exercise_of(
        "input 8x8x4\nconv 4, f=3 -> ? params\nbatchnorm -> ? params\nfrozen { conv 2, f=1 } -> ? params\n"
        "expect params == ?\nexpect trainable == ?\nexpect non_trainable == ?\nexpect params + 1 == ?\n"
    )
    key = key_of(exercise)
    assert [key[name] for name in ("params", "trainable", "non_trainable", "params_1")] == ["174", "156", "18", "175"]
    own = {"conv1.params": "144", "batchnorm1.params": "8", "conv2.params": "8"}
    sums = {"params": "160", "trainable": "152", "non_trainable": "8", "params_1": "161"}
    marks = graded(exercise, key | own | sums)
    assert {name: verdict_of(marks, name).status for name in sums} == dict.fromkeys(sums, "follow-through")


def test_after_a_given_size_the_given_one_counts() -> None:
    exercise = exercise_of("input 10x10x3\nconv 4, f=3 -> ?x?x?\nmaxpool 2 -> 4x4x4\nflatten -> ?\n")
    marks = marks_of(exercise, conv1_height="9", flatten1_size="64")
    assert statuses(marks) == {"conv1.height": "wrong"}


def test_values_named_with_as_go_on_as_the_student_has_them() -> None:
    exercise = exercise_of(
        "input 10x10x3\nconv 4, f=3 as first -> ?x?x?\nconv 4, f=3, p=1 as second -> ?x?x?\n"
        "from first | add second -> ?\n"
    )
    given = key_of(exercise) | {"first.height": "9", "second.height": "9", "add1.size": "9x8x4"}
    follows = dict.fromkeys(("second.height", "add1.size"), "follow-through")
    assert statuses(graded(exercise, given)) == {"first.height": "wrong", **follows}


def test_where_the_network_breaks_nothing_follows() -> None:
    exercise = exercise_of("input 12x12x3\nconv 4, f=3 -> ?x?x?\nconv 4, f=7 -> ?x?x?\n")
    marks = marks_of(exercise, conv1_height="6", conv2_height="0")
    assert statuses(marks) == {"conv1.height": "wrong", "conv2.height": "wrong"}


# --- blank arguments -------------------------------------------------------------------------------------------------


def test_counts_go_by_the_students_own_arguments() -> None:
    exercise = exercise_of("input 32x32x3\nconv ?, f=?, p=? -> 28x28x6, ? params\nflatten -> ?\n")
    given = {"conv1.filters": "6", "conv1.f": "5", "conv1.p": "0", "conv1.params": "456", "flatten1.size": "4704"}
    assert graded(exercise, given).points == 5
    own = given | {"conv1.f": "7", "conv1.p": "1", "conv1.params": "888"}
    assert graded(exercise, own).points == 5
    assert statuses(graded(exercise, own | {"conv1.params": "456"})) == {"conv1.params": "wrong"}
    wrong = graded(exercise, given | {"conv1.f": "3", "conv1.params": "168"})
    assert statuses(wrong) == {"conv1.f": "wrong", "conv1.params": "follow-through"}


def test_trivial_arguments_make_no_count_easy() -> None:
    exercise = exercise_of("input 32x32x3\nconv 6, f=? -> 28x28x6, ? params\n")
    assert statuses(graded(exercise, {"conv1.f": "3", "conv1.params": "168"}))["conv1.params"] == "follow-through"
    assert statuses(graded(exercise, {"conv1.f": "1", "conv1.params": "24"}))["conv1.params"] == "wrong"


# --- points ----------------------------------------------------------------------------------------------------------


def test_points_by_key_number_and_family() -> None:
    exercise = exercise_of(MNIST, points_of={"conv1.size": 3, "2": 5, "params": 2, "figure": 10})
    out_of = {verdict.blank: verdict.out_of for verdict in marks_of(exercise).verdicts}
    assert (out_of["conv1.size"], out_of["conv1.params"], out_of["conv2.params"]) == (3, 5, 2)
    assert (out_of["maxpool1.size"], out_of["params"]) == (1, 10)  # the total has the name of the family `params`


def test_points_are_scaled_exactly() -> None:
    exercise = exercise_of(HAND_SIGNS, points=7)
    marks = marks_of(exercise, conv1_height="0")
    assert marks.out_of == 7
    assert marks.points == round(7 * 14 / 15, 4)


@pytest.mark.parametrize("points", [20, 7, 0.01, 1 / 3])
def test_what_blanks_earn_adds_up(points: float) -> None:
    exercise = exercise_of(HAND_SIGNS, points=points, mistakes={"forgot-bias": 1 / 3})
    full, part = marks_of(exercise), marks_of(exercise, conv2_params="9216", conv1_height="0")
    for marks in (full, part):
        assert sum(Fraction(str(one.out_of)) for one in marks.verdicts) == Fraction(str(marks.out_of))
        assert sum(Fraction(str(one.points)) for one in marks.verdicts) == Fraction(str(marks.points))
        assert all(one.points == one.out_of for one in marks.verdicts if one.status == "right")
        assert all(one.points <= one.out_of for one in marks.verdicts)
    assert full.points == full.out_of == round(points, 4)
    assert abs(part.points - points * (13 + 1 / 3) / 15) < 15 * 0.0001


def test_known_mistakes_earn_what_the_settings_say() -> None:
    exercise = exercise_of(HAND_SIGNS, mistakes={"forgot-bias": 0.5})
    assert marks_of(exercise, conv2_params="9216").points == 14.5
    assert marks_of(exercise, conv2_params="9217").points == 14


def test_tolerance_and_rounded_forms() -> None:
    text = "input 28x28x1\nconv 10, f=5\nflatten\ndense 100 -> ? params\nexpect params == ?\n"
    near = {"dense1_params": "576 k", "params": "576.4 k"}
    assert marks_of(exercise_of(text), **near).points == 0
    assert marks_of(exercise_of(text, rounded=True), **near).points == 2
    assert marks_of(exercise_of(text, rounded=True), dense1_params="576 k").points == 2, "the exact sum stays right"
    assert marks_of(exercise_of(text, tolerance=0.01), dense1_params="580000").points == 2
    assert marks_of(exercise_of(text, tolerance=0.001), dense1_params="580000").points == 1


@pytest.mark.parametrize("written", ["0 G", "0.1 k", "1e1"])
def test_no_number_of_layers_is_rounded(written: str) -> None:
    text = "input 28x28x1\nconv 10, f=5\nflatten\ndense 100\nexpect depth == ? and count(conv) == ?\n"
    exercise = exercise_of(text, rounded=True)
    assert graded(exercise, dict.fromkeys(key_of(exercise), written)).points == 0


def test_a_rounded_nothing_is_no_count() -> None:
    exercise = exercise_of(HAND_SIGNS, rounded=True)
    zeros = {key for key, right in key_of(exercise).items() if right == "0"}
    assert graded(exercise, dict.fromkeys(key_of(exercise), "0 G")).points == len(zeros)


@pytest.mark.parametrize(
    ("written", "points"), [("61.706", 1), ("61,706", 1), ("61.7", 1), ("62", 0), ("61706/1000", 1), ("60", 0)]
)
def test_a_figure_that_is_no_whole_number(written: str, points: int) -> None:
    exercise = exercise_of("input 784\ndense 78 | dense 6\nexpect (params + 2) / 1000 == ?\n")
    right = float(key_of(exercise)["params_2_1000"])
    assert right == 61.706
    assert graded(exercise, {"params_2_1000": written}).points == points


def test_a_size_is_exact_whatever_the_tolerance() -> None:
    exercise = exercise_of(HAND_SIGNS, tolerance=0.49, rounded=True)
    assert statuses(marks_of(exercise, conv1_height="60")) == {"conv1.height": "wrong"}


def test_choices() -> None:
    exercise = exercise_of("input 28x28x1\nconv 8, f=3 -> ?(26x26x8, 28x28x8), ?(80, 72) params\n")
    assert key_of(exercise) == {"conv1.size": "26x26x8", "conv1.params": "80"}
    assert marks_of(exercise, conv1_params="72").points == 1


# --- feedback --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("level", "shows"),
    [("nothing", ()), ("hint", ()), ("formula", ("(f*f*channels + 1)*filters",)), ("solution", None)],
)
def test_levels(level: str, shows: Any) -> None:
    exercise = exercise_of(HAND_SIGNS, feedback=level, hints={"conv2.params": "think of the bias"})
    verdict = verdict_of(marks_of(exercise, conv2_params="9216"), "conv2.params")
    if shows is None:
        assert verdict.arithmetic == ("conv: (f*f*channels + 1)*filters = (3*3*32 + 1)*32 = 9,248",)
        assert verdict.right == "9248"
    else:
        assert verdict.arithmetic == shows
        assert verdict.right == ""
        assert "9,248" not in verdict.message
    assert ("bias is forgotten" in verdict.message) is (level != "nothing")
    assert ("think of the bias" in verdict.told) is (level != "nothing")
    assert "think of the bias" not in verdict.message


def test_no_level_below_the_solution_tells_a_right_answer() -> None:
    for level in ("nothing", "hint", "formula"):
        for table, (text, key) in TABLES.items():
            exercise = exercise_of(text, feedback=level)
            for wrong in ("", "abc", "12", "0", "64x64x3"):
                marks = graded(exercise, {blank.key: wrong for blank in exercise.blanks})
                for verdict, right in zip(marks.verdicts, key, strict=True):
                    told = f"{verdict.message} {verdict.arithmetic} {verdict.right} {verdict.follows}"
                    if verdict.status != "right" and len(right) > 2:
                        assert right not in told.replace(",", ""), (table, level)


def test_what_follows_tells_nothing_of_blanks_left_open() -> None:
    exercise = exercise_of(HAND_SIGNS, feedback="hint")
    given = key_of(exercise) | {"conv1.params": "", "conv2.params": "9216", "params": "182918"}
    assert verdict_of(graded(exercise, given), "params").message == "right for your own answers before it"
    given["conv1.params"] = "896"
    assert "896" in verdict_of(graded(exercise, given), "params").message


def test_the_marks_of_a_student() -> None:
    exercise = exercise_of(HAND_SIGNS, title="Signes", language="fr")
    submission = Submission("Marie Curie", "curie.cnn", b"", identifier="123456")
    marks = judge(exercise, submission, Answer({"conv1.height": "62"}, notices=("a line was changed",)))
    assert (marks.name, marks.identifier, marks.filename) == ("Marie Curie", "123456", "curie.cnn")
    assert (marks.exercise, marks.language, marks.variant) == ("Signes", "fr", "")
    assert (marks.points, marks.notices, marks.problem) == (1.0, ("a line was changed",), "")
    verdict = marks.verdicts[3]
    assert (verdict.number, verdict.blank, verdict.family, verdict.line) == (4, "conv1.params", "params", 2)
    assert "conv 32, f=3 | relu" in verdict.label


def test_nothing_that_could_be_read_gets_nothing() -> None:
    exercise = exercise_of(HAND_SIGNS)
    for submission, answer in (
        (Submission("A", "a.cnn", b"", problem="an empty folder"), Answer(key_of(exercise))),
        (Submission("A", "a.cnn", b""), Answer(key_of(exercise), problem="this is a picture")),
    ):
        marks = judge(exercise, submission, answer)
        assert marks.points == 0
        assert marks.problem in ("an empty folder", "this is a picture")
        assert {verdict.points for verdict in marks.verdicts} == {0}


def test_messages_are_the_readers() -> None:
    exercise = exercise_of(HAND_SIGNS, language="fr")
    with speaking("en"):
        marks = graded(exercise, {})
    assert marks.language == "fr"
    assert graded(exercise_of(HAND_SIGNS), {}).language == "en"


# --- far off ---------------------------------------------------------------------------------------------------------

CHAIN = """\
input 28x28x1
conv 8, f=3              -> ?x?x?, ? params
conv 16, f=3             -> ?x?x?, ? params
flatten                  -> ?
dense 10                 -> ?, ? params
expect params == ?
"""


def test_a_sum_of_own_counts_counts_however_far_off_one_of_them_is() -> None:
    exercise = exercise_of(CHAIN)
    marks = marks_of(exercise, conv2_params="5000", params=str(80 + 5000 + 92_170))
    assert statuses(marks) == {"conv2.params": "wrong", "params": "follow-through"}
    assert verdict_of(marks, "params").message == "right for your own counts 80 + 5,000 + 92,170"


@pytest.mark.parametrize("counts", [("5000", "5000", "5000"), ("0", "0", "7000"), ("7", "9", "123")])
def test_a_sum_of_counts_without_work_counts_nothing(counts: tuple[str, str, str]) -> None:
    first, second, third = counts
    marks = marks_of(
        exercise_of(CHAIN),
        conv1_params=first,
        conv2_params=second,
        dense1_params=third,
        params=str(sum(map(int, counts))),
    )
    assert statuses(marks)["params"] == "wrong"
    assert verdict_of(marks, "params").message.endswith("too far off to go on with")
    assert verdict_of(marks, "params").follows == ""


def test_one_slip_of_a_size_goes_on() -> None:
    """8 in the place of 24 is a third of it."""
    marks = marks_of(
        exercise_of(CHAIN),
        conv2_height="8",
        conv2_width="8",
        flatten1_size="1024",
        dense1_params="10250",
        params="11498",
    )
    follows = dict.fromkeys(("flatten1.size", "dense1.params", "params"), "follow-through")
    assert statuses(marks) == {"conv2.height": "wrong", "conv2.width": "wrong", **follows}


def test_a_size_too_far_off_to_go_on_with_is_told() -> None:
    marks = marks_of(exercise_of(CHAIN), conv2_height="3", conv2_width="3", flatten1_size="144", dense1_params="1450")
    verdict = verdict_of(marks, "flatten1.size")
    assert (verdict.status, verdict.points) == ("wrong", 0)
    assert verdict.message == "not right: your own 3x3x16 is too far off to go on with: 24x24x16 arrives here"
    assert verdict_of(marks, "params").follows == "", "nothing that is not of the student's own values"
    hidden = marks_of(exercise_of(CHAIN, feedback="formula"), conv2_height="3", conv2_width="3", flatten1_size="144")
    assert verdict_of(hidden, "flatten1.size").message == "not right: your own 3x3x16 is too far off to go on with"


def test_own_counts_that_add_up_to_the_right_total_are_told_no_other() -> None:
    exercise = exercise_of(CHAIN)
    marks = marks_of(exercise, conv1_params="1168", conv2_params="80", params="98786")
    assert verdict_of(marks, "params").follows == ""


def test_a_mistake_on_the_own_size_is_named_where_the_honest_one_is_right() -> None:
    exercise = exercise_of("input 20x20x1\nconv 4, f=11 -> ?x?x4\nmaxpool 2 -> ?x?x4")
    marks = marks_of(exercise, conv1_height="11", conv1_width="11", maxpool1_height="6")
    assert verdict_of(marks, "maxpool1.height").mistake == "rounded-up"


def test_channels_kept_beside_worked_sizes_follow() -> None:
    exercise = exercise_of("input 14x14x16\nconv 32, f=5 -> ?x?x?\nmaxpool 2 -> ?x?x?\nflatten -> ?")
    marks = marks_of(exercise, conv1_channels="16", maxpool1_channels="16", flatten1_size="400")
    follows = dict.fromkeys(("maxpool1.channels", "flatten1.size"), "follow-through")
    assert statuses(marks) == {"conv1.channels": "mistake", **follows}


@pytest.mark.parametrize(("key", "text"), [("conv1_size", "9.5x9.5x4"), ("conv1_size", "9,5 x 9,5 x 4")])
def test_an_unrounded_size_is_told_to_round(key: str, text: str) -> None:
    marks = marks_of(exercise_of("input 20x20x1\nconv 4, f=3, s=2 -> ?"), **{key: text})
    assert "whole numbers" in verdict_of(marks, "conv1.size").message
    part = marks_of(exercise_of("input 20x20x1\nconv 4, f=3, s=2 -> ?x9x4"), conv1_height="9.5")
    assert "whole numbers" in verdict_of(part, "conv1.height").message


FIGURES = """\
input 32x32x3
conv 4, f=3 as a
maxpool 2
residual { conv 4, f=3, p=1 }
conv 4, f=3, d=2 as b
global_avgpool | dense 3
expect depth == ?
expect receptive_field == ?
expect count(conv) == ?
expect params(b) == ?
expect output == ?
"""


def test_figures_are_worked() -> None:
    exercise = exercise_of(FIGURES)
    lines = {one.blank.key: one.arithmetic for one in solved(exercise)}
    assert lines["depth"] == ("a, conv2, b, dense1", "depth = 4")
    assert lines["receptive_field"] == (
        "a: 1 + (3 - 1)*1 = 3",
        "maxpool1: 3 + (2 - 1)*1 = 4",
        "conv2: 4 + (3 - 1)*2 = 8",
        "b: 8 + (5 - 1)*2 = 16",
        "receptive_field = 16",
    )
    assert lines["count_conv"] == ("a, conv2, b", "count(conv) = 3")
    assert lines["params_b"] == ("(f*f*channels + 1)*filters = (3*3*4 + 1)*4 = 148",)
    assert lines["output"] == ("the last layer is `dense1`", "output = 3")


@pytest.mark.parametrize(("text", "status"), [("16", "right"), ("16x16", "right"), ("16x15", "unreadable")])
def test_a_receptive_field_may_be_written_as_a_square(text: str, status: str) -> None:
    assert verdict_of(marks_of(exercise_of(FIGURES), receptive_field=text), "receptive_field").status == status


# --- dates -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("day", "hour", "points"), [(1, 10, 15), (1, 12, 15), (1, 13, 13.5), (2, 12, 13.5), (2, 13, 12), (20, 0, 0)]
)
def test_a_late_answer(day: int, hour: int, points: float) -> None:
    exercise = exercise_of(HAND_SIGNS, due=datetime(2026, 12, 1, 12, tzinfo=UTC), late_penalty=0.1)
    answer = Answer(key_of(exercise))
    handed_in = datetime(2026, 12, day, hour, tzinfo=UTC)
    marks = judge(exercise, Submission("A", "a.cnn", b""), answer, handed_in)
    assert marks.points == points
    assert len(marks.notices) == (points != 15)


def test_dates_without_a_zone_are_local() -> None:
    exercise = exercise_of(HAND_SIGNS, due=datetime(2026, 12, 1, 12), late_penalty=0.1)  # noqa: DTZ001
    zoned = datetime(2026, 12, 1, 11, 59).astimezone()
    assert judge(exercise, Submission("A", "a", b""), Answer(key_of(exercise)), zoned).points == 15


# --- files -----------------------------------------------------------------------------------------------------------


def test_an_exercise_from_files(tmp_path: Path) -> None:
    (tmp_path / "signs.cnn").write_text(HAND_SIGNS, encoding="utf-8")
    (tmp_path / "signs.toml").write_text('points = 20\ntitle = "Signes"\n', encoding="utf-8")
    exercise = load_exercise(tmp_path / "signs.cnn")
    assert marks_of(exercise).points == 20
    assert [one.label for one in solved(exercise)][3] == "`conv 32, f=3 | relu`: number of parameters"
