"""The words and signs that pages of every form share, and foreign text made harmless to look at."""

from __future__ import annotations

from itertools import groupby
from math import floor

from cnnspec.language import flat, plural, rounded, say
from cnnspec.report.excerpt import visible
from cnnspec.teaching.labels import joined
from cnnspec.teaching.model import LAYERS, Marks, Status, Verdict

SIGNS: dict[Status, str] = {
    "right": "✓",
    "follow-through": "≈",
    "mistake": "✗",
    "wrong": "✗",
    "unreadable": "?",
    "empty": "–",
}
SHORT, LONG = 28, 400  # characters of a student's text in a table, and elsewhere


def status_word(status: Status) -> str:
    """A verdict in a few words."""
    match status:
        case "right":
            return say("right")
        case "follow-through":
            return say("right after your earlier answers")
        case "mistake" | "wrong":  # that a mistake is known by name is for the message to tell, if it may
            return say("wrong")
        case "unreadable":
            return say("could not be read")
        case "empty":
            return say("left open")


def show_points(points: float) -> str:
    """Points with at most two digits, as people write them: 7.5, in French 7,5."""
    return rounded(points)


def share(part: float) -> str:
    """A part of 1 as a percentage, rounded; but only all is 100%, and only nothing 0%."""
    percent = floor(part * 100 + 0.5 + 1e-9)
    return say("{n}%", n=percent if part in (0, 1) else min(99, max(1, percent)))


def total(marks: Marks) -> str:
    """The line that closes a page."""
    points, out_of, part = show_points(marks.points), show_points(marks.out_of), share(marks.fraction)
    return plural(
        "Total: {points} of {out_of} point ({share})",
        "Total: {points} of {out_of} points ({share})",
        marks.out_of,
        points=points,
        out_of=out_of,
        share=part,
    )


def one_line(text: str, limit: int = LONG) -> str:
    """A text without line breaks, control characters and marks that reorder it, cut where it is too long."""
    line = visible(flat(text[: 8 * limit]))
    return line if len(line) <= limit else f"{line[: limit - 1]}…"


def shortened(text: str, limit: int) -> str:
    """A text of one line; of a long one the beginning and the end.

    >>> shortened("`conv 32, f=3, p=1 | relu`: number of parameters", 40)
    '`conv 32,… | relu`: number of parameters'
    """
    line = one_line(text)
    end = 3 * limit // 4  # what is asked of the line stands there
    return line if len(line) <= limit else f"{line[: limit - 1 - end]}…{line[-end:]}"


def heading(marks: Marks) -> str:
    """The title of the exercise."""
    return one_line(marks.exercise)


def who(marks: Marks) -> str:
    """The student's name, with the number where there is one; "" for a text without either."""
    name, number = one_line(marks.name or marks.filename, 80), one_line(marks.identifier, 40)
    return f"{name} ({number})".strip() if number else name


def remarks(marks: Marks) -> list[str]:
    """What is said of the answer as a whole: why it could not be read, the variant, what was changed."""
    lines = []
    if marks.problem:
        lines.append(say("This answer could not be read: {problem}", problem=one_line(marks.problem)))
    if marks.variant:
        lines.append(say("Variant `{seed}`", seed=one_line(marks.variant, 40)))
    return [*lines, *(one_line(notice) for notice in marks.notices)]


def shown_verdicts(marks: Marks) -> tuple[Verdict, ...]:
    """The verdicts; none of an answer that could not be read, where there is nothing to judge."""
    return () if marks.problem else marks.verdicts


def lessons(marks: Marks) -> list[list[Verdict]]:
    """The verdicts from which there is something to learn; those that teach the same are together."""
    found = [
        one
        for one in shown_verdicts(marks)
        if one.status != "right" and (one.told or one.right or one.follows or one.arithmetic)
    ]
    return [list(group) for _, group in groupby(found, key=_lesson)]


def _lesson(verdict: Verdict) -> tuple[object, ...]:
    return verdict.line, verdict.status, verdict.told, verdict.right, verdict.follows, verdict.arithmetic


def lesson_lines(verdict: Verdict) -> list[str]:
    """What is to be learned from one blank, before the arithmetic and a right answer of several lines."""
    lines = [one_line(verdict.told)] if verdict.told else []
    if verdict.follows and verdict.status != "follow-through":
        lines.append(say("After your earlier answers it would be {value}", value=one_line(verdict.follows)))
    if verdict.right and not right_layers(verdict):
        lines.append(say("Right answer: {value}", value=one_line(verdict.right)))
    return lines


def right_layers(verdict: Verdict) -> list[str]:
    """The lines of a right answer that has several."""
    lines = [visible(line) for line in verdict.right.splitlines()] if verdict.family == LAYERS else []
    return lines if len(lines) > 1 else []


def given_line(verdict: Verdict, limit: int) -> str:
    """What was written, on one line."""
    return one_line(joined(verdict.family, verdict.given), limit)


def place(verdict: Verdict) -> str:
    """Where a blank stands, and what was written: the head of a lesson."""
    label = one_line(verdict.label)
    if verdict.status == "empty" or not verdict.given.strip():
        return say("Line {line}, {label}: left open", line=verdict.line, label=label)
    given = given_line(verdict, 80).replace("`", "'")
    return say("Line {line}, {label}: you wrote `{given}`", line=verdict.line, label=label, given=given)


def column_names() -> tuple[str, str, str, str, str]:
    """The head of the table of blanks."""
    return say("line"), say("what is asked"), say("your answer"), "", say("points")


def cells(verdict: Verdict, widest: int = 2 * SHORT) -> tuple[str, str, str, str, str]:
    """A row of the table of blanks; what is asked has so many characters at most."""
    points = say("{points} of {out_of}", points=show_points(verdict.points), out_of=show_points(verdict.out_of))
    label, given = shortened(verdict.label, widest), given_line(verdict, SHORT)
    return str(verdict.line), label, given, SIGNS[verdict.status], points
