"""Whether two trees say the same."""

from __future__ import annotations

from typing import Any

from cnnspec.source import Span
from cnnspec.syntax import tree


def same_tree(one: Any, other: Any) -> bool:
    """Whether two nodes are equal but for their places, and for the spellings that `fmt` changes.

    These are `padding=` for `p=`, and an annotation after `input`, which nobody reads.
    """
    if isinstance(one, Span):
        return isinstance(other, Span)
    if type(one) is not type(other):
        return False
    if not isinstance(one, tuple):
        return bool(one == other)
    if isinstance(one, tree.Input):
        one, other = one._replace(annotation=None), other._replace(annotation=None)
    if isinstance(one, tree.Argument):
        one, other = _short_name(one), _short_name(other)
    return len(one) == len(other) and all(map(same_tree, one, other))


def _short_name(argument: tree.Argument) -> tree.Argument:
    return argument._replace(name="p") if argument.name == "padding" else argument
