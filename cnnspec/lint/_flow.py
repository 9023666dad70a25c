"""Ways through the network that several rules walk: layers by kind, single readers, steps that leave values alone."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from functools import lru_cache

from cnnspec.lint._graph import computed_layers, consumers, is_open
from cnnspec.network import Input, Layer, Network, Value
from cnnspec.values import Size

SHAPES = ("flatten", "reshape")
NO_OPS = ("dropout", "drop_path", "identity")
VIEWS = (*SHAPES, *NO_OPS)  # the same values, in training but for those that are dropped
WEIGHTED = ("conv", "depthwise", "conv_transpose", "dense")
# A function of each value alone. Without `abs` and `clip`, which are arithmetic as often.
ELEMENTWISE = (
    "relu",
    "relu6",
    "leaky_relu",
    "elu",
    "selu",
    "prelu",
    "celu",
    "gelu",
    "silu",
    "mish",
    "sigmoid",
    "hard_sigmoid",
    "hard_swish",
    "tanh",
    "softplus",
    "softsign",
)
SOFTMAXES = ("softmax", "log_softmax")
NORMS = ("batchnorm", "layernorm", "scale", "rescale")
CHANNELWISE = frozenset((*VIEWS, *ELEMENTWISE, *NORMS))  # a vector goes through and keeps its length


@lru_cache(maxsize=1)
def by_kind(net: Network) -> dict[str, list[Layer]]:
    """The layers of each kind, without those that are open."""
    found: dict[str, list[Layer]] = {}
    for layer in computed_layers(net):
        found.setdefault(layer.kind, []).append(layer)
    return found


def layers_of(net: Network, *kinds: str) -> Iterator[Layer]:
    """The layers of these kinds, kind by kind."""
    found = by_kind(net)
    for kind in kinds:
        yield from found.get(kind, ())


@lru_cache(maxsize=1)
def output_ids(net: Network) -> frozenset[int]:
    """The values that are outputs, by `id`."""
    return frozenset(id(value) for value in net.output_values.values())


def sole_reader(net: Network, layer: Layer) -> Layer | None:
    """The one layer that reads this value, where it is no output and the layer is not open."""
    readers = consumers(net).get(id(layer), ())
    if len(readers) != 1 or id(layer) in output_ids(net) or is_open(readers[0]):
        return None
    return readers[0]


def before(value: Value, steps: Collection[str]) -> Value:
    """The value from which this one comes by steps of these kinds alone."""
    while isinstance(value, Layer) and value.kind in steps and not is_open(value):
        value = value.operands[0]
    return value


def operand(layer: Layer, steps: Collection[str] = ()) -> Layer | None:
    """The layer that this one works on, before steps of these kinds; None where that is an input or open."""
    value = before(layer.operands[0], steps)
    return value if isinstance(value, Layer) and not is_open(value) else None


def is_raw(value: Value) -> bool:
    """Whether the value is an input as it came, at most shaped, cut, shifted or scaled."""
    return isinstance(before(value, (*VIEWS, *NORMS, "pad", "crop", "slice", "select")), Input)


def image_of(layer: Layer) -> Value:
    """What arrives, as it was before it became a vector; the vector where it always was one."""
    value = layer.operands[0]
    while isinstance(value, Layer) and value.kind in CHANNELWISE and len(value.size) == 1:
        value = value.operands[0]
    return value


def pixels(size: Size) -> int | None:
    """The number of positions of an image, 1 of a vector; None where it is not known."""
    count = 1
    for n in size[:-1]:
        if not isinstance(n, int):
            return None
        count *= n
    return count
