"""W206: sigmoid or tanh as the activation of many hidden layers, one after the other."""

from __future__ import annotations

from collections.abc import Iterator

from cnnspec.diagnostics import Diagnostic, Label
from cnnspec.language import listing, say
from cnnspec.lint._flow import NO_OPS, SHAPES, WEIGHTED, before, by_kind, layers_of
from cnnspec.lint._graph import consumers, finding, is_open
from cnnspec.network import Layer, Network, Value

CODE = "W206"
DEFAULT = True
ON_GRAPHS = True

# Five sigmoids never left saturation in the measurements of Glorot and Bengio, four did; five tanh train (LeNet-5), so
# that one counts half.
COSTS = {"sigmoid": 2, "hard_sigmoid": 2, "tanh": 1}
MOST = 10
TO_WEIGHTS = (*NO_OPS, *SHAPES, "rescale", "scale")  # between a layer and its activation


def check_network(net: Network) -> Iterator[Diagnostic]:
    """The activations that no way back to the input goes around, where they are too many."""
    kinds = by_kind(net)
    if sum(cost * len(kinds.get(kind, ())) for kind, cost in COSTS.items()) < MOST:
        return
    hidden = _hidden(net)
    passed = _passed(net, hidden)
    deepest = max((layer for layer in net.layers if id(layer) in hidden), key=lambda d: passed[id(d)], default=None)
    if deepest is not None and passed[id(deepest)] >= MOST:
        yield _finding(_way(deepest, hidden, passed))


def _hidden(net: Network) -> set[int]:
    """Saturating activations of a layer with weights, which another such layer works on: no gate, and no output."""
    readers = consumers(net)
    return {
        id(layer)
        for layer in layers_of(net, *COSTS)
        if _of_weights(layer) and not any(one.kind == "mul" for one in readers.get(id(layer), ()))
    } & _feeding_weights(net)


def _of_weights(layer: Layer) -> bool:
    value = before(layer.operands[0], TO_WEIGHTS)
    return isinstance(value, Layer) and value.kind in (*WEIGHTED, "concat", "avgpool", "maxpool")


def _feeding_weights(net: Network) -> set[int]:
    """Values from which some way leads to a layer with weights."""
    feeding: set[int] = set()
    for layer in reversed(net.layers):
        if id(layer) in feeding or layer.kind in WEIGHTED:
            feeding.update(map(id, layer.operands))
    return feeding


def _passed(net: Network, hidden: set[int]) -> dict[int, int]:
    """What the gradient of each value passes on its easiest way back to an input; what is open counts nothing."""
    passed: dict[int, int] = {}
    for layer in net.layers:
        least = min((passed.get(id(value), 0) for value in layer.operands), default=0)
        passed[id(layer)] = 0 if is_open(layer) else least + (COSTS[layer.kind] if id(layer) in hidden else 0)
    return passed


def _way(last: Layer, hidden: set[int], passed: dict[int, int]) -> list[Layer]:
    """The activations on that way, the first one first."""
    way: list[Layer] = []
    value: Value = last
    while isinstance(value, Layer):
        if id(value) in hidden:
            way.append(value)
        if not value.operands:
            break
        value = min(value.operands, key=lambda one: passed.get(id(one), 0))
    return way[::-1]


def _finding(way: list[Layer]) -> Diagnostic:
    first, last = way[0], way[-1]
    kinds = listing([f"`{kind}`" for kind in dict.fromkeys(layer.kind for layer in way)])
    labels = (Label(last.source, last.span, say("the last of them")),) if last.span != first.span else ()
    return finding(
        CODE,
        say("{n} hidden layers in a row end in {kinds}, which saturate", n=len(way), kinds=kinds),
        first,
        label=say("the first of them") if labels else "",
        labels=labels,
        notes=(
            say("the slope of a sigmoid is at most 1/4, that of both nearly 0 for large values: the gradient vanishes"),
        ),
        help=say("use `relu` in the hidden layers, or put `batchnorm` before each activation"),
    )
