"""Wrong sizes after a window: convolution, pooling, transposed convolution."""

from __future__ import annotations

from typing import Any

from cnnspec.language import say
from cnnspec.layers._kind import Operation
from cnnspec.record import Record
from cnnspec.sizes import extent, transposed, window, window_ceil
from cnnspec.teaching.mistakes._registry import Rules
from cnnspec.values import Size

SIZES = Rules()

POOLS = ("maxpool", "avgpool")
WINDOWS = ("conv", "depthwise", *POOLS)


class Axis(Record):
    """What decides the size along one axis, in the letters of the rule."""

    n: int
    f: int
    s: int
    begin: int
    end: int
    d: int
    extra: int  # output_pad


def axes_of(op: Operation) -> list[Axis]:
    """The spatial axes of an operation with a window; none of any other."""
    a: Any = op.args
    if op.kind.name not in (*WINDOWS, "conv_transpose"):
        return []
    ones = (1,) * op.rank
    d = getattr(a, "d", ones)
    extra = getattr(a, "output_pad", (0,) * op.rank)
    pads = ((0, 0),) * op.rank if a.p.same and op.kind.name == "conv_transpose" else a.p.resolve(op.input, a.f, a.s, d)
    return [
        Axis(n, f, s, begin, end, di, more)
        for n, f, s, (begin, end), di, more in zip(op.input[:-1], a.f, a.s, pads, d, extra, strict=True)
    ]


def resized(op: Operation, **changed: int) -> Size | None:
    """The size where every axis has these values in place of its own; None where the window would not fit."""
    if not axes_of(op):
        return None
    ceil = bool(getattr(op.args, "ceil", False))
    sizes = [_along(op, axis._replace(**changed), ceil=ceil) for axis in axes_of(op)]
    return (*sizes, op.output[-1]) if all(n >= 1 for n in sizes) else None


def _along(op: Operation, axis: Axis, *, ceil: bool) -> Any:
    if op.kind.name == "conv_transpose":
        return transposed(*axis)
    return (window_ceil if ceil else window)(*axis[:-1])


@SIZES.known("rounded-down", lambda _: say("rounded down: with `ceil=true` or `p=same` it is rounded up"))
def rounded_down(op: Operation) -> Size | None:
    if op.kind.name not in WINDOWS:
        return None
    if op.args.p.same:
        return (*(axis.n // axis.s for axis in axes_of(op)), op.output[-1])
    if not getattr(op.args, "ceil", False):
        return None
    return (*(window(*axis[:-1]) for axis in axes_of(op)), op.output[-1])


@SIZES.known("forgot-padding", lambda _: say("the padding is forgotten: n + 2p pixels, not n"))
def forgot_padding(op: Operation) -> Size | None:
    return resized(op, begin=0, end=0)


@SIZES.known("padding-once", lambda _: say("the padding counts on both sides: 2p, not p"))
def padding_once(op: Operation) -> Size | None:
    return resized(op, end=0)


@SIZES.known("forgot-stride", lambda op: say("the stride is forgotten: the window moves by {s}", s=max(op.args.s)))
def forgot_stride(op: Operation) -> Size | None:
    return resized(op, s=1)


@SIZES.known("forgot-plus-one", lambda _: say("the + 1 is missing: the first place of the window counts too"))
def forgot_plus_one(op: Operation) -> Size | None:
    if op.kind.name not in WINDOWS:
        return None
    return (*(n - 1 for n in op.output[:-1]), op.output[-1])


@SIZES.known("rounded-up", lambda _: say("rounded up: a window that does not fit any more is left out"))
def rounded_up(op: Operation) -> Size | None:
    if op.kind.name not in WINDOWS or op.args.p.same or getattr(op.args, "ceil", False):
        return None
    sizes = (-(-(a.n + a.begin + a.end - extent(a.f, a.d)) // a.s) + 1 for a in axes_of(op))
    return (*sizes, op.output[-1])


@SIZES.known("forgot-dilation", lambda _: say("the dilation is forgotten: the window spans d(f - 1) + 1 pixels"))
def forgot_dilation(op: Operation) -> Size | None:
    return resized(op, d=1)


@SIZES.known("forgot-output-padding", lambda _: say("`output_pad` is forgotten: it adds rows and columns at the end"))
def forgot_output_padding(op: Operation) -> Size | None:
    return resized(op, extra=0)


@SIZES.known("transposed-as-conv", lambda _: say("this convolution is transposed: it enlarges, (n - 1)s - 2p + f"))
def transposed_as_conv(op: Operation) -> Size | None:
    if op.kind.name != "conv_transpose":
        return None
    return (*(window(*axis[:-1]) for axis in axes_of(op)), op.output[-1])


@SIZES.known("stride-only", lambda _: say("n*s is not the whole of it: the rule is (n - 1)s - 2p + f"))
def stride_only(op: Operation) -> Size | None:
    if op.kind.name != "conv_transpose":
        return None
    return (*(axis.n * axis.s for axis in axes_of(op)), op.output[-1])


@SIZES.known("stride-taken-for-window", lambda _: say("the window moves by its stride here, not by its own size"))
def stride_taken_for_window(op: Operation) -> Size | None:
    if op.kind.name not in POOLS:
        return None
    return (*(window(a.n, a.f, a.f, a.begin, a.end, a.d) for a in axes_of(op)), op.output[-1])


@SIZES.known("padding-assumed", lambda _: say("the size is divided by the stride alone with `p=same` only"))
def padding_assumed(op: Operation) -> Size | None:
    if op.kind.name not in WINDOWS or all(step == 1 for step in op.args.s):
        return None
    return (*(-(-axis.n // axis.s) for axis in axes_of(op)), op.output[-1])
