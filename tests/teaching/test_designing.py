"""Layers in place of `?`: what holds earns its part, and nothing that belongs to the exercise can be changed."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cnnspec.diagnostics import CnnSpecError
from cnnspec.source import Source
from cnnspec.teaching.designing import design_key, judge_layers
from cnnspec.teaching.exercise import load_exercise, make_exercise, settings_of, solved
from cnnspec.teaching.model import Answer, Judgement

TEXT = """\
input 28x28x1
? -> 10
expect params <= 60_000 and count(conv) >= 3
expect depth >= 4
"""
GOOD = """\
block unit(k) { conv k, f=3 | relu }
let w = 8
unit w | maxpool 2   # half the side
unit 16
unit 16
flatten
dense 10 | softmax
"""


def judged(lines: str, text: str = TEXT, **settings: object) -> Judgement:
    return judge_layers(make_exercise(Source(text), settings_of(settings)), Answer({"layers1": lines}))["layers1"]


def test_a_design_that_fulfils_everything() -> None:
    one = judged(GOOD)
    assert (one.status, one.credit) == ("right", 1.0)
    assert "params: 16,538 ≤ 60,000: held (counts only when missed)" in one.arithmetic
    assert one.message == "3 of 3 conditions hold"


def test_the_credit_is_the_part_that_holds() -> None:
    one = judged("flatten | dense 100 | dense 10")
    assert one.credit == 1 / 4
    assert one.message == "1 of 4 conditions hold"
    assert one.arithmetic == (
        "the size 10: held",
        "params: 79,510 > 60,000: not held",
        "count(conv): 0 < 3: not held",
        "depth: 2 < 4: not held",
    )


BLOCKS = """\
block head(k) { global_avgpool | dense k }
block unit(k) { conv k, f=3, p=1 | relu }
input 28x28x1
unit 4 | ? -> 10
expect count(conv) >= 2
"""


def test_blocks_of_the_exercise_may_be_all_of_a_design() -> None:
    assert judged("unit 4\nunit 4\nhead 10", BLOCKS).credit == 1
    assert judged("block own { unit 4 }\nown\nhead 10", BLOCKS).credit == 1
    assert judged("identity", BLOCKS).credit == 0
    assert judged("unit 4 | head 10", BLOCKS, kinds=["conv", "relu"]).credit == 2 / 3


@pytest.mark.parametrize("lines", ["", "?", "identity", "dropout 0.5", "relu", "flatten"])
def test_a_design_that_does_nothing_earns_nothing(lines: str) -> None:
    assert judged(lines).credit == 0


@pytest.mark.parametrize("lines", ["identity", "dropout 0.1 | identity", "repeat 0 { conv 1, f=1 }"])
def test_nor_where_all_conditions_hold_without_it(lines: str) -> None:
    text = "input 8x8x3\n? -> 8x8x3\nexpect params <= 100\n"
    assert judged(lines, text).credit == 0
    assert judged("conv 3, f=1", text).credit == 1


@pytest.mark.parametrize(
    ("lines", "said"),
    [
        ('use "/etc/passwd"', "`use` belongs to the exercise"),
        ("expect params == 1", "`expect` belongs to the exercise"),
        ("repeat 1 { input 3x3x3 }", "`input` belongs to the exercise"),
        ("model m", "`model` belongs to the exercise"),
        ("variant v", "`variant` belongs to the exercise"),
        ("example 1 -> 2", "`example` belongs to the exercise"),
        ("flatten | dense 10 as a\noutput a", "`output` belongs to the exercise"),
        ("flatten  # noqa", "`noqa` belongs to the exercise"),
        ("flatten\n?", "there is still a `?`"),
        ("conv 8, f=? | flatten | dense 10", "there is still a `?`"),
        ("}\nexpect params == 1\nif true {", "closes nothing"),
        ("let dense = identity\nflatten | dense 10", "has a meaning already"),
        ("block conv(k) { dense 10 }\nflatten | conv 3", "has a meaning already"),
        ("let channels = 3\nflatten", "has a meaning already"),
        ("conv(3, f=3)", "takes no parentheses"),
        ("flatten |", "a layer is missing"),
        ("flatten\n" * 3000, "longer than 10,000 characters"),
        (f"dense 1, weight={[0] * 1001}", "more than 1,000 numbers"),
    ],
)
def test_what_belongs_to_the_exercise_is_refused_with_a_reason(lines: str, said: str) -> None:
    one = judged(lines)
    assert (one.status, one.credit) == ("unreadable", 0.0)
    assert said in one.message


@pytest.mark.parametrize(
    "lines",
    [
        "repeat 1_000_000_000 { relu }",
        "repeat 4000 { relu }\nflatten | dense 10",
        "let big = 9 ** 9 ** 9\nflatten | dense big",
    ],
)
def test_giant_designs_end(lines: str) -> None:
    assert judged(lines).credit == 0


def test_the_line_with_the_error_is_shown() -> None:
    assert judged("conv 8, f=3\nconv 9, f=99").message == (
        "these layers do not work: `conv 9, f=99`: the window 99x99 is larger than the input 26x26"
    )


def test_only_some_kinds() -> None:
    kinds = ["conv", "relu", "flatten", "dense", "softmax"]
    one = judged(GOOD, kinds=kinds)
    assert one.credit == 3 / 4
    assert "`maxpool`: not among the layers that may be used" in one.arithmetic[0]
    assert judged(GOOD, kinds=[*kinds, "maxpool"]).credit == 1
    assert judged("flatten", kinds=kinds).credit == 0


def test_a_wrong_annotation_of_the_student_costs_its_part() -> None:
    one = judged(GOOD + "-> 11")
    assert (one.credit, one.message) == (3 / 4, "3 of 4 conditions hold")


def test_two_blanks_are_judged_each_by_what_follows() -> None:
    task = make_exercise(Source("input 8x8x3\nconv 8, f=3 | ? | conv 3, f=1 -> 4x4x3\n? -> 10\n"))
    judged_both = judge_layers(task, Answer({"layers1": "maxpool 2, s=1", "layers2": "flatten | dense 10"}))
    assert [judged_both[key].credit for key in ("layers1", "layers2")] == [0.0, 1.0]
    alone = judge_layers(task, Answer({"layers1": "maxpool 3, s=1"}))
    assert [alone[key].status for key in ("layers1", "layers2")] == ["right", "empty"]


def test_the_key_is_the_solution_of_the_settings(tmp_path: Path) -> None:
    (tmp_path / "d.cnn").write_text(TEXT)
    (tmp_path / "d.toml").write_text('solution = "key.cnn"\n')
    (tmp_path / "key.cnn").write_text(TEXT.replace("? -> 10", GOOD.rstrip() + " -> 10"))
    task = load_exercise(tmp_path / "d.cnn")
    assert "unit 16" in design_key(task)["layers1"]
    assert solved(task)[0].right == design_key(task)["layers1"]
    assert judge_layers(task, Answer(design_key(task)))["layers1"].credit == 1


@pytest.mark.parametrize("solution", ["flatten\ndense 10", None, "outside"])
def test_a_solution_that_does_not_hold_is_refused(tmp_path: Path, solution: str | None) -> None:
    (tmp_path / "d.cnn").write_text(TEXT)
    (tmp_path / "d.toml").write_text(f'solution = "{"../key.cnn" if solution == "outside" else "key.cnn"}"\n')
    if solution:
        (tmp_path / "key.cnn").write_text(TEXT.replace("?", solution))
    with pytest.raises(CnnSpecError) as caught:
        load_exercise(tmp_path / "d.cnn")
    assert [d.code for d in caught.value.diagnostics] == ["E513"]


def test_the_solution_is_drawn_with_the_exercise(tmp_path: Path) -> None:
    text = "model m(n = 28, k = 10)\ninput [n, n, 1]\n? -> k\nexpect count(conv) >= 1\n"
    (tmp_path / "d.cnn").write_text(text)
    (tmp_path / "d.toml").write_text('solution = "key.cnn"\n[draw]\nn = [20, 24, 32]\nk = [10, 12]\n')
    (tmp_path / "key.cnn").write_text(text.replace("?", "conv n // 4, f=3 | relu\nflatten | dense k"))
    for seed in ("", "1", "2", "3"):
        exercise = load_exercise(tmp_path / "d.cnn", seed)
        assert judge_layers(exercise, Answer(design_key(exercise)))["layers1"].credit == 1


WORDS = st.sampled_from(
    ["conv 8, f=3", "flatten", "dense 10", "relu as x", "add x", "from input", "let a = 2\n", "b 3"]
)
SIGNS = st.sampled_from(
    ["\n", " | ", "{", "}", "[", "(", "?", "# c\n", "-> 10", ";", ",", "=", '"', "\x00", "é", "10**9"]
)
BRACES = st.sampled_from(["repeat 3 {", "block b(k) {", "if true {", "residual {"])
PIECES = st.one_of(WORDS, SIGNS, BRACES)


@given(st.lists(PIECES, max_size=14).map(" ".join))
def test_whatever_is_written_there_is_a_judgement(lines: str) -> None:
    one = judged(lines)
    assert 0 <= one.credit <= 1
    assert (one.status == "right") == (one.credit == 1)
