"""What the scripts that platforms run call: one answer in, the platform's own document out.

The answer is graded by `cnnspec.teaching.grading.batch` in a worker with its limits; nothing of it is executed.
"""

from __future__ import annotations

import base64
import json
import os
import re
import tempfile
import time
from collections.abc import Collection, Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

from cnnspec.teaching.answers.decoding import LARGEST
from cnnspec.teaching.exercise import load_exercise
from cnnspec.teaching.handed_in.archives import too_large
from cnnspec.teaching.handed_in.submissions import ENDINGS, submission_of
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
from cnnspec.teaching.variants.students import folded

ANSWER = "answer.cnn"
NUMBERED = re.compile("VPL_SUBFILE[0-9]+")


def marks_of(path: str | os.PathLike[str], submission: Submission, seed: str = "", at: datetime | None = None) -> Marks:
    """The marks of one answer to an exercise. Raises CnnSpecError and FileProblem where the exercise is broken."""
    from cnnspec.teaching.grading.batch import grade

    return next(grade(load_exercise(path, seed), [submission], handed_in=at))


def submission_in(
    folder: str | os.PathLike[str], like: str, identifier: str = "", name: str = "", only: Collection[str] | None = None
) -> Submission:
    """The answer among the files that one student handed in; `like` is the name of the exercise's file.

    `answer.cnn`, which students are told to fill, goes before all others; what else can be read is what
    `cnnspec grade` reads. With `only`, nothing but these files counts.
    """
    return submission_of(folder, name or identifier or "student", identifier, (ANSWER, like), only)


# --- Gradescope ------------------------------------------------------------------------------------------------------


def gradescope(root: str, exercise: str, visibility: str = VISIBLE) -> None:
    """Grades `submission/` below the root and writes `results/results.json`, whole or not at all."""
    begun = time.monotonic()
    place = Path(root)
    metadata = _json(place / "submission_metadata.json")
    user = _first(metadata.get("users"))
    submission = submission_in(place / "submission", exercise, known_by(user), str(user.get("name", "")))
    marks = marks_of(place / "source" / exercise, submission, at=_moment(metadata.get("created_at")))
    results = gradescope_results(marks, visibility, time.monotonic() - begun)
    _write_json(place / "results" / "results.json", results)


def known_by(user: Mapping[str, Any]) -> str:
    """What a user is known by in the roster too: the student's number, else the address. Its own number is nowhere.

    >>> known_by({"id": 4, "email": "Marie@Example.org"}), known_by({"sid": "17", "email": "m@example.org"})
    ('marie@example.org', '17')
    """
    found = (user.get(name) for name in ("sid", "email"))
    texts = (str(one).strip() for one in found if isinstance(one, str | int))
    return folded(next(filter(None, texts), ""))


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
    problem = too_large() if len(content) > LARGEST else ""
    submission = Submission(identifier or "student", "answer.cnn", b"" if problem else content, identifier, problem)
    return json.dumps(coderunner_result(marks_of(exercise, submission)), ensure_ascii=True)


# --- VPL -------------------------------------------------------------------------------------------------------------


def vpl(archive: str, exercise: str, answers: str, script: str, environment: Mapping[str, str]) -> None:
    """Grades the answer in a folder and writes the script that VPL runs, which does nothing but print the result."""
    identifier = environment.get("VPL_VARIATION") or environment.get("MOODLE_USER_ID", "")
    name = environment.get("MOODLE_USER_NAME", "")
    with tempfile.TemporaryDirectory() as folder:
        unpack(base64.b64decode(Path(archive).read_bytes()), Path(folder))
        submission = submission_in(answers, exercise, identifier, name, _of_student(answers, environment))
        marks = marks_of(Path(folder, exercise), submission)
    _write_script(Path(script), vpl_output(marks, *grade_range(environment)))


def _of_student(folder: str, environment: Mapping[str, str]) -> Collection[str]:
    """The files that the student handed in, not those of the teacher: VPL counts them, else by their endings."""
    counted = {value for name, value in environment.items() if NUMBERED.fullmatch(name)}
    listed = counted or set(environment.get("VPL_SUBFILES", "").split())
    if listed:
        return {os.path.normpath(name) for name in listed}
    names = (path.relative_to(folder).as_posix() for path in Path(folder).rglob("*"))
    return {name for name in names if name.lower().endswith(ENDINGS)}


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
