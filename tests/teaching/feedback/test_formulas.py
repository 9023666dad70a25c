"""No cell of a student becomes a formula, whatever a spreadsheet takes for the end of a cell."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cnnspec.teaching.feedback import html
from cnnspec.teaching.feedback.csv import class_page, harmless, harmless_html
from cnnspec.teaching.feedback.nbgrader import nbgrader_page
from cnnspec.teaching.feedback.statistics import class_marks
from cnnspec.teaching.feedback.worksheet import Worksheet
from tests.teaching.feedback.samples import marks, verdict

SIGNS = "=+-@\uff1d\uff0b\uff0d\uff20\u2010\u2011\u2012\u2013\u2014\u2212\ufe63\ufe62\ufe66\ufe6b"
FORMULA = "HYPERLINK(0)"
WORDS = [
    *(f"{sign}{FORMULA}" for sign in SIGNS),
    *(f"1{end}{sign}{FORMULA};x" for end in (";", ",", "\t", "\n", "\r\n", '";', ";;", "; ") for sign in SIGNS),
    *(
        f'1;"={FORMULA}"',
        f"1;'={FORMULA}",
        f"1;\u200b={FORMULA}",
        f"1;\u00a0={FORMULA}",
        f"-1+{FORMULA}",
        f"1;-1+{FORMULA}",
    ),
]
SHEET = (
    "Identifier,Full name,Grade,Maximum Grade,Grade can be changed,Feedback comments\n"
    "Participant 123456,Marie Curie,,20.00,Yes,\n"
)


def cells(text: str) -> Iterator[str]:
    """All cells, as spreadsheets of several countries read them, and as a careless one does."""
    for sign in ",;\t":
        for quoting in (csv.QUOTE_MINIMAL, csv.QUOTE_NONE):
            for row in csv.reader(io.StringIO(text, newline=""), delimiter=sign, quoting=quoting):
                yield from row


def is_formula(cell: str) -> bool:
    bare = re.sub('^[\\s"\u00ad\u200b-\u200f\u2060\ufeff]+', "", cell)
    return bare[:1] in SIGNS and FORMULA in bare if bare else False


@pytest.mark.parametrize("words", WORDS)
def test_no_table_holds_a_formula(tmp_path: Path, words: str) -> None:
    shown = (verdict(1, "unreadable", words, message=f"`{words}` is no number", blank="conv1.height"),)
    foul = marks(f"Marie Curie {words}", filename=words, variant=words, notices=(words,), verdicts=shown)
    document = class_marks([foul], "exercise", "en")
    (tmp_path / "grades.csv").write_text(SHEET)
    sheet = Worksheet(tmp_path / "grades.csv").filled([foul], html.comment)
    assert sheet.rows == 1
    for text in (class_page(document), nbgrader_page(document), sheet.content.decode()):
        assert "HYPERLINK" in text
        assert [cell for cell in cells(text) if is_formula(cell)] == []


@pytest.mark.parametrize(
    "words", ["-5", "+3.5", "\u22125", "62x62x32", "2,416", "-1; -2", "[[0, -1], [2, -0.5]]", "conv 6, f=5, p=same"]
)
def test_what_is_no_formula_stays_as_it_is(words: str) -> None:
    assert harmless(words) == words


@given(st.text("1a;,\t\"'=+-@ \u2212\u200b", max_size=12))
def test_html_says_the_same(words: str) -> None:
    from html import escape, unescape

    assert unescape(harmless_html(escape(words))) == words


@given(st.text('1;,"=+-@ \u2212\u200b()', max_size=14))
def test_no_part_of_a_text_is_a_formula(words: str) -> None:
    for part in re.split("[;,]", harmless(words)):
        bare = re.sub('^[\\s"\u200b]+', "", part)
        assert bare[:1] not in SIGNS or not bare or re.fullmatch(r"[+\u2212-]\d+[\]) }]*", bare.strip()), words
