"""What the scripts that platforms run call: one answer in, the platform's own document out.

The answer is graded by `cnnspec.teaching.grading.batch` in a worker with its limits; nothing of it is executed.
"""

from __future__ import annotations

import base64
import json
import os
import tempfile
import time
from collections.abc import Iterable, Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

from cnnspec.language import say
from cnnspec.teaching.exercise import load_exercise
from cnnspec.teaching.model import Marks, Submission
from cnnspec.teaching.quiz.bundle import unpack
from cnnspec.teaching.quiz.results import (
    VISIBLE,
    coderunner_result,
    grade_range,
    gradescope_results,
    prairielearn_results,
    vpl_output,
)

ENDINGS = (".cnn", ".txt", ".csv", ".json", ".md")
LARGEST = 2**20
MOST_FILES = 200
FOLDERS_OF_SYSTEMS = ("__MACOSX", ".git")


def marks_of(path: str | os.PathLike[str], submission: Submission, seed: str = "", at: datetime | None = None) -> Marks:
    """The marks of one answer to an exercise. Raises CnnSpecError and FileProblem where the exercise is broken."""
    from cnnspec.teaching.grading.batch import grade

    return next(grade(load_exercise(path, seed), [submission], handed_in=at))


def submission_in(folder: str | os.PathLike[str], like: str, identifier: str = "", name: str = "") -> Submission:
    """The answer among the files that one student handed in; `like` is the name of the exercise's file.

    A .cnn file goes before others, the one of the exercise's name before other .cnn files. Links are not followed.
    """
    root = Path(folder)
    found = sorted(_files(root), key=lambda path: (_rank(path, like), str(path)))
    who = name or identifier or "student"
    if not found:
        known = ", ".join(ENDINGS)
        return Submission(who, "", b"", identifier, say("no answer was handed in: {endings}", endings=known))
    rivals = [path for path in found if _rank(path, like) == _rank(found[0], like)]
    shown = found[0].relative_to(root).as_posix()
    if len(rivals) > 1:
        return Submission(who, shown, b"", identifier, say("several answers were handed in: {n} files", n=len(rivals)))
    with found[0].open("rb") as file:
        content = file.read(LARGEST + 1)
    if len(content) > LARGEST:
        return Submission(
            who, shown, b"", identifier, say("the file is larger than {limit} MiB", limit=LARGEST // 2**20)
        )
    return Submission(who, shown, content, identifier)


def _files(root: Path) -> Iterable[Path]:
    seen = 0
    for folder, folders, names in os.walk(root):
        folders[:] = sorted(name for name in folders if name not in FOLDERS_OF_SYSTEMS)
        for name in sorted(names):
            path = Path(folder, name)
            seen += 1
            if seen > MOST_FILES:
                return
            if path.suffix.lower() in ENDINGS and not name.startswith(".") and path.is_file() and not path.is_symlink():
                yield path


def _rank(path: Path, like: str) -> int:
    if path.suffix.lower() != ".cnn":
        return 2 + ENDINGS.index(path.suffix.lower())
    return 0 if path.name == like else 1


# --- Gradescope ------------------------------------------------------------------------------------------------------


def gradescope(root: str, exercise: str, visibility: str = VISIBLE) -> None:
    """Grades `submission/` below the root and writes `results/results.json`, whole or not at all."""
    begun = time.monotonic()
    place = Path(root)
    metadata = _json(place / "submission_metadata.json")
    user = _first(metadata.get("users"))
    identifier, name = str(user.get("id", "")), str(user.get("name", ""))
    submission = submission_in(place / "submission", exercise, identifier, name)
    marks = marks_of(place / "source" / exercise, submission, at=_moment(metadata.get("created_at")))
    results = gradescope_results(marks, visibility, time.monotonic() - begun)
    _write_json(place / "results" / "results.json", results)


def _json(path: Path) -> dict[str, Any]:
    """What a file of the platform says; nothing where there is none or it is no object."""
    try:
        document = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return document if isinstance(document, dict) else {}


def _first(users: object) -> dict[str, Any]:
    return users[0] if isinstance(users, list) and users and isinstance(users[0], dict) else {}


def _moment(text: object) -> datetime | None:
    try:
        return datetime.fromisoformat(text) if isinstance(text, str) else None
    except ValueError:
        return None


def _write_json(path: Path, document: Mapping[str, Any]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_name(f".{path.name}.part")
    part.write_text(json.dumps(document, ensure_ascii=True), encoding="ascii")
    part.replace(path)


# --- PrairieLearn ----------------------------------------------------------------------------------------------------


def prairielearn(root: str, exercise: str) -> None:
    """Grades `student/` below the root and writes `results/results.json`."""
    place = Path(root)
    params = _json(place / "data" / "data.json").get("params")
    seed = str(params.get("variant", "")) if isinstance(params, dict) else ""
    submission = submission_in(place / "student", exercise)
    marks = marks_of(place / "tests" / exercise, submission, seed)
    _write_json(place / "results" / "results.json", prairielearn_results(marks))


# --- CodeRunner ------------------------------------------------------------------------------------------------------


def coderunner(exercise: str, answer: str, identifier: str = "") -> str:
    """What the template of a CodeRunner question prints: one line of JSON."""
    content = answer.encode("utf-8", "replace")
    problem = say("the answer is larger than {limit} MiB", limit=LARGEST // 2**20) if len(content) > LARGEST else ""
    submission = Submission(identifier or "student", "answer.cnn", b"" if problem else content, identifier, problem)
    return json.dumps(coderunner_result(marks_of(exercise, submission)), ensure_ascii=True)


# --- VPL -------------------------------------------------------------------------------------------------------------


def vpl(archive: str, exercise: str, answers: str, script: str, environment: Mapping[str, str]) -> None:
    """Grades the answer in a folder and writes the script that VPL runs, which does nothing but print the result."""
    identifier = environment.get("VPL_VARIATION") or environment.get("MOODLE_USER_ID", "")
    name = environment.get("MOODLE_USER_NAME", "")
    with tempfile.TemporaryDirectory() as folder:
        unpack(base64.b64decode(Path(archive).read_bytes()), Path(folder))
        marks = marks_of(Path(folder, exercise), submission_in(answers, exercise, identifier, name))
    _write_script(Path(script), vpl_output(marks, *grade_range(environment)))


def vpl_variant(archive: str, exercise: str, script: str, environment: Mapping[str, str]) -> None:
    """Writes the script that shows the exercise: a student's own variant, where one is drawn."""
    identifier = environment.get("VPL_VARIATION") or environment.get("MOODLE_USER_ID", "")
    with tempfile.TemporaryDirectory() as folder:
        unpack(base64.b64decode(Path(archive).read_bytes()), Path(folder))
        asked = load_exercise(Path(folder, exercise))
        if asked.settings.seed == "student" and asked.settings.draw:
            asked = load_exercise(Path(folder, exercise), identifier)
    _write_script(Path(script), asked.source.text)


def _write_script(path: Path, output: str) -> None:
    """A script that prints a text. In base 64 no line of the text can be one of the script's own."""
    lines = base64.encodebytes(output.encode()).decode()
    path.write_text(f"#!/bin/bash\nbase64 -d <<'___'\n{lines}___\n", encoding="ascii")
    path.chmod(0o755)


# --- notebooks -------------------------------------------------------------------------------------------------------


def earned(exercise: str, answer: str, blank: str, identifier: str = "") -> float:
    """The points that an answer earns for one blank; for the test cells of notebooks."""
    submission = Submission(identifier or "student", "answer.cnn", str(answer).encode("utf-8", "replace"), identifier)
    marks = marks_of(exercise, submission)
    return next((verdict.points for verdict in marks.verdicts if verdict.blank == blank), 0.0)


def passes(exercise: str, answer: str, blank: str, identifier: str = "") -> bool:
    """Whether an answer earns at least half of the points of one blank; for tests that pass or fail."""
    submission = Submission(identifier or "student", "answer.cnn", str(answer).encode("utf-8", "replace"), identifier)
    marks = marks_of(exercise, submission)
    return any(v.blank == blank and v.points * 2 >= v.out_of for v in marks.verdicts)
