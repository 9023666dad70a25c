"""The list of a class: who gets a sheet, and the number that draws the variant."""

from __future__ import annotations

import csv
import io
import re
import unicodedata
from collections.abc import Sequence

from cnnspec.files import FileProblem, explain
from cnnspec.language import number, say
from cnnspec.record import Record
from cnnspec.suggest import closest
from cnnspec.teaching.answers.decoding import decode

MOST = 2_000
LARGEST = 2**20
LONGEST = 200
NUMBERS = (
    *("identifier", "identifiant", "id", "student number", "student id", "sid", "id number", "number", "student"),
    *("numéro d'identification", "numéro d'étudiant", "numéro étudiant", "numéro", "username", "nom d'utilisateur"),
    *("email", "email address", "e-mail", "adresse de courriel"),  # what every roster has, where it has no number
)
NAMES = ("name", "full name", "student name", "nom complet", "nom", "étudiant")
FIRST_NAMES = ("first name", "firstname", "prénom")
LAST_NAMES = ("last name", "surname", "lastname", "nom", "nom de famille")


class Student(Record):
    """`number` draws the variant: it is what the platform, or the answer sheet, knows the student by."""

    number: str
    name: str
    cells: tuple[str, ...] = ()  # all that the row says: an address, the platform's number

    @property
    def known_name(self) -> str:
        """The name, "" where the list has none."""
        return "" if self.name == self.number else self.name

    @property
    def filename(self) -> str:
        """The number as a part of a file's name, on every system."""
        return as_filename(self.number)


class ClassList(Record):
    """`unnumbered` are the rows without a number, with what else they say."""

    students: tuple[Student, ...]
    unnumbered: tuple[tuple[int, str], ...]


def as_filename(text: str) -> str:
    """A student's number as a part of the name of the sheet.

    >>> as_filename("e.noether@uni.fr")
    'e_noether_uni_fr'
    """
    plain = unicodedata.normalize("NFKD", text)
    return re.sub(r"[^A-Za-z0-9_-]+", "_", plain).strip("_")[:60] or "student"


def students(path: str, column: str | None = None) -> tuple[Student, ...]:
    """The students of a CSV file, by its header or, without one, number and name; `column` is that of the numbers.

    Raises FileProblem.
    """
    return class_list(path, column).students


def class_list(path: str, column: str | None = None) -> ClassList:
    """The same, with the rows that have no number. Raises FileProblem."""
    rows = [[" ".join(cell.split())[:LONGEST] for cell in row] for row in _rows(path)]
    places = [i for i, row in enumerate(rows, 1) if any(row)]
    rows = [row for row in rows if any(row)]
    header = [_folded(cell) for cell in rows[0]] if rows else []
    at = _first(header, NUMBERS) if column is None else _named(path, header, rows[:1], column)
    first = int(at is not None or _first(header, NAMES) is not None)
    every = [_student(row, header, at)._replace(cells=tuple(row)) for row in rows[first:]]
    unnumbered = [
        (place, one.name or " ".join(one.cells).strip())
        for place, one in zip(places[first:], every, strict=True)
        if not one.number
    ]
    found = [student for student in every if student.number]
    if not found:
        raise FileProblem(path, say("there is no student in this list"), help=say("write a line each: number, name"))
    if len(found) > MOST:
        raise FileProblem(path, say("there are more than {limit} students in this list", limit=number(MOST)))
    _refuse_twins(path, found)
    return ClassList(tuple(found), tuple(unnumbered))


def _rows(path: str) -> list[list[str]]:
    try:
        with open(path, "rb") as file:
            data = file.read(LARGEST + 1)
    except OSError as error:
        raise FileProblem(path, explain(error)) from None
    if len(data) > LARGEST:
        raise FileProblem(path, say("the list is larger than {limit} MiB", limit=LARGEST // 2**20))
    text = decode(data).replace("\0", "")
    delimiter = max(",;\t", key=text.partition("\n")[0].count)
    try:
        return list(csv.reader(io.StringIO(text, newline=""), delimiter=delimiter))
    except csv.Error as error:
        raise FileProblem(path, say("this is not a CSV file: {why}", why=error)) from None


def _folded(text: str) -> str:
    return unicodedata.normalize("NFC", text.replace("\u2019", "'")).lower()


def _first(header: Sequence[str], names: Sequence[str]) -> int | None:
    return next((header.index(name) for name in names if name in header), None)


def _named(path: str, header: Sequence[str], written: Sequence[Sequence[str]], column: str) -> int:
    wanted = _folded(" ".join(column.split()))
    if wanted in header:
        return header.index(wanted)
    near = closest(column, written[0] if written else ())
    raise FileProblem(
        path,
        say("there is no column `{column}`", column=column[:60]),
        help=say("did you mean `{word}`?", word=near) if near else "",
    )


def _student(row: Sequence[str], header: Sequence[str], at: int | None) -> Student:
    names = [_first(header, FIRST_NAMES), _first(header, LAST_NAMES)]
    if None in names:
        names = [_first(header, NAMES)]
    columns = [i for i in names if i is not None]
    if at is None and not columns:
        return Student(row[0], " ".join(row[1:]).strip() or row[0])
    name = " ".join(row[i] for i in columns if i < len(row)).strip()
    if at is None:
        return Student(name, name)
    who = row[at] if at < len(row) else ""
    return Student(folded(who), name or who)


def folded(who: str) -> str:
    """What a student is known by; an address is the same in capital letters."""
    return who.lower() if "@" in who else who


def _refuse_twins(path: str, found: Sequence[Student]) -> None:
    seen = set()
    for student in found:
        if student.filename in seen:
            raise FileProblem(path, say("`{number}` stands there twice", number=student.number[:40]))
        seen.add(student.filename)
