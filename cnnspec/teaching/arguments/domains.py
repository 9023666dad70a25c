"""Which values one tries for a blank argument, and which are usual: odd windows, small steps, little padding."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Sequence
from typing import Any

from cnnspec import layers
from cnnspec.layers._arguments import Choice, Flag, TensorValue
from cnnspec.layers._kind import Argument, Kind
from cnnspec.teaching.blanks import Place
from cnnspec.teaching.model import Blank
from cnnspec.values import Word, known

WINDOWS = (3, 5, 7, 1, 9, 11, 2, 4, 6, 8, 10, 12)
POOLS = (2, 3, 4, 5, 6, 7, 8, 1, 9, 10)
USUAL_FILTERS = (8, 16, 32, 64, 6, 10, 20, 4, 12, 24, 48, 96, 128, 256, 512)
LARGEST = 64
LEVELS = (0, 1, 2)  # how far to look: the usual, all there is, windows that are not square


def domain_of(blank: Blank, place: Place, arriving: Any, stated: Any, level: int) -> Sequence[Any]:
    """The values to try, the most usual first; the further the level, the more."""
    if blank.choices:
        return blank.choices
    kind = layers.find(getattr(place.step, "kind", ""))
    name = place.part.partition(".")[0]
    argument = kind.argument(name) if kind else None
    alike = known(stated) and (name == "units" or (known(arriving) and len(stated) == len(arriving)))
    if name in ("filters", "units") and alike and level != 1:
        return tuple(stated[-1:])
    found = _of_argument(kind, argument, arriving, stated) if kind and argument else _of_name(name, arriving, stated)
    values = list(dict.fromkeys(found))
    rank = len(arriving) - 1 if known(arriving) else 0
    if level == 2 and name in ("f", "s", "p") and "." not in place.part and rank == 2:
        values = [*(pair for pair in itertools.product(values[:5], repeat=2) if pair[0] != pair[1]), *values[:6]]
    return values


def _of_argument(kind: Kind, argument: Argument, arriving: Any, stated: Any) -> Iterable[Any]:
    if isinstance(argument.type, (Flag, TensorValue)):
        return (True, False)
    if isinstance(argument.type, Choice):
        return tuple(map(Word, argument.type.words))
    if argument.name == "f" and kind.family == "pooling":
        return (*_ratios(arriving, stated), *_spans(arriving, stated), *POOLS)
    if argument.name == "s" and kind.name == "conv_transpose":
        return (2, 1, 3, 4, 5)
    return _of_name(argument.name, arriving, stated)


def _of_name(name: str, arriving: Any, stated: Any) -> Iterable[Any]:
    if name == "f":
        return (*_spans(arriving, stated), *_ratios(arriving, stated), *WINDOWS)
    if name == "s":
        return (1, 2, 3, 4, 5, 6, *_ratios(arriving, stated))
    if name == "p":
        return range(13)
    if name == "output_pad":
        return range(4)
    if name in ("d", "multiplier"):
        return range(1, 7)
    if name == "groups":
        return _divisors(arriving[-1]) if known(arriving) else (1, 2, 4, 8)
    if name in ("filters", "units", "classes"):
        return (*_channels(stated), *USUAL_FILTERS, *range(1, 1025))
    if name in ("rate", "alpha"):
        return (0.5, 0.1, 0.2, 0.3, 0.25, 0.01)
    return (*_sides(arriving), *_sides(stated), *range(1, 301), 0)


def _spans(arriving: Any, stated: Any) -> Iterable[int]:
    """The windows with which one step without padding leads from one size to the other."""
    if known(arriving) and known(stated) and len(arriving) == len(stated) > 1:
        for n, m in zip(arriving[:-1], stated[:-1], strict=True):
            if isinstance(n, int) and isinstance(m, int) and 1 <= n - m + 1 <= LARGEST:
                yield n - m + 1


def _ratios(arriving: Any, stated: Any) -> Iterable[int]:
    """How often the smaller size goes into the larger: the steps of windows that lie side by side."""
    if known(arriving) and known(stated) and len(arriving) == len(stated) > 1:
        for n, m in zip(arriving[:-1], stated[:-1], strict=True):
            if isinstance(n, int) and isinstance(m, int) and 1 <= m <= n <= LARGEST * m:
                yield n // m


def _channels(stated: Any) -> Iterable[int]:
    if known(stated) and isinstance(stated[-1], int):
        c = stated[-1]
        yield from (c, 2 * c, 3 * c, 4 * c)
        yield from (c // k for k in (2, 3, 4) if c % k == 0)


def _sides(size: Any) -> Iterable[int]:
    return (n for n in size if isinstance(n, int)) if known(size) else ()


def _divisors(n: Any) -> Iterable[int]:
    return [d for d in range(1, min(n, 256) + 1) if n % d == 0] if isinstance(n, int) else (1, 2, 4, 8)


def cost_of(blank: Blank, place: Place, values: Any) -> float:
    """How unusual a value is beside the others."""
    value, name = values[blank.key], place.part.partition(".")[0]
    parts = value if isinstance(value, tuple) else (value,)
    kind = layers.find(getattr(place.step, "kind", ""))
    uneven: float = 20.0 if isinstance(value, tuple) and len(set(value)) > 1 else 0.0
    if name == "f":
        usual = POOLS if kind is not None and kind.family == "pooling" else WINDOWS
        return uneven + sum(_rank(f, usual) for f in parts) / len(parts)
    if name in ("s", "d"):
        return uneven + 3.0 * float(max(parts))
    if name == "p" and isinstance(parts[0], int):
        return uneven + max(0.5 + float(p) / 4 if p else 0.0 for p in parts)
    numbers = [part for part in parts if isinstance(part, (int, float))]
    return uneven + sum(abs(float(part)) for part in numbers) / 1000


def _rank(value: Any, usual: Sequence[int]) -> float:
    return float(usual.index(value)) if value in usual else 8 + float(value) / 4
