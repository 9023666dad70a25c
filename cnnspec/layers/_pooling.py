"""What the pooling kinds share: they keep the channels, and have neither parameters nor multiply-and-adds."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from cnnspec.language import say
from cnnspec.layers._arguments import Flag, Pads, PerAxis
from cnnspec.layers._kind import Argument, Kind, Operation
from cnnspec.layers._windows import (
    check_pool_dilation,
    check_pool_padding,
    dilation_of,
    explain_windows,
    sliding,
    window_size,
)
from cnnspec.values import UNKNOWN, Size, Value, show

if TYPE_CHECKING:
    from cnnspec.reach import Reach

F = Argument("f", PerAxis(), long="kernel", doc="size of the window")
S = Argument("s", PerAxis(), long="stride", default_from="f", doc="step to the next window; without it, f")
P = Argument("p", Pads(), 0, long="pad", doc="padding around the input, at most d(f - 1)")
CEIL = Argument("ceil", Flag(), False, doc="whether a last window may reach beyond the input")


class Pool(Kind):
    """A kind that makes one number of each window of a channel."""

    family = "pooling"
    needs = "image"
    formula = "floor((n + 2p - f)/s) + 1"

    def output_size(self, a: Any, x: Size) -> Size:
        d = getattr(a, "d", (1,) * len(a.f))
        check_pool_padding(a.p, a.f, d)
        size = window_size(x, a.f, a.s, a.p, d, ceil=a.ceil)
        check_pool_dilation(x, a.f, a.s, a.p, d, size)
        return (*size, x[-1])

    def guess(self, given: Mapping[str, Value], x: Size) -> Size | None:
        return same_channels(x)

    def window(self, a: Any, x: Size) -> tuple[Reach, ...]:
        return sliding(x, a.f, a.s, a.p, getattr(a, "d", (1,) * len(a.f)))

    def explain_size(self, op: Operation) -> tuple[str, ...]:
        return (*explain_windows(op, op.args.ceil), channels_stay(op))


def same_channels(x: Size) -> Size | None:
    """An image of open size with the channels of x."""
    return None if len(x) == 1 else (*(UNKNOWN,) * (len(x) - 1), x[-1])


def channels_stay(op: Operation) -> str:
    return say("channels = channels of the input = {channels}", channels=show(op.input[-1]))


def pads_of(op: Operation) -> list[tuple[Any, Any]]:
    """The padding as written, for each spatial axis."""
    a = op.args
    return list(a.p.resolve(op.input, a.f, a.s, dilation_of(op)))
