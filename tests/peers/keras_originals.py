"""Networks of Keras Applications beside ours: the same counts, and the same values out of the same weights.

Keras runs on PyTorch here. It reads its backend from the environment while it is imported, so that import stands in a
function; counts are taken on the meta device, where a tensor has a shape and no memory.
"""

from __future__ import annotations

import os
import re
import tempfile
from collections.abc import Callable, Collection, Iterator, Sequence
from functools import cache
from operator import attrgetter
from typing import Any, NamedTuple
from unittest import mock

import numpy as np
import torch
from torch.utils.flop_counter import FlopCounterMode

import cnnspec
from tests.peers.compare import assert_close, lively_weights, run_cnnspec

NAMES = {
    "kernel": "weight",
    "depthwise_kernel": "weight",
    "pointwise_kernel": "weight",
    "embeddings": "weight",
    "gamma": "weight",
    "alpha": "weight",
    "beta": "bias",
    "moving_mean": "running_mean",
    "moving_variance": "running_var",
    "mean": "running_mean",
    "variance": "running_var",
}


@cache
def keras() -> Any:
    """The module, with PyTorch for a backend and a settings file of nobody's."""
    with tempfile.TemporaryDirectory() as home:
        settings = {"KERAS_BACKEND": "torch", "KERAS_HOME": home, "TF_CPP_MIN_LOG_LEVEL": "3"}
        with mock.patch.dict(os.environ, settings):
            import keras as module
    assert module.backend.backend() == "torch"
    return module


def original(name: str, *, device: str = "meta", **arguments: Any) -> Any:
    """The network `keras.applications.NAME` without trained weights; on "cpu" it can also compute.

    A name with a dot is a function of one of the modules: "nasnet.NASNet".
    """
    rooms = keras().src.applications if "." in name else keras().applications
    with keras().device(device):
        return attrgetter(name)(rooms)(weights=None, **arguments)


class Figures(NamedTuple):
    params: int
    trainable: int
    macs: int


def figures(model: Any, size: Sequence[Any] = ()) -> Figures:
    """What Keras counts, and the MACs of one image after PyTorch's own counter (convolutions and dense layers).

    The image is height x width x channels, unless given as the model's input says. Keras also counts how many images a
    Normalization has seen, one number, as if it were a weight: left out here, as PyTorch's own such counter is.
    """
    trainable = sum(int(np.prod(v.shape)) for v in model.trainable_weights)
    counters = sum(v.name == "count" for v in model.weights)
    return Figures(model.count_params() - counters, trainable, count_macs(model, size or model.input_shape[1:]))


def count_macs(model: Any, size: Sequence[int]) -> int:
    with FlopCounterMode(display=False) as counter:
        keras().src.backend.compute_output_spec(model.call, keras().KerasTensor((1, *size)))
    flops = counter.get_total_flops()
    assert flops % 2 == 0
    return flops // 2


def figures_of(net: cnnspec.Network) -> Figures:
    counted: tuple[Any, ...] = (net.params, net.trainable, net.macs)
    return Figures(*counted)


# --- the tensors of both, side by side -------------------------------------------------------------------------------


class Slot(NamedTuple):
    """A Keras variable: its shape in our layout, and how values in our layout become Keras's."""

    variable: Any
    shape: tuple[int, ...]
    to_keras: Callable[[Any], Any]


class Unit(NamedTuple):
    """One layer with weights: its slots under our names, and the units whose values arrive, nothing else between."""

    name: str
    slots: dict[str, Slot]
    sources: frozenset[int]


def as_it_is(variable: Any) -> Slot:
    count = int(np.prod(variable.shape))
    return Slot(variable, (count,), lambda values: values.reshape(variable.shape))


def kernel(variable: Any) -> Slot:
    """A window first, then channels, then filters; transposed convolutions, filters and then channels."""
    *window, channels, filters = variable.shape
    order = (*range(2, len(window) + 2), 1, 0)
    return Slot(variable, (filters, channels, *window), lambda values: values.transpose(order))


def depthwise_kernel(variable: Any) -> Slot:
    *window, channels, multiplier = variable.shape
    order = (*range(2, len(window) + 2), 0, 1)
    apart = (channels, multiplier, *window)
    return Slot(variable, (channels * multiplier, 1, *window), lambda values: values.reshape(apart).transpose(order))


def dense_kernel(variable: Any, flattened: Sequence[int]) -> Slot:
    """Behind a flatten, Keras's inputs run through rows, columns, channels; ours through channels, rows, columns."""
    inputs, units = variable.shape
    if len(flattened) < 2:
        return Slot(variable, (units, inputs), lambda values: values.T)
    *sides, channels = flattened
    order = (*range(2, len(sides) + 2), 1, 0)

    def turned(values: Any) -> Any:
        return values.reshape(units, channels, *sides).transpose(order).reshape(inputs, units)

    return Slot(variable, (units, inputs), turned)


def embeddings(variable: Any) -> Slot:
    return Slot(variable, tuple(variable.shape), lambda values: values)


def slot(layer: Any, variable: Any, flattened: Sequence[int]) -> Slot:
    """The slot of one variable, after the kind of the layer that owns it."""
    kind = type(layer).__name__
    if variable.name == "embeddings":
        return embeddings(variable)
    if variable.name == "kernel" and kind == "Dense":
        return dense_kernel(variable, flattened)
    if variable.name == "depthwise_kernel" or (variable.name == "kernel" and kind.startswith("Depthwise")):
        return depthwise_kernel(variable)
    return kernel(variable) if variable.name in {"kernel", "pointwise_kernel"} else as_it_is(variable)


def parts(layer: Any) -> list[list[Any]]:
    """The variables of a layer; of a separable convolution, those of the depthwise and of the 1x1 one apart."""
    weights = [v for v in layer.weights if v.name != "count"]  # how many images a Normalization has seen, no weight
    first = [v for v in weights if v.name == "depthwise_kernel"]
    rest = [v for v in weights if v.name != "depthwise_kernel"]
    return [part for part in (first, rest) if part]


class Walk:
    """Collects the units of a model in the order in which its layers were called when it was built.

    `arriving` has, for each Keras tensor, the numbers of the units behind it; `flattened`, the size before a flatten.
    """

    def __init__(self, without: Collection[str] = ()) -> None:
        self.without = without
        self.units: list[Unit] = []
        self.arriving: dict[int, frozenset[int]] = {}
        self.flattened: dict[int, tuple[int, ...]] = {}

    def model(self, model: Any) -> None:
        if type(model).__name__ == "Sequential":
            model = model._functional
        nodes = [node for nodes in model._nodes_by_depth.values() for node in nodes if not node.is_input]
        for node in sorted(nodes, key=lambda one: number(one.outputs[0])):
            self.node(node)

    def node(self, node: Any) -> None:
        sources: frozenset[int] = frozenset().union(*(self.behind(t) for t in node.input_tensors))
        layer = node.operation
        if hasattr(layer, "layers"):
            self.inside(layer, sources)
            sources = self.behind(layer.outputs[0])
        elif layer.name not in self.without and getattr(layer, "weights", []):
            sources = self.add(layer, sources, self.flattened.get(id(node.input_tensors[0]), ()))
        for tensor in node.outputs:
            self.arriving[id(tensor)] = sources
            self.flattened[id(tensor)] = flattened(node, self.flattened)

    def inside(self, model: Any, sources: frozenset[int]) -> None:
        """A model that serves as a layer."""
        self.arriving.update((id(tensor), sources) for tensor in model.inputs)
        self.model(model)

    def behind(self, tensor: Any) -> frozenset[int]:
        return self.arriving.get(id(tensor), frozenset())

    def add(self, layer: Any, sources: frozenset[int], flat: Sequence[int]) -> frozenset[int]:
        for variables in parts(layer):
            alone = len(variables) == 1 and "weight"
            slots = {NAMES.get(v.name, alone or v.name): slot(layer, v, flat) for v in variables}
            assert len(slots) == len(variables)
            self.units.append(Unit(layer.name, slots, sources))
            sources = frozenset({len(self.units) - 1})
        return sources


def number(tensor: Any) -> int:
    """Keras numbers its tensors as they are made."""
    found = re.search(r"\d+$", tensor.name)
    return int(found[0]) if found else -1


def flattened(node: Any, known: dict[int, tuple[int, ...]]) -> tuple[int, ...]:
    """The size before the last flatten, as long as only layers without a say in the order follow."""
    if type(node.operation).__name__ == "Flatten":
        return tuple(node.input_tensors[0].shape[1:])
    same = len(node.input_tensors) == 1 and node.input_tensors[0].shape == node.outputs[0].shape
    return known.get(id(node.input_tensors[0]), ()) if same else ()


def units(model: Any, without: Collection[str] = ()) -> list[Unit]:
    walk = Walk(without)
    walk.model(model)
    return walk.units


def layers_of(net: cnnspec.Network) -> Iterator[tuple[Any, frozenset[str]]]:
    """Our layers with parameters, each with the names of those whose values arrive, nothing else between."""
    arriving: dict[str, frozenset[str]] = {name: frozenset() for name in net.inputs}
    for layer in net.layers:
        sources: frozenset[str] = frozenset().union(*(arriving[name] for name in layer.inputs))
        arriving[layer.name] = sources
        if layer.params:
            yield layer, sources
            arriving[layer.name] = frozenset({layer.name})


def pairs(net: cnnspec.Network, model: Any, without: Collection[str] = ()) -> Iterator[tuple[str, Slot]]:
    """Each of our tensors with its slot in Keras's model.

    Our layers are taken in order. A layer goes with the first unit still free that has the same tensors in the same
    shapes and receives the values of just the units that its own sources went with. `without` names layers of Keras's
    whose variables stay as they are. Fails where a tensor is missing or one is left over.
    """
    free = dict(enumerate(units(model, without)))
    place: dict[str, int] = {}
    for layer, sources in layers_of(net):
        shapes = {tensor.name: without_ones(tensor.shape) for tensor in layer.operation.tensors}
        wanted = frozenset(place[name] for name in sources)
        fits = (
            index
            for index, unit in free.items()
            if unit.sources == wanted and {name: without_ones(one.shape) for name, one in unit.slots.items()} == shapes
        )
        index = next(fits, None)
        assert index is not None, f"{layer.name} {shapes} has no place; free: {nearest(free)}"
        place[layer.name] = index
        for name, one in free.pop(index).slots.items():
            yield f"{layer.name}.{name}", one
    assert not free, f"left over in Keras: {nearest(free)}"


def without_ones(shape: Sequence[int]) -> list[int]:
    """A 1x1 convolution of a 1x1 image is a dense layer."""
    return [side for side in shape if side != 1]


def nearest(free: dict[int, Unit]) -> str:
    few = list(free.values())[:4]
    return "; ".join(f"{unit.name} { ({name: one.shape for name, one in unit.slots.items()}) }" for unit in few)


# --- values ----------------------------------------------------------------------------------------------------------


def copy(net: cnnspec.Network, weights: dict[str, Any], model: Any, without: Collection[str] = ()) -> None:
    """Our weights into Keras's model, every one of both."""
    paired = dict(pairs(net, model, without))
    assert paired.keys() == weights.keys()
    for name, one in paired.items():
        one.variable.assign(np.ascontiguousarray(one.to_keras(weights[name].reshape(one.shape))))
    for layer in model.layers:
        if hasattr(layer, "finalize_state"):  # a Normalization computes with copies of its variables
            with keras().device("cpu"):
                layer.finalize_state()


def run_keras(model: Any, x: Any) -> Any:
    """Images channels first in, as everywhere here; an image that comes out is turned back as well."""
    with torch.no_grad(), keras().device("cpu"):
        y = model(np.ascontiguousarray(np.moveaxis(x, 1, -1)), training=False).numpy()
    return np.moveaxis(y, -1, 1) if y.ndim > 2 else y


def same_keras_figures(net: cnnspec.Network, name: str, **arguments: Any) -> None:
    """Parameters, trainable ones and MACs are those of the network of that name in Keras Applications."""
    (size,) = net.inputs.values()
    assert figures_of(net) == figures(original(name, **arguments), size)


def same_keras_values(
    net: cnnspec.Network,
    name: str,
    *,
    without: Collection[str] = (),
    batch: int = 1,
    gain: float = 1.0,
    spread: float = 1.0,
    **arguments: Any,
) -> None:
    """The same lively weights and the same images in both: the outputs agree, onnxruntime's with Keras's.

    Of a classifier, pass `classifier_activation=None` and take the network without its softmax. `gain` is that of
    `lively_weights`; `spread` is how far the pixels lie apart, for networks that take them as 0 to 255.
    """
    weights = lively_weights(net, gain=gain)
    model = original(name, device="cpu", **arguments)
    copy(net, weights, model, without)
    size: Any = next(iter(net.inputs.values()))
    *sides, channels = size
    x = (spread * np.random.default_rng(1).standard_normal((batch, channels, *sides))).astype(np.float32)
    (found,) = run_cnnspec(net, weights, x).values()
    wanted = run_keras(model, x)
    assert wanted.std() > 0  # a constant would agree with anything
    assert_close(found, wanted)
