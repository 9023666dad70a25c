"""The differences of two networks, layer by layer and in total."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, NamedTuple

from cnnspec.layers._arguments import ValueName
from cnnspec.network import Input, Layer, Network, Value
from cnnspec.report.diff.matching import Match, bare_name, match_layers
from cnnspec.report.table import add_up
from cnnspec.report.written import argument_text, is_default
from cnnspec.values import Dim, show

ADDED, REMOVED, CHANGED, RENAMED, FOLLOWS = "added", "removed", "changed", "renamed", "follows"
COUNTS = ("params", "trainable", "macs")


class Change(NamedTuple):
    """What is different about a layer itself: an argument, its kind, what it reads, whether it is frozen."""

    what: str
    before: str
    after: str


class Difference(NamedTuple):
    """A layer, input or output that differs: added, removed, changed.

    "follows" is one of which only the size or the counts differ, "renamed" one of which only the name does, and not
    just in its numbers.
    """

    status: str
    before: Value | None
    after: Value | None
    changes: tuple[Change, ...] = ()
    names: tuple[str, str] = ("", "")  # of outputs, which have a name of their own

    def delta(self, count: str) -> Dim:
        """How many more parameters or multiply-and-adds there are: "params", "trainable" or "macs"."""
        before, after = (getattr(side, count, 0) for side in (self.before, self.after))
        return minus(after, before)


class Twins:
    """For each value before, the one after that is the same."""

    def __init__(self, pairs: Iterable[tuple[Value | None, Value | None]]) -> None:
        kept = [(a, b) for a, b in pairs if a is not None and b is not None]
        self.after = {id(a): b for a, b in kept}
        self.came = {id(b) for _, b in kept}

    def of(self, value: Value) -> Value | None:
        return self.after.get(id(value))


class Totals(NamedTuple):
    """The counts of a whole network."""

    layers: int
    params: Dim
    trainable: Dim
    non_trainable: Dim
    macs: Dim


class Differences(NamedTuple):
    """All differences, inputs first; `totals` are those before and after."""

    inputs: tuple[Difference, ...]
    layers: tuple[Difference, ...]
    outputs: tuple[Difference, ...]
    totals: tuple[Totals, Totals]

    @property
    def all(self) -> tuple[Difference, ...]:
        return (*self.inputs, *self.layers, *self.outputs)


def differences(before: Network, after: Network) -> Differences:
    """What is different in `after`; nothing where only the numbers in the names of layers are."""
    matches = match_layers(before.layers, after.layers)
    inputs = _by_name(before.input_values, after.input_values)
    twins = Twins((*matches, *inputs))
    return Differences(
        tuple(one for a, b in inputs if (one := _of_input(a, b)) is not None),
        tuple(one for match in matches if (one := _of_layer(match, twins)) is not None),
        tuple(_of_outputs(before.output_values, after.output_values, twins)),
        (totals(before), totals(after)),
    )


def totals(net: Network) -> Totals:
    sums = add_up(net.layers)
    return Totals(len(net.layers), sums.params, sums.trainable, sums.non_trainable, sums.macs)


def minus(after: Any, before: Any) -> Dim:
    """The difference; open where one of them is."""
    difference: Dim = after - before
    return difference


# --- layers -----------------------------------------------------------------------------------------------------------


def _of_layer(match: Match, twins: Twins) -> Difference | None:
    before, after = match
    if before is None or after is None:
        return Difference(ADDED if before is None else REMOVED, before, after)
    changes = (*_arguments(before, after), *_connections(before, after, twins), *_surroundings(before, after, twins))
    if changes:
        return Difference(CHANGED, before, after, changes)
    if bare_name(before.name) != bare_name(after.name):
        return Difference(RENAMED, before, after)
    same_counts = all(show(getattr(before, name)) == show(getattr(after, name)) for name in COUNTS)
    same = same_counts and show(before.output_size) == show(after.output_size)
    return None if same else Difference(FOLLOWS, before, after)


def _arguments(before: Layer, after: Layer) -> Iterator[Change]:
    """The arguments that differ, as they are written: f, "5", "3". Of another kind, the kind alone."""
    if before.kind != after.kind:
        yield Change("kind", before.kind, after.kind)
        return
    if before.args is None:
        return
    for argument in before.definition.arguments:
        a, b = getattr(before.args, argument.name), getattr(after.args, argument.name)
        if a is b or a == b or isinstance(argument.type, ValueName):
            continue
        if is_default(argument, a, before.operation) and is_default(argument, b, after.operation):
            continue  # the stride of a pooling goes with its window
        texts = [_text(value) for value in (a, b)]
        yield Change(argument.name, texts[0], texts[1] if texts[0] != texts[1] else "other values")


def _text(value: Any) -> str:
    return "none" if value is None else argument_text(value)


def _connections(before: Layer, after: Layer, twins: Twins) -> Iterator[Change]:
    """Other values come in. What was put in between, or taken out, is no other connection of the next layer."""
    kept = [twin for value in before.operands if (twin := twins.of(value)) is not None]
    lost = [twin for twin in kept if not any(twin is value for value in after.operands)]
    gained = [v for v in after.operands if id(v) in twins.came and not any(v is twin for twin in kept)]
    more = len(before.operands) != len(after.operands)
    if (lost and gained) or (more and (lost or gained)):
        yield Change("inputs", ", ".join(before.inputs), ", ".join(after.inputs))


def _surroundings(before: Layer, after: Layer, twins: Twins) -> Iterator[Change]:
    if before.frozen != after.frozen and show(before.operation.params) != "0":
        yield Change("frozen", show(before.frozen), show(after.frozen))
    a, b = before.shares, after.shares
    if (a is None) != (b is None) or (a is not None and twins.of(a) is not b):
        yield Change("weights", a.name if a else "its own", b.name if b else "its own")


# --- inputs and outputs -----------------------------------------------------------------------------------------------


def _by_name(before: Mapping[str, Input], after: Mapping[str, Input]) -> list[tuple[Input | None, Input | None]]:
    """Inputs of the same name; the others in their order."""
    left = [name for name in before if name not in after]
    right = [name for name in after if name not in before]
    renamed = dict(zip(left, right, strict=False))
    pairs: list[tuple[Input | None, Input | None]] = []
    for name, value in before.items():
        pairs.append((value, after.get(renamed.get(name, name))))
    new = right[len(left) :]
    return [*pairs, *((None, after[name]) for name in new)]


def _of_input(before: Input | None, after: Input | None) -> Difference | None:
    if before is None or after is None:
        return Difference(ADDED if before is None else REMOVED, before, after)
    changes = []
    if show(before.size) != show(after.size):
        changes.append(Change("size", show(before.size), show(after.size)))
    if before.integer != after.integer:
        changes.append(Change("integer", show(before.integer), show(after.integer)))
    if changes:
        return Difference(CHANGED, before, after, tuple(changes))
    return None if before.name == after.name else Difference(RENAMED, before, after)


def _of_outputs(before: Mapping[str, Value], after: Mapping[str, Value], twins: Twins) -> Iterator[Difference]:
    for name in dict.fromkeys((*before, *after)):
        a, b = before.get(name), after.get(name)
        if a is None or b is None:
            yield Difference(ADDED if a is None else REMOVED, a, b, names=(name, name))
            continue
        twin = twins.of(a)
        moved = twin is not None and twin is not b and id(b) in twins.came
        changes = (Change("inputs", a.name, b.name),) if moved else ()
        if changes or show(a.size) != show(b.size):
            yield Difference(CHANGED if changes else FOLLOWS, a, b, changes, (name, name))
