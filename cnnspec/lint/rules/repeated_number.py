"""W109: the same number is written again and again for the same argument."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from cnnspec import layers
from cnnspec.diagnostics import Diagnostic, Label
from cnnspec.language import say
from cnnspec.lint._names import nodes
from cnnspec.source import Source
from cnnspec.syntax import tree

CODE = "W109"
DEFAULT = False
ON_GRAPHS = False
TIMES = 4
SHARE = 2 / 3  # of all numbers that the argument is given: filters that differ from layer to layer are a design
SMALL = 10  # windows, strides and paddings speak for themselves


def check_tree(file: tree.File, source: Source) -> Iterator[Diagnostic]:
    """Numbers that an argument of layers or blocks is given in four places or more, and nearly everywhere."""
    parameters = {s.name: [p.name for p in s.parameters] for s in file.body if isinstance(s, tree.Block)}
    places: dict[tuple[str, int | float], list[tree.Number]] = {}
    for node in nodes(file):
        if isinstance(node, tree.Layer):
            for name, number in _numbers(node, parameters):
                places.setdefault((name, number.value), []).append(number)
    total = Counter(name for (name, _), found in places.items() for _ in found)
    for (name, _), found in places.items():
        if len(found) >= max(TIMES, SHARE * total[name]):
            yield _finding(name, found, source)


def _numbers(node: tree.Layer, parameters: Mapping[str, Sequence[str]]) -> Iterator[tuple[str, tree.Number]]:
    """The arguments of a layer or call that are plain numbers, by name; whole ones below 10 are left out."""
    names = parameters.get(node.kind) or _names(node.kind)
    for place, argument in enumerate(node.arguments):
        name = argument.name or (names[place] if place < len(names) else "")
        value = argument.value
        if name and isinstance(value, tree.Number) and (isinstance(value.value, float) or value.value >= SMALL):
            yield name, value


def _names(kind: str) -> list[str]:
    definition: Any = layers.find(kind)
    return [argument.name for argument in definition.arguments] if definition else []


def _finding(name: str, found: list[tree.Number], source: Source) -> Diagnostic:
    first, second, *_ = found
    rows = ", ".join(str(source.row(number.span.start)) for number in found[:12])
    return Diagnostic(
        CODE,
        say("`{name}` is {text} in {n} places", name=name, text=first.text, n=len(found)),
        source,
        first.span,
        labels=(Label(source, second.span, say("and here")),),
        notes=(say("in lines {rows}, …", rows=rows) if len(found) > 12 else say("in lines {rows}", rows=rows),),
        help=say(
            "give it a name, `let {name} = {text}`, or make it a parameter of the model", name=name, text=first.text
        ),
    )
