"""A layer's operation, written as one would write it in a file."""

from __future__ import annotations

from typing import Any

from cnnspec.layers._arguments import Padding, PerAxis, PerChannel, TargetSize, WholeList
from cnnspec.layers._kind import OPTIONAL, REQUIRED, Argument, Operation
from cnnspec.values import Size, Word, show


def written(op: Operation) -> str:
    """`conv 64, f=3, p=1, bias=false`: the arguments that differ from their defaults."""
    parts = []
    for i, argument in enumerate(op.kind.arguments):
        value = getattr(op.args, argument.name)
        required = argument.default is REQUIRED and not argument.default_from
        if required or not is_default(argument, value, op):
            positional = i == 0 and (required or argument.default is OPTIONAL)
            text = argument_text(argument, value)
            parts.append(text if positional else f"{argument.name}={text}")
    return f"{op.kind.name} {', '.join(parts)}".rstrip()


def argument_text(argument: Argument, value: Any) -> str:
    """One argument: `3`, `1x7`, `same`, `[0, 0, 1, 1]`; the values of a tensor are left out."""
    if isinstance(value, Padding):
        return _padding_text(value)
    if isinstance(value, tuple) and isinstance(argument.type, (WholeList, PerChannel)):
        return show(list(value))
    if isinstance(value, tuple):
        per_axis = isinstance(argument.type, (PerAxis, TargetSize)) and not getattr(argument.type, "channels", False)
        return _size_text(value) if per_axis else show(value)
    if isinstance(value, list):
        return "[...]"
    return str(value) if isinstance(value, str) else show(value)


def _padding_text(padding: Padding) -> str:
    if padding.same:
        return "same"
    begins, ends = [b for b, _ in padding.pairs], [e for _, e in padding.pairs]
    if begins != ends:
        return show([*begins, *ends])
    return _size_text(tuple(begins))


def _size_text(size: Size) -> str:
    """One number for all axes where they are alike."""
    return show(size[0]) if size and all(n == size[0] for n in size) else show(size)


def is_default(argument: Argument, value: Any, op: Operation) -> bool:
    """Whether the argument may be left out."""
    if value is OPTIONAL:
        return True
    if argument.default_from:
        return bool(value == getattr(op.args, argument.default_from))
    if argument.default is OPTIONAL or argument.default is REQUIRED or isinstance(value, list):
        return False
    default = argument.default
    if isinstance(default, str):
        default = Word(default)
    return bool(value == argument.type.read(default, op.rank))
