"""What is said of the word under the pointer, in Markdown."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, NamedTuple

from cnnspec import layers
from cnnspec.editing import words
from cnnspec.editing.names import ARGUMENT, BLOCK, FIGURE, FUNCTION, KIND, LETTER, Occurrence, Symbol
from cnnspec.editing.watching import Visit
from cnnspec.elaborate.tours import bodies
from cnnspec.language import plural, say
from cnnspec.layers._kind import Argument, Kind
from cnnspec.network import Layer
from cnnspec.source import Source, Span
from cnnspec.syntax import tree
from cnnspec.values import known, show, show_count

if TYPE_CHECKING:
    from cnnspec.editing.analysis import Analysis

CALLS = 3  # whose sizes are shown
LAYERS = 24  # of a statement, whose arithmetic is shown


class Hover(NamedTuple):
    text: str
    span: Span


def hover(analysis: Analysis, offset: int) -> Hover | None:
    """What is known of the place: a layer's arithmetic, what a name means, the page of a finding that stands there."""
    tokens = analysis.tokens
    token = tokens.at(offset)
    if token is None or tokens.in_comment(offset):
        return None
    span = Span(token.start, token.end)
    parts = list(_parts(analysis, offset, token.text))
    found = [d for d in analysis.diagnostics if d.source is analysis.source and d.span.start <= offset <= max(d.span)]
    parts += [page for code in dict.fromkeys(d.code for d in found) if (page := _page(code))]
    return Hover("\n\n---\n\n".join(parts), span) if parts else None


def _parts(analysis: Analysis, offset: int, text: str) -> Iterator[str]:
    word = analysis.names.at(offset)
    step = step_at(analysis, offset)
    annotation = _annotation_at(analysis.file.body, offset)
    if annotation is not None and (word is None or word.symbol is None):
        yield from _annotation(analysis, annotation, offset)
        return
    if word is not None and word.symbol is not None:
        yield from _symbol(analysis, word, step)
    elif step is not None and word is None:
        if text in words.ALL:
            yield _word(text)
        yield from step_text(analysis, step)
    elif text in words.ALL:
        yield _word(text)


def _symbol(analysis: Analysis, word: Occurrence, step: tree.Step | None) -> Iterator[str]:
    symbol = word.symbol
    assert symbol is not None
    if symbol.kind == KIND:
        if isinstance(step, (tree.Layer, tree.Join)) and step.kind_span == word.span:
            yield from step_text(analysis, step)
        kind = layers.find(symbol.name)
        if kind is not None:
            yield kind_text(kind)
    elif symbol.kind == ARGUMENT:
        yield argument_text(*symbol.node)
    elif symbol.kind == BLOCK:
        yield block_text(symbol)
        if isinstance(step, tree.Layer) and step.kind_span == word.span:
            yield from step_text(analysis, step)
        elif word.defines:
            yield from _calls_of(analysis, symbol)
    else:
        yield from _name(analysis, symbol)


def _name(analysis: Analysis, symbol: Symbol) -> Iterator[str]:
    if symbol.kind == LETTER:
        yield say("`{name}`: a size that is left open; the network is checked for every {name}.", name=symbol.name)
        from cnnspec.smallest import smallest_inputs

        smallest = smallest_inputs(analysis.network) if analysis.network is not None else None
        if smallest:
            yield say("The smallest input is {sizes}.", sizes=", ".join(show(size) for size in smallest.values()))
    elif symbol.kind in (FIGURE, FUNCTION):
        yield _word(symbol.name) if symbol.name in words.ALL else f"`{symbol.name}`"
    else:
        yield f"```cnn\n{declaration(symbol)}\n```"
        comment = comment_above(symbol.source, symbol.spans[0].start)
        if comment:
            yield comment


# --- layers and blocks -----------------------------------------------------------------------------------------------


def step_text(analysis: Analysis, step: tree.Step) -> Iterator[str]:
    """The arithmetic of a layer or what a construct yields; of a block's layers, for the first calls."""
    if analysis.exercise:
        return
    visits = analysis.seen.step(analysis.source, step.span)
    shown = [visit for visit in visits or () if visit.result is not None and known(visit.size)]
    if not shown:
        return
    first = shown[0]
    if isinstance(first.result, Layer) and len(first.layers) == 1 and first.result.span == step.span:
        if first.result.operation.args is not None:
            yield "```text\n" + "\n".join(_layer(first)) + "\n```"
    else:
        yield outcome_text(first)
    if len(shown) > 1:
        lines = [f"- {say('{name}: {text}', name=_where(visit), text=_flow(visit))}" for visit in shown[:CALLS]]
        yield "\n".join([*lines, *_more_calls(len(shown) - CALLS)])


def _layer(visit: Visit) -> Iterator[str]:
    """Sizes and counts with their numbers, as `cnnspec explain` shows them."""
    from cnnspec.report.explain import explain_layer

    assert isinstance(visit.result, Layer)
    for line in explain_layer(visit.result):
        if not line.startswith(f"  {say('where')} "):
            yield line


def outcome_text(visit: Visit) -> str:
    """`28x28x192 -> 28x28x256`, with the parameters and multiply-and-adds in it."""
    counts = []
    if known(visit.params) and visit.params:
        counts.append(say("{count} params", count=show_count(visit.params)))
    if known(visit.macs) and visit.macs:
        counts.append(say("{count} MACs", count=show_count(visit.macs)))
    if len(visit.layers) > 1:
        counts.append(plural("{n} layer", "{n} layers", len(visit.layers)))
    return ", ".join([f"`{_flow(visit)}`", *counts])


def _flow(visit: Visit) -> str:
    arriving = show(visit.arriving.size) if visit.arriving is not None else "?"
    return f"{arriving} -> {show(visit.size)}"


def _where(visit: Visit) -> str:
    calls = [say("`{block}` at line {row}", block=call.block, row=call.row) for call in visit.trace[:2]]
    if len(calls) == 2:
        return say("{call}, in {outer}", call=calls[0], outer=calls[1])
    return "".join(calls) or (say("round {round}", round=visit.round) if visit.round else say("here"))


def _more_calls(count: int) -> list[str]:
    return [f"- {plural('and {n} more calls', 'and {n} more calls', count)}"] if count > 0 else []


def _calls_of(analysis: Analysis, symbol: Symbol) -> Iterator[str]:
    """What a block does where it is called: the first few calls."""
    if analysis.exercise:
        return
    steps = [
        step
        for step in steps_of(analysis.file.body)
        if isinstance(step, tree.Layer)
        and (one := analysis.names.at(step.kind_span.start)) is not None
        and one.symbol is not None
        and one.symbol.key == symbol.key
    ]
    lines = [
        f"- {say('line {row}: {text}', row=analysis.source.row(step.span.start), text=outcome_text(visit))}"
        for step in steps[: 2 * CALLS]
        for visit in list(analysis.seen.step(analysis.source, step.span) or ())[:1]
    ]
    if lines:
        yield "\n".join([*lines[:CALLS], *_more_calls(len(steps) - CALLS)])


def block_text(symbol: Symbol) -> str:
    """A block's signature, and the comment above it."""
    comment = comment_above(symbol.source, symbol.node.span.start)
    signature = f"```cnn\n{declaration(symbol)}\n```"
    return f"{signature}\n\n{comment}" if comment else signature


def declaration(symbol: Symbol) -> str:
    """A symbol as its file declares it, on one line."""
    text, node = symbol.source.text, symbol.node
    if symbol.kind == BLOCK:
        inside = ", ".join(_written(text, parameter.span) for parameter in node.parameters)
        return f"block {symbol.name}({inside})" if inside else f"block {symbol.name}"
    if symbol.kind == "parameter":
        return f"{_written(text, node.span)}  # {say('parameter of `{block}`', block=symbol.owner.name)}"
    if symbol.kind == "model parameter":
        return f"{_written(text, node.span)}  # {say('parameter of the model')}"
    if symbol.kind == "value":
        return f"{_written(text, node.span)} as {symbol.name}"
    return _written(text, node.span)


def _written(text: str, span: Span) -> str:
    line = " ".join(text[span.start : span.end].split())
    return line if len(line) <= 100 else f"{line[:97]}..."


def comment_above(source: Source, offset: int) -> str:
    """The comment lines right above a place."""
    row, found = source.row(offset) - 1, []
    while row >= 1 and (line := source.line(row).strip()).startswith("#"):
        found.append(line.lstrip("#").strip())
        row -= 1
    return " ".join(found[::-1])


# --- reference -------------------------------------------------------------------------------------------------------


def kind_text(kind: Kind) -> str:
    """What a kind does, with its usage and its size rule."""
    from cnnspec.report.reference import prose, short_usage

    lines = [f"```cnn\n{short_usage(kind)}\n```", "\n".join(prose(kind))]
    if kind.formula:
        lines.append(say("Size: `{formula}`", formula=kind.rule()))
    return "\n\n".join(lines)


def argument_text(kind: Kind, argument: Argument) -> str:
    """An argument of a kind: its names, what it means, what may be written, what holds without it."""
    from cnnspec.report.reference import doc, values

    names = f"`{argument.name}`, `{argument.long}`" if argument.long else f"`{argument.name}`"
    head = say("{names} of `{kind}`: {doc}", names=names, kind=kind.name, doc=doc(argument))
    return f"{head}\n\n{values(argument)}"


def _word(text: str) -> str:
    return say("{name}: {text}", name=f"`{text}`", text=words.meaning(words.ALL[text]))


def _page(code: str) -> str:
    from cnnspec.report.pages import page

    return page(code).replace("\n# ", "\n### ").replace("# ", "### ", 1)


# --- annotations -----------------------------------------------------------------------------------------------------


def _annotation(analysis: Analysis, node: tree.Flow, offset: int) -> Iterator[str]:
    """The arithmetic of the size, or of the count, that the annotation states."""
    visits = analysis.seen.flow(analysis.source, node.span)
    visit = next(iter(visits or ()), None)
    if visit is None or node.annotation is None or analysis.exercise:
        return
    params = node.annotation.params
    lines = []
    for layer in visit.layers[:LAYERS]:
        op = layer.operation
        if op.args is None or not op.inputs:
            continue
        if params is not None and offset >= params.span.start:
            found = op.kind.explain_params(op) if layer.params else ()
            lines += [say("{name}: {text}", name=layer.name, text=line) for line in found]
        elif op.output != op.inputs[0]:
            lines += [say("{name}: {text}", name=layer.name, text=line) for line in op.kind.explain_size(op)]
    if len(visit.layers) > LAYERS:
        lines.append(plural("and {n} more layers", "and {n} more layers", len(visit.layers) - LAYERS))
    if lines:
        yield "```text\n" + "\n".join(lines) + "\n```"
    yield outcome_text(visit)


def _annotation_at(body: tree.Body, offset: int) -> tree.Flow | None:
    from cnnspec.editing.hints import flows

    for node in flows(body):
        if node.annotation is not None and node.annotation.span.start <= offset <= node.annotation.span.end:
            return node
    return None


# --- the step at a place ---------------------------------------------------------------------------------------------


def step_at(analysis: Analysis, offset: int) -> tree.Step | None:
    """The step whose words (of a construct: its first ones) hold the offset."""
    held = [step for step in steps_of(analysis.file.body) if step.span.start <= offset <= step.span.end]
    return min(held, key=lambda step: step.span.end - step.span.start, default=None)


def steps_of(body: tree.Body) -> Iterator[tree.Step]:
    """Every step of a body, inner ones too."""
    for statement in body:
        if isinstance(statement, tree.Block):
            yield from steps_of(statement.body)
        elif isinstance(statement, tree.Flow):
            for step in statement.steps:
                yield step
                for inner in bodies(step):
                    yield from steps_of(inner)
