"""The smallest inputs that a network accepts."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from cnnspec.elaborate.trials import sizes_at
from cnnspec.network import Network
from cnnspec.symbolic import letter
from cnnspec.values import Size, is_open, known

LARGEST = 1 << 20
LETTERS = "ABCDEFGHIJ"


def smallest_inputs(net: Network) -> dict[str, Size] | None:
    """For each input the smallest size that the network accepts; None where none is found, or blanks leave it open.

    The letters of the sizes (`input HxWx3`) or, where there are none, the axes but for the channels are made as small
    as every layer allows: no window larger than its input, no size below 1, joins of equal sizes. All of them are first
    lowered together by as many pixels, then each for itself while the others stay. Annotations and `expect` lines are
    not judged; a `dense` after `flatten` takes the number of weights that the size asks for.

    >>> import cnnspec
    >>> smallest_inputs(cnnspec.loads("input HxWx1\\nconv 6, f=5 | maxpool 2 | conv 16, f=5"))
    {'input': (14, 14, 1)}
    """
    if net.trial is None or any(is_open(size) or not known(size) for size in net.inputs.values()):
        return None
    trial = net.trial
    sizes = sizes_at if net.letters else _sizes_of_axes

    def fits(values: dict[str, int]) -> bool:
        return trial.error(sizes(net, values)) is None

    written = dict.fromkeys(net.letters, LARGEST) or _written(net)
    most = max(written.values(), default=1)
    least = _least_above if net.letters or _letters_could_stand(net, tuple(written)) else _least_of_all
    together = least(lambda n: fits(_lowered(written, most - n)), most)
    if together is None:
        return None
    found = _lowered(written, most - together)
    for name, n in found.items() if len(found) > 1 else ():
        found[name] = least(lambda n, name=name: fits({**found, name: n}), n) or n  # type: ignore[misc]
    return sizes(net, found)


def _lowered(sizes: dict[str, int], pixels: int) -> dict[str, int]:
    return {name: max(1, n - pixels) for name, n in sizes.items()}


def _letters_could_stand(net: Network, unknowns: tuple[str, ...]) -> bool:
    """Whether letters could stand for the axes: then what fits still fits when it is larger."""
    assert net.trial is not None
    letters = {name: letter(sign) for name, sign in zip(unknowns, LETTERS, strict=False)}
    return len(letters) == len(unknowns) and net.trial.error(_sizes_of_axes(net, letters), unjudged=("E315",)) is None


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


def _written(net: Network) -> dict[str, int]:
    """The axes that can be made smaller, by name; inputs of one size (a pair of images) shrink together."""
    return {_axis(size, i): size[i] for size in net.inputs.values() for i in range(_shrinking(size))}  # type: ignore[misc]


def _axis(size: Size, i: int) -> str:
    return f"{size} {i}"


def _shrinking(size: Size) -> int:
    return len(size) - 1


def _sizes_of_axes(net: Network, values: Mapping[str, Any]) -> dict[str, Size]:
    return {
        name: (*(values[_axis(size, i)] for i in range(_shrinking(size))), *size[_shrinking(size) :])
        for name, size in net.inputs.items()
    }
