"""W301: the floor of the size rule leaves out rows and columns of the input."""

from __future__ import annotations

from collections.abc import Iterator

from cnnspec.diagnostics import Diagnostic
from cnnspec.layers._windows import axis_names
from cnnspec.lint._graph import computed_layers, finding
from cnnspec.network import Layer, Network
from cnnspec.sizes import extent, window_text
from cnnspec.values import show

CODE = "W301"
KINDS = ("conv", "depthwise", "maxpool", "avgpool")
PARTS = {"height": "row", "width": "column", "length": "value", "frames": "frame"}


class Loss:
    """What one axis loses: `dropped` real rows or columns; `missing` more of padding would make another window fit."""

    __slots__ = ("arithmetic", "axis", "dropped", "missing")

    def __init__(self, axis: str, dropped: int, missing: int, arithmetic: str) -> None:
        self.axis = axis
        self.dropped = dropped
        self.missing = missing
        self.arithmetic = arithmetic


def check_network(net: Network) -> Iterator[Diagnostic]:
    """Windows with a stride whose last step ends before the input does."""
    for layer in computed_layers(net):
        if layer.kind in KINDS and not layer.args.p.same and not getattr(layer.args, "ceil", False):
            losses = list(_losses(layer))
            if losses:
                yield _finding(layer, losses)


def _losses(layer: Layer) -> Iterator[Loss]:
    op, a = layer.operation, layer.args
    d = getattr(a, "d", (1,) * op.rank)
    pads = a.p.resolve(op.input, a.f, a.s, d)
    for axis, n, f, s, (begin, end), di in zip(axis_names(op.rank), op.input[:-1], a.f, a.s, pads, d, strict=True):
        room = n + begin + end - extent(f, di)
        if not isinstance(room, int) or not isinstance(s, int) or room < 0:
            continue
        rest = room % s
        dropped = rest - end
        if dropped > max(0, s - extent(f, di)):  # windows further apart than they are wide leave gaps everywhere
            yield Loss(axis, dropped, s - rest, window_text(n, f, s, begin, end, di))


def _finding(layer: Layer, losses: list[Loss]) -> Diagnostic:
    lost = " and ".join(_count(loss.dropped, PARTS.get(loss.axis, "value")) for loss in losses)
    arithmetic = {loss.arithmetic: loss.axis for loss in losses}
    notes = [text if len(arithmetic) == 1 else f"{axis}: {text}" for text, axis in arithmetic.items()]
    return finding(
        CODE,
        f"the last {lost} of the {show(layer.operation.input)} input {_are(losses)} not used",
        layer,
        notes=tuple(notes),
        help=_remedy(layer, losses),
    )


def _remedy(layer: Layer, losses: list[Loss]) -> str:
    rank = layer.operation.rank
    pads = layer.args.p.pairs
    missing = {loss.axis: loss.missing for loss in losses}
    ends = [end + missing.get(axis, 0) for axis, (_, end) in zip(axis_names(rank), pads, strict=True)]
    padding = show([*(begin for begin, _ in pads), *ends])
    if layer.definition.family != "pooling":
        return f"use p={padding} to keep them"
    too_wide = any(2 * end > f for end, f in zip(ends, layer.args.f, strict=True))
    return "use ceil=true to keep them" if too_wide else f"use ceil=true or p={padding} to keep them"


def _count(n: int, noun: str) -> str:
    return noun if n == 1 else f"{n} {noun}s"


def _are(losses: list[Loss]) -> str:
    return "is" if len(losses) == 1 and losses[0].dropped == 1 else "are"
