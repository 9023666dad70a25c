"""Moodle's grading worksheet: filled so that Moodle takes it, and otherwise as it was, byte for byte."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Callable
from datetime import datetime
from decimal import Decimal
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cnnspec.files import FileProblem
from cnnspec.language import speaking
from cnnspec.teaching.feedback import html
from cnnspec.teaching.feedback.dates import read_date
from cnnspec.teaching.feedback.nbgrader import nbgrader_page
from cnnspec.teaching.feedback.statistics import class_marks
from cnnspec.teaching.feedback.worksheet import Worksheet
from cnnspec.teaching.judging import judge
from cnnspec.teaching.model import Answer, Marks, Submission
from tests.teaching.feedback.samples import hostile, marks
from tests.teaching.tables import HAND_SIGNS, exercise_of, key_of

ENGLISH = (
    'Identifier,"Full name","Email address",Status,Grade,"Maximum Grade","Grade can be changed",'
    '"Last modified (submission)","Last modified (grade)","Feedback comments"\n'
    'Participant 123456,"Marie Curie",marie@x.fr,"Submitted for grading - ",,20.00,Yes,'
    '"Monday, 16 November 2026, 2:13 PM",-,\n'
    'Participant 77,"O\'Neil, ""Zoé""",zoe@x.fr,"No submission",,20.00,Yes,-,-,"an old\nremark"\n'
    'Participant 78,"Jean Dupont",jean@x.fr,"Submitted for grading",12.00,20.00,No,-,-,\n'
)
FRENCH = (
    "Identifiant,Nom complet,Adresse de courriel,Statut,Note,Note maximale,La note peut être modifiée,"
    "Dernière modification (travail remis),Dernière modification (note),Feedback par commentaires\r\n"
    'Participant123456,Marie Curie,marie@x.fr,Remis pour évaluation,,"20,00",Oui,'
    '"lundi 16 novembre 2026, 14:13",-,\r\n'
    'Participant77,Zoé O\'Neil,zoe@x.fr,Aucun travail remis,"3,00","20,00",Oui,-,-,\r\n'
)
OTHER_ORDER = (
    "Dernière modification (note),Note maximale,Feedback par commentaires,Note,Identifiant,Nom complet\n"
    "-,100,,,Participant123456,Marie Curie\n"
)


def sheet(folder: Path, text: str, encoding: str = "utf-8") -> Worksheet:
    path = folder / "grades.csv"
    path.write_bytes(text.encode(encoding))
    return Worksheet(path)


def table(content: bytes, separator: str = ",") -> list[list[str]]:
    return list(csv.reader(io.StringIO(content.decode("utf-8-sig"), newline=""), delimiter=separator))


def fgetcsv(content: str) -> list[list[str]]:
    """The rows as PHP reads them, whose backslash keeps the quote after it from ending a cell."""
    rows: list[list[str]] = []
    row: list[str] = []
    cell, i, inside = "", 0, False
    content = content.replace("\r\n", "\n")
    while i < len(content):
        sign = content[i]
        if inside and sign == "\\" and content[i + 1 : i + 2] == '"':
            cell, i = cell + '\\"', i + 1
        elif inside and sign == '"' and content[i + 1 : i + 2] == '"':
            cell, i = cell + '"', i + 1
        elif sign == '"':
            inside = not inside
        elif not inside and sign == ",":
            row, cell = [*row, cell], ""
        elif not inside and sign == "\n":
            rows, row, cell = [*rows, [*row, cell]], [], ""
        else:
            cell += sign
        i += 1
    return rows


def unformat_float(text: str, decsep: str) -> float | None:
    """Moodle's reading of a number in the language of whoever imports: what follows a number is dropped."""
    bare = text.replace(" ", "").replace(decsep, ".")
    found = re.match(r"[+-]?\d*\.?\d*", bare)
    assert found
    return float(found[0] or 0) if bare else None


def moodle_import(content: bytes, language: str) -> dict[int, tuple[float, str]]:
    """What Moodle would change: for each participant the grade and the feedback; out-of-range grades are skipped."""
    names = {
        "en": ("Identifier", "Grade", "Last modified (grade)", "Feedback comments", "Participant ", "."),
        "fr": ("Identifiant", "Note", "Dernière modification (note)", "Feedback par commentaires", "Participant", ","),
    }[language]
    head, *rows = fgetcsv(content.decode("utf-8").removeprefix("\ufeff"))
    identifier, grade, _, feedback = (head.index(name) for name in names[:4])
    found = {}
    for row in rows:
        assert len(row) == len(head)
        points = unformat_float(row[grade], names[5])
        if points is not None and 0 <= points <= 100:
            found[int(row[identifier][len(names[4]) :])] = (points, row[feedback])
    return found


def test_an_english_sheet(tmp_path: Path) -> None:
    filled = sheet(tmp_path, ENGLISH).filled([marks(points=3.75)], html.comment)
    assert (filled.rows, filled.lost, filled.locked) == (1, (), ())
    found = moodle_import(filled.content, "en")
    assert found[123456] == (15.0, html.comment(marks(points=3.75)))
    assert b",15.00,20.00," in filled.content


@pytest.mark.parametrize("mark", [b"", b"\xef\xbb\xbf"])
def test_a_french_sheet(tmp_path: Path, mark: bytes) -> None:
    (tmp_path / "grades.csv").write_bytes(mark + FRENCH.encode())
    filled = Worksheet(tmp_path / "grades.csv").filled([marks(points=2.125)], html.comment)
    assert filled.content.startswith(mark)
    assert b'"8,50","20,00"' in filled.content
    assert moodle_import(filled.content, "fr")[123456][0] == 8.5


def test_the_order_of_the_columns_does_not_matter(tmp_path: Path) -> None:
    filled = sheet(tmp_path, OTHER_ORDER).filled([marks(points=1)], lambda one: "good")
    assert table(filled.content)[1] == ["-", "100", "good", "20,00", "Participant123456", "Marie Curie"]


def test_every_other_byte_stays(tmp_path: Path) -> None:
    for text in (ENGLISH, FRENCH, FRENCH.replace("\r\n", "\n"), ENGLISH.rstrip("\n"), OTHER_ORDER):
        filled = sheet(tmp_path, text).filled([marks(points=5)], lambda one: "F E E D")
        maximum = "20,00" if text.startswith("Ident") and "Oui" in text else "100,00" if "100" in text else "20.00"
        grade = f'"{maximum}"' if "," in maximum else maximum
        kept = filled.content.decode().replace('"F E E D"', "", 1).replace(grade, "", 1)
        assert kept == text


def test_sheets_that_change_nothing_are_the_same(tmp_path: Path) -> None:
    for text in (ENGLISH, FRENCH, OTHER_ORDER):
        assert sheet(tmp_path, text).filled([], html.comment).content == text.encode()


def test_filling_again_gives_the_same_bytes(tmp_path: Path) -> None:
    once = sheet(tmp_path, FRENCH).filled([marks()], html.comment, "nothing was handed in").content
    again = sheet(tmp_path, once.decode()).filled([marks()], html.comment, "nothing was handed in").content
    assert once == again


def test_a_row_that_cannot_be_changed_stays(tmp_path: Path) -> None:
    jean = marks("Jean Dupont", "78")
    filled = sheet(tmp_path, ENGLISH).filled([jean], html.comment, "nothing")
    assert filled.locked == (jean,)
    assert table(filled.content)[3] == table(ENGLISH.encode())[3]


def test_those_who_handed_nothing_in(tmp_path: Path) -> None:
    kept = sheet(tmp_path, ENGLISH).filled([marks()], html.comment)
    zero = sheet(tmp_path, ENGLISH).filled([marks()], html.comment, "nothing was handed in")
    assert table(kept.content)[2] == table(ENGLISH.encode())[2]
    assert (table(zero.content)[2][4], table(zero.content)[2][9]) == ("0.00", "nothing was handed in")


def test_zero_is_for_those_of_whom_the_sheet_says_that_nothing_came(tmp_path: Path) -> None:
    """Neither for a draft, nor over a grade that is there."""
    row = 'Participant {n},"{name}",a@x.fr,"{status}",{grade},20.00,Yes,"{date}",-,\n'
    rows = (
        (1, "Anna A", "No submission", "", "-", True),
        (2, "Ben B", "No attempt", "", "-", True),
        (3, "Carl C", "Submitted for grading - ", "", "Monday, 16 November 2026, 2:13 PM", False),
        (4, "Dora D", "Draft (not submitted)", "", "Monday, 16 November 2026, 2:13 PM", False),
        (5, "Emil E", "No submission", "14.00", "-", False),
        (6, "Fay F", "", "", "-", True),
        (7, "Gus G", "", "", "", False),
        (8, "Hal H", "No submission", "", "Monday, 16 November 2026, 2:13 PM", False),
    )
    text = ENGLISH.splitlines(keepends=True)[0]
    text += "".join(row.format(n=n, name=name, status=s, grade=g, date=d) for n, name, s, g, d, _ in rows)
    filled = sheet(tmp_path, text).filled([marks(identifier="0", name="Zoé")], html.comment, "nothing")
    grades = [one[4] for one in table(filled.content)[1:]]
    assert grades == ["0.00" if zero else grade for _, _, _, grade, _, zero in rows]
    assert [one.identifier for one in filled.zeros] == ["1", "2", "6"]
    assert [one.shown for one in filled.doubtful] == ["Carl C (3)", "Dora D (4)", "Gus G (7)", "Hal H (8)"]
    assert filled.rows == 3


@pytest.mark.parametrize(("name", "identifier"), [("zoe dupond", "5"), ("Oneil Zoé", ""), ("x", "77")])
def test_a_row_to_which_a_lost_answer_may_belong_gets_no_zero(tmp_path: Path, name: str, identifier: str) -> None:
    twice = ENGLISH + 'Participant 77,"Someone Else",,"No submission",,20.00,Yes,-,-,\n'  # two rows of one number
    filled = sheet(tmp_path, twice).filled([marks(name, identifier)], html.comment, "nothing")
    assert [one.name for one in filled.lost] == [name]
    assert 'O\'Neil, "Zoé"' not in {row.name for row in filled.zeros}
    assert table(filled.content)[2] == table(ENGLISH.encode())[2]
    assert len(sheet(tmp_path, twice).filled([marks("x", "9")], html.comment, "nothing").zeros) == 2


def test_french_sheets_say_that_nothing_came_too(tmp_path: Path) -> None:
    for status in ("Aucun travail remis", "Aucune tentative", "Pas de remise - ", "Non remis"):
        text = FRENCH.replace("Aucun travail remis", status).replace('"3,00"', "")
        filled = sheet(tmp_path, text).filled([], html.comment, "rien")
        assert [one.identifier for one in filled.zeros] == ["77"]
        assert '"0,00"' in filled.content.decode()


def test_a_sheet_may_have_no_column_for_feedback(tmp_path: Path) -> None:
    bare = "Identifiant,Nom complet,Note,Note maximale\nParticipant123456,Marie Curie,,20\n"
    found = sheet(tmp_path, bare)
    assert not found.tells
    assert table(found.filled([marks(points=5)], html.comment).content)[1] == [
        "Participant123456",
        "Marie Curie",
        "20,00",
        "20",
    ]
    assert sheet(tmp_path, FRENCH).tells


def test_names_stand_in_for_numbers(tmp_path: Path) -> None:
    given = [marks("CURIE Marie", ""), marks("jean dupont", "A12"), marks("Nobody", "9")]
    filled = sheet(tmp_path, ENGLISH.replace(",No,", ",Yes,")).filled(given, html.comment)
    assert [row[4] for row in table(filled.content)[1:]] == ["7.00", "", "7.00"]
    assert filled.lost == (given[2],)


def test_a_name_that_two_have_is_no_name(tmp_path: Path) -> None:
    twins = sheet(tmp_path, ENGLISH.replace("Jean Dupont", "Marie Curie"))
    assert len(twins.filled([marks(identifier="")], html.comment).lost) == 1
    assert len(sheet(tmp_path, ENGLISH).filled([marks(identifier=""), marks(identifier="")], html.comment).lost) == 2


def test_grades_round_as_people_do_and_stay_in_range(tmp_path: Path) -> None:
    for points, out_of, grade in ((1, 3, "6.67"), (1, 800, "0.03"), (3, 3, "20.00"), (0, 3, "0.00")):
        filled = sheet(tmp_path, ENGLISH).filled([marks(points=points, out_of=out_of)], html.comment)
        assert table(filled.content)[1][4] == grade
        assert Decimal(grade) <= 20


def test_a_sheet_that_a_spreadsheet_saved(tmp_path: Path) -> None:
    text = FRENCH.replace(",", ";").replace('"20;00"', "20,00").replace('"3;00"', "3,00")
    text = text.replace('"lundi 16 novembre 2026; 14:13"', '"lundi 16 novembre 2026, 14:13"')
    saved = sheet(tmp_path, text, "latin-1")
    content = saved.filled([marks(points=1)], lambda one: "é → ✗").content
    assert b"4,00;20,00;Oui" in content
    assert b'"\xe9 &#8594; &#10007;"' in content
    assert saved.handed_in() == {"123456": datetime.fromisoformat("2026-11-16 14:13")}


def test_hostile_students_change_no_other_row(tmp_path: Path) -> None:
    foul = hostile().model_copy(update={"name": "Marie Curie", "identifier": "123456", "points": 0})
    filled = sheet(tmp_path, FRENCH).filled([foul], html.comment)
    found = moodle_import(filled.content, "fr")
    assert found.keys() == {123456, 77}
    assert found[123456][0] == 0
    assert found[77] == (3.0, "")
    assert "<script" not in found[123456][1]


@given(
    st.lists(st.lists(st.text('a,"\r\n;\t é', max_size=6), min_size=1, max_size=4), max_size=6), st.sampled_from(",;\t")
)
def test_cells_are_those_of_the_csv_module(rows: list[list[str]], separator: str) -> None:
    from cnnspec.teaching.feedback.worksheet import _rows

    stream = io.StringIO()
    csv.writer(stream, delimiter=separator, quoting=csv.QUOTE_ALL).writerows(rows)
    assert [[cell.value for cell in row] for row in _rows(stream.getvalue(), separator)] == rows


def saying(words: str) -> Callable[[Marks], str]:
    return lambda _: words


def test_feedback_stays_in_its_cell(tmp_path: Path) -> None:
    for words in ('"', 'a "b", c', "a\r\nb", ";", "x"):
        filled = sheet(tmp_path, FRENCH).filled([marks()], saying(words))
        assert [len(row) for row in table(filled.content)] == [10, 10, 10]
        assert table(filled.content)[1][9].split() == words.split()


@given(st.text('a,"\r\n;', max_size=40))
def test_any_text_is_read_and_put_together_again(text: str) -> None:
    from cnnspec.teaching.feedback.worksheet import _rows

    cells = [cell for row in _rows(text, ",") for cell in row]
    between = [text[one.end : other.start] for one, other in pairwise(cells)]
    assert set(between) <= {",", "\n", "\r", "\r\n"}


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "no grading worksheet"),
        ("a,b,c\n1,2,3\n", "no grading worksheet"),
        (ENGLISH.replace("Maximum Grade", "Scale"), "scale of words"),
    ],
)
def test_what_is_no_sheet(tmp_path: Path, text: str, words: str) -> None:
    with pytest.raises(FileProblem, match=words):
        sheet(tmp_path, text)
    with pytest.raises(FileProblem, match="no such file"):
        Worksheet(tmp_path / "missing.csv")


def test_when_it_was_handed_in(tmp_path: Path) -> None:
    for text in (ENGLISH, FRENCH):
        assert sheet(tmp_path, text).handed_in() == {"123456": datetime.fromisoformat("2026-11-16 14:13")}


@pytest.mark.parametrize(
    ("words", "date"),
    [
        ("Sunday, 1 August 2027, 12:05 AM", datetime.fromisoformat("2027-08-01 00:05")),
        ("Sunday, 1 August 2027, 12:05 PM", datetime.fromisoformat("2027-08-01 12:05")),
        ("dimanche 1 août 2027, 00:05", datetime.fromisoformat("2027-08-01 00:05")),
        ("1 décembre 2027, 9h07", datetime.fromisoformat("2027-12-01 09:07")),
        ("31 février 2027, 10:00", None),
        ("-", None),
        ("", None),
    ],
)
def test_dates(words: str, date: datetime | None) -> None:
    assert read_date(words) == date


def test_the_table_of_nbgrader() -> None:
    late = marks("=cmd()", "12", points=1.5)
    document = class_marks([marks(), late], "Hand signs", "en")
    due, when = datetime.fromisoformat("2026-11-16 12:00"), datetime.fromisoformat("2026-11-16 14:13")
    first, second = csv.DictReader(io.StringIO(nbgrader_page(document, due, {"12": when})))
    assert (first["student_id"], first["last_name"], first["timestamp"]) == ("123456", "Marie Curie", "")
    assert (second["last_name"], second["timestamp"], second["duedate"]) == ("'=cmd()", str(when), str(due))
    scores = [second[name] for name in ("raw_score", "late_submission_penalty", "score", "max_score")]
    assert scores == ["1.75", "0.25", "1.5", "5"]


def test_no_score_of_nbgrader_is_above_the_largest_and_only_lateness_costs() -> None:
    exercise = exercise_of(HAND_SIGNS, points=20)
    late = exercise_of(HAND_SIGNS, points=20, due="2026-11-01T12:00:00", late_penalty=0.1)
    when = datetime.fromisoformat("2026-11-02 11:00")
    given = Answer(key_of(exercise))
    made = [
        judge(exercise, Submission("A", "a.cnn", b""), given),
        judge(exercise, Submission("B", "b.cnn", b""), Answer({**key_of(exercise), "conv1.params": "1"})),
        judge(late, Submission("C", "c.cnn", b""), given, when),
    ]
    rows = list(csv.DictReader(io.StringIO(nbgrader_page(class_marks(made, "Hand signs", "en")))))
    assert [row["late_submission_penalty"] for row in rows] == ["0", "0", "2"]
    assert [row["raw_score"] == row["max_score"] == "20" for row in rows] == [True, False, True]
    assert all(float(row["raw_score"]) <= float(row["max_score"]) for row in rows)


def test_sheets_are_filled_in_their_own_language(tmp_path: Path) -> None:
    with speaking("fr"):
        assert b",7.00,20.00," in sheet(tmp_path, ENGLISH).filled([marks()], html.comment).content
