"""A table for anything else: a row a field with its points; of a key, right answers and known wrong ones besides."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Sequence

from cnnspec.teaching.quiz.fields import Question, Trap, show_number
from cnnspec.teaching.quiz.results import one_line
from cnnspec.teaching.quiz.sheet import Options, Output, Sheet

HEADER = ("variant", "number", "blank", "label", "family", "kind", "right", "points", "choices", "wrong", "mistakes")
BETWEEN = " | "
FORMULAS = "=+-@\t\r"


def export(made: Sequence[Sheet], options: Options) -> list[Output]:
    """One CSV file, UTF-8, commas; no cell is a formula."""
    buffer = io.StringIO()
    writer = csv.writer(buffer, lineterminator="\n")
    writer.writerow(HEADER)
    for sheet in made:
        for question in sheet.questions:
            for row in _rows(question if options.key else _asked(question)):
                writer.writerow([cell(sheet.name), *map(cell, row)])
    return [Output("", buffer.getvalue())]


def cell(text: str) -> str:
    """A text in one line that no spreadsheet takes for a formula; numbers stay as they are.

    >>> cell("=1+2"), cell("-451")
    ("'=1+2", '-451')
    """
    line = one_line(text)
    return f"'{line}" if line[:1] in FORMULAS and line and not _is_number(line) else line


def _rows(question: Question) -> Iterator[tuple[str, ...]]:
    blank = question.blank
    head = str(blank.number), question.label, question.right, question.traps
    fields = [(f.key, f.label, f.right, f.points, f.traps) for f in question.fields]
    for key, label, right, points, traps in fields or [(blank.key, *head[1:3], question.points, head[3])]:
        yield (
            head[0], key, label, blank.family, question.kind, right, show_number(round(float(points), 6)),
            BETWEEN.join(question.choices), BETWEEN.join(t.text for t in traps), BETWEEN.join(map(_message, traps)),
        )  # fmt: skip


def _asked(question: Question) -> Question:
    """The question without what would give its answer away."""
    fields = tuple(field._replace(right="", traps=()) for field in question.fields)
    return question._replace(right="", traps=(), fields=fields)


def _message(trap: Trap) -> str:
    return trap.message.replace("|", "/")


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True
