"""The shape of a text: what it declares, what can be folded, which files it uses."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, NamedTuple

from cnnspec.editing.hover import steps_of
from cnnspec.source import Source, Span
from cnnspec.syntax import tree
from cnnspec.values import show

if TYPE_CHECKING:
    from cnnspec.editing.analysis import Analysis


class Entry(NamedTuple):
    """Something that a text declares. `sort` is "model", "block", "let", "input", "value", "variant" or "parameter"."""

    name: str
    sort: str
    detail: str
    span: Span  # of all of it
    name_span: Span
    children: tuple[Entry, ...]


class Fold(NamedTuple):
    """Rows that can be folded, counted from 1, both included."""

    first: int
    last: int
    comment: bool


def outline(analysis: Analysis) -> list[Entry]:
    """Model, inputs, blocks, lets, named values and variants, in the order of the text."""
    found: list[Entry] = []
    for statement in analysis.file.body:
        found += _entries(analysis, statement)
    return found


def _entries(analysis: Analysis, node: tree.Statement) -> Iterator[Entry]:
    whole = Span(node.span.start, analysis.tokens.statement_end(node.span.start))
    if isinstance(node, tree.Model):
        yield Entry(node.name, "model", "", _over(whole, node.name_span), node.name_span, _parameters(node.parameters))
    elif isinstance(node, tree.Block):
        detail = ", ".join(parameter.name for parameter in node.parameters)
        inner = (*_parameters(node.parameters), *_named(analysis, node.body))
        yield Entry(node.name, "block", detail, _over(whole, node.name_span), node.name_span, inner)
    elif isinstance(node, tree.Let):
        written = " ".join(analysis.text[node.value.span.start : node.value.span.end].split())
        yield Entry(node.name, "let", written[:60], whole, node.name_span, ())
    elif isinstance(node, tree.Input):
        word = Span(node.span.start, node.span.start + len("input"))
        size = " ".join(analysis.text[node.size.span.start : node.size.span.end].split())
        yield Entry(node.name or "input", "input", size, whole, node.name_span or word, ())
    elif isinstance(node, tree.Variant):
        yield Entry(node.name, "variant", "", _over(whole, node.name_span), node.name_span, ())
    elif isinstance(node, tree.Flow):
        yield from _named(analysis, (node,))


def _parameters(parameters: tuple[tree.Parameter, ...]) -> tuple[Entry, ...]:
    return tuple(
        Entry(p.name, "parameter", "", p.span, Span(p.span.start, p.span.start + len(p.name)), ()) for p in parameters
    )


def _named(analysis: Analysis, body: tree.Body) -> tuple[Entry, ...]:
    """The steps that `as` gives a name."""
    found = []
    for step in steps_of(body):
        if step.alias is not None and step.alias_span is not None:
            visits = analysis.seen.step(analysis.source, step.span)
            visit = visits.last if visits else None
            size = show(visit.size) if visit is not None and visit.sound and not analysis.exercise else ""
            whole = Span(step.span.start, step.alias_span.end)
            found.append(Entry(step.alias, "value", size, whole, step.alias_span, ()))
    return tuple(found)


def _over(whole: Span, name: Span) -> Span:
    return Span(min(whole.start, name.start), max(whole.end, name.end))


def folds(analysis: Analysis) -> Iterator[Fold]:
    """Braces and brackets over several rows, and runs of comments."""
    source, tokens = analysis.source, analysis.tokens
    for span in (*tokens.braces, *tokens.brackets):
        first, last = source.row(span.start), source.row(min(span.end, len(source.text)))
        if last > first:
            yield Fold(first, last - 1 if last - 1 > first else last, comment=False)
    rows = [source.row(span.start) for span in tokens.comments if _alone(source, span)]
    start = 0
    for i in range(1, len(rows) + 1):
        if i == len(rows) or rows[i] != rows[i - 1] + 1:
            if rows[i - 1] > rows[start]:
                yield Fold(rows[start], rows[i - 1], comment=True)
            start = i


def _alone(source: Source, span: Span) -> bool:
    """Whether a comment has its line for itself."""
    return not source.text[source.line_starts[source.row(span.start) - 1] : span.start].strip()


def links(analysis: Analysis) -> Iterator[tuple[Span, str]]:
    """Each `use "…"`: the path in quotes and the file that it means."""
    import os

    here = os.path.dirname(os.path.abspath(analysis.source.filename))
    for statement in analysis.file.body:
        if isinstance(statement, tree.Use) and statement.path and statement.path.isprintable():
            inner = Span(statement.path_span.start + 1, statement.path_span.end - 1)
            yield inner, os.path.normpath(os.path.join(here, statement.path))
