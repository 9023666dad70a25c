"""The summary of a network: a row a layer, then the totals."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from cnnspec.fields import Field, receptive_fields
from cnnspec.language import decimal, number, plural, say
from cnnspec.memory import BYTES, memory
from cnnspec.network import Network
from cnnspec.report.table import Row, Totals, add_up, is_chain, rows
from cnnspec.smallest import smallest_inputs
from cnnspec.values import Dim, Size, Symbolic, Unknown, show, show_count

NAME_WIDTH = 60
FIELDS = ("field", "stride", "offset")


def text(
    net: Network, depth: int | None = None, *, batch: int = 1, fields: bool = False, smallest: bool = False
) -> Iterator[str]:
    """The table for a terminal, line by line; with `fields`, size, stride and offset of the receptive fields too."""
    yield net.model
    yield ""
    columns, seen = _columns(net, fields), _fields(net, fields)
    cells = [_cells(row, columns, seen) for row in rows(net, depth)]
    titles = [_title(name) for name in columns]
    widths = [max(len(title), *(len(line[i]) for line in cells)) for i, title in enumerate(titles)]
    line = "-" * (sum(widths) + 2 * len(widths) - 2)
    left = [_is_left(name) for name in columns]
    yield _aligned(titles, widths, left)
    yield line
    yield from (_aligned(line_of_cells, widths, left) for line_of_cells in cells)
    yield line
    yield from _totals(net, batch, smallest)


def markdown(
    net: Network, depth: int | None = None, *, batch: int = 1, fields: bool = False, smallest: bool = False
) -> Iterator[str]:
    """The table in Markdown."""
    columns, seen = _columns(net, fields), _fields(net, fields)
    yield f"# {net.model}"
    yield ""
    yield f"| {' | '.join(map(_title, columns))} |"
    yield "|" + "|".join("---" if _is_left(name) else "---:" for name in columns) + "|"
    for row in rows(net, depth):
        yield f"| {' | '.join(_cells(row, columns, seen))} |"
    yield ""
    yield from (f"- {line}" for line in _sentences(net, batch, smallest))


def csv(net: Network, depth: int | None = None, *, fields: bool = False, **_totals: Any) -> Iterator[str]:
    """The rows for a spreadsheet, without totals."""
    import csv as writer_of_csv
    import io

    buffer = io.StringIO()
    writer = writer_of_csv.writer(buffer, lineterminator="\n")
    more = ("receptive_field", "stride", "offset") if fields else ()
    seen = _fields(net, fields)
    writer.writerow(("name", "kind", "inputs", "output_size", "params", "trainable", "non_trainable", "macs", *more))
    for row in rows(net, depth):
        counts = map(str, (row.params, row.trainable, row.params - row.trainable, row.macs))
        looks = _field_cells(seen.get(row.last)) if fields else ()
        writer.writerow((row.name, row.kind, " ".join(row.sources), show(row.size), *counts, *looks))
        yield buffer.getvalue().rstrip("\n")
        buffer.seek(0)
        buffer.truncate()


def json(net: Network, batch: int = 1, *, smallest: bool = False) -> Iterator[str]:
    """The JSON document, whose fields stay; a layer a line."""
    import json as writer_of_json

    document, seen = head_document(net, batch, smallest=smallest), receptive_fields(net)
    head = writer_of_json.dumps(document, indent=1)
    yield head.removesuffix("\n}") + ","
    yield ' "layers": ['
    last = len(net.layers) - 1
    for i, layer in enumerate(net.layers):
        document = {
            "name": layer.name,
            "kind": layer.kind,
            "inputs": list(layer.inputs),
            "output_size": size_document(layer.output_size),
            "params": dim_document(layer.params),
            "trainable": dim_document(layer.trainable),
            "macs": dim_document(layer.macs),
            "line": layer.line,
            **_field_document(seen.get(layer.name)),
        }
        yield f"  {writer_of_json.dumps(document)}{',' if i < last else ''}"
    yield " ]"
    yield "}"


def head_document(net: Network, batch: int = 1, *, smallest: bool = False) -> dict[str, Any]:
    """The JSON document without its layers."""
    needed = memory(net, batch)
    return {
        **figures_document(net, smallest=smallest),
        "memory": {
            "weights": dim_document(needed.weights),
            "activations": dim_document(needed.activations),
            "peak_layer": needed.peak_layer,
            "batch": batch,
        },
    }


def figures_document(net: Network, *, smallest: bool = False) -> dict[str, Any]:
    """Sizes and counts of a network."""
    sums = add_up(net.layers)
    least = _smallest(net, smallest)
    return {
        "model": net.model,
        "inputs": _ports(net.inputs),
        "outputs": _ports(net.outputs),
        "params": dim_document(sums.params),
        "trainable": dim_document(sums.trainable),
        "non_trainable": dim_document(sums.non_trainable),
        "macs": dim_document(sums.macs),
        "smallest_inputs": None if least is None else _ports(least),
    }


def _ports(sizes: Mapping[str, Size]) -> list[dict[str, Any]]:
    return [{"name": name, "size": size_document(size)} for name, size in sizes.items()]


def _smallest(net: Network, wanted: bool) -> dict[str, Size] | None:
    """The smallest inputs, where they are asked for, or where letters leave the size open."""
    return smallest_inputs(net) if wanted or net.letters else None


def smallest_text(net: Network, wanted: bool = True) -> str:
    """`75x75x3`, of several inputs with their names; `?` where none is found."""
    least = _smallest(net, wanted) or {}
    if len(least) == 1:
        return show(*least.values())
    return ", ".join(f"{name} {show(size)}" for name, size in least.items()) or "?"


def html(net: Network) -> str:
    """The table for a notebook."""
    from html import escape

    columns = _columns(net)
    align = ["left" if _is_left(name) else "right" for name in columns]

    def line(cells: Sequence[str], tag: str) -> str:
        parts = (
            f'<{tag} style="text-align:{side}">{escape(cell)}</{tag}>' for cell, side in zip(cells, align, strict=True)
        )
        return f"<tr>{''.join(parts)}</tr>"

    body = "".join(line(_cells(row, columns, {}), "td") for row in rows(net))
    notes = "<br>".join(escape(sentence) for sentence in _sentences(net))
    return (
        f"<table><caption>{escape(net.model)}</caption><thead>{line([*map(_title, columns)], 'th')}</thead>"
        f"<tbody>{body}</tbody></table><p>{notes}</p>"
    )


# --- rows ------------------------------------------------------------------------------------------------------------


def _columns(net: Network, fields: bool = False) -> tuple[str, ...]:
    """In a chain every layer continues from the one before it, so that `from` need not be said."""
    between = () if is_chain(net) else ("from",)
    return ("layer", *between, "size", *(FIELDS if fields else ()), "params", "MACs")


def _title(column: str) -> str:
    """The name of a column, for people."""
    titles = {
        "layer": say("layer (kind)"),
        "from": say("from"),
        "size": say("output size"),
        "field": say("field"),
        "stride": say("stride"),
        "offset": say("offset"),
        "params": say("params"),
        "MACs": say("MACs"),
    }
    return titles[column]


def _fields(net: Network, wanted: bool) -> dict[str, Field]:
    return receptive_fields(net) if wanted else {}


def _is_left(column: str) -> bool:
    return column in ("layer", "from", "size")


def _cells(row: Row, columns: Sequence[str], fields: Mapping[str, Field]) -> list[str]:
    name = row.name if len(row.name) <= NAME_WIDTH else f"...{row.name[3 - NAME_WIDTH :]}"
    kind = say("{kind}, weights of {shares}", kind=row.kind, shares=row.shares) if row.shares else row.kind
    sources = ", ".join(row.sources[:4])
    if len(row.sources) > 4:
        sources = plural("{sources} and {n} more", "{sources} and {n} more", len(row.sources) - 4, sources=sources)
    counts = [show_count(row.params), show_count(row.macs)]
    looks = _field_cells(fields.get(row.last)) if FIELDS[0] in columns else ()
    return [f"{name} ({kind})", *([sources] if "from" in columns else []), show(row.size), *looks, *counts]


def _field_cells(field: Field | None) -> tuple[str, ...]:
    """Size, stride and offset; one number where all axes agree, nothing for a vector."""
    if field is None:
        return ("", "", "")
    shown = [list(map(show, numbers)) for numbers in field]
    separators = ("x", ", ", ", ")
    return tuple(
        texts[0] if len(set(texts)) == 1 else separator.join(texts)
        for texts, separator in zip(shown, separators, strict=True)
    )


def _aligned(cells: Sequence[str], widths: Sequence[int], left: Sequence[bool]) -> str:
    columns = zip(cells, widths, left, strict=True)
    return "  ".join(cell.ljust(width) if side else cell.rjust(width) for cell, width, side in columns).rstrip()


# --- totals ----------------------------------------------------------------------------------------------------------


def _totals(net: Network, batch: int, smallest: bool) -> Iterator[str]:
    sums = add_up(net.layers)
    counts = [show_count(n) for n in (sums.params, sums.trainable, sums.non_trainable, sums.macs)]
    width = max(map(len, counts))
    names = (say("params"), f"  {say('trainable')}", f"  {say('non-trainable')}", say("MACs"))
    lines = dict(zip(names, (count.rjust(width) for count in counts), strict=True))
    lines[say("MACs")] += f"   ({_rule()})"
    lines[say("memory")] = _memory(sums)
    lines[f"  {say('largest live')}"] = _live(net, batch)
    if smallest or net.letters:
        lines[say("smallest input")] = smallest_text(net)
    if net.blanks:
        open_ones = "{n} to fill; what they leave open is shown as ?"
        lines[say("blanks")] = plural("{n} to fill; what they leave open is shown as ?", open_ones, net.blanks)
    room = max(16, *map(len, lines))
    yield from (f"{name:<{room}} {line}" for name, line in lines.items())


def _rule() -> str:
    return say("a multiply and an add are one; biases and element-wise layers not counted")


def _sentences(net: Network, batch: int = 1, smallest: bool = False) -> Iterator[str]:
    sums = add_up(net.layers)
    trained = say(
        "{trainable} trainable, {non_trainable} non-trainable",
        trainable=show_count(sums.trainable),
        non_trainable=show_count(sums.non_trainable),
    )
    yield say("params: {params} ({trained})", params=show_count(sums.params), trained=trained)
    yield say("MACs: {macs} ({rule})", macs=show_count(sums.macs), rule=_rule())
    yield say("memory: {memory}", memory=_memory(sums))
    yield say("largest live: {live}", live=_live(net, batch))
    if smallest or net.letters:
        yield say("smallest input: {smallest_text}", smallest_text=smallest_text(net))
    if net.blanks:
        yield plural("blanks: {n} to fill", "blanks: {n} to fill", net.blanks)


def _memory(sums: Totals) -> str:
    return say(
        "weights {weights}, the outputs of all layers for one image {outputs} ({bytes} bytes a number)",
        weights=_megabytes(sums.params),
        outputs=_megabytes(sums.activations),
        bytes=BYTES,
    )


def _live(net: Network, batch: int) -> str:
    needed = memory(net, batch)
    if net.letters and not isinstance(needed.activations, int):
        numbers = " ".join(f"--set {letter}=14" for letter in net.letters)
        return say("hangs on the size of the input: `{numbers}` says it", numbers=numbers)
    size = _millions(needed.activations)
    if not needed.peak_layer:
        return say("{size} of activations at one time, with a batch of {batch}", size=size, batch=batch)
    return say(
        "{size} of activations at one time, at {layer}, with a batch of {batch}",
        size=size,
        layer=needed.peak_layer,
        batch=batch,
    )


def _megabytes(count: Dim) -> str:
    """The memory of so many numbers in millions of bytes, to three decimals."""
    return _millions(count * BYTES)


def _millions(count: Dim) -> str:
    if isinstance(count, Symbolic):
        return f"{count} {say('bytes')}"
    if not isinstance(count, int):
        return f"? {say('MB')}"
    thousands = (count + 500) // 1000
    if thousands.bit_length() > 133:
        return f"{show_count(thousands // 1000)} {say('MB')}"
    point = decimal(0.0, 1)[1]  # a float would not hold every digit
    return f"{number(thousands // 1000)}{point}{thousands % 1000:03} {say('MB')}"


# --- documents -------------------------------------------------------------------------------------------------------


def dim_document(value: Dim) -> int | str:
    return value if isinstance(value, int) else str(value)


def _field_document(field: Field | None) -> dict[str, list[int | str] | None]:
    names = ("receptive_field", "stride", "offset")
    if field is None:
        return dict.fromkeys(names)
    return {name: [dim_document(n) for n in numbers] for name, numbers in zip(names, field, strict=True)}


def size_document(size: Size | Unknown) -> list[int | str]:
    return ["?"] if isinstance(size, Unknown) else [dim_document(n) for n in size]
