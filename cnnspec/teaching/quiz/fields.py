"""What is asked, cut into fields that a platform can mark: a number each, choices, or a text that needs a person."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal
from fractions import Fraction
from typing import TYPE_CHECKING, Any, Literal

from cnnspec.language import say
from cnnspec.record import Record
from cnnspec.teaching.model import SIZE, Blank, Solved, Wrong
from cnnspec.teaching.quiz.tolerances import decimals_of, tolerance_of
from cnnspec.values import show

if TYPE_CHECKING:
    from cnnspec.teaching.exercise import Exercise
    from cnnspec.teaching.settings import Settings

Kind = Literal["numbers", "choice", "text", "open"]
"""`text`: one right answer that is no number; `open`: many right answers, or many ways to
write the only one, so that a list of them cannot mark it."""

LARGEST = 10**300


class Trap(Record):
    """A known wrong answer to a field: the number or choice, what to say of it, its part of the points."""

    text: str
    message: str
    credit: Fraction


class Field(Record):
    """One box of a form, right within `tolerance`. `key` is the blank's, with the axis: "conv1.size.height"."""

    key: str
    label: str
    right: str
    points: Fraction
    tolerance: str
    traps: tuple[Trap, ...]
    decimals: int = 0  # that an answer needs at least; 0 of a whole number


class Question(Record):
    """One blank, with its fields in the order in which they are read; `rights` are the choices that are right."""

    blank: Blank
    line: int
    label: str
    kind: Kind
    right: str
    rights: tuple[str, ...]
    points: Fraction
    fields: tuple[Field, ...]
    choices: tuple[str, ...]
    traps: tuple[Trap, ...]
    arithmetic: tuple[str, ...]
    hint: str
    only: bool = True  # whether no other answer is right

    @property
    def many(self) -> bool:
        """Whether the right answer is one of many, as far as is known."""
        return self.kind == "open" and not self.only


def questions(exercise: Exercise, solutions: Sequence[Solved]) -> tuple[Question, ...]:
    """The blanks of the exercise in the order of the file."""
    from cnnspec.teaching.judging import points_of

    points = points_of(exercise)
    keys = {solved.blank.key: solved.right for solved in solutions}
    return tuple(_question(exercise, solved, points[solved.blank.key], keys) for solved in solutions)


def asked(question: Question, label: str) -> str:
    """The label with the line, for questions that stand alone: two lines may read alike."""
    return say("line {line}, {label}", line=question.line, label=label)


def show_number(x: Any) -> str:
    """A number as machines read it: without separators, without an exponent.

    >>> show_number(2416), show_number(0.25), show_number(1e-7)
    ('2416', '0.25', '0.0000001')
    """
    if isinstance(x, int):
        return str(x)
    if isinstance(x, Fraction):
        x = float(x)
    text = format(Decimal(repr(x)), "f")
    return text.rstrip("0").rstrip(".") if "." in text else text


def axes(count: int) -> tuple[str, ...]:
    """What the parts of a size of so many axes are called."""
    height, width, channels = say("height"), say("width"), say("channels")
    names = {
        1: (say("features"),),
        2: (say("length"), channels),
        3: (height, width, channels),
        4: (say("frames"), height, width, channels),
    }
    return names.get(count) or tuple(say("axis {n}", n=i + 1) for i in range(count))


AXES = {1: ("features",), 2: ("length", "channels"), 3: ("height", "width", "channels")}
AXES[4] = ("frames", *AXES[3])


def _question(exercise: Exercise, solved: Solved, points: Fraction, keys: Mapping[str, str]) -> Question:
    from cnnspec.teaching.judging import setting_of

    settings, blank = exercise.settings, solved.blank
    choices = tuple(map(show, blank.choices))
    rights = _chosen(exercise, solved, choices, keys) if choices else ()
    numbers = list(_numbers(solved.value, blank.family == SIZE))
    kind: Kind = "choice" if choices else "numbers" if numbers else "open" if solved.value is None else "text"
    return Question(
        blank,
        exercise.source.row(blank.span.start),
        solved.label,
        kind,
        rights[0] if rights else solved.right,
        rights,
        points,
        tuple(_fields(settings, solved, points, numbers)) if kind == "numbers" else (),
        choices,
        tuple(_traps(settings, solved.wrongs)),
        solved.arithmetic,
        setting_of(settings.hints, blank) or "",
        solved.only or solved.value is not None,
    )


def _chosen(exercise: Exercise, solved: Solved, choices: tuple[str, ...], keys: Mapping[str, str]) -> tuple[str, ...]:
    """The choices that are right: of an argument there may be several, so each is tried with the rest of the key."""
    if solved.value is not None:
        return (show(solved.value),)
    from cnnspec.teaching.arguments.judge import judge_arguments
    from cnnspec.teaching.model import Answer

    key = solved.blank.key
    tried = ((choice, judge_arguments(exercise, Answer({**keys, key: choice}))[key]) for choice in choices)
    return tuple(choice for choice, judged in tried if judged.credit == 1)


def _traps(settings: Settings, wrongs: Sequence[Wrong]) -> Iterator[Trap]:
    for wrong in wrongs:
        text = show_number(wrong.value) if _is_number(wrong.value) else show(wrong.value)
        yield Trap(text, wrong.message, _credit(settings, wrong))


def _credit(settings: Settings, wrong: Wrong) -> Fraction:
    return Fraction(str(settings.mistakes.get(wrong.mistake, 0)))


def _fields(
    settings: Settings, solved: Solved, points: Fraction, numbers: list[tuple[tuple[int, ...], Any]]
) -> Iterator[Field]:
    family, count = solved.blank.family, len(numbers)
    for path, value in numbers:
        key, label = _named(solved, path, count)
        tolerance = tolerance_of(settings, family, value)
        traps = tuple(_traps_at(settings, solved, path, value, tolerance))
        decimals = decimals_of(settings, family, value)
        yield Field(key, label, show_number(value), points / count, show_number(_short(tolerance)), traps, decimals)


def _traps_at(
    settings: Settings, solved: Solved, path: tuple[int, ...], value: Any, tolerance: Fraction
) -> Iterator[Trap]:
    """The wrong numbers at this place, each once; those that are right here are none."""
    seen: set[str] = set()
    for wrong in solved.wrongs:
        number = _at(wrong.value, path)
        if not _is_number(number) or abs(Fraction(str(number)) - Fraction(str(value))) <= tolerance:
            continue
        text = show_number(number)
        if text not in seen:
            seen.add(text)
            yield Trap(text, wrong.message, _credit(settings, wrong))


def _named(solved: Solved, path: tuple[int, ...], count: int) -> tuple[str, str]:
    """The key and the label of a field: those of the blank, and where it stands in a size or a map of numbers."""
    key = solved.blank.key
    if not path:
        return key, solved.label
    if solved.blank.family == SIZE:
        part, name = AXES[count][path[0]] if count in AXES else f"axis{path[0] + 1}", axes(count)[path[0]]
        return f"{key}.{part}", say("{asked}, {part}", asked=solved.label, part=name)
    place = ", ".join(str(i + 1) for i in path)
    return f"{key}.{'.'.join(str(i + 1) for i in path)}", say(
        "{asked}, number {place}", asked=solved.label, place=place
    )


def _numbers(value: Any, size: bool) -> Iterator[tuple[tuple[int, ...], Any]]:
    """Each number of an answer with its place; nothing where a part is no number."""
    found = list(_walk(value, ()))
    if all(_is_number(number) for _, number in found) and (size or len(found) <= 64):
        yield from found


def _walk(value: Any, path: tuple[int, ...]) -> Iterator[tuple[tuple[int, ...], Any]]:
    if isinstance(value, (tuple, list)):
        for i, inner in enumerate(value):
            yield from _walk(inner, (*path, i))
    else:
        yield path, value


def _at(value: Any, path: tuple[int, ...]) -> Any:
    """The number at a place of a wrong answer, None where it has no such place."""
    for i in path:
        if not isinstance(value, (tuple, list)) or i >= len(value):
            return None
        value = value[i]
    return value


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float | Fraction) and not isinstance(value, bool) and -LARGEST < value < LARGEST


def _short(x: Fraction) -> int | float:
    return int(x) if x.denominator == 1 else float(x)
