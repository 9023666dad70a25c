"""What all kinds that slide a window share: output size, its explanation, ONNX's pads."""

from __future__ import annotations

from collections.abc import Sequence

from cnnspec.diagnostics import Mistake
from cnnspec.layers._arguments import Padding
from cnnspec.layers._kind import Operation
from cnnspec.sizes import extent, window, window_ceil, window_text
from cnnspec.values import UNKNOWN, Dim, Size, show_size

AXES = {1: ("length",), 2: ("height", "width"), 3: ("frames", "height", "width")}


def axis_names(rank: int) -> tuple[str, ...]:
    return AXES.get(rank, tuple(f"axis {i + 1}" for i in range(rank)))


def window_size(x: Size, f: Size, s: Size, p: Padding, d: Size, ceil: bool = False) -> Size:
    """The spatial part of the output's size. Raises Mistake E301 where a window does not fit."""
    pads = p.resolve(x, f, s, d)
    if p.same:
        return tuple(-(-n // step) for n, step in zip(x[:-1], s, strict=True))
    rule = window_ceil if ceil else window
    sizes = tuple(rule(n, fi, si, b, e, di) for n, fi, si, (b, e), di in zip(x[:-1], f, s, pads, d, strict=True))
    if any(size < 1 for size in sizes):
        raise _exceeds(x, f, s, pads, d, ceil)
    return sizes


def _exceeds(x: Size, f: Size, s: Size, pads: Sequence[tuple[Dim, Dim]], d: Size, ceil: bool) -> Mistake:
    padded = tuple(n + b + e for n, (b, e) in zip(x[:-1], pads, strict=True))
    spans = tuple(map(extent, f, d))
    axis = next((i for i, (n, w) in enumerate(zip(padded, spans, strict=True)) if n < w), 0)
    begin, end = pads[axis]
    missing = spans[axis] - padded[axis]
    p = max(begin, end) + -(-missing // 2) if isinstance(missing, int) else UNKNOWN
    fitting = min((n - 1) // di + 1 for n, di in zip(padded, d, strict=True) if isinstance(n, int) and isinstance(di, int))
    return Mistake(
        "E301",
        "the window {window} is larger than the padded input {padded}",
        notes=("{rule}",),
        help="use f={fitting} or smaller, or p={p}" if fitting >= 1 else "use p={p}",
        argument="f",
        label="needs at least {window}",
        window=show_size(spans),
        padded=show_size(padded),
        rule=window_text(x[axis], f[axis], s[axis], begin, end, d[axis], ceil=ceil),
        fitting=fitting,
        p=p,
    )


def explain_windows(op: Operation, ceil: bool = False) -> tuple[str, ...]:
    """The size rule with its numbers; once where all axes agree, else a line for each."""
    a = op.args
    d = getattr(a, "d", (1,) * op.rank)
    pads = a.p.resolve(op.input, a.f, a.s, d)
    axes = list(zip(op.input[:-1], a.f, a.s, pads, d, strict=True))
    lines = [window_text(n, f, s, b, e, dilation, ceil=ceil) for n, f, s, (b, e), dilation in axes]
    if a.p.same:
        lines = [
            f"p=same: ceil(n/s) = ceil({n}/{s}) = {-(-n // s)}, padding {b} before and {e} after"
            for n, _, s, (b, e), _ in axes
        ]
    names = axis_names(op.rank)
    if len(set(lines)) == 1:
        return (f"{' and '.join(names)}: {lines[0]}",)
    return tuple(f"{name}: {line}" for name, line in zip(names, lines, strict=True))


def onnx_pads(pads: Sequence[tuple[Dim, Dim]]) -> list[Dim]:
    """ONNX's order: all beginnings, then all ends."""
    return [begin for begin, _ in pads] + [end for _, end in pads]
