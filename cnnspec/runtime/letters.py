"""Inputs whose sizes letters leave open (`input HxWx3`): what fits, and what to say where it does not."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

from cnnspec.language import listing, say
from cnnspec.network import Network
from cnnspec.runtime.session import Port, RunProblem
from cnnspec.solving import solve
from cnnspec.symbolic import letter
from cnnspec.values import Size, Symbolic, show_size

if TYPE_CHECKING:
    from cnnspec.network import Trial

AXIS = re.compile(r"(?:(\d{1,15})\*)?([A-Z])(?: ([+-]) (\d{1,15}))?")
REMEMBERED = 1000


class Step(NamedTuple):
    """What an open axis may measure: `factor` times a number from 1 on, and `added`."""

    letter: str
    factor: int = 1
    added: int = 0

    def nearest(self, n: float) -> int:
        """The number for the letter whose size is nearest to n pixels."""
        return max(1, int((2 * (n - self.added) + self.factor) // (2 * self.factor)))

    def size(self, value: int) -> int:
        return self.factor * value + self.added

    def __str__(self) -> str:
        return str(letter(self.letter) * self.factor + self.added)


def step_of(axis: Any) -> Step | None:
    """What a name of an axis in a graph means, such as "16*H + 4"; None where it is no such name.

    >>> step_of("16*H + 4"), step_of("batch")
    (Step(letter='H', factor=16, added=4), None)
    """
    match = AXIS.fullmatch(axis) if isinstance(axis, str) else None
    if match is None:
        return None
    factor, name, sign, added = match.groups()
    return Step(name, int(factor or 1), int(f"{sign}{added}") if added else 0)


class Letters:
    """Holds the shapes that are given against the sizes of the inputs, and against the network itself."""

    def __init__(self, sizes: Mapping[str, Size], net: Network | None = None) -> None:
        self._sizes = sizes
        self._net = net
        self._accepted: set[tuple[int, ...]] = set()

    def check(self, shapes: Mapping[str, tuple[int, ...]]) -> None:
        """Raises RunProblem where arrays (N, channels, …) of these shapes are none that the network takes."""
        values: dict[str, tuple[str, int]] = {}
        for name, size in self._sizes.items():
            given = (*shapes[name][2:], shapes[name][1])
            for axis, n in zip(size, given, strict=True):
                if isinstance(axis, Symbolic):
                    self._bind(name, axis, n, values)
        key = tuple(n for _, n in values.values())
        if self._net is not None and key not in self._accepted:
            self._try(self._net, {name: n for name, (_, n) in values.items()})
            if len(self._accepted) < REMEMBERED:
                self._accepted.add(key)

    def _bind(self, name: str, axis: Any, n: int, values: dict[str, tuple[str, int]]) -> None:
        found = solve(axis, n)
        if found is None:
            step = step_of(str(axis)) or Step("")
            value = step.nearest(n)
            sizes = sorted((step.size(k) for k in (value, value + 1, value - 1) if k >= 1), key=lambda k: abs(k - n))
            raise RunProblem(
                say("`{name}`: {n} pixels do not fit {axis}", name=name, n=n, axis=axis),
                say("give {sizes}", sizes=listing([str(size) for size in sorted(sizes[:2])], either=True)),
            )
        where, before = values.setdefault(found[0], (name, found[1]))
        if before != found[1]:
            values_of: dict[str, Any] = {"name": name, "letter": found[0], "here": found[1], "before": before}
            raise RunProblem(
                say("`{name}`: {letter} cannot be {here} here and {before}", **values_of)
                if where == name
                else say(
                    "`{name}`: {letter} cannot be {here} here and {before} in `{there}`", **values_of, there=where
                ),
                say("where the spec writes {letter}, sizes are the same", letter=found[0]),
            )

    def _try(self, net: Network, values: dict[str, int]) -> None:
        from cnnspec.sizes import at

        trial: Trial | None = net.trial
        sizes = {name: at(size, values) for name, size in net.inputs.items()}
        error = trial.error(sizes) if trial is not None else None
        if error is None:
            return
        from cnnspec.smallest import smallest_inputs

        given = listing([show_size(size) for size in sizes.values()])
        smallest = smallest_inputs(net) or {}
        too_small = any(n < m for name, size in smallest.items() for n, m in zip(sizes[name], size, strict=True))
        least = listing([show_size(size) for size in smallest.values()])
        raise RunProblem(
            say(
                "the network does not take {given}: line {row}: {message}",
                given=given,
                row=error.source.row(error.span.start),
                message=error.message,
            ),
            say("the smallest input is {least}", least=least) if too_small else "",
        )


def letters_of(net: Network) -> Letters | None:
    """What holds shapes against the network; None where all its sizes are known."""
    return Letters(net.inputs, net) if net.letters else None


def letters_of_ports(ports: Sequence[Port]) -> Letters | None:
    """The same for a compiled model, as far as the names of its axes say it."""
    sizes = {port.name: tuple(_size(n) for n in (*port.shape[2:], *port.shape[1:2])) for port in ports}
    return Letters(sizes) if any(isinstance(n, Symbolic) for size in sizes.values() for n in size) else None


def _size(axis: Any) -> Any:
    step = step_of(axis)
    return axis if step is None else letter(step.letter) * step.factor + step.added
