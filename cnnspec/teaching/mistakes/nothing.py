"""Parameters given to layers that have none: pooling, activations, flattening, dropout."""

from __future__ import annotations

from math import prod
from typing import Any

from cnnspec.language import say
from cnnspec.layers._kind import Operation
from cnnspec.teaching.mistakes._registry import Known, Rules

COUNTS = Rules()
POOLING = ("maxpool", "avgpool")


def _windows(op: Operation) -> list[Any]:
    """What a pooling layer would have, were it a convolution of one kind or another."""
    if op.kind.name not in POOLING:
        return []
    window, c = prod(op.args.f), op.input[-1]
    return [window, window + 1, window * c, (window + 1) * c, window * c + 1, window * c * c, (window * c + 1) * c]


def _values(op: Operation) -> list[Any]:
    """Sizes, and sizes with a bias."""
    values, arriving, channels = prod(op.output), prod(op.input), op.output[-1]
    return [values, arriving, channels, values + 1, arriving + 1, 2 * channels, (arriving + 1) * values]


def _rule(family: str, place: int) -> Any:
    def rule(op: Operation) -> Any:
        if op.params or op.tensors or _family(op) != family:
            return None
        found = [*_windows(op), *_values(op)]
        return found[place] if place < len(found) else None

    return rule


def _family(op: Operation) -> str:
    name = {"pooling": "pooling", "activation": "activation"}.get(op.kind.family, op.kind.name)
    return name if name in ("pooling", "activation", "flatten") else "other"


def _pooling(_: Operation) -> str:
    return say("pooling learns nothing: it has no parameters")


def _activation(op: Operation) -> str:
    return say("`{kind}` is a fixed function: it has no parameters", kind=op.kind.name)


def _flatten(_: Operation) -> str:
    return say("flattening only puts values in a row: it has no parameters")


def _other(op: Operation) -> str:
    return say("`{kind}` has no parameters", kind=op.kind.name)


for _name, _of, _tell, _most in (
    ("pooling-parameters", "pooling", _pooling, 14),
    ("flatten-parameters", "flatten", _flatten, 7),
    ("activation-parameters", "activation", _activation, 7),
    ("parameters-of-nothing", "other", _other, 7),
):
    COUNTS.extend(Known(_name, _rule(_of, _place), _tell) for _place in range(_most))
