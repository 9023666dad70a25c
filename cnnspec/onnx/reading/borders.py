"""Borders, and images made larger or smaller."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

from cnnspec.diagnostics import Mistake
from cnnspec.onnx.reading.node import Node, Shape, same
from cnnspec.onnx.reading.shapes import report_nothing
from cnnspec.onnx.reading.walk import Walk
from cnnspec.values import UNKNOWN, Symbolic, Word, show_size

Handler = Callable[[Walk, Node], None]

PAD_MODES = {"constant": "zero", "reflect": "reflect", "edge": "edge"}


def pad(w: Walk, node: Node) -> None:
    x = w.input(node, 0)
    pads, axes = _pads(w, node)
    if x is None or x.rank is None or pads is None:
        w.open(node, (UNKNOWN,) * x.rank if x is not None and x.rank else None, last=x.last if x else None)
        return
    axes = list(range(x.rank)) if axes is None else [a % x.rank for a in axes]
    if len(pads) != 2 * len(axes):
        w.open(node)
        return
    begins: list[Any] = [0] * x.rank
    ends: list[Any] = [0] * x.rank
    for place, axis in enumerate(axes):
        begins[axis], ends[axis] = pads[place], pads[place + len(axes)]
    mode, channels = PAD_MODES.get(node.text("mode", "constant")), x.rank - 1 if x.last else 1
    spatial = [i for i in range(1, x.rank) if i != channels]
    plain = all(isinstance(n, int) and n >= 0 for n in (*begins, *ends))
    outside = [*(begins[i] for i in (0, channels) if i < x.rank), *(ends[i] for i in (0, channels) if i < x.rank)]
    if plain and mode and x.last is not None and spatial and not any(outside) and _pads_with_zero(w, node):
        given = {"p": [*(begins[i] for i in spatial), *(ends[i] for i in spatial)], "mode": Word(mode)}
        w.layer(node, "pad", given, [x], last=x.last, yields=x.last)
        return
    shape = tuple(n + b + e for n, b, e in zip(x.shape, begins, ends, strict=True))
    if any(isinstance(n, int) and n < 1 for n in shape):
        report_nothing(w, node, x, shape)
    else:
        w.open(node, shape, last=x.last)


def _pads(w: Walk, node: Node) -> tuple[list[Any] | None, list[int] | None]:
    value = w.input(node, 1)
    if value is None:
        return node.integers("pads") or node.integers("paddings"), None
    axes = w.input(node, 3)
    return (
        (None, None) if axes is not None and axes.numbers is None else (value.numbers, axes.numbers if axes else None)
    )


def _pads_with_zero(w: Walk, node: Node) -> bool:
    value = w.input(node, 2)
    if value is None:
        return node.number("value", 0.0) == 0
    return value.numbers is not None and all(n == 0 for n in value.numbers)


def resize(w: Walk, node: Node) -> None:
    x = w.input(node, 0)
    scales, sizes = _targets(w, node)
    if x is None or x.rank is None or len(scales or sizes or ()) != x.rank or node.integers("axes") is not None:
        w.open(node, last=x.last if x else None)
        return
    if scales:
        shape = tuple(_scaled(n, k) for n, k in zip(x.shape, scales, strict=True))
    else:
        shape = tuple(
            x.shape[i] if i == 0 and isinstance(x.shape[0], Symbolic) else n for i, n in enumerate(sizes or ())
        )
    channels = x.rank - 1 if x.last else 1
    mode = {"nearest": "nearest", "linear": "linear", "bilinear": "linear"}.get(node.text("mode", "nearest"))
    spatial = [i for i in range(1, x.rank) if i != channels]
    if any(isinstance(n, int) and n < 1 for n in shape):
        report_nothing(w, node, x, shape)
    elif mode is None or x.last is None or not spatial or not same((shape[channels],), (x.shape[channels],)):
        w.open(node, shape, last=x.last)
    else:
        w.layer(node, "upsample", _enlarging(scales, shape, spatial, mode), [x], last=x.last, yields=x.last)


def _enlarging(scales: Any, shape: Shape, spatial: list[int], mode: str) -> dict[str, Any]:
    given: dict[str, Any] = {"mode": Word(mode)}
    factors = [scales[i] for i in spatial] if scales else [0]
    if all(float(k).is_integer() and k >= 1 for k in factors):
        return given | {"factor": tuple(int(k) for k in factors)}
    return given | {"size": tuple(shape[i] for i in spatial)}


def _targets(w: Walk, node: Node) -> tuple[list[Any] | None, list[Any] | None]:
    """Scales, or sizes, of all axes."""
    if node.op == "Upsample" or w.opset < 11:
        value = w.input(node, 1)
        scales = value.numbers if value is not None else node.attributes.get("scales")
        return scales or None, None
    scales, sizes = (v.numbers if (v := w.input(node, i)) is not None else None for i in (2, 3))
    return scales or None, sizes or None


def _scaled(n: Any, k: Any) -> Any:
    if not isinstance(k, (int, float)) or not math.isfinite(k):
        return UNKNOWN
    if isinstance(n, int):
        return math.floor(n * k)
    return n * int(k) if float(k).is_integer() and n is not UNKNOWN else UNKNOWN


def depth_to_space(w: Walk, node: Node) -> None:
    x, r = w.input(node, 0), node.integer("blocksize", 1)
    if x is None or x.rank != 4:
        w.open(node)
        return
    w.layer(node, "pixel_shuffle", {"r": r}, [x], yields=False)
    if node.text("mode", "DCR") != "CRD" and not w.values[node.output].doubtful:  # its channels lie in another order
        shape = w.values[node.output].shape
        w.withdraw([node])
        w.open(node, shape, last=False)


def space_to_depth(w: Walk, node: Node) -> None:
    x, r = w.input(node, 0), node.integer("blocksize", 1)
    if x is None or x.rank != 4 or r < 1:
        w.open(node)
        return
    n, c, *spatial = x.shape
    if any(isinstance(m, int) and m % r for m in spatial):
        mistake = Mistake(
            "E310",
            "blocks of {r}x{r} do not divide {size}",
            help="bring height and width to multiples of {r}",
            r=r,
            size=show_size(tuple(spatial)),
        )
        w.report(node, mistake, "blocksize")
    w.open(node, (n, c * (r * r), *(m // r for m in spatial)), last=False)


OPERATORS: dict[str, Handler] = {
    "Pad": pad,
    "Resize": resize,
    "Upsample": resize,
    "DepthToSpace": depth_to_space,
    "SpaceToDepth": space_to_depth,
}
