"""A table of layers such as Keras's `summary()`: rows beside the statements of the exercise, by kind and order."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from cnnspec.language import say
from cnnspec.record import Record
from cnnspec.source import Span
from cnnspec.syntax import tree
from cnnspec.teaching.answers.collecting import Collected, parts_of, shortened
from cnnspec.teaching.blanks import axes
from cnnspec.teaching.exercise import Exercise
from cnnspec.teaching.model import FIGURE, PARAMS, SIZE, Blank
from cnnspec.teaching.runs import runs_of

MOST_ROWS = 400
SKIPPED = frozenset({"activation", "dropout", "input", "identity"})

_BARS = re.compile("[|\u2502\u2503\u2551\u250a\u2506]")
_RULE = re.compile("[\\s|+=_\u2500-\u257f:-]+")
_SIZE_WORD = re.compile(r"output|shape|forme|sortie|taille|dimension|\bsize\b", re.IGNORECASE)
_COUNT_WORD = re.compile(r"param|calcul|nombre|count|poids|weights", re.IGNORECASE)
_NAME_WORD = re.compile(r"layer|couche|\btype\b|\bkind\b|\bop\b|\bnom\b|\bname\b", re.IGNORECASE)
_TOTAL = re.compile(
    r"\W*(?P<what>total(?:\s+(?:params?|parameters?|param\u00e8tres?|parametres?))?|non[- ]trainable(?:\s+params)?"
    r"|trainable(?:\s+params)?|params|parameters|param\u00e8tres|macs)\W+(?P<value>[^\sA-Za-z(][^A-Za-z(|\u2502\u2503]*)",
    re.IGNORECASE,
)

# The kinds as tables call them; what has another name in each framework comes from the language itself.
_KINDS = {
    **dict.fromkeys(("pool", "pooling", "max", "maxpooling", "max_pooling", "maxpool", "subsampling"), "maxpool"),
    **dict.fromkeys(("avg", "average", "averagepooling", "average_pooling", "avgpool", "mean"), "avgpool"),
    **dict.fromkeys(("convolution", "conv", "convolutional", "separable_conv", "conv_transpose"), "conv"),
    **dict.fromkeys(("depthwise", "depthwise_conv"), "depthwise"),
    **dict.fromkeys(("dense", "fc", "linear", "fully_connected", "mlp", "couche_dense"), "dense"),
    **dict.fromkeys(("flatten", "flattening", "aplatissement", "aplatir", "vector"), "flatten"),
    **dict.fromkeys(("batchnorm", "bn", "normalisation", "normalization"), "batchnorm"),
    **dict.fromkeys(("input", "input_layer", "entree", "image"), "input"),
    **dict.fromkeys(("dropout", "spatial_dropout", "drop_path"), "dropout"),
    **dict.fromkeys(("concatenate", "concat"), "concat"),
    **dict.fromkeys(("zero_padding", "pad"), "pad"),
    **dict.fromkeys(("up_sampling", "upsample"), "upsample"),
    **dict.fromkeys(
        (
            *(
                "activation",
                "relu",
                "relu6",
                "softmax",
                "sigmoid",
                "tanh",
                "elu",
                "selu",
                "gelu",
                "silu",
                "leaky_relu",
                "mish",
            ),
            *("hard_sigmoid", "hard_swish", "softplus", "softsign", "log_softmax", "celu", "abs", "clip", "swish"),
        ),
        "activation",
    ),
}


class Row(Record):
    """A line of a table as it is written; `kind` is "" where the name tells none."""

    name: str
    kind: str
    size: str
    params: str


class Step(Record):
    """A layer of the exercise, and the statement that it stands in."""

    kind: str
    statement: Span


def collect(found: Collected, text: str) -> bool:
    """Takes what a table says; whether the text holds one."""
    lines = text.split("\n")[: 20 * MOST_ROWS]
    rows = [row for row in _rows(lines) if row.size or row.params][:MOST_ROWS]
    known = [row for row in rows if row.kind]
    if not known or 2 * len(known) < len(rows):
        return False
    steps: Sequence[Step] = found.exercise.known("steps", lambda: _steps(found.exercise))
    _take(found, steps, _beside(known, [step.kind for step in steps]))
    _totals(found, lines)
    return True


# --- reading ---------------------------------------------------------------------------------------------------------


def _rows(lines: Sequence[str]) -> Iterator[Row]:
    columns: dict[str, int] = {}
    for cells in _cells(lines):
        heads = _heads(cells)
        if heads:
            columns = heads
            continue
        row = _row(cells, columns)
        if row is not None:
            yield row


def _cells(lines: Sequence[str]) -> Iterator[list[str]]:
    """The cells of each row; a row whose cells were wrapped is one."""
    barred = any(len(_BARS.findall(line)) > 1 for line in lines)
    rules = sum(bool(line.strip()) and bool(_RULE.fullmatch(line)) for line in lines)
    filled = sum(bool(line.strip()) and not _RULE.fullmatch(line) for line in lines)
    ruled = barred and 3 * rules > filled
    row: list[str] = []
    for line in lines:
        if not line.strip() or _RULE.fullmatch(line):
            if row and (ruled or not barred):
                yield row
                row = []
            continue
        cells = _split(line, barred=barred)
        if row and ruled and len(cells) <= len(row):  # the rest of a cell that was too narrow
            row = [f"{one} {other}".strip() for one, other in zip(row, [*cells, *[""] * len(row)], strict=False)]
            continue
        if row:
            yield row
        row = cells
    if row:
        yield row


def _split(line: str, *, barred: bool) -> list[str]:
    if barred:
        cells = [cell.strip() for cell in _BARS.split(line.strip())]
        if _BARS.match(line.strip()):
            cells = cells[1:]
        return cells[:-1] if cells and not cells[-1] else cells
    return [cell.strip() for cell in re.split(r"\t| {2,}", line.strip()) if cell.strip()]


def _heads(cells: Sequence[str]) -> dict[str, int]:
    """Which column is which, where these cells are headings."""
    found: dict[str, int] = {}
    for i, cell in enumerate(cells):
        for column, words in (("count", _COUNT_WORD), ("size", _SIZE_WORD), ("name", _NAME_WORD)):
            if column not in found and words.search(cell) and not re.search("[0-9]", cell):
                found[column] = i
                break
    return found if "size" in found or ("count" in found and "name" in found) else {}


def _row(cells: list[str], columns: dict[str, int]) -> Row | None:
    if len(cells) < 2:
        cells = _by_pattern(cells)
    if len(cells) < 2 or any("->" in cell for cell in cells):  # a line of the language, not of a table
        return None
    where = {"name": 0, "size": 1, "count": 2} if not columns else {"name": 0, **columns}
    name, size, count = (_cell(cells, where.get(column, len(cells))) for column in ("name", "size", "count"))
    return Row(name, kind_of(name), size, count)


def _by_pattern(cells: list[str]) -> list[str]:
    """A row whose columns are parted by single spaces only: `conv2d (Conv2D) (None, 62, 62, 32) 896`."""
    found = re.match(
        r"(.{1,80}?\([A-Za-z0-9_]+\)|\w+)\s+(\([^()]{1,60}\)|[0-9?]+(?:[x\u00d7][0-9?]+)*)\s+(\S.*)", "".join(cells[:1])
    )
    return list(found.groups()) if found else []


def _cell(cells: Sequence[str], index: int) -> str:
    return cells[index] if index < len(cells) else ""


def kind_of(name: str) -> str:
    """The kind of layer that a name in a table means, "" where it tells none.

    >>> kind_of("max_pooling2d_3 (MaxPooling2D)"), kind_of("conv1 (conv)"), kind_of("Dense 6")
    ('maxpool', 'conv', 'dense')
    """
    inner = re.search(r"\(\s*([A-Za-z]\w*)", name)
    words = ([inner[1]] if inner else []) + re.findall(r"[^\W\d_]\w*", name)[:3]
    return next((kind for word in words if (kind := _kind(word))), "")


def _kind(word: str) -> str:
    from cnnspec import layers
    from cnnspec.syntax.foreign import lower_snake

    written = re.sub(r"(?:_?[123][dD])?_?[0-9]*$", "", word[:60])
    plain = lower_snake(written)
    kind = _KINDS.get(plain, _KINDS.get(plain.rpartition(".")[2], plain))
    return kind if kind in _KINDS.values() or layers.find(kind) else ""


# --- matching --------------------------------------------------------------------------------------------------------


def _steps(exercise: Exercise) -> list[Step]:
    """The layers of the exercise in order, each with the outermost statement that it stands in."""
    runs = runs_of(exercise.network)
    flows = [node.span for node in exercise.file.body if isinstance(node, tree.Flow)]
    asked = {blank.statement for blank in exercise.blanks}
    order = [span for span in runs if span in asked or span in flows]
    inner = [span for span in order if not any(_inside(other, span) for other in order)]
    return [
        Step(_KINDS.get(layer.kind, layer.kind), span)
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
            best[i][j] = max(best[i + 1][j], best[i][j + 1], best[i + 1][j + 1] + _same(rows[i].kind, kinds[j]))
    pairs = []
    i = j = 0
    while i < len(rows) and j < len(kinds):
        same = _same(rows[i].kind, kinds[j])
        if same and best[i][j] == best[i + 1][j + 1] + same:
            pairs.append((j, rows[i]))
            i, j = i + 1, j + 1
        elif best[i][j] == best[i][j + 1]:
            j += 1
        else:
            i += 1
    return pairs


def _same(one: str, other: str) -> float:
    if one == other:
        return 0.1 if one in SKIPPED else 1.0
    pools = {"maxpool", "avgpool"}
    return 0.5 if one in pools and other in pools else 0.0


def _take(found: Collected, steps: Sequence[Step], pairs: Sequence[tuple[int, Row]]) -> None:
    rows: dict[Span, list[Row]] = {}
    for index, row in pairs:
        rows.setdefault(steps[index].statement, []).append(row)
    asked: dict[Span, list[Blank]] = {}
    for blank in found.exercise.blanks:
        asked.setdefault(blank.statement, []).append(blank)
    for statement, blanks in asked.items():
        sizes = [blank for blank in blanks if blank.family == SIZE]
        counts = [blank for blank in blanks if blank.family == PARAMS]
        if not sizes and not counts:
            continue
        if statement in rows:
            _fill(found, sizes, counts, rows[statement])
        else:
            text = found.exercise.source.text[statement.start : statement.end]
            found.notice(
                say("the table has no row for `{statement}`", statement=shortened(text.partition("->")[0].strip()))
            )


def _fill(found: Collected, sizes: Sequence[Blank], counts: Sequence[Blank], rows: Sequence[Row]) -> None:
    """The size after the last row of a statement, and the counts of all of them."""
    for blank in sizes:
        found.put(blank, rows[-1].size if blank.part == "size" else _of_size(found, blank, rows[-1].size))
    written = [row.params for row in rows if row.params]
    counted = [count for count in written if count not in ("0", "-")] or written[:1]
    if counts and counted:
        found.put(counts[0], " + ".join(counted))


def _of_size(found: Collected, blank: Blank, text: str) -> str:
    """The part of a size that belongs to the axis of the blank."""
    size = _axes_after(found.exercise, blank.statement)
    names = axes(size)
    parts = parts_of(text, size)
    return parts[names.index(blank.part)] if blank.part in names and len(parts) == len(names) else text


def _axes_after(exercise: Exercise, statement: Span) -> int:
    """How many axes the value has that a statement yields."""
    runs = exercise.known("runs", lambda: runs_of(exercise.network)).get(statement, ())
    return len(runs[0].result) if runs and isinstance(runs[0].result, tuple) else 0


def _totals(found: Collected, lines: Sequence[str]) -> None:
    """The figures below the table."""
    figures = {blank.part: blank for blank in found.exercise.blanks if blank.family == FIGURE}
    for line in lines if figures else ():
        match = _TOTAL.match(line[:200])
        if match:
            what = match["what"].lower()
            part = (
                "non_trainable"
                if "non" in what
                else "trainable"
                if "train" in what
                else "macs"
                if what == "macs"
                else "params"
            )
            if part in figures:
                found.put(figures[part], match["value"].strip().rstrip(".,;"))
