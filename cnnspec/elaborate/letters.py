"""What letters in sizes (`input HxWx3`) ask of expressions: nothing may be decided that hangs on them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from cnnspec.diagnostics import Mistake
from cnnspec.source import Span
from cnnspec.suggest import did_you_mean
from cnnspec.syntax import tree
from cnnspec.values import Symbolic, Value, is_number, show


def is_letter(name: str) -> bool:
    return len(name) == 1 and name.isupper()


def letters_in(node: Any) -> Iterator[str]:
    """The letters that an expression holds."""
    if isinstance(node, tree.Name) and is_letter(node.name):
        yield node.name
    elif isinstance(node, tuple) and not isinstance(node, Span):
        for part in node:
            yield from letters_in(part)


def no_letter(name: str, span: Span, known: list[str]) -> Mistake:
    """A letter that no input has."""
    if name == "N":
        return Mistake(
            "E208",
            "`N` is the number of images in a batch, which is never written",
            help="use another letter, such as H or W",
            span=span,
            name=name,
        )
    remedy = did_you_mean(name, known) or (
        f"the sizes of the inputs have {' and '.join(f'`{letter}`' for letter in known)}"
        if known
        else f"write it in the size of the input (`input {name}x{name}x3`), or use a lower-case name"
    )
    return Mistake("E208", "no input has the size `{name}`", help="{remedy}", span=span, name=name, remedy=remedy)


def undecided(node: tree.Binary, left: Value, right: Value) -> Mistake:
    return Mistake(
        "E225",
        "for some sizes {left} {op} {right} is true, for others it is not",
        help="compare what does not hang on a letter, or give the input a known size",
        span=node.span,
        op=node.operator,
        left=show(left),
        right=show(right),
    )


def known_needed(what: str, given: Value, span: Span | None) -> Mistake:
    return Mistake(
        "E226",
        "{what} has to be a known number, not {given}",
        help="give the input a known size, or write a number",
        span=span,
        what=what,
        given=show(given),
    )


def is_quantity(value: Value) -> bool:
    """Whether one can compute with it: a number, or a size that letters leave open."""
    return is_number(value) or isinstance(value, Symbolic)


def may_be_equal(left: Value, right: Value) -> bool:
    """Whether two values of different form are equal for some sizes all the same."""
    if isinstance(left, (tuple, list)) and isinstance(right, (tuple, list)):
        return len(left) == len(right) and all(
            a == b or may_be_equal(a, b) for a, b in zip(left, right, strict=True)
        )
    for several, one in ((left, right), (right, left)):
        if isinstance(several, (tuple, list)):
            return all(part == one or may_be_equal(part, one) for part in several)
    if not (isinstance(left, Symbolic) or isinstance(right, Symbolic)) or not (is_quantity(left) and is_quantity(right)):
        return False
    return not (left < right or left > right)


def not_for_every_size(node: tree.Binary, left: Value, right: Value) -> Mistake:
    """`H / 2`, `H * 0.5`, `3 // H`: what is no whole number whatever H is, or no simple expression."""
    whole = node.operator == "/" and isinstance(right, int)
    return Mistake(
        "E226",
        "{left} {op} {right} is not a whole number for every size",
        help="round down with `//`, or make the input a multiple: `[{right} * H, …]`"
        if whole
        else "compute with whole numbers and +, -, *, // and %",
        span=node.span,
        op=node.operator,
        left=show(left),
        right=show(right),
    )


class Ordered:
    """A quantity for `min` and `max`, which must not guess where letters leave the order open."""

    def __init__(self, value: Any) -> None:
        self.value = value

    def __lt__(self, other: Ordered) -> bool:
        if self.value < other.value or self.value >= other.value:
            return bool(self.value < other.value)
        raise Mistake(
            "E225",
            "for some sizes {left} is less than {right}, for others it is not",
            help="compute with what does not hang on a letter, or give the input a known size",
            left=show(self.value),
            right=show(other.value),
        )

    def __gt__(self, other: Ordered) -> bool:
        return other < self
