"""`cnnspec exercise`, as one calls it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

import cnnspec
from cnnspec.cli import exercise, main
from cnnspec.teaching.making.new import KINDS, LEVELS

DRAWN = """\
model lenet(n = 28, k = 6)
input [n, n, 1]
conv k, f=5 | relu -> [?, n - 4, k], ? params
maxpool 2 -> ?
"""


class Folder:
    """A folder, and the command called in it."""

    def __init__(self, path: Path, capsys: pytest.CaptureFixture[str]) -> None:
        self.path = path
        self.capsys = capsys

    def run(self, *arguments: str) -> tuple[int, str, str]:
        code = main(["exercise", *arguments])
        out, err = self.capsys.readouterr()
        return code, out, err


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Folder:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "drawn.cnn").write_text(DRAWN)
    (tmp_path / "drawn.toml").write_text('title = "Drawn"\npoints = 10\n[draw]\nn = [28, 32]\nk = [4, 8]\n')
    return Folder(tmp_path, capsys)


def test_new_writes_an_exercise_with_its_settings(here: Folder) -> None:
    assert here.run("new", "--level", "lenet", "-o", "a.cnn") == (0, "a.cnn\na.toml\n", "")
    assert cnnspec.load("a.cnn").blanks > 10
    assert here.run("check", "a.cnn")[0] == 0


def test_new_overwrites_nothing_unless_forced(here: Folder) -> None:
    here.run("new", "--level", "conv", "-o", "a.cnn")
    Path("a.cnn").unlink()
    before = Path("a.toml").read_text()
    code, out, _ = here.run("new", "--level", "mlp", "-o", "a.cnn")
    assert (code, "add --force" in out, Path("a.cnn").exists()) == (1, True, False)
    assert here.run("new", "--level", "mlp", "-o", "a.cnn", "--force")[0] == 0
    assert Path("a.toml").read_text() != before
    assert [path.name for path in sorted(Path().iterdir())] == ["a.cnn", "a.toml", "drawn.cnn", "drawn.toml"]


def test_new_prints_without_a_file(here: Folder) -> None:
    code, out, _ = here.run("new", "--level", "dilation", "--kind", "values", "--seed", "3")
    assert (code, out.count("-> ?")) == (0, 1)
    assert here.run("new", "--level", "dilation", "--kind", "values", "--seed", "3")[1] == out


def test_a_design_has_its_key(here: Folder) -> None:
    assert here.run("new", "--level", "residual", "--kind", "design", "-o", "d.cnn")[1].split() == [
        "d.cnn",
        "d.toml",
        "d_solution.cnn",
    ]
    code, out, _ = here.run("key", "d.cnn")
    assert code == 0
    assert [d.severity for d in cnnspec.check(out) if d.severity == "error"] == []
    assert cnnspec.loads(out).blanks == 0


def test_the_language_of_the_texts(here: Folder) -> None:
    here.run("new", "--level", "conv", "--lang", "fr", "-o", "a.cnn")
    assert 'language = "fr"' in Path("a.toml").read_text()


def test_check_shows_blanks_answers_points_and_variants(here: Folder) -> None:
    code, out, _ = here.run("check", "drawn.cnn")
    assert code == 0
    assert out.splitlines()[:3] == ["Drawn", "3 blanks, points: 10", "4 variants can be drawn"]
    assert out.splitlines()[3].startswith("these are few")
    assert "1  conv1.height   24            3.33    `conv 6, f=5 | relu`: height" in out
    document = json.loads(here.run("check", "drawn.cnn", "--format", "json", "--seed", "7")[1])
    assert (document["variant"], document["variants"], document["points"]) == ("7", 4, 10)
    assert [one["right"] for one in document["blanks"]] == [one["right"] for one in document["blanks"] if one["right"]]


def test_check_warns(here: Folder) -> None:
    Path("w.cnn").write_text("input 28x28x1\nconv 6, f=5 -> ?, ? params\nexpect params == 156\n")
    assert (
        "warning: blank 2 (`conv1.params`): the answer 156 stands elsewhere in the file\n"
        in here.run("check", "w.cnn")[1]
    )


def test_a_broken_exercise(here: Folder) -> None:
    Path("b.cnn").write_text("input 32x32x3\nconv 6, f=?, s=2 -> 28x28x6\n")
    code, out, _ = here.run("check", "b.cnn")
    assert (code, "E512" in out) == (1, True)
    assert here.run("check", "missing.cnn")[0] == 1


def test_draw_prints_the_sheet_of_one(here: Folder) -> None:
    code, out, _ = here.run("draw", "drawn.cnn", "--seed", "4711")
    assert (code, out.splitlines()[0]) == (0, "# variant: 4711")
    assert cnnspec.loads(out).blanks == 3
    key = here.run("key", "drawn.cnn", "--seed", "4711")[1]
    assert [line for line in out.splitlines() if line[:1] != "#"][:2] == key.splitlines()[1:3]
    assert key.splitlines()[0] == out.splitlines()[0]
    assert cnnspec.loads(key).blanks == 0


@pytest.mark.parametrize(
    "text",
    [
        "Name,Student number\nA,1\nB,2\n",
        "Nom;Numéro d’identification\nA;1\nB;2\n",
        "\ufeffName\tID\nA\t1\nB\t2\n",
        "1\n2\n",
    ],
)
def test_draw_writes_a_sheet_for_each_student(here: Folder, text: str) -> None:
    Path("list.csv").write_text(text, encoding="utf-8")
    assert here.run("draw", "drawn.cnn", "--students", "list.csv", "-o", "sheets")[0] == 0
    assert [path.name for path in sorted(Path("sheets").iterdir())] == ["drawn-1.cnn", "drawn-2.cnn"]
    name = "" if text.startswith("1") else "# Name: B\n"
    sheet = here.run("draw", "drawn.cnn", "--seed", "2")[1].replace("model", f"{name}model", 1)
    assert Path("sheets/drawn-2.cnn").read_text() == sheet


def test_a_list_cannot_write_elsewhere(here: Folder) -> None:
    Path("list.csv").write_text("id\n../../evil\n/etc/x\nC:\\y\n.hidden\n")
    assert here.run("draw", "drawn.cnn", "--students", "list.csv", "-o", "sheets")[0] == 0
    assert {path.parent for path in Path().rglob("drawn-*.cnn")} == {Path("sheets")}
    assert len(list(Path("sheets").iterdir())) == 4


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (("draw", "drawn.cnn", "--students", "list.csv"), 2, "-o FOLDER"),
        (("draw", "drawn.cnn", "--students", "list.csv", "-o", "s", "--column", "Nme"), 1, "did you mean `Name`?"),
        (("draw", "drawn.cnn", "--students", "none.csv", "-o", "s"), 1, "there is no such file"),
        (("draw", "drawn.cnn", "--students", "twice.csv", "-o", "s"), 1, "`1` stands there twice"),
        (("draw", "drawn.cnn", "--students", "empty.csv", "-o", "s"), 1, "there is no student in this list"),
        (("draw", "plain.cnn", "--seed", "1"), 2, "nothing is drawn"),
        (("draw", "drawn.cnn", "--seed", " "), 2, "--seed takes a student's number"),
        (("draw", "drawn.cnn"), 2, "--seed --students"),
        (("new", "--level", "conv", "-o", "a.txt"), 2, "ends in .cnn"),
        (("new", "--level", "con"), 2, "invalid choice"),
        ((), 2, "ACTION"),
    ],
)
def test_wrong_usage(here: Folder, arguments: tuple[str, ...], code: int, said: str) -> None:
    Path("list.csv").write_text("Name,id\nA,1\n")
    Path("twice.csv").write_text("id\n1\n1\n")
    Path("empty.csv").write_text("")
    Path("plain.cnn").write_text("input 4\ndense 2 -> ?\n")
    found, out, err = here.run(*arguments)
    assert (found, said in out + err) == (code, True)
    assert not Path("s").exists() or not list(Path("s").iterdir())


def test_what_the_options_offer_is_what_there_is() -> None:
    assert (exercise.LEVELS, exercise.KINDS) == (LEVELS, KINDS)


@pytest.mark.parametrize("action", ["new", "draw", "check", "key"])
def test_help_has_examples(here: Folder, action: str) -> None:
    code, out, _ = here.run(action, "--help")
    assert (code, "examples:" in out) == (0, True)


def test_a_drawn_design_says_which_layers_may_be_used(here: Folder) -> None:
    Path("d.cnn").write_text("model d(n = 28)\ninput [n, n, 1]\n? -> 10\nexpect depth >= 2\n")
    Path("d.toml").write_text('kinds = ["conv", "flatten", "dense"]\n[draw]\nn = [28, 32]\n')
    _, out, _ = here.run("draw", "d.cnn", "--seed", "7")
    lines = out.splitlines()
    assert lines[0] == "# variant: 7"
    assert "# Only these layers may be used: `conv`, `flatten`, `dense`." in lines[1 : lines.index("model d")]
