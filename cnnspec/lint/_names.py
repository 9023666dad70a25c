"""Which words a syntax tree mentions, and where names are given."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from cnnspec.source import Span
from cnnspec.syntax import tree


def nodes(node: Any) -> Iterator[Any]:
    """Every node below (and with) this one, in the order of the file."""
    stack = [node]
    while stack:
        current = stack.pop()
        if type(current) is not tuple:
            yield current
        if type(current) not in _LEAVES:
            stack += [child for child in current[::-1] if isinstance(child, tuple) and type(child) is not Span]


def mentioned(node: Any) -> set[str]:
    """Every word that may mean a let, a parameter, a block or a value somewhere in the node."""
    words: set[str] = set()
    stack = [node]
    while stack:
        current = stack.pop()
        words.update(_WORDS.get(type(current), _none)(current))
        if type(current) not in _LEAVES:
            stack += [child for child in current if isinstance(child, tuple) and type(child) is not Span]
    return words


def _none(_: Any) -> tuple[str, ...]:
    return ()


_LEAVES = frozenset({tree.Number, tree.Boolean, tree.Text, tree.Name})  # without nodes below them
_WORDS: dict[type, Callable[[Any], tuple[str, ...]]] = {
    **dict.fromkeys((tree.Name, tree.From, tree.Apply), lambda node: (node.name,)),
    **dict.fromkeys((tree.Layer, tree.Join), lambda node: (node.kind,)),
    tree.Call: lambda node: (node.function,),
    tree.Output: lambda node: node.names,
}


def has_flow(file: tree.File) -> bool:
    """Whether the file is a network, not a collection of blocks and lets for others."""
    return any(isinstance(statement, (tree.Flow, tree.Input)) for statement in file.body)


def variables(file: tree.File) -> Iterator[tuple[str, Span, str]]:
    """Every parameter, let and loop variable: name, place, and what it is."""
    for node in nodes(file):
        if isinstance(node, tree.Model):
            yield from ((p.name, name_span(p), "model parameter") for p in node.parameters)
        elif isinstance(node, tree.Block):
            yield from ((p.name, name_span(p), "parameter") for p in node.parameters)
        elif isinstance(node, tree.Let):
            yield node.name, node.name_span, "let"
        elif isinstance(node, tree.For):
            yield from ((name, span, "loop variable") for name, span in zip(node.names, node.name_spans, strict=True))


def name_span(parameter: tree.Parameter) -> Span:
    """The name of a parameter without its default."""
    return Span(parameter.span.start, parameter.span.start + len(parameter.name))


def scopes(step: Any) -> Iterator[tuple[tree.Body, bool]]:
    """The bodies in a step's braces, and whether a branch in them belongs to a join."""
    if isinstance(step, tree.Join):
        yield step.body, True
    elif isinstance(step, tree.Residual):
        yield step.body, False
        yield step.shortcut or (), False
    elif isinstance(step, tree.If):
        yield from ((body, False) for _, body in step.cases)
        yield step.otherwise or (), False
    elif isinstance(step, (tree.Branch, tree.Repeat, tree.For, tree.Frozen)):
        yield step.body, False


def lone_branches(body: tree.Body, *, joined: bool = False) -> Iterator[tree.Branch]:
    """The branches of a body that leave the flow as it was, those in loops and conditions too."""
    for statement in body:
        for step in statement.steps if isinstance(statement, tree.Flow) else ():
            if isinstance(step, tree.Branch) and not joined:
                yield step
            around = isinstance(step, (tree.Repeat, tree.For, tree.If)) and joined
            for inner, in_join in scopes(step):
                yield from lone_branches(inner, joined=in_join or around)
