"""Judges blank arguments, `conv ?, f=?, s=?, p=? -> 28x28x6`: every answer that makes the rest hold is right.

The student's values are put into the exercise's own text, and the checker decides. Where the values of some blanks do
not hold together, as many of each layer are right as hold beside the usual values of the rest.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Callable, Iterable
from fractions import Fraction
from functools import partial
from typing import TYPE_CHECKING, Any

from cnnspec import layers
from cnnspec.diagnostics import CnnSpecError, Mistake
from cnnspec.language import number, plural, say
from cnnspec.network import Layer
from cnnspec.source import Source
from cnnspec.teaching.answers.numerals import clean, numbers, sizes
from cnnspec.teaching.arguments.chains import MODES
from cnnspec.teaching.arguments.puzzles import Group, Outcome, Puzzle, Values
from cnnspec.teaching.blanks import Place
from cnnspec.teaching.model import Answer, Blank, Judgement
from cnnspec.values import Word, show

if TYPE_CHECKING:
    from cnnspec.teaching.exercise import Exercise

MOST_TOGETHER = 6  # values of one layer that may be right together where it does not hold
LARGEST_NUMBER = 10**9
LARGEST_COUNT = 10_000  # of rounds, say, where it is not the argument of a layer
PER_AXIS = ("f", "s", "p", "d")
WORDS = {
    **dict.fromkeys(("true", "vrai", "yes", "oui"), True),
    **dict.fromkeys(("false", "faux", "no", "non"), False),
}
SIZED = re.compile(r"[\[(]?\s*\d+(?:\s*[x\u00d7,;]\s*\d+)+\s*[\])]?", re.IGNORECASE)
NAMED = re.compile(r"[a-z_]+\s*=\s*(?P<value>[^=].*)", re.DOTALL)


def judge_arguments(exercise: Exercise, answer: Answer) -> dict[str, Judgement]:
    """A judgement for each blank argument of the exercise."""
    puzzle = puzzle_of(exercise)
    judged: dict[str, Judgement] = {}
    values: dict[str, Any] = {}
    for group in puzzle.groups:
        for blank in group.blanks:
            value = read_value(answer.given.get(blank.key, ""), blank)
            if isinstance(value, int) and value > LARGEST_COUNT and not _of_layer(group.places[blank.key]):
                value = Judgement("wrong", 0.0, say("this is more than {limit}", limit=number(LARGEST_COUNT)))
            if isinstance(value, Judgement):
                judged[blank.key] = value
            else:
                values[blank.key] = value
    right, bound = _right(puzzle, values)
    for group in puzzle.groups:
        for blank in group.blanks:
            if blank.key not in judged:
                judged[blank.key] = _judgement(puzzle, group, blank, values, right, bound)
            elif not judged[blank.key].right:
                judged[blank.key] = _with_solution(puzzle, group, blank, judged[blank.key], bound)
    return judged


def search_arguments(exercise: Exercise) -> dict[str, str]:
    """A right answer for each blank argument, as one writes it: small, odd windows, a step of 1, no padding.

    Raises CnnSpecError with E512 where there is none.
    """
    puzzle = puzzle_of(exercise)
    check_arguments(exercise)
    return {key: show(value) for key, value in (_usual(puzzle) or {}).items()}


def check_arguments(exercise: Exercise) -> None:
    """That a right answer is found with which the whole file holds. Raises CnnSpecError with E512."""
    puzzle = puzzle_of(exercise)
    if _usual(puzzle) is None:
        group = next((group for group in puzzle.groups if puzzle.complete(group, {}) is None), puzzle.groups[0])
        raise CnnSpecError([_unsolvable(exercise, group)])


def usual_arguments(exercise: Exercise) -> Values:
    """The values of `search_arguments`; nothing where none were found."""
    return _usual(puzzle_of(exercise)) or {}


def can_be_completed(source: Source) -> bool:
    """Whether the blank arguments of an exercise have a right answer, each group for itself."""
    from cnnspec.teaching.exercise import make_exercise

    try:
        make_exercise(source)
    except CnnSpecError:
        return False
    return True


COUNTED = ("groups", "bias")  # what changes the parameters, but no size
CHANNELS = ("filters", "units")


def puzzle_of(exercise: Exercise) -> Puzzle:
    """The blank arguments of an exercise, with what has been found out about them."""
    puzzle: Puzzle = exercise.known("puzzle", lambda: Puzzle(exercise))
    return puzzle


def _usual(puzzle: Puzzle) -> Values | None:
    found: Values | None = puzzle.exercise.known("usual arguments", lambda: puzzle.together({}))
    return found


def _unsolvable(exercise: Exercise, group: Group) -> Any:
    mistake = Mistake(
        "E512",
        "no values were found for {blanks} with which the rest holds",
        help="change what stands after `->`, or what is given",
        blanks=", ".join(f"`{key}`" for key in group.keys),
    )
    return mistake.at(exercise.source, group.blanks[0].span)


# --- what the student wrote ------------------------------------------------------------------------------------------


def read_value(text: str, blank: Blank) -> Any:
    """The value that was written for a blank argument, or the judgement that there is none to be judged."""
    text = text.strip()
    named = NAMED.fullmatch(text)
    text = clean(named["value"] if named else text)
    if text in ("", "?"):
        return Judgement("empty", 0.0, say("this blank is still open"))
    readings = [choice for choice in blank.choices if str(choice) == text] or list(readings_of(text))
    if not readings:
        return Judgement("unreadable", 0.0, say("`{text}` is no number and no size", text=text[:40]))
    if not blank.choices:
        return _plain(readings[0], blank)
    for value in readings:
        if any(value == choice and type(value) is type(choice) for choice in blank.choices):
            return value
    choices = ", ".join(f"`{show(choice)}`" for choice in blank.choices)
    return Judgement("wrong", 0.0, say("`{text}` is none of the choices {choices}", text=text[:40], choices=choices))


def _plain(value: Any, blank: Blank) -> Any:
    """`3x3` is 3 where one number stands for all axes; a value that no such argument can have is unreadable."""
    if isinstance(value, tuple) and blank.part in PER_AXIS and len(set(value)) == 1:
        return value[0]
    return value


def readings_of(text: str) -> Iterable[Any]:
    """What a text may mean as an argument: a number, a size, true or false, a word such as `same`."""
    word = text.strip().lower()
    if word in WORDS:
        yield WORDS[word]
    elif word in MODES:
        yield Word(word)
    if SIZED.fullmatch(text):
        for reading in sizes(text):
            if isinstance(reading.value, tuple) and len(reading.value) > 1 and reading.form == "plain":
                yield reading.value
        return
    for reading in numbers(text):
        if isinstance(reading.value, tuple):
            continue
        value = Fraction(reading.value)
        if abs(value) <= LARGEST_NUMBER:
            yield int(value) if value.denominator == 1 else float(value)


# --- which are right -------------------------------------------------------------------------------------------------


def _right(puzzle: Puzzle, values: Values) -> tuple[Values, Values | None]:
    """The values that are right, and values of all blanks with which the whole holds, these among them.

    A group whose values hold together is right. Of one that does not hold, or is not complete, as many of each layer
    are right as hold beside the usual values of the rest: two of three can be completed somehow as a rule, which alone
    is no work.
    """
    usual = _usual(puzzle)
    right: Values = {}
    for group in puzzle.groups:
        own, holds = _own(group, values), partial(_holds, puzzle, group)
        some = own if holds(own) else _beside(_own(group, usual or {}), _by_layer(group, own), holds)
        right = {**right, **some}
    together = puzzle.together(right)
    if together is not None or usual is None:
        return right, together
    layers_of_all = (some for group in puzzle.groups for some in _by_layer(group, _own(group, right)))
    right = _beside(usual, layers_of_all, lambda tried: puzzle.whole(tried) is None)
    return right, {**usual, **right}


def _holds(puzzle: Puzzle, group: Group, some: Values) -> bool:
    return len(some) == len(group.keys) and puzzle.outcome(group, some).error is None


def _by_layer(group: Group, own: Values) -> list[Values]:
    """The values by the layer or the call that they are arguments of; each other value by itself."""
    found: dict[Any, dict[str, Any]] = {}
    for key, value in own.items():
        step = group.places[key].step
        found.setdefault(key if step is None else step.span, {})[key] = value
    return [*found.values()]


def _beside(usual: Values, own: Iterable[Values], holds: Callable[[Values], bool]) -> Values:
    """Of each layer the largest set of values that holds beside those before and the usual ones."""
    right: dict[str, Any] = {}
    for some in own:
        right.update(_largest(some, {**usual, **right}, holds))
    return right


def _largest(own: Values, rest: Values, holds: Callable[[Values], bool]) -> Values:
    """Of several sets of one size, the one with the first blanks."""
    for size in range(min(len(own), MOST_TOGETHER), 0, -1):
        for keys in itertools.combinations(own, size):
            some = {key: own[key] for key in keys}
            if holds({**rest, **some}):
                return some
    return {}


# --- what is said ----------------------------------------------------------------------------------------------------


def _judgement(
    puzzle: Puzzle, group: Group, blank: Blank, values: Values, right: Values, bound: Values | None
) -> Judgement:
    if blank.key in right:
        judgement = Judgement("right", 1.0, say("right: the rest holds"))
    else:
        judgement = Judgement("wrong", 0.0, _why(puzzle, group, blank, values, bound))
    return _with_solution(puzzle, group, blank, judgement, bound)


def _with_solution(puzzle: Puzzle, group: Group, blank: Blank, judgement: Judgement, bound: Values | None) -> Judgement:
    """The judgement with a right answer, its arithmetic and the rule."""
    solution = bound or _usual(puzzle)
    if solution is None:
        return judgement
    layer = _layer(puzzle.outcome(group, _own(group, solution)), group.places[blank.key])
    counted = group.places[blank.key].part in COUNTED
    explain = (layer.definition.explain_params if counted else layer.definition.explain_size) if layer else None
    arithmetic = explain(layer.operation) if layer and explain else ()
    formula = (layer.definition.rule(),) if layer and layer.definition.formula else ()
    return judgement._replace(right=show(solution[blank.key]), arithmetic=arithmetic, formula=formula)


def _why(puzzle: Puzzle, group: Group, blank: Blank, values: Values, bound: Values | None) -> str:
    """What comes out with the student's values, and why that is wrong."""
    place = group.places[blank.key]
    solution = _own(group, bound or _usual(puzzle) or {})
    tried = {**solution, **{key: value for key, value in values.items() if key in group.keys}}
    outcome = puzzle.outcome(group, tried)
    if outcome.error is None and not _holds(puzzle, group, _own(group, values)):  # some blanks are still open
        tried = {**solution, blank.key: values[blank.key]}
        outcome = puzzle.outcome(group, tried)
    steps = {one.step for one in group.places.values()}
    if _is_stated(place):
        steps = {one.step for one in group.places.values() if one.statement.span == place.statement.span}
        line = _line(group, place, solution, tried)
        if (of_line := puzzle.outcome(group, line)).error is not None:
            tried, outcome = line, of_line  # what is wrong with this line, whatever is wrong with others
    alone = {**solution, blank.key: values[blank.key]}
    own_part = place.part in COUNTED or (place.part in CHANNELS and _is_stated(place) and len(steps) == 1)
    if own_part and (of_itself := puzzle.outcome(group, alone)).error is not None:
        tried, outcome = alone, of_itself  # its own arithmetic, not that of another wrong argument
    shown = {key: value for key, value in tried.items() if key == blank.key or value == values.get(key)}
    written = _written(group, place, shown)
    if outcome.error is None:  # it holds here, so an `expect` line is against it
        error = puzzle.whole({**(bound or {}), **values})
        return say("with {values}: {problem}", values=written, problem=error.message if error else say("wrong"))
    here, there = _layer(outcome, place), _layer(puzzle.outcome(group, solution), place)
    channels = _channels(here, there) if own_part and place.part == "filters" else ""
    if channels:
        return channels
    sum_ = _difference(here, there) if outcome.error.code == "E402" and len(steps) == 1 else ""
    return (sum_ and say("with {values}: {arithmetic}", values=written, arithmetic=sum_)) or say(
        "with {values}: {problem}", values=written, problem=outcome.error.message
    )


def _is_stated(place: Place) -> bool:
    """Whether a size is stated after the line: then it can be wrong by itself."""
    annotation = getattr(place.statement, "annotation", None)
    return annotation is not None and annotation.size is not None


def _line(group: Group, place: Place, solution: Values, tried: Values) -> dict[str, Any]:
    """The values that were tried in this line, and right ones in the others."""
    here = [key for key in group.keys if group.places[key].statement.span == place.statement.span]
    return {**solution, **{key: tried[key] for key in here}}


def _written(group: Group, place: Place, values: Values) -> str:
    """The values of the blanks in the same layer, as one writes them: `f=3, s=1, p=0`."""
    here = [key for key in group.keys if group.places[key].step == place.step]
    kind = layers.find(getattr(place.step, "kind", ""))
    return ", ".join(
        f"{group.places[key].part or group.places[key].owner}={show(values[key])}" for key in here if key in values
    ) or str(kind)


def _difference(here: Layer | None, there: Layer | None) -> str:
    """The arithmetic of the first axis that comes out otherwise: `(32 + 2*0 - 3)/1 + 1 = 30, not 28`."""
    if here is None or there is None or len(here.size) != len(there.size):
        return ""
    axis = next((i for i, (a, b) in enumerate(zip(here.size, there.size, strict=True)) if a != b), None)
    if axis is None:
        return ""
    lines = here.definition.explain_size(here.operation)
    spatial = [line for line in lines if " = " in line and ": " in line]
    line = spatial[min(axis, len(spatial) - 1)] if axis < len(here.size) - 1 and spatial else lines[-1]
    arithmetic = line.rpartition(": ")[2].partition(" = ")[2]
    wanted = show(there.size[axis])
    return say("{arithmetic}, not {wanted}", arithmetic=arithmetic or show(here.size[axis]), wanted=wanted)


def _channels(here: Layer | None, there: Layer | None) -> str:
    """What is wrong where the channels alone come out otherwise."""
    if here is None or there is None or here.size[:-1] != there.size[:-1] or here.size == there.size:
        return ""
    return plural(
        "{n} filter gives {n} channel, not {wanted}",
        "{n} filters give {n} channels, not {wanted}",
        int(str(here.size[-1])),
        wanted=show(there.size[-1]),
    )


def _layer(outcome: Outcome, place: Place) -> Layer | None:
    layer = outcome.layers.get(place.step.span) if place.step is not None else None
    return layer if layer is not None and layer.args is not None else None


def _of_layer(place: Place) -> bool:
    return layers.find(getattr(place.step, "kind", "")) is not None


def _own(group: Group, values: Values) -> dict[str, Any]:
    return {key: values[key] for key in group.keys if key in values}
