"""The marks of a class as one document: who has what, which blank was missed by how many, which mistake was common."""

from __future__ import annotations

import statistics
from collections import Counter
from collections.abc import Iterable, Sequence

from pydantic import Field

from cnnspec.teaching.model import Document, Marks, Status, Verdict

BINS = 10
MISSED: tuple[Status, ...] = ("mistake", "wrong", "unreadable", "empty")


class MistakeCount(Document):
    """How many answers made a mistake that is known by name."""

    mistake: str = Field(description="the name of a known mistake, such as forgot-bias")
    answers: int = Field(ge=1, description="answers that made it, once or more")
    message: str = Field(description="what one of the students was told of it")


class BlankStatistics(Document):
    """How one blank went."""

    blank: str = Field(description="the key of the blank")
    number: int = Field(ge=1)
    family: str
    label: str = Field(description="what is asked, in words; the key where variants ask for different things")
    line: int = Field(ge=1)
    out_of: float = Field(ge=0)
    answers: int = Field(ge=0, description="answers that could be read")
    right: int = Field(ge=0)
    follow_through: int = Field(ge=0, description="right after the student's own earlier answers")
    mistake: int = Field(ge=0, description="wrong in a way that is known by name")
    wrong: int = Field(ge=0)
    unreadable: int = Field(ge=0)
    empty: int = Field(ge=0)
    missed: int = Field(ge=0, description="neither right nor right after earlier answers")
    mean: float = Field(ge=0, description="mean of the points, over the answers that could be read")
    mistakes: tuple[MistakeCount, ...] = Field(description="known mistakes, the most frequent first")


class Bin(Document):
    """One bar of the histogram: answers with at least `low` and less than `high` of the points; the last has all."""

    low: float
    high: float
    answers: int = Field(ge=0)


class Statistics(Document):
    """Figures of a class. Answers that could not be read have no points, and count in them."""

    answers: int = Field(ge=0)
    unread: int = Field(ge=0, description="answers that could not be read")
    out_of: float = Field(ge=0)
    mean: float | None = Field(description="of the points; null without answers, like the figures below")
    deviation: float | None = Field(description="standard deviation of the points, of these answers")
    minimum: float | None
    lower_quartile: float | None
    median: float | None
    upper_quartile: float | None
    maximum: float | None
    histogram: tuple[Bin, ...]
    blanks: tuple[BlankStatistics, ...] = Field(description="in the order of the exercise")
    mistakes: tuple[MistakeCount, ...] = Field(description="known mistakes anywhere, the most frequent first")


class ClassMarks(Document):
    """The document of `cnnspec grade --format json` for several answers."""

    exercise: str = Field(description="the title of the exercise")
    language: str
    statistics: Statistics
    marks: tuple[Marks, ...]


def class_marks(marks: Sequence[Marks], exercise: str, language: str) -> ClassMarks:
    """The document of a class."""
    return ClassMarks(exercise=exercise, language=language, statistics=statistics_of(marks), marks=tuple(marks))


def statistics_of(marks: Sequence[Marks]) -> Statistics:
    """The figures of these marks."""
    points = [one.points for one in marks]
    lower, median, upper = _quartiles(points)
    return Statistics(
        answers=len(marks),
        unread=sum(bool(one.problem) for one in marks),
        out_of=max((one.out_of for one in marks), default=0),
        mean=statistics.fmean(points) if points else None,
        deviation=statistics.pstdev(points) if points else None,
        minimum=min(points, default=None),
        lower_quartile=lower,
        median=median,
        upper_quartile=upper,
        maximum=max(points, default=None),
        histogram=_histogram(marks),
        blanks=_blanks(marks),
        mistakes=_mistakes(one.verdicts for one in marks),
    )


def _quartiles(points: Sequence[float]) -> tuple[float | None, float | None, float | None]:
    if not points:
        return None, None, None
    if len(points) == 1:
        return points[0], points[0], points[0]
    lower, median, upper = statistics.quantiles(points, n=4, method="inclusive")
    return lower, median, upper


def _histogram(marks: Sequence[Marks]) -> tuple[Bin, ...]:
    counts = Counter(min(int(one.fraction * BINS + 1e-9), BINS - 1) for one in marks)
    return tuple(Bin(low=i / BINS, high=(i + 1) / BINS, answers=counts[i]) for i in range(BINS))


def _blanks(marks: Sequence[Marks]) -> tuple[BlankStatistics, ...]:
    found: dict[str, list[Verdict]] = {}
    for one in marks:
        if not one.problem:
            for verdict in one.verdicts:
                found.setdefault(verdict.blank, []).append(verdict)
    return tuple(sorted((_blank(verdicts) for verdicts in found.values()), key=lambda blank: blank.number))


def _blank(verdicts: Sequence[Verdict]) -> BlankStatistics:
    first = verdicts[0]
    counts = Counter(one.status for one in verdicts)
    return BlankStatistics(
        blank=first.blank,
        number=first.number,
        family=first.family,
        label=first.label if all(one.label == first.label for one in verdicts) else first.blank,
        line=first.line,
        out_of=first.out_of,
        answers=len(verdicts),
        right=counts["right"],
        follow_through=counts["follow-through"],
        mistake=counts["mistake"],
        wrong=counts["wrong"],
        unreadable=counts["unreadable"],
        empty=counts["empty"],
        missed=sum(counts[status] for status in MISSED),
        mean=statistics.fmean(one.points for one in verdicts),
        mistakes=_mistakes([one] for one in verdicts),
    )


def _mistakes(answers: Iterable[Sequence[Verdict]]) -> tuple[MistakeCount, ...]:
    """How many answers made each; of equals, in the order of their names."""
    counts: Counter[str] = Counter()
    messages: dict[str, str] = {}
    for verdicts in answers:
        made = {one.mistake: one.message for one in verdicts if one.mistake}
        counts.update(made.keys())
        messages = made | messages
    ordered = sorted(counts.items(), key=lambda item: (-item[1], item[0]))
    return tuple(MistakeCount(mistake=name, answers=n, message=messages[name]) for name, n in ordered)
