"""What the kinds that change the size share."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from cnnspec.diagnostics import Mistake
from cnnspec.language import listing, plural, say
from cnnspec.layers._kind import Kind
from cnnspec.sizes import elements
from cnnspec.values import UNKNOWN, Size, Value, show, show_factor, show_size


class SpatialKind(Kind):
    """A kind that changes the spatial axes and keeps the channels."""

    family = "shape"
    needs = "image"

    def guess(self, given: Mapping[str, Value], x: Size) -> Size | None:
        return (*(UNKNOWN,) * (len(x) - 1), x[-1])


class ChannelKind(Kind):
    """A kind that changes the channels, or their order, and keeps the spatial axes."""

    family = "shape"

    def guess(self, given: Mapping[str, Value], x: Size) -> Size | None:
        return (*x[:-1], UNKNOWN)


def channels_name(x: Size) -> str:
    """What the last axis is called: the features of a vector, the channels of an image."""
    return say("channels" if len(x) > 1 else "features")


def one_of(kind: Kind, a: Any, names: Sequence[str], usage: str) -> None:
    """Exactly one of several arguments is given."""
    given = [name for name in names if getattr(a, name) is not None]
    if len(given) > 1:
        raise Mistake(
            "E204",
            "`{kind}` takes `{first}` or `{second}`, not both",
            help="leave out one of the two",
            argument=given[1],
            kind=kind.name,
            first=given[0],
            second=given[1],
        )
    if not given:
        raise Mistake(
            "E203",
            "`{kind}` needs {names}",
            help="write for example `{usage}`",
            kind=kind.name,
            names=listing([f"`{name}`" for name in names], either=True),
            usage=usage,
        )


def product_text(size: Size) -> str:
    """`4*4*20 = 320`; of a single number, the number."""
    total = show(elements(size))
    return f"{'*'.join(map(show_factor, size))} = {total}" if len(size) > 1 else total


def same_rank(kind: str, argument: str, x: Size, target: Size) -> None:
    """Both sizes have the same number of axes."""
    if len(x) != len(target):
        raise Mistake(
            "E309",
            "`{argument}` is {target}, which has not as many axes as {size}",
            help="{remedy}",
            argument=argument,
            kind=kind,
            target=show_size(target),
            size=show_size(x),
            remedy=plural("name a value with one spatial axis", "name a value with {n} spatial axes", len(x) - 1),
        )
