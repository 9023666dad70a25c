"""The product of several values, and gates."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from cnnspec.diagnostics import Mistake
from cnnspec.language import listing, say
from cnnspec.layers._joins import chain, merged, sizes_differ
from cnnspec.layers._kind import GraphBuilder, JoinKind, Operation
from cnnspec.sizes import differ
from cnnspec.values import UNKNOWN, Size, show_size


class Mul(JoinKind):
    """Multiplies values of equal size, element by element, or a value by a gate, in either order.

    Gates of an image HxWxC are a vector of C or an image 1x1xC (one factor for each channel, as in squeeze and
    excitation), and an image HxWx1 (one factor for each position, as in spatial attention). The result has the size of
    the image; no parameters.
    """

    any_order = True
    formula = "x_1 * x_2 * ..."
    source = "ONNX operator Mul; Hu et al., Squeeze-and-Excitation Networks, 2017"
    example = (
        "input 8x8x4\n"
        "mul {\n    branch { }\n    branch { global_avgpool | dense 4 | sigmoid }\n}  -> 8x8x4, 20 params\n"
    )

    def joined_size(self, a: Any, xs: Sequence[Size]) -> Size:
        sizes = tuple(dict.fromkeys(xs))
        rank = max(len(x) for x in sizes)
        possible = [size for x in sizes if len(x) == rank and (size := _gated(x, sizes)) is not None]
        if not possible:
            raise _refused(self.name, sizes)
        return tuple(axis[0] if all(n == axis[0] for n in axis) else UNKNOWN for axis in zip(*possible, strict=True))

    def guess_joined(self, xs: Sequence[Size]) -> Size | None:
        rank = max(len(x) for x in xs)
        return super().guess_joined([x for x in xs if len(x) == rank])

    def explain_size(self, op: Operation) -> tuple[str, ...]:
        gates = [show_size(x) for x in op.inputs if differ(x, op.output)]
        size = show_size(op.output)
        if gates:
            return (say("{size} gated by {gates}: the size stays", size=size, gates=listing(gates)),)
        return (say("{size} element by element: the size stays", size=size),)

    def lower(self, g: GraphBuilder, op: Operation, *inputs: str) -> str:
        rank = len(op.output) - 1
        axes = list(range(2, rank + 2))
        raised = [
            g.node("Unsqueeze", x, g.constant(axes, "int64")) if len(size) == 1 and rank else x
            for x, size in zip(inputs, op.inputs, strict=True)
        ]
        return chain(g, "Mul", *raised)


def _gated(full: Size, xs: Sequence[Size]) -> Size | None:
    """The size of the product if all others equal `full` or are its gates; None where one is neither."""
    gates = _gates(full)
    equals = [full]
    for x in xs:
        if any(not differ(x, gate) for gate in gates):
            continue
        if differ(x, full):
            return None
        equals.append(x)
    return merged(equals)


def _gates(full: Size) -> tuple[Size, ...]:
    """The sizes that may gate a value: C, 1x1xC and HxWx1; none for a vector."""
    if len(full) == 1:
        return ()
    ones = (1,) * (len(full) - 1)
    return full[-1:], (*ones, full[-1]), (*full[:-1], 1)


def _looks_like_gate(x: Size) -> bool:
    return len(x) == 1 or x[-1] == 1 or all(n == 1 for n in x[:-1])


def _refused(kind: str, sizes: Sequence[Size]) -> Mistake:
    """The mistake of the first value that fits neither as an equal nor as a gate."""
    rank = max(len(x) for x in sizes)
    images = [x for x in sizes if len(x) == rank]
    full = next((x for x in images if not _looks_like_gate(x)), images[0])
    gates = _gates(full)
    other = next(x for x in sizes if differ(x, full) and all(differ(x, gate) for gate in gates))
    if not gates or not _looks_like_gate(other):
        return sizes_differ(kind, full, other)
    spatial = len(other) > 1 and any(n != 1 for n in other[:-1])
    return Mistake(
        "E312",
        "{other} is no gate of {full}",
        notes=("gates of {full}: {gates}",),
        help="bring the gate to the height and width {spatial}" if spatial else "bring the gate to {channels} channels",
        other=show_size(other),
        full=show_size(full),
        gates=listing([show_size(gate) for gate in gates]),
        channels=show_size(full[-1:]),
        spatial=show_size(full[:-1]),
    )


KIND = Mul()
