"""W505: a depthwise convolution that is written as `conv` with as many groups as channels."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from cnnspec.diagnostics import Diagnostic, Fix
from cnnspec.language import say
from cnnspec.lint._flow import layers_of
from cnnspec.lint._graph import finding
from cnnspec.network import Layer, Network

CODE = "W505"
DEFAULT = True
ON_GRAPHS = False  # there is one operator for both

KEPT = ("f", "s", "p", "d", "kernel", "stride", "pad", "padding", "dilation", "weight", "bias")


def check_network(net: Network) -> Iterator[Diagnostic]:
    """Convolutions that are depthwise at every place where their text stands: `groups=groups` may be both."""
    other = {_place(layer) for layer in layers_of(net, "conv") if not _is_depthwise(layer)}
    for layer in layers_of(net, "conv"):
        if _is_depthwise(layer) and _place(layer) not in other:
            text = _depthwise(layer)
            yield finding(
                CODE,
                say("`conv` with as many groups as channels is `depthwise`"),
                layer,
                help=say("write `{text}`", text=text),
                fix=_fix(layer, text),
            )


def _is_depthwise(layer: Layer) -> bool:
    groups = layer.args.groups
    return isinstance(groups, int) and groups > 1 and bool(groups == layer.operation.input[-1])


def _place(layer: Layer) -> Any:
    return layer.source.filename, layer.span


def _depthwise(layer: Layer) -> str:
    """The same in other words, with the arguments as they are written."""
    from cnnspec.lint._edits import arguments

    names = [argument.name for argument in layer.definition.arguments]
    written = {name or names[place]: value for place, (name, value) in enumerate(arguments(layer))}
    written = {name: value for name, value in written.items() if name in KEPT}
    window = written.pop("f", None) or written.pop("kernel", "?")
    multiplier = layer.output_size[-1] // layer.operation.input[-1]
    more = [f"multiplier={multiplier}"] if multiplier != 1 else []
    return ", ".join([f"depthwise {window}", *(f"{name}={value}" for name, value in written.items()), *more])


def _fix(layer: Layer, text: str) -> Fix | None:
    from cnnspec.lint._edits import fix, replace_step

    return fix("unsafe", say("write `{text}`", text=text), replace_step(layer, text))
