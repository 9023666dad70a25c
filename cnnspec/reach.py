"""Which values of the input a row of values sees, along one axis: intervals that move on with a period.

A convolution moves on by its stride with every value. What enlarges repeats itself only after several values: of
`upsample 2`, the values 0 and 1 see pixel 0, the values 2 and 3 see pixel 1.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Sequence
from typing import Any, Final, NamedTuple

from cnnspec.values import UNKNOWN

MOST_PHASES: Final = 256  # a longer period than any real network has: what lies beyond stays open


class Reach(NamedTuple):
    """Value i (0 <= i < phases) sees begin + starts[i] to begin + ends[i]; phases values further, `advance` more.

    With `advance` 0 all values see the same. `stride` is the distance from one value to the next, on average; of what
    sees everything, that of the grid of values. Numbers may be open or symbolic, but for `starts`.
    """

    begin: Any = 0
    starts: tuple[Any, ...] = (0,)
    ends: tuple[Any, ...] = (0,)
    advance: Any = 1
    stride: Any = 1

    @property
    def phases(self) -> int:
        return len(self.starts)

    @property
    def fixed(self) -> bool:
        """Whether all values see the same."""
        return bool(self.advance == 0)

    @property
    def size(self) -> Any:
        """How much a value sees: the most, where they alternate."""
        if any(not isinstance(n, int) for n in (*self.starts, *self.ends)):
            return self.ends[0] - self.starts[0] + 1
        return max(end - start for start, end in zip(self.starts, self.ends, strict=True)) + 1

    def through(self, window: Reach) -> Reach:
        """What the values of the next layer see, whose windows over this one's values are `window`."""
        stride = _plain(window.stride * self.stride)
        if self.fixed:
            return self._replace(stride=stride)
        try:
            seen = self._through(window)
        except OverflowError:  # an expression beyond its limits
            seen = None
        return open_reach(stride) if seen is None else seen._replace(stride=stride)

    def _through(self, window: Reach) -> Reach | None:
        if self.phases == 1:
            if window.phases > 1 and not isinstance(self.advance, int):
                return None
            return Reach(
                self.begin + _times(window.begin, self.advance),
                tuple(_times(n, self.advance) for n in window.starts),
                tuple(self.ends[0] + _times(n, self.advance) for n in window.ends),
                _times(window.advance, self.advance),
            )
        numbers = (window.begin, window.advance, self.advance, *window.starts, *window.ends, *self.starts, *self.ends)
        if not all(isinstance(n, int) for n in numbers):
            return None
        rounds = self.phases // math.gcd(self.phases, window.advance)
        if rounds * window.phases > MOST_PHASES:
            return None
        places = [window.span(i) for i in range(rounds * window.phases)]
        first = self._start(places[0][0])
        return Reach(
            self.begin + first,
            tuple(self._start(start) - first for start, _ in places),
            tuple(self._end(end) - first for _, end in places),
            self.advance * (window.advance * rounds // self.phases),
        )

    def span(self, i: int) -> tuple[Any, Any]:
        """First and last of what value i sees."""
        return self.begin + self._start(i), self.begin + self._end(i)

    def _start(self, i: int) -> Any:
        return self.starts[i % self.phases] + i // self.phases * self.advance

    def _end(self, i: int) -> Any:
        return self.ends[i % self.phases] + i // self.phases * self.advance


def open_reach(stride: Any = UNKNOWN) -> Reach:
    """Nothing is known but, perhaps, the stride."""
    return Reach(UNKNOWN, (0,), (UNKNOWN,), UNKNOWN, stride)


def everything(n: Any) -> Reach:
    """One window over all n values: of a global pooling."""
    return Reach(0, (0,), (n - 1,), 0, n if isinstance(n, int) else UNKNOWN)


def periodic(n: Any, m: Any, span: Callable[[int, int, int], tuple[int, int]]) -> Reach:
    """m values over n of them: `span(i, n, m)` is first and last of what value i sees, n/m in lowest terms."""
    from fractions import Fraction

    if not isinstance(n, int) or not isinstance(m, int):
        return open_reach()
    ratio = Fraction(n, m)
    if ratio.denominator > MOST_PHASES:
        return open_reach(_plain(ratio))
    spans = [span(i, ratio.numerator, ratio.denominator) for i in range(ratio.denominator)]
    begin = spans[0][0]
    starts, ends = tuple(start - begin for start, _ in spans), tuple(end - begin for _, end in spans)
    return Reach(begin, starts, ends, ratio.numerator, _plain(ratio))


def nearest(i: int, n: int, m: int) -> tuple[int, int]:
    """Value i of what enlarges by repeating: pixel floor(i*n/m), and no other."""
    return i * n // m, i * n // m


# --- where branches meet ----------------------------------------------------------------------------------------------


def together(branches: Sequence[Reach], n: Any, gates: Sequence[Reach] = ()) -> Reach:
    """What n values see that are made of those of several branches; a gate comes to all of them alike.

    Where the strides of the branches differ, only the size is known: the widest.
    """
    branches = list(dict.fromkeys(branches))
    stride = branches[0].stride if all(one.stride == branches[0].stride for one in branches) else UNKNOWN
    if gates or any(one.fixed for one in branches):
        whole = [one if one.fixed else one.through(everything(n)) for one in (*branches, *gates)]
        return _hull(whole)._replace(stride=stride)
    if len(branches) == 1:
        return branches[0]
    phases = math.lcm(*(one.phases for one in branches))
    if stride is UNKNOWN or phases > MOST_PHASES:
        widest = _most([one.size for one in branches])
        return Reach(UNKNOWN, (0,), (widest - 1,), UNKNOWN, stride)
    if phases == 1:
        return _hull(branches)
    if not all(isinstance(one.begin, int) for one in branches):
        return open_reach(stride)
    spans = [[one.span(i) for one in branches] for i in range(phases)]
    begin = min(start for start, _ in spans[0])
    return Reach(
        begin,
        tuple(min(start for start, _ in row) - begin for row in spans),
        tuple(max(end for _, end in row) - begin for row in spans),
        branches[0].advance * (phases // branches[0].phases),
        stride,
    )


def _hull(branches: Sequence[Reach]) -> Reach:
    """From the first that one of them sees to the last: of one phase each, and of one stride."""
    begin = -_most([-one.begin for one in branches])
    end = _most([one.begin + one.ends[0] for one in branches])
    extent = end - begin if begin is not UNKNOWN and end is not UNKNOWN else _most([one.ends[0] for one in branches])
    return branches[0]._replace(begin=begin, ends=(extent,))


def _most(numbers: Iterable[Any]) -> Any:
    """The largest, where that is certain."""
    found = list(dict.fromkeys(numbers))
    if all(isinstance(n, int) for n in found):
        return max(found)
    return next((n for n in found if all(n is m or n >= m for m in found)), UNKNOWN)


def _times(a: Any, b: Any) -> Any:
    """The product; 0 times something open is 0."""
    return 0 if a == 0 or b == 0 else a * b


def _plain(n: Any) -> Any:
    """A fraction that is a whole number as one."""
    return n.numerator if getattr(n, "denominator", 0) == 1 else n
