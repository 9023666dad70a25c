"""Between which bounds the values of a layer lie, whatever its weights: what a relu gives is never negative."""

from __future__ import annotations

from math import inf
from typing import Final, TypeAlias

from cnnspec.lint._graph import is_open
from cnnspec.network import Layer, Value

Range: TypeAlias = tuple[float, float]
ANYTHING: Final = (-inf, inf)
DEEPEST: Final = 8  # layers to look back through: real networks need three
BOUNDS: Final[dict[str, Range]] = {
    "relu": (0, inf),
    "relu6": (0, 6),
    "sigmoid": (0, 1),
    "hard_sigmoid": (0, 1),
    "softmax": (0, 1),
    "log_softmax": (-inf, 0),
    "tanh": (-1, 1),
    "softsign": (-1, 1),
    "softplus": (0, inf),
    "abs": (0, inf),
}
# Every value is one that arrives, or lies between some of them.
POOLING: Final = ("maxpool", "global_maxpool", "adaptive_maxpool", "global_avgpool", "adaptive_avgpool", "maxout")
MOVING: Final = ("flatten", "reshape", "identity", "crop", "slice", "select", "channel_shuffle", "pixel_shuffle")
KEEPING: Final = frozenset((*POOLING, *MOVING, "upsample"))
WITH_ZERO: Final = frozenset(("pad", "avgpool"))
GROWING: Final = frozenset(("dropout", "drop_path"))  # in training, what is not dropped is made larger
# Where an activation gives what arrives. Not `clip`, which also guards against rounding.
IDENTITY: Final[dict[str, Range]] = {
    "relu": (0, inf),
    "relu6": (0, 6),
    "leaky_relu": (0, inf),
    "prelu": (0, inf),
    "elu": (0, inf),
    "celu": (0, inf),
    "abs": (0, inf),
}


def changes_nothing(layer: Layer) -> bool:
    """Whether the activation gives what arrives, whatever the weights are."""
    lowest, highest = IDENTITY[layer.kind]
    found = range_of(layer.operands[0])
    return bool(found[0] >= lowest and found[1] <= highest)


def range_of(value: Value, depth: int = DEEPEST) -> Range:
    """The bounds of a value; ANYTHING where none are certain."""
    if not isinstance(value, Layer) or is_open(value) or depth == 0:
        return ANYTHING
    if value.kind in BOUNDS:
        return BOUNDS[value.kind]
    if value.kind == "clip":
        return value.args.min, value.args.max
    if value.definition.joins:
        return _joined(value.kind, [range_of(one, depth - 1) for one in value.operands])
    if value.kind in KEEPING:
        return range_of(value.operands[0], depth - 1)
    if value.kind in WITH_ZERO:
        return _hull([range_of(value.operands[0], depth - 1), (0, 0)])
    if value.kind in GROWING or value.kind == "lrn":
        return _grown(range_of(value.operands[0], depth - 1))
    return ANYTHING


def _joined(kind: str, ranges: list[Range]) -> Range:
    lowest, highest = [r[0] for r in ranges], [r[1] for r in ranges]
    if kind in ("concat", "average"):
        return _hull(ranges)
    if kind == "maximum":
        return max(lowest), max(highest)
    if kind == "add":
        return sum(lowest), sum(highest)
    if kind == "mul" and min(lowest) >= 0:
        return 0, (1 if max(highest) <= 1 else inf)
    return ANYTHING


def _hull(ranges: list[Range]) -> Range:
    return min(r[0] for r in ranges), max(r[1] for r in ranges)


def _grown(found: Range) -> Range:
    """The sign stays, the size may not."""
    return (0 if found[0] >= 0 else -inf), (0 if found[1] <= 0 else inf)
