"""What a layer kind promises, held against onnxruntime and against a reference written from the definition.

The table has an entry for each kind: how to draw arguments and input sizes, and the reference in plain numpy. The entries
stand in the modules `cases*.py` beside this one, each with a dictionary `ENTRIES`; new modules are found by themselves.
"""

from __future__ import annotations

import functools
import importlib
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import onnx
import onnxruntime
from hypothesis import strategies as st
from onnx import TensorProto, helper, numpy_helper

from cnnspec import layers
from cnnspec.layers._kind import Operation
from cnnspec.values import Size

Array = np.ndarray
Reference = Callable[[Operation, Sequence[Array], Mapping[str, Array]], Array]

BATCH = 2
OPSETS = tuple(range(13, 25))
DTYPES = {"float32": np.float32, "int64": np.int64, "bool": np.bool_}


class Case(NamedTuple):
    """Arguments by short name, as the language evaluates them, and the sizes of the inputs (height x width x channels)."""

    given: dict[str, Any]
    inputs: tuple[Size, ...]


class Entry(NamedTuple):
    """How a kind is tried: `reference(op, arrays, tensors)` gets and gives arrays (N, C, spatial axes) of float64.

    `values` draws an input where the default, numbers around 0, does not do: (random generator, op, shape) to array.
    """

    cases: st.SearchStrategy[Case]
    reference: Reference
    values: Callable[[np.random.Generator, Operation, tuple[int, ...]], Array] | None = None


@functools.cache
def entries() -> dict[str, Entry]:
    """All entries of the table."""
    found: dict[str, Entry] = {}
    for path in sorted(Path(__file__).parent.glob("cases*.py")):
        found.update(importlib.import_module(f"tests.layers.{path.stem}").ENTRIES)
    return found


def operation(kind: str, case: Case) -> Operation:
    """The kind on the arguments and sizes of a case. Raises Mistake."""
    found = layers.find(kind)
    assert found is not None, kind
    return found.operation(case.given, case.inputs)


def layout(size: Size) -> tuple[int, ...]:
    """The shape of an array of that size: (N, C, spatial axes)."""
    assert all(isinstance(n, int) for n in size)
    return (BATCH, size[-1], *size[:-1])  # type: ignore[return-value]


class Builder:
    """The graph of one operation: a cnnspec.layers GraphBuilder."""

    def __init__(self, op: Operation, opset: int) -> None:
        self.op = op
        self.opset = opset
        self.nodes: list[Any] = []
        self.initializers: list[Any] = []

    def node(self, op_type: str, *inputs: str, **attributes: Any) -> str:
        name = f"{op_type}_{len(self.nodes)}"
        self.nodes.append(helper.make_node(op_type, list(inputs), [name], name=name, **attributes))
        return name

    def tensor(self, name: str) -> str:
        self.op.tensor(name)
        return name

    def constant(self, values: Any, dtype: str = "float32") -> str:
        name = f"constant_{len(self.initializers)}"
        self.initializers.append(numpy_helper.from_array(np.asarray(values, DTYPES[dtype]), name))
        return name


def model_of(op: Operation, tensors: Mapping[str, Array], opset: int) -> Any:
    """The operation alone as an ONNX model, checked in full; its output's shape is left to inference."""
    builder = Builder(op, opset)
    element = TensorProto.INT64 if op.kind.integers else TensorProto.FLOAT
    inputs = [
        helper.make_tensor_value_info(f"x{i}", element, ["N", *layout(size)[1:]]) for i, size in enumerate(op.inputs)
    ]
    result = op.kind.lower(builder, op, *(value.name for value in inputs))
    for name, array in tensors.items():
        builder.initializers.append(numpy_helper.from_array(array, name))
    output = helper.make_tensor_value_info(result, TensorProto.FLOAT, ["N", *layout(op.output)[1:]])
    graph = helper.make_graph(builder.nodes, op.kind.name, inputs, [output], builder.initializers)
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", opset)], ir_version=8 if opset < 21 else 10)
    onnx.checker.check_model(model, full_check=True)
    return model


def run(op: Operation, arrays: Sequence[Array], tensors: Mapping[str, Array], opset: int) -> Array:
    """What onnxruntime makes of the operation's graph."""
    options = onnxruntime.SessionOptions()
    options.log_severity_level = 4
    options.intra_op_num_threads = 1
    model = model_of(op, tensors, opset).SerializeToString()
    session = onnxruntime.InferenceSession(model, options, providers=["CPUExecutionProvider"])
    feed = {f"x{i}": array if op.kind.integers else array.astype(np.float32) for i, array in enumerate(arrays)}
    return session.run(None, feed)[0]


def draw_tensors(op: Operation, rng: np.random.Generator) -> dict[str, Array]:
    """Numbers for each tensor of the operation, those of the file where it gives them; variances are positive."""
    tensors = {}
    for t in op.tensors:
        drawn = rng.normal(size=t.shape)
        if isinstance(t.values, list):
            drawn = np.asarray(t.values).reshape(t.shape)
        tensors[t.name] = (np.abs(drawn) + 0.1 if t.name == "running_var" else drawn).astype(np.float32)
    return tensors


def draw_inputs(op: Operation, entry: Entry, rng: np.random.Generator) -> list[Array]:
    """An array for each input of the operation; the float64 ones hold numbers that float32 holds too."""
    shapes = [layout(size) for size in op.inputs]
    if entry.values is not None:
        return [entry.values(rng, op, shape) for shape in shapes]
    return [rng.normal(size=shape).astype(np.float32).astype(np.float64) for shape in shapes]
