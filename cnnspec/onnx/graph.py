"""A network as an ONNX graph, all but the values of its parameters."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby
from pathlib import Path
from typing import Any

import numpy as np
import onnx
from onnx import TensorProto, helper

from cnnspec.network import Input, Layer, Network, Parameter, Value
from cnnspec.onnx.sizes import OpenSizes
from cnnspec.values import Dim, Size

FLOAT, INTEGER = TensorProto.FLOAT, TensorProto.INT64
CONSTANTS = {"float32": "<f4", "int64": "<i8", "bool": "?"}


def graph_of(net: Network, opset: int) -> onnx.GraphProto:
    """The nodes, inputs, outputs and sizes of the network; no initialisers.

    A node is named after its layer (of several, the one that yields the layer's value; the others `layer/Operator`),
    and its doc_string is the place in the spec: "lenet.cnn:4".
    """
    graph = onnx.GraphProto(name=net.model)
    values, sizes = _Values(net), OpenSizes(net)
    for layer in net.layers:
        _add_layer(graph, layer, values, sizes, opset)
    _keep_zeros(graph)
    _add_outputs(graph, net, values)
    for input_ in net.input_values.values():
        graph.input.append(_value_info(input_.name, input_.size, INTEGER if input_.integer else FLOAT))
    return graph


class LayerBuilder:
    """What a kind lowers itself with (the protocol `GraphBuilder`): collects the nodes of one layer."""

    def __init__(self, layer: Layer, opset: int, sizes: OpenSizes) -> None:
        self.opset = opset
        self._sizes = sizes
        self.nodes: list[onnx.NodeProto] = []
        self._layer = layer
        self._tensors = {t.name for t in layer.operation.tensors}
        self._counts: dict[str, int] = {}

    def node(self, op_type: str, *inputs: str, **attributes: Any) -> str:
        """Adds an ONNX node with one output and returns the output's name."""
        name = self._name(op_type)
        made = helper.make_node(op_type, inputs, [name], name=name, doc_string=place(self._layer), **attributes)
        self.nodes.append(made)
        return name

    def tensor(self, name: str) -> str:
        """The graph's name of the layer's parameter tensor: its own, or that of the layer it shares with."""
        if name not in self._tensors:
            raise KeyError(f"{self._layer.kind} lists no tensor {name!r}")
        return f"{(self._layer.shares or self._layer).name}.{name}"

    def constant(self, values: Any, dtype: str = "float32") -> str:
        """A constant from a number or nested lists; dtype "float32", "int64" or "bool"."""
        array = np.asarray(values, CONSTANTS[dtype])
        return self.node("Constant", value=onnx.numpy_helper.from_array(array))

    def dimension(self, size: Dim, minimum: int | None = None) -> str:
        """A size as a list of one 64-bit integer, at least `minimum`; one with letters is computed when it runs."""
        if isinstance(size, int):
            return self.constant([size if minimum is None else max(size, minimum)], "int64")
        name = self._sizes.name(size)
        if minimum is None or size >= minimum:
            return name
        return self.node("Max", name, self.constant([minimum], "int64"))

    def shape(self, parts: Sequence[Dim | str]) -> str:
        """Several sizes, or names of what `dimension` gave, as a list of 64-bit integers."""
        if all(isinstance(part, int) for part in parts):
            return self.constant(list(parts), "int64")
        runs: list[str] = []
        for known, run in groupby(parts, lambda part: isinstance(part, int)):
            if known:
                runs.append(self.constant(list(run), "int64"))
            else:
                runs += [part if isinstance(part, str) else self.dimension(part) for part in run]
        return self.node("Concat", *runs, axis=0) if len(runs) > 1 else runs[0]

    def _name(self, op_type: str) -> str:
        count = self._counts[op_type] = self._counts.get(op_type, 0) + 1
        return f"{self._layer.name}/{op_type}" + (f"_{count}" if count > 1 else "")


class _Values:
    """The graph's names of the network's values. The names of inputs, outputs and parameters are taken first."""

    def __init__(self, net: Network) -> None:
        self._taken = {*net.inputs, *net.outputs, *(p.name for p in net.parameters)}
        self._names: dict[int, str] = {id(value): value.name for value in net.input_values.values()}
        self._wanted: dict[int, str] = {}
        for name, value in net.output_values.items():
            if not isinstance(value, Input):
                self._wanted.setdefault(id(value), name)

    def name(self, value: Value) -> str:
        return self._names[id(value)]

    def is_output(self, layer: Layer) -> bool:
        return id(layer) in self._wanted

    def choose(self, layer: Layer) -> str:
        """A name for what the layer yields: that of the output which it is, else its own."""
        name = self._wanted.get(id(layer), "")
        if not name:
            name = layer.name if layer.name not in self._taken else f"{layer.name}/value"
            self._taken.add(name)
        self._names[id(layer)] = name
        return name

    def alias(self, layer: Layer, name: str) -> None:
        self._names[id(layer)] = name


def _add_layer(graph: onnx.GraphProto, layer: Layer, values: _Values, sizes: OpenSizes, opset: int) -> None:
    builder = LayerBuilder(layer, opset, sizes)
    yielded = layer.definition.lower(builder, layer.operation, *map(values.name, layer.operands))
    own = any(yielded in node.output for node in builder.nodes)
    if not own and not values.is_output(layer):
        values.alias(layer, yielded)
    else:
        if not own:
            yielded = builder.node("Identity", yielded)
        name = values.choose(layer)
        _rename(builder.nodes, yielded, name, layer.name)
        if not values.is_output(layer):
            graph.value_info.append(_value_info(name, layer.output_size, FLOAT))
    graph.node.extend((*sizes.take(), *builder.nodes))


def _rename(nodes: Sequence[onnx.NodeProto], old: str, value: str, node_name: str) -> None:
    for node in nodes:
        if old in node.output:
            node.name = node_name
            node.output[list(node.output).index(old)] = value
        for i, used in enumerate(node.input):
            if used == old:
                node.input[i] = value


def _keep_zeros(graph: onnx.GraphProto) -> None:
    """Keeps onnxruntime from making a Pad of zeros into the padding of a pool after it.

    There the zeros never win a maximum, and onnxruntime refuses as much padding as the window is large. It looks for
    a border whose bytes are all 0, and those of -0 are not. A Pad that only convolutions take may become theirs.
    """
    takers: dict[str, set[str]] = {}
    for node in graph.node:
        for name in node.input:
            takers.setdefault(name, set()).add(node.op_type)
    for i in range(len(graph.node) - 1, -1, -1):
        pad = graph.node[i]
        if pad.op_type != "Pad" or len(pad.input) > 2 or takers.get(pad.output[0]) == {"Conv"}:
            continue
        name = f"{pad.name}/zero"
        pad.input.append(name)
        zero = onnx.numpy_helper.from_array(np.asarray(-0.0, CONSTANTS["float32"]))
        graph.node.insert(i, helper.make_node("Constant", [], [name], name=name, doc_string=pad.doc_string, value=zero))


def _add_outputs(graph: onnx.GraphProto, net: Network, values: _Values) -> None:
    """Declares the outputs; one that is an input, or has another name already, is a copy."""
    for name, value in net.output_values.items():
        source = values.name(value)
        if source != name:
            node_name = f"{name}/Identity"
            graph.node.append(helper.make_node("Identity", [source], [name], name=node_name, doc_string=place(value)))
        integer = isinstance(value, Input) and value.integer
        graph.output.append(_value_info(name, value.size, INTEGER if integer else FLOAT))


def _value_info(name: str, size: Size, element: int) -> onnx.ValueInfoProto:
    """height x width x channels becomes (N, channels, height, width); a sequence of integers stays (N, length)."""
    shape = ["N", *(n if isinstance(n, int) else str(n) for n in (size[-1], *size[:-1]))]
    return helper.make_tensor_value_info(name, element, shape)


def tensor_header(parameter: Parameter) -> onnx.TensorProto:
    """The initialiser of a parameter without its values."""
    return onnx.TensorProto(dims=parameter.shape, data_type=FLOAT, name=parameter.name)


def place(value: Value) -> str:
    """Where the value stands in the spec: "lenet.cnn:4"."""
    return f"{Path(value.source.filename).name}:{value.source.row(value.span.start)}"
