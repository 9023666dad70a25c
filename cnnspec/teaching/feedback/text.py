"""Marks as text for a terminal or a mail: the page of a student, the table of a class, its statistics."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from cnnspec.language import plural, say
from cnnspec.teaching.feedback.layout import Paint, aligned, wrapped
from cnnspec.teaching.feedback.statistics import BlankStatistics, ClassMarks, MistakeCount, Statistics
from cnnspec.teaching.feedback.wording import (
    SHORT,
    cells,
    column_names,
    heading,
    lesson_lines,
    lessons,
    one_line,
    place,
    remarks,
    right_layers,
    share,
    shortened,
    show_points,
    shown_verdicts,
    total,
    who,
)
from cnnspec.teaching.mistakes.titles import title_of
from cnnspec.teaching.model import LAYERS, Marks, Status, Verdict

RESET, BOLD, RED, YELLOW, GREEN, DIM = "\x1b[0m", "\x1b[1m", "\x1b[31m", "\x1b[33m", "\x1b[32m", "\x1b[2m"
TONES: dict[Status, str] = {
    "right": GREEN,
    "follow-through": YELLOW,
    "mistake": RED,
    "wrong": RED,
    "unreadable": RED,
    "empty": DIM,
}
WIDTH = 100
BAR = 40
BESIDE = 52  # columns of the table of blanks beside what is asked, at most


def page(marks: Marks, *, color: bool = False, width: int = WIDTH) -> str:
    """The page of one student."""
    lines = [_paint(heading(marks), BOLD, color), *filter(None, (who(marks),)), ""]
    if notices := [line for text in remarks(marks) for line in wrapped(text, width)]:
        lines += [*notices, ""]
    if verdicts := shown_verdicts(marks):
        lines += [*_table(verdicts, color, width), ""]
    for first, *others in lessons(marks):
        places = (line for one in (first, *others) for line in wrapped(place(one), width))
        lines += [_paint(line, TONES[first.status], color) for line in places]
        lines += [line for text in lesson_lines(first) for line in wrapped(text, width, "  ")]
        lines += [line for step in first.arithmetic for line in _step(first, step, width)]
        if layers := right_layers(first):
            lines += [f"  {say('Right answer:')}", *(f"    {line}" for line in layers)]
        lines.append("")
    return "\n".join([*lines, _paint(total(marks), BOLD, color)]) + "\n"


def _step(verdict: Verdict, step: str, width: int) -> list[str]:
    """A line of arithmetic as it is; what is said of layers in sentences is broken where it is long."""
    return wrapped(one_line(step), width, "    ") if verdict.family == LAYERS else [f"    {one_line(step)}"]


def _table(verdicts: Sequence[Verdict], color: bool, width: int) -> list[str]:
    rows = [column_names(), *(cells(verdict, max(width - BESIDE, SHORT)) for verdict in verdicts)]

    def paint(row: int, column: int, cell: str) -> str:
        tone = DIM if row == 0 else TONES[verdicts[row - 1].status]
        return _paint(cell, tone, color and (row == 0 or column > 1))

    return aligned(rows, right=(0, 4), paint=paint)


def class_page(document: ClassMarks, *, color: bool = False) -> str:
    """The table of a class, then its statistics."""
    rows = class_rows(document.marks)
    lines = [_paint(one_line(document.exercise), BOLD, color), "", *aligned(rows, right=(0, 1), paint=_head(color))]
    return "\n".join([*lines, "", *_statistics(document.statistics, color)]) + "\n"


def _head(color: bool) -> Paint:
    """The first row in another tone."""
    return lambda row, _column, cell: _paint(cell, DIM, color and row == 0)


def class_rows(marks: Sequence[Marks]) -> list[tuple[str, ...]]:
    """The table of a class with its head; a column in which nobody has anything is left out."""
    head = (say("points"), "", say("name"), say("number"), say("problem"))
    rows = [_class_row(one) for one in marks]
    kept = [i for i in range(len(head)) if i < 3 or any(row[i] for row in rows)]
    return [tuple(row[i] for i in kept) for row in (head, *rows)]


def _class_row(marks: Marks) -> tuple[str, ...]:
    points = say("{points} of {out_of}", points=show_points(marks.points), out_of=show_points(marks.out_of))
    name, number = one_line(marks.name, 48), one_line(marks.identifier, 24)
    return (
        points,
        share(marks.fraction),
        name,
        number,
        one_line("; ".join((marks.problem, *marks.warnings)).strip("; "), 120),
    )


def statistics_page(document: ClassMarks, *, color: bool = False) -> str:
    """The statistics of a class."""
    title = [_paint(one_line(document.exercise), BOLD, color), ""]
    return "\n".join([*title, *_statistics(document.statistics, color)]) + "\n"


def _statistics(figures: Statistics, color: bool) -> Iterator[str]:
    yield from summary(figures)
    if figures.answers:
        yield ""
        yield from histogram(figures)
    if figures.blanks:
        yield ""
        rows = [blank_columns(), *(blank_row(blank) for blank in figures.blanks)]
        yield from aligned(rows, right=(0, 2, 3), paint=_head(color))
    if figures.mistakes:
        yield ""
        yield _paint(say("Known mistakes, and how many answers made them:"), BOLD, color)
        yield from aligned([mistake_row(one) for one in figures.mistakes], right=(0,))


def summary(figures: Statistics) -> list[str]:
    """The figures of a class in sentences."""
    lines = [plural("{n} answer", "{n} answers", figures.answers)]
    if figures.unread:
        lines.append(plural("{n} could not be read", "{n} could not be read", figures.unread))
    if figures.mean is None or figures.median is None:
        return lines
    mean, median, out_of = map(show_points, (figures.mean, figures.median, figures.out_of))
    lines.append(say("mean {mean} of {out_of}, median {median}", mean=mean, median=median, out_of=out_of))
    low, lower, upper, high = (
        show_points(x or 0) for x in (figures.minimum, figures.lower_quartile, figures.upper_quartile, figures.maximum)
    )
    lines.append(
        say("quartiles {lower} and {upper}, from {low} to {high}", lower=lower, upper=upper, low=low, high=high)
    )
    lines.append(say("standard deviation {deviation}", deviation=show_points(figures.deviation or 0)))
    return lines


def histogram(figures: Statistics) -> list[str]:
    """A bar for each tenth of the points."""
    most = max(one.answers for one in figures.histogram)
    rows = []
    for one in figures.histogram:
        bar = "█" * (-(-one.answers * BAR // most) if most else 0)
        label = say("{low} to {high}%", low=round(one.low * 100), high=round(one.high * 100))
        rows.append((label, str(one.answers), bar))
    return aligned(rows, right=(0, 1))


def blank_columns() -> tuple[str, ...]:
    """The head of the table of blanks of a class."""
    return say("line"), say("what is asked"), say("missed by"), say("mean points"), say("most frequent mistake")


def blank_row(blank: BlankStatistics) -> tuple[str, ...]:
    """How one blank went, in a row."""
    missed = say("{missed} of {answers}", missed=blank.missed, answers=blank.answers)
    mean = say("{points} of {out_of}", points=show_points(blank.mean), out_of=show_points(blank.out_of))
    return str(blank.line), shortened(blank.label, 2 * SHORT), missed, mean, common(blank)


def common(blank: BlankStatistics) -> str:
    """The known mistake that most answers made here, with their number."""
    if not blank.mistakes:
        return ""
    first = blank.mistakes[0]
    return say("{mistake} ({n})", mistake=title_of(first.mistake), n=first.answers)


def mistake_row(made: MistakeCount) -> tuple[str, str, str]:
    """A mistake: by how many, what it is in short, what is said of it."""
    return f"  {made.answers}", title_of(made.mistake), one_line(made.message)


def _paint(text: str, tone: str, color: bool) -> str:
    return f"{tone}{text}{RESET}" if color else text
