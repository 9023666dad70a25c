"""What can be written at a place, with documentation and snippets."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator, Mapping
from itertools import pairwise
from typing import TYPE_CHECKING, NamedTuple

from cnnspec import layers
from cnnspec.editing import context, words
from cnnspec.editing.context import Context, context_at
from cnnspec.editing.names import BLOCK, INPUT, LET, LETTER, LOOP, MODEL_PARAMETER, PARAMETER, VALUE, Symbol
from cnnspec.language import say
from cnnspec.layers._arguments import Choice, Flag, Pads, TensorValue, ValueName
from cnnspec.layers._kind import REQUIRED, Argument, Kind
from cnnspec.source import Span

if TYPE_CHECKING:
    from cnnspec.editing.analysis import Analysis
    from cnnspec.editing.watching import Visit

KINDS = "kind"
VARIABLES = (PARAMETER, MODEL_PARAMETER, LET, LOOP, LETTER)
FILES = 200


class Item(NamedTuple):
    """A proposal: what is shown, what is written in place of `span` (a snippet where it has `$`), and its order.

    `sort` is one of "kind", "block", "keyword", "argument", "value", "variable", "figure", "function", "word", "file".
    """

    label: str
    sort: str
    span: Span
    detail: str = ""
    text: str = ""
    snippet: str = ""
    rank: int = 5


def completion(analysis: Analysis, offset: int) -> list[Item]:
    """The proposals at a place, the likeliest first; each label once."""
    place = context_at(analysis, offset)
    if place is None:
        return []
    found: dict[str, Item] = {}
    for item in _PLACES[place.place](analysis, place):
        found.setdefault(item.label, item)
    return sorted(found.values(), key=lambda item: item.rank)


def documentation(analysis: Analysis, label: str, sort: str, offset: int) -> str:
    """The documentation of a proposal, in Markdown: made when somebody looks at it."""
    from cnnspec.editing.hover import block_text, declaration, kind_text

    kind = layers.find(label) if sort == KINDS else None
    if kind is not None:
        return kind_text(kind)
    if sort in (BLOCK, "variable", "value"):
        symbol = next((one for one in _visible(analysis, offset) if one.name == label), None)
        if symbol is not None:
            return block_text(symbol) if symbol.kind == BLOCK else f"```cnn\n{declaration(symbol)}\n```"
    return words.meaning(words.ALL[label]) if label in words.ALL else ""


# --- places ----------------------------------------------------------------------------------------------------------


def _statement(analysis: Analysis, place: Context) -> Iterator[Item]:
    inside = bool(analysis.tokens.around(place.word.start))
    yield from _step(analysis, place)
    for name, word in words.STATEMENTS.items():
        if not inside or name == "let":
            yield Item(name, "keyword", place.word, words.meaning(word), snippet=word.snippet, rank=3)


def _step(analysis: Analysis, place: Context) -> Iterator[Item]:
    for symbol in _visible(analysis, place.word.start):
        if symbol.kind == BLOCK:
            yield _block(symbol, place.word)
        elif symbol.kind == PARAMETER:
            yield Item(symbol.name, "variable", place.word, say("parameter: a kind or block"), rank=4)
    yield from _kinds(analysis, place)
    for name, word in words.STEPS.items():
        yield Item(name, "keyword", place.word, words.meaning(word), snippet=word.snippet, rank=3)


def _kinds(_: Analysis, place: Context, *, plain: bool = False) -> Iterator[Item]:
    from cnnspec.report.reference import family_name

    for kind in layers.all_kinds():
        snippet = "" if plain else kind_snippet(kind)
        yield Item(kind.name, KINDS, place.word, family_name(kind.family), snippet=snippet, rank=2)


def _plain_kinds(analysis: Analysis, place: Context) -> Iterator[Item]:
    yield from _kinds(analysis, place, plain=True)


def _argument(analysis: Analysis, place: Context) -> Iterator[Item]:
    """After a kind or a comma: names of arguments; for a join, names of values."""
    kind, block = _callee(analysis, place)
    if place.position == 0 and not place.named:
        yield Item("as", "keyword", place.word, words.meaning(words.OTHERS["as"]), rank=6)
    if (kind is not None and not kind.arguments and not kind.joins) or (block and not block.node.parameters):
        return
    if kind is not None and kind.joins:
        yield from _flow_names(analysis, place)
        yield Item(
            "{ branch … }",
            "keyword",
            place.word,
            say("branches to join"),
            snippet="{\n    branch { $0 }\n    branch { }\n}",
        )
        return
    if kind is not None:
        yield from _arguments_of(kind, place)
        first = kind.arguments[place.position] if place.position < len(kind.arguments) and not place.named else None
        if first is not None and not first.keyword_only:
            yield from _values_of(analysis, first, place)
    elif block is not None:
        for i, parameter in enumerate(block.node.parameters):
            if parameter.name not in place.named and i >= place.position:
                written = analysis_text(block, parameter.span)
                yield Item(
                    f"{parameter.name}=", "argument", place.word, written, snippet=f"{parameter.name}=$0", rank=1
                )
    yield from _expression(analysis, place)


def _arguments_of(kind: Kind, place: Context) -> Iterator[Item]:
    from cnnspec.report.reference import doc

    for i, argument in enumerate(kind.arguments):
        if {argument.name, argument.long} & place.named or i < place.position - len(place.named):
            continue
        for name in filter(None, (argument.name, argument.long)):
            rank = 1 if name == argument.name and not argument.keyword_only else 2
            yield Item(f"{name}=", "argument", place.word, doc(argument), snippet=f"{name}=$0", rank=rank)


def _value(analysis: Analysis, place: Context) -> Iterator[Item]:
    kind, _ = _callee(analysis, place)
    argument = kind.argument("p" if place.argument == "padding" else place.argument) if kind else None
    if argument is not None:
        yield from _values_of(analysis, argument, place)
    yield from _expression(analysis, place)
    if kind is None:
        yield from (item._replace(rank=7) for item in (*_plain_kinds(analysis, place), *_flow_names(analysis, place)))


def _values_of(analysis: Analysis, argument: Argument, place: Context) -> Iterator[Item]:
    kind = argument.type
    if isinstance(kind, Choice):
        fitting: tuple[str, ...] = kind.words
    elif isinstance(kind, Pads):
        fitting = ("same", "valid")
    elif isinstance(kind, (Flag, TensorValue)):
        fitting = ("true", "false")
    else:
        fitting = ()
    for name in fitting:
        yield Item(name, "word", place.word, words.ALL[name].text if name in words.ALL else "", rank=0)
    if isinstance(kind, ValueName):
        yield from _flow_names(analysis, place)


def _expression(analysis: Analysis, place: Context) -> Iterator[Item]:
    for symbol in _visible(analysis, place.word.start):
        if symbol.kind in VARIABLES:
            yield Item(symbol.name, "variable", place.word, _called(symbol), rank=3)
    yield from _words(words.FLOW, "figure", place, 4)
    yield from _words(words.FUNCTIONS, "function", place, 6, call=True)


def _flow_names(analysis: Analysis, place: Context) -> Iterator[Item]:
    for symbol in _visible(analysis, place.word.start):
        if symbol.kind in (VALUE, INPUT, PARAMETER):
            given = symbol.kind == PARAMETER or symbol.spans[0].start < place.word.start
            yield Item(symbol.name, "value", place.word, _size_of(analysis, symbol), rank=0 if given else 6)
    if analysis.broken:  # the tree has no names of a line that is half typed
        before = list(analysis.tokens.before(place.word.start))
        for name, word in pairwise(before):
            if word.kind == "AS" and name.text.isidentifier():
                yield Item(name.text, "value", place.word, "value", rank=1)


def _shared(analysis: Analysis, place: Context) -> Iterator[Item]:
    yield from (item for item in _flow_names(analysis, place) if item.label != "input")


def _after_step(_: Analysis, place: Context) -> Iterator[Item]:
    yield from _words({"as": words.OTHERS["as"]}, "keyword", place, 1)
    yield from _words({name: words.OTHERS[name] for name in ("and", "or", "else")}, "keyword", place, 8)


def _after_brace(_: Analysis, place: Context) -> Iterator[Item]:
    for name in ("as", "else", "shortcut"):
        snippet = "" if name == "as" else f"{name} {{ $0 }}"
        yield Item(name, "keyword", place.word, words.meaning(words.OTHERS[name]), snippet=snippet, rank=1)
    yield from _words({"branch": words.STEPS["branch"]}, "keyword", place, 2)


def _annotation(analysis: Analysis, place: Context) -> Iterator[Item]:
    """What the line really yields; in an exercise that stays the student's."""
    from cnnspec.editing.hints import annotation, outcome

    if not analysis.exercise:
        held = [one for one in _flows_around(analysis, place.word.start) if one.sound]
        for visit in held[:1]:
            text, written = outcome(visit), annotation(visit).removeprefix("-> ")
            yield Item(text, "word", place.word, say("what this line yields"), text=written, rank=0)
            yield Item(text.partition(",")[0], "word", place.word, say("the size that it yields"), rank=1)
    yield from _expression(analysis, place)


def _count(_: Analysis, place: Context) -> Iterator[Item]:
    yield Item("params", "keyword", place.word, say("parameters of this line"), rank=0)


def _expect(analysis: Analysis, place: Context) -> Iterator[Item]:
    for name, word in words.FIGURES.items():
        yield Item(name, "figure", place.word, words.meaning(word), snippet=word.snippet, rank=1)
    yield from (item._replace(rank=3) for item in _flow_names(analysis, place) if item.sort == "value")
    yield from (item._replace(rank=4) for item in _expression(analysis, place))


def _parts(analysis: Analysis, place: Context) -> Iterator[Item]:
    """Layers and block instances at top level, by name."""
    network = analysis.network or (analysis.good.network if analysis.good else None)
    names = dict.fromkeys(layer.name.partition(".")[0] for layer in network.layers) if network else {}
    for i, name in enumerate(names):
        if i < FILES:
            yield Item(name, "value", place.word, say("layer or block"), rank=1)


def _input_size(analysis: Analysis, place: Context) -> Iterator[Item]:
    for size, what in (
        ("28x28x1", say("grey images")),
        ("224x224x3", say("colour images")),
        ("HxWx3", say("colour images of any size")),
    ):
        yield Item(size, "word", place.word, what, rank=0)
    yield from _expression(analysis, place)


def _element(_: Analysis, place: Context) -> Iterator[Item]:
    yield Item("integer", "word", place.word, words.meaning(words.MODES["integer"]))


def _setting(analysis: Analysis, place: Context) -> Iterator[Item]:
    for symbol in analysis.names.symbols:
        if symbol.kind == MODEL_PARAMETER and symbol.name not in place.named:
            detail = analysis_text(symbol, symbol.node.span)
            yield Item(f"{symbol.name} =", "argument", place.word, detail, snippet=f"{symbol.name} = $0", rank=1)


def _setting_value(analysis: Analysis, place: Context) -> Iterator[Item]:
    yield from _expression(analysis, place)
    for symbol in _visible(analysis, place.word.start):
        if symbol.kind == BLOCK:
            yield Item(symbol.name, BLOCK, place.word, "block", rank=4)
    yield from _plain_kinds(analysis, place)


def _in(_: Analysis, place: Context) -> Iterator[Item]:
    yield Item("in", "keyword", place.word, words.OTHERS["in"].text)


def _path(analysis: Analysis, place: Context) -> Iterator[Item]:
    """The .cnn files beside this one, and the folders."""
    here = os.path.dirname(os.path.abspath(analysis.source.filename))
    typed = analysis.text[place.word.start : place.word.end]
    folder, _, _ = typed.rpartition("/")
    try:
        entries = sorted(os.scandir(os.path.join(here, folder)), key=lambda entry: entry.name)
    except (OSError, ValueError):
        return
    for entry in entries[:FILES]:
        path = f"{folder}/{entry.name}" if folder else entry.name
        if entry.name.startswith(".") or path == os.path.basename(analysis.source.filename):
            continue
        if entry.name.endswith(".cnn") and entry.is_file():
            yield Item(path, "file", place.word, rank=1)
        elif entry.is_dir():
            yield Item(f"{path}/", "file", place.word, rank=2)


_PLACES: Mapping[str, Callable[[Analysis, Context], Iterator[Item]]] = {
    context.STATEMENT: _statement,
    context.STEP: _step,
    context.ARGUMENT: _argument,
    context.VALUE: _value,
    context.EXPRESSION: _expression,
    context.AFTER_BRACE: _after_brace,
    context.AFTER_STEP: _after_step,
    context.FLOW_NAME: _flow_names,
    context.SHARED: _shared,
    context.PATH: _path,
    context.ANNOTATION: _annotation,
    context.COUNT: _count,
    context.EXPECT: _expect,
    context.KINDS: _plain_kinds,
    context.PARTS: _parts,
    context.INPUT_SIZE: _input_size,
    context.ELEMENT: _element,
    context.SETTING: _setting,
    context.SETTING_VALUE: _setting_value,
    context.IN: _in,
}


# --- helpers ---------------------------------------------------------------------------------------------------------


def kind_snippet(kind: Kind) -> str:
    """`conv ${1:filters}, f=${2:f}`: what the kind needs."""
    needed = [a for a in kind.arguments if a.default is REQUIRED and not a.default_from]
    places = []
    for number, argument in enumerate(needed, 1):
        place = f"${{{number}:{argument.long or argument.name}}}"
        places.append(place if argument is kind.arguments[0] else f"{argument.name}={place}")
    return f"{kind.name} {', '.join(places)}" if places else ""


def analysis_text(symbol: Symbol, span: Span) -> str:
    return " ".join(symbol.source.text[span.start : span.end].split())


def _block(symbol: Symbol, word: Span) -> Item:
    needed = [parameter.name for parameter in symbol.node.parameters if parameter.default is None]
    places = ", ".join(f"${{{i}:{name}}}" for i, name in enumerate(needed, 1))
    detail = ", ".join(analysis_text(symbol, parameter.span) for parameter in symbol.node.parameters)
    return Item(
        symbol.name, BLOCK, word, detail or say("block"), snippet=f"{symbol.name} {places}" if places else "", rank=1
    )


def _words(
    table: Mapping[str, words.Word], sort: str, place: Context, rank: int, *, call: bool = False
) -> Iterator[Item]:
    for name, word in table.items():
        yield Item(
            name,
            sort,
            place.word,
            words.meaning(word),
            snippet=word.snippet or (f"{name}($0)" if call else ""),
            rank=rank,
        )


def _visible(analysis: Analysis, offset: int) -> Iterable[Symbol]:
    return analysis.names.visible(offset)


def _callee(analysis: Analysis, place: Context) -> tuple[Kind | None, Symbol | None]:
    """The kind or the block that is called."""
    for symbol in _visible(analysis, place.word.start):
        if symbol.name == place.callee and symbol.kind == BLOCK:
            return None, symbol
    return layers.find(place.callee) if place.callee in layers.names() else None, None


def _called(symbol: Symbol) -> str:
    """What a name stands for, in the language of the reader."""
    kinds = {
        PARAMETER: say("parameter"),
        MODEL_PARAMETER: say("model parameter"),
        LOOP: say("loop variable"),
        VALUE: say("value"),
        LETTER: say("letter"),
    }
    return kinds.get(symbol.kind, symbol.kind)


def _size_of(analysis: Analysis, symbol: Symbol) -> str:
    from cnnspec.values import show

    visits = analysis.seen.step(analysis.source, symbol.node.span) if symbol.kind == VALUE else None
    visit = visits.last if visits else None
    return show(visit.size) if visit is not None and visit.sound and not analysis.exercise else _called(symbol)


def _flows_around(analysis: Analysis, offset: int) -> Iterator[Visit]:
    """What the statement before an arrow yields; the line is half typed, so it is asked for without the arrow."""
    from cnnspec.editing.analysis import analyse
    from cnnspec.editing.hints import flows
    from cnnspec.source import Source

    arrow = next((token for token in analysis.tokens.before(offset) if token.kind == "ARROW"), None)
    if arrow is None:
        return
    text = analysis.text
    end = text.find("\n", arrow.start)
    rest = text[end:] if end >= 0 else ""
    without = analyse(Source(text[: arrow.start] + rest, analysis.source.filename), codes=(), variants=False)
    for node in flows(without.file.body):
        if node.span.end <= arrow.start and without.tokens.statement_end(node.span.start) <= arrow.start:
            last = node
            visits = without.seen.flow(without.source, last.span)
            if not without.text[without.tokens.statement_end(last.span.start) : arrow.start].strip() and visits:
                yield from visits
