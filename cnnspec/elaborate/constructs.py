"""Steps with braces, and `from`: joins of branches, loops, conditions, frozen parts."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from cnnspec import layers
from cnnspec.diagnostics import Mistake
from cnnspec.elaborate.building import lose
from cnnspec.elaborate.calls import callee_of, join, nothing_to_join
from cnnspec.elaborate.letters import known_needed
from cnnspec.elaborate.limits import INNER, TOP_IF
from cnnspec.language import say
from cnnspec.layers._kind import JoinKind
from cnnspec.network import Value as FlowValue
from cnnspec.source import Span
from cnnspec.syntax import tree
from cnnspec.values import UNKNOWN, Symbolic, Value, Word, as_whole, describe

if TYPE_CHECKING:
    from cnnspec.elaborate.walk import Walker


def join_step(walker: Walker, node: tree.Join) -> None:
    kind = callee_of(walker, node)
    if not isinstance(kind, JoinKind):
        if kind is not None:
            walker.report(
                Mistake(
                    "E407",
                    "`{name}` is no join: it takes no braces",
                    help="use add, sub, mul, average, maximum or concat",
                    name=node.kind,
                ),
                node.kind_span,
            )
        lose(walker)
        return
    values = tuple(value for value, _ in branches_of(walker, node.body, node.kind_span))
    if not values:
        walker.report(nothing_to_join(kind), node.kind_span)
    elif len(values) == 1:
        walker.flow = values[0]
    else:
        join(walker, kind, values, node.kind_span, node.alias)


def branches_of(walker: Walker, body: tree.Body, span: Span) -> list[tuple[FlowValue, Span]]:
    """Runs the branches of a join from the arriving value; returns what each yields."""
    arriving, outer = walker.flow, walker.branches
    walker.branches = []
    try:
        walker.run_inner(body, span)
        return walker.branches
    finally:
        walker.branches = outer
        walker.flow = arriving


def branch(walker: Walker, node: tree.Branch) -> None:
    arriving = walker.flow
    collected, walker.branches = walker.branches, None
    try:
        walker.run_inner(node.body, node.span)
    finally:
        walker.branches = collected
    result = walker.flow
    assert result is not None
    if collected is not None:
        collected.append((result, node.span))
    if node.alias is not None:
        assert node.alias_span is not None
        walker.name_value(node.alias, node.alias_span, result)
    walker.flow = arriving


def residual(walker: Walker, node: tree.Residual) -> None:
    condition: bool | Any = True
    if node.condition is not None:
        condition = decide(walker, node.condition, "residual if")
    arriving = walker.flow
    walker.run_inner(node.body, node.span)
    main = walker.flow
    assert main is not None
    assert arriving is not None
    if condition is UNKNOWN:
        lose(walker)
    elif condition:
        walker.flow = arriving
        if node.shortcut is not None:
            walker.run_inner(node.shortcut, node.span)
        kind = layers.find("add")
        assert isinstance(kind, JoinKind)
        assert walker.flow is not None
        join(walker, kind, (main, walker.flow), node.span, node.alias)


def decide(walker: Walker, node: tree.Expression, word: str) -> bool | Any:
    """A condition; UNKNOWN, and a report, where it is none."""
    try:
        return walker.condition(node, word)
    except Mistake as mistake:
        walker.report(mistake, node.span)
        return UNKNOWN


def repeat(walker: Walker, node: tree.Repeat) -> None:
    times = walker.attempt(node.times)
    if isinstance(times, Word):
        walker.report(walker.undefined(times, node.times.span), node.times.span)
        times = UNKNOWN
    whole = as_whole(times)
    if isinstance(whole, Symbolic):
        walker.report(known_needed(say("the number of rounds"), whole, None), node.times.span)
        whole = UNKNOWN
    if whole is None or whole < 0:
        mistake = Mistake(
            "E206" if whole is None else "E207",
            "`repeat` needs a whole number, not {given}" if whole is None else "`repeat` needs 0 or more, not {given}",
            given=describe(times),
        )
        walker.report(mistake, node.times.span)
        whole = UNKNOWN
    if not isinstance(whole, int):
        tentatively(walker, lambda: walker.run_inner(node.body, node.span))
        return
    walker.expect_room(whole, node.body)
    for number in range(whole):
        _round(walker, node.body, node.span, {}, number)


def _round(walker: Walker, body: tree.Body, span: Span, lets: dict[str, Value], number: int) -> None:
    """One pass through the body of a loop: names given in it may be given anew in the next."""
    walker.charge(1)
    outer = walker.iteration
    walker.iterations += 1
    walker.iteration = walker.iterations
    walker.rounds.append(number + 1)
    try:
        walker.run_inner(body, span, lets)
    finally:
        walker.iteration = outer
        walker.rounds.pop()


def for_step(walker: Walker, node: tree.For) -> None:
    values = walker.attempt(node.values)
    if not isinstance(values, (list, tuple)):
        if values is not UNKNOWN:
            mistake = Mistake(
                "E206",
                "`for` goes through a list or range, not {what}",
                help="write `1..4` or `[64, 128]`",
                what=describe(values),
            )
            walker.report(
                walker.undefined(values, node.values.span) if isinstance(values, Word) else mistake, node.values.span
            )
        lets = dict.fromkeys(node.names, UNKNOWN)
        tentatively(walker, lambda: walker.run_inner(node.body, node.span, dict(lets)))
        return
    walker.expect_room(len(values), node.body)
    for number, value in enumerate(values):
        lets = _unpack(walker, node, value)
        _round(walker, node.body, node.span, lets, number)


def _unpack(walker: Walker, node: tree.For, value: Value) -> dict[str, Value]:
    if len(node.names) == 1:
        return {node.names[0]: value}
    if isinstance(value, (list, tuple)) and len(value) == len(node.names):
        return dict(zip(node.names, value, strict=True))
    if value is not UNKNOWN:
        walker.report(
            Mistake(
                "E223",
                "{names} names, but {value}",
                help="give each round a list of {names} values",
                names=len(node.names),
                value=describe(value),
            ),
            node.values.span,
        )
    return dict.fromkeys(node.names, UNKNOWN)


def if_step(walker: Walker, node: tree.If) -> None:
    for index, (condition, body) in enumerate(node.cases):
        verdict = decide(walker, condition, "if")
        if verdict is UNKNOWN:
            rest = [body, *(other for _, other in node.cases[index + 1 :]), node.otherwise or ()]
            for other in rest:
                tentatively(walker, lambda other=other: _run_case(walker, other, node.span))  # type: ignore[misc]
            return
        if verdict:
            _run_case(walker, body, node.span)
            return
    if node.otherwise is not None:
        _run_case(walker, node.otherwise, node.span)


def _run_case(walker: Walker, body: tree.Body, span: Span) -> None:
    place = TOP_IF if walker.place != INNER else INNER
    with walker.deeper(span):
        walker.place = place
        walker.frame.lets.append({})
        try:
            walker.run(body)
        finally:
            walker.frame.lets.pop()


def tentatively(walker: Walker, run: Callable[[], None]) -> None:
    """Runs what may or may not happen, for its mistakes only; the flow is open afterwards."""
    flow, first, branches = walker.flow, len(walker.layers), walker.branches
    if branches is not None:
        walker.branches = []
    try:
        run()
    finally:
        for layer in walker.layers[first:]:
            walker.names.pop(layer.name, None)
        del walker.layers[first:]
        walker.branches = branches
        walker.flow = flow
    lose(walker)
    if branches is not None:
        assert walker.flow is not None
        branches.append((walker.flow, Span(0, 0)))


def frozen(walker: Walker, node: tree.Frozen) -> None:
    outer, walker.frozen = walker.frozen, True
    try:
        walker.run_inner(node.body, node.span)
    finally:
        walker.frozen = outer


def from_step(walker: Walker, node: tree.From) -> None:
    try:
        walker.flow = walker.value_named(node.name, node.name_span)
    except Mistake as mistake:
        walker.report(mistake, node.name_span)
        lose(walker)
