"""`cnnspec diff` as one calls it, and the options of `summary` for fields and memory."""

from __future__ import annotations

import csv
import io
import json
import subprocess
import sys
from pathlib import Path

import pytest

from tests.cli.test_commands import FALSE, GOOD, MODEL, Folder, folder, stdin

__all__ = ["folder"]
OTHER = GOOD.replace("conv 6", "conv 8").replace("24x24x6", "24x24x8")
FAMILY = "model m(width = 4)\nvariant thin(width = 2)\nvariant wide(width = 9)\ninput 8\ndense width\n"


@pytest.fixture
def two(folder: Folder) -> Folder:
    folder.write("other.cnn", OTHER)
    return folder


def test_exit_codes(two: Folder) -> None:
    code, out, err = two.call("diff", "good.cnn", "good.cnn")
    assert (code, err) == (0, "")
    assert out == "good.cnn -> good.cnn: the same network, 2 layers, 156 parameters, 86,400 MACs\n"
    code, out, err = two.call("diff", "good.cnn", "other.cnn")
    assert (code, err) == (1, "")
    assert "filters=6 -> filters=8" in out
    for name, output in (("one.cnn", "main"), ("both.cnn", "main, head")):
        two.write(name, f"input 4\ndense 3 as main\nbranch {{ dense 2 as head }}\noutput {output}\n")
    assert two.call("diff", "one.cnn", "both.cnn")[0] == 1
    assert two.call("diff", "good.cnn")[0] == 2
    assert two.call("diff", "good.cnn", "other.cnn", "--format", "csv")[0] == 2
    assert two.call("diff", "-", "-")[0] == 2


@pytest.mark.parametrize("form", ["text", "markdown", "json"])
def test_every_form(form: str, two: Folder) -> None:
    code, out, err = two.call("diff", "good.cnn", "other.cnn", "--format", form)
    assert (code, err) == (1, "")
    assert "other.cnn" in out
    assert two.call("diff", "good.cnn", "good.cnn", "--format", form)[0] == 0


def test_a_file_without_a_network_is_shown(two: Folder) -> None:
    code, out, err = two.call("diff", "good.cnn", "bad.cnn")
    assert (code, err) == (1, "")
    assert out.endswith("2 errors\n")
    assert two.call("diff", "missing.cnn", "good.cnn")[0] == 1


def test_a_false_expectation_does_not_stop_it(two: Folder) -> None:
    two.write("also.cnn", FALSE.replace("dense 10", "dense 11"))
    code, out, _ = two.call("diff", "false.cnn", "also.cnn")
    assert code == 1
    assert out.index("units=10 -> units=11") < out.index("error[E404]")
    assert out.endswith("2 errors in 2 files\n")
    assert two.call("diff", "false.cnn", "false.cnn")[0] == 0


@pytest.mark.parametrize("form", ["markdown", "json"])
def test_no_message_gets_among_the_data(form: str, two: Folder) -> None:
    code, out, err = two.call("diff", "false.cnn", "good.cnn", "--format", form)
    assert code == 1
    assert "E404" not in out
    assert "E404" in err
    if form == "json":
        assert json.loads(out)["changed"] is True


def test_settings_hold_for_both(two: Folder) -> None:
    two.write("a.cnn", MODEL)
    two.write("b.cnn", MODEL.replace("dense 7", "dense 8"))
    assert two.call("diff", "a.cnn", "b.cnn")[0] == 0
    assert two.call("diff", "a.cnn", "b.cnn", "--set", 'name="b"')[0] == 1


def test_a_setting_goes_to_the_file_that_has_it(two: Folder) -> None:
    two.write("a.cnn", "model m(a = 2, b = 1)\ninput 8\ndense a\n")
    two.write("b.cnn", "model m(c = 3)\ninput N\nidentity\nreshape N | relu\n")
    two.write("fixed.cnn", "input 8\ndense 3\n")
    assert two.call("diff", "a.cnn", "fixed.cnn")[0] == 1
    for pair in (("a.cnn", "fixed.cnn"), ("fixed.cnn", "a.cnn")):
        code, out, _ = two.call("diff", *pair, "--set", "a=3", "--set", "b=4")
        assert (code, "the same network" in out) == (0, True)
    assert "E220" not in two.call("diff", "a.cnn", "b.cnn", "--set", "a=3", "--set", "c=4", "--set", "N=8")[1]
    code, out, _ = two.call("diff", "a.cnn", "fixed.cnn", "--set", "a=3", "--set", "d=4")
    assert (code, out.count("error[E220]"), out.count("`d`")) == (1, 2, 2)
    assert two.call("diff", "/dev/null", "a.cnn", "--set", "a=3")[0] == 1
    assert "E220" not in two.call("diff", "missing.cnn", "a.cnn", "--set", "a=3", "--set", "d=4")[1]


def test_both_files_are_read_before_anything_is_said(two: Folder) -> None:
    code, out, err = two.call("diff", "bad.cnn", "missing.cnn")
    assert (code, err) == (1, "")
    assert "bad.cnn:" in out
    assert "`missing.cnn` does not exist" in out
    assert out.endswith("in 2 files\n")


@pytest.mark.parametrize("form", ["markdown", "json"])
@pytest.mark.parametrize("pair", [("bad.cnn", "good.cnn"), ("good.cnn", "missing.cnn"), ("bad.cnn", "missing.cnn")])
def test_where_there_is_no_network_there_is_no_data(form: str, pair: tuple[str, str], two: Folder) -> None:
    code, out, err = two.call("diff", *pair, "--format", form)
    assert (code, out) == (1, "")
    assert all(name in err for name in pair if name != "good.cnn")


def test_one_of_them_may_be_standard_input(two: Folder, monkeypatch: pytest.MonkeyPatch) -> None:
    for arguments in (("-", "other.cnn"), ("other.cnn", "-")):
        stdin(monkeypatch, OTHER.encode())
        assert two.call("diff", *arguments)[0] == 0
    stdin(monkeypatch, GOOD.encode())
    assert two.call("diff", "-", "other.cnn")[0] == 1


def test_variants_of_a_family(two: Folder) -> None:
    two.write("family.cnn", FAMILY)
    code, out, _ = two.call("diff", "family.cnn:thin", "family.cnn:wide", "--format", "json")
    assert (code, json.loads(out)["delta"]["params"]) == (1, 9 * 9 - 9 * 2)
    assert two.call("diff", "family.cnn:thin", "family.cnn:thin")[0] == 0


def test_what_git_gives_for_a_new_file(two: Folder) -> None:
    code, out, _ = two.call("diff", "/dev/null", "good.cnn", "--format", "json")
    assert code == 1
    assert [layer["status"] for layer in json.loads(out)["layers"]] == ["added", "added"]
    assert two.call("diff", "good.cnn", "/dev/null")[0] == 1


def test_as_a_tool_of_git(two: Folder) -> None:
    def git(*arguments: str) -> str:
        program = ("git", "-c", "user.name=a", "-c", "user.email=a@b", *arguments)
        done = subprocess.run(program, cwd=two.path, capture_output=True, text=True, check=False)
        return done.stdout + done.stderr

    git("init", "--quiet")
    git("add", "good.cnn")
    git("commit", "--quiet", "--message", "one")
    two.write("good.cnn", OTHER)
    root = Path(__file__).parents[2]
    command = f"env PYTHONPATH={root} {sys.executable} -m cnnspec diff"
    out = git("difftool", "--no-prompt", "--extcmd", command, "--", "good.cnn")
    assert "filters=6 -> filters=8" in out, out


# --- summary ----------------------------------------------------------------------------------------------------------


def test_summary_with_receptive_fields(folder: Folder) -> None:
    folder.write("net.cnn", "input 9x9x1\nconv 4, f=3x5, s=2, p=1x2 | upsample 1x2 | flatten | dense 2\n")
    out = folder.call("summary", "net.cnn", "--receptive-field")[1]
    rows = [line.split() for line in out.splitlines()]
    assert ["layer", "(kind)", "output", "size", "field", "stride", "offset", "params", "MACs"] in rows
    assert ["conv1", "(conv)", "5x5x4", "3x5", "2", "-1,", "-2", "64", "1,500"] in rows
    assert ["upsample1", "(upsample)", "5x10x4", "3x5", "2,", "1", "-1,", "-2", "0", "0"] in rows
    assert ["dense1", "(dense)", "2", "402", "400"] in rows
    assert (
        "| conv1 (conv) | 5x5x4 | 3x5 | 2 | -1, -2 | 64 | 1,500 |"
        in folder.call("summary", "net.cnn", "--receptive-field", "--format", "markdown")[1]
    )
    table = folder.call("summary", "net.cnn", "--receptive-field", "--format", "csv")[1]
    row = list(csv.DictReader(io.StringIO(table)))[1]
    assert (row["receptive_field"], row["stride"], row["offset"]) == ("3x5", "2", "-1, -2")
    assert "receptive_field" not in folder.call("summary", "net.cnn", "--format", "csv")[1]


def test_what_is_open_is_one_sign(folder: Folder) -> None:
    folder.write("net.cnn", "input 9x9x1\nconv 4, f=? -> 5x5x4\n")
    rows = [line.split() for line in folder.call("summary", "net.cnn", "--receptive-field")[1].splitlines()]
    assert ["conv1", "(conv)", "5x5x4", "?", "1", "0", "?", "?"] in rows


def test_block_instances_see_what_their_last_layer_sees(folder: Folder) -> None:
    folder.write("net.cnn", "block part { conv 4, f=3 | relu | maxpool 2 }\ninput 32x32x1\npart | part\n")
    out = folder.call("summary", "net.cnn", "--receptive-field", "--depth", "1")[1]
    assert ["part2", "(part)", "6x6x4", "10", "4", "0", "148", "24,336"] in [line.split() for line in out.splitlines()]


def test_summary_of_a_batch(folder: Folder) -> None:
    one, many = (
        json.loads(folder.call("summary", "good.cnn", "--format", "json", *more)[1]) for more in ([], ["--batch", "32"])
    )
    assert one["memory"] == {"weights": 624, "activations": 4 * (784 + 2 * 3456), "peak_layer": "relu1", "batch": 1}
    assert many["memory"] == {**one["memory"], "activations": 32 * one["memory"]["activations"], "batch": 32}
    text = folder.call("summary", "good.cnn", "--batch", "32")[1]
    assert "largest live" in text
    assert "0.985 MB of activations at one time, at relu1, with a batch of 32" in text
    assert folder.call("summary", "good.cnn", "--batch", "0")[0] == 2
