"""`FILE:VARIANT` for every command, and `cnnspec variants`."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path

import pytest

from cnnspec.cli import main

FAMILY = """\
model family(units = 3, act = relu)
input 4
dense units | act -> units
example [0, 0, 0, 0] -> [0, 0, 0]
variant small(units = 2) { expect params == 10 }
variant large(units = 1_000, act = tanh) { expect params == 5_000 }
"""
PLAIN = "input 8\ninput right: 4\nconcat input\ndense 2\n"


class Folder:
    """A folder of specs, and the command called in it."""

    def __init__(self, path: Path, capsys: pytest.CaptureFixture[str]) -> None:
        self.path = path
        self.capsys = capsys

    def call(self, *arguments: str) -> tuple[int, str]:
        code = main(arguments)
        return code, self.capsys.readouterr().out


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Folder:
    monkeypatch.chdir(tmp_path)
    for name, text in {"family.cnn": FAMILY, "plain.cnn": PLAIN, "blocks.cnn": "block a { relu }\n"}.items():
        (tmp_path / name).write_text(text)
    (tmp_path / "wrong.cnn").write_text(FAMILY.replace("params == 10 ", "params == 1 ").replace("example", "# example"))
    return Folder(tmp_path, capsys)


def test_check_looks_at_all_variants(folder: Folder) -> None:
    (folder.path / "family.cnn").write_text(FAMILY.replace("example", "# example"))
    assert folder.call("check", "family.cnn") == (0, "all good: 2 layers, 15 parameters, 12 MACs, 2 variants\n")
    assert folder.call("check", "family.cnn:small") == (0, "all good: 2 layers, 10 parameters, 8 MACs\n")
    assert folder.call("check", "family.cnn", "--set", "units=4") == (0, "all good: 2 layers, 20 parameters, 16 MACs\n")
    assert folder.call("check", "family.cnn", "plain.cnn") == (0, "all good: 2 files, 2 variants\n")


@pytest.mark.parametrize("form", ["text", "concise", "json", "sarif", "github", "gitlab", "junit"])
def test_every_form_of_check_tells_of_a_wrong_variant(form: str, folder: Folder) -> None:
    code, out = folder.call("check", "wrong.cnn", "--format", form)
    assert code == 1
    assert "params is 10, not 1" in out


def test_check_of_one_variant_leaves_the_others_alone(folder: Folder) -> None:
    assert folder.call("check", "wrong.cnn:large")[0] == 0
    assert folder.call("check", "wrong.cnn:small")[0] == 1
    assert folder.call("check", "wrong.cnn:small", "--set", "act=elu")[0] == 0


def test_an_unknown_variant(folder: Folder) -> None:
    code, out = folder.call("check", "wrong.cnn:smal")
    assert code == 1
    assert "E227" in out
    assert "--> wrong.cnn:1:7" in out
    assert "did you mean `small`? its variants are small, large" in out


def test_the_other_commands(folder: Folder) -> None:
    assert "params = 5,000" in folder.call("explain", "wrong.cnn:large")[1]
    assert folder.call("summary", "wrong.cnn:large", "--depth", "1")[1].startswith("large\n")
    assert folder.call("compile", "wrong.cnn:large", "-o", "large.onnx")[1].startswith("large.onnx: 5,000 parameters")
    assert folder.call("weights", "wrong.cnn:large", "-o", "large.npz")[1].startswith("large.npz: 2 tensors, 5,000")
    assert folder.call("run", "wrong.cnn:large", "1, 2, 3, 4")[0] == 0
    assert "E409" in folder.call("test", "family.cnn:large")[1], "the example is that of the defaults"


def test_the_list(folder: Folder) -> None:
    (folder.path / "family.cnn").write_text(FAMILY.replace("example", "# example"))
    code, out = folder.call("variants", "family.cnn", "plain.cnn", "blocks.cnn")
    assert code == 0
    assert out == (
        "network           params  trainable   MACs  input\n"
        "-------------------------------------------------\n"
        "family.cnn:small      10         10      8  4\n"
        "family.cnn:large   5,000      5,000  4,000  4\n"
        "plain.cnn             26         26     24  8, 4\n"
        "\n"
        "3 networks in 2 files\n"
    )
    assert folder.call("variants", "family.cnn:large")[1].endswith("1 network in 1 file\n")
    assert "family.cnn:small      15" in folder.call("variants", "family.cnn", "--set", "units=3")[1]


def test_the_forms_of_the_list(folder: Folder) -> None:
    (folder.path / "family.cnn").write_text(FAMILY.replace("example", "# example"))
    rows = json.loads(folder.call("variants", "family.cnn", "plain.cnn", "--format", "json")[1])
    assert [(row["file"], row["variant"], row["params"]) for row in rows] == [
        ("family.cnn", "small", 10),
        ("family.cnn", "large", 5_000),
        ("plain.cnn", None, 26),
    ]
    assert rows[2]["inputs"] == [{"name": "input", "size": [8]}, {"name": "right", "size": [4]}]
    table = list(csv.DictReader(io.StringIO(folder.call("variants", "family.cnn", "--format", "csv")[1])))
    assert [(row["variant"], row["macs"], row["input"]) for row in table] == [
        ("small", "8", "4"),
        ("large", "4000", "4"),
    ]
    markdown = folder.call("variants", "family.cnn", "--format", "markdown")[1].splitlines()
    assert markdown[-1] == "| family.cnn:large | 5,000 | 5,000 | 4,000 | 4 |"


def test_what_is_wrong_is_shown_after_the_list(folder: Folder) -> None:
    code, out = folder.call("variants", "wrong.cnn", "missing.cnn", "plain.cnn")
    assert code == 1
    assert out.index("wrong.cnn:small") < out.index("3 networks in 2 files") < out.index("E404") < out.index("E100")


@pytest.mark.parametrize("form", ["json", "csv", "markdown"])
def test_no_message_gets_among_the_data(form: str, folder: Folder) -> None:
    code, out = folder.call("variants", "wrong.cnn", "--format", form)
    assert code == 1
    assert out.startswith("error[E404]")


def test_an_empty_list(folder: Folder) -> None:
    assert folder.call("variants", "blocks.cnn") == (0, "")
    assert folder.call("variants", "blocks.cnn", "--format", "json") == (0, "[\n]\n")
