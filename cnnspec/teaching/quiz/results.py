"""The marks of one answer as the platforms read them: Gradescope, PrairieLearn, CodeRunner, VPL.

What a student wrote reaches these documents as text within one line, without control characters: it can neither add a
line, nor a tag, nor a grade.
"""

from __future__ import annotations

import html
import json
import re
from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager, nullcontext
from fractions import Fraction
from typing import Any

from cnnspec.language import LANGUAGES, decimal, plural, say, speaking
from cnnspec.teaching.labels import joined
from cnnspec.teaching.model import Marks, Verdict
from cnnspec.teaching.shares import DIGITS, shares

VISIBLE = "visible"
VISIBILITIES = (VISIBLE, "hidden", "after_due_date", "after_published")
LONGEST = 2_000  # characters of one text: a page of feedback, not a book
LARGEST = 900_000  # bytes; PrairieLearn takes a megabyte
VPL_DIGITS = 5
COST = re.compile(r"\([0-9.-]+\)\s*$")  # at the end of a title
TAGS = (("Grade :=>>", "Grade : =>>"), ("Comment :=>>", "Comment : =>>"), ("<|--", "<| --"), ("--|>", "-- |>"))


def gradescope_results(marks: Marks, visibility: str = VISIBLE, seconds: float | None = None) -> dict[str, Any]:
    """The document `results.json` of Gradescope: a test for each blank, texts taken as text."""
    with _speaking(marks):
        document: dict[str, Any] = {
            "score": _round(marks.points),
            "output": "\n".join(_head(marks)),
            "output_format": "text",
            "test_output_format": "text",
            "visibility": visibility,
            "stdout_visibility": "hidden",
            "tests": [_gradescope_test(verdict) for verdict in marks.verdicts],
            "extra_data": {"variant": one_line(marks.variant)},
        }
    return document if seconds is None else {**document, "execution_time": round(seconds, 3)}


def gradescope_failure(sentence: str, out_of: float = 0.0) -> dict[str, Any]:
    """What Gradescope is told where nothing could be graded: no points, and why."""
    test = {"name": "cnnspec", "score": 0.0, "max_score": _round(out_of), "status": "failed", "output": sentence}
    return {"score": 0.0, "output": sentence, "output_format": "text", "stdout_visibility": "hidden", "tests": [test]}


def prairielearn_results(marks: Marks) -> dict[str, Any]:
    """The document `results.json` of PrairieLearn, smaller than a megabyte.

    What cannot be read costs no attempt: `gradable` is false, and `format_errors` says why.
    """
    with _speaking(marks):
        errors = [one_line(marks.problem)] if marks.problem else [_titled(one) for one in _unreadable(marks)]
        if errors:
            return {"gradable": False, "format_errors": errors[:100]}
        document: dict[str, Any] = {
            "gradable": True,
            "score": _round(min(1.0, max(0.0, marks.fraction))),
            "message": "\n".join(_head(marks)),
            "tests": [_prairielearn_test(verdict) for verdict in marks.verdicts],
        }
    return _small_enough(document)


def _small_enough(document: dict[str, Any]) -> dict[str, Any]:
    """The document with its messages cut until it fits; the points of each blank stay."""
    for longest in (400, 40, 0):
        if len(json.dumps(document)) <= LARGEST:
            break
        cut = ({**test, **{name: test[name][:longest] for name in ("message", "output")}} for test in document["tests"])
        document = {**document, "tests": list(cut), "message": document["message"][:LONGEST]}
    return document


def coderunner_result(marks: Marks) -> dict[str, Any]:
    """What a combinator template grader of CodeRunner prints as JSON: the fraction, and a table with a row a blank."""
    with _speaking(marks):
        header = ["iscorrect", say("Asked"), say("Your answer"), say("Points"), say("Comment")]
        rows = [_coderunner_row(verdict) for verdict in marks.verdicts]
        return {
            "fraction": _round(min(1.0, max(0.0, marks.fraction))),
            "prologuehtml": "".join(f"<p>{html.escape(line)}</p>" for line in _head(marks)),
            "testresults": [header, *rows] if rows else [],
            "columnformats": ["%s"] * (len(header) - 1) if rows else [],
        }


def vpl_output(marks: Marks, grademin: float = 0.0, grademax: float | None = None) -> str:
    """What VPL reads: the comments between their marks, then the grade on VPL's own scale.

    Without a largest grade it is that of the exercise.
    """
    top = marks.out_of if grademax is None else grademax
    grade = grademin + min(1.0, max(0.0, marks.fraction)) * (top - grademin)
    scale = (Fraction(str(top)) - Fraction(str(grademin))) / (Fraction(str(marks.out_of)) or 1)
    with _speaking(marks):
        comments = [*(_vpl_title(line) for line in _head(marks)), *_vpl_comments(marks, scale)]
    return "\n".join(["<|--", *comments, "--|>", "", f"Grade :=>>{_plain(grade)}", ""])


def vpl_failure(sentence: str, grademin: float = 0.0) -> str:
    """What VPL is told where nothing could be graded."""
    return "\n".join(["<|--", _vpl_title(sentence), "--|>", "", f"Grade :=>>{_plain(grademin)}", ""])


def grade_range(environment: Mapping[str, str]) -> tuple[float, float | None]:
    """The smallest and the largest grade that VPL hands over; the second is None where it hands over none.

    >>> grade_range({"VPL_GRADEMIN": "0", "VPL_GRADEMAX": "20"})
    (0.0, 20.0)
    """
    least, most = (_number(environment.get(name, "")) for name in ("VPL_GRADEMIN", "VPL_GRADEMAX"))
    return least or 0.0, most if most is not None and most > (least or 0.0) else None


def one_line(text: str, longest: int = LONGEST) -> str:
    """The text within one line: whatever ends a line, or is invisible, becomes a space.

    >>> one_line("28" + chr(13) + "Grade :=>>100")
    '28 Grade :=>>100'
    """
    kept = "".join(c if c.isprintable() else " " for c in text[: longest + 1])
    return kept if len(text) <= longest else f"{kept[:longest]}…"


def message_of(verdict: Verdict) -> list[str]:
    """What is said of a blank, line by line: the sentence, the right answer, the worked arithmetic."""
    lines = [one_line(verdict.told)] if verdict.told else []
    if verdict.right and verdict.status not in ("right", "follow-through"):
        lines.append(say("right: {right}", right=one_line(joined(verdict.family, verdict.right))))
    if verdict.follows:
        lines.append(say("right after your earlier answers: {follows}", follows=one_line(verdict.follows)))
    return [*lines, *map(one_line, verdict.arithmetic)]


def _head(marks: Marks) -> list[str]:
    """The points, why nothing could be read, and the notices."""
    points, out_of = show_points(marks.points), show_points(marks.out_of)
    lines = [
        plural("{points} of {out_of} point", "{points} of {out_of} points", marks.out_of, points=points, out_of=out_of)
    ]
    return [*lines, *([one_line(marks.problem)] if marks.problem else []), *map(one_line, marks.notices)]


def show_points(points: float) -> str:
    """Points for people, with as many decimals as they have, two at most.

    >>> show_points(3.0), show_points(0.75)
    ('3', '0.75')
    """
    rounded = round(points, 2)
    return decimal(rounded, next((digits for digits in (0, 1) if round(rounded, digits) == rounded), 2))


def _all_digits(points: float) -> str:
    """Points in a list beside their total: with all their decimals they add up."""
    return decimal(
        points, next(digits for digits in range(DIGITS + 1) if round(points, digits) == round(points, DIGITS))
    )


def _gradescope_test(verdict: Verdict) -> dict[str, Any]:
    return {
        "name": one_line(verdict.label),
        "number": str(verdict.number),
        "score": _round(verdict.points),
        "max_score": _round(verdict.out_of),
        "status": "passed" if verdict.status == "right" else "failed",
        "output": "\n".join([_given(verdict), *message_of(verdict)]),
    }


def _prairielearn_test(verdict: Verdict) -> dict[str, Any]:
    return {
        "name": one_line(verdict.label),
        "points": _round(verdict.points),
        "max_points": _round(verdict.out_of),
        "message": "\n".join(message_of(verdict)),
        "output": _given(verdict),
    }


def _coderunner_row(verdict: Verdict) -> list[Any]:
    points = f"{_all_digits(verdict.points)}/{_all_digits(verdict.out_of)}"
    fraction = verdict.points / verdict.out_of if verdict.out_of else float(verdict.status == "right")
    comment = "\n".join(message_of(verdict))
    return [
        _round(fraction),
        one_line(verdict.label),
        one_line(joined(verdict.family, verdict.given), 200),
        points,
        comment,
    ]


def _vpl_comments(marks: Marks, scale: Fraction) -> Iterator[str]:
    """A title a blank, with what it cost, then preformatted lines: none of them begins with a student's text.

    VPL adds up what titles cost: it is on VPL's scale, and together what is missing from the largest grade.
    """
    lost = [Fraction(str(verdict.out_of)) - Fraction(str(verdict.points)) for verdict in marks.verdicts]
    late = Fraction(str(marks.out_of)) - Fraction(str(marks.points)) - sum(lost)
    costs = shares([max(Fraction(0), one) * scale for one in (*lost, late)], VPL_DIGITS)
    for verdict, cost in zip(marks.verdicts, costs, strict=False):
        yield _vpl_title(f"{verdict.number}. {verdict.label}", cost)
        yield from (f">{_vpl(line)}" for line in (_given(verdict), *message_of(verdict)))
    if costs[-1]:
        yield _vpl_title(say("Handed in late"), costs[-1])


def _vpl_title(text: str, cost: Fraction = Fraction(0)) -> str:
    """A title with what it cost; no other text at its end is taken for that."""
    line = f"-{_vpl(text)}"
    if cost:
        return f"{line} (-{_plain(float(cost))})"
    return f"{line} ·" if COST.search(line) else line


def _given(verdict: Verdict) -> str:
    if not verdict.given:
        return say("no answer")
    return say("your answer: {given}", given=one_line(joined(verdict.family, verdict.given), 200))


def _unreadable(marks: Marks) -> list[Verdict]:
    return [verdict for verdict in marks.verdicts if verdict.status == "unreadable"]


def _titled(verdict: Verdict) -> str:
    return one_line(say("{n}. {label}: {message}", n=verdict.number, label=verdict.label, message=verdict.told))


def _vpl(text: str) -> str:
    """The text without anything that VPL would take for its own."""
    line = one_line(text)
    for tag, harmless in TAGS:
        line = line.replace(tag, harmless)
    return line


def _plain(x: float) -> str:
    """A number for VPL, with at most five decimals."""
    return f"{x:.{VPL_DIGITS}f}".rstrip("0").rstrip(".")


def _round(x: float) -> float:
    return round(float(x), 6)


def _number(text: str) -> float | None:
    try:
        x = float(text)
    except ValueError:
        return None
    return x if abs(x) < 1e9 else None


def _speaking(marks: Marks) -> AbstractContextManager[None]:
    return speaking(marks.language) if marks.language in LANGUAGES else nullcontext()
