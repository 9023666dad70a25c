"""Marks for one answer: each blank judged on its own, points as the settings weigh them.

A blank for which a size or a count is to be computed is, in this order: right; right after the student's own earlier
answers; a mistake that is known by name, on the right sizes or on the student's own; wrong.
"""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import nullcontext
from datetime import datetime, timedelta
from fractions import Fraction
from functools import partial
from math import ceil
from typing import TYPE_CHECKING, Any

from cnnspec.language import digits, language, plural, say, speaking
from cnnspec.teaching.computed.judge import judge_computed
from cnnspec.teaching.labels import label_of
from cnnspec.teaching.model import (
    ARGUMENT,
    FAMILIES,
    LAYERS,
    VALUE,
    Answer,
    Blank,
    Judgement,
    Marks,
    Submission,
    Verdict,
)
from cnnspec.teaching.settings import Feedback, Settings
from cnnspec.teaching.shares import DIGITS, shares

if TYPE_CHECKING:
    from cnnspec.teaching.exercise import Exercise


def judge(exercise: Exercise, submission: Submission, answer: Answer, handed_in: datetime | None = None) -> Marks:
    """The marks of an answer that has been read. `handed_in` is when, for a deadline in the settings.

    >>> from cnnspec.source import Source
    >>> from cnnspec.teaching.exercise import make_exercise
    >>> exercise = make_exercise(Source("input 28x28x1\\nconv 6, f=5 -> 24x24x6, ? params"))
    >>> marks = judge(exercise, Submission("Marie", "m.cnn", b""), Answer({"conv1.params": "150"}))
    >>> marks.points, marks.out_of, marks.verdicts[0].mistake
    (0.0, 1.0, 'forgot-bias')
    """
    with speaking(exercise.language) if exercise.language else nullcontext():
        problem = submission.problem or answer.problem
        if problem:
            answer = answer._replace(given={})
        judged = judgements(exercise, answer)
        worth = shown_points(exercise)
        earned = {key: round(worth[key] * Fraction(str(judged[key].credit)), DIGITS) for key in worth}
        kept, late = _in_time(exercise.settings, handed_in)
        whole = sum(worth.values(), Fraction(0))
        return Marks(
            name=submission.name,
            identifier=submission.identifier,
            filename=submission.filename,
            exercise=exercise.title,
            language=language(),
            variant=exercise.seed,
            points=_rounded(sum(earned.values(), Fraction(0)) * kept),
            out_of=_rounded(whole),
            problem=problem,
            notices=(*submission.notices, *answer.notices, *late),
            warnings=submission.notices,
            verdicts=tuple(
                _verdict(exercise, blank, answer, judged[blank.key], earned[blank.key], worth[blank.key])
                for blank in exercise.blanks
            ),
        )


def judgements(exercise: Exercise, answer: Answer) -> dict[str, Judgement]:
    """A judgement for each blank, by key; hints of the settings are in them."""
    judged: dict[str, Judgement] = {}
    families = {blank.family for blank in exercise.blanks}
    if ARGUMENT in families:
        from cnnspec.teaching.arguments.judge import judge_arguments

        judged.update(judge_arguments(exercise, answer))
    if LAYERS in families:
        from cnnspec.teaching.designing import judge_layers

        judged.update(judge_layers(exercise, answer))
    if VALUE in families:
        from cnnspec.teaching.values.judge import judge_values

        judged.update(judge_values(exercise, answer))
    judged.update(judge_computed(exercise, answer, judged))
    hints = exercise.settings.hints
    return {
        blank.key: judged[blank.key]._replace(hint=setting_of(hints, blank) or judged[blank.key].hint)
        for blank in exercise.blanks
    }


# --- points ----------------------------------------------------------------------------------------------------------


def points_of(exercise: Exercise) -> Mapping[str, Fraction]:
    """What each blank is worth, exactly; together what the settings say."""
    weights = {blank.key: _weight(exercise.settings, blank) for blank in exercise.blanks}
    whole, together = exercise.settings.points, sum(weights.values(), Fraction(0))
    scale = Fraction(1) if whole is None or not together else Fraction(str(whole)) / together
    return {key: weight * scale for key, weight in weights.items()}


def shown_points(exercise: Exercise) -> dict[str, Fraction]:
    """What each blank is worth with the decimals that a report shows; together still what the settings say."""
    exact = points_of(exercise)
    return dict(zip(exact, shares(list(exact.values())), strict=True))


def _weight(settings: Settings, blank: Blank) -> Fraction:
    weight = setting_of(settings.points_of, blank)
    return Fraction(1) if weight is None else Fraction(str(weight))


def setting_of(table: Mapping[str, Any], blank: Blank) -> Any:
    """What the settings say of a blank: by its key, else its number, else its family; None where they say nothing.

    The name of a family means the family: `params` the counts of layers, not the total that `expect params == ?` asks.
    """
    key = () if blank.key in FAMILIES else (blank.key,)
    return next((table[name] for name in (*key, str(blank.number), blank.family) if name in table), None)


def _rounded(points: Fraction) -> float:
    return float(round(points, DIGITS))


def _in_time(settings: Settings, handed_in: datetime | None) -> tuple[Fraction, tuple[str, ...]]:
    """What part of the points a late answer keeps, and what it is told."""
    if settings.due is None or handed_in is None:
        return Fraction(1), ()
    due = settings.due.astimezone() if settings.due.tzinfo is None else settings.due
    if handed_in.tzinfo is None:  # as a worksheet states it: in the zone of `due`, where that has one
        handed_in = handed_in.replace(tzinfo=settings.due.tzinfo) if settings.due.tzinfo else handed_in.astimezone()
    if handed_in <= due:
        return Fraction(1), ()
    days = ceil((handed_in - due) / timedelta(days=1))
    kept = max(Fraction(0), 1 - days * Fraction(str(settings.late_penalty)))
    if kept == 1:
        return kept, (plural("handed in late, by up to {n} day", "handed in late, by up to {n} days", days),)
    told = plural(
        "handed in late, by up to {n} day: {share} % of the points count",
        "handed in late, by up to {n} days: {share} % of the points count",
        days,
        share=digits(float(100 * kept)),
    )
    return kept, (told,)


# --- verdicts --------------------------------------------------------------------------------------------------------


def _verdict(
    exercise: Exercise, blank: Blank, answer: Answer, judgement: Judgement, earned: Fraction, worth: Fraction
) -> Verdict:
    level = exercise.settings.feedback
    whole = level is Feedback.SOLUTION
    missed = judgement.status != "right"
    return Verdict(
        blank=blank.key,
        number=blank.number,
        family=blank.family,
        label=exercise.known(("label", blank.key, language()), partial(label_of, exercise, blank)),
        line=exercise.source.row(blank.span.start),
        given=answer.given.get(blank.key, ""),
        status=judgement.status,
        points=_rounded(earned),
        out_of=_rounded(worth),
        right=judgement.right if whole else "",
        follows=judgement.follows if whole else "",
        mistake=judgement.mistake,
        message=_message(judgement, level),
        hint=judgement.hint if missed and level is not Feedback.NOTHING else "",
        arithmetic=_shown(blank, judgement, level) if missed else (),
    )


def _shown(blank: Blank, judgement: Judgement, level: Feedback) -> tuple[str, ...]:
    """The arithmetic, as far as the feedback level goes: which conditions layers fulfil gives no solution away."""
    if level is Feedback.SOLUTION or (blank.family == LAYERS and level is not Feedback.NOTHING):
        return judgement.arithmetic
    return judgement.formula if level is Feedback.FORMULA else ()


def _message(judgement: Judgement, level: Feedback) -> str:
    """The message, as far as the feedback level goes."""
    if level is not Feedback.NOTHING or judgement.status in ("right", "empty", "unreadable"):
        return judgement.message
    return say("right after your own answers") if judgement.status == "follow-through" else say("not right")
