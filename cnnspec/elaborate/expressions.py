"""Expressions to values: exact integers, IEEE doubles, sizes axis by axis, and UNKNOWN where something is open."""

from __future__ import annotations

import math
import operator
from collections.abc import Callable
from typing import Any

from cnnspec.diagnostics import Mistake
from cnnspec.elaborate.letters import Ordered, is_quantity, known_needed, may_be_equal, not_for_every_size, undecided
from cnnspec.elaborate.quotients import ROUNDED, Quotient, combined
from cnnspec.elaborate.scopes import BlockReference
from cnnspec.language import number, say
from cnnspec.source import Span
from cnnspec.syntax import tree
from cnnspec.values import UNKNOWN, Dim, Symbolic, Value, Word, as_whole, describe, is_number, show

MAX_BITS = 1024
MAX_ELEMENTS = 1_000_000


class Items(list[Any]):
    """A list that knows how many elements it holds at all depths, so that copies of copies cannot grow unseen."""

    __slots__ = ("deep",)

    def __init__(self, items: list[Any], deep: int) -> None:
        super().__init__(items)
        self.deep = deep


class Evaluator:
    """Evaluates expressions; subclasses say what a name means and what work costs."""

    def lookup(self, name: str, span: Span) -> Value:
        raise NotImplementedError

    def undefined(self, name: str, span: Span | None) -> Mistake:
        return Mistake("E208", "`{name}` is not defined", span=span, name=name)

    def charge(self, steps: int) -> None:
        """Counts work; raises where a file asks for too much."""

    def evaluate(self, node: tree.Expression) -> Value:
        return _EVALUATORS[type(node)](self, node)

    def condition(self, node: tree.Expression, word: str) -> bool | Any:
        """True, False or UNKNOWN; the condition stands after the word, or on a side of `and` or `or`."""
        value = self.evaluate(node)
        if isinstance(value, bool) or value is UNKNOWN:
            return value
        if isinstance(value, Word):
            raise self.undefined(value, node.span)
        raise Mistake(
            "E221",
            "each side of `{word}` is a condition, not {given}"
            if word in ("and", "or")
            else "what stands after `{word}` is a condition, not {given}",
            help="compare it with something, for example `… == {text}`" if is_number(value) else "write a comparison",
            span=node.span,
            word=word,
            given=describe(value),
            text=show(value),
        )

    def call(self, node: tree.Call) -> Value:
        function = FUNCTIONS.get(node.function)
        if function is None:
            from cnnspec.elaborate.functions import unknown_function

            raise unknown_function(node, FUNCTIONS)
        whole = node.function in ROUNDED and len(node.arguments) == 1
        arguments = [self._quotient(part) if whole else self._operand(part) for part in node.arguments]
        if any(argument is UNKNOWN for argument in arguments):
            return UNKNOWN
        try:
            if whole and isinstance(arguments[0], Quotient):
                return ROUNDED[node.function](arguments[0])
            return bounded(function(*arguments), node.span)
        except (TypeError, ValueError, OverflowError, IndexError, ZeroDivisionError) as error:
            given = ", ".join(describe(argument) for argument in arguments) or say("nothing")
            code = "E212" if isinstance(error, TypeError) else "E214"
            from cnnspec.elaborate.functions import how_to_call

            raise Mistake(
                code,
                "`{function}` has no result for {given}",
                help="{remedy}",
                span=node.span,
                function=node.function,
                given=given,
                remedy=how_to_call(node.function),
            ) from None

    def _quotient(self, node: tree.Expression) -> Value:
        """The value in `floor(…)` and `ceil(…)`, where (H - 2)/2 + 1 need not be whole yet."""
        if not isinstance(node, tree.Binary) or node.operator not in ("+", "-", "*", "/"):
            return self._operand(node)
        left, right = self._quotient(node.left), self._quotient(node.right)
        if isinstance(left, Symbolic) or isinstance(right, Symbolic):
            try:
                found = combined(node.operator, left, right)
            except OverflowError:
                raise too_large(node.span) from None
            if found is not None:
                return found
        return arithmetic(node, left, right)

    def _operand(self, node: tree.Expression) -> Value:
        value = self.evaluate(node)
        if isinstance(value, Word):
            raise self.undefined(value, node.span)
        return value

    def _number(self, node: tree.Number) -> Value:
        return node.value

    def _constant(self, node: tree.Boolean | tree.Text) -> Value:
        return node.value

    def _name(self, node: tree.Name) -> Value:
        return self.lookup(node.name, node.span)

    def _size(self, node: tree.SizeLiteral) -> Value:
        return tuple(self._size_part(part) for part in node.parts)

    def _size_part(self, part: tree.Expression) -> Dim:
        value = self.evaluate(part)
        whole = as_whole(value)
        if whole is None:  # written, a part is a whole number, a letter or a blank: this was filled in
            raise Mistake(
                "E213", "a part of a size is a whole number, not {what}", span=part.span, what=describe(value)
            )
        return whole

    def _list(self, node: tree.ListLiteral) -> Value:
        items = [self.evaluate(item) for item in node.items]
        deep = 1 + sum(item.deep if isinstance(item, Items) else 1 for item in items)
        if deep > MAX_ELEMENTS:
            raise Mistake(
                "E219", "the list holds more than {limit} elements", span=node.span, limit=number(MAX_ELEMENTS)
            )
        self.charge(deep // 16)
        return Items(items, deep)

    def _range(self, node: tree.Range) -> Value:
        ends = [self._operand(node.first), self._operand(node.last)]
        if UNKNOWN in ends or ends[0] is UNKNOWN or ends[1] is UNKNOWN:
            return UNKNOWN
        wholes = [as_whole(end) for end in ends]
        for end, whole, part in zip(ends, wholes, (node.first, node.last), strict=True):
            if isinstance(whole, Symbolic):
                raise known_needed(say("a range"), whole, part.span)
            if whole is None:
                raise Mistake(
                    "E213", "a range goes between whole numbers, not {end}", span=part.span, end=describe(end)
                )
        first, last = wholes
        assert isinstance(first, int)
        assert isinstance(last, int)
        if last - first >= MAX_ELEMENTS:
            raise Mistake(
                "E219",
                "the range {first}..{last} is too long",
                help="use at most {limit} elements",
                span=node.span,
                first=show(first),
                last=show(last),
                limit=number(MAX_ELEMENTS),
            )
        numbers = list(range(first, last + 1))
        self.charge(len(numbers) // 16)
        return Items(numbers, len(numbers) + 1)

    def _index(self, node: tree.Index) -> Value:
        value, position = self._operand(node.value), self._operand(node.position)
        if value is UNKNOWN or position is UNKNOWN:
            return UNKNOWN
        if not isinstance(value, (list, tuple)):
            raise Mistake(
                "E212", "only a list or a size has elements, not {given}", span=node.span, given=describe(value)
            )
        whole = as_whole(position)
        if isinstance(whole, Symbolic):
            raise known_needed(say("the number of an element"), whole, node.position.span)
        if not isinstance(whole, int) or not -len(value) <= whole < len(value):
            raise Mistake(
                "E216",
                "{value} has no element {position}",
                help="the first element is 0, the last {last}" if value else "the list is empty",
                span=node.position.span,
                value=describe(value),
                position=show(position),
                last=len(value) - 1,
            )
        return value[whole]

    def _conditional(self, node: tree.Conditional) -> Value:
        condition = self.condition(node.condition, "if")
        if condition is UNKNOWN:
            return UNKNOWN
        return self.evaluate(node.then if condition else node.otherwise)

    def _unary(self, node: tree.Unary) -> Value:
        if node.operator == "not":
            condition = self.condition(node.operand, "not")
            return UNKNOWN if condition is UNKNOWN else not condition
        value = self._operand(node.operand)
        if value is UNKNOWN:
            return value
        sign = operator.neg if node.operator == "-" else operator.pos
        if isinstance(value, (tuple, list)) and all(is_quantity(part) or part is UNKNOWN for part in value):
            return tuple(sign(part) for part in value)
        if not is_quantity(value):
            raise Mistake(
                "E212", "`{op}` needs a number, not {given}", span=node.span, op=node.operator, given=describe(value)
            )
        return sign(value)

    def _binary(self, node: tree.Binary) -> Value:
        if node.operator in ("and", "or"):
            return self._logical(node)
        left = self.evaluate(node.left)
        right = self.evaluate(node.right)
        if node.operator in ("==", "!="):
            self._refuse_undefined(node, left, right)
            self.charge(sum(side.deep for side in (left, right) if isinstance(side, Items)) // 16)
            equal = self.same(node, left, right)
            return equal if node.operator == "==" or equal is UNKNOWN else not equal
        for value, part in ((left, node.left), (right, node.right)):
            if isinstance(value, Word):
                raise self.undefined(value, part.span)
        if node.operator in ORDERINGS:
            return _compare(node, left, right)
        return arithmetic(node, left, right)

    def same(self, node: tree.Binary, left: Value, right: Value) -> bool | Any:
        """Whether two values are equal. Raises Mistake where that hangs on a letter."""
        equal = equals(left, right)
        if equal is False and may_be_equal(left, right):
            raise undecided(node, left, right)
        return equal

    def _refuse_undefined(self, node: tree.Binary, left: Value, right: Value) -> None:
        """A bare word equals a kind, a block, a mode or a text; beside anything else it is a name with a slip in it."""
        for word, part, other in ((left, node.left, right), (right, node.right, left)):
            if isinstance(word, Word) and not isinstance(other, (str, BlockReference)) and other is not UNKNOWN:
                raise self.undefined(word, part.span)

    def _logical(self, node: tree.Binary) -> Value:
        decisive = node.operator == "or"
        left = self.condition(node.left, node.operator)
        if left is decisive:
            return decisive
        right = self.condition(node.right, node.operator)
        if right is decisive:
            return decisive
        return UNKNOWN if left is UNKNOWN or right is UNKNOWN else not decisive


ORDERINGS: dict[str, Callable[[Any, Any], bool]] = {
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}


OPPOSITE = {"<": ">=", "<=": ">", ">": "<=", ">=": "<"}


def equals(left: Value, right: Value) -> bool | Any:
    """True, False, or UNKNOWN; a size equals a number when each of its axes does."""
    if isinstance(left, (tuple, list)) and isinstance(right, (tuple, list)):
        if len(left) != len(right):
            return False
        return _all(equals(a, b) for a, b in zip(left, right, strict=True))
    if isinstance(left, (tuple, list)) and is_quantity(right):
        return _all(equals(part, right) for part in left)
    if isinstance(right, (tuple, list)) and is_quantity(left):
        return equals(right, left)
    if left is UNKNOWN or right is UNKNOWN:
        return UNKNOWN
    if isinstance(left, bool) is not isinstance(right, bool):
        return False
    return bool(left == right)


def _all(verdicts: Any) -> bool | Any:
    result: bool | Any = True
    for verdict in verdicts:
        if verdict is False:
            return False
        if verdict is UNKNOWN:
            result = UNKNOWN
    return result


def _compare(node: tree.Binary, left: Value, right: Value) -> Value:
    if left is UNKNOWN or right is UNKNOWN:
        return UNKNOWN
    for value, part in ((left, node.left), (right, node.right)):
        if not is_quantity(value):
            raise Mistake(
                "E212",
                "`{op}` compares numbers, not {given}",
                help="take one axis of the size, for example `{size}[0]`" if isinstance(value, tuple) else "",
                span=part.span,
                op=node.operator,
                given=describe(value),
                size="xs" if not isinstance(part, tree.Name) else part.name,
            )
    verdict = ORDERINGS[node.operator](left, right)
    open_ = isinstance(left, Symbolic) or isinstance(right, Symbolic)
    if open_ and not verdict and not ORDERINGS[OPPOSITE[node.operator]](left, right):
        raise undecided(node, left, right)
    return verdict


def arithmetic(node: tree.Binary, left: Value, right: Value) -> Value:
    """`left op right`, axis by axis where one of them is a size."""
    if isinstance(left, (tuple, list)) or isinstance(right, (tuple, list)):
        if left is UNKNOWN or right is UNKNOWN:
            return UNKNOWN
        return _axiswise(node, left, right)
    if left is UNKNOWN or right is UNKNOWN:
        return UNKNOWN
    for value, part in ((left, node.left), (right, node.right)):
        if not is_quantity(value):
            raise Mistake(
                "E212",
                "`{op}` needs numbers, not {given}",
                span=part.span,
                op=node.operator,
                given=describe(value),
            )
    try:
        return bounded(_OPERATIONS[node.operator](left, right), node.span)
    except TypeError:  # only a size with letters does not know every operation
        raise not_for_every_size(node, left, right) from None
    except ZeroDivisionError:
        raise Mistake(
            "E214",
            "{left} {op} {right}: division by zero",
            span=node.span,
            op=node.operator,
            left=show(left),
            right=show(right),
        ) from None
    except OverflowError:
        raise too_large(node.span) from None


def _axiswise(node: tree.Binary, left: Value, right: Value) -> Value:
    sides = [side if isinstance(side, (tuple, list)) else None for side in (left, right)]
    lengths = {len(side) for side in sides if side is not None}
    if len(lengths) > 1:
        raise Mistake(
            "E212",
            "{left} and {right} have different numbers of axes",
            span=node.span,
            left=describe(left),
            right=describe(right),
        )
    length = lengths.pop()
    lefts, rights = (
        side if side is not None else (value,) * length for side, value in zip(sides, (left, right), strict=True)
    )
    return tuple(arithmetic(node, a, b) for a, b in zip(lefts, rights, strict=True))


def bounded(value: Value, span: Span) -> Value:
    """The value, unless it is a number beyond all use."""
    if isinstance(value, int) and value.bit_length() > MAX_BITS:
        raise too_large(span)
    if isinstance(value, complex) or (isinstance(value, float) and not math.isfinite(value)):
        raise Mistake("E214", "this has no result among the real numbers", span=span)
    return value


def too_large(span: Span) -> Mistake:
    return Mistake("E215", "the number has more than {digits} digits", span=span, digits=int(MAX_BITS * 0.30103))


def _divide(a: Any, b: Any) -> Any:
    if not isinstance(a, float) and not isinstance(b, float) and a % b == 0:
        return a // b
    return a / b


def _power(a: Any, b: Any) -> Any:
    if isinstance(a, int) and isinstance(b, int) and abs(a) > 1 and b * (a.bit_length() - 1) > MAX_BITS:
        raise OverflowError
    return a**b


_OPERATIONS: dict[str, Callable[[Any, Any], Any]] = {
    "+": operator.add,
    "-": operator.sub,
    "*": operator.mul,
    "/": _divide,
    "//": operator.floordiv,
    "%": operator.mod,
    "**": _power,
}


def round_to(x: Any, m: Any) -> int:
    """The nearest multiple of m, a tie goes up, at least m, never more than 10 % below x (Sandler et al., MobileNetV2).

    >>> round_to(32 * 0.75, 8), round_to(36, 8), round_to(3, 8)
    (24, 40, 8)
    """
    multiple = as_whole(m)
    if not is_number(x) or not isinstance(multiple, int):
        raise TypeError
    if multiple < 1:
        raise ValueError
    rounded = max(multiple, math.floor(x + multiple / 2) // multiple * multiple)
    return int(rounded + multiple if rounded < 0.9 * x else rounded)


def _extreme(choose: Callable[..., Any]) -> Callable[..., Any]:
    def function(*values: Any) -> Any:
        if len(values) == 1 and isinstance(values[0], (list, tuple)):
            values = tuple(values[0])
        if any(part is UNKNOWN for part in values):
            return UNKNOWN
        if not values or not all(map(is_quantity, values)):
            raise TypeError
        return choose(values, key=Ordered) if any(isinstance(value, Symbolic) for value in values) else choose(values)

    return function


def _of_number(function: Callable[[Any], Any]) -> Callable[..., Any]:
    def checked(*values: Any) -> Any:
        if len(values) == 1 and isinstance(values[0], Symbolic) and function in (math.floor, math.ceil, round):
            return values[0]
        if len(values) != 1 or not is_number(values[0]):
            raise TypeError
        return function(values[0])

    return checked


def _length(*values: Any) -> int:
    if len(values) != 1 or not isinstance(values[0], (list, tuple)):
        raise TypeError
    return len(values[0])


FUNCTIONS: dict[str, Callable[..., Any]] = {
    "min": _extreme(min),
    "max": _extreme(max),
    "floor": _of_number(math.floor),
    "ceil": _of_number(math.ceil),
    "round": _of_number(round),
    "sqrt": _of_number(
        lambda x: math.isqrt(x) if isinstance(x, int) and x >= 0 and math.isqrt(x) ** 2 == x else math.sqrt(x)
    ),
    "log": _of_number(math.log),
    "abs": _of_number(abs),
    "len": _length,
    "round_to": round_to,
}


_EVALUATORS: dict[type, Callable[[Any, Any], Any]] = {
    tree.Number: Evaluator._number,
    tree.Boolean: Evaluator._constant,
    tree.Text: Evaluator._constant,
    tree.Name: Evaluator._name,
    tree.SizeLiteral: Evaluator._size,
    tree.ListLiteral: Evaluator._list,
    tree.Range: Evaluator._range,
    tree.Unary: Evaluator._unary,
    tree.Binary: Evaluator._binary,
    tree.Conditional: Evaluator._conditional,
    tree.Call: lambda evaluator, node: evaluator.call(node),  # subclasses know more functions
    tree.Index: Evaluator._index,
    tree.Blank: lambda _evaluator, _node: UNKNOWN,
}
