"""Judges sizes, counts and figures: against the truth, against what follows, against known mistakes."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from cnnspec.language import language, say
from cnnspec.record import Record
from cnnspec.teaching.blanks import Place
from cnnspec.teaching.fairness import without_copies
from cnnspec.teaching.following import SUMS, Followed, follow
from cnnspec.teaching.mistakes import Candidate, wrong_counts, wrong_sizes, wrong_totals
from cnnspec.teaching.model import ARGUMENT, FIGURE, PARAMS, SIZE, Answer, Blank, Judgement
from cnnspec.teaching.numerals import CHANNELS_FIRST, Reading, is_close, numbers, sizes
from cnnspec.teaching.runs import Run
from cnnspec.teaching.truth import COMPUTED, Truth, part_of, places_of, truth_of
from cnnspec.teaching.worked import solution_of
from cnnspec.values import known, show, show_count

if TYPE_CHECKING:
    from cnnspec.teaching.exercise import Exercise

MOST_TERMS = 8
MOST_SHOWN = 40  # letters of an answer that cannot be read


class Given(Record):
    """What a student wrote for a blank: all that it may mean, the likeliest first; nothing where it is unreadable."""

    text: str
    readings: tuple[Reading, ...]


def judge_computed(exercise: Exercise, answer: Answer, judged: Mapping[str, Judgement]) -> dict[str, Judgement]:
    """A judgement for each size, count and figure; `judged` has those of the blank arguments."""
    asked = [blank for blank in exercise.blanks if blank.family in COMPUTED]
    if not asked:
        return {}
    truth = truth_of(exercise, settled_arguments(exercise, judged))
    given = {blank.key: read_given(blank, truth, answer.given.get(blank.key, "")) for blank in asked}
    own = own_values(exercise, truth, given)
    followed = follow(exercise, truth, own)
    checks = [_of_own_arguments(exercise, answer, judged)] if _has(exercise, ARGUMENT) else []
    found = {
        blank.key: _judgement(exercise, blank, given[blank.key], truth, followed.get(blank.key), checks)
        for blank in asked
    }
    return without_copies(exercise, truth, found, own, followed)


def _has(exercise: Exercise, family: str) -> bool:
    return any(blank.family == family for blank in exercise.blanks)


# --- blank arguments -------------------------------------------------------------------------------------------------


def settled_arguments(exercise: Exercise, judged: Mapping[str, Judgement]) -> dict[str, Any]:
    """Values of the blank arguments with which the exercise holds: the student's own, where they are right."""
    if not _has(exercise, ARGUMENT):
        return {}
    from cnnspec.teaching.completing import read_value

    found = {}
    for blank in exercise.blanks:
        if blank.family == ARGUMENT and judged[blank.key].right:
            value = read_value(judged[blank.key].right, blank)
            if not isinstance(value, Judgement):
                found[blank.key] = value
    return found


def _of_own_arguments(exercise: Exercise, answer: Answer, judged: Mapping[str, Judgement]) -> Truth:
    """What would be true with the student's own arguments, right or not."""
    from cnnspec.teaching.completing import read_value

    settled = settled_arguments(exercise, judged)
    for blank in exercise.blanks:
        if blank.family == ARGUMENT and judged[blank.key].status == "wrong":
            value = read_value(answer.given.get(blank.key, ""), blank)
            if not isinstance(value, Judgement):
                settled[blank.key] = value
    return truth_of(exercise, settled)


# --- reading ---------------------------------------------------------------------------------------------------------


def read_given(blank: Blank, truth: Truth, text: str) -> Given:
    """All that the answer may mean as what is asked."""
    right = truth.values[blank.key]
    stripped = text.strip()
    if stripped in ("", "?"):
        return Given("", ())
    return Given(stripped, _readings(stripped, len(right) if isinstance(right, tuple) else 0, language()))


@lru_cache(maxsize=4096)
def _readings(text: str, axes: int, _: str) -> tuple[Reading, ...]:
    """Of a size with so many axes, or of a number; remarks are in the language, which is why it is asked for."""
    return sizes(text, axes) if axes else numbers(text)


def own_values(exercise: Exercise, truth: Truth, given: Mapping[str, Given]) -> dict[str, Any]:
    """What the student's answers stand for, where they can be read: the right value, if the text may mean it."""
    found = {}
    for key, one in given.items():
        right = truth.values[key]
        values = [reading.value for reading in one.readings]
        if any(_is(reading, right, exercise, exercise.blank(key)) for reading in one.readings):
            found[key] = right
        elif values and _whole(values[0]):
            found[key] = values[0]
    return found


def _whole(value: Any) -> bool:
    return isinstance(value, (int, tuple))


# --- judging ---------------------------------------------------------------------------------------------------------


def _judgement(
    exercise: Exercise, blank: Blank, given: Given, truth: Truth, followed: Followed | None, others: list[Truth]
) -> Judgement:
    right = truth.values[blank.key]
    base = solution_of(exercise, blank, truth)
    if not given.text:
        return base._replace(status="empty", message=say("this blank is still open"))
    if not given.readings:
        return base._replace(status="unreadable", message=_unreadable(given.text, right))
    exact = next((reading for reading in given.readings if _is(reading, right, exercise, blank)), None)
    if exact is not None:
        return base._replace(status="right", credit=1.0, message=_right(exact, right))
    follows = _following(exercise, blank, given, followed, others)
    if follows is not None:
        return base._replace(**follows)
    if followed is not None:
        base = base._replace(follows=show(followed.values[0]))
    for candidate in candidates(exercise, blank, truth, followed):
        if any(reading.value == candidate.value for reading in given.readings) and candidate.value != right:
            credit = exercise.settings.mistakes.get(candidate.mistake, 0.0)
            return base._replace(status="mistake", credit=credit, message=candidate.tell(), mistake=candidate.mistake)
    return base._replace(message=_remarked(given) or say("not right"))


def _is(reading: Reading, right: Any, exercise: Exercise, blank: Blank) -> bool:
    """Whether a reading is the value: exactly for sizes, within the tolerance for counts and figures."""
    if not known(right):
        return False
    settings = exercise.settings
    inexact = isinstance(right, float) or settings.tolerance > 0 or settings.rounded
    if reading.value == right or blank.family == SIZE or not inexact or isinstance(right, tuple):
        return bool(reading.value == right)
    return is_close(reading, right, settings.tolerance, rounded=settings.rounded)


def _right(reading: Reading, right: Any) -> str:
    if reading.form == CHANNELS_FIRST:
        return say("right; here the channels stand last: {size}", size=show(right))
    return say("right; but {remark}", remark=reading.remark) if reading.remark else say("right")


def _unreadable(text: str, right: Any) -> str:
    shown = text if len(text) <= MOST_SHOWN else f"{text[:MOST_SHOWN]}…"
    if isinstance(right, tuple):
        return say("`{text}` is no size such as 28x28x6", text=shown)
    return say("`{text}` is no number", text=shown)


def _remarked(given: Given) -> str:
    remark = next((reading.remark for reading in given.readings if reading.remark), "")
    return say("not right: {remark}", remark=remark) if remark else ""


# --- following -------------------------------------------------------------------------------------------------------


def _following(
    exercise: Exercise, blank: Blank, given: Given, followed: Followed | None, others: list[Truth]
) -> dict[str, Any] | None:
    """The judgement of what is right after the student's own earlier answers, or after their own arguments."""
    credit = exercise.settings.follow_through
    for value in followed.values if followed is not None else ():
        if any(_is(reading, value, exercise, blank) for reading in given.readings):
            assert followed is not None
            message = _own_sum(followed, blank.part) if followed.run is None else _own_size(followed.run)
            return {"status": "follow-through", "credit": credit, "message": message, "follows": show(value)}
    for other in others:
        value = other.values[blank.key]
        if known(value) and any(_is(reading, value, exercise, blank) for reading in given.readings):
            message = say("right for the arguments that you chose")
            return {"status": "follow-through", "credit": credit, "message": message, "follows": show(value)}
    return None


def _own_size(run: Run) -> str:
    return say("right for your own {size} of the line before", size=show(run.arriving))


def _own_sum(followed: Followed, figure: str) -> str:
    if figure != "params":
        return say("right for your own answers")
    if not 1 < len(followed.terms) <= MOST_TERMS:
        return say("right for your own counts")
    return say("right for your own counts {sum}", sum=" + ".join(map(show_count, followed.terms)))


# --- known mistakes --------------------------------------------------------------------------------------------------


def candidates(exercise: Exercise, blank: Blank, truth: Truth, followed: Followed | None = None) -> Iterator[Candidate]:
    """Wrong values of a blank that are known by name: with the right sizes, then with the student's own."""
    place = places_of(exercise)[blank.span]
    key = "candidates", id(truth), blank.key
    yield from exercise.known(key, lambda: tuple(_of_truth(place, truth)))
    if followed is not None and followed.run is not None:
        yield from _of_run(place, followed.run)


def _of_truth(place: Place, truth: Truth) -> Iterator[Candidate]:
    if place.family == FIGURE:
        yield from wrong_totals(place.part, truth.network) if place.part in SUMS else ()
        return
    for run in truth.runs.get(place.statement.span, ())[:1]:
        yield from _of_run(place, run)


def _of_run(place: Place, run: Run) -> Iterator[Candidate]:
    if place.family == PARAMS:
        yield from wrong_counts(run)
        return
    for candidate in wrong_sizes(run):
        value = part_of(candidate.value, place.part)
        if known(value) and value != part_of(run.result, place.part):
            yield candidate._replace(value=value)
