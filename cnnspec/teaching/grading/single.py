"""One answer graded where one stands: a notebook, a test of otter-grader or nbgrader."""

from __future__ import annotations

import os
from pathlib import Path

from cnnspec.language import language as spoken
from cnnspec.language import speaking
from cnnspec.teaching.exercise import Exercise, load_exercise
from cnnspec.teaching.grading.batch import grade_one
from cnnspec.teaching.model import Marks, Submission
from cnnspec.teaching.settings import Feedback

LONGEST_PATH = 1000
Text = str | bytes | os.PathLike[str]


def grade_answer(
    exercise: str | os.PathLike[str],
    answer: Text,
    *,
    name: str = "",
    seed: str = "",
    feedback: str | None = None,
    language: str | None = None,
) -> Marks:
    """The marks of one answer: a text, its bytes, or the path of a file. Raises CnnSpecError for a broken exercise."""
    submission = _submission(answer, name)
    loaded = load_exercise(exercise, seed)
    told(loaded, feedback, language)
    with speaking(loaded.language or spoken()):
        return grade_one(loaded, submission)


def told(exercise: Exercise, feedback: str | None = None, language: str | None = None) -> None:
    """Sets what the reader chooses in place of what the exercise says. Raises ValueError for a level there is not."""
    values = {"feedback": Feedback(feedback) if feedback else None, "language": language}
    changed = {key: value for key, value in values.items() if value}
    exercise.settings = exercise.settings.model_copy(update=changed)


def _submission(answer: Text, name: str) -> Submission:
    if isinstance(answer, os.PathLike):
        path = Path(answer)
        return Submission(name or path.stem, path.name, path.read_bytes())
    if isinstance(answer, str):
        if _names_file(answer):
            raise ValueError(f"this is the name of a file, not an answer: give pathlib.Path({answer!r})")
        answer = answer.encode("utf-8", "backslashreplace")
    return Submission(name, "", answer)


def _names_file(text: str) -> bool:
    return len(text) < LONGEST_PATH and not set(text) & {"\n", "\0"} and os.path.isfile(text)
