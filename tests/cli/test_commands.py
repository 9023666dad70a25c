"""check, summary, explain, layers, rule and fmt, as one calls them."""

from __future__ import annotations

import io
import json
import sys
from pathlib import Path

import pytest

from cnnspec.cli import main

GOOD = "input 28x28x1\nconv 6, f=5 | relu -> 24x24x6\n"
BAD = "input 4x4x1\nconv 6, f=5\nconv 6\n"
DOUBTFUL = "input 11x11x1\nmaxpool 2\n"
FALSE = "input 28x28x1\nflatten | dense 10\nexpect params == 3\n"
BLOCKS = "block conv_relu(filters) { conv filters, f=5 | relu }\n"
MODEL = """\
model m(classes = 10, depths = [1, 2], name = "a", deep = false)
input 8
if deep { dense 99 | relu }
for n in depths { repeat n { dense n | relu } }
if name == "b" { dense 7 | relu }
dense classes
"""


class Folder:
    """A folder of specs, and the command called in it."""

    def __init__(self, path: Path, capsys: pytest.CaptureFixture[str]) -> None:
        self.path = path
        self.capsys = capsys

    def write(self, name: str, text: str) -> Path:
        path = self.path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
        return path

    def call(self, *arguments: str) -> tuple[int, str, str]:
        code = main(arguments)
        captured = self.capsys.readouterr()
        return code, captured.out, captured.err


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Folder:
    monkeypatch.chdir(tmp_path)
    found = Folder(tmp_path, capsys)
    for name, text in {"good.cnn": GOOD, "bad.cnn": BAD, "doubtful.cnn": DOUBTFUL, "false.cnn": FALSE}.items():
        found.write(name, text)
    return found


def stdin(monkeypatch: pytest.MonkeyPatch, data: bytes) -> None:
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(data)))


# --- check -----------------------------------------------------------------------------------------------------------


def test_check_of_a_good_file(folder: Folder) -> None:
    assert folder.call("check", "good.cnn") == (0, "all good: 2 layers, 156 parameters, 86,400 MACs\n", "")
    assert folder.call("check", "-q", "good.cnn") == (0, "", "")


@pytest.mark.parametrize(("name", "codes"), [("bad.cnn", "E301 E203"), ("doubtful.cnn", "W301"), ("false.cnn", "E404")])
def test_check_of_a_file_with_something_wrong(name: str, codes: str, folder: Folder) -> None:
    code, out, err = folder.call("check", name, "--format", "concise")
    assert (code, err) == (1, "")
    assert [line.split()[1] for line in out.splitlines()] == codes.split()
    assert folder.call("check", name)[0] == 1


def test_check_of_a_folder(folder: Folder) -> None:
    folder.write("nets/inner/a.cnn", BAD)
    folder.write("nets/b.cnn", GOOD)
    folder.write("nets/.hidden/c.cnn", BAD)
    folder.write("nets/notes.txt", "conv conv conv")
    code, out, _ = folder.call("check", "nets", "nets/b.cnn", "--format", "concise")
    assert code == 1
    assert [line.split(":")[0] for line in out.splitlines()] == ["nets/inner/a.cnn"] * 2
    assert "all good: 2 files" in folder.call("check", "nets/b.cnn", "good.cnn", "nets/b.cnn")[1]


def test_check_of_an_empty_folder(folder: Folder) -> None:
    (folder.path / "empty").mkdir()
    code, out, _ = folder.call("check", "empty")
    assert code == 1
    assert "no .cnn file in the folder `empty`" in out


def test_check_of_standard_input(folder: Folder, monkeypatch: pytest.MonkeyPatch) -> None:
    stdin(monkeypatch, BAD.encode())
    assert folder.call("check", "-", "--format", "concise")[1].startswith("<stdin>:2:9: E301")
    stdin(monkeypatch, BAD.encode())
    code, out, _ = folder.call("check", "-", "--stdin-filename", "my.cnn", "--format", "concise")
    assert (code, out.split(":")[0]) == (1, "my.cnn")


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"\xff\xfei\x00n\x00", "E101"),
        ("input 8 # é".encode("latin-1"), "E101"),
        (b"#\n" * 2_100_000, "E102"),
        (b"", "E401"),
    ],
)
def test_check_of_what_is_no_text(data: bytes, code: str, folder: Folder, monkeypatch: pytest.MonkeyPatch) -> None:
    (folder.path / "odd.cnn").write_bytes(data)
    assert folder.call("check", "odd.cnn", "--format", "concise")[:2][0] == 1
    assert f" {code} " in folder.call("check", "odd.cnn", "--format", "concise")[1]
    assert code in folder.call("check", "odd.cnn")[1]
    stdin(monkeypatch, data)
    assert f" {code} " in folder.call("check", "-", "--format", "concise")[1]


def test_the_place_of_a_byte_that_is_no_text(folder: Folder) -> None:
    for mark in (b"", b"\xef\xbb\xbf"):
        (folder.path / "odd.cnn").write_bytes(mark + "input 8\n# é".encode() + b" \xe9\n")
        out = folder.call("check", "odd.cnn", "--format", "concise")[1]
        assert out == "odd.cnn:2:5: E101 the byte 0xe9 is not UTF-8\n"


def test_a_byte_order_mark_is_no_mistake(folder: Folder) -> None:
    (folder.path / "marked.cnn").write_bytes(b"\xef\xbb\xbf" + GOOD.encode())
    assert folder.call("check", "marked.cnn")[0] == 0


def test_a_file_may_be_as_large_as_the_limit(folder: Folder) -> None:
    from cnnspec.syntax.reading import LARGEST

    for size, large in ((LARGEST, False), (LARGEST + 1, True)):
        text = GOOD.encode()
        (folder.path / "large.cnn").write_bytes(text + b"\n" * (size - len(text)))
        assert ("larger than" in folder.call("check", "large.cnn")[1]) is large


def test_an_endless_file_is_not_read_to_its_end(folder: Folder) -> None:
    if not Path("/dev/zero").exists():
        pytest.skip("this system has no /dev/zero")
    assert "E102" in folder.call("check", "/dev/zero")[1]


def test_check_counts_blanks(folder: Folder) -> None:
    folder.write("exercise.cnn", "input 28x28x1\nconv 6, f=? -> 24x24x6, ? params\n")
    assert folder.call("check", "exercise.cnn")[:2] == (
        0,
        "exercise.cnn: 2 blanks to fill\nall good\n",
    )


def test_check_sets_model_parameters(folder: Folder) -> None:
    folder.write("model.cnn", MODEL)
    for value, what in (("classes=1", 0), ("depths=[1, 2, 2]", 0), ("deep=true", 0), ('name="b"', 0), ("clases=3", 1)):
        assert folder.call("check", "model.cnn", "--set", value)[0] == what, value
    assert "did you mean `classes`?" in folder.call("check", "model.cnn", "--set", "clases=3")[1]


def test_a_use_stays_in_the_folder(folder: Folder) -> None:
    folder.write("blocks.cnn", BLOCKS)
    folder.write("nets/a.cnn", 'use "../blocks.cnn"\ninput 28x28x1\nconv_relu 6\n')
    assert "E218" in folder.call("check", "nets/a.cnn")[1]
    assert folder.call("check", "--root", ".", "nets/a.cnn")[0] == 0


@pytest.mark.parametrize("form", ["json", "sarif", "gitlab"])
def test_json_forms_stay_json(form: str, folder: Folder) -> None:
    for files in (["good.cnn"], ["good.cnn", "bad.cnn", "missing.cnn"]):
        assert json.loads(folder.call("check", "--format", form, *files)[1]) is not None


def test_a_file_of_blocks_is_good(folder: Folder) -> None:
    folder.write("blocks.cnn", BLOCKS)
    assert folder.call("check", "blocks.cnn")[0] == 0


# --- summary, explain ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("form", ["text", "markdown", "csv", "json"])
def test_summary_in_every_form(form: str, folder: Folder) -> None:
    code, out, err = folder.call("summary", "good.cnn", "--format", form)
    assert (code, err) == (0, "")
    assert "156" in out


def test_summary_sets_model_parameters(folder: Folder) -> None:
    folder.write("model.cnn", MODEL)
    arguments = ("summary", "model.cnn", "--format", "json", "--set", "classes=3", "--set", "depths=[5]")
    assert json.loads(folder.call(*arguments)[1])["params"] == 9 * 5 + 4 * (6 * 5) + 6 * 3


@pytest.mark.parametrize("command", ["summary", "explain"])
def test_a_false_expectation_leaves_a_network_to_look_at(command: str, folder: Folder) -> None:
    code, out, _ = folder.call(command, "false.cnn")
    assert code == 1
    assert out.index("dense1") < out.index("error[E404]")
    assert out.endswith("1 error\n")


def test_no_message_gets_among_the_data(folder: Folder) -> None:
    code, out, _ = folder.call("summary", "false.cnn", "--format", "json")
    assert code == 1
    assert out.startswith("error[E404]")


@pytest.mark.parametrize("command", ["summary", "explain"])
def test_findings_are_for_check(command: str, folder: Folder) -> None:
    code, out, _ = folder.call(command, "doubtful.cnn")
    assert code == 0
    assert "W301" not in out


@pytest.mark.parametrize("command", ["summary", "explain"])
def test_errors_are_shown_instead_of_a_network(command: str, folder: Folder) -> None:
    code, out, err = folder.call(command, "bad.cnn")
    assert (code, err) == (1, "")
    assert out.endswith("2 errors\n")
    folder.write("blocks.cnn", BLOCKS)
    assert "has no `input`" in folder.call(command, "blocks.cnn")[1]


def test_explain_one_layer(folder: Folder) -> None:
    out = folder.call("explain", "good.cnn", "conv1")[1]
    assert "(5*5*1 + 1)*6 = 156" in out
    assert "relu1" not in out


# --- layers, rule ----------------------------------------------------------------------------------------------------


def test_layers(folder: Folder) -> None:
    assert "\n  depthwise f, s=1, p=0, d=1, multiplier=1\n" in folder.call("layers")[1]
    page = folder.call("layers", "maxpool")[1]
    assert page.startswith("maxpool f, s=f, p=0, d=1, ceil=false\n")
    assert "by default that of f" in page
    assert folder.call("layers", "conv", "--format", "markdown")[1].startswith("# conv\n")


def test_rule(folder: Folder) -> None:
    assert folder.call("rule", "E301")[1].startswith("# E301 window-exceeds-input\n")
    assert folder.call("rule", "E301") == folder.call("rule", "e301") == folder.call("rule", "window-exceeds-input")
    assert "\n  W301  dropped-columns " in folder.call("rule")[1]


# --- fmt -------------------------------------------------------------------------------------------------------------

UGLY = "input  28×28×1\nconv 6,f=5|relu→24x24x6   # first\n"
PRETTY = "input 28x28x1\nconv 6, f=5 | relu      -> 24x24x6      # first\n"


def layout(folder: Folder, text: str) -> str:
    folder.write("once.cnn", text)
    folder.call("fmt", "once.cnn")
    return (folder.path / "once.cnn").read_text(encoding="utf-8")


def test_fmt_rewrites_in_place(folder: Folder) -> None:
    text = layout(folder, UGLY)
    assert text.splitlines()[0] == "input 28x28x1"
    assert "conv 6, f=5 | relu" in text
    assert "# first" in text
    assert folder.call("fmt", "once.cnn", "good.cnn")[1] == "2 files unchanged\n"
    assert {path.name for path in folder.path.iterdir()} == {
        "good.cnn",
        "bad.cnn",
        "doubtful.cnn",
        "false.cnn",
        "once.cnn",
    }


def test_fmt_check_and_diff_write_nothing(folder: Folder) -> None:
    path = folder.write("ugly.cnn", UGLY)
    assert folder.call("fmt", "--check", "ugly.cnn", "good.cnn")[:2] == (
        1,
        "would rewrite ugly.cnn\n1 file would be rewritten, 1 file unchanged\n",
    )
    code, out, _ = folder.call("fmt", "--diff", "ugly.cnn")
    assert code == 1
    assert out.startswith("--- ugly.cnn\n+++ ugly.cnn\n@@ ")
    assert "\n-input  28×28×1\n" in out
    assert "\n+input 28x28x1\n" in out
    assert path.read_text(encoding="utf-8") == UGLY
    assert folder.call("fmt", "--check", "good.cnn")[0] == 0
    assert folder.call("fmt", "--diff", "good.cnn")[:2] == (0, "")


def test_fmt_of_standard_input(folder: Folder, monkeypatch: pytest.MonkeyPatch) -> None:
    stdin(monkeypatch, UGLY.encode())
    assert folder.call("fmt", "-") == (0, layout(folder, UGLY), "")


def test_fmt_leaves_a_file_with_syntax_errors_alone(folder: Folder) -> None:
    path = folder.write("broken.cnn", "input 28x28x1\nconv(6,  f=5\n")
    code, out, _ = folder.call("fmt", "broken.cnn", "good.cnn")
    assert code == 1
    assert "error[E1" in out
    assert path.read_text() == "input 28x28x1\nconv(6,  f=5\n"


def test_fmt_does_not_mind_other_errors(folder: Folder) -> None:
    assert folder.call("fmt", "--check", "bad.cnn")[0] == 0


def test_fmt_keeps_the_permissions(folder: Folder) -> None:
    path = folder.write("ugly.cnn", UGLY)
    path.chmod(0o640)
    assert folder.call("fmt", "ugly.cnn")[0] == 0
    assert path.stat().st_mode & 0o777 == 0o640
