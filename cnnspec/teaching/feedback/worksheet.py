"""Moodle's offline grading worksheet, filled: grades and feedback change, every other byte stays.

Moodle finds the columns by their names in the language of whoever imports the sheet, reads grades with the decimal sign
of that language, skips grades above the largest, and takes feedback for HTML. Source: its plugins
`mod/assign/feedback/offline` and `mod/assign/feedback/comments`, and `mod/assign/gradingtable.php`.
"""

from __future__ import annotations

import os
import re
import unicodedata
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from datetime import datetime
from decimal import ROUND_HALF_UP, Decimal, InvalidOperation

from cnnspec.files import FileProblem, explain
from cnnspec.language import say
from cnnspec.record import Record
from cnnspec.teaching.feedback.dates import read_date
from cnnspec.teaching.model import Marks

LARGEST = 32 * 2**20
MARK = b"\xef\xbb\xbf"
SEPARATORS = (",", ";", "\t")
# The names of the columns, in English and in French, folded as `_folded` does.
COLUMNS = {
    "identifier": ("identifier", "identifiant"),
    "name": ("full name", "nom complet"),
    "grade": ("grade", "note"),
    "maximum": ("maximum grade", "note maximale"),
    "scale": ("scale", "bareme"),
    "changeable": ("grade can be changed", "la note peut etre modifiee"),
    "submitted": ("last modified (submission)", "derniere modification (travail remis)"),
    "feedback": ("feedback comments", "feedback par commentaires", "commentaires de feedback"),
}
FRENCH = {name for _, *french in COLUMNS.values() for name in french}
NO = ("no", "non")


class Cell(Record):
    """A cell: its value, and where it stands in the text, quotes included."""

    value: str
    start: int
    end: int


class Row(Record):
    """A participant of a sheet."""

    cells: tuple[Cell, ...]
    identifier: str  # the digits at the end: of `Participant 123456`
    name: str
    changeable: bool
    maximum: Decimal | None
    submitted: datetime | None


class Filled(Record):
    """A sheet with its grades: its bytes, how many rows were filled, and the marks that are not in it."""

    content: bytes
    rows: int
    lost: tuple[Marks, ...]  # no row is theirs
    locked: tuple[Marks, ...]  # their row says that the grade cannot be changed


class Worksheet:
    """A sheet as it was exported."""

    def __init__(self, path: str | os.PathLike[str]) -> None:
        self.path = os.fspath(path)
        data = _content(self.path)
        self.marked = data.startswith(MARK)
        self.encoding, self.text = _decoded(data.removeprefix(MARK))
        self.separator = _separator(self.text)
        table = list(_rows(self.text, self.separator))
        self.columns = self._columns(table[0] if table else ())
        self.rows = [self._row(cells) for cells in table[1:] if self._is_row(cells)]
        self.comma = self._has_commas()

    def _columns(self, head: Sequence[Cell]) -> dict[str, int]:
        names = [_folded(cell.value) for cell in head]
        found = {what: names.index(name) for what, known in COLUMNS.items() for name in known if name in names}
        self.french = any(name in FRENCH for name in names)
        if "scale" in found and "maximum" not in found:
            raise FileProblem(self.path, say("this assignment is graded on a scale of words, not with points"))
        missing = [what for what in ("identifier", "grade", "maximum") if what not in found]
        if missing:
            raise FileProblem(
                self.path,
                say("this is no grading worksheet of Moodle: columns are missing"),
                help=say("export it from the assignment: Download grading worksheet"),
            )
        return found

    def _is_row(self, cells: Sequence[Cell]) -> bool:
        return len(cells) > max(self.columns.values())

    def _row(self, cells: tuple[Cell, ...]) -> Row:
        def value(what: str) -> str:
            return cells[self.columns[what]].value if what in self.columns else ""

        return Row(
            cells,
            identifier_of(value("identifier")),
            value("name"),
            _folded(value("changeable")) not in NO,
            _number(value("maximum")),
            read_date(value("submitted")),
        )

    def _has_commas(self) -> bool:
        """Whether grades have a decimal comma: as the largest grades are written, else as the language has it."""
        written = "".join(row.cells[self.columns["maximum"]].value for row in self.rows)
        return self.french if ("," in written) == ("." in written) else "," in written

    def handed_in(self) -> dict[str, datetime]:
        """When each participant handed in, where the sheet says so in a form that is known."""
        return {row.identifier: row.submitted for row in self.rows if row.submitted and row.identifier}

    def filled(self, marks: Sequence[Marks], feedback: Callable[[Marks], str], missing: str | None = None) -> Filled:
        """The sheet with these marks; `missing` is the feedback of a zero for those who handed nothing in."""
        found = self._matched(marks)
        edits: list[tuple[Cell, str]] = []
        rows = 0
        for i, row in enumerate(self.rows):
            one = found.get(i)
            if row.maximum is not None and row.changeable and (one is not None or missing is not None):
                rows += 1
                edits.append((row.cells[self.columns["grade"]], self._grade(one.fraction if one else 0, row.maximum)))
                if "feedback" in self.columns:
                    edits.append((row.cells[self.columns["feedback"]], feedback(one) if one else missing or ""))
        placed = {id(one) for one in found.values()}
        lost = tuple(one for one in marks if id(one) not in placed)
        locked = tuple(one for i, one in found.items() if self.rows[i].maximum is None or not self.rows[i].changeable)
        return Filled(self._written(edits), rows, lost, locked)

    def _matched(self, marks: Sequence[Marks]) -> dict[int, Marks]:
        """The row of each answer: that of the number, else that of the name where only one has it."""
        numbers = _unique((row.identifier, i) for i, row in enumerate(self.rows))
        names = _unique((_folded_name(row.name), i) for i, row in enumerate(self.rows))
        senders = Counter(_folded_name(one.name) for one in marks)
        found: dict[int, Marks] = {}
        for one in marks:
            i = numbers.get(identifier_of(one.identifier))
            name = _folded_name(one.name)
            if i is None and senders[name] == 1:
                i = names.get(name)
            if i is not None:
                found.setdefault(i, one)
        return found

    def _grade(self, part: float, maximum: Decimal) -> str:
        """A part of the largest grade with two digits, as Moodle writes grades itself."""
        grade = (Decimal(str(part)) * maximum).quantize(Decimal("0.01"), ROUND_HALF_UP)
        return str(min(grade, maximum)).replace(".", "," if self.comma else ".")

    def _written(self, edits: Sequence[tuple[Cell, str]]) -> bytes:
        parts, last = [], 0
        for cell, words in sorted(edits, key=lambda edit: edit[0].start):
            parts += [self.text[last : cell.start], self._quoted(words)]
            last = cell.end
        text = "".join([*parts, self.text[last:]])
        return (MARK if self.marked else b"") + text.encode(self.encoding, "xmlcharrefreplace")

    def _quoted(self, words: str) -> str:
        flat = words.replace("\r", " ").replace("\n", " ")
        return f'"{flat.replace(chr(34), chr(34) * 2)}"' if re.search(rf'["\s{self.separator}]', flat) else flat


def identifier_of(words: str) -> str:
    """The number at the end: `Participant 123456`, or `Participant123456` in French, is 123456."""
    found = re.search(r"\d+$", words.strip())
    return found[0].lstrip("0") or "0" if found else ""


def _content(path: str) -> bytes:
    try:
        with open(path, "rb") as file:
            data = file.read(LARGEST + 1)
    except OSError as error:
        raise FileProblem(path, explain(error)) from None
    if len(data) > LARGEST:
        raise FileProblem(path, say("the sheet is larger than {limit} MiB", limit=LARGEST // 2**20))
    return data


def _decoded(data: bytes) -> tuple[str, str]:
    """Moodle writes UTF-8; a spreadsheet may have saved it otherwise."""
    try:
        return "utf-8", data.decode("utf-8")
    except UnicodeDecodeError:
        return "latin-1", data.decode("latin-1")


def _separator(text: str) -> str:
    first = text.partition("\n")[0]
    return max(SEPARATORS, key=first.count)


def _rows(text: str, separator: str) -> Iterator[tuple[Cell, ...]]:
    """The rows of a CSV text with the place of each cell; line ends as they come, within quotes too."""
    ends = rf"({re.escape(separator)}|\r\n|\n|\r|\Z)"
    pattern = re.compile(rf'(?:"((?:[^"]++|"")*+)"|([^{re.escape(separator)}\r\n]*)){ends}')
    at = 0
    cells: list[Cell] = []
    while at < len(text) or cells:
        found = pattern.match(text, at)
        assert found is not None  # any text up to an end is a cell
        quoted = found[1]
        cells.append(Cell(found[2] if quoted is None else quoted.replace('""', '"'), at, found.start(3)))
        at = found.end()
        if found[3] != separator:
            yield tuple(cells)
            cells = []


def _unique(pairs: Iterator[tuple[str, int]]) -> dict[str, int]:
    """The number that belongs to each name, without the names that several have."""
    found = list(pairs)
    counts = Counter(name for name, _ in found)
    return {name: i for name, i in found if name and counts[name] == 1}


def _number(words: str) -> Decimal | None:
    try:
        number = Decimal("".join(words.split()).replace(",", "."))
    except InvalidOperation:
        return None
    return number if number.is_finite() and number >= 0 else None


def _folded(words: str) -> str:
    """A text without accents, case and surplus space."""
    bare = unicodedata.normalize("NFKD", words)
    return " ".join("".join(sign for sign in bare if not unicodedata.combining(sign)).casefold().split())


def _folded_name(words: str) -> str:
    """A name whose parts may stand in any order."""
    return " ".join(sorted(_folded(words).replace("-", " ").split()))
