"""Marks as the table that nbgrader exports, for gradebooks that read it."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping
from datetime import datetime

from cnnspec.teaching.feedback.csv import harmless, plain
from cnnspec.teaching.feedback.statistics import ClassMarks
from cnnspec.teaching.model import Marks
from cnnspec.teaching.shares import DIGITS

HEAD = (
    "assignment",
    "duedate",
    "timestamp",
    "student_id",
    "last_name",
    "first_name",
    "email",
    "raw_score",
    "late_submission_penalty",
    "score",
    "max_score",
)


def nbgrader_page(
    document: ClassMarks, due: datetime | None = None, handed_in: Mapping[str, datetime] | None = None
) -> str:
    """A row for each answer. Nobody can tell the parts of a name apart: the whole of it is the last name."""
    stream = io.StringIO()
    writer = csv.writer(stream, lineterminator="\n")
    writer.writerow(HEAD)
    times = handed_in or {}
    writer.writerows(_row(one, due, times.get(one.identifier)) for one in document.marks)
    return stream.getvalue()


def _row(marks: Marks, due: datetime | None, handed_in: datetime | None) -> tuple[str, ...]:
    raw = min(round(sum(one.points for one in marks.verdicts), DIGITS), marks.out_of)
    words = map(harmless, (marks.identifier or marks.name, marks.name))
    scores = map(plain, (raw, max(0.0, raw - marks.points), marks.points, marks.out_of))
    return (harmless(marks.exercise), _time(due), _time(handed_in), *words, "", "", *scores)


def _time(time: datetime | None) -> str:
    return time.isoformat(sep=" ", timespec="seconds") if time else ""
