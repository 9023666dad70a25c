"""The size rules: the only place where the lecture's formula (n + 2p - f)/s + 1 stands.

n: size of the input along one axis, f: window, s: stride, p: padding (begin and end), d: dilation.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from cnnspec.language import say
from cnnspec.values import UNKNOWN, Dim, Size, Symbolic, is_open, show, show_factor

__all__ = [
    "at",
    "differ",
    "elements",
    "extent",
    "numbers_of",
    "same_padding",
    "same_surplus",
    "steps_over",
    "total",
    "transposed",
    "transposed_text",
    "window",
    "window_ceil",
    "window_text",
]


def extent(f: Dim, d: Dim = 1) -> Dim:
    """How many pixels a window of f with dilation d spans: d(f - 1) + 1.

    >>> extent(3, 2)
    5
    """
    return d * (f - 1) + 1


def window(n: Dim, f: Dim, s: Dim = 1, begin: Dim = 0, end: Dim = 0, d: Dim = 1) -> Dim:
    """floor((n + p_begin + p_end - d(f - 1) - 1)/s) + 1: how many places a window takes along one axis.

    >>> window(28, 5), window(224, 7, s=2, begin=3, end=3)
    (24, 112)
    """
    return (n + begin + end - extent(f, d)) // s + 1


def window_ceil(n: Dim, f: Dim, s: Dim = 1, begin: Dim = 0, end: Dim = 0, d: Dim = 1) -> Dim:
    """The rule with `ceil=true`, PyTorch's: a window may overhang, but starts on the input or its left padding.

    >>> window_ceil(6, 3, s=2)
    3
    """
    overhang = end + s - extent(f, d)
    if overhang is UNKNOWN:
        return UNKNOWN
    return (n + begin - 1 + min(0, overhang)) // s + 1


def same_padding(n: Dim, f: Dim, s: Dim = 1, d: Dim = 1) -> tuple[Dim, Dim]:
    """The padding (begin, end) that makes the output ceil(n/s); the odd one goes to the end.

    >>> same_padding(28, 5), same_padding(5, 2)
    ((2, 2), (0, 1))
    """
    surplus = 0 if f == 1 else same_surplus(n, f, s, d)
    if not isinstance(surplus, int):
        return UNKNOWN, UNKNOWN
    surplus = max(0, surplus)
    return surplus // 2, surplus - surplus // 2


def same_surplus(n: Dim, f: Dim, s: Dim = 1, d: Dim = 1) -> Dim:
    """How many pixels ceil(n/s) windows need beyond the n that there are; negative where some are left over.

    >>> same_surplus(28, 5), same_surplus(6, 2, s=3)
    (4, -1)
    """
    return ((n + s - 1) // s - 1) * s + extent(f, d) - n


def steps_over(n: int, s: int, begin: int, d: int, windows: int) -> bool:
    """Whether one of the windows has no point on the n pixels, with padding of at most d(f - 1) on either side.

    The points of window i are i*s - p_begin + k*d. It has none where it begins before the pixels, and the first point
    at or after 0, (i*s - p_begin) mod d, is n or more. Numbers x with x mod d >= n are those where
    floor((x + d - n)/d) is more than floor(x/d).

    >>> steps_over(2, 1, 2, 4, windows=2), steps_over(4, 1, 2, 4, windows=4)
    (True, False)
    """
    before = min(windows, -(-begin // s))
    return d > n and _sum_of_floors(before, s, d - n - begin, d) > _sum_of_floors(before, s, -begin, d)


def _sum_of_floors(count: int, step: int, start: int, divisor: int) -> int:
    """The sum of floor((i*step + start)/divisor) for i = 0 … count - 1, in as many rounds as Euclid's algorithm."""
    total = 0
    while count > 0:
        whole, step = divmod(step, divisor)
        first, start = divmod(start, divisor)
        total += whole * (count * (count - 1) // 2) + first * count
        count, start = divmod(count * step + start, divisor)
        step, divisor = divisor, step
    return total


def transposed(n: Dim, f: Dim, s: Dim = 1, begin: Dim = 0, end: Dim = 0, d: Dim = 1, output_pad: Dim = 0) -> Dim:
    """(n - 1)s - p_begin - p_end + d(f - 1) + output_pad + 1: the size that a transposed convolution yields.

    >>> transposed(7, 4, s=2, begin=1, end=1)
    14
    """
    return (n - 1) * s - begin - end + extent(f, d) + output_pad


def elements(size: Size) -> Dim:
    """The product of all axes.

    >>> elements((4, 4, 20))
    320
    """
    total: Dim = 1
    for n in size:
        total = total * n
    return total


def total(counts: Iterable[Dim]) -> Dim:
    """The sum of all counts; open where one is, or where letters make it too long to be written."""
    known = 0
    others: dict[Dim, int] = {}
    for count in counts:
        if isinstance(count, int):
            known += count
        else:
            others[count] = others.get(count, 0) + 1
    result: Dim = known
    try:
        for count, times in others.items():
            result = result + count * times
    except OverflowError:
        return UNKNOWN
    return result


def numbers_of(size: Any) -> Dim:
    """`elements` for reports: open where a part is, or where letters make it too long to be written."""
    try:
        return UNKNOWN if is_open(size) else elements(size)
    except OverflowError:
        return UNKNOWN


def at(size: Size, values: Mapping[str, int]) -> Size:
    """The size with numbers in the place of its letters."""
    return size if is_open(size) else tuple(n.at(values) if isinstance(n, Symbolic) else n for n in size)


def differ(a: Size, b: Size) -> bool:
    """Whether two sizes are certainly different; an open part never is."""
    return len(a) != len(b) or any(m != n for m, n in zip(a, b, strict=True))


def window_text(n: Dim, f: Dim, s: Dim = 1, begin: Dim = 0, end: Dim = 0, d: Dim = 1, *, ceil: bool = False) -> str:
    """The rule with its numbers, as the lecture writes it.

    >>> window_text(28, 5)
    '(n + 2p - f)/s + 1 = (28 + 2*0 - 5)/1 + 1 = 24'
    >>> window_text(28, 5, s=2)
    'floor((n + 2p - f)/s) + 1 = floor((28 + 2*0 - 5)/2) + 1 = floor(11.5) + 1 = 12'
    """
    if ceil:
        return _ceil_text(n, f, s, begin, end, d)
    pads, pads_n = _padding_text(begin, end)
    f_text, f_n = ("f", show(f)) if d == 1 else ("d(f - 1) - 1", f"{show(d)}*({show(f)} - 1) - 1")
    rule, numbers = f"(n + {pads} - {f_text})", f"({show(n)} + {pads_n} - {f_n})"
    result = show(window(n, f, s, begin, end, d))
    room = n + begin + end - extent(f, d)
    if isinstance(room, int) and isinstance(s, int) and s != 0 and room % s:
        return f"floor({rule}/s) + 1 = floor({numbers}/{s}) + 1 = floor({_quotient(room, s)}) + 1 = {result}"
    if isinstance(room, Symbolic) and isinstance(s, int) and room % s != 0:
        return f"floor({rule}/s) + 1 = floor({numbers}/{s}) + 1 = {result}"
    return f"{rule}/s + 1 = {numbers}/{show(s)} + 1 = {result}"


def _quotient(a: int, b: int) -> str:
    """a/b as a person would write it: 11.5, or 23/3 where the decimals do not end soon."""
    tenths = a * 100 // b
    if abs(a) >= 10**9 or tenths * b != a * 100:
        return f"{show(a)}/{show(b)}"
    return f"{a / b:g}"  # a formula: with a point in every language


def _padding_text(begin: Dim, end: Dim) -> tuple[str, str]:
    if begin != end:
        return "p_begin + p_end", f"{show(begin)} + {show(end)}"
    return "2p", f"2*{show(begin)}"


def _ceil_text(n: Dim, f: Dim, s: Dim, begin: Dim, end: Dim, d: Dim) -> str:
    result = show(window_ceil(n, f, s, begin, end, d))
    overhang = end + s - extent(f, d)
    last = min(0, overhang) if isinstance(overhang, int) else UNKNOWN
    f_text = "f" if d == 1 else "d(f - 1) - 1"
    rule = f"floor((n + p - 1 + min(0, p + s - {f_text}))/s) + 1"
    numbers = f"floor(({show(n)} + {show(begin)} - 1 + {show(last)})/{show(s)}) + 1"
    return say("with ceil=true: {arithmetic}", arithmetic=f"{rule} = {numbers} = {result}")


def transposed_text(n: Dim, f: Dim, s: Dim = 1, begin: Dim = 0, end: Dim = 0, d: Dim = 1, output_pad: Dim = 0) -> str:
    """The rule of the transposed convolution with its numbers.

    >>> transposed_text(7, 4, s=2, begin=1, end=1)
    '(n - 1)s - 2p + f = (7 - 1)*2 - 2*1 + 4 = 14'
    """
    pads, pads_n = _padding_text(begin, end)
    if begin != end:
        pads, pads_n = f"({pads})", f"({pads_n})"
    f_text, f_n = ("f", show(f)) if d == 1 else ("d(f - 1) + 1", f"{show(d)}*({show(f)} - 1) + 1")
    extra, extra_n = (" + output_pad", f" + {show(output_pad)}") if output_pad != 0 else ("", "")
    result = show(transposed(n, f, s, begin, end, d, output_pad))
    return (
        f"(n - 1)s - {pads} + {f_text}{extra} = ({show_factor(n)} - 1)*{show(s)} - {pads_n} + {f_n}{extra_n} = {result}"
    )
