"""A file with numbers in the place of its model's parameters, formulas worked out."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any

from cnnspec.diagnostics import Mistake
from cnnspec.elaborate.expressions import Evaluator
from cnnspec.source import Source, Span
from cnnspec.syntax import tree
from cnnspec.syntax.format import format_text
from cnnspec.values import Value, Word, as_whole, show

CLOSING = re.compile(r"(?:[\s,)]|#[^\n]*\n)*\)")  # what may stand behind the last parameter
COMPARISONS = ("==", "!=", "<", "<=", ">", ">=", "and", "or")


def written_out(source: Source, file: tree.File, values: Mapping[str, Any], head: str) -> Source:
    """The text with these values for its parameters, in the canonical layout, below the line `head`."""
    writer = _Writer(source.text, values)
    for statement in file.body:
        writer.statement(statement)
    text = source.text
    for span, content in sorted(writer.edits.items(), reverse=True):
        text = text[: span.start] + content + text[span.end :]
    return Source(format_text(head + text, source.filename), source.filename)


class _Here(Evaluator):
    """Expressions of the parameters alone; all other names are not for now."""

    def __init__(self, values: Mapping[str, Any]) -> None:
        self.values = values

    def lookup(self, name: str, span: Span) -> Value:
        if name in self.values:
            return self.values[name]
        raise self.undefined(name, span)


class _Writer:
    """Collects the edits of one text. `hidden` are the names that mean something else in the current place."""

    def __init__(self, text: str, values: Mapping[str, Any]) -> None:
        self.text = text
        self.values = dict(values)
        self.edits: dict[Span, str] = {}

    def statement(self, node: tree.Statement) -> None:
        if isinstance(node, tree.Model):
            self._model(node)
        elif isinstance(node, tree.Variant):
            self.edits[node.span] = ""
        elif isinstance(node, tree.Block):
            self._block(node)
        elif isinstance(node, tree.Input):
            self._size(node.size)
        elif isinstance(node, tree.Flow):
            for step in node.steps:
                self._step(step)
            if node.annotation is not None:
                self._size(node.annotation.size)
                self._expression(node.annotation.params)
        else:
            self._children(node)

    def _model(self, node: tree.Model) -> None:
        """Drops the parameters with their parentheses."""
        if node.parameters:
            closing = CLOSING.match(self.text, node.parameters[-1].span.end)
            assert closing is not None
            self.edits[Span(node.name_span.end, closing.end())] = ""

    def _block(self, node: tree.Block) -> None:
        outer = self.values
        for parameter in node.parameters:
            self._expression(parameter.default)
            self.values = _without(self.values, [parameter.name])
        self._body(node.body)
        self.values = outer

    def _body(self, body: tree.Body | None) -> None:
        outer = self.values
        self.values = _without(outer, [one.name for one in body or () if isinstance(one, tree.Let)])
        for statement in body or ():
            self.statement(statement)
        self.values = outer

    def _step(self, step: tree.Step) -> None:
        if isinstance(step, tree.For):
            self._expression(step.values)
            outer = self.values
            self.values = _without(outer, step.names)
            self._body(step.body)
            self.values = outer
            return
        if isinstance(step, (tree.Layer, tree.Join)) and isinstance(self.values.get(step.kind), str):
            self.edits[step.kind_span] = str(self.values[step.kind])
        self._children(step)

    def _children(self, node: Any) -> None:
        """All that hangs on a node: bodies in a scope of their own, expressions, and what holds them."""
        for child in node:
            if isinstance(child, EXPRESSIONS):
                self._expression(child)
            elif isinstance(child, STATEMENTS):
                self._body(node)
                return
            elif isinstance(child, tuple) and not isinstance(child, Span):
                self._children(child)

    # --- expressions -------------------------------------------------------------------------------------------------

    def _size(self, node: tree.Expression | None) -> None:
        """A size in brackets becomes one with `x` where its parts allow it."""
        if not isinstance(node, tree.ListLiteral) or not self._concerns(node):
            self._expression(node)
            return
        parts = [self._part(item) for item in node.items]
        if len(parts) > 1 and all(re.fullmatch(r"\d+|[A-Z]|\?\d*", part) for part in parts):
            self.edits[node.span] = "x".join(parts)
        else:
            self.edits[node.span] = f"[{', '.join(parts)}]" if len(parts) > 1 else parts[0]

    def _part(self, node: tree.Expression) -> str:
        """A part of a size, as text."""
        inner = _Writer(self.text, self.values)
        inner._expression(node)
        text = self.text[node.span.start : node.span.end]
        for span, content in sorted(inner.edits.items(), reverse=True):
            text = text[: span.start - node.span.start] + content + text[span.end - node.span.start :]
        return text

    def _expression(self, node: tree.Expression | None, inside: bool = False) -> None:
        if node is None or not self._concerns(node):
            return
        try:
            foldable = not (isinstance(node, tree.Binary) and node.operator in COMPARISONS)
            if foldable and not isinstance(node, tree.Blank):
                self._replace(node.span, _text(_Here(self.values).evaluate(node)), inside)
                return
        except Mistake:
            pass  # other names are in it: its parts are looked at
        inside = isinstance(node, tree.Unary) or (isinstance(node, tree.Binary) and node.operator not in COMPARISONS)
        for child in _parts(node):
            self._expression(child, inside)

    def _concerns(self, node: Any) -> bool:
        if isinstance(node, tree.Name):
            return node.name in self.values
        return isinstance(node, tuple) and not isinstance(node, Span) and any(map(self._concerns, node))

    def _replace(self, span: Span, content: str, inside: bool) -> None:
        before, after = self.text[: span.start].rstrip(" \t"), self.text[span.end :].lstrip(" \t")
        grouped = re.search(r"(^|[^A-Za-z0-9_])\($", before) is not None and after.startswith(")")
        if grouped and not content.startswith("-"):
            end = len(self.text) - len(after) + 1
            span = Span(len(before) - 1, end)
        elif content.startswith("-") and inside and not grouped:
            content = f"({content})"
        self.edits[span] = content


EXPRESSIONS = (
    tree.Number,
    tree.Boolean,
    tree.Text,
    tree.Name,
    tree.SizeLiteral,
    tree.ListLiteral,
    tree.Range,
    tree.Unary,
    tree.Binary,
    tree.Conditional,
    tree.Call,
    tree.Index,
    tree.Blank,
)
STATEMENTS = (tree.Flow, tree.Block, tree.Use, tree.Let, tree.Input, tree.Output, tree.Expect, tree.Example)


def _parts(node: Any) -> Iterable[Any]:
    for child in node:
        if isinstance(child, EXPRESSIONS):
            yield child
        elif isinstance(child, tuple) and not isinstance(child, Span):
            yield from (one for one in child if isinstance(one, EXPRESSIONS))


def _text(value: Value) -> str:
    whole = as_whole(value)
    if isinstance(whole, int):
        return str(whole)
    if isinstance(value, tuple) and len(value) == 1:
        return str(value[0])
    if isinstance(value, (list, tuple)) and not (isinstance(value, tuple) and all(isinstance(n, int) for n in value)):
        return f"[{', '.join(map(_text, value))}]"
    return str(value) if isinstance(value, Word) else show(value)


def _without(values: Mapping[str, Any], names: Iterable[str]) -> dict[str, Any]:
    return {name: value for name, value in values.items() if name not in set(names)}
