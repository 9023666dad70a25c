"""The list of variants: a row for each, with its figures."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

from cnnspec.language import plural, say
from cnnspec.network import Network
from cnnspec.report.checked import relative
from cnnspec.report.summary import figures_document, smallest_text
from cnnspec.values import show, show_count

COLUMNS = ("network", "params", "trainable", "MACs", "input")
WORDS = ("network", "input", "smallest input")  # columns that are no numbers


class Row(NamedTuple):
    """One network: its figures by column, its place (`resnet.cnn:resnet18`) first, and its document."""

    cells: dict[str, str]
    document: dict[str, Any]


def row(net: Network, *, smallest: bool = False) -> Row:
    """The row of a network; with `smallest` also the smallest input that it accepts."""
    file = relative(net.source.filename)
    place = f"{file}:{net.variant}" if net.variant else file
    sizes = ", ".join(map(show, net.inputs.values()))
    cells = (place, *map(show_count, (net.params, net.trainable, net.macs)), sizes)
    document = {"file": file, "variant": net.variant, **figures_document(net, smallest=smallest)}
    least = {"smallest input": smallest_text(net)} if smallest else {}
    return Row({**dict(zip(COLUMNS, cells, strict=True)), **least}, document)


def text(rows: Sequence[Row]) -> Iterator[str]:
    """The table for a terminal, line by line, and how many there are."""
    titles = {name: _title(name) for name in _columns(rows)}
    widths = {name: max(len(titles[name]), *(len(one.cells[name]) for one in rows)) for name in titles}
    yield _aligned(titles, widths)
    yield "-" * (sum(widths.values()) + 2 * len(widths) - 2)
    yield from (_aligned(one.cells, widths) for one in rows)
    yield ""
    files = plural("{n} file", "{n} files", len({one.document["file"] for one in rows}))
    yield plural("{n} network in {files}", "{n} networks in {files}", len(rows), files=files)


def markdown(rows: Sequence[Row]) -> Iterator[str]:
    """The table in Markdown."""
    columns = _columns(rows)
    yield f"| {' | '.join(map(_title, columns))} |"
    yield "|" + "|".join("---" if name in WORDS else "---:" for name in columns) + "|"
    yield from (f"| {' | '.join(one.cells.values())} |" for one in rows)


def csv(rows: Sequence[Row]) -> Iterator[str]:
    """The rows for a spreadsheet."""
    import csv as writer_of_csv
    import io

    buffer = io.StringIO()
    writer = writer_of_csv.writer(buffer, lineterminator="\n")
    sizes = [name for name in _columns(rows) if name.endswith("input")]
    counts = ("params", "trainable", "non_trainable", "macs")
    writer.writerow(("file", "variant", *counts, *(name.replace(" ", "_") for name in sizes)))
    for one in rows:
        figures = [one.document[name] for name in counts]
        place = (one.document["file"], one.document["variant"] or "")
        writer.writerow((*place, *figures, *(one.cells[name] for name in sizes)))
    yield from buffer.getvalue().splitlines()


def _title(column: str) -> str:
    """The name of a column, for people."""
    titles = {
        "network": say("network"),
        "params": say("params"),
        "trainable": say("trainable"),
        "MACs": say("MACs"),
        "input": say("input"),
        "smallest input": say("smallest input"),
    }
    return titles[column]


def _columns(rows: Sequence[Row]) -> tuple[str, ...]:
    return tuple(rows[0].cells) if rows else COLUMNS


def json(rows: Sequence[Row]) -> Iterator[str]:
    """The JSON document, whose fields stay: a list with a variant a line."""
    import json as writer_of_json

    yield "["
    last = len(rows) - 1
    for i, one in enumerate(rows):
        yield f"  {writer_of_json.dumps(one.document)}{',' if i < last else ''}"
    yield "]"


def _aligned(cells: dict[str, str], widths: dict[str, int]) -> str:
    aligned = (
        cells[name].ljust(width) if name in WORDS else cells[name].rjust(width) for name, width in widths.items()
    )
    return "  ".join(aligned).rstrip()
