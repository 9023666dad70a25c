"""What fresh exercises are made of: for each level, networks of a few lines with numbers that are thrown."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TypeVar

from cnnspec.record import Record
from cnnspec.teaching.variants.drawing import pick

T = TypeVar("T")
POSITIONAL = ("filters", "units")
FIRST = {"maxpool": "f", "avgpool": "f", "depthwise": "f"}


class Dice:
    """Choices that hang on a text alone, the same in every version."""

    def __init__(self, seed: str) -> None:
        self.seed = seed
        self.thrown = 0

    def one(self, items: Sequence[T]) -> T:
        """One of the items."""
        self.thrown += 1
        return items[pick(len(items), f"{self.seed}:{self.thrown}")]

    def exactly(self, items: Sequence[T], count: int) -> list[T]:
        """So many of the items, in their order; all where there are no more."""
        left = list(items)
        while len(left) > count:
            left.remove(self.one(left))
        return left

    def different(self, make: Callable[[], T], count: int) -> list[T]:
        """So many things that are thrown, no two of them equal."""
        found: list[T] = []
        while len(found) < count:
            thrown = make()
            if thrown not in found:
                found.append(thrown)
        return found


class Statement(Record):
    """A line: a layer with its arguments, and what stands behind it. Without a kind, `rest` is the whole line."""

    kind: str
    arguments: Mapping[str, int | str]
    rest: str = ""

    def blankable(self) -> list[str]:
        """The arguments that a student can find."""
        return [name for name, value in self.arguments.items() if isinstance(value, int)]

    def text(self, blanks: Sequence[str] = ()) -> str:
        """The line, with `?` in the place of some arguments."""
        parts = []
        for name, value in self.arguments.items():
            shown_value = "?" if name in blanks else str(value)
            positional = name in POSITIONAL or FIRST.get(self.kind) == name
            parts.append(shown_value if positional else f"{name}={shown_value}")
        return f"{self.kind} {', '.join(parts)}".strip() + self.rest


class Recipe(Record):
    """An input and the lines after it."""

    input: str
    statements: tuple[Statement, ...]

    def head(self, name: str = "") -> str:
        return f"model {name}\n{self.input}\n" if name else f"{self.input}\n"

    def text(self, name: str) -> str:
        """The network, without annotations."""
        return self.head(name) + "\n".join(statement.text() for statement in self.statements) + "\n"


def _conv(filters: int, f: int, rest: str = " | relu", **others: int) -> Statement:
    return Statement(
        "conv", {"filters": filters, "f": f, **{k: v for k, v in others.items() if v != DEFAULTS[k]}}, rest
    )


MODELS = {
    "conv": "convolutions",
    "pool": "pooling",
    "lenet": "lenet",
    "groups": "grouped",
    "dilation": "dilated",
    "transposed": "transposed",
    "residual": "skips",
    "mlp": "mlp",
}
DEFAULTS = {"s": 1, "p": 0, "d": 1, "groups": 1}


def _line(text: str) -> Statement:
    return Statement("", {}, text)


def _dense(units: int, rest: str = " | relu") -> Statement:
    return Statement("dense", {"units": units}, rest)


# --- networks --------------------------------------------------------------------------------------------------------


def conv(dice: Dice) -> Recipe:
    n, channels = dice.one((28, 32, 36, 48, 64)), dice.one((1, 3))
    first, second = dice.one((4, 6, 8, 10, 16)), dice.one((8, 12, 16, 20, 32))
    f = dice.one((3, 5, 7))
    p = dice.one((0, f // 2))
    return Recipe(
        f"input {n}x{n}x{channels}",
        (_conv(first, f, p=p), _conv(second, dice.one((3, 5)), s=dice.one((1, 2)), p=dice.one((0, 1)))),
    )


def pool(dice: Dice) -> Recipe:
    n, channels, f = dice.one((28, 30, 32, 36, 40)), dice.one((1, 3)), dice.one((3, 5))
    kind = dice.one(("maxpool", "avgpool"))
    first, second = dice.one((6, 8, 10, 16)), dice.one((12, 16, 20, 24, 32))
    lines = (
        _conv(first, f, p=dice.one((0, f // 2))),
        Statement(kind, {"f": 2}),
        _conv(second, dice.one((3, 5)), p=dice.one((0, 1))),
        Statement(kind, {"f": dice.one((2, 3))}),
    )
    return Recipe(f"input {n}x{n}x{channels}", lines)


def lenet(dice: Dice) -> Recipe:
    n, channels = dice.one((28, 32, 36)), dice.one((1, 3))
    f, p = dice.one(((5, 0), (5, 2), (3, 1)))
    lines = (
        _conv(dice.one((6, 8, 10)), f, p=p),
        Statement("maxpool", {"f": 2}),
        _conv(dice.one((12, 16, 20)), dice.one((3, 5))),
        Statement("maxpool", {"f": 2}),
        _line("flatten"),
        _dense(dice.one((64, 84, 100, 120))),
        _dense(dice.one((4, 5, 6, 10)), " | softmax"),
    )
    return Recipe(f"input {n}x{n}x{channels}", lines)


def groups(dice: Dice) -> Recipe:
    n, k, g = dice.one((16, 28, 32)), dice.one((8, 12, 16, 24)), dice.one((2, 4))
    lines = (
        _conv(k, 3, p=1),
        _conv(2 * k, 3, p=dice.one((0, 1)), groups=g),
        Statement("depthwise", {"f": 3, "p": 1}, " | relu"),
        _conv(k, 1),
    )
    return Recipe(f"input {n}x{n}x3", lines)


def dilation(dice: Dice) -> Recipe:
    n, k, d = dice.one((28, 32, 40, 48)), dice.one((4, 6, 8, 16)), dice.one((2, 3))
    f = dice.one((3, 5))
    lines = (
        _conv(k, 3, p=dice.one((0, 1))),
        _conv(2 * k, f, p=dice.one((0, d * (f - 1) // 2)), d=d),
        _conv(2 * k, 3, p=dice.one((0, 2 * d)), d=2 * d),
    )
    return Recipe(f"input {n}x{n}x{dice.one((1, 3))}", lines)


def transposed(dice: Dice) -> Recipe:
    n, k = dice.one((16, 24, 28, 32)), dice.one((8, 12, 16))
    f, p = dice.one(((2, 0), (4, 1)))
    up = {"filters": k, "f": f, "s": 2, **({"p": p} if p else {})}
    lines = (
        _conv(k, 3, p=1),
        Statement("maxpool", {"f": 2}),
        _conv(2 * k, 3, p=1),
        Statement("conv_transpose", up, " | relu"),
        _conv(dice.one((1, 3)), 1, ""),
    )
    return Recipe(f"input {n}x{n}x{dice.one((1, 3))}", lines)


def residual(dice: Dice) -> Recipe:
    n, k = dice.one((16, 28, 32)), dice.one((8, 12, 16))
    lines = (
        _conv(k, 3, p=1),
        _line(_skip(k)),
        Statement("maxpool", {"f": 2}),
        _line(f"{_skip(2 * k)} shortcut {{\n    conv {2 * k}, f=1\n}}"),
        _line("global_avgpool"),
        _dense(dice.one((4, 5, 10)), " | softmax"),
    )
    return Recipe(f"input {n}x{n}x3", lines)


def _skip(k: int) -> str:
    return f"residual {{\n    conv {k}, f=3, p=1 | relu\n    conv {k}, f=3, p=1\n}}"


def mlp(dice: Dice) -> Recipe:
    sizes = (dice.one((64, 100, 196, 256, 784)), dice.one((64, 100, 128, 256)), dice.one((20, 32, 50, 64)))
    lines = (_dense(sizes[1]), _dense(sizes[2]), _dense(dice.one((4, 5, 10, 20)), " | softmax"))
    return Recipe(f"input {sizes[0]}", lines)


RECIPES: dict[str, Callable[[Dice], Recipe]] = {
    "conv": conv,
    "pool": pool,
    "lenet": lenet,
    "groups": groups,
    "dilation": dilation,
    "transposed": transposed,
    "residual": residual,
    "mlp": mlp,
}


def dilated_design(dice: Dice) -> Recipe:
    """Few filters, and windows that widen by gaps: to see as much without gaps costs more parameters."""
    n, d, k = dice.one((28, 32, 36, 40, 48)), dice.one((3, 4, 5)), dice.one((2, 3, 4))
    lines = tuple(_conv(one, 3, p=gap, d=gap) for one, gap in ((2, 1), (2, d), (k, 2 * d)))
    return Recipe(f"input {n}x{n}x1", lines)


DESIGNS: dict[str, Callable[[Dice], Recipe]] = {"dilation": dilated_design}
"""Where the network of the other kinds would not force a design to be of the level."""

# --- values by hand --------------------------------------------------------------------------------------------------

KERNELS = (
    ((-1, -1, -1), (-1, 8, -1), (-1, -1, -1)),
    ((1, 0, -1), (1, 0, -1), (1, 0, -1)),
    ((1, 1, 1), (0, 0, 0), (-1, -1, -1)),
    ((0, 1, 0), (1, -4, 1), (0, 1, 0)),
    ((1, 0, 2), (0, 1, 0), (-1, 0, 1)),
    ((0, 1, 2), (-1, 0, 1), (-2, -1, 0)),
)


def _grid(dice: Dice, rows: int, columns: int, largest: int = 9) -> list[list[int]]:
    return [[dice.one(range(largest + 1)) for _ in range(columns)] for _ in range(rows)]


def shown(grid: Sequence[Sequence[int]]) -> str:
    """
    >>> shown([[1, 2], [3, 4]])
    '[[1, 2], [3, 4]]'
    """
    return f"[{', '.join(str(list(row)) for row in grid)}]"


def _by_hand(level: str, n: int, grid: str, lines: Sequence[str]) -> str:
    body = "\n".join(lines)
    return f"model {MODELS[level]}\ninput {n}x{n}x1\n{body}\nexample {grid} -> ?\n"


def _filter(dice: Dice, **others: int) -> str:
    arguments = "".join(f", {name}={value}" for name, value in others.items())
    return f"conv 1, f=3{arguments}, weight={shown(dice.one(KERNELS))}, bias=false"


def values_conv(dice: Dice) -> str:
    n, p = dice.one(((4, 0), (5, 0), (4, 1)))
    return _by_hand("conv", n, shown(_grid(dice, n, n)), [_filter(dice, **({"p": p} if p else {}))])


def values_pool(dice: Dice) -> str:
    kind = dice.one(("maxpool", "avgpool"))
    line = dice.one((f"{kind} 2", f"{kind} 2, s=1"))
    return _by_hand("pool", 4, shown(_grid(dice, 4, 4)), [line])


def values_lenet(dice: Dice) -> str:
    return _by_hand("lenet", 6, shown(_grid(dice, 6, 6, 5)), [_filter(dice), "relu", "maxpool 2"])


def values_groups(dice: Dice) -> str:
    kernels = ", ".join(map(shown, dice.different(lambda: _grid(dice, 2, 2, 2), 2)))
    pixels = [[[dice.one(range(6)) for _ in range(2)] for _ in range(3)] for _ in range(3)]
    return f"model grouped\ninput 3x3x2\ndepthwise 2, weight=[{kernels}], bias=false\nexample {pixels} -> ?\n"


def values_dilation(dice: Dice) -> str:
    return _by_hand("dilation", 6, shown(_grid(dice, 6, 6)), [_filter(dice, d=2)])


def values_transposed(dice: Dice) -> str:
    kernel = shown(_grid(dice, 2, 2, 3))
    line = f"conv_transpose 1, f=2, s={dice.one((1, 2))}, weight={kernel}, bias=false"
    return _by_hand("transposed", 2, shown(_grid(dice, 2, 2)), [line])


def values_residual(dice: Dice) -> str:
    return _by_hand("residual", 3, shown(_grid(dice, 3, 3)), [f"residual {{ {_filter(dice, p=1)} }}", "relu"])


def values_mlp(dice: Dice) -> str:
    weights = dice.different(lambda: [dice.one((-2, -1, 0, 1, 2, 3)) for _ in range(3)], 3)
    bias = [dice.one((-2, -1, 1, 2)) for _ in range(3)]
    x = [dice.one(range(1, 6)) for _ in range(3)]
    return f"model mlp\ninput 3\ndense 3, weight={weights}, bias={bias} | relu\nexample {x} -> ?\n"


VALUES: dict[str, Callable[[Dice], str]] = {
    "conv": values_conv,
    "pool": values_pool,
    "lenet": values_lenet,
    "groups": values_groups,
    "dilation": values_dilation,
    "transposed": values_transposed,
    "residual": values_residual,
    "mlp": values_mlp,
}
