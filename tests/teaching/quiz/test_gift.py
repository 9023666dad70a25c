"""GIFT, re-read in the order in which Moodle's import reads it."""

from __future__ import annotations

import html

from cnnspec.teaching.quiz import gift
from cnnspec.teaching.quiz.sheet import Options, Sheet
from tests.teaching.quiz import moodle_rules as rules
from tests.teaching.quiz.conftest import NASTY


def read(sheet: Sheet) -> list[dict]:
    (output,) = gift.export([sheet], Options())
    assert isinstance(output.content, str)
    return rules.gift(output.content)


def test_each_field_is_a_question_with_its_answers(kinds: Sheet) -> None:
    head, *found = read(kinds)
    assert head == {"kind": "category", "name": "$course$/top/cnnspec/kinds"}
    numerical = [one for one in found if one["kind"] == "numerical"]
    assert [one["answers"][0]["answer"] for one in numerical] == [f.right for q in kinds.questions for f in q.fields]
    assert all(one["answers"][0]["fraction"] == 1 for one in numerical)
    params = next(one for one in numerical if "number of parameters" in one["name"])
    bias = next(one for one in params["answers"] if one["answer"] == "150")
    assert abs(bias["fraction"] - 2 / 3) < 1e-5
    assert "bias" in bias["feedback"]
    assert all(rules.is_allowed(answer["fraction"]) for one in found for answer in one["answers"])
    assert [one["kind"] for one in found].count("essay") == 2
    choice = next(one for one in found if one["kind"] == "multichoice")
    assert [(a["answer"], a["fraction"]) for a in choice["answers"]] == [("26x26x6", 0.0), ("24x24x6", 1.0)]


def test_texts_of_any_kind_break_out_of_nothing(nasty: Sheet, kinds: Sheet) -> None:
    plain, found = read(kinds), read(nasty)
    assert [one["kind"] for one in found] == [one["kind"] for one in plain]
    assert [[a["answer"] for a in one.get("answers", [])] for one in found] == [
        [a["answer"] for a in one.get("answers", [])] for one in plain
    ]
    shown = html.unescape(found[1]["text"].replace("<code>", "`").replace("</code>", "`"))
    for line in NASTY.split("\n\n"):
        assert line in shown
    assert "<script>" not in found[1]["text"]
