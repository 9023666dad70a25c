"""The differences of two networks, layer by layer and in total."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from cnnspec.layers._arguments import ValueName
from cnnspec.layers._kind import Argument
from cnnspec.network import Input, Layer, Network, Value
from cnnspec.report.diff.matching import Match, bare_name, match_layers
from cnnspec.report.table import add_up
from cnnspec.report.written import argument_text, is_default
from cnnspec.values import Dim, show

ADDED, REMOVED, CHANGED, RENAMED, FOLLOWS = "added", "removed", "changed", "renamed", "follows"
COUNTS = ("params", "trainable", "macs")
ITS_OWN, OTHER_VALUES = "its own", "other values"  # in place of a value that is not written out


class Change(NamedTuple):
    """What is different about a layer itself: an argument, its kind, what it reads, whether it is frozen.

    Of an input or output, its position too, among those that stayed.
    """

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
    """For each value before, the one after that is the same.

    Where there is none, what matters is which matched values it is computed from: those just above what was taken out
    or put in.
    """

    def __init__(self, before: Network, after: Network, pairs: Sequence[tuple[Value | None, Value | None]]) -> None:
        kept = [(a, b) for a, b in pairs if a is not None and b is not None]
        self.after = {id(a): b for a, b in kept}
        self.roots_before = _roots(before, {id(a): id(b) for a, b in kept})
        self.roots_after = _roots(after, {id(b): id(b) for _, b in kept})

    def of(self, value: Value) -> Value | None:
        return self.after.get(id(value))

    def joined(self, before: Value, after: Value) -> bool:
        """Whether the second is the first, but for layers that were put in between or taken out."""
        return not self.roots_before[id(before)].isdisjoint(self.roots_after[id(after)])

    def all_joined(self, before: Sequence[Value], after: Sequence[Value]) -> bool:
        """Whether these values are still those, one by one."""
        return len(before) == len(after) and all(map(self.joined, before, after))

    def all_joined_somehow(self, before: Sequence[Value], after: Sequence[Value]) -> bool:
        """Whether these values are still those, in whatever order."""
        left = list(after)
        for value in before:
            place = next((i for i, other in enumerate(left) if self.joined(value, other)), None)
            if place is None:
                return False
            del left[place]
        return not left


def _roots(net: Network, matched: Mapping[int, int]) -> dict[int, frozenset[int]]:
    """For each value the matched ones that it is computed from: itself, or those just above."""
    roots: dict[int, frozenset[int]] = {}
    for value in (*net.input_values.values(), *net.layers):
        if id(value) in matched:
            roots[id(value)] = frozenset((matched[id(value)],))
            continue
        above = {roots[id(operand)] for operand in getattr(value, "operands", ())}
        roots[id(value)] = above.pop() if len(above) == 1 else frozenset().union(*above)
    return roots


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
    twins = Twins(before, after, (*matches, *inputs))
    return Differences(
        tuple(_of_inputs(inputs, after)),
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
    if before.args is None or after.args is None:
        return
    for argument in before.definition.arguments:
        a, b = getattr(before.args, argument.name), getattr(after.args, argument.name)
        if a is b or a == b or isinstance(argument.type, ValueName):
            continue
        if is_default(argument, a, before.operation) and is_default(argument, b, after.operation):
            continue  # the stride of a pooling goes with its window
        texts = [_text(argument, value) for value in (a, b)]
        yield Change(argument.name, texts[0], texts[1] if texts[0] != texts[1] else OTHER_VALUES)


def _text(argument: Argument, value: Any) -> str:
    return "none" if value is None else argument_text(argument, value)


def _connections(before: Layer, after: Layer, twins: Twins) -> Iterator[Change]:
    """Other values come in, or in another order where that matters.

    What was put in between, or taken out, is no other connection of the next layer.
    """
    kept = twins.all_joined(before.operands, after.operands)
    if not kept and before.definition.any_order and after.definition.any_order:
        kept = twins.all_joined_somehow(before.operands, after.operands)
    if not kept:
        yield Change("inputs", ", ".join(before.inputs), ", ".join(after.inputs))


def _surroundings(before: Layer, after: Layer, twins: Twins) -> Iterator[Change]:
    if before.frozen != after.frozen and show(before.operation.params) != "0":
        yield Change("frozen", show(before.frozen), show(after.frozen))
    a, b = before.shares, after.shares
    if (a is None) != (b is None) or (a is not None and twins.of(a) is not b):
        yield Change("weights", a.name if a else ITS_OWN, b.name if b else ITS_OWN)


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


def _of_inputs(pairs: Sequence[tuple[Input | None, Input | None]], after: Network) -> Iterator[Difference]:
    moves = _moves([b.name for _, b in pairs if _ and b], list(after.input_values))
    for a, b in pairs:
        if a is None or b is None:
            yield Difference(ADDED if a is None else REMOVED, a, b)
        elif (one := _of_input(a, b, moves.get(b.name, ()))) is not None:
            yield one


def _moves(before: Sequence[str], after: Sequence[str]) -> dict[str, tuple[Change, ...]]:
    """For names of both that stand in another order: their places among these, from 1."""
    both = set(before) & set(after)
    orders = [[name for name in names if name in both] for names in (before, after)]
    places = {name: i for i, name in enumerate(orders[1], 1)}
    return {
        name: (Change("position", str(i), str(places[name])),)
        for i, name in enumerate(orders[0], 1)
        if i != places[name]
    }


def _of_input(before: Input, after: Input, moved: tuple[Change, ...]) -> Difference | None:
    changes = list(moved)
    if show(before.size) != show(after.size):
        changes.append(Change("size", show(before.size), show(after.size)))
    if before.integer != after.integer:
        changes.append(Change("integer", show(before.integer), show(after.integer)))
    if changes:
        return Difference(CHANGED, before, after, tuple(changes))
    return None if before.name == after.name else Difference(RENAMED, before, after)


def _of_outputs(before: Mapping[str, Value], after: Mapping[str, Value], twins: Twins) -> Iterator[Difference]:
    moves = _moves(list(before), list(after))
    for name in dict.fromkeys((*before, *after)):
        a, b = before.get(name), after.get(name)
        if a is None or b is None:
            yield Difference(ADDED if a is None else REMOVED, a, b, names=(name, name))
            continue
        changes = moves.get(name, ())
        if not twins.joined(a, b):
            changes = (*changes, Change("inputs", a.name, b.name))
        if changes or show(a.size) != show(b.size):
            yield Difference(CHANGED if changes else FOLLOWS, a, b, changes, (name, name))
