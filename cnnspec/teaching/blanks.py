"""The blanks of an exercise: where they stand, what they ask for, and by what key answers know them."""

from __future__ import annotations

import re
from typing import Any

from cnnspec import layers
from cnnspec.diagnostics import Mistake
from cnnspec.elaborate.expressions import Evaluator
from cnnspec.network import Layer, Network
from cnnspec.source import Span
from cnnspec.syntax import tree
from cnnspec.teaching.filling import expression, filled
from cnnspec.teaching.model import ARGUMENT, FIGURE, LAYERS, PARAMS, VALUE, Blank
from cnnspec.teaching.places import Place, axes, places
from cnnspec.teaching.runs import Runs, runs_of
from cnnspec.values import Word

__all__ = ["Place", "axes", "choices_of", "expression", "filled", "find_blanks", "places"]

LONGEST_NAME = 40


def find_blanks(file: tree.File, network: Network) -> tuple[Blank, ...]:
    """The blanks of a file in the order of its text; `?1` is one, however often it is written.

    Raises Mistake E504 where a blank stands that nothing can judge.
    """
    found = sorted(places(file, network.source.text), key=lambda place: place.blank.span)
    together: dict[object, list[Place]] = {}
    for place in found:
        number = place.blank.number
        together.setdefault(place.blank.span if number is None else number, []).append(place)
    naming = Naming(network, found)
    return tuple(_blank(i, group, naming) for i, group in enumerate(together.values(), 1))


def _blank(number: int, group: list[Place], naming: Naming) -> Blank:
    families = {place.family for place in group}
    first = group[0]
    if len(families) > 1 and families & {LAYERS, VALUE}:
        raise Mistake(
            "E505",
            "`{blank}` stands for things of different kinds",
            help="give each of them a number of its own",
            span=group[1].blank.span,
            blank=f"?{first.blank.number}",
        )
    written = first.blank.number
    return Blank(
        key=naming.key(first) if written is None else f"?{written}",
        number=number,
        family=ARGUMENT if ARGUMENT in families else first.family,
        part=first.part,
        layer=naming.layer(first),
        spans=tuple(place.blank.span for place in group),
        statement=first.statement.span,
        choices=next((choices_of(place.blank) for place in group if place.blank.choices), ()),
    )


# --- names -----------------------------------------------------------------------------------------------------------


class Naming:
    """Gives each blank its key, after the layers of the network."""

    def __init__(self, network: Network, found: list[Place]) -> None:
        self.runs: Runs = runs_of(network) if any(isinstance(place.statement, tree.Flow) for place in found) else {}
        self.used: set[str] = set()
        self.owners: dict[str, Span] = {}  # which statement a name belongs to
        self.counts: dict[str, int] = {}

    def layer(self, place: Place) -> str:
        """The name of the layer that is asked about; "" where there is none."""
        layer = self._layer(place)
        return "" if layer is None or layer.name.startswith("?") else layer.name

    def _layer(self, place: Place) -> Layer | None:
        runs = self.runs.get(place.statement.span)
        if not runs or not isinstance(place.statement, tree.Flow):
            return None
        inside = runs[0].layers
        steps = [place.step] if place.step is not None else list(place.statement.steps)
        spans = {step.span for step in steps}
        own = [layer for layer in inside if layer.span in spans] or list(inside)
        counted = [one for one in own if one.operation.tensors] if place.family == PARAMS else []
        if counted:
            return counted[0]
        ruled = (one for one in own if one.operation.tensors or one.operation.inputs[:1] != (one.operation.output,))
        return next(ruled, own[0] if own else None)

    def key(self, place: Place) -> str:
        if place.family == LAYERS:
            return self._counted("layers")
        if place.family == VALUE:
            return self._unique(place.owner + (f".{place.part}" if place.part else ""))
        if place.family == FIGURE:
            return self._unique(_word(place.part))
        owner = self._owner(place)
        return self._unique(".".join(part for part in (owner, place.part) if part))

    def _owner(self, place: Place) -> str:
        """`conv1`, or `conv1_2` in a second statement that has the name: of a value that is taken up again, say."""
        base = place.owner or self._name(place)
        home = place.step.span if place.step is not None else place.statement.span
        name, times = base, 1
        while self.owners.setdefault(name, place.statement.span) not in (place.statement.span, home):
            times += 1
            name = f"{base}_{times}"
        return name

    def _name(self, place: Place) -> str:
        layer = self._layer(place)
        step = place.step or _telling(place.statement)
        kind = getattr(step, "kind", "")
        if layer is None or layer.name.startswith("?"):
            return getattr(step, "alias", None) or kind or type(step or place.statement).__name__.lower()
        parts = layer.name.split(".")
        for i, part in enumerate(parts[:-1]):
            if kind and not layers.find(kind) and (part == step.alias or re.fullmatch(rf"{re.escape(kind)}\d+", part)):
                return ".".join(parts[: i + 1])
        return layer.name

    def _counted(self, word: str) -> str:
        self.counts[word] = self.counts.get(word, 0) + 1
        return self._unique(f"{word}{self.counts[word]}")

    def _unique(self, key: str) -> str:
        name, times = key, 1
        while name in self.used:
            times += 1
            name = f"{key}_{times}"
        self.used.add(name)
        return name


def _telling(statement: tree.Statement) -> Any:
    """The step that a statement is known by."""
    return statement.steps[0] if isinstance(statement, tree.Flow) else statement


def _word(text: str) -> str:
    return re.sub(r"\W+", "_", text).strip("_")[:LONGEST_NAME] or "figure"


# --- choices ---------------------------------------------------------------------------------------------------------


class _Plain(Evaluator):
    def lookup(self, name: str, span: Span) -> Word:  # noqa: ARG002  (as every evaluator has it)
        return Word(name)


def choices_of(blank: tree.Blank) -> tuple[Any, ...]:
    """What may be chosen: numbers, sizes, or words. Raises Mistake."""
    return tuple(_Plain().evaluate(choice) for choice in blank.choices)
