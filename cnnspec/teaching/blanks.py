"""The blanks of an exercise: where they stand, what they ask for, and by what key answers know them."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any, TypeGuard

from cnnspec import layers
from cnnspec.diagnostics import Mistake
from cnnspec.elaborate.expressions import Evaluator
from cnnspec.network import Layer, Network
from cnnspec.record import Record
from cnnspec.source import Span
from cnnspec.syntax import tree
from cnnspec.teaching.model import ARGUMENT, FIGURE, LAYERS, PARAMS, SIZE, VALUE, Blank
from cnnspec.teaching.runs import Runs, runs_of
from cnnspec.values import Word

LONGEST_NAME = 40
AXES = {2: ("length",), 3: ("height", "width"), 4: ("frames", "height", "width")}
"""Names of axes in keys: the same in every language."""


class Place(Record):
    """One written `?`. `owner` begins its key where no layer does."""

    blank: tree.Blank
    family: str
    part: str
    statement: tree.Statement
    step: tree.Step | None = None
    owner: str = ""


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


# --- places ----------------------------------------------------------------------------------------------------------


def places(file: tree.File, text: str = "") -> Iterator[Place]:
    """Every written blank, in no order. Raises Mistake E504 for one in a place where nothing can judge it."""
    blocks = {one.name: [parameter.name for parameter in one.parameters] for one in file.body if _is_block(one)}
    examples = 0
    for statement in file.body:
        if isinstance(statement, tree.Example):
            examples += 1
            yield from _of_example(statement, f"example{examples}")
        elif isinstance(statement, tree.Expect):
            yield from _of_condition(statement, statement.condition, text)
        else:
            for place in _of_statement(statement):
                names = blocks.get(getattr(place.step, "kind", ""), [])
                yield place._replace(part=_named(place.part, names)) if names else place


def _is_block(statement: tree.Statement) -> TypeGuard[tree.Block]:
    return isinstance(statement, tree.Block)


def _named(part: str, names: list[str]) -> str:
    """`argument2` of a block call as the name of the parameter."""
    number, dot, rest = part.removeprefix("argument").partition(".")
    known = part.startswith("argument") and number.isdigit() and int(number) <= len(names)
    return f"{names[int(number) - 1]}{dot}{rest}" if known else part


def _of_statement(statement: tree.Statement) -> Iterator[Place]:
    if isinstance(statement, tree.Flow):
        yield from _of_flow(statement)
    elif isinstance(statement, tree.Input):
        yield from _arguments(statement.size, statement, None, "size", statement.name or "input")
    elif isinstance(statement, tree.Let):
        yield from _arguments(statement.value, statement, None, "", statement.name)
    elif isinstance(statement, (tree.Block, tree.Model)):
        owner = f"{statement.name}." if isinstance(statement, tree.Block) else ""
        for parameter in statement.parameters:
            yield from _arguments(parameter.default, statement, None, "", f"{owner}{parameter.name}")
        if isinstance(statement, tree.Block):
            yield from _of_body(statement.body)
    else:
        for blank, _ in _blanks_in(statement):
            raise _misplaced(blank)


def _of_body(body: tree.Body) -> Iterator[Place]:
    for statement in body:
        yield from _of_statement(statement)


def _of_flow(flow: tree.Flow) -> Iterator[Place]:
    for step in flow.steps:
        yield from _of_step(flow, step)
    annotation = flow.annotation
    if annotation is not None and annotation.size is not None:
        yield from _of_size(flow, annotation.size)
    if annotation is not None and annotation.params is not None:
        if isinstance(annotation.params, tree.Blank):
            yield Place(annotation.params, PARAMS, "params", flow)
        else:
            yield from _arguments(annotation.params, flow, None, "params")


def _of_size(flow: tree.Flow, size: tree.Expression) -> Iterator[Place]:
    if isinstance(size, tree.Blank):
        yield Place(size, SIZE, "size", flow)
        return
    parts = getattr(size, "parts", None) or getattr(size, "items", None) or ()
    if not parts:
        yield from _arguments(size, flow, None, "size")
    for part, axis in zip(parts, axes(len(parts)), strict=True):
        if isinstance(part, tree.Blank):
            yield Place(part, SIZE, axis, flow)
        else:
            yield from _arguments(part, flow, None, axis)


def axes(count: int) -> tuple[str, ...]:
    """What the parts of a size are called.

    >>> axes(3), axes(1)
    (('height', 'width', 'channels'), ('features',))
    """
    if count < 2:
        return ("features",)[:count]
    return (*AXES.get(count, tuple(f"axis{i}" for i in range(1, count))), "channels")


def _of_step(flow: tree.Flow, step: tree.Step) -> Iterator[Place]:
    if isinstance(step, tree.Hole):
        yield Place(step.blank, LAYERS, "", flow, step)
    positional = _positional(getattr(step, "kind", ""))
    for i, argument in enumerate(getattr(step, "arguments", ())):
        name = argument.name or (positional[i] if i < len(positional) else f"argument{i + 1}")
        yield from _arguments(argument.value, flow, step, _short(step, name))
    for field in ("condition", "times", "values"):
        yield from _arguments(getattr(step, field, None), flow, step, field)
    for condition, body in getattr(step, "cases", ()):
        yield from _arguments(condition, flow, step, "condition")
        yield from _of_body(body)
    for body in (getattr(step, field, None) for field in ("body", "shortcut", "otherwise")):
        yield from _of_body(body or ())


def _positional(kind: str) -> list[str]:
    known = layers.find(kind) if kind else None
    return [argument.name for argument in known.arguments if not argument.keyword_only] if known else []


def _short(step: Any, name: str) -> str:
    known = layers.find(step.kind)
    argument = known.argument(name) if known else None
    return argument.name if argument else name


def _arguments(
    node: Any, statement: tree.Statement, step: tree.Step | None, part: str, owner: str = ""
) -> Iterator[Place]:
    """Blanks that are judged by what they make of the network."""
    for blank, path in _blanks_in(node):
        name = ".".join((part, *path) if part != "size" or not path else path)
        yield Place(blank, ARGUMENT, name, statement, step, owner)


def _of_condition(statement: tree.Expect, node: tree.Expression, text: str) -> Iterator[Place]:
    if isinstance(node, tree.Binary) and node.operator == "and":
        yield from _of_condition(statement, node.left, text)
        yield from _of_condition(statement, node.right, text)
        return
    inside = [blank for blank, _ in _blanks_in(node)]
    if inside and (not isinstance(node, tree.Binary) or node.operator != "=="):
        raise _misplaced(inside[0])
    if isinstance(node, tree.Binary) and inside:
        asked, other = (node.left, node.right) if isinstance(node.left, tree.Blank) else (node.right, node.left)
        if isinstance(asked, tree.Blank) and len(inside) == 1:
            yield Place(asked, FIGURE, " ".join(text[other.span.start : other.span.end].split()), statement)
        elif isinstance(asked, tree.Blank) and isinstance(other, tree.Blank):
            raise _misplaced(inside[0])
        else:
            yield from _arguments(node, statement, None, "expect")


def _of_example(statement: tree.Example, owner: str) -> Iterator[Place]:
    for node in statement.inputs:
        for blank, _ in _blanks_in(node):
            raise _misplaced(blank)
    for i, node in enumerate(statement.outputs, 1):
        which = (str(i),) if len(statement.outputs) > 1 else ()
        for blank, path in _blanks_in(node):
            yield Place(blank, VALUE, ".".join((*which, *path)), statement, None, owner)


def _blanks_in(node: Any, path: tuple[str, ...] = ()) -> Iterator[tuple[tree.Blank, tuple[str, ...]]]:
    """The blanks in an expression, each with the axes or indices (from 1) that lead to it."""
    if isinstance(node, tree.Blank):
        yield node, path
    elif isinstance(node, tree.SizeLiteral):
        for part, axis in zip(node.parts, _parts_of_window(len(node.parts)), strict=True):
            yield from _blanks_in(part, (*path, axis))
    elif isinstance(node, tree.ListLiteral):
        for i, item in enumerate(node.items, 1):
            yield from _blanks_in(item, (*path, str(i)))
    elif isinstance(node, tuple) and not isinstance(node, Span):
        for child in node:
            yield from _blanks_in(child, path)


def _parts_of_window(count: int) -> tuple[str, ...]:
    return ("height", "width") if count == 2 else axes(count)


def _misplaced(blank: tree.Blank) -> Mistake:
    return Mistake(
        "E504",
        "a blank cannot be judged in this place",
        help="ask for a size, a count, an argument, or write `expect params == ?`",
        span=blank.span,
    )


# --- choices ---------------------------------------------------------------------------------------------------------


class _Plain(Evaluator):
    def lookup(self, name: str, span: Span) -> Word:  # noqa: ARG002  (as every evaluator has it)
        return Word(name)


def choices_of(blank: tree.Blank) -> tuple[Any, ...]:
    """What may be chosen: numbers, sizes, or words. Raises Mistake."""
    return tuple(_Plain().evaluate(choice) for choice in blank.choices)


# --- filling ---------------------------------------------------------------------------------------------------------


def filled(file: tree.File, values: Mapping[Span, tree.Expression]) -> tree.File:
    """The tree with expressions in the place of the blanks at these spans; all places stay what they are."""
    body = _filled(file.body, values)
    return tree.File(body, file.span)


def _filled(node: Any, values: Mapping[Span, tree.Expression]) -> Any:
    if isinstance(node, tree.Blank):
        return values.get(node.span, node)
    if not isinstance(node, tuple) or isinstance(node, Span):
        return node
    children = [_filled(child, values) for child in node]
    if all(new is old for new, old in zip(children, node, strict=True)):
        return node
    return type(node)(*children) if hasattr(node, "_fields") else tuple(children)


def expression(value: Any, span: Span) -> tree.Expression:
    """The value as it would be written at a place: a number, a size, a list, a word, a truth value.

    >>> expression((3, 5), Span(0, 1)).parts[1].value
    5
    """
    if isinstance(value, bool):
        return tree.Boolean(value, span)
    if isinstance(value, (int, float)):
        number = tree.Number(abs(value), str(abs(value)), span)
        return tree.Unary("-", number, span) if value < 0 else number
    if isinstance(value, Word):
        return tree.Name(str(value), span)
    if isinstance(value, str):
        return tree.Text(value, span)
    items = tuple(expression(item, span) for item in value)
    return tree.SizeLiteral(items, span) if isinstance(value, tuple) else tree.ListLiteral(items, span)
