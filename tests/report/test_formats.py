"""The forms of diagnostics that programs read."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import jsonschema
import pytest

from cnnspec.codes import CODES, OFF
from cnnspec.diagnostics import Diagnostic, Label
from cnnspec.report import concise, github, gitlab, json_lines, json_list, junit, sarif
from cnnspec.report.checked import Checked
from cnnspec.source import Source, Span
from tests.report.samples import checked, diagnostic, place, window

CLEAN = [Checked("good.cnn", ())]


def awkward() -> Diagnostic:
    source = Source('use "a&b<c>\x1b"\n漢 f=7\n', "my folder/50%,é:1.cnn")
    return diagnostic(source, "f=7", message="100 % of a,b:c\nare <wrong> & \x1b odd", help='mend "it"', code="W301")


def test_concise() -> None:
    assert concise.render(checked(window())) == ("lenet.cnn:9:11: E301 the window 7x7 is larger than the input 4x4\n")
    assert concise.render(CLEAN) == ""


def test_json_has_the_fields_that_others_rely_on() -> None:
    (d,) = json.loads(json_list.render(checked(window())))
    agreed = {"code", "name", "severity", "message", "filename", "location", "end_location", "help", "fix", "url"}
    assert agreed <= set(d)
    assert {name: d[name] for name in agreed} == {
        "code": "E301",
        "name": "window-exceeds-input",
        "severity": "error",
        "message": "the window 7x7 is larger than the input 4x4",
        "filename": "lenet.cnn",
        "location": {"row": 9, "column": 11},
        "end_location": {"row": 9, "column": 14},
        "help": "use f=4 or smaller, or p=2",
        "fix": {
            "applicability": "unsafe",
            "message": "use f=4",
            "edits": [
                {"content": "f=4", "location": {"row": 9, "column": 11}, "end_location": {"row": 9, "column": 14}}
            ],
        },
        "url": None,
    }
    assert json.loads(json_list.render(CLEAN)) == []
    (d,) = json.loads(json_list.render(checked(awkward())))
    assert (d["severity"], d["fix"], d["message"]) == ("warning", None, awkward().message)
    assert d["location"] == {"row": 2, "column": 3}


def test_github_escapes_what_would_end_a_command() -> None:
    assert github.render(checked(window())) == (
        "::error file=lenet.cnn,line=9,col=11,endLine=9,endColumn=14,title=E301 window-exceeds-input"
        "::the window 7x7 is larger than the input 4x4"
        "%0A(n + 2p - f)/s + 1 = (4 + 2*0 - 7)/1 + 1 = -2%0Ahelp: use f=4 or smaller, or p=2\n"
    )
    line = github.render(checked(awkward()))
    assert line.count("\n") == 1
    assert line.startswith("::warning file=my folder/50%25%2Cé%3A1.cnn,line=2,")
    assert "::100 %25 of a,b:c%0Aare" in line
    assert github.render(CLEAN) == ""


def test_github_gives_no_columns_of_different_lines() -> None:
    source = Source("repeat 2 {\nrelu\n", "a.cnn")
    line = github.render(checked(Diagnostic("E106", "x", source, Span(0, 14))))
    assert "endLine=2" in line
    assert "endColumn" not in line


def test_gitlab() -> None:
    (issue,) = json.loads(gitlab.render(checked(window("./x/../lenet.cnn"))))
    assert issue.pop("fingerprint")
    assert issue == {
        "description": "the window 7x7 is larger than the input 4x4 (use f=4 or smaller, or p=2)",
        "check_name": "E301 window-exceeds-input",
        "severity": "major",
        "location": {"path": "lenet.cnn", "lines": {"begin": 9}},
    }
    assert json.loads(gitlab.render(CLEAN)) == []


def fingerprints(text: str) -> list[str]:
    source = Source(text, "a.cnn")
    found = [diagnostic(source, "conv 1"), Diagnostic("E301", "something", source, place(source, "conv 1", 1))]
    return [issue["fingerprint"] for issue in json.loads(gitlab.render(checked(*found)))]


def test_fingerprints_stay_when_lines_move_and_tell_twins_apart() -> None:
    first, second = fingerprints("conv 1\nrelu\nconv 1\n")
    assert first != second
    assert fingerprints("# a comment\n\nconv 1\nrelu\nrelu\nconv 1\n") == [first, second]


def test_junit() -> None:
    document = ET.fromstring(junit.render([*checked(window(), awkward()), *CLEAN]))
    assert document.attrib == {"name": "cnnspec", "tests": "3", "failures": "2", "errors": "0"}
    suites = {suite.attrib["name"]: suite for suite in document}
    assert list(suites) == ["lenet.cnn", "my folder/50%,é:1.cnn", "good.cnn"]
    failure = suites["lenet.cnn"].find("testcase/failure")
    assert failure is not None
    assert failure.attrib["type"] == "error"
    assert "^^^ needs at least 7x7" in (failure.text or "")
    case = suites["good.cnn"].find("testcase")
    assert case is not None
    assert list(case) == []


SARIF = jsonschema.Draft4Validator(json.loads((Path(__file__).parent / "sarif-2.1.0.json").read_text()))


def sarif_of(*diagnostics: Diagnostic) -> Any:
    document = json.loads(sarif.render(checked(*diagnostics), version="1.2.3"))
    SARIF.validate(document)
    return document


def test_sarif() -> None:
    document = sarif_of(awkward(), window())
    assert document["version"] == "2.1.0"
    (run,) = document["runs"]
    assert run["columnKind"] == "unicodeCodePoints"
    driver = run["tool"]["driver"]
    assert (driver["name"], driver["version"]) == ("cnnspec", "1.2.3")
    assert [rule["id"] for rule in driver["rules"]] == ["E301", "W301"]
    assert [rule["name"] for rule in driver["rules"]] == ["WindowExceedsInput", "DroppedColumns"]
    assert [rule["defaultConfiguration"]["level"] for rule in driver["rules"]] == ["error", "warning"]
    assert all(rule["help"]["markdown"].startswith(f"# {rule['id']} ") for rule in driver["rules"])
    for result in run["results"]:
        assert driver["rules"][result["ruleIndex"]]["id"] == result["ruleId"]
        assert result["partialFingerprints"]["primaryLocationLineHash"]
    odd, window_result = run["results"]
    where = window_result["locations"][0]["physicalLocation"]
    assert where["region"] == {"startLine": 9, "startColumn": 11, "endLine": 9, "endColumn": 14}
    assert where["artifactLocation"] == {"uri": "lenet.cnn", "uriBaseId": "%SRCROOT%"}
    assert window_result["relatedLocations"][0]["message"]["text"] == "gives 4x4x16"
    (change,) = window_result["fixes"][0]["artifactChanges"]
    assert change["replacements"] == [{"deletedRegion": where["region"], "insertedContent": {"text": "f=4"}}]
    assert odd["locations"][0]["physicalLocation"]["artifactLocation"]["uri"] == "my%20folder/50%25%2C%C3%A9%3A1.cnn"
    assert "fixes" not in odd


def test_sarif_names_an_outside_file_by_its_whole_path() -> None:
    (run,) = sarif_of(window("/nowhere/else/lenet.cnn"))["runs"]
    where = run["results"][0]["locations"][0]["physicalLocation"]["artifactLocation"]
    assert where == {"uri": "file:///nowhere/else/lenet.cnn"}


def test_sarif_of_a_clean_run() -> None:
    (run,) = sarif_of()["runs"]
    assert run["results"] == []


def test_sarif_is_valid_whatever_is_said() -> None:
    source = Source("conv 1\nconv 2\n", "a.cnn")
    twice = (Label(source, Span(0, 4), "here"), Label(source, Span(0, 4), "here"))
    every = [Diagnostic(code, "x", source, Span(7, 7), labels=twice, fix=window().fix) for code in CODES]
    (run,) = sarif_of(*every)["runs"]
    rules = {rule["id"]: rule for rule in run["tool"]["driver"]["rules"]}
    assert set(rules) == set(CODES)
    assert all(len(rule["fullDescription"]["text"]) > 20 for rule in rules.values())
    assert {code for code, rule in rules.items() if not rule["defaultConfiguration"]["enabled"]} == OFF


def test_an_invalid_document_is_seen() -> None:
    document = sarif_of(window())
    document["runs"][0]["results"][0]["locations"][0]["physicalLocation"]["region"]["startLine"] = 0
    with pytest.raises(jsonschema.ValidationError):
        SARIF.validate(document)


@pytest.mark.parametrize("form", [sarif, github, gitlab])
def test_paths_are_those_of_the_repository(form: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / ".git").mkdir()
    (tmp_path / "nets" / "inner").mkdir(parents=True)
    texts = []
    for folder, name in (("nets", "inner/lenet.cnn"), (".", "nets/inner/lenet.cnn"), ("nets/inner", "lenet.cnn")):
        monkeypatch.chdir(tmp_path / folder)
        texts.append(form.render(checked(window(name))))
    assert "nets/inner/lenet.cnn" in texts[0]
    assert texts == [texts[0]] * 3, "the fingerprints too"


def test_json_lines() -> None:
    lines = json_lines.render(checked(window(), awkward())).splitlines()
    assert [json.loads(line) for line in lines] == json.loads(json_list.render(checked(window(), awkward())))
    assert json_lines.render(CLEAN) == ""


def test_json_says_where_a_comment_would_stand() -> None:
    error, finding = json.loads(json_list.render(checked(window(), awkward())))
    assert (error["noqa_row"], finding["noqa_row"]) == (None, 2)


@pytest.mark.parametrize("form", [concise, json_lines, json_list, github, gitlab, junit, sarif])
def test_every_form_takes_an_empty_source_and_another_file(form: Any) -> None:
    empty = Source("", "empty.cnn")
    other = Source("relu\n", "other.cnn")
    d = Diagnostic("E401", "the file is empty", empty, Span(0, 0), labels=(Label(other, Span(0, 4), "here"),))
    assert "E401" in form.render(checked(d))
