"""The reference of the layer kinds: a list by family, and a page for each kind, from what the kinds declare."""

from __future__ import annotations

import inspect
import re
from collections.abc import Iterator, Sequence

from cnnspec import layers
from cnnspec.language import say
from cnnspec.layers._kind import OPTIONAL, REQUIRED, Argument, Kind
from cnnspec.report.pages import translated
from cnnspec.values import show

FAMILIES = (
    "convolution",
    "pooling",
    "dense",
    "normalisation",
    "activation",
    "arithmetic",
    "shape",
    "joining",
    "text",
    "no-op",
)
NEEDS = {"image": "a value with spatial axes and channels", "vector": "a vector", "any": "a value of any size"}


def by_family() -> dict[str, list[Kind]]:
    """All kinds, family by family."""
    families: dict[str, list[Kind]] = {name: [] for name in FAMILIES}
    for kind in layers.all_kinds():
        families.setdefault(kind.family, []).append(kind)
    return {name: kinds for name, kinds in families.items() if kinds}


def listing() -> Iterator[str]:
    """Every kind with its arguments, a line each."""
    for i, (family, kinds) in enumerate(by_family().items()):
        if i:
            yield ""
        yield family_name(family)
        yield from (f"  {short_usage(kind)}" for kind in kinds)


def family_name(name: str) -> str:
    """The name of a family, for people."""
    return say(FAMILIES[FAMILIES.index(name)])


def short_usage(kind: Kind) -> str:
    """The kind with its arguments, without those that are only given by name: the tensors."""
    named = {argument.name for argument in kind.arguments if argument.keyword_only}
    name, _, arguments = kind.usage().partition(" ")
    kept = [text for text in arguments.split(", ") if text.partition("=")[0] not in named]
    return f"{name} {', '.join(kept)}".rstrip()


def page(kind: Kind) -> Iterator[str]:
    """The page of a kind as plain text."""
    yield kind.usage()
    yield ""
    yield from prose(kind)
    yield ""
    rule = say("value") if is_value(kind) else say("size")
    width = max(8, len(say("takes")), len(rule), len(say("source")))
    yield f"{say('takes'):<{width}} {takes(kind)}"
    if kind.formula:
        yield f"{rule:<{width}} {kind.rule()}"
    if kind.arguments:
        yield ""
        yield say("arguments")
        yield from _arguments(kind.arguments)
    yield ""
    yield say("example")
    yield from (f"  {line}" for line in kind.example.rstrip().splitlines())
    if kind.source:
        yield ""
        yield f"{say('source'):<{width}} {say(kind.source)}"


def markdown(kinds: Sequence[Kind] | None = None) -> Iterator[str]:
    """The page of each kind in Markdown; without kinds the whole reference."""
    if kinds is not None:
        for kind in kinds:
            yield from _markdown_page(kind, "#")
        return
    yield f"# {say('Layers')}"
    yield ""
    yield say(
        "Written by `cnnspec layers --format markdown` from what the layer kinds declare; edit those, not this page."
    )
    for family, members in by_family().items():
        yield ""
        yield f"## {family_name(family).capitalize()}"
        for kind in members:
            yield ""
            yield from _markdown_page(kind, "###")


def prose(kind: Kind) -> list[str]:
    """The description of a kind: its docstring."""
    return translated(inspect.getdoc(type(kind)) or "").splitlines()


def is_value(kind: Kind) -> bool:
    """Whether the formula of the kind gives a value from values `x`, not a size."""
    return re.search(r"\bx(_|\b)", (kind.formula or "").replace(" x ", "")) is not None


def takes(kind: Kind) -> str:
    """What may arrive at the kind."""
    if kind.joins:
        return say("two or more values")
    if kind.integers:
        return say("a sequence of whole numbers (`input 56, integer`)")
    return say(NEEDS[kind.needs])


def _arguments(arguments: Sequence[Argument]) -> Iterator[str]:
    names = [_names(argument) for argument in arguments]
    width = max(map(len, names))
    for name, argument in zip(names, arguments, strict=True):
        yield f"  {name:<{width}}  {doc(argument)}"
        yield f"  {'':<{width}}  {values(argument)}"


def doc(argument: Argument) -> str:
    """What an argument means."""
    return say(argument.doc)


def _names(argument: Argument) -> str:
    return f"{argument.name}, {argument.long}" if argument.long else argument.name


def values(argument: Argument) -> str:
    """What may be written, and what holds where the argument is left out."""
    return say("{values}; {default}", values=argument.type.describe(), default=default(argument))


def default(argument: Argument) -> str:
    """What holds where the argument is left out."""
    if argument.default_from:
        return say("by default that of {argument}", argument=argument.default_from)
    if argument.default is REQUIRED:
        return say("required")
    if argument.default is OPTIONAL:
        return say("may be left out")
    value = argument.default
    return say("by default {value}", value=value if isinstance(value, str) else show(value))


def _short_default(argument: Argument) -> str:
    """The same for a column of its own."""
    if argument.default_from:
        return f"= {argument.default_from}"
    if argument.default in (REQUIRED, OPTIONAL):
        return default(argument)
    value = argument.default
    return value if isinstance(value, str) else show(value)


def _markdown_page(kind: Kind, heading: str) -> Iterator[str]:
    yield f"{heading} {kind.name}"
    yield ""
    yield f"`{kind.usage()}`"
    yield ""
    yield from prose(kind)
    yield ""
    yield say("- Takes {takes}.", takes=takes(kind))
    if kind.formula:
        yield say("- Value: `{formula}`." if is_value(kind) else "- Size: `{formula}`.", formula=kind.rule())
    if kind.source:
        yield say("- Source: {source}.", source=say(kind.source))
    if kind.arguments:
        yield ""
        yield f"| {say('argument')} | | {say('values')} | {say('default')} |"
        yield "|---|---|---|---|"
        for a in kind.arguments:
            names = f"`{a.name}`, `{a.long}`" if a.long else f"`{a.name}`"
            yield f"| {names} | {doc(a)} | {a.type.describe()} | {_short_default(a)} |".replace("  ", " ")
    yield ""
    yield "```cnn"
    yield from kind.example.rstrip().splitlines()
    yield "```"
