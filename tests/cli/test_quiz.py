"""`cnnspec quiz`: what it writes, what it refuses, and that nothing is ever half written."""

from __future__ import annotations

import json
import re
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from cnnspec.cli import main
from cnnspec.cli.quiz import FORMATS, VISIBILITIES
from cnnspec.teaching.quiz import registry, results

SPEC = "input 28x28x1\nconv 6, f=5 -> ?x?x?, ? params\nmaxpool 2 -> ?\n"
DRAWN = "model drawn(n = 28, k = 5)\ninput [n, n, 1]\nconv 6, f=k -> ?x?x?, ? params\n"


@pytest.fixture
def exercise(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    path = tmp_path / "exercise.cnn"
    path.write_text(SPEC)
    return path


@pytest.fixture
def drawn(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    path = tmp_path / "drawn.cnn"
    path.write_text(DRAWN)
    path.with_suffix(".toml").write_text("[draw]\nn = [26, 28, 30, 32]\nk = [3, 5]\n")
    return path


def test_the_command_knows_the_formats_of_the_registry() -> None:
    assert set(FORMATS) == set(registry.FORMATS)
    assert VISIBILITIES == results.VISIBILITIES
    assert all(registry.about(name) for name in FORMATS)


@pytest.mark.parametrize("form", FORMATS)
def test_every_format_is_written(form: str, exercise: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out = "out.zip" if form == "gradescope" else "out"
    assert main(["quiz", str(exercise), "--to", form, "-o", out]) == 0
    assert capsys.readouterr().out.splitlines()[0] == f"{out}: 5 blanks"
    written = Path(out)
    assert any(written.iterdir()) if written.is_dir() else written.stat().st_size > 100
    assert not [path for path in Path().iterdir() if path.name.endswith(".tmp")]


def test_the_mark_to_type_into_moodle_is_told(exercise: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Weights are whole, so Moodle proposes another mark than what the exercise is worth, or the same."""
    for points, worth in (("", "5"), ("points = 7.5", "7.5"), ("points = 15", "")):
        exercise.with_suffix(".toml").write_text(points)
        assert main(["quiz", str(exercise), "--to", "cloze", "-o", "out.xml"]) == 0
        told = re.findall(r"type (\S+) as its mark: Moodle proposes (\d+)", capsys.readouterr().out)
        weights = re.findall(r"\{(\d+):[A-Z]+:", Path("out.xml").read_text())
        assert sum(map(int, weights)) == 15
        assert told == ([(worth, "15")] if worth else [])


@pytest.mark.parametrize("form", FORMATS)
def test_the_same_exercise_gives_the_same_bytes(form: str, exercise: Path) -> None:
    for out in ("one.zip", "two.zip") if registry.FORMATS[form].shape != "file" else ("one", "two"):
        assert main(["quiz", str(exercise), "--to", form, "-o", out]) == 0
    one, two = sorted(path for path in Path().iterdir() if path.stem in ("one", "two"))
    assert one.read_bytes() == two.read_bytes()


def test_a_folder_is_never_written_into(exercise: Path, capsys: pytest.CaptureFixture[str]) -> None:
    Path("out").mkdir()
    Path("out", "mine.txt").write_text("keep")
    assert main(["quiz", str(exercise), "--to", "vpl", "-o", "out"]) == 1
    assert "already" in capsys.readouterr().out
    assert [path.name for path in Path("out").iterdir()] == ["mine.txt"]
    assert main(["quiz", str(exercise), "--to", "vpl", "-o", "new.zip"]) == 0
    assert "vpl_evaluate.sh" in zipfile.ZipFile("new.zip").namelist()


def test_a_folder_appears_whole_or_not_at_all(exercise: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from cnnspec.teaching.quiz import writing

    count = 0
    whole = writing._bytes

    def failing(output):
        nonlocal count
        count += 1
        if count == 3:
            raise OSError(28, "No space left on device")
        return whole(output)

    monkeypatch.setattr(writing, "_bytes", failing)
    assert main(["quiz", str(exercise), "--to", "vpl", "-o", "out"]) == 1
    assert sorted(path.name for path in Path().iterdir()) == ["exercise.cnn"]


@pytest.mark.parametrize(
    ("arguments", "word"),
    [
        (["--to", "gradescope", "-o", "out"], ".zip"),
        (["--to", "html", "-o", "out.zip"], "one file"),
        (["--to", "moodle", "-o", "out.xml", "--key"], "--key"),
        (["--to", "moodle", "-o", "out.xml", "--students", "x.csv"], "--students"),
        (["--to", "html", "-o", "out.html", "--column", "Email"], "--column"),
        (["--to", "moodle", "-o", "out.xml", "--variants", "3"], "nothing is drawn"),
        (["--to", "gradescope", "-o", "out.zip", "--variants", "3"], "one variant"),
        (["--to", "moodle", "-o", "out.xml", "--variants", "0"], "--variants"),
        (["--to", "moodle", "-o", "out.xml", "--visibility", "hidden"], "--visibility"),
        (["--to", "moodle", "-o", "exercise.cnn"], "take the place"),
    ],
)
def test_what_makes_no_sense_is_refused(
    arguments: list[str], word: str, exercise: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["quiz", "exercise.cnn", *arguments]) == 2
    assert word in capsys.readouterr().err
    assert exercise.read_text() == SPEC


def test_a_file_without_blanks_is_no_exercise(exercise: Path, capsys: pytest.CaptureFixture[str]) -> None:
    exercise.write_text("input 28x28x1\nconv 6, f=5\n")
    assert main(["quiz", str(exercise), "--to", "moodle", "-o", "out.xml"]) == 1
    assert "E501" in capsys.readouterr().out
    assert not Path("out.xml").exists()


def test_blanks_with_many_right_answers_are_pointed_out(exercise: Path, capsys: pytest.CaptureFixture[str]) -> None:
    exercise.write_text("input 28x28x1\nconv 6, f=? -> 24x24x6\n")
    assert main(["quiz", str(exercise), "--to", "cloze", "-o", "out.xml"]) == 0
    assert "answered in many ways" in capsys.readouterr().err
    assert main(["quiz", str(exercise), "--to", "vpl", "-o", "out"]) == 0
    assert not capsys.readouterr().err


def test_variants_and_a_class(drawn: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["quiz", str(drawn), "--to", "cloze", "--variants", "4", "-o", "out.xml"]) == 0
    assert capsys.readouterr().out == "out.xml: 4 blanks, 4 sheets\n"
    Path("class.csv").write_text("Nom complet;Identifiant\nMarie Curie;17\nÉvariste Galois;18\n", encoding="utf-8")
    assert main(["quiz", str(drawn), "--to", "html", "--students", "class.csv", "-o", "out.html"]) == 0
    page = Path("out.html").read_text(encoding="utf-8")
    assert "Marie Curie" in page
    assert "variant 18" in page
    assert main(["quiz", str(drawn), "--to", "csv", "--seed", "17", "-o", "out.csv"]) == 0
    assert Path("out.csv").read_text().splitlines()[1].startswith("17,")


@pytest.mark.parametrize("text", ["", "\n\n", "number,name\n", "\xff\xfe"])
def test_an_empty_list_of_students_is_refused(text: str, drawn: Path, capsys: pytest.CaptureFixture[str]) -> None:
    Path("class.csv").write_bytes(text.encode("latin-1"))
    assert main(["quiz", str(drawn), "--to", "html", "--students", "class.csv", "-o", "out.html"]) == 1
    assert "class.csv" in capsys.readouterr().out
    assert not Path("out.html").exists()


def test_the_language_is_that_of_the_exercise_or_the_one_that_is_asked_for(exercise: Path) -> None:
    exercise.with_suffix(".toml").write_text('language = "fr"\n')
    for arguments, language in (([], "fr"), (["--lang", "en"], "en")):
        assert main(["quiz", str(exercise), "--to", "html", "-o", "out.html", *arguments]) == 0
        assert f'<html lang="{language}">' in Path("out.html").read_text(encoding="utf-8")


def test_exporting_imports_neither_numpy_nor_onnx(exercise: Path) -> None:
    code = (
        "import sys, json\nfrom cnnspec.cli import main\n"
        f"code = main(['quiz', {str(exercise)!r}, '--to', 'cloze', '-o', 'out.xml'])\n"
        "print(json.dumps([code, *({'numpy', 'onnx', 'onnxruntime', 'torch'} & set(sys.modules))]))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=exercise.parent, capture_output=True, text=True, check=True,
        env={"PYTHONPATH": str(Path(__file__).parents[2]), "PATH": "/usr/bin:/bin"},
    )  # fmt: skip
    assert json.loads(done.stdout.splitlines()[-1]) == [0]
