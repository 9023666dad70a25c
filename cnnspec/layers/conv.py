"""The convolution."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from cnnspec.diagnostics import Mistake
from cnnspec.layers._arguments import Pads, PerAxis, TensorValue, Whole
from cnnspec.layers._kind import Argument, GraphBuilder, Kind, Operation, Tensor
from cnnspec.layers._windows import explain_windows, onnx_pads, window_size
from cnnspec.sizes import elements
from cnnspec.values import UNKNOWN, Dim, Size, Value, as_whole, show_count


class Conv(Kind):
    """Slides `filters` windows of size f over the input; each window yields one channel of the output.

    Each filter sees all channels (those of its group, with `groups`). Output size, for each axis:
    floor((n + p_begin + p_end - d(f - 1) - 1)/s) + 1; parameters: filters * (f*f*channels/groups + 1).
    `weight` has the layout (filters, channels/groups, rows, columns).
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
        Argument("weight", TensorValue(may_be_absent=False), True, keyword_only=True, doc="the filters"),
        Argument("bias", TensorValue(), True, keyword_only=True, doc="one number for each filter"),
    )
    formula = "floor((n + 2p - f)/s) + 1"
    source = "ONNX operator Conv"
    example = "input 28x28x1\nconv 6, f=5 | relu -> 24x24x6, 156 params\n"

    def output_size(self, a: Any, x: Size) -> Size:
        check_groups(a.groups, x[-1], a.filters)
        return (*window_size(x, a.f, a.s, a.p, a.d), a.filters)

    def guess(self, given: Mapping[str, Value], x: Size) -> Size | None:
        filters = as_whole(given.get("filters"))
        return (*(UNKNOWN,) * (len(x) - 1), UNKNOWN if filters is None or filters < 1 else filters)

    def tensors(self, a: Any, x: Size) -> tuple[Tensor, ...]:
        window = elements(a.f)
        weight = Tensor(
            "weight",
            (a.filters, x[-1] // a.groups, *a.f),
            fan_in=window * (x[-1] // a.groups),
            fan_out=window * (a.filters // a.groups),
        )
        return (weight, Tensor("bias", (a.filters,), "zeros")) if a.bias is not False else (weight,)

    def macs(self, a: Any, x: Size, y: Size) -> Dim:
        per_output: Dim = elements(a.f) * (x[-1] // a.groups)
        return elements(y) * per_output

    def window(self, a: Any, x: Size) -> tuple[tuple[Dim, Dim, Dim], ...]:
        return tuple(zip(a.f, a.s, a.d, strict=True))

    def explain_size(self, op: Operation) -> tuple[str, ...]:
        return (*explain_windows(op), f"channels = filters = {op.args.filters}")

    def explain_params(self, op: Operation) -> tuple[str, ...]:
        a, channels = op.args, op.input[-1]
        window = "*".join("f" for _ in a.f)
        numbers = "*".join(map(str, a.f))
        per_group, per_group_n = ("channels", str(channels)) if a.groups == 1 else ("channels/groups", f"{channels}/{a.groups}")
        bias = " + 1" if op.has("bias") else ""
        return (
            f"({window}*{per_group}{bias})*filters = ({numbers}*{per_group_n}{bias})*{a.filters} = {show_count(op.params)}",
        )

    def explain_macs(self, op: Operation) -> tuple[str, ...]:
        a = op.args
        numbers = "*".join(map(str, (*op.output, *a.f, op.input[-1] // a.groups)))
        return (f"output elements * window * channels of a filter = {numbers} = {show_count(op.macs)}",)

    def lower(self, g: GraphBuilder, op: Operation, *inputs: str) -> str:
        a = op.args
        tensors = [g.tensor(t.name) for t in op.tensors]
        pads = a.p.resolve(op.input, a.f, a.s, a.d)
        return g.node(
            "Conv",
            *inputs,
            *tensors,
            kernel_shape=list(a.f),
            strides=list(a.s),
            pads=onnx_pads(pads),
            dilations=list(a.d),
            group=a.groups,
        )


def check_groups(groups: Dim, channels: Dim, filters: Dim) -> None:
    """Groups must divide the channels of the input and the filters."""
    for count, what in ((channels, "channels of the input"), (filters, "filters")):
        if count % groups != 0:
            raise Mistake(
                "E302",
                "groups={groups} does not divide the {count} {what}",
                notes=("{count} = {quotient}*{groups} + {rest}",),
                help="use a `groups` that divides both {channels} and {filters}",
                argument="groups",
                groups=groups,
                count=count,
                what=what,
                quotient=count // groups,
                rest=count % groups,
                channels=channels,
                filters=filters,
            )


KIND = Conv()

