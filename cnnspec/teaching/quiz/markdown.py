"""A sheet to print or to hand out as Markdown, and its answer key."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from itertools import groupby

from cnnspec.language import say
from cnnspec.teaching.labels import joined
from cnnspec.teaching.model import ARGUMENT, SIZE
from cnnspec.teaching.quiz.fields import Question
from cnnspec.teaching.quiz.markup import plain_cell
from cnnspec.teaching.quiz.results import one_line, show_points
from cnnspec.teaching.quiz.sheet import Options, Output, Sheet, intro
from cnnspec.teaching.quiz.table import Cell, Hole, Row, times, without_gaps

BOX = "________"
LINES_FOR_LAYERS = 6
_SPECIAL = re.compile(r"([\\*_\[\]<>#|$~!])")
_CODE = re.compile(r"(`[^`\n]+`)")
_BAR, BAR = re.compile(r"(?<!\\)\|"), r"\\|"
_Filling = Callable[[Hole], str]


def export(made: Sequence[Sheet], options: Options) -> list[Output]:
    """One file: a sheet for each variant or student, or the keys."""
    pages = [key(sheet) if options.key else page(sheet) for sheet in made]
    return [Output("", "\n\n---\n\n".join(pages) + "\n")]


def as_markdown(text: str) -> str:
    r"""Text in one line that Markdown shows as it is; what stands between backticks stays code.

    >>> print(as_markdown("`f*f` is f * f"))
    `f*f` is f \* f
    """
    parts = _CODE.split(one_line(text))
    return "".join(part if part[:1] == "`" and len(part) > 2 else _SPECIAL.sub(r"\\\1", part) for part in parts)


def page(sheet: Sheet) -> str:
    """The sheet with empty boxes, each with the number of its blank."""
    lines = [*_head(sheet, sheet.heading), *(as_markdown(line) for line in intro(sheet).splitlines()), ""]
    lines += _table(sheet, lambda hole: _box(sheet, hole))
    for question in sheet.open:
        if question.blank.family == "layers":
            lines += ["", f"**({question.blank.number})** {as_markdown(question.label)}", ""]
            lines += [f"{BOX * 6}\n"] * LINES_FOR_LAYERS
    return "\n".join(lines)


def key(sheet: Sheet) -> str:
    """The table with its answers, then the worked arithmetic."""
    lines = [f"# {as_markdown(say('Answer key: {title}', title=sheet.heading))}", ""]
    lines += _table(sheet, lambda hole: _right(sheet, hole))
    for questions in alike(sheet.questions):
        lines += [line for question in questions for line in ("", _answer(question))] + [""]
        lines += [f"- `{_code(line)}`" for line in questions[0].arithmetic]
        if questions[0].many:
            lines.append(f"- {say('one right answer of many')}")
    return "\n".join(lines)


def alike(questions: Sequence[Question]) -> list[list[Question]]:
    """The questions in their order; those of a line that share their arithmetic, as height and width do, together."""
    return [
        list(group) for _, group in groupby(questions, key=lambda one: (one.line, one.kind, one.many, one.arithmetic))
    ]


def _answer(question: Question) -> str:
    points = show_points(float(question.points))
    title = say("{label} (points: {points}):", label=as_markdown(question.label), points=points)
    return f"**{question.blank.number}.** {title} **`{_code(whole(question))}`**"


def _head(sheet: Sheet, title: str) -> list[str]:
    name = as_markdown(sheet.student) if sheet.student else BOX * 4
    total = show_points(float(sum(question.points for question in sheet.questions)))
    out_of = say("Points: {box} of {total}", box=BOX, total=total)
    return [f"# {as_markdown(title)}", "", f"{say('Name: {name}', name=name)}   {out_of}", ""]


def _table(sheet: Sheet, hole: _Filling) -> list[str]:
    sizes, counts = without_gaps(sheet.rows)
    names = [say("Layer"), *([say("Shape ?")] if sizes else []), *([say("Count ?")] if counts else [])]
    rows = [names, ["---"] * len(names), *(list(_cells(row, sizes, counts, hole)) for row in sheet.rows)]
    return [f"| {' | '.join(row)} |" for row in rows]


def _cells(row: Row, sizes: bool, counts: bool, hole: _Filling) -> Iterator[str]:
    if row.note:
        yield f"*{_BAR.sub(BAR, as_markdown(plain_cell(row.layer, hole)))}*"
    else:
        yield _layer(row.layer, hole)
    if sizes:
        yield plain_cell(row.size, hole)
    if counts:
        yield plain_cell(row.params, hole)


def _layer(cell: Cell, hole: _Filling) -> str:
    """The statement as code, its boxes between the pieces."""
    pieces = [f"`{_code(piece)}`" if isinstance(piece, str) and piece.strip() else "" for piece in cell]
    return " ".join(hole(p) if isinstance(p, Hole) else made for p, made in zip(cell, pieces, strict=True)).strip()


def _code(text: str) -> str:
    """The inside of a code span within a table."""
    return one_line(text).replace("`", "'").replace("|", "\\|").strip()


def _box(sheet: Sheet, hole: Hole) -> str:
    question = sheet.question(hole.key)
    number = question.blank.number
    if not hole.first:
        return say("as in ({n})", n=number)
    if question.choices:
        return f"({number}) " + "  ".join(f"☐ {times(choice)}" for choice in question.choices)
    return f"({number}) {BOX}"


def _right(sheet: Sheet, hole: Hole) -> str:
    return f"**{filled(sheet.question(hole.key))}**"


def filled(question: Question) -> str:
    """The right answer as it stands in the place of the blank: `5` where `f=5` is right."""
    return whole(question).rpartition("=")[2] if question.blank.family == ARGUMENT else whole(question)


def whole(question: Question) -> str:
    """The right answer as one writes it, in one line."""
    right = times(question.right) if question.blank.family == SIZE else question.right
    return one_line(joined(question.blank.family, right)) or "…"
