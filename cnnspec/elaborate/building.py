"""Layers and their names: operations are made of kinds and sizes, and take their place in the network."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from cnnspec import layers
from cnnspec.diagnostics import Label, Mistake
from cnnspec.elaborate.limits import MAX_LAYERS, TooLarge
from cnnspec.language import number, say
from cnnspec.layers._kind import JoinKind, Kind, Operation
from cnnspec.layers._open import OPEN
from cnnspec.network import Input, Layer
from cnnspec.network import Value as FlowValue
from cnnspec.source import Span
from cnnspec.syntax import tree
from cnnspec.values import UNKNOWN, Size, Value, Word, is_open, show_size

if TYPE_CHECKING:
    from cnnspec.elaborate.walk import Walker

AXES_MATTER = ("E309",)  # what is said of an argument only where the number of axes is known


def open_value(walker: Walker, inputs: tuple[FlowValue, ...], size: Size | Any) -> Layer:
    """A value of which at most the size is known."""
    operation = OPEN.of_size(tuple(value.size for value in inputs), size)
    span = getattr(walker.current, "span", Span(0, 0))
    layer = Layer("?", operation, inputs, walker.frame.scope.source, span)
    walker.doubtful.add(layer)
    return layer


def lose(walker: Walker) -> None:
    """From here on nothing is known of the flow (until an annotation says a size)."""
    walker.flow = open_value(walker, () if walker.flow is None else (walker.flow,), UNKNOWN)
    walker.layers.append(walker.flow)


def name_layer(walker: Walker, base: str, alias: str | None) -> str:
    """A new layer's or block instance's name: kind and number within the scope, or its alias."""
    frame = walker.frame
    number = frame.counters.get(base, 0) + 1
    frame.counters[base] = number
    if alias is None:
        name = f"{frame.prefix}{base}{number}"
        while name in walker.names:
            number += 1
            name = f"{frame.prefix}{base}{number}"
    else:
        name = first = frame.prefix + alias
        number = frame.counters.get(first, 1)
        while name in walker.names:
            number += 1
            name = f"{first}_{number}"
        frame.counters[first] = number
    walker.names[name] = None
    return name


def add_layer(
    walker: Walker,
    operation: Operation,
    inputs: tuple[FlowValue, ...],
    span: Span,
    alias: str | None,
    shares: str | None = None,
) -> Layer:
    """Appends a layer with its name and, in a repeated (`apply`) run, the layer whose weights it uses."""
    if len(walker.layers) >= MAX_LAYERS:
        raise TooLarge(
            Mistake("E219", "the network has more than {limit} layers", limit=number(MAX_LAYERS)), walker.frame
        )
    frame = walker.frame
    name = name_layer(walker, operation.kind.name, alias)
    if shares is None and frame.shared_prefix is not None:
        shares = frame.shared_prefix + name[len(frame.prefix) :]
    original = _shared(walker, shares, operation, span) if shares is not None and operation.tensors else None
    layer = Layer(
        name, operation, inputs, frame.scope.source, span, frozen=walker.frozen, shares=original, trace=frame.trace
    )
    walker.layers.append(layer)
    if operation.kind is OPEN or (walker.doubtful and not walker.doubtful.isdisjoint(inputs)):
        walker.doubtful.add(layer)
    walker.names[name] = layer
    walker.flow = layer
    return layer


def _shared(walker: Walker, name: str, operation: Operation, span: Span) -> Layer | None:
    original = walker.names.get(name)
    tensors = [(t.name, t.shape) for t in operation.tensors]
    if original is not None and tensors == [(t.name, t.shape) for t in original.operation.tensors]:
        return original.shares or original
    mistake = Mistake(
        "E408",
        "the weights of `{name}` do not fit here",
        lines=()
        if original is None
        else (
            say("there: {shapes}", shapes=_shapes(original.operation)),
            say("here: {shapes}", shapes=_shapes(operation)),
        ),
        help="apply it to a value of the same number of channels, or call the block anew",
        name=name,
    )
    walker.report(mistake, span)
    return None


def operate(
    walker: Walker,
    kind: Kind,
    given: dict[str, Value],
    inputs: tuple[FlowValue, ...],
    node: tree.Layer | None,
    span: Span,
) -> Operation:
    """The kind on these inputs; after a mistake, an open operation of the size that is still clear."""
    sizes = tuple(value.size for value in inputs)
    if any(map(is_open, sizes)) or any(is_open(getattr(v, "size", 0)) for v in given.values()):
        _check_arguments(walker, kind, given, node, span)
        return OPEN.of_size(sizes, UNKNOWN)
    key = (kind.name, tuple((name, type(value), _hashable(value)) for name, value in given.items()), sizes)
    operation = walker.operations.get(key)
    if operation is not None:
        return operation
    try:
        _check_elements(kind, inputs)
        operation = walker.operations[key] = kind.operation(given, sizes)
    except OverflowError:  # only sizes with letters have a limit of their own
        walker.report(Mistake("E219", "the size after `{kind}` is too complicated to follow", kind=kind.name), span)
        return OPEN.of_size(sizes, UNKNOWN)
    except Mistake as mistake:
        at = _at_argument(node, kind, mistake) or span
        walker.report(_reworded(walker, mistake, given), at, _arrivals(walker, inputs, mistake, span))
        return OPEN.of_size(sizes, _guess(kind, given, sizes))
    return operation


def _check_arguments(walker: Walker, kind: Kind, given: dict[str, Value], node: tree.Layer | None, span: Span) -> None:
    """What can be said of the arguments alone, where the size that arrives is not known."""
    try:
        kind.read_arguments(given, None)
    except Mistake as mistake:
        if mistake.code not in AXES_MATTER:
            at = _at_argument(node, kind, mistake) or span
            walker.report(_reworded(walker, mistake, given), at)


def _reworded(walker: Walker, mistake: Mistake, given: dict[str, Value]) -> Mistake:
    """A bare word where a number is wanted is most likely a name with a slip in it."""
    value = given.get(mistake.argument)
    if mistake.code == "E206" and isinstance(value, Word) and not layers.find(value):
        return walker.undefined(value, mistake.span)
    if mistake.code == "E315" and all(len(x.size) == 1 for x in walker.inputs.values() if not is_open(x.size)):
        mistake.help = "give the input a known size, such as `input 100`"
    if mistake.values.get("multiples"):
        from cnnspec.elaborate.letters import sizes_with_multiples
        from cnnspec.layers._joins import make_equal

        sizes = [x.size for x in walker.inputs.values()]
        mistake.values["remedy"] = make_equal(sizes_with_multiples(sizes, mistake.values["multiples"]))
    return mistake


def _guess(kind: Kind, given: dict[str, Value], sizes: tuple[Size, ...]) -> Size | Any:
    size = kind.guess_joined(sizes) if isinstance(kind, JoinKind) else kind.guess(given, sizes[0])
    return UNKNOWN if size is None else size


def _check_elements(kind: Kind, inputs: tuple[FlowValue, ...]) -> None:
    integer = any(isinstance(value, Input) and value.integer for value in inputs)
    if integer and not kind.integers:
        raise Mistake(
            "E313",
            "`{kind}` computes with numbers, here arrive integers that stand for words",
            help="put `embedding` before it, or leave `integer` out of the input",
            kind=kind.name,
        )
    if kind.integers and not integer:
        raise Mistake(
            "E313",
            "`{kind}` takes integers, here arrive numbers",
            help="declare the input as integers: `input 56, integer`",
            kind=kind.name,
        )


def _at_argument(node: tree.Layer | None, kind: Kind, mistake: Mistake) -> Span | None:
    """The written argument that is to blame, positional or not; a repair takes the place of its value."""
    argument = _argument(node, kind, mistake.argument)
    if mistake.repair is not None:
        literal = argument is not None and isinstance(argument.value, (tree.Text, tree.Number))
        mistake.repair = mistake.repair._replace(span=argument.value.span) if argument and literal else None
    return argument.span if argument else None


def _argument(node: tree.Layer | None, kind: Kind, name: str) -> tree.Argument | None:
    if node is None or not name:
        return None
    positional = [a.name for a in kind.arguments if not a.keyword_only]
    for index, argument in enumerate(node.arguments):
        if argument.name is None:
            written = positional[index] if index < len(positional) else ""
        else:
            found = kind.argument("p" if argument.name == "padding" else argument.name)
            written = found.name if found else ""
        if written == name:
            return argument
    return None


def _arrivals(walker: Walker, inputs: tuple[FlowValue, ...], mistake: Mistake, span: Span) -> tuple[Label, ...]:
    """Says under the lines before what arrives, where sizes are the matter."""
    if not mistake.code.startswith("E3"):
        return ()
    source = walker.frame.scope.source
    return tuple(
        Label(source, value.span, say("gives {size}", size=show_size(value.size)))
        for value in dict.fromkeys(inputs)
        if value.source is source and value.span != span and value.span.end > 0
    )


def _hashable(value: Value) -> Any:
    return repr(value) if isinstance(value, list) else value


def _shapes(operation: Operation) -> str:
    return ", ".join(f"{t.name} {'x'.join(map(str, t.shape))}" for t in operation.tensors)
