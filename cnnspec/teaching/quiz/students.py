"""The list of a class: who gets a sheet, and the number that draws the variant."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence

from cnnspec.files import FileProblem, explain
from cnnspec.language import say
from cnnspec.record import Record
from cnnspec.teaching.quiz.results import one_line

MOST = 2_000
LARGEST = 2**20
NUMBERS = ("id", "identifier", "number", "student", "student id", "sid", "identifiant", "numéro", "numéro d'étudiant", "id number")
NAMES = ("name", "full name", "student name", "nom complet", "nom", "étudiant")
FIRST_NAMES = ("first name", "firstname", "prénom")
LAST_NAMES = ("last name", "surname", "lastname", "nom", "nom de famille")


class Student(Record):
    """`number` draws the variant: it is what the platform, or the answer sheet, knows the student by."""

    number: str
    name: str


def students(path: str) -> tuple[Student, ...]:
    """The students of a CSV file, by its header or, without one, number and name. Raises FileProblem."""
    rows = [[one_line(cell.strip(), 200) for cell in row] for row in _rows(path)]
    rows = [row for row in rows if any(row)]
    header = [cell.lower() for cell in rows[0]] if rows else []
    number = _column(header, NUMBERS)
    found = [_student(row, header, number) for row in rows[number is not None or _column(header, NAMES) is not None :]]
    if not found:
        raise FileProblem(path, say("there is no student in this list"), help=say("write a line each: number, name"))
    if len(found) > MOST:
        raise FileProblem(path, say("there are more than {limit} students in this list", limit=MOST))
    return tuple(found)
