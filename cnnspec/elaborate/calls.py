"""Steps that are one word and its arguments: layers, joins with names, block calls, `apply`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from cnnspec import layers
from cnnspec.diagnostics import Mistake, Repair
from cnnspec.elaborate.binding import bind, slots_of, slots_of_block
from cnnspec.elaborate.building import add_layer, lose, name_layer, open_value, operate
from cnnspec.elaborate.scopes import BlockReference, FileScope, Frame, Instance, entering
from cnnspec.language import say
from cnnspec.layers._kind import JoinKind, Kind
from cnnspec.layers._open import OPEN
from cnnspec.network import Value as FlowValue
from cnnspec.source import Span
from cnnspec.suggest import closest, did_you_mean
from cnnspec.syntax import tree
from cnnspec.values import UNKNOWN, Value, Word, describe, is_open

if TYPE_CHECKING:
    from cnnspec.elaborate.walk import Walker


def layer(walker: Walker, node: tree.Layer) -> None:
    known = walker.constant_calls.get(id(node))
    if known is not None:
        kind_step(walker, node, *known)
        return
    callee = callee_of(walker, node)
    if callee is None:
        lose(walker)  # not understood: its arguments are not looked at
    elif isinstance(callee, Kind):
        kind_step(walker, node, callee, None)
    else:
        block_step(walker, node, callee)


def callee_of(walker: Walker, node: tree.Layer | tree.Join) -> Kind | BlockReference | None:
    """What the first word of a step stands for; None (reported or open) where that is not clear."""
    name: Any = node.kind
    scope = walker.frame.scope
    value = walker.variable(name)
    if value is not None:
        if isinstance(value, BlockReference):
            return value
        if not isinstance(value, Word):
            if value is not UNKNOWN:
                walker.report(
                    Mistake("E206", "`{name}` is {what}, not a layer kind or block", name=name, what=describe(value)),
                    node.kind_span,
                )
            return None
        name = str(value)
    if name in scope.blocks:
        return BlockReference(name, scope)
    kind = layers.find(name)
    if kind is None:
        walker.report(_unknown_kind(walker, name, node), node.kind_span)
    return kind


def _unknown_kind(walker: Walker, name: str, node: tree.Layer | tree.Join) -> Mistake:
    from cnnspec.elaborate.foreign import FOREIGN_KINDS, ORDERED, VAGUE

    here = FOREIGN_KINDS.get(name)
    near = here or closest(name, [*layers.names(), *walker.frame.scope.blocks])
    remedy = say("write `{right}`", right=here) if here else say("did you mean `{word}`?", word=near) if near else ""
    repair = Repair(near, "safe" if here and name not in VAGUE else "unsafe") if near else None
    if here in ORDERED and isinstance(node, tree.Layer):
        given = sum(argument.name is None for argument in node.arguments)
        if given >= ORDERED[here].needed:
            remedy, repair = ORDERED[here].remedy, None
    if name in walker.frame.values:
        remedy, repair = say("to continue from the value `{name}`, write `from {name}`", name=name), None
    return Mistake(
        "E201",
        "there is no layer kind or block `{name}`",
        help="{remedy}",
        repair=repair,
        name=name,
        remedy=remedy or say("`cnnspec layers` lists the kinds"),
    )


def kind_step(walker: Walker, node: tree.Layer, kind: Kind, given: dict[str, Value] | None) -> None:
    assert walker.flow is not None
    if isinstance(kind, JoinKind):
        _join_names(walker, node, kind)
        return
    if given is None:
        given = arguments(walker, node, kind)
        if given is None:
            _after_bad_arguments(walker, kind, node)
            return
    inputs = (walker.flow,)
    operation = operate(walker, kind, given, inputs, node, node.span)
    layer = add_layer(walker, operation, inputs, node.span, node.alias)
    if node.alias is not None:
        walker.frame.instances[node.alias] = Instance(layer.name, kind.name, given)


def _after_bad_arguments(walker: Walker, kind: Kind, node: tree.Layer) -> None:
    assert walker.flow is not None
    size = None if is_open(walker.flow.size) else kind.guess({}, walker.flow.size)
    operation = OPEN.of_size((walker.flow.size,), UNKNOWN if size is None else size)
    add_layer(walker, operation, (walker.flow,), node.span, node.alias)


def arguments(walker: Walker, node: tree.Layer, kind: Kind) -> dict[str, Value] | None:
    """The arguments by short name, evaluated; None where one of them could not be placed (reported)."""
    placed = True

    def misplaced(mistake: Mistake, argument: tree.Argument) -> None:
        nonlocal placed
        placed = False
        walker.report(mistake, argument.name_span or argument.span)

    slots = slots_of(kind)
    given = {
        name: walker.attempt(argument.value)
        for name, argument in bind(node.kind, slots, node.arguments, kind.usage, misplaced)
    }
    if not placed:
        return None
    if walker.variable(node.kind) is None and all(is_constant(argument.value) for argument in node.arguments):
        walker.constant_calls[id(node)] = kind, given
    return given


def _join_names(walker: Walker, node: tree.Layer, kind: JoinKind) -> None:
    """`add skip`, `concat s1, s2`: the arriving value first."""
    assert walker.flow is not None
    values = [walker.flow]
    for argument in node.arguments:
        try:
            values.append(_joined_value(walker, kind, argument))
        except Mistake as mistake:
            walker.report(mistake, argument.span)
            values.append(open_value(walker, (), UNKNOWN))
    if len(values) < 2:
        walker.report(nothing_to_join(kind), node.span)
        return
    join(walker, kind, tuple(values), node.span, node.alias, node)


def _joined_value(walker: Walker, kind: JoinKind, argument: tree.Argument) -> FlowValue:
    if argument.name is not None:
        raise Mistake(
            "E202",
            "`{kind}` has no argument `{name}`",
            help="write the names of values",
            kind=kind.name,
            name=argument.name,
        )
    if isinstance(argument.value, tree.Name):
        return walker.value_named(argument.value.name, argument.value.span)
    value = walker.evaluate(argument.value)
    if value is UNKNOWN:
        return open_value(walker, (), UNKNOWN)
    raise Mistake(
        "E206",
        "`{kind}` joins values by their names, not {what}",
        help="give the value a name with `as` and write that name",
        kind=kind.name,
        what=describe(value),
    )


def nothing_to_join(kind: Kind) -> Mistake:
    return Mistake(
        "E407",
        "`{kind}` has nothing to join",
        help="name a value (`{kind} skip`), or write branches: `{kind} {{ branch {{ … }} branch {{ … }} }}`",
        kind=kind.name,
    )


def join(
    walker: Walker,
    kind: JoinKind,
    values: tuple[FlowValue, ...],
    span: Span,
    alias: str | None,
    node: tree.Layer | None = None,
) -> None:
    operation = operate(walker, kind, {}, values, node, span)
    add_layer(walker, operation, values, span, alias)


def block_step(walker: Walker, node: tree.Layer, reference: BlockReference) -> None:
    block, home = reference.scope.blocks[reference.name]
    walker.called.add(id(block))
    if reference.name in home.recursive or _runs_already(walker, block):
        if reference.name not in home.recursive:
            walker.report(recursive(reference.name), node.kind_span)
        lose(walker)
        return
    parameters = _block_arguments(walker, node, block)
    if parameters is None:
        lose(walker)
        return
    prefix = enter(walker, block, home, parameters, node.span, node.alias)
    if node.alias is not None:
        walker.frame.instances[node.alias] = Instance(prefix, block=block, scope=home, parameters=parameters)


def _runs_already(walker: Walker, block: tree.Block) -> bool:
    return any(running is block for running in walker.running)


def _block_arguments(walker: Walker, node: tree.Layer, block: tree.Block) -> dict[str, Value] | None:
    placed = True

    def misplaced(mistake: Mistake, argument: tree.Argument) -> None:
        nonlocal placed
        placed = False
        walker.report(mistake, argument.name_span or argument.span)

    def usage() -> str:
        return f"{block.name} {', '.join(p.name for p in block.parameters)}".rstrip()

    slots = slots_of_block(block)
    given = {
        name: walker.attempt(argument.value)
        for name, argument in bind(node.kind, slots, node.arguments, usage, misplaced)
    }
    if not placed:
        return None
    missing = [slot.name for slot in slots if slot.required and slot.name not in given]
    if missing:
        walker.report(
            Mistake(
                "E203",
                "`{callee}` needs `{name}`",
                help="write `{usage}`",
                callee=node.kind,
                name=missing[0],
                usage=usage(),
            ),
            node.kind_span,
        )
        given.update(dict.fromkeys(missing, UNKNOWN))
    return given


def enter(
    walker: Walker,
    block: tree.Block,
    home: FileScope,
    given: dict[str, Value],
    span: Span,
    alias: str | None,
    shared: str | None = None,
) -> str:
    """Runs a block's body in a frame of its own; returns the prefix of its layers' names."""
    walker.charge(5)
    outer = walker.frame
    name = name_layer(walker, block.name, alias)
    if shared is None and outer.shared_prefix is not None:
        shared = outer.shared_prefix + name[len(outer.prefix) :] + "."
    frame = Frame(
        home,
        block=block,
        parameters={},
        prefix=f"{name}.",
        trace=entering(outer, block.name, outer.scope.source.row(span.start)),
        shared_prefix=shared,
    )
    iteration, walker.iteration = walker.iteration, 0
    running, walker.running = walker.running, (*walker.running, block)
    branches, walker.branches = walker.branches, None
    walker.frame = frame
    try:
        with walker.deeper(block.name_span):
            for parameter in block.parameters:
                known = parameter.name in given
                frame.parameters[parameter.name] = (
                    given[parameter.name] if known or parameter.default is None else walker.attempt(parameter.default)
                )
            walker.run(block.body)
    finally:
        walker.frame, walker.iteration, walker.running, walker.branches = outer, iteration, running, branches
    return frame.prefix


def rehearse(walker: Walker, block: tree.Block, home: FileScope) -> None:
    """Looks through a block that nobody calls, with everything open, for mistakes that show all the same."""
    frame, flow, count = walker.frame, walker.flow, len(walker.layers)
    parameters: dict[str, Value] = {p.name: UNKNOWN for p in block.parameters}
    walker.frame, walker.flow = Frame(home), open_value(walker, (), UNKNOWN)
    try:
        enter(walker, block, home, parameters, block.name_span, None)
    finally:
        walker.frame, walker.flow = frame, flow
        del walker.layers[count:]


def apply(walker: Walker, node: tree.Apply) -> None:
    instance = walker.frame.instances.get(node.name)
    if instance is None:
        walker.report(_no_instance(walker, node.name), node.name_span)
        lose(walker)
        return
    assert walker.flow is not None
    alias = node.alias or node.name
    if instance.block is not None:
        assert instance.scope is not None
        assert instance.parameters is not None
        enter(walker, instance.block, instance.scope, dict(instance.parameters), node.span, alias, instance.prefix)
    elif instance.given is not None:
        kind = layers.find(instance.kind)
        assert kind is not None
        operation = operate(walker, kind, instance.given, (walker.flow,), None, node.span)
        add_layer(walker, operation, (walker.flow,), node.span, alias, shares=instance.prefix)


def _no_instance(walker: Walker, name: str) -> Mistake:
    """Why `apply NAME` finds no layer and no block call of that name."""
    if name in walker.frame.values:
        return Mistake(
            "E208",
            "`{name}` is a value, not one layer or block call",
            help="name a layer or a block call with `as`; to continue from the value, write `from {name}`",
            name=name,
        )
    if name in walker.names_given_later():
        return Mistake("E406", "`{name}` is used before it is given", help="move the line below `as {name}`", name=name)
    remedy = did_you_mean(name, walker.frame.instances) or say("name one with `as`: `conv 8, f=3 as shared`")
    return Mistake("E208", "there is no layer or block call `{name}`", help="{remedy}", name=name, remedy=remedy)


def recursive(name: str) -> Mistake:
    return Mistake(
        "E210",
        "block `{name}` calls itself",
        help="use `repeat` or `for` to do something several times",
        name=name,
    )


def is_constant(node: tree.Expression) -> bool:
    """Whether the value cannot depend on where the expression stands."""
    if isinstance(node, (tree.Number, tree.Boolean, tree.Text, tree.Blank)):
        return True
    if isinstance(node, (tree.SizeLiteral, tree.ListLiteral)):
        return all(map(is_constant, node[0]))
    if isinstance(node, tree.Unary):
        return is_constant(node.operand)
    return isinstance(node, tree.Binary) and is_constant(node.left) and is_constant(node.right)
