"""nbgrader: the source notebook of an assignment, with a locked test cell a blank that gives part of its points.

A test cell ends with a number: nbgrader takes it as the points, between 0 and those of the cell. The answer is a cell
that nbgrader does not know: of what it calls a solution it would hand out nothing but a stub.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from cnnspec.language import language
from cnnspec.teaching.judging import shown_points
from cnnspec.teaching.quiz.bundle import files_of
from cnnspec.teaching.quiz.fields import Question
from cnnspec.teaching.quiz.notebooks import ANSWER, answer_text, code_cell, notebook, statement, text_cell
from cnnspec.teaching.quiz.sheet import Options, Output, Sheet

SCHEMA = 3


def export(made: Sequence[Sheet], options: Options) -> list[Output]:  # noqa: ARG001
    """The notebook, and the exercise that lies beside it."""
    sheet = made[0]
    files = files_of(sheet.exercise)
    exercise = next(iter(files))
    worth = shown_points(sheet.exercise)
    cells = [
        text_cell("statement", statement(sheet), _metadata("statement", "markdown")),
        code_cell("answer", answer_text(sheet), {"deletable": False}),
        *(_test(question, exercise, float(worth[question.blank.key])) for question in sheet.questions),
    ]
    return [
        Output(f"{sheet.stem}.ipynb", notebook(cells)),
        *(Output(name, content) for name, content in files.items()),
    ]


def _test(question: Question, exercise: str, points: float) -> dict[str, Any]:
    name = f"test-{question.blank.number:02}"
    text = (
        "from cnnspec.language import speak\n"
        "from cnnspec.teaching.quiz.jobs import earned\n\n"
        f"speak({language()!r})\n"
        f"earned({exercise!r}, {ANSWER}, {question.blank.key!r})"
    )
    return code_cell(name, text, _metadata(name, "code", points=points))


def _metadata(name: str, kind: str, *, points: float | None = None) -> dict[str, Any]:
    """What nbgrader keeps with a cell; without points it is only locked."""
    marked = {
        "cell_type": kind,
        "grade": points is not None,
        "grade_id": name,
        "locked": True,
        "schema_version": SCHEMA,
        "solution": False,
        "task": False,
    }
    return {"nbgrader": marked if points is None else {**marked, "points": points}}
