"""otter-grader: a notebook with the exercise in a cell, and a test file in the OK format with a case a blank.

A case passes where the blank earns at least half of its points: otter's tests pass or fail.
"""

from __future__ import annotations

from collections.abc import Sequence

from cnnspec.language import language
from cnnspec.teaching.judging import shown_points
from cnnspec.teaching.quiz.bundle import files_of
from cnnspec.teaching.quiz.notebooks import ANSWER, answer_text, code_cell, notebook, statement, text_cell
from cnnspec.teaching.quiz.sheet import Options, Output, Sheet

QUESTION = "q1"


def export(made: Sequence[Sheet], options: Options) -> list[Output]:  # noqa: ARG001
    """The folder of the assignment."""
    sheet = made[0]
    files = files_of(sheet.exercise)
    return [
        Output("notebook.ipynb", _notebook(sheet)),
        Output(f"tests/{QUESTION}.py", test_file(sheet, next(iter(files)))),
        *(Output(name, content) for name, content in files.items()),
    ]


def test_file(sheet: Sheet, exercise: str) -> str:
    """The test as Python: nothing but literals, as otter reads them."""
    before = (
        f">>> from cnnspec.language import speak\n>>> from cnnspec.teaching.quiz.jobs import passes\n"
        f">>> speak({language()!r})\n"
    )  # in each case: otter refuses a suite with a setup
    worth = shown_points(sheet.exercise)
    cases = [
        {
            "code": f"{before}>>> passes({exercise!r}, {ANSWER}, {question.blank.key!r})\nTrue",
            "hidden": False,
            "locked": False,
            "points": float(worth[question.blank.key]),
        }
        for question in sheet.questions
    ]
    suite = {"cases": cases, "scored": True, "setup": "", "teardown": "", "type": "doctest"}
    test = {"name": QUESTION, "points": None, "all_or_nothing": False, "suites": [suite]}  # the cases have the points
    return f"OK_FORMAT = True\n\ntest = {_python(test)}\n"


def _python(value: object, indent: int = 0) -> str:
    """A literal over several lines, so that a person can read it."""
    inner, outer = " " * (indent + 4), " " * indent
    if isinstance(value, dict):
        lines = [f"{inner}{name!r}: {_python(item, indent + 4)},\n" for name, item in value.items()]
        return f"{{\n{''.join(lines)}{outer}}}"
    if isinstance(value, list):
        return f"[\n{''.join(f'{inner}{_python(item, indent + 4)},{chr(10)}' for item in value)}{outer}]"
    return repr(value)


def _notebook(sheet: Sheet) -> str:
    start = "import otter\n\ngrader = otter.Notebook()"
    return notebook(
        [
            text_cell("statement", statement(sheet)),
            code_cell("start", start),
            code_cell("answer", answer_text(sheet)),
            code_cell("check", f'grader.check("{QUESTION}")'),
        ]
    )
