"""Tours of the syntax tree that need no sizes: which names, calls and broken words a body holds."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from cnnspec.source import Span
from cnnspec.syntax import tree


def aliases(body: tree.Body) -> Iterator[str]:
    """Every name that is given anywhere in a body."""
    for statement in body:
        if isinstance(statement, tree.Flow):
            for step in statement.steps:
                if step.alias is not None:
                    yield step.alias
                for inner in bodies(step):
                    yield from aliases(inner)


def broken_words(body: tree.Body) -> Iterator[str]:
    """The words of all lines with syntax errors."""
    for statement in body:
        if isinstance(statement, tree.Block):
            yield from broken_words(statement.body)
        elif isinstance(statement, tree.Flow):
            for step in statement.steps:
                if isinstance(step, tree.Broken):
                    yield from step.words
                for inner in bodies(step):
                    yield from broken_words(inner)


def bodies(step: tree.Step) -> tuple[tree.Body, ...]:
    """The bodies between the braces of a step."""
    if isinstance(step, tree.If):
        return (*(body for _, body in step.cases), step.otherwise or ())
    if isinstance(step, tree.Residual):
        return (step.body, step.shortcut or ())
    return (step.body,) if isinstance(step, (tree.Join, tree.Branch, tree.Repeat, tree.For, tree.Frozen)) else ()


def circles(calls: Mapping[str, Sequence[str]]) -> Iterator[set[str]]:
    """The sets of blocks that call each other in a circle, in one pass (Tarjan's strongly connected components)."""
    index: dict[str, int] = {}
    lowest: dict[str, int] = {}
    stack: list[str] = []
    waiting: set[str] = set()
    for root in calls:
        path = [] if root in index else [(root, iter(calls[root]))]
        while path:
            name, callees = path[-1]
            if name not in index:
                index[name] = lowest[name] = len(index)
                stack.append(name)
                waiting.add(name)
            for callee in callees:
                if callee in calls and callee not in index:
                    path.append((callee, iter(calls[callee])))
                    break
                if callee in waiting:
                    lowest[name] = min(lowest[name], lowest[callee])
            else:
                path.pop()
                if path:
                    lowest[path[-1][0]] = min(lowest[path[-1][0]], lowest[name])
                if lowest[name] == index[name]:
                    part = {stack.pop()}
                    while name not in part:
                        part.add(stack.pop())
                    waiting -= part
                    if len(part) > 1 or name in calls[name]:
                        yield part


def calls_in(body: tree.Body) -> Iterator[tuple[str, Span]]:
    """(name, span) of every layer or block call in a body."""
    for statement in body:
        if isinstance(statement, tree.Flow):
            for step in statement.steps:
                if isinstance(step, tree.Layer):
                    yield step.kind, step.kind_span
                for inner in bodies(step):
                    yield from calls_in(inner)
