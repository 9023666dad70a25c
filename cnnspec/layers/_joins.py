"""What the joins share: equal sizes, and what to say where they differ."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

from cnnspec.diagnostics import Mistake
from cnnspec.language import listing, plural, say
from cnnspec.layers._kind import GraphBuilder, JoinKind, Operation
from cnnspec.layers._sizes import channels_name
from cnnspec.layers._windows import axis_names
from cnnspec.sizes import differ
from cnnspec.values import UNKNOWN, Dim, Size, Symbolic, show, show_size

MOST_SHOWN = 12


class EqualJoin(JoinKind):
    """A join of values of equal size, element by element.

    `pair` is the ONNX operator for two inputs, `many` for more; without `many`, `pair` is applied again and again.
    """

    any_order = True
    pair = ""
    many = ""

    def joined_size(self, a: Any, xs: Sequence[Size]) -> Size:
        check_equal(self.name, xs)
        return merged(xs)

    def explain_size(self, op: Operation) -> tuple[str, ...]:
        count, size = len(op.inputs), show_size(op.output)
        return (say("{count} values of {size}, element by element: the size stays", count=count, size=size),)

    def lower(self, g: GraphBuilder, op: Operation, *inputs: str) -> str:
        if self.many and len(inputs) > 2:
            return g.node(self.many, *inputs)
        return chain(g, self.pair, *inputs)


def chain(g: GraphBuilder, op_type: str, first: str, *others: str) -> str:
    """An operator of two inputs over any number of them, from left to right."""
    for other in others:
        first = g.node(op_type, first, other)
    return first


def merged(xs: Sequence[Size]) -> Size:
    """The common size of values of equal size: each part from where it is known."""
    return tuple(next((n for n in axis if n is not UNKNOWN), UNKNOWN) for axis in zip(*xs, strict=True))


def check_equal(kind: str, xs: Sequence[Size], *, channels: bool = True) -> None:
    """All sizes agree, the channels too unless told otherwise. Raises Mistake E304."""
    compared = {x if channels else (len(x), *x[:-1]): x for x in reversed(xs)}
    known: list[tuple[Size, Size]] = []
    for part, x in reversed(compared.items()):
        for other, y in known:
            if differ(part, other):
                raise sizes_differ(kind, y, x, channels=channels)
        known.append((part, x))


def sizes_differ(kind: str, x: Size, y: Size, *, channels: bool = True) -> Mistake:
    """The message for two values that do not fit together; whoever knows the inputs says what they would be."""
    multiples = _multiples(x, y) if len(x) == len(y) else {}
    return Mistake(
        "E304",
        "`{kind}` joins values of equal size, here arrive {x} and {y}"
        if channels
        else "`{kind}` joins values of equal {axes}, here arrive {x} and {y}",
        notes=("{difference}",),
        help="{remedy}",
        remedy=_remedy(x, y, channels, multiples),
        kind=kind,
        axes=listing(axis_names(len(x) - 1)) or say("rank"),
        x=show_size(x),
        y=show_size(y),
        difference=_difference(x, y, channels),
        multiples=multiples,
    )


def _difference(x: Size, y: Size, channels: bool) -> str:
    if len(x) != len(y):
        return listing([_axes_text(size) for size in (x, y)])
    names = [*axis_names(len(x) - 1), channels_name(x)]
    compared = list(zip(names, x, y, strict=True))[: None if channels else -1]
    return ", ".join(_pair_text(name, m, n) for name, m, n in compared if m != n)


def _axes_text(size: Size) -> str:
    return plural("{size} has one axis", "{size} has {n} axes", len(size), size=show_size(size))


def _pair_text(axis: str, m: Dim, n: Dim) -> str:
    return say("{axis}: {m} and {n}", axis=axis, m=show(m), n=show(n))


def _remedy(x: Size, y: Size, channels: bool, multiples: Mapping[str, int]) -> str:
    """What brings the two together: the larger one is reduced, or given the channels of the other."""
    if len(x) != len(y):
        one_is_flat = 1 in (len(x), len(y))
        return say("put `flatten` or `global_avgpool` on the image" if one_is_flat else "use `reshape` on one")
    if len(x) == 1:
        return say("bring one to the size of the other, such as `dense {units}`", units=show(y[-1]))
    if not differ(x[:-1], y[:-1]):
        few, many = sorted((x, y), key=_channels)
        return say(
            "bring {size} to {channels} channels with a 1x1 convolution: `conv {channels}, f=1`",
            size=show_size(few),
            channels=show(many[-1]),
        )
    if any(isinstance(n, Symbolic) for n in (*x, *y)):
        if multiples:
            return make_equal([f"{factor} * {name}" for name, factor in multiples.items()])
        return say("bring both to one size, with p=same, `pad`, `crop like=…` or `upsample size=…`")
    return _spatial_remedy(x, y, channels)


def make_equal(multiples: Sequence[str]) -> str:
    """What to do where two sizes are equal for such multiples of the letters only."""
    wanted = listing(multiples)
    return say("they are equal where the input is a multiple: write {wanted} in its size", wanted=wanted)


def _spatial_remedy(x: Size, y: Size, channels: bool) -> str:
    small, large = sorted((x, y), key=_pixels)
    if all(n == 1 for n in small[:-1]):
        return say(
            "bring {size} to one pixel with `global_avgpool keep=true`, or use `mul` for a gate", size=show_size(large)
        )
    step = _step(large[:-1], small[:-1])
    if step is None:
        return say("bring both to one size, with p=same, `pad`, `crop` or `upsample`")
    return say(
        "bring {size} to {goal} with `conv {filters}, f=1, s={s}`, or enlarge the other with `upsample {s}`"
        if channels
        else "bring {size} to {goal} with a stride s={s}, or enlarge the other with `upsample {s}`",
        size=show_size(large),
        goal=show_size(small if channels else small[:-1]),
        filters=show(small[-1]),
        s=show(step),
    )


def _multiples(x: Size, y: Size) -> dict[str, int]:
    """For each letter the least multiple with which the two sizes have equal axes; empty where none does."""
    if not any(isinstance(n, Symbolic) for n in (*x, *y)):
        return {}
    from cnnspec.solving import multiple

    found: dict[str, int] = {}
    for m, n in zip(x[:-1], y[:-1], strict=True):
        factor = multiple(m, n)
        if factor is None:
            return {}
        for name in {name for size in (m, n) if isinstance(size, Symbolic) for name in size.letters}:
            found[name] = math.lcm(found.get(name, 1), factor)
    return {name: found[name] for name in sorted(found) if found[name] > 1}


def _channels(x: Size) -> int:
    return x[-1] if isinstance(x[-1], int) else 0


def _pixels(x: Size) -> tuple[int, ...]:
    return tuple(n if isinstance(n, int) else 0 for n in x[:-1])


def _step(large: Size, small: Size) -> Dim | None:
    """The stride that makes the one out of the other, where there is one."""
    steps = {n // m for n, m in zip(large, small, strict=True) if isinstance(n, int) and isinstance(m, int) and m}
    step = steps.pop() if len(steps) == 1 else 0
    fits = step > 1 and not any(-(-n // step) != m for n, m in zip(large, small, strict=True))
    return step if fits else None
