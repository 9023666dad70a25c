"""What rules over the network share: consumers, chains of layers, and findings at a layer."""

from __future__ import annotations

import re
from collections.abc import Iterator

from cnnspec.diagnostics import Diagnostic, Label
from cnnspec.network import Layer, Network
from cnnspec.source import Span


def consumers(net: Network) -> dict[int, list[Layer]]:
    """The layers that read each value, by `id` of the value."""
    readers: dict[int, list[Layer]] = {}
    for layer in net.layers:
        for value in layer.operands:
            readers.setdefault(id(value), []).append(layer)
    return readers


def trace_of(layer: Layer) -> tuple[str, ...]:
    """Through which calls the layer came to be, innermost first."""
    lines = []
    for call in layer.trace:
        elsewhere = "" if call.source is layer.source else f" of {call.source.filename}"
        lines.append(f"in `{call.block}`, called at line {call.row}{elsewhere}")
    return tuple(lines)


def finding(
    code: str,
    message: str,
    layer: Layer,
    *,
    span: Span | None = None,
    label: str = "",
    labels: tuple[Label, ...] = (),
    notes: tuple[str, ...] = (),
    help: str = "",
) -> Diagnostic:
    """A finding at a layer, or at a part of its text."""
    return Diagnostic(
        code,
        message,
        layer.source,
        span or layer.span,
        label=label,
        labels=labels,
        notes=notes,
        help=help,
        trace=trace_of(layer),
    )


def argument_span(layer: Layer, *names: str) -> Span:
    """Where the layer's text gives an argument by one of these names; the whole layer where it does not."""
    text = layer.source.text[layer.span.start : layer.span.end]
    match = re.search(rf"\b(?:{'|'.join(names)})\s*=\s*(?:\[[^]]*\]|[^,\s]+)", text)
    if match is None:
        return layer.span
    return Span(layer.span.start + match.start(), layer.span.start + match.end())


def is_open(layer: Layer) -> bool:
    """Whether the layer stands for something that is not known."""
    return layer.operation.args is None


def computed_layers(net: Network) -> Iterator[Layer]:
    """The layers without those that are open."""
    return (layer for layer in net.layers if not is_open(layer))
