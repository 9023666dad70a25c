"""What no image has a part in: weights on their way to a layer, and numbers that are computed from sizes.

Only small lists of numbers are computed; of everything else the shape is enough.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any

from onnx import AttributeProto, TensorProto

from cnnspec.onnx.reading.joins import broadcast
from cnnspec.onnx.reading.node import SMALL, Node, Shape, Value, numbers_of
from cnnspec.onnx.reading.parts import FAR, slice_parts
from cnnspec.onnx.reading.shapes import axes_of, product, target_shape, unsqueezed
from cnnspec.onnx.reading.walk import Walk
from cnnspec.values import UNKNOWN, Symbolic

INT64, BOOL = TensorProto.INT64, TensorProto.BOOL
FLOATS = (TensorProto.FLOAT, TensorProto.DOUBLE, TensorProto.FLOAT16, TensorProto.BFLOAT16)
Fold = Callable[[Walk, Node, "list[Value]"], "tuple[Shape | Any, list[Any] | None] | None"]


def fold(w: Walk, node: Node) -> bool:
    """Whether the node yields a constant; then its value is known from now on."""
    if node.op == "Constant" and not node.domain:
        _constant(w, node)
        return True
    if node.op in ("Shape", "Size") and not node.domain:
        _measure(w, node)
        return True
    values = w.given(node)
    if not values or any(not value.constant for value in values) or any(name in w.values for name in node.captured()):
        return not values and _made_of_nothing(w, node)
    written = any(value.written for value in values)
    result = _folded(w, node, values)
    element = _element(node, values)
    if result is None:
        for output in filter(None, node.outputs):
            shape, inferred = w.inferred(output)
            w.values[output] = Value(output, shape, inferred or element, written=written)
        return True
    shape, numbers = result
    w.constant(node, shape, element, numbers if numbers is None or len(numbers) <= SMALL else None, written=written)
    for output in filter(None, node.outputs[1:]):
        w.values[output] = Value(output, written=written)
    return True


def _folded(w: Walk, node: Node, values: list[Value]) -> tuple[Shape | Any, list[Any] | None] | None:
    rule = None if node.domain else FOLDS.get(node.op)
    if rule is None or len(values) < len([name for name in node.inputs if name]):
        return None
    try:
        return rule(w, node, values)
    except (TypeError, ValueError, IndexError, OverflowError, ZeroDivisionError):  # a file that is not what it says
        return None


def _made_of_nothing(w: Walk, node: Node) -> bool:
    """A node without inputs, such as RandomNormal."""
    if any(node.inputs) or any(name in w.values for name in node.captured()):
        return False
    for output in filter(None, node.outputs):
        shape, element = w.inferred(output)
        w.values[output] = Value(output, shape, element)
    return True


def _element(node: Node, values: Sequence[Value]) -> int:
    if node.op == "Cast":
        return node.integer("to")
    if node.op in ("Equal", "Less", "Greater", "Not", "And", "Or"):
        return BOOL
    if node.op == "ConstantOfShape":
        value = node.attributes.get("value")
        return value.data_type if isinstance(value, TensorProto) else TensorProto.FLOAT
    if node.op == "DequantizeLinear":
        return TensorProto.FLOAT
    return values[-1].element if node.op == "Where" else values[0].element


def _constant(w: Walk, node: Node) -> None:
    attribute = next((a for a in node.proto.attribute if a.name.startswith("value")), None)
    if attribute is None or not node.output:
        return
    if attribute.type == AttributeProto.TENSOR:
        shape = tuple(n if n >= 0 else UNKNOWN for n in attribute.t.dims)
        w.constant(node, shape, attribute.t.data_type, numbers_of(attribute.t))
        return
    value = node.attributes[attribute.name]
    integer = attribute.type in (AttributeProto.INT, AttributeProto.INTS)
    element = INT64 if integer else TensorProto.FLOAT
    if isinstance(value, list):
        w.constant(node, (len(value),), element, value[:] if len(value) <= SMALL else None)
    else:
        w.constant(node, (), element, [value] if isinstance(value, (int, float)) else None)


def _measure(w: Walk, node: Node) -> None:
    """Shape and Size: numbers, as far as they are known."""
    x = w.input(node, 0)
    if x is None or x.shape is UNKNOWN:
        rank = UNKNOWN if node.op == "Shape" else None
        w.constant(node, () if rank is None else (UNKNOWN,), INT64)
    elif node.op == "Size":
        w.constant(node, (), INT64, [product(x.shape)])
    else:
        part = list(x.shape)[slice(node.integer("start"), node.attributes.get("end"))]
        w.constant(node, (len(part),), INT64, part)


# --- one rule an operator ---------------------------------------------------------------------------------------------


def _same(w: Walk, node: Node, values: list[Value]) -> tuple[Any, Any]:
    return values[0].shape, values[0].numbers


def _cast(w: Walk, node: Node, values: list[Value]) -> tuple[Any, Any]:
    numbers = values[0].numbers
    if numbers is not None and node.integer("to") not in FLOATS:
        numbers = [int(n) if isinstance(n, float) and math.isfinite(n) else n for n in numbers]
    return values[0].shape, numbers


def _elementwise(function: Callable[..., Any]) -> Fold:
    def rule(w: Walk, node: Node, values: list[Value]) -> tuple[Any, Any] | None:
        if any(value.shape is UNKNOWN for value in values):
            return None
        shape = broadcast([value.shape for value in values])
        lists = [value.numbers for value in values]
        if shape is None or any(numbers is None for numbers in lists):
            return shape if shape is None else (shape, None)
        count = product(shape)
        if not isinstance(count, int) or any(len(numbers or ()) not in (1, count) for numbers in lists):
            return shape, None
        rows = [(numbers or []) * (count if len(numbers or ()) == 1 else 1) for numbers in lists]
        return shape, [_computed(function, *row) for row in zip(*rows, strict=True)]

    return rule


def _computed(function: Callable[..., Any], *row: Any) -> Any:
    try:
        return function(*row)
    except (TypeError, OverflowError, ZeroDivisionError):  # letters of which there is no such expression
        return UNKNOWN


def _divided(a: Any, b: Any) -> Any:
    if isinstance(a, float) or isinstance(b, float):
        return a / b if isinstance(a, (int, float)) and isinstance(b, (int, float)) else UNKNOWN
    if isinstance(a, int) and isinstance(b, int):
        quotient = abs(a) // abs(b)
        return quotient if (a < 0) == (b < 0) else -quotient
    return a // b if a >= 0 else UNKNOWN


def _compared(function: Callable[[Any, Any], Any]) -> Callable[[Any, Any], Any]:
    def rule(a: Any, b: Any) -> Any:
        if isinstance(a, Symbolic) or isinstance(b, Symbolic) or a is UNKNOWN or b is UNKNOWN:
            return UNKNOWN
        return bool(function(a, b))

    return rule


def _chosen(condition: Any, a: Any, b: Any) -> Any:
    return a if condition is True or condition == 1 else b if condition is False or condition == 0 else UNKNOWN


def _extreme(function: Callable[..., Any]) -> Callable[..., Any]:
    def rule(*numbers: Any) -> Any:
        if all(isinstance(n, (int, float)) for n in numbers):
            return function(numbers)
        sure = [n for n in numbers if n is not UNKNOWN]
        if len(sure) == len(numbers):
            for n in numbers:  # one that is the most, or the least, whatever the letters are
                if all(n is m or (n >= m if function is max else n <= m) for m in numbers):
                    return n
        return UNKNOWN

    return rule


def _whole(function: Callable[[float], int]) -> Callable[[Any], Any]:
    return lambda n: n if not isinstance(n, float) else float(function(n))


def _concat(w: Walk, node: Node, values: list[Value]) -> tuple[Any, Any] | None:
    if any(value.rank != 1 for value in values):
        return None
    length: Any = 0
    for value in values:
        length = length + value.shape[0]
    if any(value.numbers is None for value in values):
        return (length,), None
    return (length,), [n for value in values for n in value.numbers or ()]


def _rows(value: Value) -> list[list[Any]] | None:
    """The numbers of a small constant, a list for each place of its first axis."""
    if value.numbers is None or not value.shape or not all(isinstance(n, int) and n > 0 for n in value.shape):
        return None
    length = math.prod(value.shape[1:])
    return [value.numbers[i : i + length] for i in range(0, len(value.numbers), length)]


def _gather(w: Walk, node: Node, values: list[Value]) -> tuple[Any, Any] | None:
    data, indices = values
    rows = _rows(data)
    if rows is None or node.integer("axis") or indices.shape is UNKNOWN or indices.numbers is None:
        return None
    chosen = [rows[i] for i in indices.numbers]
    return (*indices.shape, *data.shape[1:]), [n for row in chosen for n in row]


def _slice(w: Walk, node: Node, values: list[Value]) -> tuple[Any, Any] | None:
    """A slice along the first axis."""
    parts = slice_parts(w, node)
    rows = _rows(values[0])
    if rows is None or parts is None or len(parts) != 1 or parts[0][2] % len(values[0].shape):
        return None
    ((start, end, _, step),) = parts
    taken = rows[start : end if end > -FAR else None : step]
    return (len(taken), *values[0].shape[1:]), [n for row in taken for n in row]


def _reshaped(w: Walk, node: Node, values: list[Value]) -> tuple[Any, Any] | None:
    data, target = values[0], values[1].numbers if len(values) > 1 else node.integers("shape")
    if target is None or data.shape is UNKNOWN:
        return None
    shape = target_shape(data.shape, target)
    return None if shape is None else (shape, data.numbers)


def _unsqueezed(w: Walk, node: Node, values: list[Value]) -> tuple[Any, Any] | None:
    axes = axes_of(w, node)
    if axes is None or values[0].shape is UNKNOWN:
        return None
    return unsqueezed(values[0].shape, axes), values[0].numbers


def _squeezed(w: Walk, node: Node, values: list[Value]) -> tuple[Any, Any] | None:
    axes, shape = axes_of(w, node), values[0].shape
    if shape is UNKNOWN:
        return None
    gone = {a % len(shape) for a in axes} if axes is not None else {i for i, n in enumerate(shape) if n == 1}
    return tuple(n for i, n in enumerate(shape) if i not in gone), values[0].numbers


def _transposed(w: Walk, node: Node, values: list[Value]) -> tuple[Any, Any] | None:
    shape = values[0].shape
    if shape is UNKNOWN:
        return None
    perm = node.integers("perm") or list(reversed(range(len(shape))))
    turned = tuple(shape[i] for i in perm)
    rows = _rows(values[0])
    if rows is None or perm != [1, 0]:
        return turned, values[0].numbers if len(shape) < 2 else None
    return turned, [n for column in zip(*rows, strict=True) for n in column]


def _repeated(w: Walk, node: Node, values: list[Value]) -> tuple[Any, Any] | None:
    """ConstantOfShape."""
    shape = values[0].numbers
    if shape is None:
        return None
    tensor = node.attributes.get("value")
    numbers = numbers_of(tensor) if isinstance(tensor, TensorProto) else [0.0]
    count = product(shape)
    small = isinstance(count, int) and 0 <= count <= SMALL
    return tuple(shape), numbers * count if numbers is not None and small else None


def _expanded(w: Walk, node: Node, values: list[Value]) -> tuple[Any, Any] | None:
    if values[0].shape is UNKNOWN or values[1].numbers is None:
        return None
    shape = broadcast([values[0].shape, tuple(values[1].numbers)])
    count = UNKNOWN if shape is None else product(shape)
    numbers = values[0].numbers
    if shape is None or numbers is None or len(numbers) != 1 or not isinstance(count, int) or count > SMALL:
        return None if shape is None else (shape, None)
    return shape, numbers * count


def _range(w: Walk, node: Node, values: list[Value]) -> tuple[Any, Any] | None:
    if any(value.numbers is None or len(value.numbers) != 1 for value in values):
        return None
    start, stop, step = (value.numbers[0] for value in values if value.numbers)
    if not all(isinstance(n, int) for n in (start, stop, step)):
        return (stop if start == 0 and step == 1 and isinstance(stop, Symbolic) else UNKNOWN,), None
    count = len(range(start, stop, step))
    return (count,), list(range(start, stop, step)) if count <= SMALL else None


def _multiplied(w: Walk, node: Node, values: list[Value]) -> tuple[Any, Any] | None:
    """ReduceProd of a list."""
    value = values[0]
    if value.rank != 1 or value.numbers is None:
        return None
    return (1,) if node.integer("keepdims", 1) else (), [product(value.numbers)]


FOLDS: dict[str, Fold] = {
    "Identity": _same,
    "Cast": _cast,
    "QuantizeLinear": lambda w, node, values: (values[0].shape, None),
    "DequantizeLinear": lambda w, node, values: (values[0].shape, None),
    "Add": _elementwise(lambda a, b: a + b),
    "Sub": _elementwise(lambda a, b: a - b),
    "Mul": _elementwise(lambda a, b: a * b),
    "Div": _elementwise(_divided),
    "Mod": _elementwise(lambda a, b: a % b),
    "Min": _elementwise(_extreme(min)),
    "Max": _elementwise(_extreme(max)),
    "Neg": _elementwise(lambda a: -a),
    "Floor": _elementwise(_whole(math.floor)),
    "Ceil": _elementwise(_whole(math.ceil)),
    "Sqrt": _elementwise(lambda a: math.sqrt(a) if isinstance(a, (int, float)) and a >= 0 else UNKNOWN),
    "Equal": _elementwise(_compared(lambda a, b: a == b)),
    "Less": _elementwise(_compared(lambda a, b: a < b)),
    "Greater": _elementwise(_compared(lambda a, b: a > b)),
    "Not": _elementwise(lambda a: not a if isinstance(a, bool) else UNKNOWN),
    "And": _elementwise(_compared(lambda a, b: a and b)),
    "Or": _elementwise(_compared(lambda a, b: a or b)),
    "Where": _elementwise(_chosen),
    "Concat": _concat,
    "Gather": _gather,
    "Slice": _slice,
    "Reshape": _reshaped,
    "Unsqueeze": _unsqueezed,
    "Squeeze": _squeezed,
    "Transpose": _transposed,
    "ConstantOfShape": _repeated,
    "Expand": _expanded,
    "Range": _range,
    "ReduceProd": _multiplied,
}
