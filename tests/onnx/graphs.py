"""Small graphs made by hand, for the tests of the reader."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

from cnnspec.diagnostics import Diagnostic
from cnnspec.network import Network
from cnnspec.onnx.reader import read_model

FLOAT, INT64 = TensorProto.FLOAT, TensorProto.INT64
IMAGE = ("N", 3, 8, 8)


class Graph:
    """Collects nodes; `add` gives the name of what the node yields."""

    def __init__(self, *shape: int | str, element: int = FLOAT, opset: int = 17) -> None:
        self.inputs = [helper.make_tensor_value_info("x", element, shape or IMAGE)]
        self.nodes: list[onnx.NodeProto] = []
        self.weights: list[onnx.TensorProto] = []
        self.stated: list[onnx.ValueInfoProto] = []
        self.opset = opset

    def input(self, name: str, *shape: int | str, element: int = FLOAT) -> str:
        self.inputs.append(helper.make_tensor_value_info(name, element, shape))
        return name

    def weight(self, *shape: int, name: str = "", element: type = np.float32) -> str:
        name = name or f"w{len(self.weights) + 1}"
        self.weights.append(numpy_helper.from_array(np.ones(shape, element), name))
        return name

    def numbers(self, *values: int, name: str = "") -> str:
        name = name or f"w{len(self.weights) + 1}"
        self.weights.append(numpy_helper.from_array(np.array(values, np.int64), name))
        return name

    def add(self, op: str, *inputs: str, name: str = "", outputs: Any = (), **attributes: Any) -> str:
        name = name or f"{op.lower()}{len(self.nodes) + 1}"
        self.nodes.append(helper.make_node(op, inputs, list(outputs) or [name], name=name, **attributes))
        return name

    def conv(self, x: str, filters: int, channels: int, f: int = 3, **attributes: Any) -> str:
        return self.add("Conv", x, self.weight(filters, channels, f, f), **attributes)

    def state(self, name: str, *shape: int | str, element: int = FLOAT) -> None:
        self.stated.append(helper.make_tensor_value_info(name, element, shape))

    def model(self, *outputs: str, elements: Mapping[str, int] | None = None) -> onnx.ModelProto:
        elements = elements or {}
        ends = [helper.make_tensor_value_info(name, elements.get(name, FLOAT), None) for name in outputs]
        graph = helper.make_graph(self.nodes, "made", self.inputs, ends, self.weights, value_info=self.stated)
        return helper.make_model(graph, ir_version=8, opset_imports=[helper.make_opsetid("", self.opset)])


def accepted_by_onnx(model: onnx.ModelProto) -> bool:
    """Whether ONNX's own checker, with all that it can do, finds nothing; what it infers of the outputs is taken."""
    inferred = onnx.shape_inference.infer_shapes(model).graph.output
    for output, info in zip(model.graph.output, inferred, strict=True):
        output.type.CopyFrom(info.type)
        if not info.type.tensor_type.HasField("shape"):
            output.type.tensor_type.shape.dim.add(dim_param="A")
    try:
        onnx.checker.check_model(model, full_check=True)
    except (onnx.checker.ValidationError, onnx.shape_inference.InferenceError):
        return False
    return True


def read(model: onnx.ModelProto) -> tuple[Network, list[Diagnostic]]:
    """The network of a model without errors."""
    network, diagnostics = read_model(model, "made.onnx")
    assert network is not None, diagnostics
    return network, diagnostics


def complaints(model: onnx.ModelProto) -> list[Diagnostic]:
    return read_model(model, "made.onnx")[1]
