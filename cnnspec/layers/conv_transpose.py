"""The transposed convolution."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from cnnspec.diagnostics import Mistake
from cnnspec.language import say
from cnnspec.layers._arguments import Pads, PerAxis, Whole
from cnnspec.layers._convolutions import check_groups, count_text, guess_filters, letters, per_group, times
from cnnspec.layers._kind import Argument, GraphBuilder, Kind, Operation, Tensor
from cnnspec.layers._lowering import pad
from cnnspec.layers._tensors import BIAS, KERNEL, add_bias, per_channel
from cnnspec.layers._windows import by_axis, check_rank, onnx_pads
from cnnspec.sizes import elements, extent, transposed, transposed_text
from cnnspec.values import UNKNOWN, Dim, Size, Value, show, show_count, show_factor

if TYPE_CHECKING:
    from cnnspec.reach import Reach


class ConvTranspose(Kind):
    """Spreads each pixel over a window of the output, s pixels apart: an output larger than the input.

    The reverse of a convolution with the same f, s, p, d. Size, for each axis:
    (n - 1)s - p_begin - p_end + d(f - 1) + output_pad + 1, with `p=same` n*s. Padding cuts off the output, `output_pad`
    (less than s or d) adds at its end. Parameters: filters * (f*f*channels/groups + 1). Multiply-and-adds:
    input elements * f*f*filters/groups. Layout of `weight`: (channels, filters/groups, rows, columns).
    """

    family = "convolution"
    needs = "image"
    arguments = (
        Argument("filters", Whole(), doc="number of filters, which is the number of output channels"),
        Argument("f", PerAxis(), long="kernel", doc="size of the window"),
        Argument("s", PerAxis(), 1, long="stride", doc="step in the output from one pixel's window to the next"),
        Argument("p", Pads(), 0, long="pad", doc="what is cut off around the output"),
        Argument("output_pad", PerAxis(0), 0, doc="rows and columns added at the end of the output"),
        Argument("d", PerAxis(), 1, long="dilation", doc="distance between the points of the window"),
        Argument("groups", Whole(), 1, doc="parts of the channels that are convolved apart"),
        KERNEL._replace(doc="the filters: learned, or their values"),
        BIAS._replace(doc="one number for each filter; false: none"),
    )
    formula = "(n - 1)s - 2p + f"
    source = "ONNX operator ConvTranspose"
    example = "input 7x7x64\nconv_transpose 32, f=4, s=2, p=1 -> 14x14x32, 32_800 params\n"

    def output_size(self, a: Any, x: Size) -> Size:
        check_rank(x)
        check_groups(a.groups, x[-1], a.filters)
        _check_output_pad(a)
        if a.p.same:
            return (*(n * s for n, s in zip(x[:-1], a.s, strict=True)), a.filters)
        axes = list(zip(x[:-1], a.f, a.s, a.p.pairs, a.d, a.output_pad, strict=True))
        sizes = tuple(transposed(n, f, s, b, e, d, extra) for n, f, s, (b, e), d, extra in axes)
        for size, (n, f, s, (b, e), d, extra) in zip(sizes, axes, strict=True):
            if size < 1:
                raise _nothing_left(sizes, transposed_text(n, f, s, b, e, d, extra))
        return (*sizes, a.filters)

    def guess(self, given: Mapping[str, Value], x: Size) -> Size | None:
        return guess_filters(given, x)

    def tensors(self, a: Any, x: Size) -> tuple[Tensor, ...]:
        window: Any = elements(a.f)
        channels: Any = x[-1]
        # A value of the output meets f*f/(s*s) pixels of each channel on average.
        fan_in = max(1, window * (channels // a.groups) // elements(a.s))
        fan_out = window * (a.filters // a.groups)
        weight = Tensor("weight", (channels, a.filters // a.groups, *a.f), fan_in=fan_in, fan_out=fan_out)
        return (weight, *per_channel("bias", a.bias, a.filters, "zeros"))

    def macs(self, a: Any, x: Size, y: Size) -> Dim:
        per_input: Dim = elements(a.f) * (a.filters // a.groups)
        return elements(x) * per_input

    def window(self, a: Any, x: Size) -> tuple[Reach, ...]:
        return tuple(_reach(a, axis) for axis in range(len(x) - 1))

    def explain_size(self, op: Operation) -> tuple[str, ...]:
        a = op.args
        if a.p.same:
            lines = [
                f"p=same: n*s = {show_factor(n)}*{show(s)} = {show(n * s)}"
                for n, s in zip(op.input[:-1], a.s, strict=True)
            ]
        else:
            axes = zip(op.input[:-1], a.f, a.s, a.p.pairs, a.d, a.output_pad, strict=True)
            lines = [transposed_text(n, f, s, b, e, d, extra) for n, f, s, (b, e), d, extra in axes]
        return (*by_axis(op.rank, lines), say("channels = filters = {filters}", filters=show(a.filters)))

    def explain_params(self, op: Operation) -> tuple[str, ...]:
        return (count_text(op),)

    def explain_macs(self, op: Operation) -> tuple[str, ...]:
        a = op.args
        filters, filters_n = per_group(say("filters"), a.filters, a.groups)
        numbers = f"({times(*op.input)})*{times(*a.f)}*{filters_n}"
        return (f"{say('input elements')} * {letters(a.f)}*{filters} = {numbers} = {show_count(op.macs)}",)

    def lower(self, g: GraphBuilder, op: Operation, *inputs: str) -> str:
        a = op.args
        axes = [_within_stride(*_padding(a, axis), a.s[axis]) for axis in range(op.rank)]
        missing = [(0, rest) for _, _, rest in axes]
        bare = any(rest for _, rest in missing)
        tensors = [g.tensor(t.name) for t in op.tensors if t.name == "weight" or not bare]
        y = g.node(
            "ConvTranspose",
            inputs[0],
            *tensors,
            kernel_shape=list(a.f),
            strides=list(a.s),
            pads=onnx_pads([pads for pads, _, _ in axes]),
            output_padding=[extra for _, extra, _ in axes],
            dilations=list(a.d),
            group=a.groups,
        )
        return add_bias(g, op, pad(g, y, missing)) if bare else y


def _padding(a: Any, axis: int) -> tuple[int, int, int]:
    """What is cut off before and after an axis, and added at its end; `same` makes the output n*s."""
    given = a.output_pad[axis]
    if not a.p.same:
        return (*a.p.pairs[axis], given)
    surplus: Any = extent(a.f[axis], a.d[axis]) + given - a.s[axis]
    cut = max(0, surplus)
    return cut // 2, cut - cut // 2, given + max(0, -surplus)


def _reach(a: Any, axis: int) -> Reach:
    """Value i comes from the pixels k that are spread over it: k*s - p <= i <= k*s - p + d(f - 1)."""
    from cnnspec.reach import nearest, open_reach, periodic

    s, spread = a.s[axis], extent(a.f[axis], a.d[axis]) - 1
    p = UNKNOWN if a.p.same and not isinstance(spread, int) else _padding(a, axis)[0]
    if not isinstance(spread, int) or not isinstance(p, int):
        return open_reach(periodic(1, s, nearest).stride)

    def spans(i: int, _: int, m: int) -> tuple[int, int]:
        return -((spread - p - i) // m), (i + p) // m

    return periodic(1, s, spans)


def _within_stride(begin: int, end: int, extra: int, s: int) -> tuple[tuple[int, int], int, int]:
    """Pads, output padding, and what is left to add as zeros: runtimes take no output padding of s or more."""
    if extra < s:
        return (begin, end), extra, 0
    cut = max(0, end - extra)
    extra -= end - cut
    return (begin, cut), min(extra, s - 1), max(0, extra - s + 1)


def _check_output_pad(a: Any) -> None:
    for extra, s, d in zip(a.output_pad, a.s, a.d, strict=True):
        most = UNKNOWN if s is UNKNOWN or d is UNKNOWN else max(s, d)
        if extra >= most:
            raise Mistake(
                "E314",
                "output_pad={extra} must be less than the larger of s={s} and d={d}",
                help="use output_pad={most} or less" if most > 1 else "leave `output_pad` out, or use a larger s",
                argument="output_pad",
                label="less than {limit}",
                extra=show(extra),
                s=show(s),
                d=show(d),
                most=show(most - 1),
                limit=show(most),
            )


def _nothing_left(sizes: Size, rule: str) -> Mistake:
    return Mistake(
        "E307",
        "the padding leaves nothing of the output",
        notes=("{rule}",),
        help="use a smaller p",
        argument="p",
        label="the size would be {size}",
        size="x".join(map(show, sizes)),
        rule=rule,
    )


KIND = ConvTranspose()
