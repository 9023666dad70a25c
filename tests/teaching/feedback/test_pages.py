"""The pages of students and of classes: what they say, and that nothing a student writes does any harm there."""

from __future__ import annotations

import csv as reader
import io
import re
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cnnspec.language import speaking
from cnnspec.teaching.feedback import csv, html, markdown, text
from cnnspec.teaching.feedback.pages import INDEX, page_names, safe_name, write_pages
from cnnspec.teaching.feedback.statistics import class_marks, statistics_of
from cnnspec.teaching.feedback.wording import one_line, share, show_points
from tests.teaching.feedback.samples import HOSTILE, hostile, marks, verdict

DANGEROUS = re.compile(r"[\x00-\x09\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\u200e\u200f\u061c]")
TEXTS = st.text(max_size=60) | st.text("`|\\*_[]()<>!&#-=+.:/@w \n\r\t\"'$~1", max_size=40)
PAGES = {
    "text": text.page,
    "text of a class": lambda one: text.class_page(class_marks([one], one.exercise, "en")),
    "markdown": markdown.page,
    "markdown of a class": lambda one: markdown.class_page(class_marks([one], one.exercise, "en")),
    "html": html.page,
    "html of a class": lambda one: html.class_page(class_marks([one], one.exercise, "en")),
    "csv": lambda one: csv.class_page(class_marks([one], one.exercise, "en")),
}


def test_the_page_of_a_student_says_all_there_is_to_say() -> None:
    page = text.page(marks(notices=("line 2 was changed",), variant="a7"))
    for words in ("Hand signs", "Marie Curie (123456)", "line 2 was changed", "a7", "864", "(3*3*3 + 1)*32 = 896"):
        assert words in page
    assert "Line 3, `conv 32, f=3`: parameters: you wrote `864`" in page
    assert "Right answer: 896" in page
    assert page.endswith("Total: 1.75 of 5 points (35%)\n")
    rows = [line.split() for line in page.splitlines() if line.strip()[:1].isdigit()]
    assert [row[-4] for row in rows] == ["✓", "✗", "≈", "?", "–"]


@pytest.mark.parametrize("width", [80, 100])
def test_tables_fit_into_the_terminal(width: int) -> None:
    long = verdict(1, "wrong", "9" * 300, label=f"`{'conv 32, f=3 | ' * 20}`: number of parameters", points=0.25)
    lines = text.page(marks(verdicts=(long,), notices=("word " * 50,)), width=width).splitlines()
    assert max(map(len, lines)) <= width
    assert any("number of parameters" in line and "0.25 of 1" in line for line in lines)


@pytest.mark.parametrize("page", [text.page, markdown.page, html.page])
def test_that_a_mistake_is_known_is_told_by_its_message_only(page: Any) -> None:
    """At the level `nothing` the verdict keeps the name for the statistics, and the page must not tell."""
    fields = {"blank": "conv1.params", "message": "not right"}
    known = verdict(2, "mistake", "864", mistake="forgot-bias", **fields)
    assert page(marks(verdicts=(known,))) == page(marks(verdicts=(verdict(2, "wrong", "864", **fields),)))


def test_a_right_answer_teaches_nothing() -> None:
    page = text.page(marks(verdicts=(verdict(1, message="well done", right="62"),)))
    assert "well done" not in page
    assert "Right answer" not in page


def test_what_is_the_same_is_said_once() -> None:
    alike = [verdict(i, "wrong", "7", line=3, message="too small", right="60") for i in (1, 2)]
    for make in (text.page, markdown.page, html.page):
        page = make(marks(verdicts=(*alike, verdict(3, "wrong", "7", message="too small", right="60"))))
        assert page.count("you wrote") == 3
        assert page.count("too small") == 2


def test_what_the_feedback_hides_stays_hidden() -> None:
    silent = [verdict(i, "wrong", "7") for i in (1, 2)]
    for make in (text.page, markdown.page, html.page, html.comment):
        assert "you wrote" not in make(marks(verdicts=silent))


def test_an_answer_that_could_not_be_read_has_a_reason() -> None:
    unread = marks(problem="this is a picture", points=0)
    for make in (text.page, markdown.page, html.page, html.comment):
        assert "could not be read: this is a picture" in make(unread)
        assert "864" not in make(unread)


def test_colour_is_only_where_it_is_wanted() -> None:
    assert "\x1b" not in text.page(marks())
    assert "\x1b[32m✓\x1b[0m" in text.page(marks(), color=True)
    assert re.sub(r"\x1b\[\d*m", "", text.page(marks(), color=True)) == text.page(marks())


def test_columns_are_as_wide_as_they_are_shown() -> None:
    names = ["李小龍", "e\u0301e\u0301", "abc"]
    numbers = "xyz"
    document = class_marks([marks(*one) for one in zip(names, numbers, strict=True)], "title", "en")
    rows = [line for line in text.class_page(document).splitlines() if line.startswith("1.75")]
    places = [row.index(x) - row.index(name) for row, name, x in zip(rows, names, numbers, strict=True)]
    assert places == [5, 10, 8]


@pytest.mark.parametrize("form", PAGES)
def test_nothing_commands_the_terminal_or_reorders_a_line(form: str) -> None:
    for one in (hostile(), hostile(HOSTILE)):
        assert not DANGEROUS.search(PAGES[form](one))


@pytest.mark.parametrize(
    ("points", "shown"), [(7, "7"), (0.75, "0.75"), (100, "100"), (2 / 3, "0.67"), (1234.5, "1,234.5")]
)
def test_points(points: float, shown: str) -> None:
    assert show_points(points) == shown


def test_points_in_french() -> None:
    with speaking("fr"):
        assert show_points(1234.5) == "1 234,5"
        assert show_points(20) == "20"


def test_only_all_is_a_hundred_percent() -> None:
    assert [share(part) for part in (0, 0.001, 1 / 3, 2 / 3, 0.29, 0.825, 0.999, 1)] == [
        *("0%", "1%", "33%", "67%", "29%", "83%", "99%", "100%")
    ]


@given(TEXTS)
def test_a_line_is_one_line(words: str) -> None:
    assert len(one_line(words).splitlines()) <= 1
    assert len(one_line(words * 100, 30)) <= 30


# --- HTML ------------------------------------------------------------------------------------------------------------


class Reader(HTMLParser):
    """The tags and the text of a page."""

    def __init__(self, page: str) -> None:
        super().__init__(convert_charrefs=True)
        self.tags: list[str] = []
        self.attributes: set[str] = set()
        self.words: list[str] = []
        self.feed(page)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.attributes |= {name for name, _ in attrs}

    def handle_data(self, data: str) -> None:
        self.words.append(data)


@given(TEXTS)
def test_html_has_no_tag_but_its_own(words: str) -> None:
    plain, foul = (
        Reader(html.page(marks(name, verdicts=(verdict(1, "wrong", name, message=name),)))) for name in ("x", words)
    )
    assert set(foul.tags) <= {*plain.tags, "code"}
    assert foul.attributes == plain.attributes
    seen, written = ("".join(re.split("[`']", part)) for part in ("".join(foul.words), one_line(words, 80)))
    assert written in seen


def test_html_loads_nothing_and_runs_nothing() -> None:
    page = html.page(hostile()) + html.page(hostile(HOSTILE))
    assert "<script" not in page
    assert page.count("default-src 'none'") == 2
    assert not re.search(r'\b(?:src|href|on\w+)="', page)


def test_the_feedback_of_a_gradebook_is_one_line_without_quotes() -> None:
    for one in (marks(), hostile(), hostile(HOSTILE)):
        assert not set(html.comment(one)) & set('"\r\n')


def test_pages_speak_their_language() -> None:
    with speaking("fr"):
        assert '<html lang="fr">' in html.page(marks())


# --- Markdown --------------------------------------------------------------------------------------------------------


def markdown_left(words: str) -> str:
    """What remains of a line of Markdown once escaped signs and code are taken away, as CommonMark reads them."""
    out, i = [], 0
    while i < len(words):
        if words[i] == "\\" and i + 1 < len(words) and words[i + 1] in "\\`*_{}[]<>~&$#+-=.)(!|":
            i += 2
        elif words[i] == "`":
            fence = re.match("`+", words[i:])
            assert fence
            close = re.search(rf"(?<!`){fence[0]}(?!`)", words[i + len(fence[0]) :])
            assert close, words
            i += 2 * len(fence[0]) + close.start()
        else:
            out.append(words[i])
            i += 1
    return "".join(out)


@given(TEXTS)
def test_markdown_means_nothing(words: str) -> None:
    left = markdown_left(markdown.escaped(one_line(words)))
    assert not re.search(r"[`*_\[\]<>~&$\\]|://|www\.|@", left, re.IGNORECASE)
    assert not re.match(r"\s*(?:[#+=-]|\d+[.)]\s)", markdown.escaped(one_line(words)))


@given(TEXTS)
def test_markdown_tables_keep_their_columns(words: str) -> None:
    one = marks(words, words, verdicts=(verdict(1, "wrong", words, label=f"`{words}`: height"),))
    pages = markdown.page(one), markdown.class_page(class_marks([one], words, "en"))
    for page in pages:
        rows = [line for line in page.splitlines() if line.startswith("|")]
        assert len({line.count("|") for line in rows[:3]}) == 1


@given(TEXTS)
def test_code_is_what_it_was(words: str) -> None:
    shown = one_line(words)
    code = markdown.code(shown)
    if shown.strip():
        fence = re.match("`+", code)
        assert fence
        assert fence[0] not in re.findall("`+", shown)
        assert code.removeprefix(fence[0]).removesuffix(fence[0]) in (shown, f" {shown} ")


# --- CSV -------------------------------------------------------------------------------------------------------------


@given(TEXTS)
def test_no_cell_is_a_formula(words: str) -> None:
    one = marks(words, words, filename=words, problem=words, notices=(words,), verdicts=(verdict(1, "wrong", words),))
    head, row = reader.reader(io.StringIO(csv.class_page(class_marks([one], "x", "en"))))
    assert len(head) == len(row)
    for cell in row:
        assert cell[:1] not in tuple("=+-@\t\r\n＝＋－＠") or re.fullmatch(r"[+-]?\d+(?:[.,]\d+)?", cell)


def test_the_table_for_spreadsheets() -> None:
    document = class_marks([marks(), marks("=SUM(A1)", "7", problem="no text", points=0)], "x", "en")
    rows = list(reader.DictReader(io.StringIO(csv.class_page(document))))
    assert [row["name"] for row in rows] == ["Marie Curie", "'=SUM(A1)"]
    assert rows[0]["points"] == "1.75"
    assert (rows[0]["conv1.params.verdict"], rows[0]["conv1.params.given"]) == ("forgot-bias", "864")
    assert rows[1]["conv1.params.points"] == ""
    assert rows[1]["problem"] == "no text"


def test_the_statistics_for_spreadsheets() -> None:
    rows = list(reader.DictReader(io.StringIO(csv.statistics_page(class_marks([marks(), marks()], "x", "en")))))
    assert [row["missed"] for row in rows] == ["0", "2", "0", "2", "2"]
    assert rows[1]["mistakes"] == "forgot-bias:2"


# --- statistics ------------------------------------------------------------------------------------------------------


def test_the_figures_of_a_class() -> None:
    points = [0, 1, 2, 3, 4, 5, 5, 2.5]
    figures = statistics_of([marks(points=one) for one in points])
    assert (figures.answers, figures.unread, figures.out_of) == (8, 0, 5)
    assert figures.mean == sum(points) / 8
    assert (figures.minimum, figures.median, figures.maximum) == (0, 2.75, 5)
    assert (figures.lower_quartile, figures.upper_quartile) == (1.75, 4.25)
    assert [one.answers for one in figures.histogram] == [1, 0, 1, 0, 1, 1, 1, 0, 1, 2]
    assert figures.deviation == pytest.approx((sum(x * x for x in points) / 8 - (sum(points) / 8) ** 2) ** 0.5)


def test_what_could_not_be_read_counts_in_the_marks_but_not_in_the_blanks() -> None:
    figures = statistics_of([marks(), marks(problem="empty", points=0)])
    assert (figures.answers, figures.unread, figures.minimum) == (2, 1, 0)
    assert {blank.answers for blank in figures.blanks} == {1}


def test_a_mistake_counts_once_an_answer() -> None:
    twice = tuple(verdict(i, "mistake", "1", mistake="forgot-bias") for i in (1, 2))
    figures = statistics_of([marks(verdicts=twice), marks()])
    assert [(one.mistake, one.answers) for one in figures.mistakes] == [("forgot-bias", 2)]
    assert [one.missed for one in figures.blanks if one.blank == "conv1.height"] == [1]


def test_a_class_of_none() -> None:
    document = class_marks([], "x", "en")
    assert document.statistics.mean is None
    for make in (text.class_page, markdown.class_page, html.class_page, csv.class_page):
        assert make(document)


# --- a folder of pages -----------------------------------------------------------------------------------------------


def test_names_of_pages_are_safe_and_unique() -> None:
    names = page_names([marks(name, "") for name in ("a/b", "A b", "a-b", "../..", "", "CON", "index")], ".html")
    assert names == ["a_b.html", "A_b_2.html", "a_b_3.html", "answer.html", "answer_2.html", "CON_.html", "index_.html"]


@given(TEXTS)
def test_a_safe_name_stays_in_its_folder(words: str) -> None:
    name = safe_name(words)
    assert name.replace("_", "a").isalnum()
    assert len(name.encode()) < 250
    assert safe_name(name) == name or len(name) > 55


def test_the_folder_of_pages(tmp_path: Path) -> None:
    document = class_marks([marks(), marks(HOSTILE, "7"), marks()], "Hand signs", "en")
    for form, ending in (("text", ".txt"), ("markdown", ".md"), ("html", ".html")):
        written = write_pages(tmp_path / form, document, form)
        assert sorted(path.name for path in (tmp_path / form).iterdir()) == sorted(path.name for path in written)
        assert written[0].name == f"Marie_Curie_123456{ending}"
        assert written[2].name == f"Marie_Curie_123456_2{ending}"
        index = (tmp_path / form / INDEX).read_text(encoding="utf-8")
        assert re.findall(r'href="([^"]*)"', index) == [path.name for path in written[:-1]]


def test_writing_again_changes_nothing(tmp_path: Path) -> None:
    document = class_marks([marks(), marks("Zoé")], "Hand signs", "en")
    before = {path: (path.read_bytes(), path.stat().st_mtime_ns) for path in write_pages(tmp_path, document, "html")}
    after = {path: (path.read_bytes(), path.stat().st_mtime_ns) for path in write_pages(tmp_path, document, "html")}
    assert before == after
