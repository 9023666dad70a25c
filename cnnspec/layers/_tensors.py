"""The parameter tensors that several kinds have, with what `true`, `false`, values or a blank make of them."""

from __future__ import annotations

from typing import Any, Final

from cnnspec.language import listing, say
from cnnspec.layers._arguments import TensorValue
from cnnspec.layers._kind import Argument, GraphBuilder, Operation, Tensor
from cnnspec.layers._lowering import repeated
from cnnspec.values import UNKNOWN, Dim, show, show_count

KERNEL: Final = Argument(
    "weight", TensorValue(may_be_absent=False), True, keyword_only=True, doc="the weights: learned, or their values"
)
WEIGHT: Final = Argument(
    "weight", TensorValue(), True, keyword_only=True, doc="one factor for each channel; false: none"
)
BIAS: Final = Argument(
    "bias", TensorValue(), True, keyword_only=True, doc="one number added to each channel; false: none"
)


def per_channel(name: str, given: Any, count: Dim, init: str) -> tuple[Tensor, ...]:
    """One number for each of `count` channels; none with `false`, an open number of them with a blank."""
    if given is False:
        return ()
    shape: Any = (UNKNOWN if given is UNKNOWN else count,)
    return (Tensor(name, shape, init),)


def affine_tensors(a: Any, channels: Dim) -> tuple[Tensor, ...]:
    """The weight and the bias that follow a normalisation."""
    return (*per_channel("weight", a.weight, channels, "ones"), *per_channel("bias", a.bias, channels, "zeros"))


def affine_text(op: Operation) -> tuple[str, ...]:
    """The arithmetic of `affine_tensors`: 2*channels = 2*64 = 128."""
    names = [name for name in ("weight", "bias") if op.has(name)]
    if not names:
        return (say("no parameters"),)
    count = "" if len(names) == 1 else "2*"
    total = op.input[-1] * len(names)
    channels = show(op.input[-1])
    result = f" = {count}{channels} = {show_count(total)}" if count else f" = {show_count(total)}"
    return (say("{name}: {text}", name=listing(names), text=f"{count}{say('channels')}{result}"),)


def plus_bias(op: Operation) -> str:
    """The ` + 1` of the counting rules, where there is a bias."""
    if op.args.bias is UNKNOWN:
        return " + ?"
    return " + 1" if op.has("bias") else ""


def tensor_or(g: GraphBuilder, op: Operation, name: str, value: float, count: Dim) -> str:
    """The layer's tensor of that name, or a constant in its place."""
    return g.tensor(name) if op.has(name) else repeated(g, value, count)


def spread(g: GraphBuilder, op: Operation, name: str) -> str:
    """The tensor of one number a channel, shaped so that it meets the channels of an image."""
    if op.rank == 0:
        return g.tensor(name)
    return g.node("Unsqueeze", g.tensor(name), g.constant(list(range(1, op.rank + 1)), "int64"))


def affine(g: GraphBuilder, op: Operation, x: str) -> str:
    """x times weight plus bias, channel by channel, as far as the layer has them."""
    if op.has("weight"):
        x = g.node("Mul", x, spread(g, op, "weight"))
    return add_bias(g, op, x)


def add_bias(g: GraphBuilder, op: Operation, x: str) -> str:
    """x plus bias, where the layer has one."""
    return g.node("Add", x, spread(g, op, "bias")) if op.has("bias") else x
