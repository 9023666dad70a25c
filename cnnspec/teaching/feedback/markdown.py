"""Marks in Markdown. Whatever a student wrote is harmless there: no link, no image, no HTML, no cell of its own."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from cnnspec.language import say
from cnnspec.teaching.feedback import text
from cnnspec.teaching.feedback.statistics import ClassMarks, Statistics
from cnnspec.teaching.feedback.wording import (
    cells,
    column_names,
    heading,
    lesson_lines,
    lessons,
    one_line,
    place,
    remarks,
    right_layers,
    shown_verdicts,
    total,
    who,
)
from cnnspec.teaching.model import LAYERS, Marks, Verdict

BAR = "¦"  # in a table: how a bar is escaped there differs between renderers, above all after a backslash
_CODE = re.compile(r"`([^`]+)`")
_LINK = re.compile(r"(?<!\S)\S*(?:://|www\.|@)\S*", re.IGNORECASE)  # what some renderers make a link of, unasked
_SIGNS = re.compile(r"([\\`*_{}\[\]<>~&$])")
_FIRST = re.compile(r"^(\d+(?=[.)](?:\s|$))|(?=[#+=-]))")  # a heading, an item, a line below a heading


def escaped(words: str) -> str:
    """A text of which nothing is Markdown but what stands between backticks.

    >>> print(escaped("# see [me](x) in `a|b`"))
    \\# see \\[me\\](x) in `a|b`
    """
    parts = _CODE.split(words)
    line = "".join(code(part) if i % 2 else _plain(part) for i, part in enumerate(parts))
    return _FIRST.sub(r"\1\\", line)


def code(words: str) -> str:
    """A text as code, sign by sign.

    >>> print(code("a`b"))
    `` a`b ``
    """
    if not words.strip():
        return ""
    longest = max((len(run) for run in re.findall("`+", words)), default=0)
    fence, gap = "`" * (longest + 1), " " if longest or words != words.strip() else ""
    return f"{fence}{gap}{words}{gap}{fence}"


def _plain(words: str) -> str:
    parts, last = [], 0
    for found in _LINK.finditer(words):
        parts += [_SIGNS.sub(r"\\\1", words[last : found.start()]), code(found[0].replace("`", "'"))]
        last = found.end()
    return "".join([*parts, _SIGNS.sub(r"\\\1", words[last:])])


def page(marks: Marks) -> str:
    """The page of one student."""
    return "\n".join(_page(marks)) + "\n"


def _page(marks: Marks) -> Iterator[str]:
    yield f"# {escaped(heading(marks))}"
    yield ""
    if name := who(marks):
        yield from (f"**{escaped(name)}**", "")
    for remark in remarks(marks):
        yield from (f"> {escaped(remark)}", "")
    if verdicts := shown_verdicts(marks):
        rows = [_verdict_row(one) for one in map(cells, verdicts)]
        yield from _table(column_names(), rows, right=(0, 4))
        yield ""
    for first, *others in lessons(marks):
        for one in (first, *others):
            yield from (f"**{escaped(place(one))}**", "")
        yield from (f"- {escaped(line)}" for line in lesson_lines(first))
        yield from (f"- {_step(first, one_line(step))}" for step in first.arithmetic)
        if layers := right_layers(first):
            yield from ("", escaped(say("Right answer:")), "", *(f"    {line}" for line in layers))
        yield ""
    yield f"**{escaped(total(marks))}**"


def _step(verdict: Verdict, step: str) -> str:
    """A line of arithmetic; what is said of layers is a sentence."""
    return escaped(step) if verdict.family == LAYERS else code(step)


def _verdict_row(row: tuple[str, str, str, str, str]) -> tuple[str, ...]:
    line, label, given, sign, points = row
    return line, escaped(label), code(given), sign, escaped(points)


def class_page(document: ClassMarks) -> str:
    """The table of a class, then its statistics."""
    head, *rows = text.class_rows(document.marks)
    table = _table(head, [[escaped(cell) for cell in row] for row in rows], right=(0, 1))
    return "\n".join([_title(document), "", *table, "", *_figures(document.statistics)]) + "\n"


def _title(document: ClassMarks) -> str:
    return f"# {escaped(one_line(document.exercise))}"


def statistics_page(document: ClassMarks) -> str:
    """The statistics of a class."""
    return "\n".join([_title(document), "", *_figures(document.statistics)]) + "\n"


def _figures(figures: Statistics) -> Iterator[str]:
    yield f"## {say('Statistics')}"
    yield ""
    yield from (f"- {escaped(line)}" for line in text.summary(figures))
    if figures.answers:
        yield from ("", "```text", *text.histogram(figures), "```")
    if figures.blanks:
        yield ""
        rows = [[escaped(cell) for cell in text.blank_row(blank)] for blank in figures.blanks]
        yield from _table(text.blank_columns(), rows, right=(0, 2, 3))
    if figures.mistakes:
        yield from ("", escaped(say("Known mistakes, and how many answers made them:")), "")
        rows = [[escaped(cell.strip()) for cell in text.mistake_row(one)] for one in figures.mistakes]
        yield from _table(("", "", ""), rows, right=(0,))


def _table(head: Sequence[str], rows: Sequence[Sequence[str]], right: Sequence[int]) -> Iterator[str]:
    yield f"| {' | '.join(head)} |"
    yield "|" + "|".join("---:" if i in right else "---" for i in range(len(head))) + "|"
    yield from (f"| {' | '.join(cell.replace('|', BAR) for cell in row)} |" for row in rows)
