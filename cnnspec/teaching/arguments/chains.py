"""The quick way to try many values: plain layers one after another are computed by the rules of their kinds alone.

What it says is what the checker says of the same values; it only leaves out everything that such a line has not.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from cnnspec import layers
from cnnspec.diagnostics import Mistake
from cnnspec.elaborate.binding import bind, slots_of
from cnnspec.elaborate.expressions import Evaluator, equals
from cnnspec.layers._kind import JoinKind, Kind, Operation
from cnnspec.record import Record
from cnnspec.source import Span
from cnnspec.syntax import tree
from cnnspec.values import UNKNOWN, Value, Word, as_whole

if TYPE_CHECKING:
    from cnnspec.teaching.arguments.puzzles import Group

MODES = ("same", "valid", "zero", "reflect", "edge", "nearest", "linear")


class Step(Record):
    """A layer: what is given, and which of its arguments are blanks."""

    kind: Kind
    given: Mapping[str, Value]
    blanks: Mapping[str, str]  # the key of the blank by the name of the argument


class Chain:
    """Layers one after another, and the size and count that the annotation states (UNKNOWN: not)."""

    def __init__(self, arriving: Any, steps: tuple[Step, ...], size: Any, params: Any) -> None:
        self.arriving = arriving
        self.steps = steps
        self.size = size
        self.params = params
        self._operations: dict[Any, Operation | None] = {}

    def holds(self, values: Mapping[str, Value]) -> bool:
        """Whether the layers work and yield what is stated."""
        size: Any = self.arriving
        params: Any = 0
        for i, step in enumerate(self.steps):
            own = tuple(values[key] for key in step.blanks.values())
            operation = self._operation(i, own, size)
            if operation is None:
                return False
            size, params = operation.output, params + operation.params
        return (self.size is UNKNOWN or equals(self.size, size) is True) and (
            self.params is UNKNOWN or bool(params == self.params)
        )

    def _operation(self, i: int, own: tuple[Value, ...], size: Any) -> Operation | None:
        key = (i, tuple(map(type, own)), own, size)
        if key not in self._operations:
            if len(self._operations) > 10_000:
                self._operations.clear()
            step = self.steps[i]
            given = {**step.given, **dict(zip(step.blanks, own, strict=True))}
            try:
                self._operations[key] = step.kind.operation(given, (size,))
            except Mistake:
                self._operations[key] = None
        return self._operations[key]


class _Constant(Evaluator):
    def lookup(self, name: str, span: Span) -> Value:
        if name in MODES:
            return Word(name)
        raise self.undefined(name, span)


def chain_of(group: Group) -> Chain | None:
    """The group as a chain; None where it is more than one line of layers with numbers, or has names of its own."""
    body = [one for one in group.file.body if not isinstance(one, tree.Model) or one.parameters]
    if _holds_unknown(group.arriving):
        return None
    if len(body) != 2 or not isinstance(body[0], tree.Input) or not isinstance(body[1], tree.Flow):
        return None
    flow = body[1]
    keys = {span: blank.key for blank in group.blanks for span in blank.spans}
    try:
        steps = tuple(_step(step, keys) for step in flow.steps)
        annotation = flow.annotation
        size = _stated(annotation.size if annotation else None, keys)
        params = _stated(annotation.params if annotation else None, keys)
    except Mistake:
        return None
    if isinstance(params, tuple) and len(params) == 1:
        params = params[0]
    return Chain(group.arriving, steps, size, params)


def _step(step: tree.Step, keys: Mapping[Span, str]) -> Step:
    kind = layers.find(step.kind) if isinstance(step, tree.Layer) else None
    if kind is None or isinstance(kind, JoinKind) or not isinstance(step, tree.Layer):
        raise _another_way()
    given: dict[str, Value] = {}
    blanks: dict[str, str] = {}
    for name, argument in bind(step.kind, slots_of(kind), step.arguments, kind.usage, _refused):
        if isinstance(argument.value, tree.Blank) and argument.value.span in keys:
            blanks[name] = keys[argument.value.span]
        else:
            given[name] = _Constant().evaluate(argument.value)
            if _holds_unknown(given[name]):
                raise _another_way()
    return Step(kind, given, blanks)


def _refused(mistake: Mistake, _argument: tree.Argument) -> None:
    raise mistake


def _stated(node: tree.Expression | None, keys: Mapping[Span, str]) -> Any:
    """What an annotation states; UNKNOWN where it is absent or a blank that is judged elsewhere."""
    if node is None:
        return UNKNOWN
    value = _Constant().evaluate(node)
    if value is UNKNOWN and isinstance(node, tree.Blank) and node.span not in keys:
        return UNKNOWN
    if _holds_unknown(value) or isinstance(value, (Word, bool)):
        raise _another_way()
    parts = tuple(value) if isinstance(value, (tuple, list)) else (value,)
    wholes = tuple(as_whole(part) for part in parts)
    if any(whole is None for whole in wholes):
        raise _another_way()
    return wholes


def _holds_unknown(value: Any) -> bool:
    return value is UNKNOWN or (isinstance(value, (tuple, list)) and any(map(_holds_unknown, value)))


def _another_way() -> Mistake:
    return Mistake("E226", "this is no chain of layers")
