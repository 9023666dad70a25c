"""Sizes and types that the file states, against those that come out."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from onnx import ValueInfoProto

from cnnspec.diagnostics import Mistake
from cnnspec.network import Layer
from cnnspec.onnx.listing import element_name, short
from cnnspec.onnx.reading.node import Node, Value
from cnnspec.onnx.reading.walk import Walk, differs
from cnnspec.values import UNKNOWN, show


def stated_shape(info: ValueInfoProto) -> tuple[Any, ...] | Any:
    """The shape that is declared, with UNKNOWN for what is open; UNKNOWN where not even the rank is declared."""
    tensor = info.type.tensor_type
    if not info.type.HasField("tensor_type") or not tensor.HasField("shape"):
        return UNKNOWN
    return tuple(dim.dim_value if dim.dim_value > 0 else UNKNOWN for dim in tensor.shape.dim)


def check_stated(w: Walk, node: Node, stated: Mapping[str, ValueInfoProto]) -> None:
    """Reports what a node yields in another size or type than the file says."""
    for name in node.outputs:
        info, value = stated.get(name), w.values.get(name)
        if info is None or value is None or value.doubtful:
            continue
        shape, element = stated_shape(info), info.type.tensor_type.elem_type
        if shape is not UNKNOWN and value.shape is not UNKNOWN and differs(shape, value.shape):
            _report_size(w, node, value, shape)
        elif element and value.element and element != value.element:
            _report_type(w, node, value, element)


def _report_size(w: Walk, node: Node, value: Value, shape: tuple[Any, ...]) -> None:
    flow = value.flow
    computed = isinstance(flow, Layer) and flow.operation.args is not None
    lines = flow.definition.explain_size(flow.operation)[:4] if isinstance(flow, Layer) and computed else ()
    mistake = Mistake(
        "E402",
        "the shape of `{name}` is {actual}, the file states {stated}",
        lines=tuple(lines),
        name=short(value.name),
        actual=_shown(value.shape),
        stated=_shown(shape),
    )
    w.report(node, mistake)


def _report_type(w: Walk, node: Node, value: Value, element: int) -> None:
    mistake = Mistake(
        "E313",
        "the elements of `{name}` are {actual}, the file states {stated}",
        name=short(value.name),
        actual=element_name(value.element),
        stated=element_name(element),
    )
    w.report(node, mistake)


def _shown(shape: tuple[Any, ...]) -> str:
    return f"({', '.join(map(show, shape))})"
