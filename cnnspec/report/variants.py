"""The list of variants: a row for each, with its figures."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

from cnnspec.network import Network
from cnnspec.report.checked import relative
from cnnspec.report.summary import dim_document, size_document
from cnnspec.report.text import plural
from cnnspec.values import show, show_count

COLUMNS = ("network", "params", "trainable", "MACs", "input")


class Row(NamedTuple):
    """One network: its place (`resnet.cnn:resnet18`), its figures, and its document."""

    cells: tuple[str, ...]
    document: dict[str, Any]


def row(net: Network) -> Row:
    """The row of a network."""
    file = relative(net.source.filename)
    place = f"{file}:{net.variant}" if net.variant else file
    sizes = ", ".join(map(show, net.inputs.values()))
    counts = (net.params, net.trainable, net.macs)
    return Row((place, *map(show_count, counts), sizes), {"file": file, "variant": net.variant, **_document(net)})


def _document(net: Network) -> dict[str, Any]:
    def ports(sizes: dict[str, Any]) -> list[dict[str, Any]]:
        return [{"name": name, "size": size_document(size)} for name, size in sizes.items()]

    counts = {name: dim_document(getattr(net, name)) for name in ("params", "trainable", "non_trainable", "macs")}
    return {"model": net.model, "inputs": ports(net.inputs), "outputs": ports(net.outputs), **counts}


def text(rows: Sequence[Row]) -> Iterator[str]:
    """The table for a terminal, line by line, and how many there are."""
    widths = [max(len(name), *(len(one.cells[i]) for one in rows)) for i, name in enumerate(COLUMNS)]
    yield _aligned(COLUMNS, widths)
    yield "-" * (sum(widths) + 2 * len(widths) - 2)
    yield from (_aligned(one.cells, widths) for one in rows)
    yield ""
    yield f"{plural(len(rows), 'network')} in {plural(len({one.document['file'] for one in rows}), 'file')}"


def markdown(rows: Sequence[Row]) -> Iterator[str]:
    """The table in Markdown."""
    yield f"| {' | '.join(COLUMNS)} |"
    yield "|---|---:|---:|---:|---|"
    yield from (f"| {' | '.join(one.cells)} |" for one in rows)


def csv(rows: Sequence[Row]) -> Iterator[str]:
    """The rows for a spreadsheet."""
    import csv as writer_of_csv
    import io

    buffer = io.StringIO()
    writer = writer_of_csv.writer(buffer, lineterminator="\n")
    writer.writerow(("file", "variant", "params", "trainable", "non_trainable", "macs", "input"))
    for one in rows:
        figures = [one.document[name] for name in ("params", "trainable", "non_trainable", "macs")]
        writer.writerow((one.document["file"], one.document["variant"] or "", *figures, one.cells[-1]))
    yield from buffer.getvalue().splitlines()


def json(rows: Sequence[Row]) -> Iterator[str]:
    """The JSON document, whose fields stay: a list with a variant a line."""
    import json as writer_of_json

    yield "["
    last = len(rows) - 1
    for i, one in enumerate(rows):
        yield f"  {writer_of_json.dumps(one.document)}{',' if i < last else ''}"
    yield "]"


def _aligned(cells: Sequence[str], widths: Sequence[int]) -> str:
    first, *numbers, size = (
        cell.rjust(width) if 0 < i < len(COLUMNS) - 1 else cell.ljust(width)
        for i, (cell, width) in enumerate(zip(cells, widths, strict=True))
    )
    return "  ".join((first, *numbers, size)).rstrip()
