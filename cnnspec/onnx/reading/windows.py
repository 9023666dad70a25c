"""Convolutions and poolings."""

from __future__ import annotations

from typing import Any

from cnnspec.diagnostics import Mistake
from cnnspec.onnx.reading.activations import apply
from cnnspec.onnx.reading.node import Node, Value
from cnnspec.onnx.reading.walk import Walk
from cnnspec.sizes import same_padding
from cnnspec.values import UNKNOWN, Size, Symbolic, Word, show_size


def conv(w: Walk, node: Node) -> None:
    x, weight, bias = (w.input(node, i) for i in range(3))
    if x is None or weight is None or not _has_window(weight):
        w.open(node)
        return
    filters, per_group = weight.shape[:2]
    f: list[int] = [*weight.shape[2:]]
    groups = node.integer("group", 1)
    size = _arriving(x, per_group * groups, len(f))
    if size is None:
        w.open(node)
        return
    given: dict[str, Any] = _windows(node, size, f) | {"bias": bias is not None}
    _check_kernel(w, node, f, weight)
    if _is_depthwise(groups, per_group, filters, size[-1]):
        kind, given = "depthwise", given | {"multiplier": filters // groups}
    else:
        kind, given = "conv", given | {"filters": filters, "groups": groups}
    w.layer(node, kind, given, [x], sizes=[size], weights={"weight": weight, "bias": bias}, yields=False)


def _is_depthwise(groups: int, per_group: Any, filters: Any, channels: Any) -> bool:
    return groups > 1 and per_group == 1 and channels == groups and isinstance(filters, int) and filters % groups == 0


def conv_transpose(w: Walk, node: Node) -> None:
    x, weight, bias = (w.input(node, i) for i in range(3))
    if x is None or weight is None or not _has_window(weight) or node.integers("output_shape"):
        w.open(node)
        return
    channels, per_group = weight.shape[:2]
    f: list[int] = [*weight.shape[2:]]
    groups = node.integer("group", 1)
    size = _arriving(x, channels, len(f))
    if size is None:
        w.open(node)
        return
    _check_kernel(w, node, f, weight)
    given: dict[str, Any] = _windows(node, size, f)
    given |= {"filters": per_group * groups, "groups": groups, "bias": bias is not None}
    given["output_pad"] = tuple(node.integers("output_padding") or (0,) * len(f))
    if node.text("auto_pad") in ("SAME_UPPER", "SAME_LOWER"):
        given["p"] = Word("same")
    w.layer(node, "conv_transpose", given, [x], sizes=[size], weights={"weight": weight, "bias": bias}, yields=False)


def max_pool(w: Walk, node: Node) -> None:
    _pool(w, node, "maxpool", {})
    if len(node.outputs) > 1 and node.outputs[1]:  # the places of the maxima
        shape = w.values[node.output].shape
        w.open(node, shape, output=node.outputs[1], element=7)


def average_pool(w: Walk, node: Node) -> None:
    given: dict[str, Any] = {"count_pad": node.integer("count_include_pad") == 1}
    if any(n != 1 for n in node.integers("dilations") or ()):
        w.open(node)
        return
    ones = [*(node.integers("kernel_shape") or [0]), *(node.integers("strides") or [])]
    if all(n == 1 for n in ones) and not any(node.integers("pads") or []):
        apply(w, node, "identity", {})  # what exporters make of an adaptive pooling to the size that arrives
    else:
        _pool(w, node, "avgpool", given)


def _pool(w: Walk, node: Node, kind: str, given: dict[str, Any]) -> None:
    x, f = w.input(node, 0), node.integers("kernel_shape")
    size = None if x is None or not f else _arriving(x, UNKNOWN, len(f))
    if x is None or not f or size is None:
        w.open(node)
        return
    given = given | _windows(node, size, f) | {"ceil": node.integer("ceil_mode") == 1}
    if kind != "maxpool":
        given.pop("d", None)
    w.layer(node, kind, given, [x], sizes=[size], yields=False)


def global_pool(kind: str) -> Any:
    """GlobalAveragePool, GlobalMaxPool: an image of one pixel."""

    def read(w: Walk, node: Node) -> None:
        x = w.input(node, 0)
        if x is None or x.rank is None:
            w.open(node)
        else:
            w.layer(node, kind, {"keep": True}, [x], yields=False)

    return read


# --- what they share --------------------------------------------------------------------------------------------------


def _has_window(weight: Value) -> bool:
    """Whether the weight is a constant of at least three axes, all of which are known."""
    shape = weight.shape
    return weight.constant and shape is not UNKNOWN and len(shape) > 2 and all(isinstance(n, int) for n in shape)


def _arriving(x: Value, channels: Any, rank: int) -> Size | None:
    """What arrives, as an image of `rank` spatial axes; what is not known of it, with these channels."""
    if x.rank is None:
        return (*(UNKNOWN,) * rank, channels)
    size = x.size()
    if size is UNKNOWN:
        return None
    if size[-1] is UNKNOWN or isinstance(size[-1], Symbolic):
        return (*size[:-1], channels)
    return tuple(size)


def _windows(node: Node, size: Size, f: list[int]) -> dict[str, Any]:
    """Window, stride, padding and dilation as arguments of our kinds."""
    s = tuple(node.integers("strides") or (1,) * len(f))
    d = tuple(node.integers("dilations") or (1,) * len(f))
    return {"f": tuple(f), "s": s, "d": d, "p": _padding(node, size, tuple(f), s, d)}


def _padding(node: Node, size: Size, f: Size, s: Size, d: Size) -> Any:
    auto = node.text("auto_pad", "NOTSET")
    if auto == "VALID":
        return 0
    if auto == "SAME_UPPER":
        return Word("same")
    if auto == "SAME_LOWER":
        if not len(size) - 1 == len(f) == len(s) == len(d):
            return Word("same")
        pairs = [same_padding(*axis) for axis in zip(size[:-1], f, s, d, strict=True)]
        if any(not isinstance(n, int) for pair in pairs for n in pair):
            return Word("same")
        return [end for _, end in pairs] + [begin for begin, _ in pairs]
    pads = node.integers("pads") or [0] * (2 * len(f))
    half = len(pads) // 2
    return tuple(pads[:half]) if pads[:half] == pads[half:] and half == len(f) else list(pads)


def _check_kernel(w: Walk, node: Node, f: list[int], weight: Value) -> None:
    said = node.integers("kernel_shape")
    if said is not None and said != list(f):
        mistake = Mistake(
            "E408",
            "the window of `{op}` is {said}, the weight `{weight}` has {f}",
            op=node.op,
            said=show_size(tuple(said)),
            weight=weight.name,
            f=show_size(tuple(f)),
        )
        w.report(node, mistake, "kernel_shape")


OPERATORS = {
    "Conv": conv,
    "ConvTranspose": conv_transpose,
    "MaxPool": max_pool,
    "AveragePool": average_pool,
    "GlobalAveragePool": global_pool("global_avgpool"),
    "GlobalMaxPool": global_pool("global_maxpool"),
}
