"""What the convolutions share: groups that divide, counts in the lecture's notation."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

from cnnspec.diagnostics import Mistake
from cnnspec.language import say
from cnnspec.layers._channels import divides_unknown
from cnnspec.layers._kind import GraphBuilder, Operation
from cnnspec.layers._lowering import pad
from cnnspec.layers._tensors import plus_bias
from cnnspec.layers._windows import auto_pad, graph_pads, known_pads, onnx_pads
from cnnspec.values import UNKNOWN, Dim, Size, Symbolic, Value, as_whole, show, show_count, show_factor


def check_groups(groups: Dim, channels: Dim, filters: Dim) -> None:
    """Groups must divide the channels of the input and the filters. Raises Mistake E302."""
    if isinstance(channels, Symbolic) and channels % groups != 0:
        raise divides_unknown("groups", f"groups={show(groups)}", channels, "E302")
    for count, arriving in ((channels, True), (filters, False)):
        if count % groups != 0:
            raise Mistake(
                "E302",
                "groups={groups} does not divide the {count} channels of the input"
                if arriving
                else "groups={groups} does not divide the {count} filters",
                notes=("{count} = {quotient}*{groups} + {rest}",),
                help="use a `groups` that divides {channels} and {filters}, such as {best}",
                argument="groups",
                groups=show(groups),
                count=show(count),
                quotient=show(count // groups),
                rest=show(count % groups),
                channels=show(channels),
                filters=show(filters),
                best=show(math.gcd(channels, filters) if isinstance(channels, int) and isinstance(filters, int) else 1),
            )


def guess_filters(given: Mapping[str, Value], x: Size) -> Size | None:
    """An image with as many channels as there are filters; its other sizes are open."""
    if len(x) == 1:
        return None
    filters = as_whole(given.get("filters"))
    return (*(UNKNOWN,) * (len(x) - 1), UNKNOWN if filters is None or filters < 1 else filters)


def per_group(what: str, count: Dim, groups: Dim) -> tuple[str, str]:
    """`channels/groups` and its numbers; `channels` with one group."""
    return (what, show(count)) if groups == 1 else (f"{what}/groups", f"{show(count)}/{show(groups)}")


def count_text(op: Operation) -> str:
    """The number of parameters: (f*f*channels + 1)*filters, with its numbers."""
    a, bias = op.args, plus_bias(op)
    channels, channels_n = per_group(say("channels"), op.input[-1], a.groups)
    window, numbers = f"{letters(a.f)}*{channels}{bias}", f"{times(*a.f)}*{channels_n}{bias}"
    if bias:
        window, numbers = f"({window})", f"({numbers})"
    return f"{window}*{say('filters')} = {numbers}*{show(a.filters)} = {show_count(op.params)}"


def times(*factors: Any) -> str:
    """5*5*3"""
    return "*".join(map(show_factor, factors))


def letters(f: Size) -> str:
    """f*f, once for each axis."""
    return "*".join("f" for _ in f)


def conv_node(g: GraphBuilder, op: Operation, x: str, groups: Dim) -> str:
    """The ONNX node of a convolution with explicit pads."""
    a = op.args
    tensors = [g.tensor(t.name) for t in op.tensors]
    padding: dict[str, Any] = {"auto_pad": "SAME_UPPER"}
    pads = a.p.resolve(op.input, a.f, a.s, a.d)
    if known_pads(pads):
        padding = {"pads": onnx_pads(pads)}
    elif not auto_pad(op):
        x, padding = pad(g, x, graph_pads(g, op)), {}
    return g.node(
        "Conv",
        x,
        *tensors,
        kernel_shape=list(a.f),
        strides=list(a.s),
        **padding,
        dilations=list(a.d),
        group=groups,
    )
