"""The rows of a table of layers as it is printed: by Keras 1 to 3, torchsummary, torchinfo, fvcore, or by people."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence

from cnnspec.record import Record
from cnnspec.teaching.answers.kinds import kind_of

_BARS = re.compile("[|\u2502\u2503\u2551\u250a\u2506]")
_RULE = re.compile("[\\s|+=_\u00af\u2500-\u257f:-]+")
_TREE = re.compile("\\s*(?:[|\u2502] {2,})*(?:[\u251c\u2514]\u2500+|\\+(?= [A-Za-z]))\\s*")
_SIZE_WORD = re.compile(
    r"output|(?<!input )(?<!kernel )shape|forme|sortie|taille|dimension|(?<!input )(?<!kernel )\bsize\b", re.IGNORECASE
)
_COUNT_WORD = re.compile(r"param|calcul|nombre|count|poids|weights|#elements", re.IGNORECASE)
_NAME_WORD = re.compile(r"layer|couche|\btype\b|\bkind\b|\bop\b|\bnom\b|\bname\b|\bmodule\b", re.IGNORECASE)
_OTHER_WORD = re.compile(r"kernel|input|noyau", re.IGNORECASE)
_AXIS = r"(?:None|\?|-?[0-9]+)"
_SHAPE = re.compile(rf"(?:torch\.Size\()?[\[(]{{1,2}}{_AXIS}\s*,(?:\s*{_AXIS}\s*,)*(?:\s*{_AXIS})?\s*[\])]{{0,3}}")
_BATCHED = re.compile(r"(?:torch\.Size\()?[\[(]{1,2}(?:None|\?|-1)\s*,")
_VALUE = re.compile(r"[\[(]*(?:None\b|\?|-|[0-9]|[A-Za-z]+$)")
_LINKS = re.compile(r"\s{0,20}\[?['\"]?[\w/.:]{1,100}['\"]?\[[0-9]{1,9}\].*$")
_NOT_BUILT = re.compile(r".*\((?:recursive|unbuilt)\)|\?", re.IGNORECASE)
_NO_SIZE = re.compile(r"multiple|--?|\?|n/?a", re.IGNORECASE)
_TENSORS = frozenset({"weight", "bias", "kernel", "gamma", "beta"})
_BY_AXES = {1: "batchnorm", 2: "dense", 3: "conv", 4: "conv", 5: "conv"}

_PRINTED = re.compile(r"\s{0,100}\(\w{1,60}\): [A-Za-z]\w{0,60}\(")

LONGEST_LINE = 1_000

Cell = tuple[int, str]  # where it starts in the line, and what it says


class Row(Record):
    """A line of a table as it is written; `kind` is "" where the name tells none. `cut` is a size without its end."""

    name: str
    kind: str
    size: str
    params: str
    cut: str = ""


def rows_of(lines: Sequence[str]) -> list[Row]:
    """The rows in which something is said of a layer."""
    lines = [_without_tree(line[:LONGEST_LINE]) for line in lines if not _PRINTED.match(line)]
    barred = any(_has_columns(line) for line in lines)
    return rows_from(_between_bars(lines) if barred else _between_spaces(lines))


def rows_from(table: Iterable[Sequence[str]]) -> list[Row]:
    """The rows of a table whose cells are known, headings among them."""
    rows: list[Row] = []
    columns: dict[str, int] = {}
    for cells in table:
        heads = heads_of(cells)
        columns = heads or columns
        row = None if heads else _row(cells, columns)
        if row is not None:
            rows.append(row)
    return _counted(rows)


def is_printed(text: str) -> bool:
    """Whether a text has lines such as `(conv1): Conv2d(1, 6, kernel_size=(5, 5))`: a module as PyTorch prints it."""
    return any(_PRINTED.match(line) for line in text.split("\n"))


def _without_tree(line: str) -> str:
    """A line without the branches that torchinfo draws before names."""
    tree = None if _RULE.fullmatch(line) else _TREE.match(line)
    return line[tree.end() :] if tree else line


def heads_of(cells: Sequence[str]) -> dict[str, int]:
    """Which column is which, where these cells are headings."""
    found: dict[str, int] = {}
    for i, cell in enumerate(cells):
        for column, words in (("count", _COUNT_WORD), ("size", _SIZE_WORD), ("name", _NAME_WORD)):
            if column not in found and words.search(cell) and not re.search("[0-9]", cell):
                found[column] = i
                break
    if "size" not in found and not ("count" in found and "name" in found):
        return {}
    unnamed = "name" not in found and any(words.search(cells[0]) for words in (_COUNT_WORD, _SIZE_WORD, _OTHER_WORD))
    return {column: i + unnamed for column, i in found.items()}


# --- cells -----------------------------------------------------------------------------------------------------------


def _has_columns(line: str) -> bool:
    """Whether bars part a line; those round a model in a model of Keras 2 do not."""
    if _RULE.fullmatch(line) or not _BARS.search(line):
        return False
    inner = line.strip().strip("|\u2502\u2503\u2551\u250a\u2506 ")
    return len(_BARS.findall(line)) > 1 and bool(_BARS.search(inner))


def _between_bars(lines: Sequence[str]) -> Iterator[list[str]]:
    """The cells of each row; a row whose cells were wrapped is one."""
    rules = sum(bool(line.strip()) and bool(_RULE.fullmatch(line)) for line in lines)
    filled = sum(bool(line.strip()) and not _RULE.fullmatch(line) for line in lines)
    ruled = 3 * rules > filled
    row: list[str] = []
    for line in lines:
        if not line.strip() or _RULE.fullmatch(line):
            if row and ruled:
                yield row
                row = []
            continue
        cells = _barred_cells(line)
        if row and ruled and len(cells) <= len(row):  # the rest of a cell that was too narrow
            row = [f"{one} {other}".strip() for one, other in zip(row, [*cells, *[""] * len(row)], strict=False)]
            continue
        if row:
            yield row
        row = cells
    if row:
        yield row


def _barred_cells(line: str) -> list[str]:
    cells = [cell.strip() for cell in _BARS.split(line.strip())]
    if _BARS.match(line.strip()):
        cells = cells[1:]
    return cells[:-1] if cells and not cells[-1] else cells


def _between_spaces(lines: Sequence[str]) -> Iterator[list[str]]:
    """The cells of each row; what stands below a row and is none is the rest of its cells."""
    row: list[Cell] = []
    for line in lines:
        if not line.strip() or _RULE.fullmatch(line):
            cells: list[Cell] = []
        else:
            cells = _spaced_cells(_BARS.sub(" ", line) if _BARS.match(line.strip()) else line)
            if row and not _is_row(cells):
                row = _with_rest(row, cells)
                continue
        if row:
            yield [text for _, text in row]
        row = cells if _is_row(cells) else []
    if row:
        yield [text for _, text in row]


def _spaced_cells(line: str) -> list[Cell]:
    """Cells are parted by two spaces, or one where a name or a size fills its column."""
    wide = [(match.start(), match[0]) for match in re.finditer(r"[^\t ]+(?: [^\t ]+)*", line)]
    cells = [cell for one in wide for cell in _round_shapes(*one, batched=len(wide) > 2)]
    if len(cells) > 1 or not cells:
        return cells
    return [(cells[0][0] + start, text) for start, text in _by_pattern(cells[0][1])] or cells


def _round_shapes(start: int, text: str, *, batched: bool) -> Iterator[Cell]:
    end = 0
    for match in _SHAPE.finditer(text):
        if batched and not _BATCHED.match(match[0]):
            continue
        yield from _kept(start + end, text[end : match.start()])
        yield start + match.start(), match[0].strip()
        end = match.end()
    yield from _kept(start + end, text[end:])


def _kept(start: int, text: str) -> Iterator[Cell]:
    if text.strip():
        yield start + len(text) - len(text.lstrip()), text.strip()


def _by_pattern(text: str) -> list[Cell]:
    """A row whose columns are parted by single spaces only: `conv2d (Conv2D) 62x62x32 896`."""
    found = re.match(r"(.{1,80}?\([A-Za-z0-9_]+\)|\w+)\s+([0-9?]+(?:[x\u00d7][0-9?]+)*)\s+(\S.*)", text)
    return [(found.start(i), found[i]) for i in (1, 2, 3)] if found else []


def _is_row(cells: Sequence[Cell]) -> bool:
    if len(cells) < 2:
        return False
    texts = [text for _, text in cells]
    whole = (text for text in texts[1:] if not re.match(r"[^(\[]*[)\]]", text))
    return any(_VALUE.match(text) for text in whole) or bool(heads_of(texts))


def _with_rest(row: list[Cell], rest: Sequence[Cell]) -> list[Cell]:
    """The row with what did not fit into its cells: each piece stands below the cell that it belongs to."""
    row = list(row)
    for start, text in rest:
        index = max((i for i, (place, _) in enumerate(row) if place <= start), default=0)
        if ":" not in text and not _LINKS.fullmatch(text):
            row[index] = (row[index][0], row[index][1] + text)
    return row


# --- rows ------------------------------------------------------------------------------------------------------------


def _row(cells: Sequence[str], columns: dict[str, int]) -> Row | None:
    if len(cells) < 2 or any("->" in cell for cell in cells):  # a line of the language, not of a table
        return None
    where = {"name": 0, **columns} if columns else {"name": 0, "size": 1, "count": 2}
    name, size, count = (_cell(cells, where.get(column, len(cells))) for column in ("name", "size", "count"))
    whole = _whole(size)
    return Row(name, kind_of(name), whole, _count(count), size if size and not whole and "(" in size else "")


def _cell(cells: Sequence[str], index: int) -> str:
    return cells[index] if index < len(cells) else ""


def _whole(size: str) -> str:
    """A size without a list round it; "" for none, and for one whose end was cut off."""
    if _NO_SIZE.fullmatch(size):
        return ""
    if size.startswith("[("):
        size = size[1:].rstrip("]")
    cut = size.startswith(("(", "[")) and size[-1] not in ")]"
    return "" if cut and _SHAPE.fullmatch(size) else size


def _count(text: str) -> str:
    return "" if _NOT_BUILT.fullmatch(text) else _LINKS.sub("", text)


def _counted(rows: Sequence[Row]) -> list[Row]:
    """The rows with the counts that the shapes of their weights give, where a table has a row for each of those."""
    weights: dict[str, list[list[str]]] = {}
    for row in rows:
        owner, _, part = row.name.rpartition(".")
        if part in _TENSORS and _SHAPE.fullmatch(row.params):
            weights.setdefault(owner, []).append(re.findall("[0-9]+", row.params))
    if not weights:
        return list(rows)
    owners = {row.name.rpartition(".")[0] for row in rows} | {"model"}
    kept = [row for row in rows if row.name in weights or row.name not in owners]
    return [
        _with_weights(row, weights.get(row.name, [])) for row in kept if row.name.rpartition(".")[2] not in _TENSORS
    ]


def _with_weights(row: Row, tensors: Sequence[Sequence[str]]) -> Row:
    if not tensors:
        return row
    count = " + ".join("*".join(axes) for axes in tensors)
    return row._replace(params=count, kind=row.kind or _BY_AXES.get(len(tensors[0]), ""))
