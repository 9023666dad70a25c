"""What a layer kind promises, held against onnxruntime and against a reference written from the definition.

The table has an entry for each kind: how to draw arguments and input sizes, and the reference in plain numpy. The
entries stand in the modules `cases*.py` beside this one, each with a dictionary `ENTRIES`; new ones are found.
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

from cnnspec import layers
from cnnspec.layers._kind import Operation
from cnnspec.network import Input, Layer, Network
from cnnspec.onnx import to_model
from cnnspec.onnx.writer import OPSETS
from cnnspec.source import Source, Span
from cnnspec.values import Size

Array = np.ndarray
Reference = Callable[[Operation, Sequence[Array], Mapping[str, Array]], Array]

BATCH = 2
__all__ = ["OPSETS", "Case", "Entry", "draw_inputs", "draw_tensors", "entries", "layout", "operation", "run"]


class Case(NamedTuple):
    """Arguments by short name, as the language evaluates them, and the sizes of the inputs."""

    given: dict[str, Any]
    inputs: tuple[Size, ...]


class Entry(NamedTuple):
    """How a kind is tried: `reference(op, arrays, tensors)` gets and gives arrays (N, C, spatial axes) of float64.

    `values` draws an input where the default, numbers around 0, does not do: (random generator, op, shape) to array.
    `tries` is how many cases are drawn: more for kinds with many arguments.
    """

    cases: st.SearchStrategy[Case]
    reference: Reference
    values: Callable[[np.random.Generator, Operation, tuple[int, ...]], Array] | None = None
    tries: int = 20


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
    known = [n for n in size if isinstance(n, int)]
    assert len(known) == len(size)
    return (BATCH, known[-1], *known[:-1])


def model_of(op: Operation, tensors: Mapping[str, Array], opset: int) -> Any:
    """The operation alone as an ONNX model, checked in full."""
    source, span = Source("", "layer.cnn"), Span(0, 0)
    inputs = {f"x{i}": Input(f"x{i}", size, source, span, integer=op.kind.integers) for i, size in enumerate(op.inputs)}
    layer = Layer("layer", op, tuple(inputs.values()), source, span)
    net = Network(model="one", source=source, inputs=inputs, outputs={"output": layer}, layers=[layer])
    weights = {f"layer.{name}": array for name, array in tensors.items()}
    model = to_model(net, weights, opset=opset, ir=8 if opset < 21 else 10)
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
