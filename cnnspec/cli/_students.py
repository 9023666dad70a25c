"""The list of a class: which students there are, by the numbers from which their variants are drawn."""

from __future__ import annotations

import csv
import io
import re
import unicodedata

from cnnspec.cli._common import UsageError, nearest
from cnnspec.files import FileProblem, explain
from cnnspec.language import number, say

LARGEST = 4 * 2**20
MOST = 10_000
HEADERS = (
    "identifier",
    "identifiant",
    "id",
    "student number",
    "student id",
    "sid",
    "id number",
    "numéro d'identification",
    "numéro d'étudiant",
    "numéro étudiant",
    "number",
    "numéro",
    "username",
    "nom d'utilisateur",
)


def students_of(path: str, column: str | None = None) -> list[tuple[str, str]]:
    """For each student a name for a file and the number. Raises FileProblem and UsageError."""
    rows = _rows(path)
    if not rows:
        raise FileProblem(path, say("the list is empty"))
    head = [_folded(cell) for cell in rows[0]]
    at = _column(path, head, rows[0], column)
    numbers = [row[at].strip() for row in rows[1 if _has_header(head, column) else 0 :] if len(row) > at]
    found = [(_name(one), one) for one in numbers if one]
    names = [name for name, _ in found]
    twice = next((one for name, one in found if names.count(name) > 1), None) if len(set(names)) < len(names) else None
    if twice is not None:
        raise FileProblem(path, say("`{number}` stands there twice", number=twice[:40]))
    if not found or len(found) > MOST:
        raise FileProblem(path, say("a list has from 1 to {most} students", most=number(MOST)))
    return found


def _rows(path: str) -> list[list[str]]:
    try:
        with open(path, "rb") as file:
            data = file.read(LARGEST + 1)
    except OSError as error:
        raise FileProblem(path, explain(error)) from None
    if len(data) > LARGEST:
        raise FileProblem(path, say("the list is larger than {limit} MiB", limit=LARGEST // 2**20))
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = data.decode("cp1252", "replace")
    delimiter = max(",;\t", key=text.partition("\n")[0].count)
    try:
        return [row for row in csv.reader(io.StringIO(text, newline=""), delimiter=delimiter) if any(row)]
    except csv.Error as error:
        raise FileProblem(path, say("this is not CSV: {error}", error=error)) from None


def _has_header(head: list[str], column: str | None) -> bool:
    return column is not None or any(cell in HEADERS for cell in head)


def _column(path: str, head: list[str], written: list[str], column: str | None) -> int:
    if column is None:
        return next((head.index(name) for name in HEADERS if name in head), 0)
    if _folded(column) in head:
        return head.index(_folded(column))
    near = nearest(column, written)
    raise UsageError(
        say("`{path}` has no column `{column}`, did you mean `{near}`?", path=path, column=column[:60], near=near)
        if near
        else say("`{path}` has no column `{column}`", path=path, column=column[:60])
    )


def _folded(text: str) -> str:
    return unicodedata.normalize("NFC", " ".join(text.replace("\u2019", "'").split())).lower()


def _name(text: str) -> str:
    """The number as a part of a file's name, on every system."""
    return re.sub(r"[^A-Za-z0-9_-]+", "_", unicodedata.normalize("NFKD", text)).strip("_")[:60] or "student"
