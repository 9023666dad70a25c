"""What takes parts of a value: slices, splits, channels, vectors of a table."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from cnnspec.diagnostics import Mistake
from cnnspec.onnx.reading.node import Node, Shape, Value, same
from cnnspec.onnx.reading.shapes import certain, report_nothing
from cnnspec.onnx.reading.walk import Walk
from cnnspec.values import UNKNOWN, Symbolic

Handler = Callable[[Walk, Node], None]
FAR = 2**31 - 1  # an end beyond every size, as exporters write it


def slice_(w: Walk, node: Node) -> None:
    x = w.input(node, 0)
    parts = slice_parts(w, node)
    if x is None or x.shape is UNKNOWN or parts is None:
        w.open(node)
        return
    shape, cut = list(x.shape), []
    for start, end, axis, step in parts:
        n = x.shape[axis % len(x.shape)]
        first, behind = _bounds(n, start, end)
        shape[axis % len(x.shape)] = _length(n, start, end, step)
        cut.append((axis % len(x.shape), first, behind, step))
    empty = any(isinstance(n, int) and n < 1 for n in shape)
    if empty and not _is_rolled(w, node):
        report_nothing(w, node, x, tuple(shape))
    elif empty or not _as_crop(w, node, x, tuple(shape), cut):
        w.open(node, tuple(shape), last=x.last)


def _is_rolled(w: Walk, node: Node) -> bool:
    """Whether what is left is only joined to something: exporters roll an image by 0 pixels so."""
    readers = w.readers.get(node.output, ())
    return bool(readers) and all(reader.op == "Concat" for reader in readers)


def slice_parts(w: Walk, node: Node) -> list[tuple[Any, Any, int, Any]] | None:
    """(start, end, axis, step) for each axis that is cut."""
    if len(node.inputs) < 3:
        starts, ends = node.integers("starts"), node.integers("ends")
        axes, steps = node.integers("axes"), None
    else:
        starts, ends, axes, steps = (v.numbers if (v := w.input(node, i)) else None for i in range(1, 5))
        if any(
            len(node.inputs) > i and node.inputs[i] and w.input(node, i) and n is None
            for i, n in ((3, axes), (4, steps))
        ):
            return None
    if starts is None or ends is None:
        return None
    axes = list(range(len(starts))) if axes is None else axes
    steps = [1] * len(starts) if steps is None else steps
    if not len(starts) == len(ends) == len(axes) == len(steps) or not all(isinstance(a, int) for a in axes):
        return None
    return list(zip(starts, ends, axes, steps, strict=True))


def _bounds(n: Any, start: Any, end: Any) -> tuple[Any, Any]:
    """The first place and the one behind the last, counted from 0, where that is clear."""
    if not all(isinstance(one, int) for one in (n, start, end)):
        return (start, n if isinstance(end, int) and end >= FAR else end)
    first, behind = (max(0, min(n, one + n if one < 0 else one)) for one in (start, end))
    return first, behind


def _length(n: Any, start: Any, end: Any, step: Any) -> Any:
    if all(isinstance(one, int) for one in (n, start, end, step)) and step != 0:
        return len(range(*slice(start, end if end > -FAR else None, step).indices(n)))
    if isinstance(start, int) and start >= 0 and isinstance(step, int) and step > 0 and isinstance(end, int):
        if end >= FAR and n is not UNKNOWN:
            return (n - start + step - 1) // step
        if end < 0 and n is not UNKNOWN:
            return (n + end - start + step - 1) // step
    if step == 1 and all(certain(one) for one in (n, start, end)) and isinstance(start, int) and start >= 0:
        return end - start if isinstance(end, Symbolic) else UNKNOWN
    return UNKNOWN


def _as_crop(w: Walk, node: Node, x: Value, shape: Shape, cut: list[tuple[int, Any, Any, Any]]) -> bool:
    """A slice of channels, or a crop of the borders, as a layer of our kinds."""
    if x.last is None or x.rank is None or x.rank < 2 or any(step != 1 for *_, step in cut):
        return False
    changed = [(axis, first, behind) for axis, first, behind, _ in cut if not same((shape[axis],), (x.shape[axis],))]
    channels = x.rank - 1 if x.last else 1
    if any(not isinstance(n, int) for _, first, behind in changed for n in (first, behind)):
        return False
    if not changed:
        w.alias(node, x)
        return True
    if [axis for axis, *_ in changed] == [channels]:
        ((_, first, behind),) = changed
        w.layer(node, "slice", {"start": first, "end": behind}, [x], last=x.last, yields=x.last)
        return True
    spatial = [i for i in range(1, x.rank) if i != channels]
    if any(axis not in spatial or not isinstance(x.shape[axis], int) for axis, *_ in changed):
        return False
    begins, ends = [0] * len(spatial), [0] * len(spatial)
    for axis, first, behind in changed:
        place = spatial.index(axis)
        begins[place], ends[place] = first, x.shape[axis] - behind
    w.layer(node, "crop", {"p": [*begins, *ends]}, [x], last=x.last, yields=x.last)
    return True


def split(w: Walk, node: Node) -> None:
    x, sizes = w.input(node, 0), w.input(node, 1)
    lengths = node.integers("split") if sizes is None else sizes.numbers
    axis = node.integer("axis")
    if x is None or x.rank is None or not -x.rank <= axis < x.rank or (sizes is not None and lengths is None):
        for output in filter(None, node.outputs):
            w.open(node, output=output)
        return
    axis %= x.rank
    n, parts = x.shape[axis], len(node.outputs)
    if lengths is None:
        step = (n + parts - 1) // parts if isinstance(n, (int, Symbolic)) else UNKNOWN
        lengths = [step] * (parts - 1) + [n - step * (parts - 1) if step is not UNKNOWN else UNKNOWN]
    if isinstance(n, int) and all(isinstance(k, int) for k in lengths) and (sum(lengths) != n or len(lengths) != parts):
        _report_split(w, node, lengths, n)
        return
    channels = x.rank - 1 if x.last else 1
    start = 0
    for output, length in zip(node.outputs, lengths, strict=False):
        whole = all(isinstance(k, int) for k in (start, length)) and x.last is not None and axis == channels
        whole = whole and w.uses[output] > 0
        if output and whole and length > 0:
            _part(w, node, x, output, start, length)
        elif output:
            w.open(node, (*x.shape[:axis], length, *x.shape[axis + 1 :]), output=output, last=x.last)
        start = start + length


def _part(w: Walk, node: Node, x: Value, output: str, start: int, length: int) -> None:
    first = w.values.get(node.output)
    layer = w.layer(node, "slice", {"start": start, "end": start + length}, [x], last=bool(x.last), yields=x.last)
    made = w.values[node.output]
    if output != node.output:
        w.values[output] = made
        made.name = output
        assert layer is made.flow
        if first is not None:
            w.values[node.output] = first


def _report_split(w: Walk, node: Node, lengths: Sequence[Any], n: int) -> None:
    mistake = Mistake(
        "E308",
        "the parts of `Split` add up to {total}, the axis has {n}",
        notes=("{parts} = {total}",),
        total=sum(lengths),
        n=n,
        parts=" + ".join(map(str, lengths[:12])) + (" + ..." if len(lengths) > 12 else ""),
    )
    w.report(node, mistake, "split")
    for output in filter(None, node.outputs):
        w.open(node, UNKNOWN, output=output, doubtful=True)


def gather(w: Walk, node: Node) -> None:
    data, indices, axis = w.input(node, 0), w.input(node, 1), node.integer("axis")
    if data is None or indices is None or data.shape is UNKNOWN or indices.shape is UNKNOWN:
        w.open(node)
        return
    axis %= max(1, len(data.shape))
    if data.constant and not indices.constant:
        _look_up(w, node, data, indices, axis)
        return
    shape = (*data.shape[:axis], *indices.shape, *data.shape[axis + 1 :])
    chosen, n = indices.numbers, data.shape[axis] if axis < len(data.shape) else UNKNOWN
    channels = len(data.shape) - 1 if data.last else 1
    if (
        chosen is not None
        and isinstance(n, int)
        and len(indices.shape) == 1
        and axis == channels
        and data.last is not None
    ):
        whole = [i + n if isinstance(i, int) and i < 0 else i for i in chosen]
        w.layer(node, "select", {"indices": whole}, [data], last=data.last, yields=data.last)
    else:
        w.open(node, shape, last=data.last if len(indices.shape) == 1 else None)


def _look_up(w: Walk, node: Node, table: Value, indices: Value, axis: int) -> None:
    """Vectors out of a table: the embedding of words."""
    if axis != 0 or len(table.shape) != 2 or indices.rank is None or indices.rank < 2 or not table.written:
        w.open(node, (*indices.shape, *table.shape[1:]) if axis == 0 else None, element=table.element)
        return
    vocabulary, width = table.shape
    given = {"vocabulary": vocabulary, "width": width}
    w.layer(node, "embedding", given, [indices], sizes=[indices.shape[1:]], weights={"weight": table}, yields=True)
    made = w.values[node.output]
    made.shape, made.element = (*indices.shape, width), table.element


OPERATORS: dict[str, Handler] = {
    "Slice": slice_,
    "Split": split,
    "Gather": gather,
}
