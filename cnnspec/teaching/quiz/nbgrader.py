"""nbgrader: the source notebook of an assignment, with a locked test cell a blank that gives part of its points.

A test cell ends with a number: nbgrader takes it as the points, between 0 and those of the cell.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from cnnspec.language import language
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
    cells = [
        text_cell("statement", statement(sheet), _metadata("statement", "markdown")),
        code_cell("answer", answer_text(sheet), _metadata("answer", "code", solution=True)),
        *(_test(question, exercise) for question in sheet.questions),
    ]
    return [
        Output(f"{sheet.stem}.ipynb", notebook(cells)),
        *(Output(name, content) for name, content in files.items()),
    ]


def _test(question: Question, exercise: str) -> dict[str, Any]:
    name = f"test-{question.blank.number:02}"
    text = (
        "from cnnspec.language import speak\n"
        "from cnnspec.teaching.quiz.jobs import earned\n\n"
        f"speak({language()!r})\n"
        f"earned({exercise!r}, {ANSWER}, {question.blank.key!r})"
    )
    points = round(float(question.points), 6)
    return code_cell(name, text, _metadata(name, "code", points=points))


def _metadata(name: str, kind: str, *, solution: bool = False, points: float | None = None) -> dict[str, Any]:
    """What nbgrader keeps with a cell; without points and solution it is only locked."""
    marked = {
        "cell_type": kind,
        "grade": points is not None,
        "grade_id": name,
        "locked": not solution,
        "schema_version": SCHEMA,
        "solution": solution,
        "task": False,
    }
    return {"nbgrader": marked if points is None else {**marked, "points": points}}
