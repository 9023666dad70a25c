"""Exercises for the exports: every kind of blank, and one whose texts try to break out of every format."""

from __future__ import annotations

from pathlib import Path

import pytest

from cnnspec.source import Source
from cnnspec.teaching.exercise import load_exercise, make_exercise, solved
from cnnspec.teaching.quiz.sheet import Sheet, make_sheet
from cnnspec.teaching.settings import Settings

EXERCISES = Path(__file__).parents[3] / "examples" / "exercises"

KINDS = """\
model kinds
# the remark
input 28x28x1
conv 6, f=5 -> ?(26x26x6, 24x24x6), ? params
maxpool 2 -> ?
conv 16, f=?1, p=0 | relu -> 8x8x?2, 2416 params
conv ?2, f=?(1, 3, 5) -> 4x4x16
flatten -> ?
dense 10 -> ?
expect params == ?
"""

NASTY = (
    "} ~ # = {1:NM:=3} {#1} ::x:: \\} \\~ %100% ]]> <script>alert(1)</script> & &#125; <|-- --|> `a|b`\n\n// $x$ {{x}}"
)


def sheet_of(source: str, /, **settings: object) -> Sheet:
    exercise = make_exercise(Source(source, "kinds.cnn"), Settings.model_validate(settings), path="kinds.cnn")
    return make_sheet(exercise, solved(exercise))


def sheet_in(path: Path) -> Sheet:
    exercise = load_exercise(path)
    return make_sheet(exercise, solved(exercise))


@pytest.fixture
def kinds() -> Sheet:
    return sheet_of(KINDS, mistakes={"forgot-bias": 0.65})


@pytest.fixture
def nasty() -> Sheet:
    """Title, statement, remarks and hints are the teacher's, and may still hold anything."""
    text = KINDS.replace("the remark", "remark " + " ".join(NASTY.split()))
    return sheet_of(text, title=f"Sizes {NASTY}", text=NASTY, hints={"size": NASTY}, points=7)


@pytest.fixture
def hand_signs() -> Sheet:
    return sheet_in(EXERCISES / "en" / "hand_signs.cnn")
