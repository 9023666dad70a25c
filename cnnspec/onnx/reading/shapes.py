"""The same values in another shape."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from cnnspec.diagnostics import Mistake
from cnnspec.network import Layer
from cnnspec.onnx.reading.node import Node, Shape, Value, same, symbolic
from cnnspec.onnx.reading.walk import Walk
from cnnspec.values import UNKNOWN, Dim, Symbolic, show, show_size

Handler = Callable[[Walk, Node], None]


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


def report_nothing(w: Walk, node: Node, x: Value, shape: Shape) -> None:
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


OPERATORS: dict[str, Handler] = {
    "Reshape": reshape,
    "Flatten": flatten,
    "Squeeze": squeeze,
    "Unsqueeze": unsqueeze,
    "Transpose": transpose,
    "Expand": expand,
}
