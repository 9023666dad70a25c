"""Which layer of one network is which of the other: layers after an inserted one are still the same."""

from __future__ import annotations

import re
from collections.abc import Callable, Hashable, Iterator, Sequence
from typing import TypeAlias

from cnnspec.layers._arguments import ValueName
from cnnspec.network import Layer
from cnnspec.report.diff.alignment import MOST_CELLS, align

Match: TypeAlias = "tuple[Layer | None, Layer | None]"
NUMBER = re.compile(r"_?\d+(?=\.|$)")


def match_layers(before: Sequence[Layer], after: Sequence[Layer]) -> list[Match]:
    """Each layer of both networks once, in order: pairs, those that were removed, those that were added.

    Layers are the same by kind, arguments and name without its numbers; else by kind and arguments, by that name, by
    kind; what is left between two matches is a layer replaced by one of its family. In very long networks the full
    names come first.
    """
    operation = _operation_key()
    keys: list[Callable[[Layer], Hashable]] = [
        lambda layer: (bare_name(layer.name), operation(layer)),
        operation,
        lambda layer: (bare_name(layer.name), layer.kind),
        lambda layer: layer.kind,
    ]
    if len(before) * len(after) > MOST_CELLS:
        keys.insert(0, lambda layer: (layer.name, operation(layer)))
    pairs = align(before, after, keys)
    return list(_merged(before, after, [*pairs, (len(before), len(after))]))


def bare_name(name: str) -> str:
    """The name without the numbers that count: `stage2.conv_bn3.conv1` is `stage.conv_bn.conv`."""
    return NUMBER.sub("", name)


def _operation_key() -> Callable[[Layer], Hashable]:
    """Kind and arguments, read once for all layers alike. What `like=` names is no argument but a connection."""
    texts: dict[int, str] = {}

    def key(layer: Layer) -> str:
        op = layer.operation
        if id(op) not in texts:
            names = [] if op.args is None else [a.name for a in op.kind.arguments if not isinstance(a.type, ValueName)]
            texts[id(op)] = f"{op.kind.name} {[getattr(op.args, name) for name in names]}"
        return texts[id(op)]

    return key


def _merged(before: Sequence[Layer], after: Sequence[Layer], pairs: Sequence[tuple[int, int]]) -> Iterator[Match]:
    i = j = 0
    for next_i, next_j in pairs:
        yield from _gap(before[i:next_i], after[j:next_j])
        if next_i < len(before):
            yield before[next_i], after[next_j]
        i, j = next_i + 1, next_j + 1


def _gap(removed: Sequence[Layer], added: Sequence[Layer]) -> Iterator[Match]:
    """What stands between two matches: as many as before of the same families are replaced, else all goes and comes."""
    if [layer.definition.family for layer in removed] == [layer.definition.family for layer in added]:
        yield from zip(removed, added, strict=True)
        return
    yield from ((layer, None) for layer in removed)
    yield from ((None, layer) for layer in added)
