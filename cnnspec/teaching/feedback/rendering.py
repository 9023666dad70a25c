"""The marks of a class, or of one student, in the form that is wanted."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from typing import Any

from pydantic import BaseModel

from cnnspec.teaching.feedback import csv, html, markdown, text
from cnnspec.teaching.feedback.statistics import ClassMarks
from cnnspec.teaching.model import Marks

CLASSES: dict[str, Callable[[ClassMarks], str]] = {
    "markdown": markdown.class_page,
    "html": html.class_page,
    "csv": csv.class_page,
}
STATISTICS: dict[str, Callable[[ClassMarks], str]] = {
    "markdown": markdown.statistics_page,
    "html": html.statistics_page,
    "csv": csv.statistics_page,
}
STUDENTS: dict[str, Callable[[Marks], str]] = {"markdown": markdown.page, "html": html.page}


def class_text(document: ClassMarks, form: str, *, statistics: bool = False, color: bool = False) -> str:
    """A class as text, markdown, html, csv or json: its table and its statistics, or these alone."""
    if form == "json":
        return json_text(document.statistics if statistics else document)
    if form == "text":
        return (text.statistics_page if statistics else text.class_page)(document, color=color)
    return (STATISTICS if statistics else CLASSES)[form](document)


def student_text(marks: Marks, form: str, *, color: bool = False, width: int = text.WIDTH) -> str:
    """One student's page as text, markdown, html or json, or the marks as a platform reads them."""
    if form == "text":
        return text.page(marks, color=color, width=width)
    if form == "json":
        return json_text(marks)
    return STUDENTS[form](marks) if form in STUDENTS else _for_platform(marks, form)


def json_text(document: BaseModel) -> str:
    """The document as JSON in ASCII, which every terminal takes."""
    return _dumped(document.model_dump(mode="json"))


def _for_platform(marks: Marks, form: str) -> str:
    from cnnspec.teaching.quiz import results

    if form == "vpl":
        return results.vpl_output(marks, *results.grade_range(os.environ))
    make = {
        "gradescope": results.gradescope_results,
        "prairielearn": results.prairielearn_results,
        "coderunner": results.coderunner_result,
    }[form]
    return _dumped(make(marks))


def _dumped(document: Any) -> str:
    return json.dumps(document, indent=2) + "\n"
