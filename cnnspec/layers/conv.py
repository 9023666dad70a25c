"""The convolution."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from cnnspec.language import say
from cnnspec.layers._arguments import Pads, PerAxis, Whole
from cnnspec.layers._convolutions import check_groups, conv_node, count_text, guess_filters, letters, per_group, times
from cnnspec.layers._kind import Argument, GraphBuilder, Kind, Operation, Tensor
from cnnspec.layers._tensors import BIAS, KERNEL, per_channel
from cnnspec.layers._windows import explain_windows, sliding, window_size
from cnnspec.sizes import elements
from cnnspec.values import Dim, Size, Value, show, show_count

if TYPE_CHECKING:
    from cnnspec.reach import Reach


class Conv(Kind):
    """Slides `filters` windows of size f over the input; each filter yields one channel of the output.

    Each filter sees all channels (those of its group, with `groups`). Size, for each axis:
    floor((n + p_begin + p_end - d(f - 1) - 1)/s) + 1, with `p=same` ceil(n/s). Parameters:
    filters * (f*f*channels/groups + 1). Multiply-and-adds: output elements * f*f*channels/groups.
    Layout of `weight`: (filters, channels/groups, rows, columns), of `bias`: (filters).
    """

    family = "convolution"
    needs = "image"
    arguments = (
        Argument("filters", Whole(), doc="number of filters, which is the number of output channels"),
        Argument("f", PerAxis(), long="kernel", doc="size of the window"),
        Argument("s", PerAxis(), 1, long="stride", doc="step from one window to the next"),
        Argument("p", Pads(), 0, long="pad", doc="padding with zeros around the input"),
        Argument("d", PerAxis(), 1, long="dilation", doc="distance between the points of the window"),
        Argument("groups", Whole(), 1, doc="parts of the channels that are convolved apart"),
        KERNEL._replace(doc="the filters: learned, or their values"),
        BIAS._replace(doc="one number for each filter; false: none"),
    )
    formula = "floor((n + 2p - f)/s) + 1"
    source = "ONNX operator Conv"
    example = "input 28x28x1\nconv 6, f=5 | relu -> 24x24x6, 156 params\n"

    def output_size(self, a: Any, x: Size) -> Size:
        check_groups(a.groups, x[-1], a.filters)
        return (*window_size(x, a.f, a.s, a.p, a.d), a.filters)

    def guess(self, given: Mapping[str, Value], x: Size) -> Size | None:
        return guess_filters(given, x)

    def tensors(self, a: Any, x: Size) -> tuple[Tensor, ...]:
        window, channels = elements(a.f), x[-1] // a.groups
        fans: Any = window * channels, window * (a.filters // a.groups)
        weight = Tensor("weight", (a.filters, channels, *a.f), fan_in=fans[0], fan_out=fans[1])
        return (weight, *per_channel("bias", a.bias, a.filters, "zeros"))

    def macs(self, a: Any, x: Size, y: Size) -> Dim:
        per_output: Dim = elements(a.f) * (x[-1] // a.groups)
        return elements(y) * per_output

    def window(self, a: Any, x: Size) -> tuple[Reach, ...]:
        return sliding(x, a.f, a.s, a.p, a.d)

    def explain_size(self, op: Operation) -> tuple[str, ...]:
        return (*explain_windows(op), say("channels = filters = {filters}", filters=show(op.args.filters)))

    def explain_params(self, op: Operation) -> tuple[str, ...]:
        return (count_text(op),)

    def explain_macs(self, op: Operation) -> tuple[str, ...]:
        a = op.args
        channels, channels_n = per_group(say("channels"), op.input[-1], a.groups)
        numbers = f"({times(*op.output)})*{times(*a.f)}*{channels_n}"
        return (f"{say('output elements')} * {letters(a.f)}*{channels} = {numbers} = {show_count(op.macs)}",)

    def lower(self, g: GraphBuilder, op: Operation, *inputs: str) -> str:
        return conv_node(g, op, inputs[0], op.args.groups)


KIND = Conv()
