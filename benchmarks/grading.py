"""What grading costs: a class of 200 answers."""

from __future__ import annotations

from pathlib import Path

from benchmarks.measure import Benchmark, NotMeasured, Outcome


def grade(folder: Path) -> Outcome:
    raise NotMeasured("`cnnspec grade` is not built yet (budget: 3 s)")


BENCHMARKS = [Benchmark("grade", "grading 200 answers of an exercise", grade)]
