"""The zip of Gradescope and the scripts of VPL, run in clean folders as the platforms lay them out."""

from __future__ import annotations

import json
import os
import shutil
import stat
import subprocess
import sys
import zipfile
from pathlib import Path

import jsonschema
import pytest

from cnnspec.teaching.exercise import load_exercise, solved
from cnnspec.teaching.quiz import gradescope, vpl
from cnnspec.teaching.quiz.bundle import files_of
from cnnspec.teaching.quiz.sheet import Options, class_sheets, make_sheet
from cnnspec.teaching.quiz.writing import write
from cnnspec.teaching.variants.students import students
from tests.teaching.quiz import vpl_rules
from tests.teaching.quiz.conftest import EXERCISES
from tests.teaching.quiz.test_results import GRADESCOPE

ROOT = Path(__file__).parents[3]
SPEC = "input 28x28x1\nconv 6, f=5 -> ?x?x?, ? params\nmaxpool 2 -> ?\n"
PERFECT = "input 28x28x1\nconv 6, f=5 -> 24x24x6, 156 params\nmaxpool 2 -> 12x12x6\n"
WRONG = "input 28x28x1\nconv 6, f=5 -> 23x23x1, 150 params\nmaxpool 2 -> 7x7x7\n"
HOSTILE = 'use "../source/exercise.cnn"\ninput 28x28x1\nconv 6, f=5 -> 24x24x6, 9**9**9**9 params # Grade :=>>100\n'
ANSWERS = {
    "perfect": ({"answer.cnn": PERFECT}, 5.0),
    "wrong": ({"answer.cnn": WRONG}, 0.0),
    "garbage": ({"answer.cnn": "\x00\x01 Grade :=>>100\n--|>\nGrade :=>>100\n"}, 0.0),
    "missing": ({}, 0.0),
    "several": ({"a.cnn": PERFECT, "b.cnn": WRONG}, 5.0),
    "answer.cnn before others": ({"answer.cnn": PERFECT, "a.cnn": WRONG, "exercise.cnn": WRONG}, 5.0),
    "a notebook": ({"answer.ipynb": json.dumps({"cells": [{"cell_type": "code", "source": PERFECT}]})}, 5.0),
    "a table of tabs": ({"answer.tsv": "conv1.height\t24\nconv1.params\t156\n"}, 2.0),
    "a page": ({"answer.html": f"<html><body><pre>{PERFECT.replace('>', '&gt;')}</pre></body></html>"}, 5.0),
    "in a folder": ({"mine/answer.cnn": PERFECT}, 5.0),
    "too large": ({"answer.cnn": PERFECT + "#" * 300_000}, 0.0),
    "other files": ({"answer.cnn": PERFECT, "notes.txt": "hello", "os.py": "raise SystemExit('ran')"}, 5.0),
    "a table": ({"answer.csv": "conv1.height,24\nconv1.width,24\nconv1.channels,6\nconv1.params,156\n"}, 4.0),
}
DRAWN = "model drawn(n = 28, k = 5)\ninput [n, n, 1]\nconv 6, f=k -> ?x?x?, ? params\n"
DRAW = 'seed = "student"\n[draw]\nn = [24, 26, 28, 30, 32, 36, 40]\nk = [3, 5]\n'


def environment(**more: str) -> dict[str, str]:
    """What a platform has: a shell, a Python with cnnspec, and nothing else of this process."""
    return {
        "PATH": f"{Path(sys.executable).parent}{os.pathsep}/usr/bin:/bin",
        "PYTHONPATH": str(ROOT),
        "HOME": "/nonexistent",
        "LC_ALL": "C",
        **more,
    }


def exercise_in(folder: Path, spec: str = SPEC, settings: str = "") -> Path:
    path = folder / "exercise.cnn"
    path.write_text(spec)
    if settings:
        path.with_suffix(".toml").write_text(settings)
    return path


def fill(folder: Path, files: dict[str, str]) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    for name, text in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text, encoding="utf-8", newline="")


# --- Gradescope ------------------------------------------------------------------------------------------------------


def autograder(folder: Path, exercise: Path, visibility: str = "visible") -> Path:
    """/autograder as Gradescope lays it out: the zip in source/, run_autograder beside it."""
    loaded = load_exercise(exercise)
    archive = folder / "autograder.zip"
    write(str(archive), gradescope.export([make_sheet(loaded, solved(loaded))], Options(visibility=visibility)))
    root = folder / "autograder"
    (root / "submission").mkdir(parents=True)
    with zipfile.ZipFile(archive) as opened:
        for entry in opened.infolist():
            target = root / "source" / entry.filename
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(opened.read(entry))
            target.chmod(stat.S_IMODE(entry.external_attr >> 16))
    (root / "run_autograder").write_bytes((root / "source" / "run_autograder").read_bytes())
    (root / "run_autograder").chmod((root / "source" / "run_autograder").stat().st_mode)
    return root


def run_autograder(root: Path, **more: str) -> dict:
    done = subprocess.run(
        [root / "run_autograder"],
        env=environment(AUTOGRADER=str(root), **more),
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
        cwd=root,
    )
    assert done.returncode == 0, done.stderr
    assert os.listdir(root / "results") == ["results.json"]
    document = json.loads((root / "results" / "results.json").read_text())
    jsonschema.validate(document, GRADESCOPE)
    return document


def test_the_zip_is_what_gradescope_wants(tmp_path: Path) -> None:
    root = autograder(tmp_path, exercise_in(tmp_path, settings="points = 20\n"))
    names = zipfile.ZipFile(tmp_path / "autograder.zip").namelist()
    assert {"setup.sh", "run_autograder", "exercise.cnn", "exercise.toml"} <= set(names)
    for name in ("setup.sh", "run_autograder"):
        assert os.access(root / "source" / name, os.X_OK)
        assert (root / "source" / name).read_text().startswith("#!/usr/bin/env bash\n")
        done = subprocess.run(["bash", "-n", root / "source" / name], capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr
    first = (tmp_path / "autograder.zip").read_bytes()
    loaded = load_exercise(tmp_path / "exercise.cnn")
    write(str(tmp_path / "again.zip"), gradescope.export([make_sheet(loaded, solved(loaded))], Options()))
    assert (tmp_path / "again.zip").read_bytes() == first


@pytest.mark.parametrize("name", ANSWERS)
def test_gradescope_grades(name: str, tmp_path: Path) -> None:
    files, points = ANSWERS[name]
    root = autograder(tmp_path, exercise_in(tmp_path))
    fill(root / "submission", files)
    document = run_autograder(root)
    assert document["score"] == points
    assert sum(test["max_score"] for test in document["tests"]) == 5
    assert document["output"]


def test_a_zip_in_the_submission_is_read(tmp_path: Path) -> None:
    root = autograder(tmp_path, exercise_in(tmp_path))
    with zipfile.ZipFile(root / "submission" / "mine.zip", "w") as made:
        made.writestr("deep/answer.txt", PERFECT)
    assert run_autograder(root)["score"] == 5


def test_the_first_of_several_answers_counts_and_that_is_said(tmp_path: Path) -> None:
    root = autograder(tmp_path, exercise_in(tmp_path))
    fill(root / "submission", {"b.cnn": WRONG, "a.cnn": PERFECT})
    assert "`a.cnn` counts, of 2 files" in run_autograder(root)["output"]


def test_the_zip_brings_cnnspec_along_and_asks_no_index_for_it(tmp_path: Path) -> None:
    """It is the cnnspec in the zip that grades, and no package of that name is installed."""
    root = autograder(tmp_path, exercise_in(tmp_path))
    fill(root / "submission", {"answer.cnn": PERFECT})
    assert run_autograder(root, PYTHONPATH="/nonexistent")["score"] == 5
    installs = [line for line in (root / "source" / "setup.sh").read_text().splitlines() if "pip install" in line]
    assert len(installs) == 1
    assert "cnnspec" not in installs[0]
    language = root / "source" / "package" / "cnnspec" / "version.py"
    language.write_text("raise SystemExit('the one in the zip')")
    assert run_autograder(root)["score"] == 0


def test_the_cnnspec_in_the_zip_needs_no_more_than_setup_installs(tmp_path: Path) -> None:
    """Grading with every other package of this environment hidden."""
    root = autograder(tmp_path, exercise_in(tmp_path))
    fill(root / "submission", {"answer.cnn": PERFECT})
    hidden = "numpy onnx onnxruntime PIL safetensors tqdm IPython pygls babel hatchling"
    guard = f"""import sys
class Hidden:
    def find_spec(self, name, path=None, target=None):
        if name.partition('.')[0] in {hidden.split()!r}:
            raise ImportError(name)
sys.meta_path.insert(0, Hidden())
"""
    script = root / "source" / "autograde.py"
    script.write_text(guard + script.read_text())
    assert run_autograder(root)["score"] == 5


def fake(folder: Path, name: str, script: str) -> None:
    folder.mkdir(exist_ok=True)
    (folder / name).write_text(f"#!/bin/bash\n{script}\n")
    (folder / name).chmod(0o755)


@pytest.mark.parametrize(
    ("venv_helps", "expected"), [(True, ["python3-venv"]), (False, ["python3-venv", "python3.11"])]
)
def test_setup_takes_the_python_that_is_there_before_it_asks_for_another(
    venv_helps: bool, expected: list[str], tmp_path: Path
) -> None:
    """A python3 that is new enough but has no venv, as on Ubuntu, becomes usable by one package."""
    root = autograder(tmp_path, exercise_in(tmp_path))
    place, log, mark = tmp_path / "bin", tmp_path / "log", tmp_path / "has-venv"
    fake(tmp_path, "pip", f'echo pip "$*" >> {log}')
    make = f'mkdir -p "$3/bin"; cp {tmp_path}/pip "$3/bin/python"'
    python = f'case "$2" in *ensurepip*) [ -f {mark} ];; venv) {make};; esac'
    fake(place, "python3", python)
    fake(place, "python3.11", f'case "$2" in *ensurepip*) false;; venv) {make};; esac')
    helps = f"touch {mark}" if venv_helps else ":"
    fake(place, "apt-get", f'echo "$*" >> {log}; case "$*" in *python3-venv*) {helps};; esac')
    done = subprocess.run(
        ["bash", root / "source" / "setup.sh"],
        env={"PATH": f"{place}:/usr/bin:/bin", "AUTOGRADER": str(root)},
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert done.returncode == 0, done.stderr
    lines = log.read_text().splitlines()
    asked = [line for line in lines if line.startswith("install")]
    assert [name for line, name in zip(asked, expected, strict=True) if name in line.split()] == expected
    assert "lark" in lines[-1]
    assert "pydantic" in lines[-1]


def test_gradescope_grades_a_hostile_answer_blank_by_blank(tmp_path: Path) -> None:
    root = autograder(tmp_path, exercise_in(tmp_path))
    fill(root / "submission", {"answer.cnn": HOSTILE})
    (root / "submission" / "link.cnn").symlink_to("/etc/passwd")
    assert run_autograder(root)["score"] <= 3


def test_gradescope_is_told_after_a_crash_too(tmp_path: Path) -> None:
    root = autograder(tmp_path, exercise_in(tmp_path))
    fill(root / "submission", {"answer.cnn": PERFECT})
    (root / "source" / "exercise.cnn").write_text("this is no exercise")
    (root / "results").mkdir()
    (root / "results" / "results.json").write_text('{"score": 5, "tests": []}')  # of an earlier run
    document = run_autograder(root)
    assert document["score"] == 0
    assert "tell your teacher" in document["output"]
    assert document["tests"][0]["max_score"] == 5


def test_the_results_are_shown_when_the_teacher_says(tmp_path: Path) -> None:
    root = autograder(tmp_path, exercise_in(tmp_path), "after_due_date")
    fill(root / "submission", {"answer.cnn": PERFECT})
    document = run_autograder(root)
    assert document["visibility"] == "after_due_date"
    assert document["stdout_visibility"] == "hidden"


def test_each_student_is_graded_on_the_variant_of_the_user(tmp_path: Path) -> None:
    exercise = exercise_in(tmp_path, DRAWN, DRAW)
    root = autograder(tmp_path, exercise)
    variants: dict[str, int] = {}
    for number in range(1, 40):
        text = load_exercise(exercise, str(number)).source.text
        variants.setdefault(text.partition("\n")[2], number)
    one, other = list(variants.values())[:2]
    rights = {blank.blank.key: blank.right for blank in solved(load_exercise(exercise, str(one)))}
    fill(root / "submission", {"answer.csv": "".join(f"{key},{right}\n" for key, right in rights.items())})
    for user, best in ((one, True), (other, False)):
        metadata = {
            "users": [{"id": 990 + user, "sid": str(user), "email": "M@e.org", "name": "M. C."}],
            "created_at": "2026-01-02T03:04:05.678901-08:00",
        }
        (root / "submission_metadata.json").write_text(json.dumps(metadata))
        document = run_autograder(root)
        assert (document["score"] == 4) == best
        assert document["extra_data"]["variant"] == str(user)


def test_the_sheet_of_the_roster_is_what_gradescope_grades(tmp_path: Path) -> None:
    """Drawn by the address in the roster, graded by that of the metadata, however it is written."""
    exercise = exercise_in(tmp_path, DRAWN, DRAW)
    roster = tmp_path / "roster.csv"
    roster.write_text("First Name,Last Name,SID,Email,Sections\nMarie,Curie,17,Marie@Example.org,1\n")
    root = autograder(tmp_path, exercise)
    user = {"id": 4711, "name": "Marie Curie", "email": "marie@example.org"}
    for column, more in (("Email", {}), (None, {"sid": "17"})):
        (sheet,) = class_sheets(str(exercise), students(str(roster), column))
        answers = "".join(f"{one.blank.key},{one.right}\n" for one in solved(sheet.exercise))
        fill(root / "submission", {"answer.csv": answers})
        (root / "submission_metadata.json").write_text(json.dumps({"users": [{**user, **more}]}))
        document = run_autograder(root)
        assert document["score"] == 4
        assert document["extra_data"]["variant"] == sheet.exercise.seed


def test_an_answer_to_the_variant_of_another_is_told_so(tmp_path: Path) -> None:
    exercise = exercise_in(tmp_path, DRAWN, DRAW)
    root = autograder(tmp_path, exercise)
    fill(root / "submission", {"answer.cnn": f"# variant: 18\n{load_exercise(exercise, '17').source.text}"})
    (root / "submission_metadata.json").write_text(json.dumps({"users": [{"id": 1, "sid": "17"}]}))
    document = run_autograder(root)
    assert document["extra_data"]["variant"] == "17"
    assert "`18`" in document["output"]
    assert "`17`" in document["output"]
    (root / "submission_metadata.json").write_text(json.dumps({"users": [{"id": 1, "sid": "18"}]}))
    assert "`18`" not in run_autograder(root)["output"]


def test_the_files_that_are_used_travel_along_and_no_others(tmp_path: Path) -> None:
    (tmp_path / "blocks").mkdir()
    (tmp_path / "blocks" / "b.cnn").write_text('use "c.cnn"\nblock b { c }\n')
    (tmp_path / "blocks" / "c.cnn").write_text("block c { conv 6, f=5 }\n")
    (tmp_path / "secret.cnn").write_text("input 1\n")
    exercise = exercise_in(tmp_path, 'use "blocks/b.cnn"\ninput 28x28x1\nb -> ?x24x6\n')
    assert list(files_of(load_exercise(exercise))) == ["exercise.cnn", "blocks/b.cnn", "blocks/c.cnn"]
    root = autograder(tmp_path, exercise)
    fill(root / "submission", {"answer.cnn": 'use "blocks/b.cnn"\ninput 28x28x1\nb -> 24x24x6\n'})
    assert run_autograder(root)["score"] == 1


# --- VPL -------------------------------------------------------------------------------------------------------------


def activity(folder: Path, exercise: Path) -> Path:
    loaded = load_exercise(exercise)
    write(str(folder / "vpl"), vpl.export([make_sheet(loaded, solved(loaded))], Options()))
    return folder / "vpl"


def jail(folder: Path, scripts: Path, files: dict[str, str], **more: str) -> Path:
    """The execution server's folder: the student's files, the teacher's scripts over them, the environment."""
    place = folder / "jail"
    fill(place, files)
    for name in ("vpl_evaluate.sh", "vpl_run.sh"):
        (place / name).write_bytes((scripts / name).read_bytes())
        (place / name).chmod(0o755)
    values = {"VPL_GRADEMIN": "0", "VPL_GRADEMAX": "20", "MOODLE_USER_ID": "17", "MOODLE_USER_NAME": "M. C.", **more}
    exports = "".join(f"export {name}='{value}'\n" for name, value in values.items())
    (place / "vpl_environment.sh").write_text(f"#!/bin/bash\n{exports}")
    return place


def evaluate(place: Path, script: str = "vpl_evaluate.sh", **more: str) -> str:
    """VPL runs the script, takes all other files away, and runs what the script has left."""
    done = subprocess.run(
        ["bash", script], cwd=place, env=environment(**more), capture_output=True, text=True, timeout=60, check=False
    )
    assert done.returncode == 0, done.stderr
    execution = place / "vpl_execution"
    assert os.access(execution, os.X_OK)
    for path in place.iterdir():
        if path.is_dir():
            shutil.rmtree(path)
        elif path != execution:
            path.unlink()
    return subprocess.run([execution], cwd=place, env=environment(), capture_output=True, text=True, check=True).stdout


@pytest.mark.parametrize("name", ANSWERS)
def test_vpl_grades(name: str, tmp_path: Path) -> None:
    files, points = ANSWERS[name]
    scripts = activity(tmp_path, exercise_in(tmp_path))
    output = evaluate(jail(tmp_path, scripts, files))
    assert vpl_rules.grade(output) == vpl_rules.old_grade(output) == f"{points * 4:g}"
    assert output.count("Grade :=>>") == 1
    assert vpl_rules.titles(output)


def test_vpl_counts_only_what_was_handed_in(tmp_path: Path) -> None:
    """VPL lists the student's files: those that the teacher put beside them are none."""
    scripts = activity(tmp_path, exercise_in(tmp_path))
    files = {"answer.cnn": PERFECT, "my answer.cnn": WRONG}
    for listed in ({"VPL_SUBFILES": "my\n", "VPL_SUBFILE0": "my answer.cnn"}, {"VPL_SUBFILES": "nothing.cnn"}):
        assert vpl_rules.grade(evaluate(jail(tmp_path, scripts, files, **listed))) == "0"
    assert vpl_rules.grade(evaluate(jail(tmp_path, scripts, files, VPL_SUBFILES="answer.cnn\n"))) == "20"
    assert vpl_rules.grade(evaluate(jail(tmp_path, scripts, files))) == "20"


def test_no_student_is_executed_by_vpl(tmp_path: Path) -> None:
    """Files of the names of modules, an answer of commands, a name of commands: nothing of it runs."""
    scripts = activity(tmp_path, exercise_in(tmp_path))
    mark = tmp_path / "ran"
    module = f"open({str(mark)!r}, 'w')\n"
    files = {f"{name}.py": module for name in ("cnnspec", "json", "os", "re", "sitecustomize", "encodings", "base64")}
    files |= {"answer.cnn": f"$(touch {mark})`touch {mark}`\n", "$(touch ran).txt": "___\ntouch ran\n"}
    output = evaluate(jail(tmp_path, scripts, files))
    assert vpl_rules.grade(output) == "0"
    assert not mark.exists()
    assert not (tmp_path / "jail" / "ran").exists()


def test_vpl_says_so_where_cnnspec_is_missing(tmp_path: Path) -> None:
    scripts = activity(tmp_path, exercise_in(tmp_path))
    output = evaluate(jail(tmp_path, scripts, {"answer.cnn": PERFECT}), CNNSPEC_PYTHON="/nonexistent/python")
    assert vpl_rules.grade(output) == ""
    assert "tell your teacher" in vpl_rules.comments(output)


def test_a_student_of_vpl_sees_and_is_graded_on_the_own_variant(tmp_path: Path) -> None:
    exercise = exercise_in(tmp_path, DRAWN, DRAW)
    scripts = activity(tmp_path, exercise)
    shown = evaluate(jail(tmp_path, scripts, {}), "vpl_run.sh")
    assert shown == load_exercise(exercise, "17").source.text
    rights = {blank.blank.key: blank.right for blank in solved(load_exercise(exercise, "17"))}
    table = "".join(f"{key},{right}\n" for key, right in rights.items())
    assert vpl_rules.grade(evaluate(jail(tmp_path, scripts, {"answer.csv": table}))) == "20"


def test_vpl_in_french(tmp_path: Path) -> None:
    exercise = EXERCISES / "fr" / "lenet5.cnn"
    scripts = activity(tmp_path, exercise)
    output = evaluate(jail(tmp_path, scripts, {"answer.cnn": exercise.read_text(encoding="utf-8")}))
    assert vpl_rules.grade(output) == "0"
    assert vpl_rules.titles(output)
