"""Where blanks stand in a file, and what is asked there."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, TypeGuard

from cnnspec import layers
from cnnspec.diagnostics import Mistake
from cnnspec.record import Record
from cnnspec.source import Span
from cnnspec.syntax import tree
from cnnspec.teaching.model import ARGUMENT, FIGURE, LAYERS, PARAMS, SIZE, VALUE

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
        for blank, _ in blanks_in(statement):
            raise misplaced(blank)


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
            _refuse_formula(annotation.params)


def _of_size(flow: tree.Flow, size: tree.Expression) -> Iterator[Place]:
    if isinstance(size, tree.Blank):
        yield Place(size, SIZE, "size", flow)
        return
    parts = getattr(size, "parts", None) or getattr(size, "items", None) or ()
    if not parts:
        _refuse_formula(size)
    for part, axis in zip(parts, axes(len(parts)), strict=True):
        if isinstance(part, tree.Blank):
            yield Place(part, SIZE, axis, flow)
        else:
            _refuse_formula(part)


def _refuse_formula(node: tree.Expression) -> None:
    """After `->` a number is asked for, not a part of its formula. Raises Mistake E504."""
    for blank, _ in blanks_in(node):
        raise Mistake(
            "E504",
            "a blank in a formula after `->` cannot be judged",
            help="ask for the number itself, such as `-> ? params`",
            span=blank.span,
        )


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
    for blank, path in blanks_in(node):
        name = ".".join((part, *path) if part != "size" or not path else path)
        yield Place(blank, ARGUMENT, name, statement, step, owner)


def _of_condition(statement: tree.Expect, node: tree.Expression, text: str) -> Iterator[Place]:
    if isinstance(node, tree.Binary) and node.operator == "and":
        yield from _of_condition(statement, node.left, text)
        yield from _of_condition(statement, node.right, text)
        return
    inside = [blank for blank, _ in blanks_in(node)]
    if inside and (not isinstance(node, tree.Binary) or node.operator != "=="):
        raise misplaced(inside[0])
    if isinstance(node, tree.Binary) and inside:
        left_open = any(blanks_in(node.left))
        asked, other = (node.left, node.right) if left_open else (node.right, node.left)
        if left_open and any(blanks_in(node.right)):
            raise misplaced(inside[0])
        yield from _of_figure(statement, asked, _written(other, text), _written(node, text))


def _written(node: tree.Expression, text: str) -> str:
    """An expression on one line, as it stands in the text."""
    return " ".join(text[node.span.start : node.span.end].split())


def _of_figure(statement: tree.Expect, asked: tree.Expression, other: str, whole: str) -> Iterator[Place]:
    """The blank beside `==`, those of the parts of a size, or the one number of a formula."""
    if isinstance(asked, tree.Blank):
        yield Place(asked, FIGURE, other, statement)
    elif isinstance(asked, (tree.SizeLiteral, tree.ListLiteral)):
        parts = asked.parts if isinstance(asked, tree.SizeLiteral) else asked.items
        for part, axis in zip(parts, _parts_of_window(len(parts)), strict=True):
            if isinstance(part, tree.Blank):
                yield Place(part, FIGURE, f"{other}.{axis}", statement)
            elif any(blanks_in(part)):
                raise misplaced(next(blanks_in(part))[0])
    elif path_to_blank(asked) is None:
        raise misplaced(next(blanks_in(asked))[0])
    else:
        yield from (Place(blank, FIGURE, whole, statement) for blank, _ in blanks_in(asked))


def path_to_blank(node: tree.Expression) -> tuple[tree.Expression, ...] | None:
    """The sums, products, signs and quotients around the one blank of a formula, the outermost first, or None."""
    found: list[tree.Expression] = []
    while not isinstance(node, tree.Blank):
        found.append(node)
        if isinstance(node, tree.Unary) and node.operator in ("-", "+"):
            node = node.operand
            continue
        if not isinstance(node, tree.Binary) or node.operator not in ("+", "-", "*", "/"):
            return None
        left, right = (any(blanks_in(side)) for side in (node.left, node.right))
        if left == right or (right and node.operator == "/"):
            return None
        node = node.left if left else node.right
    return tuple(found)


def _of_example(statement: tree.Example, owner: str) -> Iterator[Place]:
    for node in statement.inputs:
        for blank, _ in blanks_in(node):
            raise misplaced(blank)
    for i, node in enumerate(statement.outputs, 1):
        which = (str(i),) if len(statement.outputs) > 1 else ()
        for blank, path in blanks_in(node):
            if not _is_leaf(node, blank):
                raise misplaced(blank)
            yield Place(blank, VALUE, ".".join((*which, *path)), statement, None, owner)


def _is_leaf(node: tree.Expression, blank: tree.Blank) -> bool:
    """Whether the blank stands for a whole number of nested lists, or for all of them: not in `-?`."""
    if isinstance(node, tree.ListLiteral):
        return any(_is_leaf(item, blank) for item in node.items)
    return isinstance(node, tree.Blank) and node.span == blank.span


def blanks_in(node: Any, path: tuple[str, ...] = ()) -> Iterator[tuple[tree.Blank, tuple[str, ...]]]:
    """The blanks in an expression, each with the axes or indices (from 1) that lead to it."""
    if isinstance(node, tree.Blank):
        yield node, path
    elif isinstance(node, tree.SizeLiteral):
        for part, axis in zip(node.parts, _parts_of_window(len(node.parts)), strict=True):
            yield from blanks_in(part, (*path, axis))
    elif isinstance(node, tree.ListLiteral):
        for i, item in enumerate(node.items, 1):
            yield from blanks_in(item, (*path, str(i)))
    elif isinstance(node, tuple) and not isinstance(node, Span):
        for child in node:
            yield from blanks_in(child, path)


def _parts_of_window(count: int) -> tuple[str, ...]:
    return ("height", "width") if count == 2 else axes(count)


def misplaced(blank: tree.Blank) -> Mistake:
    """What is wrong with a blank that nothing can judge."""
    return Mistake(
        "E504",
        "a blank cannot be judged in this place",
        help="ask for a size, a count, an argument, or write `expect params == ?`",
        span=blank.span,
    )
