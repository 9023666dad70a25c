"""W101: a let, a parameter, an input or a branch that nothing uses."""

from __future__ import annotations

from collections.abc import Iterator

from cnnspec.diagnostics import Diagnostic, Fix
from cnnspec.language import say
from cnnspec.lint._names import has_flow, lone_branches, mentioned, name_span, nodes
from cnnspec.source import Source, Span
from cnnspec.syntax import tree

CODE = "W101"
DEFAULT = True
ON_GRAPHS = False


def check_tree(file: tree.File, source: Source) -> Iterator[Diagnostic]:
    """Lets and parameters that are never mentioned, branches whose value goes nowhere."""
    words = mentioned(file)
    for node in nodes(file):
        if isinstance(node, tree.Block):
            yield from _block(node, source)
        elif isinstance(node, tree.Model):
            for parameter in node.parameters:
                if parameter.name not in words:
                    message = say("the model parameter `{name}` is never used", name=parameter.name)
                    yield _unused(message, name_span(parameter), source)
    if has_flow(file):
        for statement in file.body:
            if isinstance(statement, tree.Let) and statement.name not in words:
                yield _unused_let(statement, source)
        yield from _branches(file.body, words, source)


def _block(block: tree.Block, source: Source) -> Iterator[Diagnostic]:
    words = mentioned((block.parameters, block.body))
    for parameter in block.parameters:
        if parameter.name not in words:
            message = say("the parameter `{name}` is never used", name=parameter.name)
            yield _unused(message, name_span(parameter), source)
    for node in nodes(block.body):
        if isinstance(node, tree.Let) and node.name not in words:
            yield _unused_let(node, source)
    yield from _branches(block.body, words, source)


def _branches(body: tree.Body, words: set[str], source: Source) -> Iterator[Diagnostic]:
    """Lone branches of a body: their value is reached by its name only."""
    for branch in lone_branches(body):
        if not (_names(branch) & words):
            yield Diagnostic(
                CODE,
                say("the value of `{name}` is used nowhere", name=branch.alias)
                if branch.alias
                else say("the value of this branch is used nowhere"),
                source,
                branch.alias_span or branch.span,
                help=say("name it in `output`, continue `from` it, or leave the branch out"),
            )


def _names(branch: tree.Branch) -> set[str]:
    """The names by which a branch, or something in it, can be reached."""
    return {alias for node in nodes(branch) if isinstance(alias := getattr(node, "alias", None), str)}


def _unused_let(let: tree.Let, source: Source) -> Diagnostic:
    from cnnspec.lint._edits import fix
    from cnnspec.lint._statements import remove_statement

    removal = fix("safe", say("take `{name}` out", name=let.name), remove_statement(source, let.span.start))
    return _unused(say("`{name}` is never used", name=let.name), let.name_span, source, removal)


def _unused(message: str, span: Span, source: Source, removal: Fix | None = None) -> Diagnostic:
    return Diagnostic(CODE, message, source, span, help=say("use it or leave it out"), fix=removal)
