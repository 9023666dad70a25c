"""The worked solution of a figure: the sum, the layers that count, or the recurrence layer by layer."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from cnnspec.figures import WEIGHTED
from cnnspec.language import say
from cnnspec.network import Layer, Network
from cnnspec.syntax import tree
from cnnspec.teaching.blanks import Place
from cnnspec.teaching.computed.candidates import counted_layer
from cnnspec.teaching.computed.sums import SUMS
from cnnspec.teaching.figures import sides
from cnnspec.values import known, show, show_count


def figure_lines(place: Place, network: Network, right: Any) -> list[str]:
    """The arithmetic of a figure; its last line ends in the value."""
    if not known(right):
        return []
    shown = show_count(right) if isinstance(right, int) else show(right)
    asked, other = sides(place)
    if not isinstance(asked, tree.Blank):
        return [f"? = {shown}"]
    lines = _lines(place, network, other)
    return (
        lines
        if lines and place.part != "receptive_field" and lines[-1].endswith(f" = {shown}")
        else [*lines, f"{place.part} = {shown}"]
    )


def _lines(place: Place, network: Network, asked: tree.Expression) -> list[str]:
    layer = counted_layer(place, network)
    if layer is not None:
        return [*layer.definition.explain_params(layer.operation)]
    if place.part in SUMS:
        return [*_sum(place.part, network)]
    if place.part == "depth":
        return [", ".join(layer.name for layer in longest_path(network))]
    if place.part == "receptive_field":
        return [*recurrence(network)]
    if isinstance(asked, tree.Call) and asked.function == "count":
        return [*_counted(network, asked)]
    if place.part == "output" and network.layers:
        return [say("the last layer is `{layer}`", layer=network.layers[-1].name)]
    return []


def _sum(figure: str, network: Network) -> Iterator[str]:
    terms = [show_count(getattr(layer, figure)) for layer in network.layers if getattr(layer, figure)]
    total: Any = sum(getattr(layer, figure) for layer in network.layers)
    yield " = ".join((figure, *((" + ".join(terms),) if len(terms) > 1 else ()), show_count(total)))


def _counted(network: Network, asked: tree.Call) -> Iterator[str]:
    kinds = [getattr(argument, "name", "") for argument in asked.arguments]
    names = [layer.name for layer in network.layers if not kinds or layer.kind in kinds]
    if names:
        yield ", ".join(names)


def longest_path(network: Network) -> list[Layer]:
    """The layers with weights on the longest path, as `depth` counts them.

    >>> from cnnspec.api import loads
    >>> [layer.name for layer in longest_path(loads("input 8x8x1\\nconv 2, f=3 | relu | flatten | dense 4"))]
    ['conv1', 'dense1']
    """
    paths: dict[int, list[Layer]] = {}
    longest: list[Layer] = []
    for layer in network.layers:
        before = max((paths.get(id(value), []) for value in layer.operands), key=len, default=[])
        paths[id(layer)] = [*before, layer] if layer.definition.family in WEIGHTED else before
        longest = max(longest, paths[id(layer)], key=len)
    return longest


def recurrence(network: Network) -> Iterator[str]:
    """The receptive field after each layer that enlarges it: what it was, and a window over it.

    >>> from cnnspec.api import loads
    >>> print(*recurrence(loads("input 9x9x1\\nconv 2, f=3 | maxpool 2 | conv 2, f=3")), sep="\\n")
    conv1: 1 + (3 - 1)*1 = 3
    maxpool1: 3 + (2 - 1)*1 = 4
    conv2: 4 + (3 - 1)*2 = 8
    """
    from cnnspec.fields import receptive_fields, window_of

    fields = receptive_fields(network)
    for layer in network.layers:
        before, after = [fields.get(value.name) for value in layer.operands], fields.get(layer.name)
        if after is None or not before or before[0] is None or after.size == before[0].size:
            continue
        window = window_of(layer)
        lines = {
            _step(old, one.size, jump, new)
            for one, old, jump, new in zip(
                window or (), before[0].size, before[0].stride, after.size, strict=bool(window)
            )
        }
        step = lines.pop() if len(before) == len(lines) == 1 else ""
        yield f"{layer.name}: {step or _agreed(after.size)}"


def _step(old: Any, window: Any, jump: Any, new: Any) -> str:
    """One step of the recurrence; nothing where a layer does not follow it."""
    holds = all(isinstance(n, int) for n in (old, window, new)) and old + (window - 1) * jump == new
    return f"{old} + ({window} - 1)*{jump} = {new}" if holds else ""


def _agreed(size: tuple[Any, ...]) -> str:
    return show(size[0]) if len(set(size)) == 1 else show(size)


def figure_rule(place: Place) -> str:
    """The rule in letters."""
    if place.part in SUMS:
        return say("`{figure}` is the sum over all layers", figure=place.part)
    if place.part == "depth":
        return say("`depth` counts the layers with weights on the longest path")
    if place.part == "receptive_field":
        return say("each window adds (f - 1)*j pixels, where j is the product of the strides before it")
    return say("`cnnspec explain` shows how `{figure}` comes about", figure=place.part)
