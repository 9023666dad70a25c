"""The smallest inputs that a network accepts."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping
from typing import Any, NamedTuple, TypeAlias

from cnnspec.elaborate.trials import sizes_at
from cnnspec.network import Network, Trial
from cnnspec.sizes import elements
from cnnspec.symbolic import letter
from cnnspec.values import Size, is_open, known

LARGEST = 1 << 20
LETTERS = "ABCDEFGHIJ"
MOST_STEPS = 500_000  # of all trials together: about two seconds

Sizes: TypeAlias = dict[str, Size]


def smallest_inputs(net: Network) -> Sizes | None:
    """For each input the smallest size that the network accepts; None where none is found, or blanks leave it open.

    The letters of the sizes (`input HxWx3`) or, where there are none, the axes but for the channels are made as small
    as every layer allows: no window larger than its input, no size below 1, joins of equal sizes. All of them are first
    lowered together by as many pixels, then each for itself while the others stay; several inputs also in proportion.
    Annotations and `expect` lines are not judged; a `dense` after `flatten` takes the number of weights that the size
    asks for. The search ends without a result where it would takes more than some seconds.

    >>> import cnnspec
    >>> smallest_inputs(cnnspec.loads("input HxWx1\\nconv 6, f=5 | maxpool 2 | conv 16, f=5"))
    {'input': (14, 14, 1)}
    """
    if net.trial is None or any(is_open(size) or not known(size) for size in net.inputs.values()):
        return None
    found = [sizes for unknowns in _ways(net) if (sizes := _search(net.trial, unknowns)) is not None]
    return min(found, key=_pixels, default=None)


def _pixels(sizes: Sizes) -> Any:
    return sum(elements(size) for size in sizes.values())


class _Unknowns(NamedTuple):
    """What can be made smaller, by name with the value that is written, and the inputs' sizes for other values."""

    written: dict[str, int]
    sizes: Callable[[Mapping[str, Any]], Sizes]
    letters: bool = False


def _ways(net: Network) -> Iterator[_Unknowns]:
    """The letters; without them, each different axis, or what the same axis of several inputs has in common."""
    if net.letters:
        yield _Unknowns(dict.fromkeys(net.letters, LARGEST), lambda values: sizes_at(net, values), True)
        return
    inputs: Any = net.inputs
    axes = {_axis(size, i): n for size in inputs.values() for i, n in enumerate(size[:-1])}
    yield _Unknowns(axes, lambda values: _with_axes(inputs, lambda size, i: values[_axis(size, i)]))
    if len(set(inputs.values())) > 1:
        rank = max(map(len, inputs.values())) - 1
        common = {str(i): math.gcd(*(size[i] for size in inputs.values() if len(size) > i + 1)) for i in range(rank)}
        yield _Unknowns(
            common, lambda values: _with_axes(inputs, lambda size, i: values[str(i)] * (size[i] // common[str(i)]))
        )


def _axis(size: Size, i: int) -> str:
    """A name for an axis; inputs of one size (a pair of images) shrink together."""
    return f"{size} {i}"


def _with_axes(inputs: Sizes, axis: Callable[[Any, int], Any]) -> Sizes:
    return {name: (*(axis(size, i) for i in range(len(size) - 1)), size[-1]) for name, size in inputs.items()}


class _GaveUp(Exception):  # noqa: N818  (no error: the search is over)
    """The trials have taken too long."""


def _search(trial: Trial, unknowns: _Unknowns) -> Sizes | None:
    def fits(values: Mapping[str, int]) -> bool:
        if trial.steps > MOST_STEPS:
            raise _GaveUp
        return trial.error(unknowns.sizes(values)) is None

    try:
        return _least(fits, unknowns, _least_above if _letters_could_stand(trial, unknowns) else _least_of_all)
    except _GaveUp:
        return None


def _least(fits: Callable[[Mapping[str, int]], bool], unknowns: _Unknowns, least: _Rule) -> Sizes | None:
    written = unknowns.written
    most = max(written.values(), default=1)
    together = least(lambda n: fits(_lowered(written, most - n)), most)
    if together is None:
        return None
    found = _lowered(written, most - together)
    for name, n in found.items() if len(found) > 1 else ():
        found[name] = least(lambda n, name=name: fits({**found, name: n}), n) or n  # type: ignore[misc]
    return unknowns.sizes(found)


def _lowered(sizes: dict[str, int], pixels: int) -> dict[str, int]:
    return {name: max(1, n - pixels) for name, n in sizes.items()}


def _letters_could_stand(trial: Trial, unknowns: _Unknowns) -> bool:
    """Whether letters stand for what is made smaller, or could: then what fits still fits when it is larger."""
    if unknowns.letters:
        return True
    letters = {name: letter(sign) for name, sign in zip(unknowns.written, LETTERS, strict=False)}
    return len(letters) == len(unknowns.written) and trial.error(unknowns.sizes(letters), unjudged=("E315",)) is None


_Rule: TypeAlias = Callable[[Callable[[int], bool], int], int | None]


def _least_of_all(fits: Callable[[int], bool], most: int) -> int | None:
    """The least number that fits, at most `most`, where larger ones may not."""
    return next((n for n in range(1, most + 1) if fits(n)), None)


def _least_above(fits: Callable[[int], bool], most: int) -> int | None:
    """The least number that fits, at most `most`, where all larger ones do."""
    low, high = 0, 1
    while not fits(high):
        if high >= most:
            return None
        low, high = high, min(2 * high, most)
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (low, middle) if fits(middle) else (middle, high)
    return high
