"""The marks of a class, or of one student, in the form that is wanted."""

from __future__ import annotations

import json
import os
from typing import Any

from pydantic import BaseModel

from cnnspec.teaching.feedback import csv, html, markdown, text
from cnnspec.teaching.feedback.statistics import ClassMarks
from cnnspec.teaching.model import Marks

FORMS = ("text", "markdown", "html", "csv", "json")
PLATFORMS = ("gradescope", "prairielearn", "coderunner", "vpl")


def class_text(document: ClassMarks, form: str, *, statistics: bool = False, color: bool = False) -> str:
    """A class in one of FORMS: its table and its statistics, or these alone."""
    if form == "json":
        return json_text(document.statistics if statistics else document)
    if form == "text":
        return (text.statistics_page if statistics else text.class_page)(document, color=color)
    page = {"markdown": markdown, "html": html, "csv": csv}[form]
    return page.statistics_page(document) if statistics else page.class_page(document)


def student_text(marks: Marks, form: str, *, color: bool = False, width: int = text.WIDTH) -> str:
    """One student's page in one of FORMS but CSV, or the marks as one of PLATFORMS reads them."""
    if form == "text":
        return text.page(marks, color=color, width=width)
    if form == "json":
        return json_text(marks)
    if form in PLATFORMS:
        return _for_platform(marks, form)
    return (markdown if form == "markdown" else html).page(marks)


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
