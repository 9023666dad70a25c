"""Moodle XML and Cloze, re-read by the rules of Moodle's own import."""

from __future__ import annotations

import html
import re
from decimal import Decimal
from fractions import Fraction

import pytest

from cnnspec.language import say, speaking
from cnnspec.teaching.exercise import load_exercise, solved
from cnnspec.teaching.judging import judgements
from cnnspec.teaching.model import Answer
from cnnspec.teaching.quiz import canvas, cloze, gift, markdown, moodle, page
from cnnspec.teaching.quiz.fields import Field
from cnnspec.teaching.quiz.markup import as_html, weights
from cnnspec.teaching.quiz.sheet import Options, Sheet, how_to_write, make_sheet, variants
from tests.teaching.quiz import moodle_rules as rules
from tests.teaching.quiz.conftest import EXERCISES, KINDS, NASTY, sheet_in, sheet_of

ALL = sorted(path for path in EXERCISES.glob("*/*.cnn") if path.with_suffix(".toml").is_file())


def written(module: object, *sheets: Sheet) -> str:
    (output,) = module.export(sheets, Options())  # type: ignore[attr-defined]
    assert output.name == ""
    assert isinstance(output.content, str)
    return output.content


@pytest.mark.parametrize("path", ALL, ids=lambda path: f"{path.parent.name}-{path.stem}")
def test_every_example_is_imported_and_every_field_is_the_answer_of_a_blank(path) -> None:
    sheet = sheet_in(path)
    expected = [field.right for question in sheet.questions for field in question.fields]
    for question in rules.questions(written(moodle, sheet)):
        assert question.get("type") in {"category", "numerical", "multichoice", "shortanswer", "essay"}
    numerical = [q for q in rules.questions(written(moodle, sheet)) if q.get("type") == "numerical"]
    assert [q.findtext("answer/text") for q in numerical] == expected
    for question in rules.questions(written(cloze, sheet)):
        if question.get("type") == "cloze":
            _, fields = rules.cloze(rules.text_of(question, "questiontext"))
            assert rules.problems_of_cloze(fields) == []
            numbers = [field for field in fields if field["kind"] == "numerical"]
            assert [field["answers"][0]["answer"] for field in numbers] == expected


def test_a_numerical_question_has_the_answer_the_mistakes_and_the_points() -> None:
    sheet = sheet_of(KINDS, mistakes={"forgot-bias": 0.65}, points_of={"conv1.params": 2})
    found = {q.findtext("idnumber"): q for q in rules.questions(written(moodle, sheet)) if q.get("type") == "numerical"}
    question = found["kinds-conv1.params"]
    answers = [(a.findtext("text"), a.get("fraction"), a.findtext("tolerance")) for a in question.findall("answer")]
    assert answers[0] == ("156", "100", "0")
    assert ("150", "66.66667", "0") in answers  # 0.65 is not on Moodle's list
    assert ("36", "0", "0") in answers
    assert len({text for text, *_ in answers}) == len(answers)
    feedback = {a.findtext("text"): rules.text_of(a, "feedback") for a in question.findall("answer")}
    assert "bias" in feedback["150"]
    assert question.findtext("defaultgrade") == "2"
    assert "(5*5*1 + 1)*6 = 156" in rules.text_of(question, "generalfeedback")
    assert "without separators" in rules.text_of(question, "questiontext")
    assert "<mark><strong>?</strong></mark> params" in rules.text_of(question, "questiontext")


def test_a_size_is_a_field_for_each_part_and_its_points_are_shared() -> None:
    found = [
        q for q in rules.questions(written(moodle, sheet_of(KINDS))) if "maxpool1" in (q.findtext("idnumber") or "")
    ]
    assert [q.findtext("answer/text") for q in found] == ["12", "12", "6"]
    assert [q.findtext("idnumber") for q in found] == [
        f"kinds-maxpool1.size.{n}" for n in ("height", "width", "channels")
    ]
    assert sum(Fraction(q.findtext("defaultgrade") or "") for q in found) == pytest.approx(1, abs=1e-6)


def test_choices_are_multiple_choice_and_open_blanks_say_that_moodle_cannot_mark_them(kinds: Sheet) -> None:
    found = {q.findtext("idnumber"): q for q in rules.questions(written(moodle, kinds))}
    choice = found["kinds-conv1.size"]
    assert choice.get("type") == "multichoice"
    assert [(a.findtext("text"), a.get("fraction")) for a in choice.findall("answer")] == [
        ("26x26x6", "0"),
        ("24x24x6", "100"),
    ]
    essay = found["kinds-?1"]
    assert essay.get("type") == "essay"
    assert "VPL" in rules.text_of(essay, "graderinfo")
    assert "f=5" in rules.text_of(essay, "graderinfo")


def test_every_right_choice_of_an_argument_counts() -> None:
    """A window of 2 with a stride of 2 and one of 3 give the same size of 5."""
    sheet = sheet_of("input 5x5x1\nconv 1, f=?(1, 2, 3), s=2, p=0 -> 2x2x1\n")
    (question,) = (q for q in rules.questions(written(moodle, sheet)) if q.get("type") == "multichoice")
    assert {a.findtext("text"): a.get("fraction") for a in question.findall("answer")} == {
        "1": "0",
        "2": "100",
        "3": "100",
    }


@pytest.mark.parametrize("level", ["nothing", "hint", "formula", "solution"])
def test_no_more_is_told_than_the_settings_allow(level: str) -> None:
    document = written(moodle, sheet_of(KINDS, feedback=level))
    assert ("the bias is forgotten" in document) == (level != "nothing")
    assert ("(5*5*1 + 1)*6" in document) == (level == "solution")


def test_the_tolerance_of_counts_is_that_of_the_settings() -> None:
    sheet = sheet_of("input 28x28x1\nconv 6, f=5 -> ?x24x6, ? params\n", tolerance=0.05)
    found = [q for q in rules.questions(written(moodle, sheet)) if q.get("type") == "numerical"]
    assert [q.findtext("answer/tolerance") for q in found] == ["0", "7.8"]
    values = [float(a.findtext("text") or "") for a in found[1].findall("answer")]
    assert all(abs(value - 156) > 7.8 for value in values[1:])  # 150 would count as right: it is no mistake then


AVERAGE = "input 3x3x1\navgpool 3 -> 1x1x1\nexample [[1, 2, 3], [4, 5, 7], [8, 6, 8]] -> [[?]]\n"
FIGURES = "input 28x28x1\nconv 6, f=5 -> ?x?x6, ? params\nexpect params/{n} == ?\n"


def accepted(field: Field, text: str) -> bool:
    return abs(Decimal(text) - Decimal(field.right)) <= Decimal(field.tolerance)


@pytest.mark.parametrize("settings", [{}, {"tolerance": 0.02}, {"rounded": True}])
@pytest.mark.parametrize("text", [AVERAGE, *(FIGURES.replace("{n}", n) for n in ("7", "1000", "16", "0.3"))])
def test_forms_take_what_grading_takes(text: str, settings: dict[str, object]) -> None:
    """A number rounded as far as grading allows is right on a form too, and one digit less is not."""
    sheet = sheet_of(text, **settings)
    fields = [field for question in sheet.questions for field in question.fields]
    rounded = {field.key: round_to(field) for field in fields}
    for field in fields:
        for decimals in range(8):
            given = Answer({field.key: f"{Decimal(field.right):.{decimals}f}"})
            credit = judgements(sheet.exercise, given)[field.key].credit if "size" not in field.key else 0
            assert credit < 1 or accepted(field, given.given[field.key])
        assert decimals_are_enough(sheet, field, rounded[field.key])
        assert not [trap for trap in field.traps if accepted(field, trap.text)]
    if not settings:
        whole = [field for field in fields if field.right.isdigit()]
        assert all((field.tolerance, field.decimals) == ("0", 0) for field in whole)


def round_to(field: Field) -> str:
    return f"{Decimal(field.right):.{field.decimals}f}"


def decimals_are_enough(sheet: Sheet, field: Field, text: str) -> bool:
    """What the statement asks for is right: on the form, and when it is graded."""
    return accepted(field, text) and judgements(sheet.exercise, Answer({field.key: text}))[field.key].credit == 1


def test_a_decimal_may_be_rounded_and_the_statement_says_how_far() -> None:
    sheet = sheet_of(AVERAGE)
    (question,) = (q for q in rules.questions(written(moodle, sheet)) if q.get("type") == "numerical")
    assert [a.findtext("tolerance") for a in question.findall("answer")] == ["0.005", "0.005"]
    for module in (moodle, cloze, gift, canvas):
        assert "round it to 2 decimals" in written(module, sheet)
        assert "decimals" not in written(module, sheet_of(KINDS))
    assert "=4.88889:0.005~" in written(cloze, sheet)
    assert "= 4.88889 +- 0.005" in written(canvas, sheet)


def test_a_count_may_be_rounded_to_three_digits_where_that_is_allowed() -> None:
    text = "input 28x28x1\nconv 6, f=5 | flatten | dense 100 -> ?, ? params\n"
    fields = [f for q in sheet_of(text, rounded=True).questions for f in q.fields]
    assert [(f.right, f.tolerance) for f in fields] == [("100", "0"), ("345856", "500")]
    assert all(abs(int(trap.text) - 345_856) > 500 for trap in fields[1].traps)


def test_texts_of_any_kind_break_out_of_nothing(nasty: Sheet, kinds: Sheet) -> None:
    plain = rules.questions(written(moodle, kinds))
    found = rules.questions(written(moodle, nasty))
    assert [q.get("type") for q in found] == [q.get("type") for q in plain]
    assert "<script>" not in "".join(rules.text_of(q, "questiontext") for q in found)
    (question,) = (q for q in rules.questions(written(cloze, nasty)) if q.get("type") == "cloze")
    (other,) = (q for q in rules.questions(written(cloze, kinds)) if q.get("type") == "cloze")
    text, fields = rules.cloze(rules.text_of(question, "questiontext"))
    _, others = rules.cloze(rules.text_of(other, "questiontext"))
    answers = [[one["answer"] for one in field["answers"]] for field in fields]
    assert answers == [[one["answer"] for one in field["answers"]] for field in others]
    assert "<script>" not in text
    assert all(text.count(f"{{#{i}}}") == 1 for i in range(1, len(fields) + 1))
    assert text.count("{") == len(fields)


def test_what_is_said_in_a_field_arrives_as_it_was() -> None:
    for message in (NASTY, "a ~ b", "{x} \\} \\# #", "ends in &", "&amp; &#125;"):
        escaped = cloze.in_field(as_html(message))
        _, (field,) = rules.cloze(f"{{1:NUMERICAL:=28:0~27:0#{escaped}~26:0#other}}")
        assert [one["answer"] for one in field["answers"]] == ["28", "27", "26"]
        shown = field["answers"][1]["feedback"]
        assert html.unescape(shown.replace("<code>", "`").replace("</code>", "`")) == message


def test_the_cloze_question_is_the_table(hand_signs: Sheet) -> None:
    (question,) = (q for q in rules.questions(written(cloze, hand_signs)) if q.get("type") == "cloze")
    text, fields = rules.cloze(rules.text_of(question, "questiontext"))
    assert question.find("defaultgrade") is None
    for head in ("Layer", "Shape ?", "Count ?"):
        assert f">{head}</th>" in text
    assert not re.search(r"\d *x *\{#|\} *x *[\d{]", text)
    cells = re.findall(r'<td style="([^"]*)">([^<]*\{#[^<]*)</td>', text)
    assert cells
    assert all("white-space: nowrap" in style for style, _ in cells)
    assert "{#1} × {#2} × {#3}" in text
    assert text.count("<tr>") == text.count("</tr>") > 5
    assert {field["kind"] for field in fields} == {"numerical"}
    assert "896" in [field["answers"][0]["answer"] for field in fields]


def test_what_xml_has_no_characters_for_is_left_out() -> None:
    text = "c\x01d\ufffee\ufffff\U0001f600g"
    sheet = sheet_of(f"# {text}\n{KINDS}", title=text, text=text, hints={"size": text})
    for module in (moodle, cloze):
        document = written(module, sheet)
        assert not set(document) & set("\x01\ufffe\uffff")
        assert "cdef\U0001f600g" in document
        rules.questions(document)
    assert moodle.xml(f"{text}\ud800") == "cdef\U0001f600g"
    assert moodle.cdata(f"{text}\ud800") == "<![CDATA[cdef\U0001f600g]]>"


def test_long_seeds_and_keys_make_no_identifiers_alike() -> None:
    sheet = sheet_of(KINDS)
    seeds = [f"{'student ' * 30}{n}" for n in (1, 2)]
    keys = ["conv1.size.height", "conv1.size.width", *(f"{'x' * 120}.{part}" for part in ("f", "p"))]
    made = [moodle.identifier(sheet._replace(name=seed), key) for seed in seeds for key in keys]
    assert len(set(made)) == len(made)
    assert max(map(len, made)) <= 100
    assert made[0].endswith("-conv1.size.height")
    assert moodle.identifier(sheet._replace(name="4711"), "conv1.f") == "kinds-4711-conv1.f"
    for module in (moodle, cloze):
        found = rules.questions(written(module, *(sheet._replace(name=seed) for seed in seeds)))
        ids = [rules.identifier(one) for one in found if one.get("type") != "category"]
        assert len(set(ids)) == len(ids)


def test_the_mark_that_moodle_proposes_is_the_sum_of_the_weights() -> None:
    for points in (None, 20, 7.5):
        sheet = sheet_of(KINDS, points=points)
        (question,) = (q for q in rules.questions(written(cloze, sheet)) if q.get("type") == "cloze")
        _, fields = rules.cloze(rules.text_of(question, "questiontext"))
        own, proposed = cloze.marks_of(sheet)
        assert proposed == sum(int(field["mark"]) for field in fields)
        assert own == sum(q.points for q in sheet.questions if q.kind != "open")


def test_weights_are_whole_and_in_proportion() -> None:
    sheet = sheet_of(KINDS, points=20, points_of={"params": 2})
    (question,) = (q for q in rules.questions(written(cloze, sheet)) if q.get("type") == "cloze")
    _, fields = rules.cloze(rules.text_of(question, "questiontext"))
    marks = [int(field["mark"]) for field in fields]
    parts = [f.points for q in sheet.questions if q.kind != "open" for f in (q.fields or [q])]
    assert len({Fraction(mark) / part for mark, part in zip(marks, parts, strict=True)}) == 1
    assert all(one["fraction"] * 100 == round(one["fraction"] * 100) for field in fields for one in field["answers"])


@pytest.mark.parametrize(
    ("points", "expected"),
    [
        (["1", "1"], (1, 1)),
        (["1/2", "1/3"], (3, 2)),
        (["0", "1"], (0, 1)),
        (["0.1", "0.25", "2"], (2, 5, 40)),
        ([], ()),
    ],
)
def test_weights_by_hand(points: list[str], expected: tuple[int, ...]) -> None:
    assert weights([Fraction(one) for one in points]) == expected


def test_weights_without_a_small_unit_are_near() -> None:
    points = [Fraction(1, 9973), Fraction(1, 9967), Fraction(1)]
    found = weights(points)
    assert max(found) <= 10_000
    assert min(found) >= 1


DRAWN = """\
model drawn(n = 28, k = 5)
input [n, n, 1]
conv 6, f=k -> ?x?x?, ? params
"""


def test_variants_are_questions_of_one_category(tmp_path) -> None:
    path = tmp_path / "drawn.cnn"
    path.write_text(DRAWN)
    path.with_suffix(".toml").write_text("[draw]\nn = [26, 28, 30, 32]\nk = [3, 5]\n")
    made = list(variants(str(path), 5))
    assert len(made) == 5
    found = rules.questions(written(cloze, *made))
    assert [q.get("type") for q in found] == ["category"] + ["cloze"] * 5
    assert len({q.findtext("idnumber") for q in found[1:]}) == 5
    for sheet, question in zip(made, found[1:], strict=True):
        _, fields = rules.cloze(rules.text_of(question, "questiontext"))
        again = load_exercise(path, sheet.name)
        rights = {one.blank.key: one.right for one in solved(again)}
        assert [field["answers"][0]["answer"] for field in fields] == list(rights.values())
    single = rules.questions(written(moodle, *made))
    assert [q.get("type") for q in single].count("category") == 4  # one for each blank, to draw from
    assert len({q.findtext("idnumber") for q in single}) == 4 * 5 + 1


def test_there_are_no_more_variants_than_there_are(tmp_path) -> None:
    path = tmp_path / "drawn.cnn"
    path.write_text(DRAWN)
    path.with_suffix(".toml").write_text("[draw]\nk = [3, 5]\n")
    assert len(list(variants(str(path), 10))) <= 2


def test_in_french() -> None:
    exercise = load_exercise(EXERCISES / "fr" / "lenet5.cnn")
    with speaking("fr"):
        sheet = make_sheet(exercise, solved(exercise))
        document = written(cloze, sheet)
        texts = say("Shape ?"), say("Count ?"), how_to_write()
    (question,) = (q for q in rules.questions(document) if q.get("type") == "cloze")
    assert all(text in document for text in texts)
    assert [tag.findtext("text") for tag in question.findall("tags/tag")][-1] == "fr"


ONE_RIGHT = "input 28x28x1\navgpool ? -> 14x14x1\nconv 6, f=?, p=? -> 14x14x6\nflatten | dense ? -> 10\n"


def test_an_argument_with_one_right_value_is_not_said_to_be_one_of_many() -> None:
    sheet = sheet_of(ONE_RIGHT)
    assert [(one.kind, one.many) for one in sheet.questions] == [
        ("open", False),  # 2, or 2x2
        ("open", True),
        ("open", True),
        ("numbers", False),
    ]
    found = [q for q in rules.questions(written(moodle, sheet)) if q.get("type") != "category"]
    assert [q.get("type") for q in found] == ["essay", "essay", "essay", "numerical"]
    assert found[3].findtext("answer/text") == "10"
    notes = [rules.text_of(q, "graderinfo") for q in found[:3]]
    assert ["One right answer" in note for note in notes] == [False, True, True]
    (field,) = (
        field
        for q in rules.questions(written(cloze, sheet))
        if q.get("type") == "cloze"
        for field in rules.cloze(rules.text_of(q, "questiontext"))[1]
    )
    assert field["kind"] == "numerical"
    told = markdown.key(sheet)
    assert told.count("one right answer of many") == told.count("channels = filters = 6") == 1
    assert page.key(sheet).count("one right answer of many") == 1
