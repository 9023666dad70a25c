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
NUMBERS = (
    "id",
    "identifier",
    "number",
    "student",
    "student id",
    "sid",
    "identifiant",
    "numéro",
    "numéro d'étudiant",
    "id number",
)
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


def _rows(path: str) -> list[list[str]]:
    try:
        with open(path, "rb") as file:
            data = file.read(LARGEST + 1)
        text = data.decode("utf-8-sig")
    except OSError as error:
        raise FileProblem(path, explain(error)) from None
    except UnicodeDecodeError:
        raise FileProblem(path, say("this is not UTF-8 text"), help=say("save it as UTF-8")) from None
    if len(data) > LARGEST:
        raise FileProblem(path, say("the list is larger than {limit} MiB", limit=LARGEST // 2**20))
    first = text.partition("\n")[0]
    mark = max(",;\t", key=first.count)
    try:
        return list(csv.reader(io.StringIO(text.replace("\0", "")), delimiter=mark))
    except csv.Error as error:
        raise FileProblem(path, say("this is not a CSV file: {why}", why=error)) from None


def _column(header: Sequence[str], names: Sequence[str]) -> int | None:
    return next((header.index(name) for name in names if name in header), None)


def _student(row: Sequence[str], header: Sequence[str], number: int | None) -> Student:
    names = [_column(header, FIRST_NAMES), _column(header, LAST_NAMES)]
    if None in names:
        names = [_column(header, NAMES)]
    known = [i for i in names if i is not None]
    if number is None and not known:
        return Student(row[0], " ".join(row[1:]).strip() or row[0])
    name = " ".join(row[i] for i in known if i < len(row)).strip()
    who = row[number] if number is not None and number < len(row) else name
    return Student(who, name or who)
