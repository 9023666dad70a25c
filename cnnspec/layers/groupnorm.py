"""Group normalisation."""

from __future__ import annotations

from typing import Any

from cnnspec.diagnostics import Mistake
from cnnspec.language import say
from cnnspec.layers._arguments import Whole
from cnnspec.layers._channels import divides_unknown
from cnnspec.layers._kind import Argument, GraphBuilder, Operation
from cnnspec.layers._lowering import reshape, to_layout
from cnnspec.layers._norms import EPS, Norm
from cnnspec.layers._tensors import BIAS, WEIGHT, affine
from cnnspec.values import Size, Symbolic, show


class GroupNorm(Norm):
    """Normalises groups of channels, each over all its places, then scales and shifts each channel.

    y = weight * (x - mean)/sqrt(variance + eps) + bias, mean and variance over a group of channels/groups channels, for
    each image by itself; `groups` must divide the channels. The size stays, of images and of vectors. Parameters:
    2*channels. Layout of `weight` and `bias`: (channels).
    """

    arguments = (Argument("groups", Whole(), doc="number of groups of channels"), EPS, WEIGHT, BIAS)
    source = "Wu, He 2018, Group normalization; ONNX operator InstanceNormalization on groups"
    example = "input 28x28x64\ngroupnorm 32 -> 28x28x64, 128 params\n"

    def explained(self) -> str:
        return say("normalised over each group of channels: the size stays")

    def output_size(self, a: Any, x: Size) -> Size:
        if x[-1] % a.groups != 0 and isinstance(x[-1], Symbolic):
            raise divides_unknown("groups", f"groups={show(a.groups)}", x[-1])
        if x[-1] % a.groups != 0:
            raise Mistake(
                "E310",
                "groups={groups} does not divide the {channels} channels",
                notes=("{channels} = {quotient}*{groups} + {rest}",),
                help="use a `groups` that divides {channels}, such as {best}",
                argument="groups",
                groups=show(a.groups),
                channels=show(x[-1]),
                quotient=show(x[-1] // a.groups),
                rest=show(x[-1] % a.groups),
                best=show(_divisor_below(a.groups, x[-1])),
            )
        return x

    def lower(self, g: GraphBuilder, op: Operation, *inputs: str) -> str:
        groups = op.args.groups
        parts = reshape(g, inputs[0], 0, groups, -1)
        ones, zeros = g.constant([1.0] * groups), g.constant([0.0] * groups)
        normalised = g.node("InstanceNormalization", parts, ones, zeros, epsilon=float(op.args.eps))
        return affine(g, op, to_layout(g, normalised, op.output))


def _divisor_below(groups: Any, channels: Any) -> int:
    """The largest number up to `groups` that divides the channels; not looked for beyond 1024."""
    return next(n for n in range(min(groups, channels, 1024), 0, -1) if channels % n == 0)


KIND = GroupNorm()
