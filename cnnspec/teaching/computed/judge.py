"""Judges sizes, counts and figures: against the truth, against what follows, against known mistakes."""

from __future__ import annotations

import re
from collections.abc import Mapping
from fractions import Fraction
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from cnnspec.language import language, say
from cnnspec.record import Record
from cnnspec.teaching.answers.numerals import CHANNELS_FIRST, Reading, is_close, numbers, sizes
from cnnspec.teaching.computed.candidates import candidates
from cnnspec.teaching.computed.fairness import without_copies
from cnnspec.teaching.computed.following import Followed, Following, follow
from cnnspec.teaching.computed.settling import own_arguments, settled_arguments
from cnnspec.teaching.computed.sums import SUMS
from cnnspec.teaching.computed.worked import solution_of
from cnnspec.teaching.model import ARGUMENT, SIZE, Answer, Blank, Judgement
from cnnspec.teaching.settings import Feedback
from cnnspec.teaching.truth import COMPUTED, Truth, places_of, truth_of
from cnnspec.values import known, show, show_count

if TYPE_CHECKING:
    from cnnspec.teaching.exercise import Exercise

MOST_TERMS = 8
UNROUNDED = re.compile(r"(?=[^.,]*[.,])\d+(?:[.,]\d+)?(?:\s*[x×*]\s*\d+(?:[.,]\d+)?)+", re.ASCII)  # 9.5x9.5x8
MOST_SHOWN = 40  # letters of an answer that cannot be read


class Given(Record):
    """What a student wrote for a blank: all that it may mean, the likeliest first; nothing where it is unreadable."""

    text: str
    readings: tuple[Reading, ...]


class Case(Record):
    """What holds for all blanks of an answer.

    `others` are what would be true with the student's own arguments. `told` is whether sizes and counts that follow may
    be told: where blanks are open, they stand for what is right.
    """

    exercise: Exercise
    truth: Truth
    others: list[Truth]
    told: bool


def judge_computed(exercise: Exercise, answer: Answer, judged: Mapping[str, Judgement]) -> dict[str, Judgement]:
    """A judgement for each size, count and figure; `judged` has those of the blank arguments."""
    asked = [blank for blank in exercise.blanks if blank.family in COMPUTED]
    if not asked:
        return {}
    truth = truth_of(exercise, settled_arguments(exercise, judged))
    given = {blank.key: read_given(blank, truth, answer.given.get(blank.key, "")) for blank in asked}
    own = own_values(exercise, truth, given)
    followed = follow(exercise, truth, own)
    checks = [own_arguments(exercise, answer, judged)] if _has(exercise, ARGUMENT) else []
    told = exercise.settings.feedback is Feedback.SOLUTION or all(one.readings for one in given.values())
    case = Case(exercise, truth, checks, told)
    found = {blank.key: _judgement(case, blank, given[blank.key], followed) for blank in asked}
    return without_copies(exercise, truth, found, own, followed)


def _has(exercise: Exercise, family: str) -> bool:
    return any(blank.family == family for blank in exercise.blanks)


# --- reading ---------------------------------------------------------------------------------------------------------


def read_given(blank: Blank, truth: Truth, text: str) -> Given:
    """All that the answer may mean as what is asked."""
    right = truth.values[blank.key]
    stripped = text.strip()
    if stripped in ("", "?"):
        return Given("", ())
    if blank.part == "receptive_field" and isinstance(right, int):
        return Given(stripped, _of_field(stripped))
    return Given(stripped, _readings(stripped, len(right) if isinstance(right, tuple) else 0, language()))


@lru_cache(maxsize=4096)
def _readings(text: str, axes: int, _: str) -> tuple[Reading, ...]:
    """Of a size with so many axes, or of a number; remarks are in the language, which is why it is asked for."""
    return sizes(text, axes) if axes else numbers(text)


def _of_field(text: str) -> tuple[Reading, ...]:
    """A receptive field as a number; `10x10` is 10 along each axis."""
    if "x" not in text.lower() and "×" not in text:
        return _readings(text, 0, language())
    sizes_of = ((one, one.value) for one in _readings(text, 2, language()))
    return tuple(
        one._replace(value=value[0]) for one, value in sizes_of if isinstance(value, tuple) and len({*value}) == 1
    )


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


def _judgement(case: Case, blank: Blank, given: Given, following: Following) -> Judgement:
    followed = following.get(blank.key)
    exercise, right = case.exercise, case.truth.values[blank.key]
    base = solution_of(exercise, blank, case.truth)
    if not given.text:
        return base._replace(status="empty", message=say("this blank is still open"))
    if not given.readings:
        return base._replace(status="unreadable", message=_unreadable(given.text, right))
    exact = next((reading for reading in given.readings if _is(reading, right, exercise, blank)), None)
    if exact is not None:
        return base._replace(status="right", credit=1.0, message=_right(exact, right))
    follows = _following(case, blank, given, followed)
    if follows is not None:
        return base._replace(**follows)
    if followed is not None and followed.own:
        base = base._replace(follows=show(followed.values[0]))
    for candidate in candidates(exercise, blank, case.truth, following.runs.get(blank.key)):
        if any(reading.value == candidate.value for reading in given.readings) and candidate.value != right:
            credit = exercise.settings.mistakes.get(candidate.mistake, 0.0)
            return base._replace(status="mistake", credit=credit, message=candidate.tell(), mistake=candidate.mistake)
    return base._replace(
        message=_beyond(case, blank, given, following)
        or _unrounded(blank, given)
        or _remarked(given)
        or say("not right")
    )


def _is(reading: Reading, right: Any, exercise: Exercise, blank: Blank) -> bool:
    """Whether a reading is the value: exactly for sizes, within the tolerance for counts and figures.

    Only sums of parameters and MACs may be rounded: `0.1 k` is no depth. A figure that is no whole number may be cut to
    the digits that tell a hundredth of it.
    """
    if not known(right):
        return False
    settings = exercise.settings
    if reading.value == right or blank.family == SIZE or not isinstance(right, (int, float)):
        return bool(reading.value == right)
    if isinstance(right, float):
        fraction = Fraction(str(right))
        enough = reading.half <= abs(fraction) / 100
        return is_close(reading, fraction, settings.tolerance, rounded=settings.rounded or enough)
    rounded = settings.rounded and blank.part in SUMS
    return is_close(reading, right, settings.tolerance, rounded=rounded) if settings.tolerance or rounded else False


def _right(reading: Reading, right: Any) -> str:
    if reading.form == CHANNELS_FIRST:
        return say("right; here the channels stand last: {size}", size=show(right))
    return say("right; but {remark}", remark=reading.remark) if reading.remark else say("right")


def _unreadable(text: str, right: Any) -> str:
    shown = text if len(text) <= MOST_SHOWN else f"{text[:MOST_SHOWN]}…"
    if isinstance(right, tuple) and UNROUNDED.fullmatch(text):
        return say("`{text}`: a size is made of whole numbers, so round them down", text=shown)
    if isinstance(right, tuple):
        return say("`{text}` is no size such as 28x28x6", text=shown)
    return say("`{text}` is no number", text=shown)


def _unrounded(blank: Blank, given: Given) -> str:
    if blank.family != SIZE or _whole(given.readings[0].value):
        return ""
    return say("not right: a size is made of whole numbers, so round it down")


def _remarked(given: Given) -> str:
    remark = next((reading.remark for reading in given.readings if reading.remark), "")
    return say("not right: {remark}", remark=remark) if remark else ""


# --- following -------------------------------------------------------------------------------------------------------


def _following(case: Case, blank: Blank, given: Given, followed: Followed | None) -> dict[str, Any] | None:
    """The judgement of what is right after the student's own earlier answers, or after their own arguments."""
    exercise = case.exercise
    credit = exercise.settings.follow_through
    for value in followed.values if followed is not None else ():
        if any(_is(reading, value, exercise, blank) for reading in given.readings):
            assert followed is not None
            message = _own(case, blank, followed, value) if case.told else say("right for your own answers before it")
            return {"status": "follow-through", "credit": credit, "message": message, "follows": show(value)}
    for other in case.others:
        value = other.values[blank.key]
        if known(value) and any(_is(reading, value, exercise, blank) for reading in given.readings):
            message = say("right for the arguments that you chose")
            return {"status": "follow-through", "credit": credit, "message": message, "follows": show(value)}
    return None


def _own(case: Case, blank: Blank, followed: Followed, value: Any) -> str:
    """Which of the student's own values it is right for."""
    if followed.run is not None:
        arriving, right = followed.run.arriving, _right_arriving(case, blank)
        if known(arriving) and arriving != right:
            return say("right for your own {size} that arrives here", size=show(arriving))
        return say("right for your own answers before it")
    terms = followed.terms[followed.values.index(value)]
    if blank.part != "params" or not 1 < len(terms) <= MOST_TERMS:
        return say("right for your own answers before it")
    return say("right for your own counts {sum}", sum=" + ".join(map(show_count, terms)))


def _right_arriving(case: Case, blank: Blank) -> Any:
    return case.truth.runs[places_of(case.exercise)[blank.span].statement.span][0].arriving


def _beyond(case: Case, blank: Blank, given: Given, following: Following) -> str:
    """What is said of a value that is worked from values too far off to be gone on with; nothing of any other."""
    followed = following.beyond.get(blank.key)
    if followed is None or not case.told:
        return ""
    if not any(reading.value == value for reading in given.readings for value in followed.values):
        return ""
    if followed.run is None:
        return say("not right: your own counts add up to it, but they are too far off to go on with")
    own, right = followed.run.arriving, _right_arriving(case, blank)
    if not known(own) or not known(right) or own == right:
        return say("not right: your own values before it are too far off to go on with")
    if case.exercise.settings.feedback is Feedback.SOLUTION:
        return say(
            "not right: your own {size} is too far off to go on with: {right} arrives here",
            size=show(own),
            right=show(right),
        )
    return say("not right: your own {size} is too far off to go on with", size=show(own))
