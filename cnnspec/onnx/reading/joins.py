"""What joins values: sums, products, concatenation; and dense layers, which are products with a weight."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from cnnspec.diagnostics import Mistake
from cnnspec.language import listing, say
from cnnspec.layers._joins import sizes_differ
from cnnspec.network import Layer
from cnnspec.onnx.listing import short
from cnnspec.onnx.reading.activations import apply
from cnnspec.onnx.reading.node import Node, Shape, Value, alike, same, symbolic
from cnnspec.onnx.reading.walk import Walk, differs
from cnnspec.values import UNKNOWN, Dim, show

Handler = Callable[[Walk, Node], None]
KINDS = {"Add": "add", "Sum": "add", "Sub": "sub", "Mul": "mul", "Max": "maximum", "Mean": "average"}
BIASED = ("conv", "depthwise", "conv_transpose", "dense", "scale", "layernorm", "groupnorm", "instancenorm")
SCALED = ("layernorm", "groupnorm", "instancenorm")
OPERATIONS = (
    *("Add", "Sub", "Mul", "Div", "Sum", "Mean", "Max", "Min", "Pow", "Mod", "And", "Or", "Xor", "Where"),
    *("Equal", "Less", "Greater", "LessOrEqual", "GreaterOrEqual", "BitwiseAnd", "BitwiseOr"),
)
REDUCTIONS = ("ReduceMean", "ReduceMax", "ReduceMin", "ReduceSum", "ReduceL2", "ReduceL1", "GlobalAveragePool")


def arithmetic(w: Walk, node: Node) -> None:
    """An operator that goes element by element, and stretches what is shorter."""
    values = w.given(node)
    if any(value.shape is UNKNOWN for value in values) or len(values) < len([n for n in node.inputs if n]):
        w.open(node)
        return
    shape = broadcast([value.shape for value in values])
    flowing = [value for value in values if not value.constant]
    if shape is None:
        _report_unequal(w, node, values)
    elif len(flowing) == 1 and len(values) == 2:
        _with_constant(w, node, flowing[0], values, shape)
    elif len(flowing) == len(values) > 1 and node.op in KINDS:
        _join(w, node, values, shape)
    else:
        w.open(node, shape, last=_layout(flowing), element=_element(node, flowing))


def _layout(values: Sequence[Value]) -> bool | None:
    """Where the channels stand, if the values that have the full rank agree on it."""
    rank = max((value.rank or 0 for value in values), default=0)
    known = {value.last for value in values if value.rank == rank}
    return known.pop() if len(known) == 1 else None


def _element(node: Node, values: Sequence[Value]) -> int:
    boolean = node.op in ("Equal", "Less", "Greater", "LessOrEqual", "GreaterOrEqual", "And", "Or", "Xor")
    if boolean or not values:
        return 9 if boolean else 0
    return values[-1].element if node.op == "Where" else values[0].element


def broadcast(shapes: Sequence[Shape]) -> Shape | None:
    """The common shape, aligned at the end; None where there is none."""
    rank = max(map(len, shapes))
    axes = zip(*((1,) * (rank - len(shape)) + tuple(shape) for shape in shapes), strict=True)
    result: list[Dim] = []
    for axis in axes:
        wide = [n for n in axis if not (isinstance(n, int) and n == 1)]
        sure = [n for n in wide if isinstance(n, int)]
        if any(n != sure[0] for n in sure):
            return None
        if sure:
            result.append(sure[0])
        elif any(n is UNKNOWN for n in wide):
            result.append(UNKNOWN)
        else:
            result.append(1 if not wide else wide[0] if all(n == wide[0] for n in wide) else UNKNOWN)
    return tuple(result)


# --- with a constant --------------------------------------------------------------------------------------------------


def _with_constant(w: Walk, node: Node, x: Value, values: Sequence[Value], shape: Shape) -> None:
    other = next(value for value in values if value is not x)
    if _grows(x.shape, shape) and not other.written and other.rank == 0:
        w.open(node, shape, last=x.last)
    elif (_grows(x.shape, shape) and _is_image(x)) or (node.op in ("Add", "Sub") and _lies_along_the_width(x, other)):
        _report_stretch(w, node, x, other, shape)
    elif not (_absorb(w, node, x, other) or _scale(w, node, x, other)):
        w.open(node, shape, last=x.last if len(shape) == x.rank else None, element=_element(node, [x]))


def _lies_along_the_width(x: Value, other: Value) -> bool:
    """Whether a bias with as many numbers as there are channels meets the pixels of a row, as many by chance."""
    image = _is_image(x) and not x.last and (x.rank or 0) > 2
    return image and other.written and other.rank == 1 and other.shape[0] != 1 and same(other.shape, (x.shape[1],))


def _grows(shape: Shape, result: Shape) -> bool:
    """Whether a value of this shape becomes larger."""
    return len(result) > len(shape) or differs(shape, result)


def _is_image(value: Value) -> bool:
    """Whether we know what the axes of the value mean: an input's, and those of a layer of our kinds."""
    sure = value.last is not None and not value.doubtful and (value.rank or 0) > 1
    return sure and not (isinstance(value.flow, Layer) and value.flow.kind == "?")


def _per_channel(x: Value, other: Value) -> Value | None:
    """The constant as one number a channel, where it is that."""
    if x.rank is None or x.rank < 2 or x.last is None or other.rank is None or other.rank > x.rank or not other.rank:
        return None
    place = x.rank - 1 if x.last else 1
    aligned = (1,) * (x.rank - other.rank) + tuple(other.shape)
    if any(n != 1 for i, n in enumerate(aligned) if i != place) or not same((aligned[place],), (x.shape[place],)):
        return None
    return Value(other.name, (aligned[place],), other.element, numbers=other.numbers, written=other.written)


def _absorb(w: Walk, node: Node, x: Value, other: Value) -> bool:
    """A bias that is added after the layer, or the weight of a norm, becomes that layer's own."""
    layer, vector, tensor = x.flow, _per_channel(x, other), {"Add": "bias", "Mul": "weight"}.get(node.op, "")
    if not isinstance(layer, Layer) or not tensor or vector is None or not vector.written or not w.alone(x.name):
        return False
    op = layer.operation
    if layer.kind not in (BIASED if tensor == "bias" else SCALED) or op.has(tensor) or layer.shares or op.args is None:
        return False
    if tensor == "weight" and op.has("bias"):
        return False
    given = {name: value for name, value in vars(op.args).items() if value is not None}
    given = {name: _written(value) for name, value in given.items()} | {tensor: True}
    layer.operation = op.kind.operation(given, op.inputs)
    w.alias(node, x)
    return True


def _written(value: Any) -> Any:
    """An argument as it was read, in the form in which it is given."""
    if hasattr(value, "pairs"):
        from cnnspec.values import Word

        pairs = value.pairs
        return Word("same") if value.same else [b for b, _ in pairs] + [e for _, e in pairs]
    return value


def _scale(w: Walk, node: Node, x: Value, other: Value) -> bool:
    """Factors and summands, one for all or one a channel, as `scale` (learned) or `rescale` (fixed)."""
    if (
        node.op not in ("Add", "Sub", "Mul", "Div")
        or x.size() is UNKNOWN
        or (w.input(node, 0) is not x and node.op in ("Sub", "Div"))
    ):
        return False
    numbers = other.numbers
    if numbers is not None and len(numbers) == 1 and isinstance(numbers[0], (int, float)) and (other.rank or 0) <= 1:
        return _rescale(w, node, x, numbers[0])
    vector = _per_channel(x, other)
    if vector is None or node.op not in ("Add", "Mul"):
        return False
    if vector.written:
        tensor, absent = ("weight", "bias") if node.op == "Mul" else ("bias", "weight")
        w.layer(node, "scale", {absent: False}, [x], last=bool(x.last), weights={tensor: vector}, yields=x.last)
        return True
    return vector.numbers is not None and _rescale(w, node, x, vector.numbers)


def _rescale(w: Walk, node: Node, x: Value, numbers: Any) -> bool:
    lists = isinstance(numbers, list)
    if lists and not all(abs(n) < 1e38 for n in numbers):
        return False
    if lists and node.op == "Sub":
        return False
    if not lists and (not abs(numbers) < 1e38 or (node.op == "Div" and abs(numbers) < 1e-30)):
        return False
    given: dict[str, Any]
    if node.op == "Mul":
        given = {"a": numbers}
    elif node.op == "Div":
        given = {"a": 1 / numbers}
    else:
        given = {"a": _factor(w, x), "b": -numbers if node.op == "Sub" else numbers}
        if given["a"] != 1:
            assert isinstance(x.flow, Layer)
            x.flow.operation = x.flow.definition.operation(given, x.flow.operation.inputs)
            w.alias(node, x)
            return True
    w.layer(node, "rescale", given, [x], last=bool(x.last), yields=x.last)
    return True


def _factor(w: Walk, x: Value) -> Any:
    """The factor of the `rescale` that x comes from, where it has no summand yet and nobody else reads it."""
    flow = x.flow
    if not isinstance(flow, Layer) or flow.kind != "rescale" or flow.args.b != 0 or not w.alone(x.name):
        return 1
    return list(flow.args.a) if isinstance(flow.args.a, tuple) else flow.args.a


# --- of values of the network -----------------------------------------------------------------------------------------


def _join(w: Walk, node: Node, values: Sequence[Value], shape: Shape) -> None:
    """A join of equal values is one of our kinds; of others, it is what is meant or not."""
    layout = _layout(values)
    if all(alike(value.shape, values[0].shape) for value in values) and values[0].size() is not UNKNOWN:
        w.layer(node, KINDS[node.op], {}, values, last=bool(layout), yields=layout)
        return
    if node.op == "Mul" and len(values) == 2 and layout is not None and _is_gate(values, shape, last=layout):
        w.layer(node, "mul", {}, values, last=layout, yields=layout)
        return
    stretched = [value for value in values if _grows(value.shape, shape)]
    if stretched and all(map(_is_image, values)) and not all(_meant(w, node, v, shape) for v in stretched):
        _report_unequal(w, node, values, shape)
    else:
        w.open(node, shape, last=layout)


def _is_gate(values: Sequence[Value], shape: Shape, *, last: bool) -> bool:
    """Whether one has the full size and the other is 1x1xC or HxWx1."""
    if len({len(value.shape) for value in values}) > 1 or not any(alike(value.shape, shape) for value in values):
        return False
    gate = next((value for value in values if not alike(value.shape, shape)), None)
    if gate is None:
        return False
    size, full = gate.size(last=last), Value("", shape).size(last=last)
    return (all(n == 1 for n in size[:-1]) and same(size[-1:], full[-1:])) or (
        isinstance(size[-1], int) and size[-1] == 1 and same(size[:-1], full[:-1])
    )


def _meant(w: Walk, node: Node, value: Value, shape: Shape) -> bool:
    """Whether stretching this value is what people do: gates, one number a channel, and what a reduction left.

    What letters leave open may be equal after all.
    """
    if len(value.shape) != len(shape):
        return False
    if node.op in ("Mul", "Div") or (symbolic(value.shape) and not differs(value.shape, shape)):
        return True
    producer = w.producers.get(value.name)
    if producer is not None and producer.op in REDUCTIONS:
        return True
    size = value.size(last=bool(value.last))
    return all(n == 1 for n in size[:-1])


def _report_unequal(w: Walk, node: Node, values: Sequence[Value], shape: Shape | None = None) -> None:
    """Sizes that differ; where a `shape` comes out of it all the same, it is said."""
    sizes = _two_that_differ(values)
    kind = KINDS.get(node.op, node.op)
    if sizes is None or any(value.constant for value in values):
        mistake = _shapes_differ(node, values)
    else:
        mistake = sizes_differ(kind, *sizes)
    if shape is not None:
        mistake.lines = (*mistake.lines, say("the graph stretches them to {shape} in silence", shape=shown(shape)))
    if any(value.doubtful for value in values):
        w.open(node, UNKNOWN, doubtful=True)
        return
    w.report(node, mistake)
    w.open(node, UNKNOWN if shape is None else shape, last=_layout(values), doubtful=True)


def _two_that_differ(values: Sequence[Value]) -> tuple[Any, Any] | None:
    first = values[0]
    other = next((v for v in values[1:] if not alike(v.shape, first.shape)), None)
    if (
        other is None
        or first.size() is UNKNOWN
        or other.size() is UNKNOWN
        or symbolic(first.shape[:1]) != symbolic(other.shape[:1])
    ):
        return None
    sizes = first.size(last=bool(first.last)), other.size(last=bool(other.last))
    return None if alike(*sizes) else sizes


def shown(shape: Shape) -> str:
    return f"({', '.join(map(show, shape))})"


def _shapes_differ(node: Node, values: Sequence[Value]) -> Mistake:
    return Mistake(
        "E304",
        "`{op}` takes values of equal size, here arrive {shapes}",
        notes=("aligned at their last axes, each pair must be equal or have a 1",),
        op=node.op,
        shapes=listing([shown(value.shape) for value in values[:4]]),
    )


def _report_stretch(w: Walk, node: Node, x: Value, other: Value, shape: Shape) -> None:
    """A constant that makes what arrives larger: most likely a bias whose axes are missing."""
    channels = x.size(last=bool(x.last))[-1]
    length = other.shape[-1] if other.shape else 1
    meant = (show(channels), *("1",) * max(0, len(shape) - 2)) if not x.last else (show(channels),)
    mistake = Mistake(
        "E304",
        "`{op}` stretches {x} to {result}" if _grows(x.shape, shape) else "`{op}` adds along the width of {x}",
        notes=("{name} has the shape {other}: its last axis meets the last axis of the image",),
        help="give it the shape ({meant}) for one number a channel" if show(length) == show(channels) else "",
        op=node.op,
        x=shown(x.shape),
        result=shown(shape),
        name=short(other.name),
        other=shown(other.shape),
        meant=", ".join(meant),
    )
    w.report(node, mistake)
    w.open(node, shape, doubtful=True)


# --- concatenation ----------------------------------------------------------------------------------------------------


def concat(w: Walk, node: Node) -> None:
    values = w.given(node)
    ranks = {value.rank for value in values}
    if None in ranks or not values or len(values) < len(node.inputs):
        w.open(node)
        return
    if len(values) == 1:
        apply(w, node, "identity", {})
        return
    axis = node.integer("axis", 1)
    if len(ranks) > 1 or not -len(values[0].shape) <= axis < len(values[0].shape):
        _report_ranks(w, node, values, axis)
        return
    axis %= len(values[0].shape)
    layout, rank = _layout(values), len(values[0].shape)
    flowing = all(not value.constant for value in values)
    channels = rank - 1 if layout else 1
    if flowing and rank > 1 and axis == channels and (layout is not None or rank == 2):
        w.layer(node, "concat", {}, values, last=bool(layout), yields=layout)
        return
    others = [tuple(n for i, n in enumerate(value.shape) if i != axis) for value in values]
    wrong = next((i for i, other in enumerate(others) if differs(other, others[0])), None)
    if wrong is not None and not any(value.doubtful for value in values):
        _report_concat(w, node, values[0], values[wrong], axis)
        return
    total: Any = 0
    for value in values:
        total = total + value.shape[axis]
    w.open(node, (*values[0].shape[:axis], total, *values[0].shape[axis + 1 :]), last=layout)


def _report_ranks(w: Walk, node: Node, values: Sequence[Value], axis: int) -> None:
    mistake = Mistake(
        "E309",
        "`Concat` along axis {axis} takes values of as many axes, here arrive {shapes}",
        axis=axis,
        shapes=listing([shown(value.shape) for value in values[:4]]),
    )
    w.report(node, mistake, "axis")
    w.open(node, UNKNOWN, doubtful=True)


def _report_concat(w: Walk, node: Node, a: Value, b: Value, axis: int) -> None:
    mistake = Mistake(
        "E304",
        "`Concat` along axis {axis} takes values equal in all others, here arrive {a} and {b}",
        axis=axis,
        a=shown(a.shape),
        b=shown(b.shape),
    )
    w.report(node, mistake, "axis")
    w.open(node, UNKNOWN, doubtful=True)


OPERATORS: dict[str, Handler] = {
    "Concat": concat,
    **dict.fromkeys(OPERATIONS, arithmetic),
}
