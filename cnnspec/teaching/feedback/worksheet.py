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
from cnnspec.teaching.feedback.csv import harmless_html
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
    "status": ("status", "statut"),
    "submitted": ("last modified (submission)", "derniere modification (travail remis)"),
    "feedback": ("feedback comments", "feedback par commentaires", "commentaires de feedback"),
}
FRENCH = {name for _, *french in COLUMNS.values() for name in french}
NO = ("no", "non")
NOTHING = re.compile(r"(not?|non|aucune?|pas de|rien)\b.*")
"""How Moodle begins a status that says that nothing came: `No submission`, `Aucun travail remis` …"""
NEVER = ("-", "–")  # in the place of a date


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
    graded: bool
    nothing: bool  # the sheet says that nothing was handed in

    @property
    def can_be_filled(self) -> bool:
        return self.changeable and self.maximum is not None

    @property
    def shown(self) -> str:
        """Who it is."""
        return f"{self.name} ({self.identifier})" if self.name and self.identifier else self.name or self.identifier


class Filled(Record):
    """A sheet with its grades: its bytes, how many rows were filled, and the marks that are not in it."""

    content: bytes
    rows: int
    lost: tuple[Marks, ...]  # no row is theirs
    locked: tuple[Marks, ...]  # their row says that the grade cannot be changed
    zeros: tuple[Row, ...] = ()  # got zero, for nothing was handed in
    doubtful: tuple[Row, ...] = ()  # got none: something may have been handed in
    twins: tuple[Marks, ...] = ()  # several answers claim their row: none fills it
    strangers: tuple[Marks, ...] = ()  # the row with their number has another name


class Matched(Record):
    """Which answer fills which row, and whose number fills none."""

    rows: dict[int, Marks]
    twins: tuple[Marks, ...]
    strangers: tuple[Marks, ...]


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
            bool(value("grade").strip()),
            _is_nothing(_folded(value("status")), value("submitted").strip()),
        )

    @property
    def tells(self) -> bool:
        """Whether there is a column for feedback."""
        return "feedback" in self.columns

    def _has_commas(self) -> bool:
        """Whether grades have a decimal comma: as the largest grades are written, else as the language has it."""
        written = "".join(row.cells[self.columns["maximum"]].value for row in self.rows)
        return self.french if ("," in written) == ("." in written) else "," in written

    def handed_in(self) -> dict[str, datetime]:
        """When each participant handed in, where the sheet says so in a form that is known."""
        return {row.identifier: row.submitted for row in self.rows if row.submitted and row.identifier}

    def filled(self, marks: Sequence[Marks], feedback: Callable[[Marks], str], missing: str | None = None) -> Filled:
        """The sheet with these marks; `missing` is the feedback of a zero for those who handed nothing in."""
        found, twins, strangers = self._matched(marks)
        placed = {id(one) for one in (*found.values(), *twins, *strangers)}
        lost = tuple(one for one in marks if id(one) not in placed)
        open_rows = [row for i, row in enumerate(self.rows) if i not in found and row.can_be_filled and not row.graded]
        without = open_rows if missing is not None else []
        zeros = tuple(
            row
            for row in without
            if row.nothing and not any(_may_be_of(row, one) for one in (*lost, *twins, *strangers))
        )
        edits = [
            *(edit for i, one in found.items() for edit in self._edits(self.rows[i], one.fraction, feedback(one))),
            *(edit for row in zeros for edit in self._edits(row, 0, missing or "")),
        ]
        locked = tuple(one for i, one in found.items() if not self.rows[i].can_be_filled)
        doubtful = tuple(row for row in without if row not in zeros)
        rows = len(found) - len(locked) + len(zeros)
        return Filled(self._written(edits), rows, lost, locked, zeros, doubtful, twins, strangers)

    def _edits(self, row: Row, part: float, words: str) -> Iterator[tuple[Cell, str]]:
        """What changes in a row: the grade, and the feedback where there is a column for it."""
        if row.maximum is not None and row.changeable:
            yield row.cells[self.columns["grade"]], self._grade(part, row.maximum)
            if self.tells:
                yield row.cells[self.columns["feedback"]], harmless_html(words)

    def _matched(self, marks: Sequence[Marks]) -> Matched:
        """The row of each answer: that of the number, else that of the name where only one has it.

        A row that several claim is nobody's, and so is one whose name is not that of the answer with its number.
        """
        numbers = _unique((row.identifier, i) for i, row in enumerate(self.rows))
        names = _unique((_folded_name(row.name), i) for i, row in enumerate(self.rows))
        senders = Counter(_folded_name(one.name) for one in marks)
        claims: dict[int, list[Marks]] = {}
        strangers, others = [], []
        for one in marks:
            i = numbers.get(identifier_of(one.identifier))
            if i is None:
                others.append(one)
            elif _same_name(self.rows[i].name, one.name):
                claims.setdefault(i, []).append(one)
            else:
                strangers.append(one)
        for one in others:
            name = _folded_name(one.name)
            i = names.get(name) if senders[name] == 1 else None
            if i is not None and i not in claims:
                claims[i] = [one]
        twins = [one for several in claims.values() if len(several) > 1 for one in several]
        return Matched({i: one for i, (one, *more) in claims.items() if not more}, tuple(twins), tuple(strangers))

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
    found = re.search(r"\d{1,18}$", words.strip())
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


def _is_nothing(status: str, submitted: str) -> bool:
    """What the sheet says of a submission: its status, else its date, a dash where there is none."""
    return submitted in ("", *NEVER) and bool(NOTHING.fullmatch(status)) if status else submitted in NEVER


def _may_be_of(row: Row, one: Marks) -> bool:
    """Whether an answer that found no row may be this one's: they share the number, or a part of the name."""
    same = identifier_of(one.identifier) == row.identifier != ""
    words = (set(re.findall(r"\w{2,}", _folded(text))) for text in (one.name, row.name))
    return same or bool(set.intersection(*words))


def _same_name(row: str, answer: str) -> bool:
    """Whether a row may be that of an answer: Moodle leaves signs out of names of folders, and puts a group before."""
    wanted, given = (Counter(_bare(name).split()) for name in (row, answer))
    blind = any(re.fullmatch(r"participant \d*", _bare(name)) or not _bare(name) for name in (row, answer))
    return blind or wanted <= given


def _bare(name: str) -> str:
    """A name in letters and digits, its parts by spaces; a number at the end of a part is no part of its own."""
    return " ".join(re.sub(r"[^\w\s]|_", "", _folded(name.replace("-", " "))).split())


def _folded_name(words: str) -> str:
    """A name whose parts may stand in any order."""
    return " ".join(sorted(_folded(words).replace("-", " ").split()))
