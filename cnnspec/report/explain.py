"""The arithmetic of a network, step by step, in the lecture's notation."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

from cnnspec.fields import Field, receptive_fields
from cnnspec.language import listing, say
from cnnspec.network import Layer, Network
from cnnspec.report.checked import relative
from cnnspec.report.fields import field_lines
from cnnspec.report.table import add_up
from cnnspec.report.written import written
from cnnspec.sizes import total as sum_of
from cnnspec.source import Source
from cnnspec.values import Dim, known, show, show_count

TERMS = 12  # of a sum that is written out


def explain(net: Network, layers: Sequence[Layer] | None = None) -> Iterator[str]:
    """Every layer: what arrives, its size, its parameters, its MACs; then the sums, line by line.

    Of layers that were asked for, their receptive fields too.
    """
    chosen = net.layers if layers is None else layers
    fields = {} if layers is None else receptive_fields(net)
    if layers is None:
        yield from (
            say("{name}: {text}", name=value.name, text=show(value.size)) for value in net.input_values.values()
        )
        yield ""
    for layer in chosen:
        yield from explain_layer(layer, net.source, fields)
        yield ""
    if layers is None or len(chosen) > 1:
        yield from _sums(net if layers is None else None, chosen)


def explain_layer(layer: Layer, main: Source | None = None, fields: Mapping[str, Field] | None = None) -> Iterator[str]:
    """One layer, line by line; its file is named where it is not `main`. `fields` are those of the whole network."""
    op = layer.operation
    if op.args is None:
        yield from (say("{name}: open", name=layer.name), _field(say("size"), show(op.output)))
        return
    yield say("{name}: {text}", name=layer.name, text=written(op))
    yield from _fields(say("where"), _place(layer, main))
    arriving = listing([f"{show(value.size)} ({value.name})" for value in layer.operands])
    yield _field(say("arrives"), arriving)
    yield from _fields(say("size"), (*op.kind.explain_size(op), f"-> {show(op.output)}"))
    yield from _fields(say("params"), _params(layer))
    yield from _fields(say("MACs"), op.kind.explain_macs(op))
    yield from _fields(say("field"), field_lines(layer, fields or {}))


def find_layers(net: Network, name: str) -> list[Layer]:
    """The layer of that name, else those of the block instance of that name, else those of that line of the file."""
    exact = [layer for layer in net.layers if layer.name == name]
    if exact:
        return exact
    inside = [layer for layer in net.layers if layer.name.startswith(f"{name}.")]
    if inside or not name.isdecimal():
        return inside
    return [layer for layer in net.layers if layer.source is net.source and layer.line == int(name)]


def names(net: Network) -> Iterator[str]:
    """Everything that `find_layers` finds by name."""
    seen = set()
    for layer in net.layers:
        parts = layer.name.split(".")
        for i in range(len(parts)):
            name = ".".join(parts[: i + 1])
            if name not in seen:
                seen.add(name)
                yield name


def _params(layer: Layer) -> Iterable[str]:
    if layer.shares:
        return (say("the weights of {name}, counted there", name=layer.shares.name),)
    op = layer.operation
    if op.params == 0:
        return ("0",)
    lines = [*op.kind.explain_params(op)]
    if layer.frozen:
        lines.append(say("frozen: none of them is trained"))
    elif layer.non_trainable != 0 and known(layer.non_trainable):
        trained = say(
            "{trainable} trainable, {non_trainable} not",
            trainable=show_count(layer.trainable),
            non_trainable=show_count(layer.non_trainable),
        )
        lines.append(trained)
    return lines


def _place(layer: Layer, main: Source | None) -> Iterator[str]:
    """The line, then the calls that led to it, innermost first."""
    text = layer.source.text[layer.span.start : layer.span.end]
    line = " ".join(text.split())
    shown = line if len(line) <= 80 else f"{line[:77]}..."
    if _is_elsewhere(layer.source, main):
        where = say("line {line} of {file}", line=layer.line, file=relative(layer.source.filename))
    else:
        where = say("line {line}", line=layer.line)
    yield where if line == written(layer.operation) else say("{name}: {text}", name=where, text=shown)
    for call in layer.trace:
        here = call.source if main is None else main
        yield call.said(here, relative(call.source.filename))


def _is_elsewhere(source: Source, main: Source | None) -> bool:
    return main is not None and source is not main


def _field(name: str, text: str) -> str:
    return f"  {name:<{_width()}} {text}"


def _width() -> int:
    """The room for the longest name of a line."""
    names = say("where"), say("arrives"), say("size"), say("params"), say("MACs"), say("field")
    return max(8, *map(len, names))


def _fields(name: str, lines: Iterable[str]) -> Iterator[str]:
    for i, line in enumerate(lines):
        yield _field("" if i else name, line)


# --- sums ------------------------------------------------------------------------------------------------------------


def _sums(net: Network | None, layers: Sequence[Layer]) -> Iterator[str]:
    total = add_up(layers)
    yield _sum(say("params"), layers, lambda layer: layer.params, total.params)
    if total.non_trainable != 0:
        trained = say(
            "{trainable} trainable + {non_trainable} non-trainable",
            trainable=show_count(total.trainable),
            non_trainable=show_count(total.non_trainable),
        )
        yield f"{'':<{len(say('params'))}} = {trained}"
    yield _sum(say("MACs"), layers, lambda layer: layer.macs, total.macs)
    if net is not None:
        yield from _figures(net)


def _sum(name: str, layers: Sequence[Layer], count: Callable[[Layer], Dim], total: Dim) -> str:
    """`params = 156 + 2,416 + … = 61,706`; a long sum goes by kind."""
    terms = [show_count(count(layer)) for layer in layers if count(layer) != 0]
    if len(terms) > TERMS:
        by_kind: dict[str, list[Dim]] = {}
        for layer in layers:
            if count(layer) != 0:
                by_kind.setdefault(layer.kind, []).append(count(layer))
        terms = [f"{show_count(sum_of(counts))} ({kind})" for kind, counts in by_kind.items()]
    left = f"{name} = {' + '.join(terms)}" if len(terms) > 1 else name
    return f"{left} = {show_count(total)}"


def _figures(net: Network) -> Iterator[str]:
    """Depth and receptive field."""
    from cnnspec.figures import depth, receptive_field

    yield say("depth = {depth} layers with weights on the longest path", depth=show(depth(net)))
    field = receptive_field(net)
    if field != 1:
        yield say("receptive field = {field} of the last value with rows and columns", field=show(field))
