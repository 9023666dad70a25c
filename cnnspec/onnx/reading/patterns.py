"""Several nodes that are one layer: what exporters write where ONNX has no operator.

A pattern is an operator with its inputs: another pattern, a letter that stands for any value (the same wherever it
occurs), `#name` for a number of a constant, or the number itself. `Add` and `Mul` match in either order.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

from cnnspec.onnx.reading.node import Node, Value, plain
from cnnspec.onnx.reading.walk import Walk
from cnnspec.values import UNKNOWN

ROOT2, SIXTH = math.sqrt(2), 1 / 6
COMMUTES = ("Add", "Mul")
MOST_TRIALS = 200


class Match(NamedTuple):
    """What the letters stand for, and the nodes of the pattern but the last."""

    values: dict[str, str]
    numbers: dict[str, float]
    nodes: tuple[Node, ...]


class Pattern(NamedTuple):
    tree: tuple[Any, ...]
    kind: str
    given: Callable[[Walk, Node, Match], dict[str, Any] | None] = lambda w, node, match: {}


def recognise(w: Walk, node: Node) -> bool:
    """Whether the node ends a pattern; then it yields that layer, and the nodes before are part of it."""
    for pattern in PATTERNS.get(node.op, ()):
        trials = [MOST_TRIALS]
        for match in _matches(w, node, pattern.tree, Match({}, {}, ()), trials):
            x = w.values.get(match.values["x"])
            inner = dict.fromkeys(match.nodes)
            if x is None or x.size() is UNKNOWN or not _private(w, node, inner):
                continue
            given = pattern.given(w, node, match)
            if given is None:
                continue
            w.withdraw(inner)
            last = bool(x.last)
            w.layer(node, pattern.kind, given, [x], last=last, yields=x.last)
            return True
    return False


def _private(w: Walk, end: Node, nodes: dict[Node, None]) -> bool:
    """Whether only nodes of the pattern read what its inner nodes yield."""
    inside = [name for one in (*nodes, end) for name in one.inputs]
    return all(w.uses[name] == inside.count(name) for one in nodes for name in one.outputs if name)


def _matches(w: Walk, node: Node, tree: tuple[Any, ...], so_far: Match, trials: list[int]) -> Iterator[Match]:
    operator, *wanted = tree
    trials[0] -= 1
    if trials[0] < 0 or node.op != operator or node.domain or len(node.inputs) < len(wanted):
        return
    orders = [node.inputs[: len(wanted)]]
    if operator in COMMUTES and len(wanted) == 2:
        orders.append(orders[0][::-1])
    for names in orders:
        yield from _inputs(w, list(zip(names, wanted, strict=True)), so_far, trials)


def _inputs(w: Walk, pairs: list[tuple[str, Any]], so_far: Match, trials: list[int]) -> Iterator[Match]:
    if not pairs:
        yield so_far
        return
    (name, wanted), *rest = pairs
    for match in _input(w, name, wanted, so_far, trials):
        yield from _inputs(w, rest, match, trials)


def _input(w: Walk, name: str, wanted: Any, so_far: Match, trials: list[int]) -> Iterator[Match]:
    if isinstance(wanted, tuple):
        producer = w.producers.get(name)
        if producer is not None:
            for match in _matches(w, producer, wanted, so_far, trials):
                yield match._replace(nodes=(*match.nodes, producer))
    elif wanted is None:
        yield so_far
    elif isinstance(wanted, str) and not wanted.startswith("#"):
        if so_far.values.get(wanted, name) == name:
            yield so_far._replace(values=so_far.values | {wanted: name})
    else:
        number = _number(w, name)
        if number is not None and isinstance(wanted, str):
            yield so_far._replace(numbers=so_far.numbers | {wanted[1:]: plain(number)})
        elif number is not None and math.isclose(number, wanted, rel_tol=1e-3):
            yield so_far


def _number(w: Walk, name: str) -> float | None:
    value = w.values.get(name)
    if value is None or value.numbers is None or len(value.numbers) != 1:
        return None
    number = value.numbers[0]
    return float(number) if isinstance(number, (int, float)) and math.isfinite(number) else None


# --- what is looked for -----------------------------------------------------------------------------------------------


def _shapes(w: Walk, match: Match, *letters: str) -> list[Any]:
    values = [w.values.get(match.values[letter]) for letter in letters]
    return [UNKNOWN if value is None else value.shape for value in values]


def _hard_sigmoid(w: Walk, node: Node, match: Match) -> dict[str, Any] | None:
    node = next(one for one in match.nodes if one.op == "HardSigmoid")
    usual = abs(node.number("alpha", 0.2) - SIXTH) < 1e-4 and node.number("beta", 0.5) == 0.5
    return {} if usual else None


def _over_channels(w: Walk, node: Node, match: Match) -> dict[str, Any] | None:
    """A norm in plain operators: the means run over the channels."""
    from cnnspec.onnx.reading.shapes import axes_of

    x = w.values[match.values["x"]]
    if x.last is None or x.rank is None:
        return None
    channels = x.rank - 1 if x.last else 1
    means = [one for one in match.nodes if one.op == "ReduceMean"]
    over = [axes_of(w, one) for one in means]
    if any(axes is None or [a % x.rank for a in axes] != [channels] for axes in over):
        return None
    return {"eps": match.numbers["eps"], "weight": False, "bias": False}


def _groups(w: Walk, node: Node, match: Match) -> dict[str, Any] | None:
    """Instance norm on groups of channels as if they were images."""
    x, (parts,) = w.values[match.values["x"]], _shapes(w, match, "parts")
    norm = next(one for one in match.nodes if one.op == "InstanceNormalization")
    inner = w.values.get(norm.inputs[0])
    result = w.input(node, 1)
    if x.last or x.rank is None or inner is None or inner.shape is UNKNOWN or len(inner.shape) < 3 or result is None:
        return None
    groups = inner.shape[1]
    weights = [w.values.get(name) for name in norm.inputs[1:3]]
    if not isinstance(groups, int) or any(v is None or v.numbers is None for v in weights) or parts is UNKNOWN:
        return None
    scale, shift = (set(v.numbers or ()) for v in weights if v is not None)
    if scale - {1.0} or shift - {0.0} or not _back(x, result):
        return None
    return {"groups": groups, "eps": norm.number("epsilon", 1e-5), "weight": False, "bias": False}


def _back(x: Value, target: Value) -> bool:
    """Whether a Reshape to these numbers gives x its shape again."""
    from cnnspec.onnx.reading.node import same
    from cnnspec.onnx.reading.shapes import target_shape

    if target.numbers is None or len(target.numbers) != len(x.shape):
        return False
    shape = target_shape(x.shape, target.numbers)
    return shape is not None and same(shape, x.shape)


def _shuffle(w: Walk, node: Node, match: Match) -> dict[str, Any] | None:
    x, target = w.values[match.values["x"]], w.input(node, 1)
    dealt = next(one for one in match.nodes if one.op == "Transpose")
    inner = w.values.get(dealt.inputs[0])
    if inner is None or inner.shape is UNKNOWN or x.last or target is None or x.rank is None:
        return None
    perm = [0, 2, 1, *range(3, x.rank + 1)]
    fits = len(inner.shape) == x.rank + 1 and isinstance(inner.shape[1], int) and _back(x, target)
    return {"groups": inner.shape[1]} if fits and dealt.integers("perm") == perm else None


def _maxout(w: Walk, node: Node, match: Match) -> dict[str, Any] | None:
    from cnnspec.onnx.reading.shapes import axes_of

    x, inner = w.values[match.values["x"]], w.input(node, 0)
    if inner is None or inner.shape is UNKNOWN or x.rank is None or x.last or node.integer("keepdims", 1):
        return None
    fits = len(inner.shape) == x.rank + 1 and axes_of(w, node) == [2] and isinstance(inner.shape[2], int)
    return {"k": inner.shape[2]} if fits else None


CENTRED = ("Sub", "x", ("ReduceMean", "x"))
ERF = ("Add", ("Erf", ("Div", "x", ROOT2)), 1.0)
ERF_TIMES = ("Add", ("Erf", ("Mul", "x", 1 / ROOT2)), 1.0)
CUBE = ("Mul", ("Mul", ("Mul", "x", "x"), "x"), 0.044715)
CUBE_POWER = ("Mul", ("Pow", "x", 3.0), 0.044715)
_TANH = [("Add", ("Tanh", ("Mul", ("Add", "x", cube), math.sqrt(2 / math.pi))), 1.0) for cube in (CUBE, CUBE_POWER)]


def _gelus(share: tuple[Any, ...]) -> tuple[tuple[Any, ...], ...]:
    """x * share / 2, in the orders that are written."""
    return (
        ("Mul", ("Mul", "x", share), 0.5),
        ("Mul", ("Mul", "x", 0.5), share),
        ("Mul", "x", ("Mul", share, 0.5)),
    )


def _variances() -> Iterator[tuple[Any, ...]]:
    for square in (("Mul", CENTRED, CENTRED), ("Pow", CENTRED, 2.0)):
        yield ("Div", CENTRED, ("Sqrt", ("Add", ("ReduceMean", square), "#eps")))


GELU = [Pattern(tree, "gelu") for share in (ERF, ERF_TIMES) for tree in _gelus(share)]
GELU_TANH = [
    Pattern(tree, "gelu", lambda w, node, match: {"approximate": True}) for share in _TANH for tree in _gelus(share)
]
PATTERNS: dict[str, list[Pattern]] = {
    "Mul": [
        Pattern(("Mul", "x", ("Sigmoid", "x")), "silu"),
        Pattern(("Mul", "x", ("HardSigmoid", "x")), "hard_swish", _hard_sigmoid),
        Pattern(("Mul", "x", ("Tanh", ("Softplus", "x"))), "mish"),
        Pattern(("Mul", "x", ("Div", ("Clip", ("Add", "x", 3.0), 0.0, 6.0), 6.0)), "hard_swish"),
        *GELU,
        *GELU_TANH,
    ],
    "Div": [
        Pattern(("Div", ("Mul", "x", ("Clip", ("Add", "x", 3.0), 0.0, 6.0)), 6.0), "hard_swish"),
        Pattern(("Div", ("Clip", ("Add", "x", 3.0), 0.0, 6.0), 6.0), "hard_sigmoid"),
        *(Pattern(tree, "layernorm", _over_channels) for tree in _variances()),
    ],
    "Reshape": [
        Pattern(
            ("Reshape", ("InstanceNormalization", ("Reshape", "x", "parts"), None, None), None), "groupnorm", _groups
        ),
        Pattern(("Reshape", ("Transpose", ("Reshape", "x", "parts")), None), "channel_shuffle", _shuffle),
    ],
    "ReduceMax": [Pattern(("ReduceMax", ("Reshape", "x", "parts")), "maxout", _maxout)],
}
