"""Sheets to print, keys, tables, and the text for Canvas."""

from __future__ import annotations

import csv
import io
import re
from html.parser import HTMLParser

import pytest

from cnnspec.language import speaking
from cnnspec.teaching.quiz import canvas, markdown, page, table_csv
from cnnspec.teaching.quiz.sheet import Options, Sheet
from tests.teaching.quiz.conftest import EXERCISES, sheet_in, sheet_of

ALL = sorted(path for path in EXERCISES.glob("*/*.cnn") if path.with_suffix(".toml").is_file())
VOID = {"meta", "br"}


def text_of(module: object, *sheets: Sheet, key: bool = False) -> str:
    (output,) = module.export(sheets, Options(key=key))  # type: ignore[attr-defined]
    assert isinstance(output.content, str)
    return output.content


class Strict(HTMLParser):
    """Every element is closed in its turn; counts elements, gathers attributes and text."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.seen: list[str] = []
        self.attributes: list[tuple[str, str | None]] = []
        self.text = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.seen.append(tag)
        self.attributes += attrs
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.text += data


def parsed(document: str) -> Strict:
    parser = Strict()
    parser.feed(document)
    parser.close()
    assert parser.open == []
    return parser


@pytest.mark.parametrize("path", ALL, ids=lambda path: f"{path.parent.name}-{path.stem}")
@pytest.mark.parametrize("key", [False, True])
def test_every_example_is_a_sheet_with_a_box_a_blank(path, key: bool) -> None:
    sheet = sheet_in(path)
    found = parsed(text_of(page, sheet, key=key))
    boxes = found.attributes.count(("class", "box")) + found.attributes.count(("class", "choice"))
    assert boxes == (0 if key else len(sheet.questions))
    assert found.attributes.count(("class", "right")) == (len(sheet.questions) if key else 0)
    written = text_of(markdown, sheet, key=key)
    assert all(f"({question.blank.number})" in written for question in sheet.questions) or key


def test_the_page_needs_no_network_and_runs_nothing(nasty: Sheet) -> None:
    for key in (False, True):
        document = text_of(page, nasty, key=key)
        found = parsed(document)
        assert not {"script", "link", "img", "iframe", "object"} & set(found.seen)
        assert not {name for name, _ in found.attributes if name.startswith("on") or name in ("src", "href")}
        assert "default-src 'none'" in document
        assert "@import" not in document
        assert "url(" not in document
        assert "size: A4" in document


def test_the_key_holds_the_answers_and_the_arithmetic_and_the_sheet_does_not(hand_signs: Sheet) -> None:
    for module in (page, markdown):
        sheet, key = text_of(module, hand_signs), text_of(module, hand_signs, key=True)
        assert "172806" in key
        assert "(3*3*3 + 1)*32 = 896" in key
        assert "172806" not in sheet
        assert "896" not in sheet


def test_each_student_has_a_page(hand_signs: Sheet) -> None:
    one, other = (hand_signs._replace(student=name) for name in ("Marie <Curie>", "Évariste"))
    found = parsed(text_of(page, one, other))
    assert found.seen.count("section") == 2
    assert "Marie <Curie>" in found.text
    assert "Évariste" in found.text


def test_markdown_tables_keep_their_columns(nasty: Sheet) -> None:
    rows = [line for line in text_of(markdown, nasty).splitlines() if line.startswith("|")]
    assert len({len(re.findall(r"(?<!\\)\|", row)) for row in rows}) == 1
    assert "<script>" not in text_of(markdown, nasty).replace("\\<script", "")


def test_the_table_says_the_same_as_the_key(kinds: Sheet) -> None:
    rows = list(csv.DictReader(io.StringIO(text_of(table_csv, kinds, key=True))))
    assert [row["right"] for row in rows if row["kind"] == "numbers"] == [
        f.right for q in kinds.questions for f in q.fields
    ]
    params = next(row for row in rows if row["blank"] == "conv1.params")
    assert params["wrong"].split(" | ")[0] == "150"
    assert len(params["wrong"].split(" | ")) == len(params["mistakes"].split(" | "))


def test_no_cell_of_the_table_is_a_formula() -> None:
    sheet = sheet_of("input 4x4x1\nconv 1, f=3 -> ?x?x1\n", hints={"size": "=1+1"}, title="=cmd")
    for row in csv.reader(io.StringIO(text_of(table_csv, sheet))):
        assert not [cell for cell in row if cell[:1] in "=+@" and cell]
    assert table_csv.cell("=1+1") == "'=1+1"
    assert table_csv.cell("@x\n=y") == "'@x =y"


def test_canvas_parts_sentences_as_the_language_does(kinds: Sheet) -> None:
    with speaking("fr"):
        lines = text_of(canvas, kinds).splitlines()
    said = [line for line in lines if line.startswith("- ")]
    assert said
    assert any("\u00a0; " in line for line in said)
    assert not any("; " in line.replace("\u00a0; ", "") or re.search(r"\d: ", line) for line in said)


def test_canvas_text_is_read_as_questions(kinds: Sheet, nasty: Sheet) -> None:
    """A line that begins in column one is text2qti's; everything else belongs to the line above it."""
    starts = (
        "Quiz title:",
        "Title:",
        "Points:",
        "...",
        "- ",
        "= ",
        "* ",
        "____",
        "a)",
        "b)",
        "c)",
        "*a)",
        "*b)",
        "*c)",
    )
    for sheet in (kinds, nasty):
        lines = text_of(canvas, sheet).splitlines()
        for line in lines:
            assert not line.strip() or line.startswith(("   ", *starts)) or re.match(r"\d+\. ", line), line
        points = [line for line in lines if line.startswith("Points:")]
        assert len(points) == sum(len(question.fields) or 1 for question in sheet.questions)
        assert all(int(line.split()[1]) >= 1 for line in points)
    assert "= 156" in text_of(canvas, kinds)
    assert "*b) 24x24x6" in text_of(canvas, kinds)


def test_canvas_takes_each_right_choice() -> None:
    """text2qti refuses a choice with two right answers; a short answer may have several."""
    sheet = sheet_of("input 5x5x1\nconv 1, f=?(1, 2, 3), s=2, p=0 -> 2x2x1\n")
    lines = text_of(canvas, sheet).splitlines()
    assert [line for line in lines if line.startswith("*")] == ["* 2", "* 3"]
    assert not [line for line in lines if re.match(r"\*?[a-z]\)", line)]
    assert any("1, 2, 3" in line and "enough" in line for line in lines)


def test_sizes_are_written_with_signs_of_multiplication() -> None:
    sheet = sheet_of("input 28x28x1\nconv 6, f=5 -> ?x?x6, ? params\nmaxpool 2 -> 12x12x6\nconv 16, f=5 -> ?\n")
    for module in (page, markdown):
        shown, key = text_of(module, sheet), text_of(module, sheet, key=True)
        assert "12 × 12 × 6" in shown
        assert "8 × 8 × 16" in key
        assert not re.search(r"[\d>_)]x[\d<(]|> x|x <", shown.replace("input 28x28x1", ""))
    made = text_of(page, sheet_of("input 28x28x1\nconv 6, f=5 -> ?(26x26x6, 24x24x6)\n"))
    assert "26 × 26 × 6" in made


def test_boxes_have_room_and_sizes_stay_on_one_line() -> None:
    sheet = sheet_of("input 28x28x1\nconv 6, f=5 -> ?, ? params\n")
    document = text_of(page, sheet)
    assert re.search(r'white-space: nowrap"><span class="box" style="min-width: 10em"><sub>1</sub>', document)
    assert re.search(r'white-space: nowrap"><span class="box" style="min-width: 7em"><sub>2</sub>', document)


def test_equal_arithmetic_is_written_once() -> None:
    sheet = sheet_of("input 28x28x1\nconv 6, f=5 -> ?x?x6\nmaxpool 2\nconv 6, f=5 -> ?x?x?\n")
    for module in (page, markdown):
        key = text_of(module, sheet, key=True)
        assert key.count("(28 + 2*0 - 5)/1 + 1 = 24") == 1
        assert key.count("(12 + 2*0 - 5)/1 + 1 = 8") == 1
        for question in sheet.questions:
            assert re.search(rf"(<strong>|\*\*){question.blank.number}\.", key)


def test_canvas_asks_for_zero_as_a_text() -> None:
    """text2qti refuses 0 as a numerical answer."""
    lines = text_of(canvas, sheet_of("input 4x4x1\nmaxpool 2 -> 2x2x1, ? params\n")).splitlines()
    assert "* 0" in lines
    assert "= 0" not in lines
