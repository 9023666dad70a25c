"""Differences as JSON."""

from __future__ import annotations

import json
from typing import Any

from cnnspec.network import Layer, Network, Value
from cnnspec.report.diff.differences import COUNTS, Difference, Differences, Totals, minus
from cnnspec.report.summary import dim_document, size_document
from cnnspec.report.written import written


def document(found: Differences, before: Network, after: Network, names: tuple[str, str]) -> str:
    """The JSON document: both networks, the differences of their totals, and what differs in between."""
    return json.dumps(
        {
            "changed": bool(found.all),
            "before": _network(before, names[0], found.totals[0]),
            "after": _network(after, names[1], found.totals[1]),
            "delta": {
                name: dim_document(minus(b, a)) for name, a, b in zip(Totals._fields, *found.totals, strict=True)
            },
            "inputs": [_port(one) for one in found.inputs],
            "outputs": [_port(one) for one in found.outputs],
            "layers": [_layer(one) for one in found.layers],
        },
        indent=1,
    )


def _network(net: Network, name: str, sums: Totals) -> dict[str, Any]:
    return {
        "filename": name,
        "model": net.model,
        "inputs": [_size(name, value) for name, value in net.input_values.items()],
        "outputs": [_size(name, value) for name, value in net.output_values.items()],
        **{field: dim_document(n) for field, n in sums._asdict().items()},
    }


def _size(name: str, value: Value) -> dict[str, Any]:
    return {"name": name, "size": size_document(value.size)}


def _port(one: Difference) -> dict[str, Any]:
    sides = {"before": one.before, "after": one.after}
    ports = {side: None if value is None else _size(one.names[0] or value.name, value) for side, value in sides.items()}
    return {"status": one.status, **ports, "changes": _changes(one)}


def _layer(one: Difference) -> dict[str, Any]:
    return {
        "status": one.status,
        "before": _side(one.before),
        "after": _side(one.after),
        "changes": _changes(one),
        "delta": {count: dim_document(one.delta(count)) for count in COUNTS},
    }


def _changes(one: Difference) -> list[dict[str, str]]:
    return [change._asdict() for change in one.changes]


def _side(layer: Value | None) -> dict[str, Any] | None:
    if not isinstance(layer, Layer):
        return None
    return {
        "name": layer.name,
        "kind": layer.kind,
        "written": "?" if layer.args is None else written(layer.operation),
        "inputs": list(layer.inputs),
        "output_size": size_document(layer.output_size),
        **{count: dim_document(getattr(layer, count)) for count in COUNTS},
        "line": layer.line,
    }
