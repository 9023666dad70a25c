"""The documents that platforms read, against their schemas, with students who write whatever they like."""

from __future__ import annotations

import json
from typing import Any

import jsonschema
import pytest

from cnnspec.teaching.model import Marks, Verdict
from cnnspec.teaching.quiz.results import (
    coderunner_result,
    grade_range,
    gradescope_failure,
    gradescope_results,
    one_line,
    prairielearn_results,
    vpl_failure,
    vpl_output,
)
from tests.teaching.quiz import vpl_rules

FORGERIES = (
    "Grade :=>>100",
    "\nGrade :=>>100",
    "\r\nGrade :=>>100\r\n",
    "\rGrade :=>>100\r",
    "\f\vGrade :=>>100",
    "\x1cGrade :=>>100\x1d",
    "\x85Grade :=>>100\x85",
    "\u2028Grade :=>>100\u2029Grade :=>>100",
    "\n--|>\nGrade :=>>100\n<|--\n",
    "--|>",
    "\u202eGrade :=>>100",
    "\n- Title (-100)",
    "Comment :=>>hello",
    "<script>alert(1)</script>",
    "\x00\x1b[2J\n\nGrade :=>>100",
)

VISIBILITY = {"enum": ["visible", "hidden", "after_due_date", "after_published"]}
FORMAT = {"enum": ["text", "html", "simple_format", "md", "ansi"]}
GRADESCOPE = {
    "type": "object",
    "required": ["score", "tests"],
    "additionalProperties": False,
    "properties": {
        "score": {"type": "number", "minimum": 0},
        "execution_time": {"type": "number"},
        "output": {"type": "string"},
        "output_format": FORMAT,
        "test_output_format": FORMAT,
        "visibility": VISIBILITY,
        "stdout_visibility": VISIBILITY,
        "extra_data": {"type": "object"},
        "leaderboard": {"type": "array"},
        "tests": {
            "type": "array",
            "items": {
                "type": "object",
                "additionalProperties": False,
                "required": ["score", "max_score", "name"],
                "properties": {
                    "score": {"type": "number", "minimum": 0},
                    "max_score": {"type": "number", "minimum": 0},
                    "status": {"enum": ["passed", "failed"]},
                    "name": {"type": "string", "pattern": "^[^\\n\\r]*$"},
                    "number": {"type": "string"},
                    "output": {"type": "string"},
                    "output_format": FORMAT,
                    "tags": {"type": "array"},
                    "visibility": VISIBILITY,
                    "extra_data": {"type": "object"},
                },
            },
        },
    },
}
PRAIRIELEARN = {
    "type": "object",
    "oneOf": [
        {
            "required": ["gradable", "score"],
            "properties": {"gradable": {"const": True}, "score": {"type": "number", "minimum": 0, "maximum": 1}},
        },
        {"required": ["gradable", "format_errors"], "properties": {"gradable": {"const": False}}},
    ],
    "properties": {
        "format_errors": {"type": "array", "items": {"type": "string"}, "minItems": 1},
        "tests": {
            "type": "array",
            "items": {
                "type": "object",
                "required": ["name", "points", "max_points"],
                "properties": {"points": {"type": "number"}, "max_points": {"type": "number"}},
            },
        },
    },
}
CODERUNNER = {
    "type": "object",
    "required": ["fraction"],
    "additionalProperties": False,
    "properties": {
        "fraction": {"type": "number", "minimum": 0, "maximum": 1},
        "prologuehtml": {"type": "string"},
        "epiloguehtml": {"type": "string"},
        "instructorhtml": {"type": "string"},
        "testresults": {"type": "array", "items": {"type": "array"}},
        "columnformats": {"type": "array", "items": {"enum": ["%s", "%h"]}},
    },
}


def verdict(number: int = 1, given: str = "896", **values: Any) -> Verdict:
    known: dict[str, Any] = {
        "blank": f"conv{number}.params",
        "number": number,
        "family": "params",
        "label": f"`conv {number}`: number of parameters",
        "line": number,
        "given": given,
        "status": "right",
        "points": 1.0,
        "out_of": 1.0,
        "right": "896",
        "follows": "",
        "mistake": "",
        "message": "right",
        "arithmetic": (),
    }
    return Verdict(**known | values)


def marks(*verdicts: Verdict, **values: Any) -> Marks:
    known: dict[str, Any] = {
        "name": "Marie",
        "identifier": "17",
        "filename": "m.cnn",
        "exercise": "Sizes",
        "language": "en",
        "variant": "",
        "points": sum(one.points for one in verdicts),
        "out_of": sum(one.out_of for one in verdicts),
        "problem": "",
        "notices": (),
        "verdicts": verdicts,
    }
    return Marks(**known | values)


WRONG = verdict(2, "9216", status="mistake", points=0.0, message="the bias is forgotten", arithmetic=("a = 1", "b = 2"))
MIXED = marks(
    verdict(), WRONG, verdict(3, "", status="empty", points=0.0), verdict(4, "7", status="follow-through", points=0.75)
)
UNREAD = marks(verdict(points=0.0, status="empty", given=""), problem="the file is no text", points=0.0)


@pytest.mark.parametrize("one", [MIXED, UNREAD, marks(verdict()), marks()])
def test_every_document_fits_its_schema(one: Marks) -> None:
    jsonschema.validate(gradescope_results(one, "after_due_date", 0.1234), GRADESCOPE)
    jsonschema.validate(prairielearn_results(one), PRAIRIELEARN)
    jsonschema.validate(coderunner_result(one), CODERUNNER)


def test_gradescope_has_a_test_for_each_blank() -> None:
    document = gradescope_results(MIXED)
    assert document["score"] == 1.75
    assert [test["score"] for test in document["tests"]] == [1, 0, 0, 0.75]
    assert [test["status"] for test in document["tests"]] == ["passed", "failed", "failed", "failed"]
    assert "the bias is forgotten" in document["tests"][1]["output"]
    assert "right: 896" in document["tests"][1]["output"]
    assert "no answer" in document["tests"][2]["output"]
    jsonschema.validate(gradescope_failure("it broke", 4), GRADESCOPE)
    assert gradescope_failure("it broke", 4)["score"] == 0


def test_prairielearn_takes_no_attempt_for_what_it_cannot_read() -> None:
    assert prairielearn_results(MIXED)["score"] == pytest.approx(1.75 / 4)
    unread = prairielearn_results(
        marks(verdict(), verdict(2, "two", status="unreadable", message="no number", points=0.0))
    )
    assert unread["gradable"] is False
    assert "score" not in unread
    assert unread["format_errors"] == ["2. `conv 2`: number of parameters: no number"]
    assert prairielearn_results(UNREAD)["format_errors"] == ["the file is no text"]


def test_prairielearn_stays_below_a_megabyte() -> None:
    long = [verdict(i, "9" * 5000, message="m" * 5000, arithmetic=("a" * 5000,), status="wrong") for i in range(1, 400)]
    assert len(json.dumps(prairielearn_results(marks(*long)))) < 2**20


def test_coderunner_shows_a_row_for_each_blank() -> None:
    document = coderunner_result(MIXED)
    head, *rows = document["testresults"]
    assert head[0] == "iscorrect"
    assert [row[0] for row in rows] == [1, 0, 0, 0.75]
    assert all(len(row) == len(head) for row in rows)
    assert len(document["columnformats"]) == sum(not name.startswith("is") for name in head)
    assert set(document["columnformats"]) == {"%s"}  # CodeRunner escapes these cells
    assert "<" not in coderunner_result(marks(problem="<b>"))["prologuehtml"].replace("<p>", "").replace("</p>", "")


@pytest.mark.parametrize(
    ("environment", "expected"),
    [
        ({"VPL_GRADEMIN": "0", "VPL_GRADEMAX": "20"}, "8.75"),
        ({"VPL_GRADEMIN": "1", "VPL_GRADEMAX": "5"}, "2.75"),
        ({}, "1.75"),
        ({"VPL_GRADEMIN": "nan", "VPL_GRADEMAX": "inf"}, "1.75"),
        ({"VPL_GRADEMAX": "100"}, "43.75"),
    ],
)
def test_vpl_reads_the_grade_on_its_own_scale(environment: dict[str, str], expected: str) -> None:
    output = vpl_output(MIXED, *grade_range(environment))
    assert vpl_rules.grade(output) == vpl_rules.old_grade(output) == expected


def test_vpl_folds_a_title_for_each_blank() -> None:
    titles = vpl_rules.titles(vpl_output(MIXED, 0, 20))
    assert titles[0] == "1.75 of 4 points"
    assert titles[2] == "2. `conv 2`: number of parameters (-5)"
    assert ">the bias is forgotten" in vpl_rules.comments(vpl_output(MIXED, 0, 20))
    failed = vpl_failure("it broke")
    assert vpl_rules.grade(failed) == "0"


@pytest.mark.parametrize(
    ("one", "least", "most"),
    [
        (MIXED, 0, 20),
        (MIXED, 5, 20),
        (UNREAD, 0, 20),
        (marks(*(verdict(i, points=0.0, out_of=0.8696) for i in range(1, 8))), 0, 20),
        (marks(verdict(), WRONG, points=0.5, notices=("handed in late: 50 % (-3)", "(5)")), 0, 20),
        (marks(verdict(label="`pool` (2)"), verdict(2, points=0.3333)), 0, 1),
    ],
)
def test_what_titles_cost_is_what_is_missing_from_the_grade(one: Marks, least: float, most: float) -> None:
    output = vpl_output(one, least, most)
    assert vpl_rules.calculated(output, most) == pytest.approx(float(vpl_rules.grade(output)), abs=1.5e-5)


def test_lateness_is_a_title_of_its_own() -> None:
    titles = vpl_rules.titles(vpl_output(marks(verdict(), verdict(2), points=1.5), 0, 20))
    assert titles[-1] == "Handed in late (-5)"
    assert "Handed in late" not in vpl_output(MIXED, 0, 20)


def test_points_in_a_list_have_all_their_decimals() -> None:
    (_, *rows) = coderunner_result(marks(verdict(points=0.8696, out_of=0.8696), verdict(2, points=0.5)))["testresults"]
    assert [row[3] for row in rows] == ["0.8696/0.8696", "0.5/1"]


@pytest.mark.parametrize("text", FORGERIES)
def test_no_text_of_a_student_forges_a_grade(text: str) -> None:
    said = {"label": f"layers: {text}", "message": f"`{text}` is no number", "right": text, "follows": text}
    zero = verdict(1, text, status="wrong", points=0.0, arithmetic=(text,), **said)
    about = dict.fromkeys(("problem", "name", "identifier", "variant", "exercise", "filename"), text)
    hostile = marks(zero, notices=(text, f"{text}{text}"), **about)
    output = vpl_output(hostile, 0, 20)
    assert vpl_rules.grade(output) == vpl_rules.old_grade(output) == "0"
    assert output.count("Grade :=>>") == 1
    assert output.count("<|--") == output.count("--|>") == 1
    assert "Comment :=>>" not in output
    lines = output.split("\n")
    assert lines[:-1] == output.splitlines()  # nothing that any program takes for the end of a line
    assert all(line[:1] in ("-", ">") for line in lines[1 : lines.index("--|>")])
    for document in (gradescope_results(hostile), prairielearn_results(hostile), coderunner_result(hostile)):
        again = json.loads(json.dumps(document))
        assert again == document
        assert "\x00" not in json.dumps(again, ensure_ascii=False)
    assert "<script>" not in coderunner_result(hostile)["prologuehtml"]


@pytest.mark.parametrize("text", FORGERIES)
def test_one_line_is_one_line(text: str) -> None:
    assert len(f"{one_line(text)}|".splitlines()) == 1
    assert len(one_line("x" * 10_000)) == 2_001
