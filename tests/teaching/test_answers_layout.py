"""Answers laid out in ways of their own: below the line, in a list, twice in one file, without an arrow."""

from __future__ import annotations

from functools import cache

import pytest

from cnnspec.source import Source
from cnnspec.teaching.answers import read_answer
from cnnspec.teaching.exercise import Exercise, make_exercise
from cnnspec.teaching.judging import judge
from cnnspec.teaching.model import Marks, Submission

ASKED = """\
input 28x28x1
conv 8, f=5 | relu -> ?x?x?, ? params
maxpool 2          -> ?x?x?, ? params
flatten            -> ?
dense 10 | softmax -> ?, ? params
expect params == ?
"""
RIGHT = """\
input 28x28x1
conv 8, f=5 | relu -> 24x24x8, 208 params
maxpool 2          -> 12x12x8, 0 params
flatten            -> 1152
dense 10 | softmax -> 10, 11530 params
expect params == 11738
"""


@cache
def exercise(text: str = ASKED) -> Exercise:
    return make_exercise(Source(text))


def marks(text: str, asked: str = ASKED, name: str = "answer.txt") -> Marks:
    submission = Submission("Marie", name, text.encode())
    return judge(exercise(asked), submission, read_answer(exercise(asked), submission))


def is_whole(text: str, asked: str = ASKED, name: str = "answer.txt") -> bool:
    found = marks(text, asked, name)
    return not found.problem and found.points == found.out_of


BELOW = """\
input 28x28x1
conv 8, f=5 | relu -> ?x?x?, ? params
   24x24x8, 208 params

maxpool 2          -> ?x?x?, ? params
   12x12x8
   0 params
flatten            -> ?
=> 1152
dense 10 | softmax ->
   10, 11530 params
expect params == ?
   11738
"""
KEYS = """\
conv1.height = 24
conv1.width = 24
conv1.channels = 8
conv1.params = 208
maxpool1.size = 12x12x8
maxpool1.params: 0
flatten1.size: 1152
dense1.size : 10
dense1.params : 11 530
params: 11738
"""
NUMBERED = "1) 24\n2) 24\n3. 8\n4) 208\n5: 12\n6) 12\n7) 8\n8) aucun\n9) 1152\n10) 10\n11) 11530\n12) 11738\n"
LAYERS = """\
convolution 8 filtres 5x5 : 24x24x8, 208 paramètres
pooling 2x2 : 12x12x8, 0
aplatissement : 1152
dense 10 : 10, 11530 paramètres
total : 11738
"""


@pytest.mark.parametrize("text", [RIGHT, BELOW, KEYS, NUMBERED, LAYERS])
def test_answers_of_every_layout_are_read(text: str) -> None:
    assert is_whole(text)


@pytest.mark.parametrize(
    ("was", "now"),
    [
        ("relu -> 24x24x8", "relu 24x24x8"),
        ("relu -> 24x24x8", "relu : 24x24x8"),
        ("relu -> 24x24x8", "relu \u2013 > 24x24x8"),
        ("flatten            -> 1152", "flatten 1152"),
        ("208 params", "~~200~~ 208 params"),
        ("8, 0 params", "8, pas de paramètres"),
        ("10, 11530 params", "10 classes, 11530 params // 1152*10+10"),
        ("24x24x8", "8x24x24"),
        ("24x24x8", "8@24x24"),
        ("expect params ==", "total ="),
    ],
)
def test_one_line_of_another_layout_is_read(was: str, now: str) -> None:
    assert was in RIGHT
    assert is_whole(RIGHT.replace(was, now))


def test_a_count_below_a_size_that_is_given() -> None:
    asked = "input 28x28x1\nconv 8, f=5 -> 24x24x8, ? params\n"
    assert is_whole(asked + "   208 params\n", asked)


def test_wrong_channels_in_front_are_not_turned() -> None:
    found = marks(RIGHT.replace("24x24x8", "8x24x23"))
    assert [verdict.status == "right" for verdict in found.verdicts[:3]] == [False, True, False]


def test_of_two_attempts_the_last_complete_one_counts() -> None:
    wrong, half = RIGHT.replace("208", "200"), "\n".join(RIGHT.splitlines()[:3])
    both = marks(f"{wrong}\nsecond attempt\n{RIGHT}")
    assert both.points == both.out_of
    assert both.notices == ("there are 2 attempts in one file: number 2 counts",)
    assert marks(f"{RIGHT}\n{wrong}").points < both.points
    assert marks(f"{RIGHT}\n{half}").points == both.points
    assert marks(f"{ASKED}\n{RIGHT}").notices == ()


def test_layers_alone_are_a_design() -> None:
    asked = "input 28x28x1\n? -> 10\nexpect params <= 20_000\nexpect count(conv) >= 1\n"
    assert is_whole("conv 8, f=3 | relu | maxpool 2\nflatten\ndense 10 | softmax\n", asked)
    assert marks("nothing of this kind\n", asked).problem


MAPS = "input 2x2x1\nconv 1, f=1, weight=[[2]], bias=1 as c\nmaxpool 2 as m\noutput c, m\nexample [[1, 2], [3, 4]] -> "
ROWS = "input 2x2x1\nconv 1, f=1, weight=[[2]], bias=1\nexample [[1, 2], [3, 4]] -> "


@pytest.mark.parametrize(
    ("given", "asked", "answer"),
    [
        (MAPS, "?, ?", "[[3, 5], [7, 9]], [[9]]"),
        (MAPS, "?, ?", "\n3 5\n7 9\n\n9"),
        (MAPS, "?, ?", "\n3,0 5,0\n7,0 9,0\n9"),
        (ROWS, "[[?, ?], [?, ?]]", "\n3 5\n7 9"),
        (ROWS, "[[?, ?], [?, ?]]", "[[2*1+1, 5], [14/2, 9 = 9]]"),
        (ROWS, "?", "?\n3 5\n7 9"),
        (ROWS, "?", "\n[[3, 5],\n [7, 9]]"),
        (ROWS, "[[?, ?], [?, ?]]", "\n3, 5\n7, 9"),
        (ROWS, "?", "300 %, 500 %; 700 %, 900 %"),
    ],
)
def test_maps_of_every_layout_are_read(given: str, asked: str, answer: str) -> None:
    assert is_whole(f"{given}{answer}\n", f"{given}{asked}\n")


def test_maps_alone() -> None:
    assert is_whole("3 5\n7 9\n9\n", f"{MAPS}?, ?\n")
    assert is_whole("3,0  5,0\n7,0  9,0\n\n9\n", f"{MAPS}?, ?\n")
    assert marks("3 5\n7 9\n", f"{MAPS}?, ?\n").problem


def test_places_that_have_to_agree() -> None:
    asked = "input 32x32x3\nconv 3, f=3, p=1 -> ?1 params\nconv 3, f=3, p=1 -> ?1 params\n"
    different = marks(asked.replace("?1", "84", 1).replace("?1", "10"), asked)
    assert different.points == 0
    assert different.notices == ("`?1` was answered twice, `84` and `10`: one number is wanted for all places",)
    assert is_whole(asked.replace("?1", "84", 1), asked)
    assert is_whole(asked.replace("?1", "84", 1).replace("?1", "84,0"), asked)


def test_lines_of_which_nothing_can_be_read_are_told() -> None:
    found = marks(ASKED + "voici 24 et 24 et 8\nainsi que 208\n")
    assert found.problem == "no line of it could be read as an answer: write in the place of each `?`"
    assert len(found.notices) == 2
    assert not marks(ASKED).problem
