"""What all kinds that slide a window share: output size, its explanation, ONNX's pads."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from cnnspec.diagnostics import Mistake
from cnnspec.language import listing, say
from cnnspec.layers._arguments import Padding
from cnnspec.layers._kind import GraphBuilder, Operation
from cnnspec.sizes import extent, same_surplus, steps_over, window, window_ceil, window_text
from cnnspec.values import UNKNOWN, Dim, Size, Symbolic, show, show_factor, show_size

if TYPE_CHECKING:
    from cnnspec.reach import Reach

Pairs = Sequence[tuple[Dim, Dim]]


def axis_names(rank: int) -> tuple[str, ...]:
    """What the spatial axes are called: height and width of an image."""
    if rank == 1:
        return (say("length"),)
    if rank in (2, 3):
        return (say("frames"), say("height"), say("width"))[-rank:]
    return tuple(say("axis {n}", n=i + 1) for i in range(rank))


def by_axis(rank: int, lines: Sequence[str]) -> tuple[str, ...]:
    """A line for each axis, under its name; one line where all axes agree."""
    names = axis_names(rank)
    if len(set(lines)) == 1:
        return (say("{name}: {text}", name=listing(names), text=lines[0]),)
    return tuple(say("{name}: {text}", name=name, text=line) for name, line in zip(names, lines, strict=True))


def check_rank(x: Size) -> None:
    """Windows slide over one, two or three axes; raises Mistake E309 else."""
    if len(x) > 4:
        raise Mistake(
            "E309",
            "a window slides over 1, 2 or 3 axes, here are {rank}",
            help="use `reshape` to join axes",
            rank=len(x) - 1,
        )


def window_size(x: Size, f: Size, s: Size, p: Padding, d: Size, *, ceil: Any = False) -> Size:
    """The spatial part of the output's size. Raises Mistake E301 where a window does not fit."""
    check_rank(x)
    if p.same:
        return tuple((n + step - 1) // step for n, step in zip(x[:-1], s, strict=True))
    if ceil is UNKNOWN:
        return (UNKNOWN,) * len(f)
    pads = p.resolve(x, f, s, d)
    rule = window_ceil if ceil else window
    sizes = tuple(rule(n, fi, si, b, e, di) for n, fi, si, (b, e), di in zip(x[:-1], f, s, pads, d, strict=True))
    if any(size < 1 for size in sizes):
        axis = next(i for i, size in enumerate(sizes) if size < 1)
        raise _exceeds(x, f, s, pads, d, axis=axis, ceil=ceil)
    return sizes


def _exceeds(x: Size, f: Size, s: Size, pads: Pairs, d: Size, *, axis: int, ceil: bool) -> Mistake:
    padded = tuple(n + b + e for n, (b, e) in zip(x[:-1], pads, strict=True))
    spans = tuple(map(extent, f, d))
    begin, end = pads[axis]
    missing = spans[axis] - padded[axis]
    fitting = tuple(_fitting(n, fi, di) for n, fi, di in zip(padded, f, d, strict=True))
    alike = len({show(fi) for fi in f}) == 1 and all(isinstance(n, int) for n in fitting)
    most = show(min(fitting)) if alike else show_size(fitting)
    return Mistake(
        "E301",
        "the window {window} is larger than the padded input {padded}"
        if any(map(any, pads))
        else "the window {window} is larger than the input {padded}",
        notes=("{rule}",),
        help="use f={fitting}, or p={p}" if most == "1" else "use f={fitting} or smaller, or p={p}",
        argument="f",
        label="needs at least {window}",
        window=show_size(spans),
        padded=show_size(padded),
        rule=window_text(x[axis], f[axis], s[axis], begin, end, d[axis], ceil=ceil),
        fitting=most,
        p=show(begin + -(-missing // 2) if begin == end else _enough_padding(pads, axis, missing)),
    )


def _fitting(n: Dim, f: Dim, d: Dim) -> Dim:
    """The largest window up to f that fits into n pixels."""
    most = (n - 1) // d + 1
    return min(f, most)


def _enough_padding(pads: Pairs, axis: int, missing: Dim) -> list[Dim]:
    """The asymmetric padding with what is missing added at the end of the axis."""
    begins, ends = [begin for begin, _ in pads], [end for _, end in pads]
    ends[axis] = ends[axis] + missing
    return begins + ends


def check_pool_padding(p: Padding, f: Size, d: Size) -> None:
    """A pooling window must not lie in the padding as a whole. Raises Mistake E306."""
    for pair, fi, di in zip(p.pairs, f, d, strict=False):
        for pixels in pair:
            if pixels > di * (fi - 1):
                raise Mistake(
                    "E306",
                    "with p={pixels} a window of {window} sees nothing but padding",
                    notes=("p is at most {rule} = {most}",),
                    help="use p={most} or less" if fi != 1 else "leave `p` out",
                    argument="p",
                    label="at most {most}",
                    pixels=show(pixels),
                    window=show(extent(fi, di)),
                    most=show(di * (fi - 1)),
                    rule=_reach_text(fi, di),
                )


def check_pool_dilation(x: Size, f: Size, s: Size, p: Padding, d: Size, output: Size) -> None:
    """Nor may a pooling window step over the whole input. Raises Mistake E306."""
    axes: Any = zip(x, s, p.resolve(x, f, s, d), d, output, strict=False)
    for n, si, (begin, _), di, m in axes:
        if all(isinstance(part, int) for part in (n, si, begin, di, m)) and steps_over(n, si, begin, di, m):
            raise Mistake(
                "E306",
                "with d={d} a window steps over all {n} pixels and sees nothing but padding"
                if n > 1
                else "with d={d} a window steps over the only pixel and sees nothing but padding",
                notes=("padding before: {begin}; the points of a window lie {d} apart",),
                help="use d={n} or less" if n > 1 else "leave `d` out",
                argument="d",
                label="at most {n}",
                d=show(di),
                n=show(n),
                begin=show(begin),
            )


def _reach_text(f: Dim, d: Dim) -> str:
    return f"f - 1 = {show(f)} - 1" if d == 1 else f"d(f - 1) = {show(d)}*({show(f)} - 1)"


def explain_windows(op: Operation, ceil: Any = False) -> tuple[str, ...]:
    """The size rule with its numbers; once where all axes agree, else a line for each."""
    a = op.args
    d = dilation_of(op)
    pads = a.p.resolve(op.input, a.f, a.s, d)
    axes = list(zip(op.input[:-1], a.f, a.s, pads, d, strict=True))
    if a.p.same:
        lines = [_same_text(*axis) for axis in axes]
    else:
        lines = [window_text(n, f, s, b, e, dilation, ceil=bool(ceil)) for n, f, s, (b, e), dilation in axes]
    return by_axis(op.rank, lines)


def _same_text(n: Dim, f: Dim, s: Dim, pads: tuple[Dim, Dim], d: Dim) -> str:
    rule = f"p=same: ceil(n/s) = ceil({show_factor(n)}/{show(s)}) = {show((n + s - 1) // s)}"
    surplus = same_surplus(n, f, s, d)
    if pads[0] is UNKNOWN and isinstance(surplus, Symbolic):
        return say(
            "{rule}, padding {pixels} in all" if surplus >= 0 else "{rule}, padding {pixels} in all, at least 0",
            rule=rule,
            pixels=show(surplus),
        )
    return say("{rule}, padding {begin} before and {end} after", rule=rule, begin=show(pads[0]), end=show(pads[1]))


def dilation_of(op: Operation) -> Size:
    """The dilation along each axis; 1 for kinds without one."""
    dilation: Size = getattr(op.args, "d", (1,) * op.rank)
    return dilation


def overhang(op: Operation) -> tuple[Dim, ...]:
    """How many pixels the last window reaches beyond the padded input, along each axis (with `ceil=true`).

    Negative where it does not reach the end. With `p=same` none ever reaches beyond.
    """
    a: Any = op.args
    if a.p.same:
        return (0,) * op.rank
    axes = zip(op.input[:-1], op.output[:-1], a.f, a.s, a.p.pairs, dilation_of(op), strict=True)
    return tuple((m - 1) * s + extent(f, d) - (n + b + e) for n, m, f, s, (b, e), d in axes)


def graph_pads(g: GraphBuilder, op: Operation, *, last: bool = False) -> list[tuple[Any, Any]]:
    """The padding along each axis, with what a `last` window needs beyond it: numbers, or names of what is computed."""
    a: Any = op.args
    d = dilation_of(op)
    pads: list[tuple[Any, Any]] = []
    beyond = overhang(op) if last else (0,) * op.rank
    for n, f, s, di, (begin, end), more in zip(
        op.input[:-1], a.f, a.s, d, a.p.resolve(op.input, a.f, a.s, d), beyond, strict=True
    ):
        if begin is UNKNOWN:
            pads.append(_halves(g, g.dimension(same_surplus(n, f, s, di), 0)))
        elif isinstance(more, int):
            pads.append((begin, end + max(0, more)))
        else:
            pads.append((begin, g.dimension(end + more, end)))
    return pads


def _halves(g: GraphBuilder, pixels: str) -> tuple[str, str]:
    begin = g.node("Div", pixels, g.constant([2], "int64"))
    return begin, g.node("Sub", pixels, begin)


def known_pads(pads: Pairs) -> bool:
    """Whether all are numbers, which a node can have as its `pads`."""
    return all(isinstance(n, int) for pair in pads for n in pair)


def auto_pad(op: Operation) -> bool:
    """Whether ONNX's `auto_pad=SAME_UPPER` is what `p=same` means: runtimes take it without dilation only,

    and where no pixels are left over between the windows.
    """
    a: Any = op.args
    axes = zip(a.f, a.s, dilation_of(op), strict=True)
    return bool(a.p.same) and all(f >= s and d == 1 for f, s, d in axes)


def sliding(x: Size, f: Size, s: Size, p: Padding, d: Size) -> tuple[Reach, ...]:
    """Which pixels each value sees, along each axis: d(f - 1) + 1 of them, from i*s - p on."""
    from cnnspec.reach import Reach

    axes = zip(f, s, p.resolve(x, f, s, d), d, strict=True)
    return tuple(Reach(-begin, (0,), (extent(fi, di) - 1,), si, si) for fi, si, (begin, _), di in axes)


def moved(pixels: Sequence[Dim]) -> tuple[Reach, ...]:
    """Which pixel each value sees where a border comes or goes: i + pixels."""
    from cnnspec.reach import Reach

    return tuple(Reach(n) for n in pixels)


def onnx_pads(pads: Pairs) -> list[Dim]:
    """ONNX's order: all beginnings, then all ends."""
    return [begin for begin, _ in pads] + [end for _, end in pads]
