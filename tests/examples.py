"""The example files: networks, exercises with blanks, and answers of students, which are wrong on purpose."""

from __future__ import annotations

from pathlib import Path

EXAMPLES = Path(__file__).parents[1] / "examples"
EXERCISES = EXAMPLES / "exercises"
ANSWERS = EXERCISES / "answers"
SPECS = sorted(path for path in EXAMPLES.rglob("*.cnn") if ANSWERS not in path.parents)
NETWORKS = [path for path in SPECS if EXERCISES not in path.parents]
