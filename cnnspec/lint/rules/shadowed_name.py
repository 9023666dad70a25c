"""W108: a name that hides another one of the file, of the block or of an outer loop."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, TypeAlias

from cnnspec.diagnostics import Diagnostic, Label
from cnnspec.language import say
from cnnspec.lint._names import name_span, scopes
from cnnspec.lint.rules.hidden_figure import FIGURES
from cnnspec.source import Source, Span
from cnnspec.syntax import tree

CODE = "W108"
DEFAULT = True
ON_GRAPHS = False


class Given:
    """A name, where it is given, and as what."""

    __slots__ = ("name", "span", "what")

    def __init__(self, name: str, span: Span, what: str) -> None:
        self.name = name
        self.span = span
        self.what = what


Seen: TypeAlias = dict[str, Given]


def check_tree(file: tree.File, source: Source) -> Iterator[Diagnostic]:
    """Lets and loop variables that stand in the scope of another one of the same name.

    Not the parameters of a block that are called like something of the file: every call says what they are.
    """
    seen: Seen = {}
    for statement in file.body:
        if isinstance(statement, tree.Model):
            seen.update((p.name, Given(p.name, name_span(p), "model parameter")) for p in statement.parameters)
        elif isinstance(statement, tree.Let):
            seen[statement.name] = _let(statement)
    for statement in file.body:
        if isinstance(statement, tree.Block):
            own = [Given(p.name, name_span(p), "parameter") for p in statement.parameters]
            yield from _body(statement.body, seen | {one.name: one for one in own}, source)
        elif isinstance(statement, tree.Flow):
            yield from _steps(statement, seen, source)


def _body(body: tree.Body, seen: Seen, source: Source) -> Iterator[Diagnostic]:
    """Names within braces, which those of later lines in the same braces see."""
    seen = dict(seen)
    for statement in body:
        if isinstance(statement, tree.Let):
            yield from _hidden([_let(statement)], seen, source)
            seen[statement.name] = _let(statement)
        elif isinstance(statement, tree.Flow):
            yield from _steps(statement, seen, source)


def _steps(flow: tree.Flow, seen: Seen, source: Source) -> Iterator[Diagnostic]:
    for step in flow.steps:
        own = list(_loop_variables(step))
        yield from _hidden(own, seen, source)
        for body, _ in scopes(step):
            yield from _body(body, seen | {one.name: one for one in own}, source)


def _let(node: tree.Let) -> Given:
    return Given(node.name, node.name_span, "let")


def _loop_variables(step: Any) -> Iterator[Given]:
    if isinstance(step, tree.For):
        for name, span in zip(step.names, step.name_spans, strict=True):
            yield Given(name, span, "loop variable")


def _hidden(own: list[Given], seen: Seen, source: Source) -> Iterator[Diagnostic]:
    for one in own:
        other = seen.get(one.name)
        if other is not None and one.name not in FIGURES:  # those are W103
            yield Diagnostic(
                CODE,
                say("{one} hides {other}", one=_called(one), other=_called(other)),
                source,
                one.span,
                labels=(Label(source, other.span, say("cannot be reached here")),),
                help=say("choose another name"),
            )


def _called(given: Given) -> str:
    if given.what == "let":
        return say("the let `{name}`", name=given.name)
    if given.what == "loop variable":
        return say("the loop variable `{name}`", name=given.name)
    if given.what == "model parameter":
        return say("the model parameter `{name}`", name=given.name)
    return say("the parameter `{name}`", name=given.name)
