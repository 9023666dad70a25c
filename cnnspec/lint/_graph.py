"""What rules over the network share: consumers, chains of layers, and findings at a layer."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from functools import lru_cache

from cnnspec.diagnostics import Diagnostic, Fix, Label
from cnnspec.network import Layer, Network
from cnnspec.source import Span
from cnnspec.values import Dim, show


@lru_cache(maxsize=1)
def consumers(net: Network) -> dict[int, list[Layer]]:
    """The layers that read each value, by `id` of the value."""
    readers: dict[int, list[Layer]] = {}
    for layer in net.layers:
        for value in layer.operands:
            readers.setdefault(id(value), []).append(layer)
    return readers


def trace_of(layer: Layer) -> tuple[str, ...]:
    """Through which calls the layer came to be, innermost first."""
    return tuple(call.said(layer.source) for call in layer.trace)


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
    fix: Fix | None = None,
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
        fix=fix,
        trace=trace_of(layer),
        calls=layer.trace,
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


def bypassed(net: Network) -> set[int]:
    """The layers, by `id`, that some way from an input to an output goes around: those of branches and shortcuts."""
    places = {id(value): place for place, value in enumerate((*net.input_values.values(), *net.layers))}
    last_read = dict.fromkeys(places, -1)
    for layer in net.layers:
        for value in layer.operands:
            last_read[id(value)] = places[id(layer)]
    for value in net.output_values.values():
        last_read[id(value)] = len(places)
    around: set[int] = set()
    furthest = -1
    for key, place in places.items():
        if furthest > place:
            around.add(key)
        furthest = max(furthest, last_read[key])
    return around


def pad_text(pairs: Sequence[tuple[Dim, Dim]]) -> str:
    """Padding as one writes it: `1`, `1x3`, or `[0, 0, 1, 1]` where starts and ends differ."""
    begins, ends = tuple(begin for begin, _ in pairs), tuple(end for _, end in pairs)
    if begins != ends:
        return show([*begins, *ends])
    return show(begins[0]) if len(set(begins)) == 1 else show(begins)
