"""A table of layers such as Keras's `summary()`: rows beside the statements of the exercise, by kind and order."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from cnnspec.language import say
from cnnspec.record import Record
from cnnspec.source import Span
from cnnspec.syntax import tree
from cnnspec.teaching.answers.collecting import Collected, parts_of, shortened
from cnnspec.teaching.answers.kinds import KINDS, alike
from cnnspec.teaching.answers.listed import layers_of
from cnnspec.teaching.answers.order import leaning, turned, without_batch, written
from cnnspec.teaching.answers.rows import Row, rows_from, rows_of
from cnnspec.teaching.answers.saved import cells_of
from cnnspec.teaching.blanks import axes
from cnnspec.teaching.exercise import Exercise
from cnnspec.teaching.model import FIGURE, PARAMS, SIZE, Blank
from cnnspec.teaching.runs import runs_of

MOST_ROWS = 400
NOTHING = ("0", "-", "--")

_TOTAL = re.compile(
    r"\W*(?P<what>(?:total\s+(?:des\s+)?)?(?:param\w{0,8}\s+)?(?:non[- ])?"
    r"(?:trainable|entra(?:\u00ee|i\u0302?)nables?)(?:\s+param\w{0,8})?"
    r"|total(?:\s+(?:des\s+)?(?:params?|parameters?|param\u00e8tres?|parametres?))?"
    r"|params|parameters|param\u00e8tres|macs)\W+(?P<value>[^\sA-Za-z(][^A-Za-z(|\u2502\u2503]*)",
    re.IGNORECASE,
)


class Step(Record):
    """A layer of the exercise, and the statement that it stands in."""

    kind: str
    statement: Span


def collect(found: Collected, text: str) -> bool:
    """Takes what a table says; whether the text holds one."""
    lines = text.split("\n")[: 20 * MOST_ROWS]
    saved = cells_of(lines) if is_saved(found.exercise, text) else []
    rows = (rows_from(saved) if saved else layers_of(lines) or rows_of(lines))[:MOST_ROWS]
    known = [row for row in rows if row.kind]
    if not known or 2 * len(known) < len(rows):
        return False
    lines = ["  ".join(cells) for cells in saved] or lines
    steps: Sequence[Step] = found.exercise.known("steps", lambda: _steps(found.exercise))
    _take(found, steps, _beside(known, [step.kind for step in steps]))
    take_totals(found, lines)
    _unbuilt(found, text)
    return True


def is_saved(exercise: Exercise, text: str) -> bool:
    """Whether the text is a table of layers that a spreadsheet saved, and no sheet of blanks by their keys."""
    cells = cells_of(text.split("\n")[: 20 * MOST_ROWS])[: MOST_ROWS + 1]
    rows = rows_from(cells)
    kinds = sum(bool(row.kind) for row in rows)
    keys = {blank.key.casefold() for blank in exercise.blanks if "." in blank.key}
    return 0 < kinds >= len(rows) / 2 and not any(cell.casefold() in keys for row in cells for cell in row)


# --- matching --------------------------------------------------------------------------------------------------------


def _steps(exercise: Exercise) -> list[Step]:
    """The layers of the exercise in order, each with the outermost statement that it stands in."""
    runs = runs_of(exercise.network)
    flows = [node.span for node in exercise.file.body if isinstance(node, tree.Flow)]
    asked = {blank.statement for blank in exercise.blanks}
    order = [span for span in runs if span in asked or span in flows]
    inner = [span for span in order if not any(_inside(other, span) for other in order)]
    return [
        Step(KINDS.get(layer.kind, layer.kind), span)
        for span in sorted(inner)
        for layer in (runs[span][0].layers if runs[span] else ())
    ]


def _inside(one: Span, other: Span) -> bool:
    return one != other and other.start <= one.start and one.end <= other.end


def _beside(rows: Sequence[Row], kinds: Sequence[str]) -> list[tuple[int, Row]]:
    """Each row with the index of its layer: the most pairs of one kind in order; what is skipped may stand alone."""
    best = [[0.0] * (len(kinds) + 1) for _ in range(len(rows) + 1)]
    for i in range(len(rows) - 1, -1, -1):
        for j in range(len(kinds) - 1, -1, -1):
            best[i][j] = max(best[i + 1][j], best[i][j + 1], best[i + 1][j + 1] + alike(rows[i].kind, kinds[j]))
    pairs = []
    i = j = 0
    while i < len(rows) and j < len(kinds):
        same = alike(rows[i].kind, kinds[j])
        if same and best[i][j] == best[i + 1][j + 1] + same:
            pairs.append((j, rows[i]))
            i, j = i + 1, j + 1
        elif best[i][j] == best[i][j + 1]:
            j += 1
        else:
            i += 1
    return pairs


def _take(found: Collected, steps: Sequence[Step], pairs: Sequence[tuple[int, Row]]) -> None:
    rows: dict[Span, list[Row]] = {}
    for index, row in pairs:
        rows.setdefault(steps[index].statement, []).append(row)
    sizes = _sizes(found, rows)
    asked: dict[Span, list[Blank]] = {}
    for blank in found.exercise.blanks:
        asked.setdefault(blank.statement, []).append(blank)
    for statement, blanks in asked.items():
        wanted = [blank for blank in blanks if blank.family in (SIZE, PARAMS)]
        if wanted and statement in rows:
            _fill(found, wanted, sizes[statement], rows[statement])
        elif wanted:
            text = found.exercise.source.text[statement.start : statement.end]
            found.notice(
                say("the table has no row for `{statement}`", statement=shortened(text.partition("->")[0].strip()))
            )


def _fill(found: Collected, blanks: Sequence[Blank], size: str, rows: Sequence[Row]) -> None:
    """The size after the last row of a statement, and the counts of all of them."""
    sizes = [blank for blank in blanks if blank.family == SIZE]
    counts = [blank for blank in blanks if blank.family == PARAMS]
    if sizes and rows[-1].cut:
        found.notice(
            say("the size `{size}` is cut off in the table: print it with wider lines", size=shortened(rows[-1].cut))
        )
    for blank in sizes:
        found.put(blank, size if blank.part == "size" else _of_size(found, blank, size))
    written = [row.params for row in rows if row.params]
    counted = [count for count in written if count not in NOTHING] or written[:1]
    if counts and counted:
        found.put(counts[0], " + ".join(counted))


def _sizes(found: Collected, rows: dict[Span, list[Row]]) -> dict[Span, str]:
    """The size after each statement; where the table has the channels in front, they come to stand last."""
    texts = {statement: own[-1].size for statement, own in rows.items()}
    rights = {statement: found.result(statement) for statement in rows}
    plain = without_batch((texts[one], _count(rights[one])) for one in rows)
    texts = {statement: plain.get(text, text) for statement, text in texts.items()}
    sizes = {one: size.size for one in rows if (size := written(texts[one], _count(rights[one]))) is not None}
    maps = [one for one, size in sizes.items() if len(size) > 1]
    if sum(leaning(sizes[one], rights[one]) for one in maps) <= 0:
        return texts
    asked = {blank.statement for blank in found.exercise.blanks if blank.family == SIZE}
    for one in maps:
        before, texts[one] = texts[one], "x".join(map(str, turned(sizes[one])))
        if one in asked and turned(sizes[one]) != sizes[one]:
            found.was_turned(before, turned(sizes[one]))
    return texts


def _count(size: Any) -> int:
    return len(size) if isinstance(size, tuple) else 0


def _of_size(found: Collected, blank: Blank, text: str) -> str:
    """The part of a size that belongs to the axis of the blank."""
    count = _count(found.result(blank.statement))
    names = axes(count)
    parts = parts_of(text, count)
    return parts[names.index(blank.part)] if blank.part in names and len(parts) == len(names) else text


def _unbuilt(found: Collected, text: str) -> None:
    if "(unbuilt)" in text:
        found.notice(say("the model of the table was not built: give it the size of its input, and print it again"))


def take_totals(found: Collected, lines: Sequence[str]) -> None:
    """The figures below the table, as far as they are not answered yet."""
    asked = (blank for blank in found.exercise.blanks if blank.family == FIGURE and blank.key not in found.given)
    figures = {blank.part: blank for blank in asked}
    for line in lines if figures else ():
        match = _TOTAL.match(line[:200])
        if match:
            what = match["what"].lower()
            part = (
                "non_trainable"
                if "non" in what
                else "trainable"
                if "train" in what or "entra" in what
                else "macs"
                if what == "macs"
                else "params"
            )
            if part in figures:
                found.put(figures[part], match["value"].strip().rstrip(".,;* "))
