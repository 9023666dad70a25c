"""The value of a blank in an `expect` line: beside `==`, a part of a size, or the one number of a formula."""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING, Any

from cnnspec.syntax import tree
from cnnspec.teaching.places import Place, blanks_in, misplaced, path_to_blank
from cnnspec.values import Symbolic, Word, known

if TYPE_CHECKING:
    from cnnspec.elaborate.checks import Figures


def figure_of(figures: Figures, place: Place) -> Any:
    """What makes both sides of `==` equal in the place of the blank; UNKNOWN where the other side is open.

    Raises Mistake where the other side is no figure, and E504 where no whole number or anything would do.
    """
    asked, other = sides(place)
    value = figures.evaluate(other)
    if isinstance(value, Word):
        raise figures.undefined(str(value), other.span)
    if not known(value):
        return value
    if isinstance(asked, (tree.SizeLiteral, tree.ListLiteral)):
        value = _part(asked, value, place)
    elif not isinstance(asked, tree.Blank):
        value = _undone(figures, asked, value, place)
    if isinstance(value, bool) or not isinstance(value, (int, float, tuple, Symbolic)):
        raise misplaced(place.blank)
    return value


def sides(place: Place) -> tuple[tree.Expression, tree.Expression]:
    """The side of `==` with the blank, and the other."""
    assert isinstance(place.statement, tree.Expect)
    node = place.statement.condition
    while isinstance(node, tree.Binary) and node.operator == "and":
        node = node.left if _has(node.left, place) else node.right
    assert isinstance(node, tree.Binary), "a figure stands beside `==`"
    return (node.left, node.right) if _has(node.left, place) else (node.right, node.left)


def _has(node: tree.Expression, place: Place) -> bool:
    return any(blank.span == place.blank.span for blank, _ in blanks_in(node))


def _part(asked: tree.SizeLiteral | tree.ListLiteral, value: Any, place: Place) -> Any:
    """The part of a size that stands where the blank does."""
    parts = asked.parts if isinstance(asked, tree.SizeLiteral) else asked.items
    if not isinstance(value, (tuple, list)) or len(value) != len(parts):
        raise misplaced(place.blank)
    return value[[part.span for part in parts].index(place.blank.span)]


def _undone(figures: Figures, asked: tree.Expression, value: Any, place: Place) -> int:
    """The whole number in the place of the blank with which the formula has this value."""
    whole = _exact(value, place)
    for node in path_to_blank(asked) or ():
        if isinstance(node, tree.Unary):
            whole = -whole if node.operator == "-" else whole
        elif isinstance(node, tree.Binary):
            left_open = any(blanks_in(node.left))
            number = _exact(figures.evaluate(node.right if left_open else node.left), place)
            if number == 0 and node.operator in ("*", "/"):
                raise misplaced(place.blank)
            whole = _without(node.operator, whole, number, left_open=left_open)
    if whole.denominator != 1:
        raise misplaced(place.blank)
    return int(whole)


def _exact(value: Any, place: Place) -> Fraction:
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        raise misplaced(place.blank)
    return Fraction(value)


def _without(operator: str, whole: Fraction, number: Fraction, *, left_open: bool) -> Fraction:
    """The whole without what the operator does to the blank with the number."""
    if operator == "+":
        return whole - number
    if operator == "-":
        return whole + number if left_open else number - whole
    return whole / number if operator == "*" else whole * number
