"""The key of an exercise, handed in as a file, as CSV and as JSON, gets all points; a wrong answer gets fewer.

Every form of exercise goes round: those of the examples and of the documentation, fresh ones of each level and kind,
and networks with a blank in the place of each number.
"""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Iterator
from functools import cache
from itertools import pairwise
from pathlib import Path

import pytest

from cnnspec.cli.exercise import KINDS, LEVELS
from cnnspec.diagnostics import CnnSpecError
from cnnspec.source import Source
from cnnspec.teaching.answers.reading import read_answer
from cnnspec.teaching.answers.units import tokens_of
from cnnspec.teaching.exercise import Exercise, load_exercise, make_exercise, solved
from cnnspec.teaching.judging import judge
from cnnspec.teaching.labels import joined
from cnnspec.teaching.making.inspecting import filled_text, warnings_of
from cnnspec.teaching.making.new import new_exercise
from cnnspec.teaching.model import ARGUMENT, LAYERS, Answer, Marks, Submission

ROOT = Path(__file__).parents[2]
NAMES = sorted(
    path.relative_to(ROOT).as_posix()
    for folder in ("exercises", "lectures")
    for path in (ROOT / "examples" / folder).rglob("*.cnn")
    if "answers" not in path.parts and re.search(r"\?", path.read_text(encoding="utf-8").partition("input")[2])
)
WRONG = "9_973"

MAPS = """\
input 4x4x1
conv 1, f=2, s=2, weight=[[1, 2], [3, 4]], bias=0.5 as c
{rest}
example [[1, 2, 0, 1], [3, 1, 4, 2], [0, 2, 1, 5], [2, 2, 3, 0]] -> {asked}
"""
TWO, THREE = "avgpool 2 as m\noutput c, m", "relu as r\navgpool 2 as m\noutput c, r, m"
IMAGE = "input 32x32x3\n"
FORMS = {
    "two outputs": MAPS.format(rest=TWO, asked="?, ?"),
    "three outputs": MAPS.format(rest=THREE, asked="?, ?, ?"),
    "numbers of the first output": MAPS.format(rest=TWO, asked="[[?, 22.5], [?, ?]], ?"),
    "the second output": MAPS.format(rest=TWO, asked="[[18.5, 22.5], [18.5, 20.5]], ?"),
    "a vector and a number": "input 3\ndense 2, weight=[[1, 0, -1], [2, 1, 0]], bias=[1, -20] as a\n"
    "dense 1, weight=[[1, 1]], bias=0 as b\noutput a, b\nexample [1, 2, 3] -> ?, ?\n",
    "numbered arguments and counts": IMAGE
    + "conv ?1, f=3, p=1 -> 32x32x?1, ?2 params\nconv ?1, f=3, p=1 -> ?2 params\n",
    "numbered once": IMAGE + "conv ?1, f=3, p=1 -> 32x32x?1, ?2 params\n",
    "numbered sizes": IMAGE + "conv 4, f=3 -> ?1x?1x4\nconv 4, f=3, p=1 -> ?1x?1x4, ? params\n",
    "a numbered window": "input 9x9x1\nconv 4, f=?1 -> ?1x?1x4\n",
    "choices": IMAGE + "conv 8, f=?(3, 5), p=? -> 32x32x8, ?(224, 608, 152) params\nmaxpool 2 -> ?(16x16x8, 15x15x8)\n",
    "the channels of the input": "input 32x32x?\nconv 4, f=3 -> 30x30x4, 112 params\n",
    "the sides of the input": "input ?x?x3\nconv 4, f=3, s=2 -> 15x15x4\n",
    "a vector as input": "input ?\nflatten | dense 3 -> 3, 12 params\n",
    "figures": IMAGE + "conv 4, f=3 | batchnorm\nexpect params == ? and depth == ?\nexpect ? == trainable\n"
    "expect params / 4 == ?\nexpect 4 * params / 1024 == ?\nexpect receptive_field == ?\nexpect output == ?\n",
    "parts of the output": IMAGE + "conv 4, f=3\nexpect output == ?x?x?\nexpect output == [?, 30, ?]\n",
    "formulas of figures": IMAGE
    + "conv 4, f=3\nexpect params == ? + 10\nexpect params == 2 * ?\nexpect 100 - ? == -12\n"
    "expect -(? - 5) / 2 == -params\n",
}


def graded(exercise: Exercise, name: str, text: str) -> Marks:
    submission = Submission("key", name, text.encode())
    return judge(exercise, submission, read_answer(exercise, submission))


def sheets(exercise: Exercise) -> Iterator[tuple[str, str]]:
    """The key in each form, with its name."""
    yield "key.cnn", filled_text(exercise)
    rights = {one.blank.key: one.right for one in solved(exercise)}
    lines = {one.blank.key: joined(one.blank.family, one.right) for one in solved(exercise)}
    for answers in (rights, lines):
        table = io.StringIO()
        csv.writer(table).writerows([("blank", "answer"), *answers.items()])
        yield "key.csv", table.getvalue()
    yield "key.json", json.dumps(rights)


def assert_round(exercise: Exercise) -> None:
    assert all(one.right for one in solved(exercise))
    for name, text in sheets(exercise):
        marks = graded(exercise, name, text)
        missed = [(one.blank, one.given, one.message) for one in marks.verdicts if one.status != "right"]
        assert (missed, marks.points, marks.problem) == ([], marks.out_of, ""), f"{name}:\n{text}"


@pytest.mark.parametrize("name", NAMES)
def test_the_key_of_an_example_gets_all_points(name: str) -> None:
    exercise = load_exercise(ROOT / name)
    if all(one.right for one in solved(exercise)):  # of layers there is a key where the settings have one
        assert_round(exercise)
    else:
        assert {one.blank.family for one in solved(exercise) if not one.right} == {LAYERS}


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("level", LEVELS)
def test_the_key_of_a_fresh_exercise_gets_all_points(level: str, kind: str, tmp_path: Path) -> None:
    for seed in (0, 7):
        path = tmp_path / f"fresh{seed}.cnn"
        fresh = new_exercise(level, kind, seed, name=path.stem)
        path.write_text(fresh.text, encoding="utf-8")
        path.with_suffix(".toml").write_text(fresh.settings, encoding="utf-8")
        if fresh.solution:
            path.with_name(f"{path.stem}_solution.cnn").write_text(fresh.solution, encoding="utf-8")
        assert_round(load_exercise(path))


@pytest.mark.parametrize("form", FORMS)
def test_the_key_of_each_form_gets_all_points(form: str) -> None:
    assert_round(make_exercise(Source(FORMS[form])))


def blocks() -> list[str]:
    """The networks with blanks in the documentation, as far as they are whole exercises."""
    pages = [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]
    found = [
        block
        for page in pages
        for block in re.findall(r"^```cnn[^\n]*\n(.*?)^```", page.read_text(encoding="utf-8"), re.DOTALL | re.MULTILINE)
    ]
    return [one for one in dict.fromkeys(found) if "?" in re.sub("#.*", "", one) and "input" in one]


def test_the_key_of_each_block_of_the_documentation_gets_all_points() -> None:
    went_round = 0
    for block in blocks():
        try:
            exercise = make_exercise(Source(block))
        except CnnSpecError:
            continue  # what the pages on mistakes show
        if all(one.right for one in solved(exercise)):
            assert_round(exercise)
            went_round += 1
    assert went_round >= 5


# --- what numbered blanks and figures mean ---------------------------------------------------------------------------


def right_answers(text: str) -> dict[str, str]:
    return {one.blank.key: one.right for one in solved(make_exercise(Source(text)))}


def test_a_numbered_count_is_a_condition_on_the_arguments() -> None:
    text = FORMS["numbered arguments and counts"]
    assert right_answers(text) == {"?1": "filters=3", "?2": "84"}  # 28 n = (9 n + 1) n
    exercise = make_exercise(Source(text))
    for given in ({"?1": "1", "?2": "28"}, {"?1": "8", "?2": "224"}):
        judged = {one.blank: one for one in judge(exercise, Submission("a", "a", b""), Answer(given)).verdicts}
        assert (judged["?1"].status, judged["?1"].points, judged["?2"].points) == ("wrong", 0, 0)
        assert judged["?1"].right == "3"
    assert not any("every value" in told for _, told in warnings_of(exercise))


def test_figures_are_what_makes_both_sides_equal() -> None:
    assert list(right_answers(FORMS["formulas of figures"]).values()) == ["102", "56", "112", "229"]
    assert list(right_answers(FORMS["parts of the output"]).values()) == ["30", "30", "4", "30", "4"]


@pytest.mark.parametrize(
    ("line", "code", "help_"),
    [
        ("expect parms == ?", "E410", "`params`"),
        ("expect flops == ?", "E410", "figures are"),
        ("expect params(cnv1) == ?", "E208", "`conv1`"),
        ("expect params == ? * ?", "E504", "size"),
        ("expect params == 100 / ?", "E504", "size"),
        ("expect params == ? ** 2", "E504", "size"),
        ("expect params == 3 * ?", "E504", "size"),
        ("expect 0 * ? == 0 * params", "E504", "size"),
        ("expect output == ? + 1", "E504", "size"),
        ("expect params == [?, 3]", "", ""),
        ("conv 8, f=3, p=1 -> 30x30x8, ? * 37 params", "E504", "number itself"),
        ("conv 8, f=3, p=1 -> 30x30x8, (? * ? * 4 + ?) * 8 params", "E504", "number itself"),
        ("conv 8, f=3, p=1 -> [? - 2, 30, 8]", "E504", "number itself"),
    ],
)
def test_what_cannot_be_judged_is_refused(line: str, code: str, help_: str) -> None:
    with pytest.raises(CnnSpecError) as refused:
        make_exercise(Source(f"{IMAGE}conv 4, f=3\n{line}\n"))
    [first, *_] = refused.value.diagnostics
    assert first.code == code or not code
    assert help_ in str(first.help)


VALUES_AND_ARGUMENTS = "input 3x3x1\nmaxpool ?, s=1\nexample [[1, 2, 3], [4, 5, 7], [8, 6, 9]] -> [[5, 7], [8, ?]]\n"
SIGNED = "input 3x3x1\nmaxpool 2, s=1\nexample [[1, 2, 3], [4, 5, 7], [8, 6, 9]] -> [[-?, 7], [8, 9]]\n"


@pytest.mark.parametrize(("text", "code"), [(VALUES_AND_ARGUMENTS, "E503"), (SIGNED, "E504")])
def test_a_value_without_a_single_answer_is_refused(text: str, code: str) -> None:
    with pytest.raises(CnnSpecError) as refused:
        make_exercise(Source(text))
    assert refused.value.diagnostics[0].code == code


@pytest.mark.parametrize("given", ["1.5", "3x3", "same", "true", "0", "-3", "1000000000"])
def test_a_side_that_is_no_number_is_wrong(given: str) -> None:
    sides = make_exercise(Source("input ?x?x3\nresidual { conv 3, f=3, p=1 } -> 15x15x3\n"))
    for key in ("input.height", "input.width"):
        marks = judge(sides, Submission("a", "a", b""), Answer({key: given}))
        assert marks.points == 0
    numbered = make_exercise(Source(FORMS["a numbered window"]))
    assert judge(numbered, Submission("a", "a", b""), Answer({"?1": given})).points == 0


@pytest.mark.parametrize("text", ["input ?\nconv 4, f=3 -> 30x30x4\n", "input ?x32x3\nconv 4, f=3 -> 30x31x4\n"])
def test_an_input_without_an_answer_is_refused(text: str) -> None:
    with pytest.raises(CnnSpecError) as refused:
        make_exercise(Source(text))
    assert refused.value.diagnostics[0].code in ("E512", "E402")


# --- a blank in the place of each number -----------------------------------------------------------------------------

TEXTS = """
input 28x28x1
conv 6, f=5 -> 24x24x6, 156 params
maxpool 2 -> 12x12x6
flatten -> 864
dense 10 -> 10, 8_650 params
expect params == 8_806

input 32x32x3
conv 16, f=5, s=1, p=2 | relu -> 32x32x16, 1_216 params

input 31x47x3
conv 12, f=5x3, s=2x1, p=1 -> 15x47x12, 552 params

input 20x20x4
conv 8, f=3, d=2, groups=2 -> 16x16x8, 152 params
expect depth == 1 and receptive_field == 5

input 16x16x8
depthwise 3, p=1, multiplier=2 -> 16x16x16, 160 params

input 8x8x6
conv_transpose 4, f=2, s=2 -> 16x16x4, 100 params

input 8x8x6
upsample 2 -> 16x16x6
maxpool 3, s=2, p=1 -> 8x8x6
global_avgpool -> 6

input 50
dense 20 | relu -> 20, 1_020 params
dropout 0.5
dense 5 -> 5, 105 params

input 12x12x4
residual { conv 4, f=3, p=1 -> 12x12x4, 148 params } -> 12x12x4

input 12x12x4
concat {
  branch { conv 2, f=1 -> 12x12x2 }
  branch { conv 3, f=3, p=1 }
} -> 12x12x5, 121 params

input 12x12x4
repeat 2 { conv 4, f=3 | relu } -> 8x8x4, 296 params

let k = 6
input 12x12x3
conv k, f=3 -> 10x10x6, 168 params

block unit(k) {
  conv k, f=3, p=1 | relu
}
input 12x12x3
unit 5 -> 12x12x5, 140 params
unit 7 -> 322 params

model net(n = 4)
input 12x12x3
conv n, f=3 -> 10x10x4, 112 params

input 9x9x2
conv 2, f=3 as a -> 7x7x2
from a
conv 2, f=3, p=1 -> 7x7x2
add a -> 7x7x2
expect params == 76

input 16x32x32x3
conv 4, f=3, p=1 -> 16x32x32x4, 328 params

input 40x8
conv 4, f=5 -> 36x4, 164 params
maxpool 4, s=3 -> 11x4

input 10x10x3
batchnorm -> 10x10x3, 12 params
expect trainable == 6
expect non_trainable == 6

input 10x10x3
pad 2 -> 14x14x3
crop 1 -> 12x12x3

input 4x4x1
conv 1, f=3, weight=[[1, 0, -1], [1, 0, -1], [1, 0, -1]], bias=1 as c
relu as r
output c, r
example [[1, 2, 0, 1], [3, 1, 4, 2], [0, 2, 1, 5], [2, 2, 3, 0]] -> [[4, -2], [1, -2]], [[4, 0], [1, 0]]

input 3x3x1
maxpool 2, s=1
example [[1, 2, 3], [4, 5, 7], [8, 6, 9]] -> [[5, 7], [8, 9]]

input 2
dense 2, weight=[[1, 2], [3, 4]], bias=[0, 1]
example [1, 2] -> [5, 12]

input 30x30x3
conv 8, f=3 -> 28x28x8
expect params == 200 + 24
expect macs == 28 * 28 * 216

input 30x30x3
conv 8, f=3
expect output == 28x28x8
expect count(conv) == 1
expect params == 448 / 2

input 30x30x3
conv 8, f=3
expect output == [28, 28, 8]
expect params <= 1_000

input 6x6x2
reshape 72 -> 72
dense 2 -> 146 params

input 12, integer
embedding 100, 8 -> 12x8, 800 params
conv 4, f=3 -> 10x4, 100 params

input 14x14x3
avgpool 2, s=2, ceil=true -> 7x7x3
conv 2, f=3, p=same -> 7x7x2, 56 params

input 14x14x3
conv 4, f=3, p=[0, 1, 2, 3], bias=false -> 14x16x4, 108 params

input left: 8x8x1
input right: 8x8x2
from left
conv 2, f=1 as a -> 8x8x2
from right
add a -> 8x8x2, 0 params
"""
NETWORKS = [f"{one.strip()}\n" for one in TEXTS.split("\n\n")]


@cache
def places(text: str) -> list[tuple[int, int]]:
    """Where numbers stand, and the names of figures."""
    tokens = tokens_of(text)
    sides = [one for one, after in pairwise(tokens) if one.kind == "word" and after.text == "=="]
    return [(one.start, one.end) for one in [*tokens, *sides] if one.kind == "number" or one in sides]


@pytest.mark.parametrize("text", NETWORKS, ids=lambda text: re.sub(r"\W+", "_", text)[:40])
def test_a_blank_in_any_place_is_refused_or_judged(text: str) -> None:
    judged = 0
    for start, end in places(text):
        asked = f"{text[:start]}?{text[end:]}"
        try:
            exercise = make_exercise(Source(asked))
        except CnnSpecError:
            continue
        judged += 1
        assert_round(exercise)
        wrong = judge(exercise, Submission("wrong", "w.cnn", b""), Answer({exercise.blanks[0].key: WRONG}))
        free = any(blank.family == ARGUMENT for blank, _ in warnings_of(exercise))
        assert wrong.points < wrong.out_of or free, asked
    assert judged
