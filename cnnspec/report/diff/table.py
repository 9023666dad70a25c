"""Differences as a table: for a terminal, or in Markdown for a pull request."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from cnnspec.language import decimal, plural, say
from cnnspec.network import Layer
from cnnspec.report.diff.differences import (
    ADDED,
    CHANGED,
    FOLLOWS,
    ITS_OWN,
    OTHER_VALUES,
    REMOVED,
    RENAMED,
    Change,
    Difference,
    Differences,
    minus,
)
from cnnspec.report.excerpt import visible
from cnnspec.report.written import written
from cnnspec.values import Dim, show, show_count

RESET, RED, GREEN, YELLOW, DIM = "\x1b[0m", "\x1b[31m", "\x1b[32m", "\x1b[33m", "\x1b[2m"
MARKS = {ADDED: "+", REMOVED: "-", CHANGED: "~", RENAMED: "=", FOLLOWS: ">"}
TONES = {ADDED: GREEN, REMOVED: RED, CHANGED: YELLOW, RENAMED: DIM, FOLLOWS: DIM}


def text(found: Differences, names: tuple[str, str], *, brief: bool = False, color: bool = False) -> Iterator[str]:
    """The table for a terminal, line by line."""
    yield f"{visible(names[0])} -> {visible(names[1])}"
    yield ""
    rows = _rows(found, brief)
    if rows:
        cells = [("", *_columns()), *((MARKS[one.status], *_cells(one)) for one in rows)]
        head, *lines = _aligned(cells, numbers=2)
        yield head
        yield "-" * max(map(len, (head, *lines)))
        for one, line in zip(rows, lines, strict=True):
            yield f"{TONES[one.status]}{line}{RESET}" if color else line
        yield ""
    yield from _hidden(found, rows)
    yield from _aligned([("", say("before"), say("after"), "", ""), *_totals(found)], numbers=4)
    if rows:
        yield ""
        yield _legend()


def markdown(found: Differences, names: tuple[str, str], *, brief: bool = False) -> Iterator[str]:
    """The table in Markdown."""
    yield f"### `{_plain(names[0])}` → `{_plain(names[1])}`"
    yield ""
    yield f"| | {say('before')} | {say('after')} | {say('change')} |"
    yield "|---|---:|---:|---:|"
    for name, before, after, delta, share in _totals(found):
        yield f"| {name.strip()} | {before} | {after} | {f'{delta} {share}'.strip()} |"
    rows = _rows(found, brief)
    if rows:
        yield ""
        yield f"| | {' | '.join(_columns())} |"
        yield "|---|---|---|---|---:|---:|"
        for one in rows:
            cells = (_escaped(cell) for cell in _cells(one))
            yield f"| {MARKS[one.status]} | {' | '.join(cells)} |"
        yield ""
        yield _legend()
    yield from _hidden(found, rows)


def same(found: Differences, names: tuple[str, str]) -> str:
    """What is said where nothing changed."""
    sums = found.totals[1]
    counts = (
        _counted("{count} layer", "{count} layers", sums.layers),
        _counted("{count} parameter", "{count} parameters", sums.params),
        _counted("{count} MAC", "{count} MACs", sums.macs),
    )
    return say(
        "{before} -> {after}: the same network, {counts}",
        before=visible(names[0]),
        after=visible(names[1]),
        counts=", ".join(counts),
    )


def _counted(one: str, many: str, count: Dim) -> str:
    """The number with its noun; what is not known is many."""
    return plural(one, many, count if isinstance(count, int) else 2, count=show_count(count))


def _columns() -> tuple[str, ...]:
    return say("layer (kind)"), say("change"), say("output size"), say("params"), say("MACs")


def _legend() -> str:
    return say("+ added, - removed, ~ changed, = renamed, > only the size or the counts")


# --- rows -------------------------------------------------------------------------------------------------------------


def _rows(found: Differences, brief: bool) -> list[Difference]:
    return [one for one in found.all if not brief or one.status not in (RENAMED, FOLLOWS)]


def _hidden(found: Differences, rows: Sequence[Difference]) -> Iterator[str]:
    hidden = len(found.all) - len(rows)
    if hidden:
        what = "{n} more with another size, count or name only"
        yield plural("{n} more with another size, count or name only", what, hidden)
        yield ""


def _cells(one: Difference) -> tuple[str, ...]:
    sides = [value for value in (one.before, one.after) if value is not None]
    own = [value.name for value in sides]
    names = own if not one.names[0] else [one.names[0]]
    size = _arrow([show(value.size) for value in sides])
    kind = "output" if one.names[0] else sides[-1].kind if isinstance(sides[-1], Layer) else "input"
    counts = ("", "") if one.names[0] else (signed(one.delta("params")), signed(one.delta("macs")))
    return (f"{_arrow(names)} ({kind})", _change(one), size, *counts)


def _change(one: Difference) -> str:
    """`f=5 -> f=3`; of a layer that came or went, the layer as it is written."""
    if one.status in (ADDED, REMOVED):
        value = one.after or one.before
        if not isinstance(value, Layer) or one.names[0]:
            return say("added") if one.status == ADDED else say("removed")
        return "?" if value.args is None else written(value.operation)
    return ", ".join(map(_one_change, (c for c in one.changes if c.what != "size")))


def _one_change(change: Change) -> str:
    if change.what == "kind":
        return f"{change.before} -> {change.after}"
    if change.what in ("inputs", "weights", "position"):
        what = {"inputs": say("inputs"), "weights": say("weights"), "position": say("position")}[change.what]
        before, after = (say("its own") if name == ITS_OWN else name for name in (change.before, change.after))
        return say("{name}: {text}", name=what, text=f"{before} -> {after}")
    if change.after == OTHER_VALUES:
        return say("{argument}: other values", argument=change.what)
    return f"{change.what}={change.before} -> {change.what}={change.after}"


def _arrow(texts: Sequence[str]) -> str:
    return " -> ".join(dict.fromkeys(texts))


# --- numbers ----------------------------------------------------------------------------------------------------------


def signed(delta: Dim) -> str:
    """`+2,320`, `-96`; nothing for 0."""
    if not isinstance(delta, int):
        text = str(delta)
        return text if text.startswith(("?", "-")) else f"+{text}"
    return "" if delta == 0 else f"{'+' if delta > 0 else '-'}{show_count(abs(delta))}"


def _totals(found: Differences) -> Iterator[tuple[str, ...]]:
    names = (say("layers"), say("params"), f"  {say('trainable')}", f"  {say('non-trainable')}", say("MACs"))
    for name, before, after in zip(names, *found.totals, strict=True):
        delta = minus(after, before)
        yield name, show_count(before), show_count(after), signed(delta) or "=", _share(delta, before)


def _share(delta: Dim, before: Dim) -> str:
    if not isinstance(delta, int) or not isinstance(before, int) or delta == 0 or before == 0:
        return ""
    return f"({'+' if delta > 0 else '-'}{decimal(abs(delta) * 100 / before, 1)} %)"


def _aligned(lines: Sequence[Sequence[str]], numbers: int) -> list[str]:
    """Columns of equal width; so many at the end are right-aligned."""
    widths = [max(map(len, column)) for column in zip(*lines, strict=True)]
    left = len(widths) - numbers
    return [
        "  ".join(
            cell.ljust(width) if i < left else cell.rjust(width)
            for i, (cell, width) in enumerate(zip(cells, widths, strict=True))
        ).rstrip()
        for cells in lines
    ]


def _plain(name: str) -> str:
    return visible(name).replace("`", "'")


def _escaped(cell: str) -> str:
    return cell.replace("\\", "\\\\").replace("|", "\\|").replace("<", "&lt;")
