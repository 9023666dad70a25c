"""Multiplication and addition without parameters."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from cnnspec.diagnostics import Mistake
from cnnspec.layers._arguments import PerChannel
from cnnspec.layers._channels import per_channel
from cnnspec.layers._kind import Argument, GraphBuilder, Kind, Operation
from cnnspec.values import Size, Value, show


class Rescale(Kind):
    """a*x + b with fixed a and b: one number for all channels, or a list with one for each.

    Nothing is learned: it brings pixels into the range that the weights expect, such as `rescale 1/255`. `scale` is
    the layer that learns its numbers. The size stays; no parameters.
    """

    family = "arithmetic"
    arguments = (
        Argument("a", PerChannel(), doc="the factor"),
        Argument("b", PerChannel(), 0, doc="what is added"),
    )
    formula = "a*x + b"
    source = "ONNX operators Mul and Add"
    example = "input 3\nrescale 2, b=[1, 2, 3] -> 3\nexample [0, 1, 2] -> [1, 4, 7]\n"

    def output_size(self, a: Any, x: Size) -> Size:
        for argument in ("a", "b"):
            _check_length(argument, getattr(a, argument), x)
        return x

    def guess(self, given: Mapping[str, Value], x: Size) -> Size | None:
        return x

    def lower(self, g: GraphBuilder, op: Operation, *inputs: str) -> str:
        value = g.node("Mul", *inputs, _constant(g, op.args.a, op.rank))
        if op.args.b == 0:
            return value
        return g.node("Add", value, _constant(g, op.args.b, op.rank))


def _check_length(argument: str, values: Any, x: Size) -> None:
    if isinstance(values, tuple) and len(values) != x[-1]:
        raise Mistake(
            "E308",
            "`{argument}` has {given} numbers, the value has {channels} channels",
            help="give one number, or one for each channel",
            argument=argument,
            given=len(values),
            channels=show(x[-1]),
        )


def _constant(g: GraphBuilder, values: Any, rank: int) -> str:
    return g.constant(per_channel(values, rank) if isinstance(values, tuple) else float(values))


KIND = Rescale()
