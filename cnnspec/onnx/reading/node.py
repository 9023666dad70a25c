"""Nodes and values of a graph while it is read."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Any

from onnx import AttributeProto, GraphProto, NodeProto, TensorProto

from cnnspec.network import Value as FlowValue
from cnnspec.onnx.listing import node_name
from cnnspec.values import UNKNOWN, Dim, Size, Symbolic

SMALL = 256  # numbers of a constant that are looked at
PLACE = re.compile(r"[\w.\-]+\.cnn:\d+")

Shape = tuple[Dim, ...]


class Node:
    """A node with its attributes as Python values."""

    __slots__ = ("attributes", "domain", "index", "inputs", "name", "op", "outputs", "place", "proto")

    def __init__(self, proto: NodeProto, index: int) -> None:
        self.proto = proto
        self.index = index
        self.op = proto.op_type
        self.domain = "" if proto.domain == "ai.onnx" else proto.domain
        self.name = node_name(proto)
        self.inputs: tuple[str, ...] = tuple(proto.input)
        self.outputs: tuple[str, ...] = tuple(proto.output)
        self.attributes = {a.name: _value(a) for a in proto.attribute}
        place = proto.doc_string
        self.place = place if len(place) < 200 and PLACE.fullmatch(place) else ""

    @property
    def output(self) -> str:
        return self.outputs[0] if self.outputs else ""

    def integer(self, name: str, default: int = 0) -> int:
        value = self.attributes.get(name)
        return value if isinstance(value, int) else default

    def number(self, name: str, default: float) -> float:
        value = self.attributes.get(name)
        return plain(value) if isinstance(value, float) else default

    def text(self, name: str, default: str = "") -> str:
        value = self.attributes.get(name)
        return value if isinstance(value, str) else default

    def integers(self, name: str) -> list[int] | None:
        value = self.attributes.get(name)
        return value if isinstance(value, list) and all(isinstance(n, int) for n in value) else None

    def captured(self) -> Iterator[str]:
        """Names that graphs inside the node use; some of them are values of the graph around it."""
        waiting = [graph for a in self.proto.attribute for graph in _graphs(a)]
        while waiting:
            graph = waiting.pop()
            yield from (value.name for value in graph.output)
            for node in graph.node:
                yield from node.input
                waiting += [inner for a in node.attribute for inner in _graphs(a)]


def _graphs(attribute: AttributeProto) -> list[GraphProto]:
    if attribute.type == AttributeProto.GRAPH:
        return [attribute.g]
    return list(attribute.graphs) if attribute.type == AttributeProto.GRAPHS else []


def _value(a: AttributeProto) -> Any:
    if a.type == AttributeProto.INT:
        return a.i
    if a.type == AttributeProto.FLOAT:
        return float(a.f)
    if a.type == AttributeProto.STRING:
        return a.s.decode("utf-8", "replace")
    if a.type == AttributeProto.INTS:
        return list(a.ints)
    if a.type == AttributeProto.FLOATS:
        return [float(x) for x in a.floats]
    return a.t if a.type == AttributeProto.TENSOR else None


def plain(value: float) -> float:
    """The shortest decimal number with the same 32 bits: 0.00001, where the file has 9.999999747e-06."""
    return float(f"{value:.7g}")


class Value:
    """What an edge of the graph carries.

    `shape` is in the order of the graph, with the batch; UNKNOWN where not even the rank is known. `flow` is the
    network's value; None of constants, weights, and numbers that are computed from sizes. `numbers` are the elements of
    a small constant, flat. `last` says whether the channels stand last (None: either way may be meant). `doubtful` is
    what comes after an error: nothing is judged by it.
    """

    __slots__ = ("doubtful", "element", "flow", "last", "name", "numbers", "shape", "written")

    def __init__(
        self,
        name: str,
        shape: Shape | Any = UNKNOWN,
        element: int = 0,
        *,
        flow: FlowValue | None = None,
        numbers: list[Any] | None = None,
        last: bool | None = None,
        doubtful: bool = False,
        written: bool = False,
    ) -> None:
        self.name = name
        self.shape = shape
        self.element = element
        self.flow = flow
        self.numbers = numbers
        self.last = last
        self.doubtful = doubtful
        self.written = written  # an initialiser, or made of one: a parameter rather than a constant of the graph

    @property
    def rank(self) -> int | None:
        return None if self.shape is UNKNOWN else len(self.shape)

    @property
    def constant(self) -> bool:
        return self.flow is None

    def size(self, *, last: bool = False) -> Size | Any:
        """The shape as height x width x channels; UNKNOWN where there is no batch and something besides."""
        return as_size(self.shape, last=last)


def as_size(shape: Shape | Any, *, last: bool = False) -> Size | Any:
    """(N, C, H, W), or with `last` (N, H, W, C), as (H, W, C)."""
    if shape is UNKNOWN or len(shape) < 2:
        return UNKNOWN
    return tuple(shape[1:]) if last else (*shape[2:], shape[1])


def as_shape(batch: Dim, size: Size | Any, *, last: bool = False) -> Shape | Any:
    """(H, W, C) as (N, C, H, W), or with `last` as (N, H, W, C)."""
    if size is UNKNOWN:
        return UNKNOWN
    return (batch, *size) if last else (batch, size[-1], *size[:-1])


def symbolic(shape: Shape | Any) -> bool:
    """Whether letters stand in it."""
    return shape is not UNKNOWN and any(isinstance(n, Symbolic) for n in shape)


def numbers_of(tensor: TensorProto) -> list[Any] | None:
    """The elements of a small tensor of numbers, flat; None of a large one, and where they lie elsewhere."""
    count = 1
    for n in tensor.dims:
        count *= max(n, 0)
    if count > SMALL or tensor.data_location == TensorProto.EXTERNAL or tensor.data_type == TensorProto.STRING:
        return None
    from onnx import numpy_helper

    try:
        values: list[Any] = numpy_helper.to_array(tensor).reshape(-1).tolist()
    except (ValueError, TypeError, KeyError, AttributeError, OverflowError):
        return None
    return values if len(values) == count and all(isinstance(n, (int, float, bool)) for n in values) else None


def same(a: Sequence[Any], b: Sequence[Any]) -> bool:
    """Whether two shapes are certainly equal."""
    return len(a) == len(b) and all(m == n for m, n in zip(a, b, strict=True))


def alike(a: Sequence[Any], b: Sequence[Any]) -> bool:
    """Whether two shapes are equal, as far as they are known, and unknown at the same places."""
    return len(a) == len(b) and all(m is n or m == n for m, n in zip(a, b, strict=True))
