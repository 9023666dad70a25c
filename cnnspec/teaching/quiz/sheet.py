"""One variant of an exercise with all that an export shows: its questions, its table, its answer key."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING

from cnnspec.language import plural, say
from cnnspec.record import Record
from cnnspec.teaching.labels import allowed_layers, joined
from cnnspec.teaching.model import LAYERS
from cnnspec.teaching.quiz.fields import Field, Question, questions
from cnnspec.teaching.quiz.results import one_line
from cnnspec.teaching.quiz.table import Row, rows
from cnnspec.teaching.settings import Feedback
from cnnspec.teaching.variants.drawing import VARIANT

if TYPE_CHECKING:
    from cnnspec.teaching.exercise import Exercise
    from cnnspec.teaching.model import Solved
    from cnnspec.teaching.variants.students import Student

MOST = 1_000  # variants: a year of students


class Output(Record):
    """A file that an export makes. `name` is its path inside the folder or zip; "" where it is the only one."""

    name: str
    content: str | bytes
    executable: bool = False


class Options(Record):
    """What a teacher may ask of an export, beyond the exercise itself."""

    key: bool = False  # with the answer key (sheets)
    visibility: str = "visible"  # of the results (Gradescope)


class Sheet(Record):
    """A variant of the exercise. `name` tells it from the others in titles and identifiers; "" for the only one."""

    exercise: Exercise
    questions: tuple[Question, ...]
    rows: tuple[Row, ...]
    name: str = ""
    student: str = ""

    @property
    def title(self) -> str:
        return one_line(self.exercise.title, 200)

    @property
    def heading(self) -> str:
        """The title, with the variant where there are several."""
        return say("{title}, variant {name}", title=self.title, name=self.name) if self.name else self.title

    @property
    def stem(self) -> str:
        """The name of the exercise's file without its ending, for identifiers: letters, digits, `_` and `-`."""
        base = os.path.splitext(os.path.basename(self.exercise.path))[0]
        return "".join(c if c.isascii() and (c.isalnum() or c in "_-") else "_" for c in base)[:40] or "exercise"

    @property
    def feedback(self) -> Feedback:
        return self.exercise.settings.feedback

    @property
    def open(self) -> tuple[Question, ...]:
        """The questions that no list of answers can mark."""
        return tuple(question for question in self.questions if question.kind == "open")

    def question(self, key: str) -> Question:
        return next(question for question in self.questions if question.blank.key == key)


def make_sheet(exercise: Exercise, solutions: Sequence[Solved], name: str = "") -> Sheet:
    """The sheet of an exercise with its answer key."""
    asked = questions(exercise, solutions)
    return Sheet(exercise, asked, rows(exercise.source, exercise.blanks), name)


def sheets(path: str, seeds: Iterable[str]) -> Iterator[Sheet]:
    """The sheet of each seed, in the language that is spoken. Raises CnnSpecError and FileProblem."""
    from cnnspec.teaching.exercise import load_exercise, solved

    for seed in seeds:
        exercise = load_exercise(path, seed)
        yield make_sheet(exercise, solved(exercise), exercise.seed)


def variants(path: str, count: int) -> Iterator[Sheet]:
    """So many different variants, of the seeds 1, 2, 3 …; fewer where there are no more to be found."""
    seen: set[str] = set()
    for sheet in sheets(path, map(str, range(1, 20 * count + 1))):
        text = VARIANT.sub("", sheet.exercise.source.text)
        if text not in seen:
            seen.add(text)
            yield sheet
        if len(seen) == count or not sheet.exercise.settings.draw:
            return


def class_sheets(path: str, listed: Iterable[Student]) -> Iterator[Sheet]:
    """A sheet for each student of a list, each with the student's own variant where numbers are drawn."""
    made: dict[str, Sheet] = {}
    for student in listed:
        seed = student.number
        if not made or (next(iter(made.values())).exercise.settings.draw and seed not in made):
            made[seed] = next(sheets(path, [seed]))
        sheet = made.get(seed) or next(iter(made.values()))
        yield sheet._replace(student=student.name)


def intro(sheet: Sheet) -> str:
    """What the teacher asks, or a sentence that does; and which layers may be used, where the settings say it."""
    settings = sheet.exercise.settings
    asked = settings.text.strip() or say("Find what belongs in each box.")
    if settings.kinds is None or not any(blank.family == LAYERS for blank in sheet.exercise.blanks):
        return asked
    return f"{asked} {allowed_layers(settings.kinds)}"


def how_to_write(fields: Iterable[Field] = ()) -> str:
    """How numbers are to be typed, for platforms that read `2,416` as 2.416, and how many decimals are enough."""
    told = say("Write numbers without separators: 2416, neither 2,416 nor 2 416.")
    decimals = max((field.decimals for field in fields), default=0)
    if not decimals:
        return told
    enough = plural(
        "Where a number is not whole, round it to {n} decimal, or write more.",
        "Where a number is not whole, round it to {n} decimals, or write more.",
        decimals,
    )
    return f"{told} {enough}"


def feedback_of(sheet: Sheet, question: Question) -> tuple[str, ...]:
    """What may be told after the answer, as far as the settings allow it."""
    if sheet.feedback is not Feedback.SOLUTION:
        return ()
    right = () if not question.right else (say("Right: {right}", right=joined(question.blank.family, question.right)),)
    return (*right, *question.arithmetic)


def tells_mistakes(sheet: Sheet) -> bool:
    """Whether a known mistake is named to the student."""
    return sheet.feedback is not Feedback.NOTHING
