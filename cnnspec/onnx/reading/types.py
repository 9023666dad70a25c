"""What an operator demands of its node: that it exists, that its inputs are there and of types that it takes."""

from __future__ import annotations

from functools import lru_cache
from typing import Any, NamedTuple

import onnx
from onnx import TensorProto

from cnnspec.diagnostics import Mistake
from cnnspec.onnx.listing import element_name, short
from cnnspec.onnx.reading.node import Node
from cnnspec.onnx.reading.walk import Walk
from cnnspec.suggest import closest

MOST_SHOWN = 6


class Demand(NamedTuple):
    """Of one operator: the fewest inputs, names and types of all, attributes that must be there."""

    fewest: int
    names: tuple[str, ...]
    variables: tuple[str, ...]
    homogeneous: bool
    allowed: dict[str, frozenset[int]]
    required: tuple[str, ...]


def check_node(w: Walk, node: Node) -> bool:
    """Whether the node can be what it says; else that is reported."""
    if node.domain:
        return True
    demand = _demand(node.op, w.opset)
    mistake = _unknown(node, w.opset) if demand is None else _missing(node, demand) or _wrong_type(w, node, demand)
    if mistake is not None:
        w.report(node, mistake)
    return mistake is None


@lru_cache(maxsize=512)
def _demand(operator: str, opset: int) -> Demand | None:
    try:
        schema = onnx.defs.get_schema(operator, min(opset, onnx.defs.onnx_opset_version()), "")
    except onnx.defs.SchemaError:
        return None
    allowed = {c.type_param_str: _elements(c.allowed_type_strs) for c in schema.type_constraints}
    variables = []
    for one in schema.inputs:
        if one.type_str not in allowed:
            allowed[one.type_str] = _elements([one.type_str])
        variables.append(one.type_str)
    last = schema.inputs[-1] if schema.inputs else None
    required = tuple(sorted(name for name, attribute in schema.attributes.items() if attribute.required))
    return Demand(
        schema.min_input,
        tuple(one.name for one in schema.inputs),
        tuple(variables),
        last is None or last.is_homogeneous,
        allowed,
        required,
    )


def _elements(types: Any) -> frozenset[int]:
    """The numbers of the types of elements; empty where there is something besides tensors."""
    found = set()
    for text in types:
        name = text.removeprefix("tensor(").removesuffix(")")
        name = {"float": "FLOAT", "double": "DOUBLE"}.get(name, name.upper())
        if name in TensorProto.DataType.keys():  # noqa: SIM118  (not a mapping)
            found.add(TensorProto.DataType.Value(name))
    return frozenset(found)


def _unknown(node: Node, opset: int) -> Mistake:
    """A name that no operator of this opset has; perhaps one of another opset."""
    meant = ""
    if not onnx.defs.has(node.op):
        meant = closest(node.op, {schema.name for schema in onnx.defs.get_all_schemas()}) or ""
        message = "`{op}` is no ONNX operator"
    else:
        message = "opset {opset} has no operator `{op}`"
    return Mistake(
        "E201", message, help="did you mean `{meant}`?" if meant else "", op=short(node.op), opset=opset, meant=meant
    )


def _missing(node: Node, demand: Demand) -> Mistake | None:
    given = len([name for name in node.inputs[: demand.fewest] if name])
    if given < demand.fewest:
        missing = next((i for i in range(demand.fewest) if i >= len(node.inputs) or not node.inputs[i]), 0)
        name = demand.names[min(missing, len(demand.names) - 1)]
        return Mistake("E203", "`{op}` needs its input `{name}`", op=node.op, name=name)
    absent = next((name for name in demand.required if name not in node.attributes), None)
    if absent is not None:
        return Mistake("E203", "`{op}` needs `{name}`", op=node.op, name=absent)
    return None


def _wrong_type(w: Walk, node: Node, demand: Demand) -> Mistake | None:
    """Elements that the operator does not take, or several types where it takes one."""
    bound: dict[str, int] = {}
    for i, name in enumerate(node.inputs):
        value = w.values.get(name)
        if not name or value is None or not value.element or not demand.variables:
            continue
        place = min(i, len(demand.variables) - 1)
        variable = demand.variables[place]
        allowed = demand.allowed[variable]
        if allowed and value.element not in allowed:
            return _refused(node, value.element, allowed)
        several = i >= len(demand.variables) - 1 and not demand.homogeneous
        first = bound.setdefault(variable, value.element)
        if first != value.element and not several:
            return _mixed(node, first, value.element)
    return None


def _refused(node: Node, element: int, allowed: frozenset[int]) -> Mistake:
    names = [element_name(one) for one in sorted(allowed)]
    return Mistake(
        "E313",
        "`{op}` does not take elements of the type {element}",
        notes=("it takes {allowed}",),
        help="put `Cast` before it",
        op=node.op,
        element=element_name(element),
        allowed=", ".join(names[:MOST_SHOWN]) + (", ..." if len(names) > MOST_SHOWN else ""),
    )


def _mixed(node: Node, first: int, second: int) -> Mistake:
    return Mistake(
        "E313",
        "`{op}` takes inputs of one type, here arrive {first} and {second}",
        help="put `Cast` before one of them",
        op=node.op,
        first=element_name(first),
        second=element_name(second),
    )
