"""What changes the shape, or takes parts."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any

from cnnspec.diagnostics import Mistake
from cnnspec.network import Layer
from cnnspec.onnx.reading.node import Node, Shape, Value, same, symbolic
from cnnspec.onnx.reading.walk import Walk
from cnnspec.values import UNKNOWN, Dim, Symbolic, Word, show, show_size

Handler = Callable[[Walk, Node], None]
FAR = 2**31 - 1  # an end beyond every size, as exporters write it


# --- the same values in another shape ---------------------------------------------------------------------------------


def reshape(w: Walk, node: Node) -> None:
    x, target = w.input(node, 0), w.input(node, 1)
    numbers = node.integers("shape") if target is None else target.numbers
    if x is None or numbers is None or x.shape is UNKNOWN:
        w.open(node, None if numbers is None or -1 in numbers else _without_zeros(numbers))
        return
    shape = target_shape(x.shape, numbers, allow_zero=node.integer("allowzero") == 1)
    if shape is None:
        w.report(node, _no_fit(x, numbers))
        w.open(node, UNKNOWN, doubtful=True)
    else:
        reshaped(w, node, x, shape)


def _without_zeros(numbers: Sequence[Any]) -> Shape:
    return tuple(UNKNOWN if n == 0 else n for n in numbers)


def target_shape(shape: Shape, numbers: Sequence[Any], *, allow_zero: bool = False) -> Shape | None:
    """The shape that a Reshape yields; None where it cannot hold the values."""
    dims: list[Any] = list(numbers)
    if not allow_zero:
        dims = [shape[i] if isinstance(n, int) and n == 0 and i < len(shape) else n for i, n in enumerate(dims)]
    free = [i for i, n in enumerate(dims) if isinstance(n, int) and n == -1]
    if len(free) > 1 or any(isinstance(n, int) and n < -1 for n in dims):
        return None
    total = product(shape)
    if free:
        rest = product(n for i, n in enumerate(dims) if i != free[0])
        dims[free[0]] = _quotient(total, rest)
        if dims[free[0]] is None:
            return None
    elif certain(total) and certain(product(dims)) and total != product(dims):
        return None
    return tuple(dims)


def _quotient(total: Any, rest: Any) -> Any:
    """What remains for the axis that is left open; None where it is no whole number."""
    if not certain(total) or not certain(rest) or rest == 0:
        return UNKNOWN
    try:
        quotient = total // rest
    except TypeError:
        return UNKNOWN
    if isinstance(total, int) and isinstance(rest, int):
        return quotient if quotient * rest == total else None
    return quotient if quotient * rest == total else UNKNOWN


def certain(n: Any) -> bool:
    return n is not UNKNOWN


def product(numbers: Any) -> Any:
    total: Any = 1
    for n in numbers:
        if n is UNKNOWN:
            return UNKNOWN
        try:
            total = total * n
        except OverflowError:
            return UNKNOWN
    return total


def _no_fit(x: Value, numbers: Sequence[Any]) -> Mistake:
    target = show_size(tuple(numbers)) if len(numbers) < 9 else "..."
    return Mistake(
        "E308",
        "{count} values arrive, the shape {target} cannot hold them",
        notes=("arriving: {shape}, with the batch",),
        help="choose a shape of as many values",
        count=show(product(x.shape)),
        target=target,
        shape=show_size(tuple(x.shape)),
    )


def reshaped(w: Walk, node: Node, x: Value, shape: Shape) -> None:
    """A layer for the values of x in another shape: flatten, reshape, or what was a pooling before."""
    if _mixes(w, node, x, shape):
        return
    batch = len(shape) > 0 and x.rank is not None and x.rank > 1 and same(shape[:1], x.shape[:1])
    pixels = x.shape is not UNKNOWN and all(n == 1 for n in x.shape[2:])
    if not batch or len(shape) < 2 or not (x.last is not True or pixels or all(n == 1 for n in x.shape[1:-1])):
        w.open(node, shape)
    elif same(shape, x.shape):
        w.layer(node, "identity", {}, [x], last=bool(x.last), yields=x.last)
    elif len(shape) == 2:
        pooled = _pooled(w, x)
        if pooled is None:
            w.layer(node, "flatten", {}, [x], last=bool(x.last), yields=False)
        else:
            _drop_pixels(w, node, x, pooled)
    elif len(shape) <= 5 and not any(isinstance(n, int) and n < 1 for n in shape):
        yields = False if (x.rank == 2 and len(shape) > 3) or (x.last is False and len(shape) == x.rank) else None
        w.layer(node, "reshape", {"size": (*shape[2:], shape[1])}, [x], last=bool(x.last), yields=yields)
        w.values[node.output].shape = shape
        w.values[node.output].last = yields
    else:
        w.open(node, shape)


def _mixes(w: Walk, node: Node, x: Value, shape: Shape) -> bool:
    """Whether images of a batch get into one another: each has 800 values, and rows of 500 are made of them."""
    inside, wanted = product(x.shape[1:]), product(shape[1:])
    if not (isinstance(inside, int) and isinstance(wanted, int)) or len(shape) != 2 or x.rank is None or x.rank < 2:
        return False
    if wanted < 1 or inside < 1 or inside % wanted == 0 or wanted % inside == 0 or not isinstance(x.shape[0], Symbolic):
        return False
    mistake = Mistake(
        "E308",
        "an image has {inside} values here, and rows of {wanted} are made of them",
        notes=("arriving: {shape}, with the batch",),
        help="give each image a row of its own, of {inside} values",
        inside=show(inside),
        wanted=show(wanted),
        shape=show_size(tuple(x.shape)),
    )
    w.report(node, mistake)
    w.open(node, shape, doubtful=True)
    return True


def _pooled(w: Walk, x: Value) -> Layer | None:
    """The global pooling that x comes from, where nobody else reads it."""
    flow = x.flow
    fits = isinstance(flow, Layer) and flow.kind in ("global_avgpool", "global_maxpool") and flow.args.keep
    return flow if isinstance(flow, Layer) and fits and w.alone(x.name) else None


def _drop_pixels(w: Walk, node: Node, x: Value, pooled: Layer) -> None:
    """A global pooling and the flatten after it are one layer."""
    pooled.operation = pooled.definition.operation({"keep": False}, pooled.operation.inputs)
    w.alias(node, x, shape=x.shape[:2] if not x.last else (x.shape[0], x.shape[-1]), last=False)


def flatten(w: Walk, node: Node) -> None:
    x = w.input(node, 0)
    if x is None or x.shape is UNKNOWN:
        w.open(node)
        return
    axis = node.integer("axis", 1)
    axis += len(x.shape) if axis < 0 else 0
    reshaped(w, node, x, (product(x.shape[:axis]), product(x.shape[axis:])))


def squeeze(w: Walk, node: Node) -> None:
    x, axes = w.input(node, 0), axes_of(w, node)
    if x is None or x.shape is UNKNOWN or (axes is None and (len(node.inputs) > 1 or symbolic(x.shape))):
        w.open(node)
        return
    gone = {a % len(x.shape) for a in axes} if axes is not None else {i for i, n in enumerate(x.shape) if n == 1}
    wide = next((x.shape[i] for i in sorted(gone) if isinstance(x.shape[i], int) and x.shape[i] != 1), None)
    if wide is not None:
        _report_wide(w, node, x, wide)
        return
    reshaped(w, node, x, tuple(n for i, n in enumerate(x.shape) if i not in gone))


def _report_wide(w: Walk, node: Node, x: Value, wide: Dim) -> None:
    mistake = Mistake(
        "E308",
        "`Squeeze` takes axes of 1 away, here is one of {wide}",
        notes=("arriving: {shape}, with the batch",),
        wide=show(wide),
        shape=show_size(tuple(x.shape)),
    )
    w.report(node, mistake, "axes")
    w.open(node, UNKNOWN, doubtful=True)


def unsqueeze(w: Walk, node: Node) -> None:
    x, axes = w.input(node, 0), axes_of(w, node)
    if x is None or x.shape is UNKNOWN or axes is None:
        w.open(node)
        return
    reshaped(w, node, x, unsqueezed(x.shape, axes))


def unsqueezed(shape: Shape, axes: Sequence[int]) -> Shape:
    rank = len(shape) + len(axes)
    new = {a % rank for a in axes}
    old = iter(shape)
    return tuple(1 if i in new else next(old, UNKNOWN) for i in range(rank))


def axes_of(w: Walk, node: Node, index: int = 1) -> list[int] | None:
    """The axes of a node: an attribute, or since opset 13 an input."""
    value = w.input(node, index)
    if value is None:
        return node.integers("axes")
    numbers = value.numbers
    return numbers if numbers is not None and all(isinstance(n, int) for n in numbers) else None


def transpose(w: Walk, node: Node) -> None:
    x, perm = w.input(node, 0), node.integers("perm")
    if x is None or x.rank is None:
        w.open(node)
        return
    perm = list(reversed(range(x.rank))) if perm is None else perm
    if sorted(perm) != list(range(x.rank)):
        w.open(node)
        return
    shape = tuple(x.shape[i] for i in perm)
    rank = len(perm)
    to_last, to_first = [0, *range(2, rank), 1], [0, rank - 1, *range(1, rank - 1)]
    if perm == list(range(rank)):
        w.alias(node, x)
    elif rank > 2 and perm == to_last and x.last is False:
        w.alias(node, x, shape=shape, last=True)
    elif rank > 2 and perm == to_first and x.last:
        w.alias(node, x, shape=shape, last=False)
    else:
        w.open(node, shape)


def expand(w: Walk, node: Node) -> None:
    x, target = w.input(node, 0), w.input(node, 1)
    if x is None or x.shape is UNKNOWN or target is None or target.numbers is None:
        w.open(node)
        return
    from cnnspec.onnx.reading.joins import broadcast

    shape = broadcast([x.shape, tuple(target.numbers)])
    if shape is not None and same(shape, x.shape):
        w.alias(node, x)
    else:
        w.open(node, shape or UNKNOWN, last=x.last if shape and len(shape) == x.rank else None)


# --- parts ------------------------------------------------------------------------------------------------------------


def slice_(w: Walk, node: Node) -> None:
    x = w.input(node, 0)
    parts = _slice_parts(w, node)
    if x is None or x.shape is UNKNOWN or parts is None:
        w.open(node)
        return
    shape, cut = list(x.shape), []
    for start, end, axis, step in parts:
        n = x.shape[axis % len(x.shape)]
        first, behind = _bounds(n, start, end)
        shape[axis % len(x.shape)] = _length(n, start, end, step)
        cut.append((axis % len(x.shape), first, behind, step))
    if any(isinstance(n, int) and n < 1 for n in shape):
        _report_nothing(w, node, x, tuple(shape))
    elif not _as_crop(w, node, x, tuple(shape), cut):
        w.open(node, tuple(shape), last=x.last)


def _slice_parts(w: Walk, node: Node) -> list[tuple[Any, Any, int, Any]] | None:
    """(start, end, axis, step) for each axis that is cut."""
    if len(node.inputs) < 3:
        starts, ends = node.integers("starts"), node.integers("ends")
        axes, steps = node.integers("axes"), None
    else:
        starts, ends, axes, steps = (v.numbers if (v := w.input(node, i)) else None for i in range(1, 5))
        if any(len(node.inputs) > i and node.inputs[i] and w.input(node, i) and n is None for i, n in ((3, axes), (4, steps))):
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


def _report_nothing(w: Walk, node: Node, x: Value, shape: Shape) -> None:
    mistake = Mistake(
        "E307",
        "`{op}` leaves nothing of {x}",
        notes=("the shape would be {shape}, with the batch",),
        op=node.op,
        x=show_size(tuple(x.shape)),
        shape="x".join(map(show, shape)),
    )
    w.report(node, mistake)
    w.open(node, tuple(UNKNOWN if isinstance(n, int) and n < 1 else n for n in shape), doubtful=True)


def _as_crop(w: Walk, node: Node, x: Value, shape: Shape, cut: list[tuple[int, Any, Any, Any]]) -> bool:
    """A slice of channels, or a crop of the borders, as a layer of our kinds."""
    if x.last is None or x.rank is None or x.rank < 2 or any(step != 1 for *_, step in cut):
        return False
    changed = [(axis, first, behind) for axis, first, behind, _ in cut if shape[axis] is not x.shape[axis]]
    changed = [one for one in changed if not same((shape[one[0]],), (x.shape[one[0]],))]
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
        _report_split(w, node, x, lengths, n)
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


def _report_split(w: Walk, node: Node, x: Value, lengths: Sequence[Any], n: int) -> None:
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
    if chosen is not None and isinstance(n, int) and len(indices.shape) == 1 and axis == channels and data.last is not None:
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


# --- borders and enlarging --------------------------------------------------------------------------------------------

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
        _report_nothing(w, node, x, shape)
    else:
        w.open(node, shape, last=x.last)


def _pads(w: Walk, node: Node) -> tuple[list[Any] | None, list[int] | None]:
    value = w.input(node, 1)
    if value is None:
        return node.integers("pads") or node.integers("paddings"), None
    axes = w.input(node, 3)
    return (None, None) if axes is not None and axes.numbers is None else (value.numbers, axes.numbers if axes else None)


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
        shape = tuple(x.shape[i] if i == 0 and isinstance(x.shape[0], Symbolic) else n for i, n in enumerate(sizes or ()))
    channels = x.rank - 1 if x.last else 1
    mode = {"nearest": "nearest", "linear": "linear", "bilinear": "linear"}.get(node.text("mode", "nearest"))
    spatial = [i for i in range(1, x.rank) if i != channels]
    if any(isinstance(n, int) and n < 1 for n in shape):
        _report_nothing(w, node, x, shape)
    elif mode is None or x.last is None or not spatial or not same((shape[channels],), (x.shape[channels],)):
        w.open(node, shape, last=x.last)
    else:
        w.layer(node, "upsample", _enlarging(x, scales, shape, spatial, mode), [x], last=x.last, yields=x.last)


def _enlarging(x: Value, scales: Any, shape: Shape, spatial: list[int], mode: str) -> dict[str, Any]:
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


# --- reductions -------------------------------------------------------------------------------------------------------

POOLS = {"ReduceMean": "global_avgpool", "ReduceMax": "global_maxpool"}


def reduce(w: Walk, node: Node) -> None:
    x, axes = w.input(node, 0), axes_of(w, node)
    given = len(node.inputs) > 1 and bool(node.inputs[1])
    if x is None or x.rank is None or (given and axes is None):
        w.open(node)
        return
    keep = node.integer("keepdims", 1) == 1
    if not axes and node.integer("noop_with_empty_axes"):
        w.alias(node, x)
        return
    gone = {a % x.rank for a in axes} if axes else set(range(x.rank))
    shape = tuple(1 if i in gone else n for i, n in enumerate(x.shape) if keep or i not in gone)
    channels = x.rank - 1 if x.last else 1
    spatial = {i for i in range(1, x.rank) if i != channels}
    if node.op in POOLS and x.last is not None and spatial and gone == spatial:
        w.layer(node, POOLS[node.op], {"keep": keep}, [x], last=x.last, yields=x.last if keep else False)
    else:
        w.open(node, shape, last=x.last if keep else None, element=7 if node.op.startswith("Arg") else None)


def argument(w: Walk, node: Node) -> None:
    """ArgMax, ArgMin: the place along one axis."""
    x, axis = w.input(node, 0), node.integer("axis")
    if x is None or x.rank is None or not -x.rank <= axis < x.rank:
        w.open(node, element=7)
        return
    keep = node.integer("keepdims", 1) == 1
    shape = tuple(1 if i == axis % x.rank else n for i, n in enumerate(x.shape) if keep or i != axis % x.rank)
    w.open(node, shape, element=7)


REDUCTIONS = "L1 L2 LogSum LogSumExp Max Mean Min Prod Sum SumSquare".split()

OPERATORS: dict[str, Handler] = {
    "Reshape": reshape,
    "Flatten": flatten,
    "Squeeze": squeeze,
    "Unsqueeze": unsqueeze,
    "Transpose": transpose,
    "Expand": expand,
    "Slice": slice_,
    "Split": split,
    "Gather": gather,
    "Pad": pad,
    "Resize": resize,
    "Upsample": resize,
    "DepthToSpace": depth_to_space,
    "SpaceToDepth": space_to_depth,
    "ArgMax": argument,
    "ArgMin": argument,
    **{f"Reduce{name}": reduce for name in REDUCTIONS},
}
