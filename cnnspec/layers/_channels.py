"""What the kinds that group or spread channels share."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from cnnspec.diagnostics import Mistake
from cnnspec.values import Dim, Symbolic, show


def check_divides(parts: Dim, channels: Dim, argument: str, written: str) -> None:
    """`parts` must divide the channels; `written` is how the message names it: "k=3", "r*r = 2*2 = 4"."""
    if channels % parts != 0 and isinstance(channels, Symbolic):
        raise divides_unknown(argument, written, channels)
    if channels % parts != 0:
        raise Mistake(
            "E310",
            "{written} does not divide the {channels} channels",
            notes=("{channels} = {quotient}*{parts} + {rest}",),
            help="use a smaller `{argument}`"
            if channels < parts
            else "give the layer before it a multiple of {parts} channels, such as {multiple}",
            argument=argument,
            written=written,
            channels=show(channels),
            parts=show(parts),
            quotient=show(channels // parts),
            rest=show(channels % parts),
            multiple=show(-(-channels // parts) * parts),
        )


def divides_unknown(argument: str, written: str, channels: Dim, code: str = "E310") -> Mistake:
    """Letters leave the number of channels open, and some of what it may be does not divide."""
    return Mistake(
        code,
        "{written} does not divide {channels} channels for every size",
        help="give the input a known size, or one that is a multiple",
        argument=argument,
        written=written,
        channels=show(channels),
    )


def per_channel(values: Sequence[Any], rank: int) -> list[Any]:
    """One number a channel as nested lists of the shape (C, 1, ...), which fits images (N, C, spatial axes)."""
    nested: list[Any] = [float(value) for value in values]
    for _ in range(rank):
        nested = [[value] for value in nested]
    return nested
