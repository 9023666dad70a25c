"""The depthwise convolution."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from cnnspec.language import say
from cnnspec.layers._arguments import Pads, PerAxis, Whole
from cnnspec.layers._convolutions import conv_node, letters, times
from cnnspec.layers._kind import Argument, GraphBuilder, Kind, Operation, Tensor
from cnnspec.layers._tensors import BIAS, KERNEL, per_channel, plus_bias
from cnnspec.layers._windows import explain_windows, sliding, window_size
from cnnspec.sizes import elements
from cnnspec.values import UNKNOWN, Dim, Size, Value, as_whole, show, show_count

if TYPE_CHECKING:
    from cnnspec.reach import Reach


class Depthwise(Kind):
    """Slides a window of its own over each channel (`multiplier` windows); the channels are not mixed.

    Size, for each axis: floor((n + p_begin + p_end - d(f - 1) - 1)/s) + 1, and channels * multiplier. Parameters:
    channels * multiplier * (f*f + 1). Multiply-and-adds: output elements * f*f.
    Layout of `weight`: (channels * multiplier, 1, rows, columns); the outputs of a channel stand side by side.
    """

    family = "convolution"
    needs = "image"
    arguments = (
        Argument("f", PerAxis(), long="kernel", doc="size of the window"),
        Argument("s", PerAxis(), 1, long="stride", doc="step from one window to the next"),
        Argument("p", Pads(), 0, long="pad", doc="padding with zeros around the input"),
        Argument("d", PerAxis(), 1, long="dilation", doc="distance between the points of the window"),
        Argument("multiplier", Whole(), 1, doc="number of windows, and of output channels, for each channel"),
        KERNEL._replace(doc="the windows: learned, or their values"),
        BIAS._replace(doc="one number for each output channel; false: none"),
    )
    formula = "floor((n + 2p - f)/s) + 1"
    source = "Howard et al. 2017, MobileNets; ONNX operator Conv with as many groups as channels"
    example = "input 112x112x32\ndepthwise 3, s=2, p=1 -> 56x56x32, 320 params\nconv 64, f=1 -> 56x56x64\n"

    def output_size(self, a: Any, x: Size) -> Size:
        return (*window_size(x, a.f, a.s, a.p, a.d), x[-1] * a.multiplier)

    def guess(self, given: Mapping[str, Value], x: Size) -> Size | None:
        if len(x) == 1:
            return None
        multiplier = as_whole(given.get("multiplier", 1))
        channels = UNKNOWN if multiplier is None or multiplier < 1 else x[-1] * multiplier
        return (*(UNKNOWN,) * (len(x) - 1), channels)

    def tensors(self, a: Any, x: Size) -> tuple[Tensor, ...]:
        window: Any = elements(a.f)
        filters: Any = x[-1] * a.multiplier
        weight = Tensor("weight", (filters, 1, *a.f), fan_in=window, fan_out=window * a.multiplier)
        return (weight, *per_channel("bias", a.bias, filters, "zeros"))

    def macs(self, a: Any, x: Size, y: Size) -> Dim:
        return elements(y) * elements(a.f)

    def window(self, a: Any, x: Size) -> tuple[Reach, ...]:
        return sliding(x, a.f, a.s, a.p, a.d)

    def explain_size(self, op: Operation) -> tuple[str, ...]:
        return (*explain_windows(op), _channels_text(op))

    def explain_params(self, op: Operation) -> tuple[str, ...]:
        a, bias = op.args, plus_bias(op)
        channels, channels_n = _filters_text(op)
        window, numbers = letters(a.f), times(*a.f)
        if bias:
            window, numbers = f"({window}{bias})", f"({numbers}{bias})"
        return (f"{window}*{channels} = {numbers}*{channels_n} = {show_count(op.params)}",)

    def explain_macs(self, op: Operation) -> tuple[str, ...]:
        numbers = f"({times(*op.output)})*{times(*op.args.f)}"
        return (f"{say('output elements')} * {letters(op.args.f)} = {numbers} = {show_count(op.macs)}",)

    def lower(self, g: GraphBuilder, op: Operation, *inputs: str) -> str:
        return conv_node(g, op, inputs[0], op.input[-1])


def _filters_text(op: Operation) -> tuple[str, str]:
    channels, multiplier = op.input[-1], op.args.multiplier
    if multiplier == 1:
        return say("channels"), show(channels)
    return f"{say('channels')}*multiplier", times(channels, multiplier)


def _channels_text(op: Operation) -> str:
    rule, numbers = _filters_text(op)
    if op.args.multiplier == 1:
        return say("channels = channels of the input = {channels}", channels=numbers)
    return f"{say('channels')} = {rule} = {numbers} = {show(op.output[-1])}"


KIND = Depthwise()
