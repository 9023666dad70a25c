"""The text that a graph is shown as: node for node a line, so that what is said of a node has a place.

    conv1: Conv(input, conv1.weight, conv1.bias) kernel_shape=[5, 5]

Row n is node n, counted from 1; the graph's inputs and outputs come after the nodes.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from onnx import AttributeProto, GraphProto, NodeProto, TensorProto, ValueInfoProto

from cnnspec.source import Listing, Span

LONGEST_NAME = 80
MOST_NAMES = 12
MOST_NUMBERS = 8


def listing(graph: GraphProto, filename: str) -> tuple[Listing, list[Span], dict[str, Span]]:
    """The text, the place of each node, and those of the graph's inputs and outputs by their names."""
    lines = [node_text(node) for node in graph.node]
    ends = [(value.name, f"{kind} {value_text(value)}") for kind, value in _ends(graph)]
    spans = list(_spans([*lines, *(text for _, text in ends)]))
    places = {name: span for (name, _), span in zip(ends, spans[len(lines) :], strict=True)}
    return Listing("\n".join([*lines, *(text for _, text in ends), ""]), filename), spans[: len(lines)], places


def _ends(graph: GraphProto) -> Iterator[tuple[str, ValueInfoProto]]:
    weights = {tensor.name for tensor in graph.initializer}
    yield from (("input", value) for value in graph.input if value.name not in weights)
    yield from (("output", value) for value in graph.output)


def _spans(lines: Iterable[str]) -> Iterator[Span]:
    start = 0
    for line in lines:
        yield Span(start, start + len(line))
        start += len(line) + 1


def node_text(node: NodeProto) -> str:
    """A node as a line."""
    inputs = ", ".join(short(name) or "-" for name in node.input[:MOST_NAMES])
    more = ", ..." if len(node.input) > MOST_NAMES else ""
    attributes = "".join(f" {short(a.name)}={attribute_text(a)}" for a in node.attribute[:MOST_NAMES])
    return f"{short(node_name(node))}: {short(node.op_type)}({inputs}{more}){attributes}"


def node_name(node: NodeProto) -> str:
    """What a node is called: by its name, else by that of its first value."""
    return node.name or next((name for name in node.output if name), "") or node.op_type


def value_text(value: ValueInfoProto) -> str:
    """A declared value: `input: FLOAT Nx3x224x224`."""
    tensor = value.type.tensor_type
    name = short(value.name)
    if not value.type.HasField("tensor_type"):
        return name
    dims = [str(d.dim_value) if d.HasField("dim_value") else short(d.dim_param) or "?" for d in tensor.shape.dim]
    return f"{name}: {element_name(tensor.elem_type)} {'x'.join(dims[:MOST_NAMES])}".rstrip()


def element_name(element: int) -> str:
    """The type of elements as people write it: float32, int64."""
    name = TensorProto.DataType.Name(element) if element in TensorProto.DataType.values() else "undefined"
    return {"FLOAT": "float32", "DOUBLE": "float64"}.get(name, name.lower())


def attribute_text(attribute: AttributeProto) -> str:
    """The value of an attribute, cut where it is long."""
    kind = attribute.type
    if kind == AttributeProto.STRING:
        return short(attribute.s.decode("utf-8", "replace"))
    if kind == AttributeProto.INT:
        return str(attribute.i)
    if kind == AttributeProto.FLOAT:
        return f"{attribute.f:.6g}"
    if kind == AttributeProto.INTS:
        return _list(attribute.ints)
    if kind == AttributeProto.FLOATS:
        return _list([f"{x:.6g}" for x in attribute.floats[: MOST_NUMBERS + 1]])
    if kind == AttributeProto.TENSOR:
        dims = "x".join(map(str, attribute.t.dims))
        return f"<{element_name(attribute.t.data_type)} {dims}>" if dims else f"<{element_name(attribute.t.data_type)}>"
    return "<graph>" if kind == AttributeProto.GRAPH else "<...>"


def _list(numbers: Sequence[Any]) -> str:
    shown = ", ".join(map(str, numbers[:MOST_NUMBERS]))
    return f"[{shown}{', ...' if len(numbers) > MOST_NUMBERS else ''}]"


def short(text: str) -> str:
    """A name on one line, cut where it is long."""
    if not text.isprintable():
        text = "".join(char if char.isprintable() else "?" for char in text[: LONGEST_NAME + 1])
    return text if len(text) <= LONGEST_NAME else f"{text[: LONGEST_NAME - 3]}..."
