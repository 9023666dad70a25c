"""The arithmetic of a receptive field, in words and numbers."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from cnnspec.fields import Field, window_of
from cnnspec.language import say
from cnnspec.layers._windows import by_axis
from cnnspec.network import Layer
from cnnspec.reach import Reach
from cnnspec.values import show


def field_lines(layer: Layer, fields: Mapping[str, Field]) -> tuple[str, ...]:
    """Size, stride and offset of what a layer's values see; once where all axes agree. Nothing for a vector."""
    field = fields.get(layer.name)
    if field is None:
        return ()
    axes = [_lines(layer, axis, after, fields) for axis, after in enumerate(zip(*field, strict=True))]
    if len({len(lines) for lines in axes}) > 1:  # one axis slides, another one does not
        axes = [[_plain(after)] for after in zip(*field, strict=True)]
    return tuple(line for part in zip(*axes, strict=True) for line in by_axis(len(axes), part))


def _lines(layer: Layer, axis: int, after: tuple[Any, ...], fields: Mapping[str, Field]) -> list[str]:
    window = window_of(layer)
    before = fields.get(layer.operands[0].name) if len(layer.operands) == 1 else None
    if window is not None and before is not None and len(before.size) > axis:
        arriving = tuple(part[axis] for part in before)
        if _slides(window[axis], arriving, after):
            return _sliding(layer.args, axis, window[axis], arriving, after)
    return [_plain(after)]


def _plain(after: tuple[Any, ...]) -> str:
    size, stride, offset = map(show, after)
    return say("size {size}, stride {stride}, offset {offset}", size=size, stride=stride, offset=offset)


def _slides(window: Reach, before: tuple[Any, ...], after: tuple[Any, ...]) -> bool:
    """Whether the plain rules hold: not after what enlarges, where values beside each other see different much."""
    (size, stride, offset), extent, s = before, window.ends[0], window.advance
    plain = size + extent * stride, stride * s, offset + window.begin * stride
    return window.phases == 1 and not window.fixed and plain == after


def _sliding(args: Any, axis: int, window: Reach, before: tuple[Any, ...], after: tuple[Any, ...]) -> list[str]:
    """size + (f - 1)*stride, stride*s, offset - p*stride, with their numbers."""
    (size, stride, offset), (f, s, p) = map(show, before), (window.ends[0] + 1, window.advance, -window.begin)
    d = getattr(args, "d", (1,) * (axis + 1))[axis]
    if d == 1:
        rule, numbers = "(f - 1)", f"({show(f)} - 1)"
    else:
        rule, numbers = "d(f - 1)", f"{show(d)}*({show(args.f[axis])} - 1)"
    return [
        say(
            "size + {rule}*stride = {size} + {numbers}*{stride} = {after}",
            rule=rule,
            size=size,
            numbers=numbers,
            stride=stride,
            after=show(after[0]),
        ),
        say("stride*s = {stride}*{s} = {after}", stride=stride, s=show(s), after=show(after[1])),
        say(
            "offset - p*stride = {offset} - {p}*{stride} = {after}",
            offset=offset,
            p=show(p),
            stride=stride,
            after=show(after[2]),
        ),
    ]
