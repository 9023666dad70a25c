"""The right answers of an exercise, from the checker itself; and what is asked in places where no answer can be right.

Blank arguments have many answers: sizes and counts that hang on them are true for one set of values of theirs.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import partial
from typing import TYPE_CHECKING, Any

from cnnspec.diagnostics import Diagnostic, Mistake
from cnnspec.elaborate import Elaboration
from cnnspec.network import Network
from cnnspec.record import Record
from cnnspec.source import Span
from cnnspec.syntax import tree
from cnnspec.teaching.blanks import Place, axes, expression, filled, places
from cnnspec.teaching.figures import figure_of
from cnnspec.teaching.model import ARGUMENT, FIGURE, LAYERS, PARAMS, SIZE, VALUE, Blank
from cnnspec.teaching.runs import Run, Runs, runs_of
from cnnspec.values import UNKNOWN, Symbolic, known, show

if TYPE_CHECKING:
    from cnnspec.elaborate.checks import Figures
    from cnnspec.teaching.exercise import Exercise

COMPUTED = (SIZE, PARAMS, FIGURE)
"""The families whose blanks have one answer."""


class Truth(Record):
    """The exercise with its blank arguments filled, its runs, and the right value of each computed blank.

    Values are whole numbers, sizes, or what an `expect` line yields; UNKNOWN where they hang on blanks left open.
    """

    network: Network
    runs: Runs
    values: Mapping[str, Any]


def truth_of(exercise: Exercise, arguments: Mapping[str, Any] | None = None) -> Truth:
    """The truth for these values of the blank arguments, by key. It is made once for each set of them."""
    given = arguments or {}
    key = "truth", tuple((name, type(value), repr(value)) for name, value in sorted(given.items()))
    truth: Truth = exercise.known(key, lambda: _made(exercise, given))
    return truth


def _made(exercise: Exercise, arguments: Mapping[str, Any]) -> Truth:
    network = with_arguments(exercise, arguments) or exercise.network
    runs = runs_of(network)
    values = {
        blank.key: next(values_at(exercise, blank, network, runs), UNKNOWN)
        for blank in exercise.blanks
        if blank.family in COMPUTED
    }
    return Truth(network, runs, values)


def with_arguments(exercise: Exercise, arguments: Mapping[str, Any]) -> Network | None:
    """The network with these values in the place of blank arguments; None where it is none with them."""
    if not arguments:
        return exercise.network
    spans = {
        span: expression(arguments[blank.key], span)
        for blank in exercise.blanks
        if blank.key in arguments
        for span in blank.spans
    }
    network, _ = Elaboration(exercise.source, filled(exercise.file, spans)).one()
    return network


def places_of(exercise: Exercise) -> Mapping[Span, Place]:
    """Where each blank stands, by the span of the `?`."""
    found: Mapping[Span, Place] = exercise.known(
        "places", lambda: {place.blank.span: place for place in places(exercise.file, exercise.source.text)}
    )
    return found


def values_at(exercise: Exercise, blank: Blank, network: Network, runs: Runs) -> Iterator[Any]:
    """The value of a computed blank in each place and each run."""
    for span in blank.spans:
        place = places_of(exercise)[span]
        if place.family == FIGURE:
            yield figure(exercise, network, place)
        for run in runs.get(place.statement.span, ()) if place.family != FIGURE else ():
            yield asked_of(place, run)


def asked_of(place: Place, run: Run) -> Any:
    """What the blank asks of a run of its statement."""
    return run.params if place.family == PARAMS else part_of(run.result, place.part)


def part_of(size: Any, part: str) -> Any:
    """The part of a size by its name: its height, or the whole.

    >>> part_of((28, 28, 6), "channels"), part_of((320,), "size")
    (6, (320,))
    """
    if size is UNKNOWN or part == "size":
        return size
    names = axes(len(size))
    return size[names.index(part)] if part in names else UNKNOWN


def figure(exercise: Exercise, network: Network, place: Place, known_figures: Mapping[str, Any] | None = None) -> Any:
    """What the other side of `==` in an `expect` line is; `known_figures` are taken as they are given."""
    try:
        return figure_of(_figures(exercise, network, known_figures), place)
    except Mistake:
        return UNKNOWN


def _figures(exercise: Exercise, network: Network, known_figures: Mapping[str, Any] | None = None) -> Figures:
    assert network.trial is not None
    figures: Figures = exercise.known(("figures", id(network)), partial(network.trial.figures, network))
    figures.known = dict(known_figures or {})
    return figures


# --- is there one answer? --------------------------------------------------------------------------------------------


def check_single(exercise: Exercise) -> None:
    """That each computed blank has one answer. Raises Mistake E502, E503, E505 to E508."""
    network, runs = exercise.network, runs_of(exercise.network)
    for blank in exercise.blanks:
        for span in blank.spans:
            _check_reached(places_of(exercise)[span], span, runs)
            if places_of(exercise)[span].family == FIGURE:
                figure_of(_figures(exercise, network), places_of(exercise)[span])
        if blank.family in COMPUTED:
            _check_value(exercise, blank, list(values_at(exercise, blank, network, runs)))
        if blank.family == VALUE and any(one.family in (ARGUMENT, LAYERS) for one in exercise.blanks):
            raise Mistake(
                "E503",
                "the blank has no single answer: the layers have blanks too",
                help="ask for values of a network without other blanks",
                span=blank.span,
            )


def disagreement(exercise: Exercise, network: Network) -> Diagnostic | None:
    """Why the computed blanks have no single answer in the network with all its arguments; None where they have one."""
    asked = [blank for blank in exercise.blanks if blank.family in COMPUTED and _hangs(exercise, blank)]
    runs = runs_of(network) if asked else {}
    try:
        for blank in asked:
            _check_value(exercise, blank, list(values_at(exercise, blank, network, runs)), settled=True)
    except Mistake as mistake:
        return mistake.at(exercise.source, Span(0, 0))
    return None


def _hangs(exercise: Exercise, blank: Blank) -> bool:
    """Whether a value hangs on blank arguments in one of its places."""

    def make() -> bool:
        return not all(map(known, values_at(exercise, blank, exercise.network, runs_of(exercise.network))))

    hangs: bool = exercise.known(("hangs", blank.key), make)
    return hangs


def _check_reached(place: Place, span: Span, runs: Runs) -> None:
    if isinstance(place.statement, tree.Flow) and place.statement.span not in runs:
        raise Mistake(
            "E507",
            "no layer comes from this line: nothing runs it",
            help="call the block, or take the blank out",
            span=span,
        )


def _check_value(exercise: Exercise, blank: Blank, found: list[Any], *, settled: bool = False) -> None:
    """That the values are one, and told; `settled` where all arguments have values."""
    first = found[0]
    other = next((i for i, value in enumerate(found) if known(value) and known(first) and value != first), None)
    if other is not None:
        raise _differing(blank, first, found[other])
    if any(isinstance(n, Symbolic) for value in found for n in (value if isinstance(value, tuple) else (value,))):
        raise Mistake(
            "E508",
            "the answer has letters in it: {value}",
            help="give the input a size in numbers",
            span=blank.span,
            value=show(first),
        )
    if not known(first):
        _check_open(exercise, blank, settled=settled)
    elif blank.choices and first not in _sizes(blank):
        raise Mistake(
            "E506",
            "none of the choices is right: the answer is {value}",
            help="put {value} among them",
            span=blank.span,
            value=show(first),
        )


def _sizes(blank: Blank) -> list[Any]:
    """The choices, a number for a vector as its size too."""
    return [(choice,) if blank.part == "size" and isinstance(choice, int) else choice for choice in blank.choices]


def _differing(blank: Blank, first: Any, other: Any) -> Mistake:
    if len(blank.spans) > 1:
        return Mistake(
            "E505",
            "`{blank}` stands for {first} here and for {other} elsewhere",
            help="give each of them a number of its own",
            span=blank.span,
            blank=blank.key,
            first=show(first),
            other=show(other),
        )
    return Mistake(
        "E502",
        "the blank has several answers: {first} the first time, then {other}",
        help="ask after the loop, or write the rounds one by one",
        span=blank.span,
        first=show(first),
        other=show(other),
    )


def _check_open(exercise: Exercise, blank: Blank, *, settled: bool) -> None:
    """What is open has an answer once the blank arguments are filled; after blank layers it has none."""
    families = {one.family for one in exercise.blanks}
    if ARGUMENT in families and LAYERS not in families and not settled:
        return
    after = next((one for one in exercise.blanks if one.family == LAYERS), None)
    raise Mistake(
        "E503",
        "the blank has no single answer: it hangs on layers that are open"
        if after
        else "the blank has no single answer",
        help="write the size after the `?` that stands for layers" if after else "give what comes before it",
        span=blank.span,
    )
