"""W301: the floor of the size rule leaves out rows and columns of the input."""

from __future__ import annotations

from collections.abc import Iterator

from cnnspec.diagnostics import Diagnostic, Fix
from cnnspec.language import listing, plural, say
from cnnspec.layers._windows import axis_names, dilation_of
from cnnspec.lint._flow import NO_OPS, operand
from cnnspec.lint._graph import computed_layers, finding, pad_text
from cnnspec.network import Layer, Network
from cnnspec.sizes import extent, window_text
from cnnspec.values import Dim, show

CODE = "W301"
DEFAULT = True
ON_GRAPHS = True
KINDS = ("conv", "depthwise", "maxpool", "avgpool")


class Loss:
    """What one axis loses: `dropped` real rows or columns; `missing` more of padding would make another window fit.

    `part` is what lies along the axis: "row", "column", "frame" or "value". The window would not `reach` them where
    they are fewer than those between one window and the next.
    """

    __slots__ = ("arithmetic", "axis", "dropped", "missing", "part", "reach")

    def __init__(self, axis: str, part: str, dropped: int, missing: int, arithmetic: str, reach: bool) -> None:
        self.axis = axis
        self.part = part
        self.dropped = dropped
        self.missing = missing
        self.arithmetic = arithmetic
        self.reach = reach


def check_network(net: Network) -> Iterator[Diagnostic]:
    """Windows with a stride whose last step ends before the input does."""
    for layer in computed_layers(net):
        if layer.kind in KINDS and not layer.args.p.same and not getattr(layer.args, "ceil", False):
            losses = list(_losses(layer))
            if losses:
                yield _finding(layer, losses)


def _losses(layer: Layer) -> Iterator[Loss]:
    op, a = layer.operation, layer.args
    d = dilation_of(op)
    pads = a.p.resolve(op.input, a.f, a.s, d)
    borders = _borders(layer)
    names = axis_names(op.rank)
    parts = ("frame", "row", "column")[-op.rank :] if op.rank in (2, 3) else ("value",) * op.rank
    axes = zip(names, parts, op.input[:-1], a.f, a.s, pads, d, op.output[:-1], borders, strict=True)
    for axis, part, n, f, s, (begin, end), di, places, border in axes:
        room = n + begin + end - extent(f, di)
        if not isinstance(s, int) or room < 0:
            continue
        rest = room % s
        dropped = rest - end - border  # with letters a number too, where every multiple leaves as many: 2*H + 1 by 2
        # Windows further apart than they are wide leave gaps everywhere; those of one pixel thin out.
        gap = s - extent(f, di)
        least = 0 if places == 1 and f != 1 else max(0, gap)
        if isinstance(dropped, int) and dropped > least:
            yield Loss(axis, part, dropped, s - rest, window_text(n, f, s, begin, end, di), dropped > gap)


def _borders(layer: Layer) -> list[Dim]:
    """What `pad` right before has put behind the image along each axis: to lose that is no loss."""
    ends: list[Dim] = [0] * layer.operation.rank
    before = operand(layer, NO_OPS)
    while before is not None and before.kind == "pad":
        ends = [have + end for have, (_, end) in zip(ends, before.args.p.pairs, strict=True)]
        before = operand(before, NO_OPS)
    return ends


def _finding(layer: Layer, losses: list[Loss]) -> Diagnostic:
    arithmetic = {loss.arithmetic: loss.axis for loss in losses}
    notes = [
        text if len(arithmetic) == 1 else say("{name}: {text}", name=axis, text=text)
        for text, axis in arithmetic.items()
    ]
    return finding(
        CODE,
        _message(losses, show(layer.operation.input)),
        layer,
        notes=tuple(notes),
        help=_remedy(layer, losses),
        fix=_fix(layer, losses),
    )


def _padded(layer: Layer, losses: list[Loss]) -> list[tuple[int, int]]:
    """The padding that lets one more window fit where rows or columns are lost."""
    missing = {loss.axis: loss.missing for loss in losses}
    axes = zip(axis_names(layer.operation.rank), layer.args.p.pairs, strict=True)
    return [(begin, end + missing.get(axis, 0)) for axis, (begin, end) in axes]


def _remedy(layer: Layer, losses: list[Loss]) -> str:
    if not all(loss.reach for loss in losses):
        return say("use a larger window to keep them")
    padded = _padded(layer, losses)
    padding = pad_text(padded)
    if layer.definition.family != "pooling":
        return say("use p={padding} to keep them", padding=padding)
    too_wide = any(2 * end > f for (_, end), f in zip(padded, layer.args.f, strict=True))
    return (
        say("use ceil=true to keep them")
        if too_wide
        else say("use ceil=true or p={padding} to keep them", padding=padding)
    )


def _fix(layer: Layer, losses: list[Loss]) -> Fix | None:
    from cnnspec.lint._edits import fix, put_argument

    if not all(loss.reach for loss in losses):
        return None
    if layer.definition.family == "pooling":
        return fix("unsafe", say("write `ceil=true`"), put_argument(layer, "ceil", "true"))
    padding = pad_text(_padded(layer, losses))
    return fix("unsafe", say("write `p={padding}`", padding=padding), put_argument(layer, "p", padding))


def _message(losses: list[Loss], size: str) -> str:
    if len(losses) > 1:
        lost = listing([_lost(loss) for loss in losses])
        return say("the last {lost} of the {size} input are not used", lost=lost, size=size)
    n, part = losses[0].dropped, losses[0].part
    if part == "row":
        one, many = "the last row of the {size} input is not used", "the last {n} rows of the {size} input are not used"
    elif part == "column":
        one = "the last column of the {size} input is not used"
        many = "the last {n} columns of the {size} input are not used"
    elif part == "frame":
        one = "the last frame of the {size} input is not used"
        many = "the last {n} frames of the {size} input are not used"
    else:
        one = "the last value of the {size} input is not used"
        many = "the last {n} values of the {size} input are not used"
    return plural(one, many, n, size=size)


def _lost(loss: Loss) -> str:
    """What is lost along one of several axes, for "the last … are not used"."""
    if loss.part == "row":
        return plural("row", "{n} rows", loss.dropped)
    if loss.part == "column":
        return plural("column", "{n} columns", loss.dropped)
    return plural("frame", "{n} frames", loss.dropped)
