"""Judges numbers that a student computed by hand: `example INPUT -> ?`, feature maps, a unit's output.

A map is read as nested lists or as rows on lines. With the right shape the credit is the share of right numbers; a map
that is what a known slip gives has its name. Where the network has several outputs, a later one may follow from the
student's own earlier ones.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from cnnspec.diagnostics import CnnSpecError, Diagnostic, Mistake
from cnnspec.language import number, say
from cnnspec.network import Example
from cnnspec.network import Value as FlowValue
from cnnspec.record import Record
from cnnspec.sizes import at
from cnnspec.syntax import tree
from cnnspec.teaching.model import VALUE, Answer, Blank, Judgement, Wrong
from cnnspec.teaching.values.evaluating import DoesNotFit, Map, NotByHand, Number, Slip, evaluate
from cnnspec.teaching.values.maps import Grid, Written, computed, is_right, read_grids, show_map, show_number
from cnnspec.values import UNKNOWN

if TYPE_CHECKING:
    from cnnspec.teaching.exercise import Exercise

MOST_ROWS = 20
SLIPS = {
    "kernel-flipped": Slip(flipped=True),
    "forgot-padding": Slip(unpadded=True),
    "forgot-bias-value": Slip(unbiased=True),
    "forgot-activation": Slip(linear=True),
    "max-for-average": Slip(other_pool=True),
    "stride-ignored": Slip(single_steps=True),
}
SWAPPED = "map-transposed"
NAMES = (*SLIPS, SWAPPED)
"""The known mistakes of this kind, the likelier first."""


class Asked(Record):
    """What an example asks for at one output: the right map, and the numbers of the blanks in it, None: the whole."""

    output: FlowValue
    right: Map
    blanks: Mapping[str, int | None]  # by key, the place among the numbers of the map
    given: tuple[Any, ...]  # the numbers that the exercise prints; UNKNOWN where it asks


class Sheet(Record):
    """One `example` line with blanks."""

    inputs: Mapping[str, Map]
    asked: tuple[Asked, ...]


def judge_values(exercise: Exercise, answer: Answer) -> dict[str, Judgement]:
    """A judgement for each blank of an `example` line. Raises CnnSpecError with E514 where it cannot be computed."""
    judged: dict[str, Judgement] = {}
    for sheet in sheets(exercise):
        own: dict[FlowValue, Map] = {}
        for asked in sheet.asked:
            read = {key: _read(answer.given.get(key, ""), asked, place) for key, place in asked.blanks.items()}
            follows = _followed(exercise, sheet, asked, own)
            for key, place in asked.blanks.items():
                judged[key] = _judgement(exercise, sheet, asked, key, place, read, follows)
            mine = _own_map(asked, read)
            if mine is not None and not _is_close(mine, asked.right):
                own[asked.output] = mine
    return judged


def search_values(exercise: Exercise) -> dict[str, str]:
    """The right answer to each blank of an `example` line, as one writes it. Raises CnnSpecError with E514."""
    return {
        key: show_map(asked.right) if place is None else show_number(asked.right.values[place])
        for sheet in sheets(exercise)
        for asked in sheet.asked
        for key, place in asked.blanks.items()
    }


def wrong_values(exercise: Exercise, key: str) -> Iterator[Wrong]:
    """What known slips give in the place of the right answer, as one writes it; never the right one."""
    for sheet in sheets(exercise):
        for asked in sheet.asked:
            if key in asked.blanks:
                place = asked.blanks[key]
                for name, wrong in _slips(exercise, sheet, asked).items():
                    if place is None:
                        yield Wrong(show_map(wrong), name, message_of(name))
                    elif wrong.size == asked.right.size and not _near(wrong.values[place], asked.right.values[place]):
                        yield Wrong(show_number(wrong.values[place]), name, message_of(name))


# --- what is asked ---------------------------------------------------------------------------------------------------


def sheets(exercise: Exercise) -> tuple[Sheet, ...]:
    """The examples with blanks, computed once. Raises CnnSpecError with E514."""
    found: tuple[Sheet, ...] = exercise.known("sheets", lambda: tuple(_sheets(exercise)))
    return found


def _sheets(exercise: Exercise) -> Iterator[Sheet]:
    blanks = [blank for blank in exercise.blanks if blank.family == VALUE]
    for example in exercise.network.examples:
        inside = [blank for blank in blanks if example.span.start <= blank.span.start < example.span.end]
        if inside:
            yield _sheet(exercise, example, inside)


def _sheet(exercise: Exercise, example: Example, blanks: Sequence[Blank]) -> Sheet:
    network = exercise.network
    letters = dict(example.letters)
    inputs = {
        name: _input(at(size, letters), values)
        for (name, size), values in zip(network.inputs.items(), example.inputs, strict=True)
    }
    try:
        found = evaluate(network, inputs)
    except NotByHand as problem:
        raise CnnSpecError([_not_by_hand(exercise, problem, blanks[0])]) from None
    node = next(one for one in exercise.file.body if isinstance(one, tree.Example) and one.span == example.span)
    asked = []
    for output, literal, values in zip(network.output_values.values(), node.outputs, example.outputs, strict=True):
        places = dict(_places(literal))
        whole = isinstance(literal, tree.Blank)
        keys = {
            blank.key: None if whole else places[span] for blank in blanks for span in blank.spans if span in places
        }
        asked.append(Asked(output, found[output], keys, () if whole else tuple(_leaves(values))))
    return Sheet(inputs, tuple(asked))


def _input(size: Any, values: Any) -> Map:
    return Map(tuple(size), tuple(_leaves(values)))


def _places(node: tree.Expression) -> Iterator[tuple[Any, int]]:
    """The place among the numbers, for the span of each blank in nested lists."""
    for i, leaf in enumerate(_leaf_nodes(node)):
        if isinstance(leaf, tree.Blank):
            yield leaf.span, i


def _leaf_nodes(node: tree.Expression) -> Iterator[tree.Expression]:
    if isinstance(node, tree.ListLiteral):
        for item in node.items:
            yield from _leaf_nodes(item)
    else:
        yield node


def _leaves(values: Any) -> Iterator[Any]:
    if isinstance(values, (list, tuple)):
        for item in values:
            yield from _leaves(item)
    else:
        yield values


def _not_by_hand(exercise: Exercise, problem: NotByHand, blank: Blank) -> Diagnostic:
    messages = {
        "weights": ("the layer `{name}` has no weights in the file", "write them: `weight=[[1, 0], [0, 1]], bias=0`"),
        "kind": (
            "the values of the layer `{name}` are not computed here",
            "use plain layers, with all weights written",
        ),
        "work": ("the network is too large for values by hand", "use a small image"),
    }
    message, remedy = messages[problem.reason]
    return Mistake("E514", message, help=remedy, name=problem.name).at(exercise.source, blank.span)


# --- what the student wrote ------------------------------------------------------------------------------------------


def _read(text: str, asked: Asked, place: int | None) -> Grid | str | None:
    """The numbers that were written for a blank: None where it is open, a sentence where they cannot be read."""
    if text.strip() in ("", "?"):
        return None
    grids = read_grids(text)
    if place is not None:
        grids = [grid for grid in grids if len(grid.numbers) == 1]
        one = grids[0] if grids else computed(text)
        return one or say("`{text}` is no number", text=text.strip()[:40])
    if not grids:
        return say("this is no map of numbers: write rows such as `[[1, 2], [3, 4]]`")
    count = len(asked.right.values)
    return next((grid for grid in grids if _fits(grid, asked.right)), None) or next(
        (grid for grid in grids if len(grid.numbers) == count), grids[0]
    )


def _fits(grid: Grid, right: Map) -> bool:
    """Whether the shape is right; axes of size one may be left out, and one long row is read row by row."""
    wide, wanted = ([n for n in shape if n != 1] for shape in (grid.shape, right.size))
    return wide == wanted or wide == [math.prod(wanted)]


def _as_map(grid: Grid, right: Map) -> Map | None:
    return Map(right.size, tuple(one.value for one in grid.numbers)) if _fits(grid, right) else None


def _own_map(asked: Asked, read: Mapping[str, Any]) -> Map | None:
    """The map as the student has it, where it is whole."""
    if None in asked.blanks.values():
        grid = next(iter(read.values()))
        return _as_map(grid, asked.right) if isinstance(grid, Grid) else None
    if not asked.blanks or not all(isinstance(one, Grid) for one in read.values()):
        return None
    values = list(asked.given)
    for key, place in asked.blanks.items():
        assert place is not None
        values[place] = read[key].numbers[0].value
    return None if any(value is UNKNOWN for value in values) else Map(asked.right.size, tuple(values))


# --- the verdict -----------------------------------------------------------------------------------------------------


def _judgement(
    exercise: Exercise,
    sheet: Sheet,
    asked: Asked,
    key: str,
    place: int | None,
    read: Mapping[str, Any],
    follows: Map | None,
) -> Judgement:
    grid = read[key]
    if not isinstance(grid, Grid):
        judgement = (
            Judgement("empty", 0.0, say("this blank is still open"))
            if grid is None
            else Judgement("unreadable", 0.0, grid)
        )
    elif place is not None:
        judgement = _of_number(exercise, sheet, asked, place, grid.numbers[0], follows)
    else:
        judgement = _of_map(exercise, sheet, asked, grid, follows)
    right = show_map(asked.right) if place is None else show_number(asked.right.values[place])
    return judgement._replace(right=right, arithmetic=_arithmetic(asked, place))


def _of_number(
    exercise: Exercise, sheet: Sheet, asked: Asked, place: int, one: Written, follows: Map | None
) -> Judgement:
    tolerance = exercise.settings.tolerance
    if is_right(one, asked.right.values[place], tolerance):
        return Judgement("right", 1.0, say("right"))
    if follows is not None and is_right(one, follows.values[place], tolerance):
        return _follow(exercise, show_number(follows.values[place]))
    for name, wrong in _slips(exercise, sheet, asked).items():
        if wrong.size == asked.right.size and is_right(one, wrong.values[place], tolerance):
            return Judgement("mistake", exercise.settings.mistakes.get(name, 0.0), message_of(name), mistake=name)
    return Judgement("wrong", 0.0, say("this is not the value in this place"))


def _of_map(exercise: Exercise, sheet: Sheet, asked: Asked, grid: Grid, follows: Map | None) -> Judgement:
    tolerance, right = exercise.settings.tolerance, asked.right
    fits = _fits(grid, right)
    hits = [fits and is_right(a, b, tolerance) for a, b in zip(grid.numbers, right.values, strict=False)]
    share = sum(hits) / len(right.values) if fits else 0.0
    if share == 1:
        return Judgement("right", 1.0, say("right"))
    if fits and follows is not None and _all_right(grid, follows, tolerance):
        return _follow(exercise, show_map(follows))
    for name, wrong in _slips(exercise, sheet, asked).items():
        if _fits(grid, wrong) and _all_right(grid, wrong, tolerance):
            credit = max(share, exercise.settings.mistakes.get(name, 0.0))
            return Judgement("mistake", credit, message_of(name), mistake=name)
    if not fits:
        given, wanted = "x".join(map(str, grid.shape)), "x".join(map(str, right.size))
        return Judgement("wrong", 0.0, say("the shape is {given}, not {wanted}", given=given, wanted=wanted))
    where = _where(right, hits.index(False))
    return Judgement(
        "wrong",
        share,
        say(
            "{hits} of {count} numbers are right; look at {where}", hits=sum(hits), count=number(len(hits)), where=where
        ),
    )


def _all_right(grid: Grid, wanted: Map, tolerance: float) -> bool:
    return all(is_right(a, b, tolerance) for a, b in zip(grid.numbers, wanted.values, strict=True))


def _near(a: Number, b: Number) -> bool:
    return abs(a - b) <= 1e-6 * max(1.0, abs(b))


def _is_close(a: Map, b: Map) -> bool:
    return all(map(_near, a.values, b.values))


def _follow(exercise: Exercise, follows: str) -> Judgement:
    message = say("right for your own earlier map")
    return Judgement("follow-through", exercise.settings.follow_through, message, follows=follows)


def _followed(exercise: Exercise, sheet: Sheet, asked: Asked, own: Mapping[FlowValue, Map]) -> Map | None:
    """The map that follows from the student's own earlier ones; None where that tells nothing.

    A map of equal numbers earns nothing: hardly anything would be left to compute from it.
    """
    plain = any(len(set(one.values)) == 1 and len(one.values) > 1 for one in own.values())
    if not own or plain or asked.output in own:
        return None
    found = evaluate(exercise.network, sheet.inputs, given=own)[asked.output]
    trivial = len(set(found.values)) == 1 and len(set(asked.right.values)) > 1
    return None if trivial or _is_close(found, asked.right) else found


# --- known mistakes --------------------------------------------------------------------------------------------------


def _slips(exercise: Exercise, sheet: Sheet, asked: Asked) -> Mapping[str, Map]:
    """What each known slip makes of this output, where it is something else."""
    found: Mapping[str, Map] = exercise.known(("slips", id(asked)), lambda: dict(_wrong_maps(exercise, sheet, asked)))
    return found


def _wrong_maps(exercise: Exercise, sheet: Sheet, asked: Asked) -> Iterator[tuple[str, Map]]:
    seen = [asked.right]
    for name, slip in SLIPS.items():
        try:
            wrong = evaluate(exercise.network, sheet.inputs, slip)[asked.output]
        except DoesNotFit:
            continue
        if not any(wrong.size == one.size and _is_close(wrong, one) for one in seen):
            seen.append(wrong)
            yield name, wrong
    turned = _turned(asked.right)
    if not any(turned.size == one.size and _is_close(turned, one) for one in seen):
        yield SWAPPED, turned


def _turned(right: Map) -> Map:
    """Rows and columns swapped."""
    if len(right.size) != 3:
        return right
    rows, columns, channels = right.size
    pixels = [right.values[(r * columns + c) * channels :][:channels] for c in range(columns) for r in range(rows)]
    return Map((columns, rows, channels), tuple(value for pixel in pixels for value in pixel))


def message_of(name: str) -> str:
    """A known mistake in a sentence."""
    if name == "kernel-flipped":
        return say("the kernel was turned round: here it lies on the image as it is written")
    if name == "forgot-padding":
        return say("the padding was forgotten: zeros go around the image first")
    if name == "forgot-bias-value":
        return say("the bias was forgotten: it is added to each number")
    if name == "forgot-activation":
        return say("the activation after the layer was forgotten")
    if name == "max-for-average":
        return say("maximum and mean were mixed up")
    if name == "stride-ignored":
        return say("the stride was ignored: the window moves by s, not by 1")
    return say("rows and columns are swapped")


# --- where and how ---------------------------------------------------------------------------------------------------


def _where(right: Map, index: int) -> str:
    if len(right.size) != 3:
        return say("number {n}", n=index + 1)
    _, columns, channels = right.size
    place, channel = divmod(index, channels)
    row, column = divmod(place, columns)
    if channels == 1:
        return say("row {row}, column {column}", row=row + 1, column=column + 1)
    return say("row {row}, column {column}, channel {channel}", row=row + 1, column=column + 1, channel=channel + 1)


def _arithmetic(asked: Asked, place: int | None) -> tuple[str, ...]:
    """The right numbers row by row, or the one that is asked."""
    if place is not None:
        where = _where(asked.right, place)
        return (say("{where}: {value}", where=where, value=show_number(asked.right.values[place])),)
    if len(asked.right.size) != 3:
        return (show_map(asked.right),)
    columns = asked.right.size[1] * asked.right.size[2]
    rows = [asked.right.values[i : i + columns] for i in range(0, len(asked.right.values), columns)]
    shown = [", ".join(map(show_number, row)) for row in rows[:MOST_ROWS]]
    return tuple(say("row {row}: {values}", row=i + 1, values=values) for i, values in enumerate(shown))
