"""`cnnspec check` as a linter: selection, fixes, comments, configuration, folders, watching."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from tests.cli.test_commands import BAD, GOOD, Folder, folder, stdin

__all__ = ["folder"]

ROOT = Path(__file__).parents[2]
DOUBTFUL = "input 11x11x1\nlet a = 3\nmaxpool 2\n"  # W101, W301
MENDABLE = "input 28x28x1\nConv(6, f=5, bias=False)\nrelu\n"
MENDED = "input 28x28x1\nconv 6, f=5, bias=false\nrelu\n"


def codes(folder: Folder, *arguments: str) -> tuple[int, str]:
    code, out, _ = folder.call("check", *arguments, "--format", "concise")
    return code, " ".join(line.split()[1] for line in out.splitlines())


@pytest.fixture(autouse=True)
def files(folder: Folder) -> None:
    folder.write("lint.cnn", DOUBTFUL)
    folder.write("mend.cnn", MENDABLE)


# --- selection -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        ("", (1, "W101 W301")),
        ("--select W3", (1, "W301")),
        ("--select W3,W10 --ignore W301", (1, "W101")),
        ("--select W2 --select W30", (1, "W301")),
        ("--ignore W", (0, "")),
        ("--select W2 --extend-select dropped-columns", (1, "W301")),
        ("--exit-zero", (0, "W101 W301")),
    ],
)
def test_selected_findings(options: str, expected: tuple[int, str], folder: Folder) -> None:
    assert codes(folder, "lint.cnn", *options.split()) == expected


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ("--select W999", "there is no code `W999`"),
        ("--select dropped-colums", "did you mean `dropped-columns`?"),
        ("--ignore E301", "`E301` is an error, which cannot be ignored"),
        ("--fix --set n=3", "--fix is for all variants of a file"),
        ("good.cnn:small --diff", "--diff is for all variants of a file"),
        ("--fix --add-noqa", "--fix and --add-noqa do not go together"),
        ("--watch --add-noqa", "--watch goes with neither"),
        ("- --watch", "--watch goes with neither"),
        ("--statistics --format sarif", "--statistics goes with --format text or json"),
        ("--config missing.toml", "missing.toml: the file does not exist"),
    ],
)
def test_wrong_usage(options: str, message: str, folder: Folder) -> None:
    code, out, err = folder.call("check", "lint.cnn", *options.split())
    assert (code, out) == (2, "")
    assert err.startswith("cnnspec check: ")
    assert message in err


def test_errors_are_always_shown(folder: Folder) -> None:
    assert codes(folder, "bad.cnn", "--ignore", "ALL") == (1, "E301 E203")


def test_statistics(folder: Folder) -> None:
    code, out, _ = folder.call("check", "lint.cnn", "bad.cnn", "doubtful.cnn", "--statistics")
    assert code == 1
    lines = out.splitlines()
    assert lines[0].split() == ["2", "W301", "dropped-columns", "2", "fixable"]
    assert sorted(line.split()[1] for line in lines) == ["E203", "E301", "W101", "W301"]
    rows = json.loads(folder.call("check", "lint.cnn", "--statistics", "--format", "json")[1])
    assert rows[1] == {"code": "W301", "name": "dropped-columns", "count": 1, "fixable": 1}
    assert folder.call("check", "good.cnn", "--statistics")[:2] == (0, "")


def test_the_output_goes_to_a_file(folder: Folder) -> None:
    assert folder.call("check", "lint.cnn", "--format", "json", "-o", "out.json")[:2] == (1, "")
    assert len(json.loads((folder.path / "out.json").read_text())) == 2
    code, out, _ = folder.call("check", "lint.cnn", "-o", "no/folder/out.txt")
    assert code == 1
    assert "cannot be written" in out


# --- fixes -----------------------------------------------------------------------------------------------------------


def test_fixes_are_written_and_counted(folder: Folder) -> None:
    code, out, err = folder.call("check", "--fix", "mend.cnn")
    assert (code, err) == (0, "")
    assert out == "all good: 2 layers, 150 parameters, 86,400 MACs (3 fixed)\n"
    assert (folder.path / "mend.cnn").read_text() == MENDED
    assert "fixed" not in folder.call("check", "--fix", "mend.cnn")[1]


def test_what_is_left_is_reported(folder: Folder) -> None:
    folder.write("both.cnn", MENDABLE + "maxpool 5\n")
    code, out, _ = folder.call("check", "--fix", "both.cnn")
    assert code == 1
    assert "finding[W301]" in out
    assert out.splitlines()[-2:] == ["1 finding (3 more fixed)", "1 can be fixed with `--fix --unsafe-fixes`"]
    code, out, _ = folder.call("check", "--fix", "--unsafe-fixes", "both.cnn")
    assert (code, out.endswith("(1 fixed)\n")) == (0, True)


def test_what_fixes_could_do_is_counted(folder: Folder) -> None:
    assert folder.call("check", "mend.cnn")[1].splitlines()[-1] == "3 can be fixed with `--fix`"
    folder.write("both.cnn", MENDABLE.replace("Conv(6, f=5", "cnv 6, f=5").replace(")", ""))
    assert folder.call("check", "both.cnn")[1].splitlines()[-1] == (
        "1 can be fixed with `--fix`, 1 more with `--fix --unsafe-fixes`"
    )
    assert folder.call("check", "both.cnn", "--unsafe-fixes")[1].splitlines()[-1] == "2 can be fixed with `--fix`"


def test_a_difference_is_shown_and_nothing_is_written(folder: Folder) -> None:
    code, out, err = folder.call("check", "--diff", "mend.cnn", "good.cnn")
    assert (code, err) == (1, "would fix 3 places\n")
    assert out.splitlines() == [
        "--- mend.cnn",
        "+++ mend.cnn",
        "@@ -1,3 +1,3 @@",
        " input 28x28x1",
        "-Conv(6, f=5, bias=False)",
        "+conv 6, f=5, bias=false",
        " relu",
    ]
    assert (folder.path / "mend.cnn").read_text() == MENDABLE
    assert folder.call("check", "--diff", "good.cnn") == (0, "", "nothing to fix\n")
    assert folder.call("check", "--diff", "--exit-zero", "mend.cnn")[0] == 0
    assert folder.call("check", "--diff", "missing.cnn")[0] == 1


def test_standard_input_is_mended_to_standard_output(folder: Folder, monkeypatch: pytest.MonkeyPatch) -> None:
    stdin(monkeypatch, MENDABLE.encode())
    code, out, err = folder.call("check", "--fix", "-")
    assert (code, out) == (0, MENDED)
    assert "3 fixed" in err


def test_a_fix_that_would_bring_an_error_is_told(folder: Folder) -> None:
    text = "input 28x28x4\nconv 4, f=3 -> 26x26x4, 148 params\nbatchnorm | relu\n"
    path = folder.write("counted.cnn", text)
    code, out, err = folder.call("check", "--fix", "--unsafe-fixes", "counted.cnn")
    assert (code, path.read_text()) == (1, text)
    assert "W401" in out
    assert err.startswith("counted.cnn:2:1: W401 is not fixed: that would bring E403 ")


def test_bytes_around_a_fix_stay(folder: Folder) -> None:
    path = folder.path / "odd.cnn"
    path.write_bytes(b"\xef\xbb\xbfinput 28x28x1\r\nConv 6, f=5  # \xc3\xa9\r\n\trelu")
    assert folder.call("check", "--fix", "odd.cnn")[0] == 0
    assert path.read_bytes() == b"\xef\xbb\xbfinput 28x28x1\r\nconv 6, f=5  # \xc3\xa9\r\n\trelu"


def test_used_files_are_not_mended(folder: Folder) -> None:
    blocks = folder.write("blocks.cnn", "block twice { relu | relu }\n")
    folder.write("user.cnn", 'use "blocks.cnn"\ninput 8\ndense 4 | twice\n')
    code, out, _ = folder.call("check", "--fix", "user.cnn")
    assert code == 1
    assert "blocks.cnn" in out
    assert blocks.read_text() == "block twice { relu | relu }\n"


TWICE = "block b(n) { conv n, f=3 | relu | relu }\n"


def test_used_files_that_are_given_too_are_mended(folder: Folder) -> None:
    blocks = folder.write("two/blocks.cnn", TWICE)
    user = folder.write("two/user.cnn", 'use "blocks.cnn"\ninput 28x28x1\nb 4\nlet a = 3\n')
    code, out, err = folder.call("check", "--diff", "two")
    assert (code, out.count("\n-"), err) == (1, 3, "would fix 2 places\n")
    assert folder.call("check", "--fix", "two")[:2] == (0, "all good: 2 files (2 fixed)\n")
    assert blocks.read_text() == TWICE.replace("| relu | relu", "| relu")
    assert user.read_text() == 'use "blocks.cnn"\ninput 28x28x1\nb 4\n'


def test_a_used_file_is_mended_where_all_agree(folder: Folder) -> None:
    blocks = folder.write("two/blocks.cnn", "block b { relu }\n")
    folder.write("two/a.cnn", 'use "blocks.cnn"\ninput 8\ndense 4 | relu | b\n')
    other = folder.write("two/b.cnn", 'use "blocks.cnn"\ninput 8\ndense 4 | b\n')
    assert codes(folder, "--fix", "two") == (1, "W203")
    assert blocks.read_text() == "block b { relu }\n"
    other.write_text('use "blocks.cnn"\nmodel m(k = 0)\ninput 8\ndense 4\nif k > 0 { b }\nvariant v(k = 1)\n')
    assert codes(folder, "--fix", "two")[0] == 1
    assert blocks.read_text() == "block b { relu }\n"
    other.unlink()
    assert codes(folder, "--fix", "two") == (0, "")
    assert blocks.read_text() == "block b { }\n"


def test_a_fix_of_a_used_file_brings_no_error_to_its_users(folder: Folder) -> None:
    text = "block b { conv 4, f=3 | batchnorm | relu }\n"
    blocks = folder.write("two/blocks.cnn", text)
    folder.write("two/user.cnn", 'use "blocks.cnn"\ninput 28x28x4\nb\nexpect params == 164\n')
    code, _, err = folder.call("check", "--fix", "--unsafe-fixes", "two")
    assert (code, blocks.read_text()) == (1, text)
    assert "blocks.cnn:1:11: W401 is not fixed: that would bring E4" in err


def test_comments_are_added_to_used_files(folder: Folder) -> None:
    blocks = folder.write("two/blocks.cnn", TWICE)
    folder.write("two/user.cnn", 'use "blocks.cnn"\ninput 28x28x1\nb 4\n')
    assert folder.call("check", "--add-noqa", "two") == (0, "added 1 comment in 1 file\n", "")
    assert blocks.read_text() == TWICE[:-1] + "  # noqa: W203\n"
    assert codes(folder, "two") == (0, "")


def test_unsafe_fixes_may_be_configured(folder: Folder) -> None:
    folder.write("cnnspec.toml", "unsafe-fixes = true\n")
    folder.write("floor.cnn", "input 11x11x1\nmaxpool 2\n")
    assert folder.call("check", "--fix", "floor.cnn")[0] == 0
    assert "ceil=true" in (folder.path / "floor.cnn").read_text()


# --- comments --------------------------------------------------------------------------------------------------------


def test_comments_are_added_to_all_findings(folder: Folder) -> None:
    assert folder.call("check", "--add-noqa", "lint.cnn", "good.cnn") == (0, "added 2 comments in 1 file\n", "")
    assert (folder.path / "lint.cnn").read_text() == (
        "input 11x11x1\nlet a = 3  # noqa: W101\nmaxpool 2  # noqa: W301\n"
    )
    assert folder.call("check", "lint.cnn")[0] == 0
    code, out, _ = folder.call("check", "--add-noqa", "bad.cnn")
    assert code == 1
    assert "added 0 comments" in out
    assert "E301" in out


# --- configuration, folders ------------------------------------------------------------------------------------------


def test_the_configuration_chooses(folder: Folder) -> None:
    folder.write("pyproject.toml", '[tool.cnnspec]\nselect = ["W10"]\n')
    assert codes(folder, "lint.cnn") == (1, "W101")
    assert codes(folder, "lint.cnn", "--extend-select", "W301") == (1, "W101 W301")
    assert codes(folder, "lint.cnn", "--select", "W3") == (1, "W301")
    assert codes(folder, "lint.cnn", "--isolated") == (1, "W101 W301")
    folder.write("other.toml", 'ignore = ["W1"]\n')
    assert codes(folder, "lint.cnn", "--config", "other.toml") == (1, "W301")


def test_findings_ignored_in_some_files(folder: Folder) -> None:
    folder.write("cnnspec.toml", '[per-file-ignores]\n"old/" = ["W"]\n"lint.cnn" = ["W101"]\n')
    folder.write("old/a.cnn", DOUBTFUL)
    assert codes(folder, "lint.cnn", "old/a.cnn") == (1, "W301")


def test_a_wrong_configuration_is_wrong_usage(folder: Folder) -> None:
    folder.write("cnnspec.toml", "selct = []\n")
    for command in ("check", "fmt"):
        code, out, err = folder.call(command, ".")
        assert (code, out) == (2, "")
        assert err == f"cnnspec {command}: cnnspec.toml: unknown key `selct`, did you mean `select`?\n"


def test_the_root_may_be_configured(folder: Folder) -> None:
    folder.write("blocks.cnn", "block half { maxpool 2 }\n")
    folder.write("nets/a.cnn", 'use "../blocks.cnn"\ninput 28x28x1\nhalf\n')
    assert codes(folder, "nets/a.cnn") == (1, "E218")
    folder.write("cnnspec.toml", 'root = "."\n')
    assert codes(folder, "nets/a.cnn") == (0, "")


def test_what_a_folder_leaves_out(folder: Folder) -> None:
    for name in ("a", "old/b", "old/kept/c", "build/d", "node_modules/e", "new/f"):
        folder.write(f"nets/{name}.cnn", BAD)
    (folder.path / ".git").mkdir()
    folder.write(".gitignore", "build/\n")
    folder.write("nets/new/.gitignore", "*\n")
    folder.write("cnnspec.toml", 'exclude = ["/nets/old/kept/"]\n')

    def seen(*more: str) -> list[str]:
        out = folder.call("check", "--format", "concise", "nets", *more)[1]
        return sorted({line.split(":")[0].removeprefix("nets/") for line in out.splitlines()})

    assert seen() == ["a.cnn", "old/b.cnn"]
    assert seen("--exclude", "old/") == ["a.cnn"]
    assert seen("--exclude", "*.cnn") == []
    assert seen("--isolated") == ["a.cnn", "old/b.cnn", "old/kept/c.cnn"]
    assert seen("nets/old/kept/c.cnn") == ["a.cnn", "old/b.cnn", "old/kept/c.cnn"]
    assert seen("nets/old/kept/c.cnn", "--force-exclude") == ["a.cnn", "old/b.cnn"]
    assert "nets/new/f.cnn" not in folder.call("fmt", "--check", "nets")[1]


def test_excluded_files_alone_are_nothing_to_check(folder: Folder, monkeypatch: pytest.MonkeyPatch) -> None:
    folder.write("cnnspec.toml", 'exclude = ["bad.cnn"]\n')
    assert folder.call("check", "--force-exclude", "bad.cnn")[:2] == (0, "all good: 0 files\n")
    assert folder.call("check", "bad.cnn")[0] == 1
    stdin(monkeypatch, BAD.encode())
    assert folder.call("check", "--force-exclude", "-", "--stdin-filename", "bad.cnn")[::2] == (0, "")


def test_a_folder_of_excluded_files_is_a_warning_and_an_empty_one_a_mistake(folder: Folder) -> None:
    warning = "warning: no files to look at: all that was given is excluded\n"
    folder.write("nets/a.cnn", BAD)
    (folder.path / "empty").mkdir()
    for command in ("check", "fmt"):
        assert folder.call(command, "--exclude", "*.cnn", "nets")[::2] == (0, warning)
        code, out, err = folder.call(command, "--exclude", "*.cnn", "empty")
        assert (code, err) == (1, "")
        assert "no .cnn file in the folder `empty`" in out
    folder.write("cnnspec.toml", 'exclude = ["*.cnn"]\n')
    assert folder.call("check", "nets") == (0, "all good: 0 files\n", warning)
    assert folder.call("check", "nets", "nets/a.cnn")[::2] == (1, "")


@pytest.mark.parametrize(
    ("words", "why"),
    [
        ("", "an empty word names no code"),
        ("W3,", "an empty word"),
        ("E3", "`E3` is an error, which cannot be selected"),
    ],
)
def test_a_selection_that_finds_nothing_is_refused(folder: Folder, words: str, why: str) -> None:
    for option in ("--select", "--extend-select"):
        code, out, err = folder.call("check", option, words, "good.cnn")
        assert (code, out) == (2, "")
        assert why in err
    folder.write("cnnspec.toml", f"select = {words.split(',')}\n")
    code, out, err = folder.call("check", "good.cnn")
    assert (code, out) == (2, "")
    assert why in err


# --- watching --------------------------------------------------------------------------------------------------------


def expect(process: subprocess.Popen[str], words: str) -> None:
    assert process.stdout is not None
    for line in process.stdout:
        if words in line:
            return
    raise AssertionError(f"`{words}` was never said")


def test_watching_checks_again_after_a_change(folder: Folder) -> None:
    if os.name == "nt":
        pytest.skip("Ctrl-C of a process is told differently there")
    folder.write("blocks.cnn", "block half { maxpool 2 }\n")
    folder.write("user.cnn", 'use "blocks.cnn"\ninput 28x28x1\nhalf\n')
    command = [sys.executable, "-m", "cnnspec", "check", "--watch", "--format", "concise", "user.cnn", "good.cnn"]
    environment = os.environ | {"PYTHONPATH": str(ROOT)}
    with subprocess.Popen(
        command, cwd=folder.path, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    ) as process:
        limit = threading.Timer(30, process.kill)
        limit.start()
        try:
            expect(process, "watching for changes")
            (folder.path / "good.cnn").write_text(BAD)
            expect(process, "good.cnn:2:9: E301")
            expect(process, "watching")
            (folder.path / "blocks.cnn").write_text("block half { maxpool 29 }\n")
            expect(process, "blocks.cnn:1:22: E301")
            expect(process, "watching")
            (folder.path / "cnnspec.toml").write_text("nonsense = 1\n")
            expect(process, "unknown key `nonsense`")
            expect(process, "watching")
            (folder.path / "cnnspec.toml").unlink()
            (folder.path / "good.cnn").write_text(GOOD)
            expect(process, "blocks.cnn:1:22: E301")
            time.sleep(0.1)
            process.send_signal(signal.SIGINT)
            assert process.wait(10) == 0
        finally:
            limit.cancel()
            process.kill()


# --- hooks -----------------------------------------------------------------------------------------------------------


def test_the_hooks_call_commands_that_exist(folder: Folder) -> None:
    text = (ROOT / ".pre-commit-hooks.yaml").read_text()
    entries = re.findall(r"^  entry: cnnspec (.*)$", text, re.MULTILINE)
    assert len(entries) == text.count("- id: ") == 2
    for entry in entries:
        assert folder.call(*entry.split(), "good.cnn")[0] == 0
