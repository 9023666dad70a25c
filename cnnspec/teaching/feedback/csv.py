"""Marks for spreadsheets: a row for each answer. No cell that a student wrote can become a formula."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Sequence

from cnnspec.teaching.feedback.statistics import ClassMarks
from cnnspec.teaching.feedback.wording import one_line, shown_verdicts
from cnnspec.teaching.model import Marks, Verdict

HEAD = ("name", "identifier", "filename", "variant", "points", "out_of", "problem", "notices")
BLANKS = ("blank", "line", "label", "out_of", "answers", "right", "follow_through", "missed", "mean", "mistakes")
_DASH = "\\-\u2010-\u2015\u2212\ufe58\ufe63\uff0d"
_SIGN = f"=+@\uff1d\uff0b\uff20\ufe62\ufe66\ufe6b{_DASH}"
_UNSEEN = "(?:[^\\S\\t\\r\\n]|[\"'\u00ad\u200b-\u200f\u2060\ufeff\ufffd])*"
_NUMBER = re.compile(rf"[+{_DASH}]?\d+(?:[.,]\d+)?")
# Where a cell begins in one of the spreadsheets of this world, and a formula in it: a number with a sign is none.
_FORMULA = re.compile(
    rf"(?P<start>^|[;,\t\r\n])(?P<rest>{_UNSEEN}(?=[{_SIGN}])(?![+{_DASH}]\d+(?:[.,]\d+)?[\])}} ]*(?:[;,\t\r\n]|$)))"
)
_RISKY = re.compile(rf"[;,\t]{_UNSEEN}[{_SIGN}]+")


def harmless(words: str) -> str:
    """A text that no spreadsheet takes for a formula, whatever it takes for the end of a cell; numbers stay numbers.

    >>> harmless("=1+1"), harmless("1;=1+1"), harmless("-5"), harmless("[[0, -1], [2, 0]]"), harmless("62x62")
    ("'=1+1", "1;'=1+1", '-5', '[[0, -1], [2, 0]]', '62x62')
    """
    return one_line(words) if _NUMBER.fullmatch(words) else _FORMULA.sub(r"\g<start>'\g<rest>", one_line(words))


def harmless_html(words: str) -> str:
    """The same of HTML, which shows no difference: the signs are written as entities.

    >>> harmless_html("<p>1;=A1</p>")
    '<p>1;&#61;A1</p>'
    """
    return _RISKY.sub(_as_entities, words)


def _as_entities(found: re.Match[str]) -> str:
    return re.sub(rf"[{_SIGN}]", lambda sign: f"&#{ord(sign[0])};", found[0])


def class_page(document: ClassMarks) -> str:
    """A row for each answer: who, points, and for each blank points, verdict and what was written."""
    keys = [blank.blank for blank in document.statistics.blanks]
    head = [*HEAD, *(f"{key}.{what}" for key in keys for what in ("points", "verdict", "given"))]
    return _written([head, *(_row(one, keys) for one in document.marks)])


def _row(marks: Marks, keys: Sequence[str]) -> list[str]:
    verdicts = {one.blank: one for one in shown_verdicts(marks)}
    words = map(harmless, (marks.name, marks.identifier, marks.filename, marks.variant))
    ends = (harmless(marks.problem), harmless(" / ".join(marks.notices)))
    cells = [*words, plain(marks.points), plain(marks.out_of), *ends]
    return [*cells, *(cell for key in keys for cell in _blank(verdicts.get(key)))]


def _blank(verdict: Verdict | None) -> tuple[str, str, str]:
    if verdict is None:
        return "", "", ""
    return plain(verdict.points), verdict.mistake or verdict.status, harmless(verdict.given)


def statistics_page(document: ClassMarks) -> str:
    """A row for each blank."""
    rows: list[Sequence[str]] = [BLANKS]
    for one in document.statistics.blanks:
        counts = (one.out_of, one.answers, one.right, one.follow_through, one.missed, one.mean)
        mistakes = " ".join(f"{made.mistake}:{made.answers}" for made in one.mistakes)
        rows.append((one.blank, str(one.line), harmless(one.label), *map(plain, counts), mistakes))
    return _written(rows)


def plain(number: float) -> str:
    """A number for machines: at most four digits after the point, none where there need not be."""
    return f"{number:.4f}".rstrip("0").rstrip(".")


def _written(rows: Iterable[Sequence[str]]) -> str:
    stream = io.StringIO()
    csv.writer(stream, lineterminator="\n").writerows(rows)
    return stream.getvalue()
