"""The values of the model's parameters: given from outside, else by the chosen variant, else the default."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from cnnspec.diagnostics import Mistake
from cnnspec.elaborate.limits import MAX_DEPTH, TooLarge
from cnnspec.elaborate.scopes import BlockReference, FileScope, Frame, LazySetting
from cnnspec.language import say
from cnnspec.source import Span
from cnnspec.suggest import did_you_mean
from cnnspec.syntax import tree
from cnnspec.values import UNKNOWN, Value, Word, describe

if TYPE_CHECKING:
    from cnnspec.elaborate.program import Program
    from cnnspec.elaborate.walk import Walker


def declare(program: Program, model: tree.Model | None) -> None:
    """The parameters by name; their values are found when somebody asks, since they may be blocks or lets."""
    settings = program.frame.scope.settings
    chosen: dict[str, tree.Argument] = {}
    for argument in program.variant.settings if program.variant else ():
        chosen.setdefault(argument.name or "", argument)
    for parameter in model.parameters if model else ():
        given = (program.given[parameter.name],) if parameter.name in program.given else ()
        settings[parameter.name] = LazySetting(parameter, chosen.get(parameter.name), given)
    for name in program.given:
        if name not in settings:
            mistake = unknown_parameter(name, {**settings, **program.letters})
            program.report(mistake, model.name_span if model else Span(0, 0))


def unknown_parameter(name: str, known: Mapping[str, object]) -> Mistake:
    remedy = did_you_mean(name, known) or (
        say("its parameters are {names}", names=", ".join(known)) if known else say("the model has no parameters")
    )
    return Mistake("E220", "the model has no parameter `{name}`", help="{remedy}", name=name, remedy=remedy)


def value_of(walker: Walker, scope: FileScope, lazy: LazySetting) -> Value:
    """The value of a parameter that nobody has asked for yet."""
    name = lazy.parameter.name
    if lazy.running:
        raise Mistake("E208", "`{name}` is defined by itself", span=(lazy.chosen or lazy.parameter).span, name=name)
    frame, flow = walker.frame, walker.flow
    if walker._depth >= MAX_DEPTH:
        limit = Mistake("E103", "parameters depend on each other deeper than {limit}", limit=MAX_DEPTH)
        limit.span = lazy.parameter.span
        raise TooLarge(limit, frame)
    lazy.running = True
    walker._depth += 1
    walker.frame, walker.flow = Frame(scope), None
    try:
        scope.settings[name] = _value(walker, scope, lazy)
    finally:
        walker.frame, walker.flow = frame, flow
        walker._depth -= 1
        lazy.running = False
    return scope.settings[name]


def _value(walker: Walker, scope: FileScope, lazy: LazySetting) -> Value:
    parameter = lazy.parameter
    default = UNKNOWN if parameter.default is None else walker.attempt(parameter.default)
    if lazy.chosen is None and not lazy.given and parameter.default is None:
        walker.report(_without_value(parameter.name), parameter.span)
    value = default
    if lazy.chosen is not None:
        value = walker.attempt(lazy.chosen.value)
        if isinstance(value, Word) and _sort(default) not in ("word", UNKNOWN):
            walker.report(walker.undefined(value, lazy.chosen.value.span), lazy.chosen.span)
            value = default
        value = _checked(walker, parameter, value, default, lazy.chosen.span)
    for given in lazy.given:
        value = _checked(walker, parameter, fitting(given, default, scope), default, parameter.span)
    return value


def _without_value(name: str) -> Mistake:
    return Mistake(
        "E203",
        "the model parameter `{name}` has no value",
        help="give it a default, or set it: `--set {name}=…`",
        name=name,
    )


def _checked(walker: Walker, parameter: tree.Parameter, value: Value, default: Value, span: Span) -> Value:
    """The value, or the default where it is of another type."""
    if UNKNOWN in (sorts := {_sort(value), _sort(default)}) or len(sorts) == 1:
        return value
    walker.report(
        Mistake(
            "E206",
            "the model parameter `{name}` is set to {value}, its default is {default}",
            help="set it to a value of the same type",
            name=parameter.name,
            value=describe(value),
            default=describe(default),
        ),
        span,
    )
    return default


def _sort(value: Value) -> object:
    if value is UNKNOWN:
        return UNKNOWN
    if isinstance(value, bool):
        return "boolean"
    if isinstance(value, (int, float)):
        return "number"
    if isinstance(value, (Word, BlockReference)):
        return "word"
    if isinstance(value, str):
        return "text"
    return "list" if isinstance(value, (list, tuple)) else "value"


def fitting(value: Value, default: Value, scope: FileScope) -> Value:
    """A value from outside, where words and texts look alike, as the file would write it.

    It is a word, and with a block of that name the block, unless the default holds texts.
    """
    return value if _holds_text(default) else _with_words(value, scope)


def _holds_text(default: Value) -> bool:
    if isinstance(default, (list, tuple)):
        return any(map(_holds_text, default))
    return isinstance(default, str) and not isinstance(default, Word)


def _with_words(value: Value, scope: FileScope) -> Value:
    if isinstance(value, (list, tuple)):
        items = [_with_words(item, scope) for item in value]
        return items if isinstance(value, list) else tuple(items)
    if not isinstance(value, str) or not value.isidentifier():
        return value
    return BlockReference(value, scope) if value in scope.blocks else Word(value)


def plain(value: Value) -> Value:
    """The value for those who do not know of blocks: they are words."""
    if isinstance(value, list):
        return [plain(item) for item in value]
    return Word(value.name) if isinstance(value, BlockReference) else value
