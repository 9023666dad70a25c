"""Text that the program text2qti turns into a quiz for Canvas.

Points are whole numbers there, so they are scaled. Everything of the exercise is indented below its question: a line of
it can begin nothing of text2qti's own.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from fractions import Fraction
from functools import reduce

from cnnspec.language import say
from cnnspec.teaching.quiz.fields import Field, Question, asked
from cnnspec.teaching.quiz.markdown import as_markdown
from cnnspec.teaching.quiz.markup import legal, weights
from cnnspec.teaching.quiz.results import one_line
from cnnspec.teaching.quiz.sheet import Options, Output, Sheet, feedback_of, how_to_write, intro, tells_mistakes

SMALLEST = 0.0001
"""text2qti takes no number nearer to zero as a numerical answer: 0 is asked as a text."""


def export(made: Sequence[Sheet], options: Options) -> list[Output]:  # noqa: ARG001
    """One text file with a question for each field of each variant."""
    every = [one for sheet in made for question in sheet.questions for one in _each(sheet, question)]
    heavy = weights([points for *_, points in every])
    lines = [f"Quiz title: {one_line(made[0].title)}", ""]
    for i, ((sheet, question, field, _), weight) in enumerate(zip(every, heavy, strict=True), 1):
        lines += [*_question(i, sheet, question, field, max(1, weight)), ""]
    return [Output("", legal("\n".join(lines)))]


def _each(sheet: Sheet, question: Question) -> Iterator[tuple[Sheet, Question, Field | None, Fraction]]:
    if question.kind == "numbers":
        yield from ((sheet, question, field, field.points) for field in question.fields)
    else:
        yield sheet, question, None, question.points


def _question(number: int, sheet: Sheet, question: Question, field: Field | None, weight: int) -> Iterator[str]:
    label = asked(question, field.label if field else question.label)
    text = [*intro(sheet).splitlines(), "", "```", *sheet.exercise.source.text.strip().splitlines(), "```", ""]
    text += [f"**{as_markdown(one_line(label))}** ?", *_how(question, field)]
    mark = f"{number}.".ljust(3) + " "
    yield f"Title: {one_line(label.replace('`', ''))}"
    yield f"Points: {weight}"
    yield mark + text[0]
    yield from (f"{' ' * len(mark)}{line}".rstrip() for line in text[1:])
    yield from _feedback(sheet, question, field)
    yield from _answers(question, field)


def _how(question: Question, field: Field | None) -> Iterator[str]:
    """How to answer. Canvas knows no choice of which several are right: such a one is typed."""
    if field:
        yield how_to_write([field])
    elif len(question.rights) > 1:
        yield as_markdown(
            say("Type one of: {choices}. One that is right is enough.", choices=", ".join(question.choices))
        )


def _feedback(sheet: Sheet, question: Question, field: Field | None) -> Iterator[str]:
    """The solution for all; for a wrong number the known mistakes, since Canvas cannot tell one from another."""
    lines = [as_markdown(one_line(line)) for line in feedback_of(sheet, question)]
    if lines:
        yield "... " + _series(lines)
    traps = field.traps if field else ()
    if traps and tells_mistakes(sheet):
        said = (one_line(say("{name}: {text}", name=trap.text, text=trap.message)) for trap in traps)
        yield "- " + _series([as_markdown(one) for one in said])


def _series(parts: Sequence[str]) -> str:
    """The parts on the one line that there is for them."""
    return reduce(lambda some, part: say("{some}; {part}", some=some, part=part), parts)


def _answers(question: Question, field: Field | None) -> Iterator[str]:
    if field is not None and abs(float(field.right)) < SMALLEST:
        yield f"* {field.right}"
    elif field is not None:
        whole = field.right.lstrip("-").isdigit() and field.tolerance == "0"
        yield f"= {field.right}" + ("" if whole else f" +- {field.tolerance if field.tolerance != '0' else '0.000001'}")
    elif len(question.rights) > 1:
        yield from (f"* {right}" for right in question.rights)
    elif question.kind == "choice":
        for letter, choice in zip("abcdefghijklmnopqrstuvwxyz", question.choices, strict=False):
            yield f"{'*' if choice in question.rights else ''}{letter}) {as_markdown(choice)}"
    elif question.kind == "text":
        yield f"* {question.right}"
    else:
        yield "____"
