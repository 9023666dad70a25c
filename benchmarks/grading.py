"""What grading costs: a class of 200 answers."""

from __future__ import annotations

from itertools import cycle, islice
from pathlib import Path

from benchmarks.measure import ROOT, Benchmark, Outcome, cnnspec, in_turn

EXERCISE = ROOT / "examples" / "lectures" / "hand_signs_exercise.cnn"
ANSWERS = 200
# In the order of the blanks: a perfect answer, two with mistakes that have names, one that follows from a wrong size,
# one that guesses.
FILLED = (
    ("62x62x32, 896", "60x60x32, 9248", "30x30x32, 0", "28800, 0", "6, 172806", "182950"),
    ("62x62x32, 864", "60x60x32, 9216", "30x30x32, 0", "28800, 0", "6, 172800", "182880"),
    ("64x64x32, 896", "64x64x32, 9 248", "32x32x32, 64", "32768, 0", "6, 196614", "206758"),
    ("61x61x32, 896", "59x59x32, 9248", "29x29x32, 0", "26912, 0", "6, 161478", "171622"),
    ("1x1x1, 1", "2x2x2, 2", "3x3x3, 3", "4, 4", "5, 5", "6"),
)


def answer(text: str, filled: tuple[str, ...]) -> str:
    """The exercise with these sizes and counts in place of its blanks."""
    values = iter(filled)
    lines = [_filled(line, next(values)) if "?" in line.partition("#")[0] else line for line in text.splitlines()]
    return "\n".join(lines) + "\n"


def _filled(line: str, value: str) -> str:
    before, arrow, _ = line.partition("->")
    return f"{before}-> {value} params" if arrow else line.replace("?", value)


def grade(folder: Path) -> Outcome:
    answers = folder / "answers"
    answers.mkdir()
    text = EXERCISE.read_text(encoding="utf-8")
    for i, filled in enumerate(islice(cycle(FILLED), ANSWERS)):
        (answers / f"student_{i:03}.cnn").write_text(answer(text, filled), encoding="utf-8")
    (seconds,) = in_turn(3, lambda: cnnspec("grade", EXERCISE, answers).seconds)
    return Outcome(f"{seconds:.2f} s", "", seconds, 3, "s")


BENCHMARKS = [Benchmark("grade", f"grading {ANSWERS} answers of an exercise, whole process", grade)]
