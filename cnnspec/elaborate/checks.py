"""Annotations, expectations and examples: what the author says, against what is."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from cnnspec import layers
from cnnspec.diagnostics import Mistake
from cnnspec.elaborate.building import open_value
from cnnspec.elaborate.expressions import ORDERINGS, Evaluator, equals
from cnnspec.elaborate.scopes import FIGURES, FLOW_FIGURES, Binding
from cnnspec.figures import depth, receptive_field
from cnnspec.language import plural, say
from cnnspec.layers._kind import literal_shape
from cnnspec.layers._open import OPEN
from cnnspec.network import Example, Input, Layer, Network
from cnnspec.network import Value as FlowValue
from cnnspec.sizes import at
from cnnspec.source import Span
from cnnspec.suggest import did_you_mean
from cnnspec.syntax import tree
from cnnspec.values import (
    UNKNOWN,
    Dim,
    Size,
    Symbolic,
    Value,
    Word,
    as_whole,
    describe,
    is_number,
    is_open,
    known,
    show,
    show_count,
)

if TYPE_CHECKING:
    from cnnspec.elaborate.walk import Walker

MOST_LINES = 12

# --- annotations -----------------------------------------------------------------------------------------------------


def check_annotation(walker: Walker, node: tree.Flow, arriving: FlowValue | None, first: int) -> None:
    """`-> 12x12x10, 260 params` after a statement; `arriving` came in, layers from `first` on were added."""
    annotation = node.annotation
    result = walker.flow
    assert annotation is not None
    assert result is not None
    walker.flow = arriving  # figures such as `height` are those of the value that arrived
    try:
        size = UNKNOWN if annotation.size is None else stated_size(walker, annotation.size)
        count = UNKNOWN if annotation.params is None else stated_count(walker, annotation.params)
    except Mistake as mistake:
        walker.report(mistake, annotation.span)
        size = count = UNKNOWN
    walker.flow = result
    added = walker.layers[first:]
    check_size(walker, size, result, added, annotation)
    if count is not UNKNOWN:
        check_count(walker, count, added, annotation)


def stated_size(walker: Evaluator, node: tree.Expression) -> Size | Any:
    value = walker.evaluate(node)
    if isinstance(value, Word):
        raise walker.undefined(value, node.span)
    if value is UNKNOWN:
        return value
    parts = tuple(value) if isinstance(value, (tuple, list)) else (value,)
    wholes = tuple(as_whole(part) for part in parts)
    if any(whole is None for whole in wholes):
        raise Mistake(
            "E206",
            "after `->` stands a size or a count, not {what}",
            help="write a size such as 12x12x10, or a count such as `260 params`",
            span=node.span,
            what=describe(value),
        )
    return wholes


def stated_count(walker: Evaluator, node: tree.Expression) -> Dim:
    value = walker.evaluate(node)
    if isinstance(value, Word):
        raise walker.undefined(value, node.span)
    whole = as_whole(value)
    if whole is None:
        raise Mistake(
            "E206", "the number of parameters is a whole number, not {what}", span=node.span, what=describe(value)
        )
    return whole


def check_size(
    walker: Walker, stated: Size | Any, result: FlowValue, added: list[Layer], annotation: tree.Annotation
) -> None:
    """A stated size that is certainly wrong is an error; one that says more than is known is taken."""
    if stated is UNKNOWN:
        return
    if result in walker.doubtful:
        believe(walker, result, stated)
        return
    actual = result.size
    if not is_open(actual) and equals(stated, actual) is False:
        assert annotation.size is not None
        walker.report(
            Mistake(
                "E402",
                "the size here is {actual}, not {stated}",
                lines=_size_arithmetic(added),
                help="{remedy}",
                remedy=_comma_in_count(annotation) or _size_remedy(walker, actual, stated),
                label="should be {actual}",
                actual=show(actual),
                stated=show(stated),
            ),
            annotation.size.span,
        )
    elif not known(actual) and isinstance(result, Layer):
        settle_size(result, stated)


def believe(walker: Walker, result: FlowValue, stated: Size) -> None:
    """After an error or a blank the size is a guess: from here on the annotation counts."""
    if isinstance(result, Layer) and result.kind == "?":
        result.operation = OPEN.of_size(result.operation.inputs, stated)
        believed = result
    else:
        believed = walker.flow = open_value(walker, (result,), stated)
    walker.doubtful.discard(believed)


def _comma_in_count(annotation: tree.Annotation) -> str:
    """`-> 1,168 params` reads as the size 1 and 168 parameters."""
    size, params = annotation.size, annotation.params
    if isinstance(size, tree.Number) and isinstance(params, tree.Number) and len(params.text) == 3:
        return say("write a large count without a comma: `{count} params`", count=f"{size.text}_{params.text}")
    return ""


def _size_remedy(walker: Walker, actual: Size, stated: Size) -> str:
    if walker.rounds and walker.rounds[-1] > 1:
        return say(
            "this is round {round} of the loop: write what changes as arithmetic (`[height, width, 8]`)",
            round=walker.rounds[-1],
        )
    if walker.variant is not None:
        formula = _with_parameters(walker, actual, stated)
        if not formula:
            return say("write a formula that holds for every variant")
        return say("write `-> {formula}`: it has to hold for every variant", formula=formula)
    return say("write `-> {actual}`, or change the layers", actual=show(actual)) if known(actual) else ""


def _with_parameters(walker: Walker, actual: Size, stated: Size) -> str:
    """The size with what the variant sets in the places that are wrong: `[8, 8, filters]`; nothing where it is none."""
    assert walker.variant is not None
    values = {argument.name: walker.variable(argument.name or "") for argument in walker.variant.settings}
    parts = []
    for n, written in zip(actual, stated, strict=False):
        names = [name for name, value in values.items() if value == n and not isinstance(value, bool)]
        parts.append(show(n) if n == written else names[0] if len(names) == 1 else None)
    if len(actual) != len(stated) or None in parts:
        return ""
    return f"[{', '.join(map(str, parts))}]" if len(parts) > 1 else str(parts[0])


def settle_size(layer: Layer, stated: Size) -> None:
    """Where a blank or an error left the size open, the annotation fixes it."""
    actual = layer.size
    merged = tuple(s if a is UNKNOWN else a for a, s in zip(stated if is_open(actual) else actual, stated, strict=True))
    old = layer.operation
    operation = type(old)(old.kind, old.args, old.inputs, merged)
    operation.tensors, operation.macs, operation.params, operation.trainable = (
        old.tensors,
        old.macs,
        old.params,
        old.trainable,
    )
    layer.operation = operation


def _size_arithmetic(added: list[Layer]) -> tuple[str, ...]:
    """The arithmetic of the layers of the statement that changed the size, at most four lines."""
    lines = [
        say("{name}: {text}", name=layer.kind, text=line)
        for layer in added
        if layer.operation.inputs and layer.size != layer.operation.inputs[0] and layer.operation.args is not None
        for line in layer.definition.explain_size(layer.operation)
    ]
    return _first(lines)


def _first(lines: list[str]) -> tuple[str, ...]:
    """The lines, as many as one reads at the place of an error."""
    return (
        tuple(lines)
        if len(lines) <= MOST_LINES
        else (*lines[:MOST_LINES], say("and so on: `cnnspec explain` shows all"))
    )


def check_count(walker: Walker, stated: Dim, added: list[Layer], annotation: tree.Annotation) -> None:
    actual: Dim = 0
    for layer in added:
        actual = actual + layer.params
    if actual is UNKNOWN or actual == stated or any(layer in walker.doubtful for layer in added):
        return
    assert annotation.params is not None
    notes = [
        say("{name}: {text}", name=layer.kind, text=line)
        for layer in added
        if layer.params and layer.operation.args is not None
        for line in layer.definition.explain_params(layer.operation)
    ]
    walker.report(
        Mistake(
            "E403",
            "the parameters here are {actual}, not {stated}",
            lines=_first(notes),
            help="write a formula that holds for every variant"
            if walker.variant is not None
            else "write `{written} params`, or change the layers",
            written=f"{actual:_}",
            label="should be {actual}",
            actual=show_count(actual),
            stated=show_count(stated),
        ),
        annotation.params.span,
    )


# --- expect ----------------------------------------------------------------------------------------------------------


class Figures(Evaluator):
    """Evaluates the conditions of `expect` over a whole network."""

    def __init__(self, walker: Walker, network: Network) -> None:
        self.walker = walker
        self.network = network
        self.known: dict[str, Value] = {}

    def charge(self, steps: int) -> None:
        self.walker.charge(steps)

    def undefined(self, name: str, span: Span | None) -> Mistake:
        names = [*FIGURES, *self.network.outputs, *self.walker.frame.names()]
        if name == "count":
            remedy = say("write `count()` for all layers, or `count(conv)`")
        elif isinstance(self.walker.frame.values.get(name), Binding):
            remedy = say("write `output({name})` for its size", name=name)
        else:
            remedy = did_you_mean(name, names)
        figures = ", ".join(FIGURES)
        remedy = remedy or say("the figures are {figures}, output and the names of outputs", figures=figures)
        return Mistake("E410", "there is no figure `{name}`", help="{remedy}", span=span, name=name, remedy=remedy)

    def lookup(self, name: str, span: Span) -> Value:
        network = self.network
        if name in FIGURES and name != "count":
            if name not in self.known:
                self.known[name] = figure_of(name, network.layers, network)
            return self.known[name]
        if name in network.outputs:
            return network.outputs[name]
        if name == "output":
            return network.outputs[next(iter(network.outputs))]
        value = None if name in FLOW_FIGURES and self.walker.variable(name) is None else self.walker.lookup(name, span)
        if value is None or isinstance(value, (Input, Layer)):
            raise self.undefined(name, span)
        return value

    def call(self, node: tree.Call) -> Value:
        if node.function == "count":
            return self._count(node)
        if node.function in FIGURES or node.function == "output":
            return self._of_part(node)
        return super().call(node)

    def _count(self, node: tree.Call) -> Value:
        self.charge(len(self.network.layers) // 8)
        kinds = []
        for argument in node.arguments:
            value = self.walker.lookup(argument.name, argument.span) if isinstance(argument, tree.Name) else None
            if not isinstance(value, Word) or not layers.find(value):
                raise Mistake(
                    "E201",
                    "`count` takes layer kinds, not {what}",
                    help="{remedy}",
                    span=argument.span,
                    what=describe(value) if value is not None else say("this"),
                    remedy=did_you_mean(str(value), layers.names())
                    or say("write for example `count(conv, depthwise)`"),
                )
            kinds.append(str(value))
        open_layers = any(layer.kind == "?" for layer in self.network.layers)
        if open_layers:
            return UNKNOWN
        return sum(not kinds or layer.kind in kinds for layer in self.network.layers)

    def _of_part(self, node: tree.Call) -> Value:
        """`params(head)`: a figure of one layer or block instance."""
        if len(node.arguments) != 1 or not isinstance(node.arguments[0], tree.Name):
            raise Mistake(
                "E212",
                "`{function}(…)` takes the name of one layer or block",
                help="write for example `{function}(conv1)`",
                span=node.span,
                function=node.function,
            )
        name = node.arguments[0].name
        self.charge(3 * len(self.network.layers))
        part = [layer for layer in self.network.layers if layer.name == name or layer.name.startswith(f"{name}.")]
        named = self.walker.frame.values.get(name)
        if not part and node.function == "output" and named is not None:
            return named.value.size
        if not part:
            scopes = {layer.name.partition(".")[0] for layer in self.network.layers}
            raise Mistake(
                "E208",
                "there is no layer or block instance `{name}`",
                help="{remedy}",
                span=node.arguments[0].span,
                name=name,
                remedy=did_you_mean(name, scopes) or say("name it with `as`; `cnnspec summary` lists the names"),
            )
        return figure_of(node.function, part, self.network)


def figure_of(name: str, part: Any, network: Network) -> Value:
    """A figure of some layers of a network."""
    if name == "depth":
        return depth(network, part)
    if name == "receptive_field":
        return receptive_field(network, part)
    if name == "output":
        return part[-1].size
    total: Dim = 0
    for layer in part:
        total = total + getattr(layer, name)
    return total


def check_expect(figures: Figures, condition: tree.Expression) -> None:
    """Reports what is false in a condition; each side of an `and` for itself."""
    if isinstance(condition, tree.Binary) and condition.operator == "and":
        check_expect(figures, condition.left)
        check_expect(figures, condition.right)
        return
    walker = figures.walker
    try:
        verdict = figures.condition(condition, "expect")
        if verdict is False:
            raise _false(figures, condition)
    except Mistake as mistake:
        walker.report(mistake, condition.span)


def _false(figures: Figures, condition: tree.Expression) -> Mistake:
    source = figures.walker.frame.scope.source
    text = source.text[condition.span.start : condition.span.end]
    if not isinstance(condition, tree.Binary) or condition.operator not in ("==", "!=", *ORDERINGS):
        return Mistake("E404", "`{text}` does not hold", text=" ".join(text.split()))
    left, right = figures.evaluate(condition.left), figures.evaluate(condition.right)
    what = " ".join(source.text[condition.left.span.start : condition.left.span.end].split())
    if condition.operator == "!=":
        return Mistake("E404", "{what} is {left}", what=what, left=_shown(left))
    subtract = is_number(left) and is_number(right) and condition.operator == "=="
    return Mistake(
        "E404",
        "{comparison}",
        notes=("{left} - {right} = {difference}",) if subtract else (),
        help="`cnnspec explain` shows how the figure comes about",
        comparison=_refuted(condition.operator, what, _shown(left), _shown(right)),
        left=_shown(left),
        right=_shown(right),
        difference=_shown(left - right) if subtract else "",
    )


def _refuted(operator: str, what: str, left: str, right: str) -> str:
    """That a comparison does not hold: `macs` is 7, not below 5."""
    values = {"what": what, "left": left, "right": right}
    match operator:
        case "==":
            return say("{what} is {left}, not {right}", **values)
        case "<":
            return say("{what} is {left}, not below {right}", **values)
        case "<=":
            return say("{what} is {left}, not at most {right}", **values)
        case ">":
            return say("{what} is {left}, not above {right}", **values)
    return say("{what} is {left}, not at least {right}", **values)


def _shown(value: Value) -> str:
    if isinstance(value, tuple) and len(value) == 1:  # a row of values is compared with their number
        (value,) = value
    return show_count(value) if isinstance(value, int) and not isinstance(value, bool) else show(value)


# --- example ---------------------------------------------------------------------------------------------------------


def make_example(walker: Walker, node: tree.Example, network: Network) -> Example:
    """The values of an `example` line, checked against the sizes. Raises Mistake."""
    for nodes, sizes, arriving in ((node.inputs, network.inputs, True), (node.outputs, network.outputs, False)):
        if len(nodes) != len(sizes):
            raise Mistake(
                "E409",
                "{count}, the example {given}",
                help="write one value for each input, separated by commas"
                if arriving
                else "write one value for each output, separated by commas",
                count=_count_of_inputs(len(sizes)) if arriving else _count_of_outputs(len(sizes)),
                given=len(nodes),
            )
    letters: dict[str, int] = {}
    if network.letters:
        from cnnspec.elaborate.letters import letters_of_example

        letters = letters_of_example(walker, node, network)
    inputs = tuple(
        _example_value(walker, n, at(size, letters))
        for n, size in zip(node.inputs, network.inputs.values(), strict=True)
    )
    outputs = tuple(
        _example_value(walker, n, at(size, letters))
        for n, size in zip(node.outputs, network.outputs.values(), strict=True)
    )
    tolerances = tuple(tuple(_tolerances(n)) for n in node.outputs)
    return Example(inputs, outputs, tolerances, walker.frame.scope.source, node.span, tuple(letters.items()))


def _count_of_inputs(count: int) -> str:
    return plural("the network has {n} input", "the network has {n} inputs", count)


def _count_of_outputs(count: int) -> str:
    return plural("the network has {n} output", "the network has {n} outputs", count)


def _example_value(walker: Walker, node: tree.Expression, size: Size) -> Any:
    value = walker.evaluate(node)
    if value is UNKNOWN:
        return value
    if isinstance(value, Word):
        raise walker.undefined(value, node.span)
    try:
        shape = literal_shape(list(value) if isinstance(value, tuple) else value, say("the example"))
    except Mistake as mistake:
        raise Mistake("E409", mistake.message, span=node.span, **mistake.values) from None
    settled = known(size) and not any(isinstance(n, Symbolic) for n in size)
    if settled and [n for n in shape if n != 1] != [n for n in size if n != 1]:
        raise Mistake(
            "E409",
            "the value is of size {given}, the network has {size}",
            help="write rows of columns (of channels); axes of size one may be left out",
            span=node.span,
            given="x".join(map(str, shape)) or say("one number"),
            size=show(size),
        )
    return value


def _tolerances(node: tree.Expression) -> list[float | None]:
    """Half a unit of the last digit printed, for each number of an expected value."""
    if isinstance(node, tree.ListLiteral):
        return [tolerance for item in node.items for tolerance in _tolerances(item)]
    if isinstance(node, tree.Blank):
        return [None]
    if isinstance(node, tree.Unary):
        return _tolerances(node.operand)
    if isinstance(node, tree.Number):
        return [half_unit(node.text)]
    return [1e-4]


def half_unit(text: str) -> float:
    """
    >>> half_unit("0.717"), half_unit("5"), half_unit("1.5e-3")
    (0.0005, 0.5, 5e-05)
    """
    mantissa, _, exponent = text.replace("_", "").lower().partition("e")
    decimals = len(mantissa.partition(".")[2])
    return 0.5 * 10.0 ** (int(exponent or 0) - decimals)
