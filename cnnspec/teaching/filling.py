"""The tree of an exercise with answers in the place of its blanks."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from cnnspec.source import Span
from cnnspec.syntax import tree
from cnnspec.values import Word


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
