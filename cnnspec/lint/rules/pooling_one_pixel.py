"""W308: a pooling that computes nothing: over a single pixel, or with a window of 1."""

from __future__ import annotations

from collections.abc import Iterator

from cnnspec.diagnostics import Diagnostic, Fix
from cnnspec.language import say
from cnnspec.lint._graph import computed_layers, finding
from cnnspec.network import Layer, Network
from cnnspec.values import show

CODE = "W308"
DEFAULT = True
ON_GRAPHS = True
WINDOWED = ("maxpool", "avgpool")
TO_A_SIZE = ("adaptive_avgpool", "adaptive_maxpool")
GLOBAL = ("global_avgpool", "global_maxpool")


def check_network(net: Network) -> Iterator[Diagnostic]:
    """Poolings that yield what arrives; meant where the same text pools more elsewhere (`maxpool s` in a block)."""
    poolings = [layer for layer in computed_layers(net) if layer.kind in (*WINDOWED, *TO_A_SIZE, *GLOBAL)]
    busy = {_place(layer) for layer in poolings if not _why(layer)}
    for layer in poolings:
        if _place(layer) not in busy:
            yield finding(
                CODE,
                _why(layer),
                layer,
                notes=(
                    say(
                        "{input} becomes {output_size}",
                        input=show(layer.operation.input),
                        output_size=show(layer.output_size),
                    ),
                ),
                help=say("use `flatten`") if _flattens(layer) else say("leave it out"),
                fix=_fix(layer),
            )


def _place(layer: Layer) -> tuple[str, int | str]:
    """The text that the layer came from; in a graph without text, the layer itself."""
    return layer.source.filename, layer.span.start if layer.span.end > layer.span.start else layer.name


def _why(layer: Layer) -> str:
    """The message that says what makes the pooling idle; empty where it is not."""
    if all(n == 1 for n in layer.operation.input[:-1]):
        if _counts_padding(layer):
            return ""
        return say("`{kind}` computes nothing: one pixel arrives", kind=layer.kind)
    if layer.kind in WINDOWED and all(f == 1 and s == 1 for f, s in zip(layer.args.f, layer.args.s, strict=True)):
        return say("`{kind}` computes nothing: its window is 1, and its stride", kind=layer.kind)
    return ""


def _counts_padding(layer: Layer) -> bool:
    """Whether the average of one pixel is divided by more than 1, or there is more than one of it."""
    spatial = layer.output_size[:-1]
    return getattr(layer.args, "count_pad", False) or any(n != 1 for n in spatial)


def _flattens(layer: Layer) -> bool:
    return len(layer.output_size) == 1


def _fix(layer: Layer) -> Fix | None:
    from cnnspec.lint._edits import fix, remove_step, replace_step

    if _flattens(layer):
        return fix("safe", say("write `flatten`"), replace_step(layer, "flatten"))
    return fix("safe", say("take `{kind}` out", kind=layer.kind), remove_step(layer))
