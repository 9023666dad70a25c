"""The worked solution of a size, a count or a figure: the arithmetic as `explain` writes it, the rule in letters."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cnnspec.language import language, say
from cnnspec.layers._kind import Operation
from cnnspec.network import Layer
from cnnspec.teaching.blanks import Place, axes
from cnnspec.teaching.computed.figured import figure_lines, figure_rule
from cnnspec.teaching.model import FIGURE, PARAMS, Blank, Judgement
from cnnspec.teaching.truth import Truth, places_of
from cnnspec.values import known, show, show_count

if TYPE_CHECKING:
    from cnnspec.teaching.exercise import Exercise

MOST_LINES = 12


def solution_of(exercise: Exercise, blank: Blank, truth: Truth) -> Judgement:
    """A judgement with the right answer, its arithmetic and its rule; as yet, wrong."""
    key = "solution", id(truth), blank.key, language()
    judgement: Judgement = exercise.known(key, lambda: _solution(places_of(exercise)[blank.span], truth, blank))
    return judgement


def _solution(place: Place, truth: Truth, blank: Blank) -> Judgement:
    right = truth.values[blank.key]
    shown = show(right) if known(right) else ""
    if place.family == FIGURE:
        lines = figure_lines(place, truth.network, right)
        return Judgement("wrong", 0.0, "", shown, arithmetic=_last(lines), formula=(figure_rule(place),))
    layers = [layer for run in truth.runs.get(place.statement.span, ())[:1] for layer in run.layers]
    told = [layer for layer in layers if layer.args is not None and _matters(layer, place, alone=len(layers) == 1)]
    lines = [say("{kind}: {line}", kind=layer.kind, line=line) for layer in told for line in _explained(layer, place)]
    rules = [rule_of(line, layer.operation) for layer in told for line in _explained(layer, place)]
    counts = [show_count(layer.params) for layer in layers if layer.params]
    if place.family == PARAMS and len(counts) > 1:
        lines.append(f"{' + '.join(counts)} = {show_count(right)}")
    if not lines:
        lines = rules = [_nothing(place, layers)]
    return Judgement("wrong", 0.0, "", shown, arithmetic=_first(lines), formula=_first(list(dict.fromkeys(rules))))


def _nothing(place: Place, layers: list[Layer]) -> str:
    if place.family == PARAMS:
        return say("no layer of the line has parameters")
    if layers and layers[-1].definition.joins:
        return say("`{kind}` works element by element: both sizes are the same, and stay", kind=layers[-1].kind)
    return say("the size stays")


def _first(lines: list[str]) -> tuple[str, ...]:
    return tuple(lines) if len(lines) <= MOST_LINES else (*lines[:MOST_LINES], "…")


def _last(lines: list[str]) -> tuple[str, ...]:
    return tuple(lines) if len(lines) <= MOST_LINES else ("…", *lines[-MOST_LINES:])


def _matters(layer: Layer, place: Place, *, alone: bool) -> bool:
    """Whether a layer of the line has to do with what is asked."""
    op = layer.operation
    return alone or (bool(op.params) if place.family == PARAMS else op.output not in op.inputs[:1])


def _explained(layer: Layer, place: Place) -> list[str]:
    op = layer.operation
    if place.family != PARAMS:
        return _of_axis([*op.kind.explain_size(op)], op, place.part)
    return [say("shared weights, counted where they come first")] if layer.shares else [*op.kind.explain_params(op)]


def _of_axis(lines: list[str], op: Operation, part: str) -> list[str]:
    """The lines of the spatial axes or of the channels, where these are told apart and one of them is asked."""
    if len(lines) < 2 or part in ("size", "features"):
        return lines
    if part == "channels":
        return lines[-1:]
    names = axes(op.rank + 1)
    if len(lines) == len(names) and part in names:
        return [lines[names.index(part)]]
    return lines[:-1]


def rule_of(line: str, op: Operation) -> str:
    """The rule in letters: the line without its numbers, or the formula of the kind where it is all numbers.

    >>> from cnnspec.layers.dense import KIND
    >>> rule_of("(inputs + 1)*units = (400 + 1)*120 = 48,120", KIND.operation({"units": 120}, ((400,),)))
    '(inputs + 1)*units'
    """
    first, *rest = line.split(" = ")
    bare = first.rpartition(": ")[2]
    if not any(letter.isalpha() for letter in bare) or (not rest and any(sign.isdigit() for sign in bare)):
        return op.kind.rule()
    letters = [part for part in rest if not any(sign.isdigit() for sign in part)]
    return " = ".join((first, *letters))
