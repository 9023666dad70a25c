"""Marks as HTML that prints well. Whatever a student wrote is text there, never markup."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from html import escape

from cnnspec.language import language, say
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
    status_word,
    total,
    who,
)
from cnnspec.teaching.model import LAYERS, Marks, Status, Verdict

STYLE = """\
body { font: 16px/1.45 system-ui, sans-serif; max-width: 52rem; margin: 2rem auto; padding: 0 1rem; color: #1a1a1a }
table { border-collapse: collapse; margin: 1rem 0 }
th, td { padding: .25rem .6rem; border-bottom: 1px solid #ccc; text-align: left; vertical-align: top }
code, pre { font-family: ui-monospace, monospace; font-size: .95em; white-space: pre-wrap; overflow-wrap: anywhere }
section { break-inside: avoid; border-left: 3px solid #ccc; padding-left: .8rem; margin: 1rem 0 }
@media print { body { margin: 0; max-width: none; font-size: 11pt } }
"""
GENERATOR = '<meta name="generator" content="cnnspec grade">'
POLICY = "default-src 'none'; style-src 'unsafe-inline'"  # a page loads nothing, and runs nothing
TONES: dict[Status, str] = {
    "right": "#1a7f37",
    "follow-through": "#8a6100",
    "mistake": "#b3261e",
    "wrong": "#b3261e",
    "unreadable": "#b3261e",
    "empty": "#666",
}
_CODE = re.compile(r"`([^`]+)`")
_THOUSANDS = re.compile(r"\b\d{1,3}(?: \d{3})+\b")


def marked(words: str) -> str:
    """A text escaped; what stands between backticks is code.

    >>> marked("`f` < <b>")
    '<code>f</code> &lt; &lt;b&gt;'
    """
    parts = _CODE.split(words)
    return "".join(code(part) if i % 2 else _THOUSANDS.sub(_whole, escape(part)) for i, part in enumerate(parts))


def _whole(found: re.Match[str]) -> str:
    """A number that no line breaks; its spaces stay plain, so that it may be copied into a field."""
    return f'<span style="white-space:nowrap">{found[0]}</span>'


def code(words: str) -> str:
    """A text as code."""
    return f"<code>{escape(words)}</code>" if words.strip() else ""


def page(marks: Marks) -> str:
    """The page of one student, a document of its own."""
    return document(heading(marks), "\n".join(_body(marks)))


def fragment(marks: Marks) -> str:
    """The same for a page of others: a notebook, a forum."""
    return f"<div>{''.join(_body(marks, level=3))}</div>"


def document(title: str, body: str) -> str:
    """A document around a body that is HTML."""
    return (
        f'<!DOCTYPE html>\n<html lang="{language()}">\n<head>\n<meta charset="utf-8">\n'
        f'<meta http-equiv="Content-Security-Policy" content="{POLICY}">\n'
        f'<meta name="viewport" content="width=device-width, initial-scale=1">\n{GENERATOR}\n'
        f"<title>{escape(title)}</title>\n<style>\n{STYLE}</style>\n</head>\n<body>\n{body}\n</body>\n</html>\n"
    )


def _body(marks: Marks, level: int = 1) -> Iterator[str]:
    yield f"<h{level}>{marked(heading(marks))}</h{level}>"
    if name := who(marks):
        yield f"<p><strong>{marked(name)}</strong></p>"
    yield from (f"<p>{marked(remark)}</p>" for remark in remarks(marks))
    if verdicts := shown_verdicts(marks):
        yield table(column_names(), map(_verdict_row, verdicts), right=(0, 4))
    yield from map(_lesson, lessons(marks))
    yield f"<p><strong>{marked(total(marks))}</strong></p>"


def _verdict_row(verdict: Verdict) -> tuple[str, ...]:
    line, label, given, sign, points = cells(verdict)
    tone = f'<span style="color:{TONES[verdict.status]}" title="{escape(status_word(verdict.status))}">{sign}</span>'
    return line, marked(label), code(given), tone, marked(points)


def _lesson(verdicts: Sequence[Verdict], tag: str = "section") -> str:
    first = verdicts[0]
    places = "<br>".join(marked(place(one)) for one in verdicts)
    words = "".join(f"<br>{marked(line)}" for line in lesson_lines(first))
    shown = _steps(first)
    if layers := right_layers(first):
        words += f"<br>{marked(say('Right answer:'))}"
        shown = f"<pre>{escape(chr(10).join(layers))}</pre>{shown}"
    return f"<{tag}><p><strong>{places}</strong>{words}</p>{shown}</{tag}>"


def _steps(verdict: Verdict) -> str:
    """The arithmetic; what is said of layers in sentences is a list."""
    steps = [one_line(step) for step in verdict.arithmetic]
    if verdict.family == LAYERS and steps:
        return f"<ul>{''.join(f'<li>{marked(step)}</li>' for step in steps)}</ul>"
    return f"<pre>{escape(chr(10).join(steps))}</pre>" if steps else ""


def comment(marks: Marks) -> str:
    """What is to be learned, in one line without quotes: the feedback of a gradebook."""
    parts = [f"<p>{marked(remark)}</p>" for remark in remarks(marks)]
    parts += [_lesson(verdicts, "div").replace("\n", "<br>") for verdicts in lessons(marks)]
    return "".join([*parts, f"<p><strong>{marked(total(marks))}</strong></p>"])


def class_page(marks: ClassMarks) -> str:
    """The table of a class, then its statistics."""
    return class_document(marks, ())


def class_document(marks: ClassMarks, links: Sequence[str]) -> str:
    """The same, each name leading to the page of that student where there are links."""
    columns, *rows = text.class_rows(marks.marks)
    shown = [[marked(cell) for cell in row] for row in rows]
    for row, link in zip(shown, links, strict=False):
        row[2] = f'<a href="{escape(link)}">{row[2]}</a>'
    head = f"<h1>{marked(one_line(marks.exercise))}</h1>"
    body = [head, table(columns, shown, right=(0, 1)), *_figures(marks.statistics)]
    return document(one_line(marks.exercise), "\n".join(body))


def statistics_page(marks: ClassMarks) -> str:
    """The statistics of a class."""
    title = one_line(marks.exercise)
    return document(title, "\n".join([f"<h1>{marked(title)}</h1>", *_figures(marks.statistics)]))


def _figures(figures: Statistics) -> Iterator[str]:
    yield f"<h2>{escape(say('Statistics'))}</h2>"
    yield f"<ul>{''.join(f'<li>{marked(line)}</li>' for line in text.summary(figures))}</ul>"
    if figures.answers:
        yield f"<pre>{escape(chr(10).join(text.histogram(figures)))}</pre>"
    if figures.blanks:
        rows = [[marked(cell) for cell in text.blank_row(blank)] for blank in figures.blanks]
        yield table(text.blank_columns(), rows, right=(0, 2, 3))
    if figures.mistakes:
        yield f"<p>{marked(say('Known mistakes, and how many answers made them:'))}</p>"
        known = [[marked(cell) for cell in text.mistake_row(one)] for one in figures.mistakes]
        yield table(("", "", ""), known, right=(0,))


def table(head: Sequence[str], rows: Iterable[Sequence[str]], right: Sequence[int]) -> str:
    """A table whose cells are HTML already; the head is text."""

    def line(row: Sequence[str], tag: str) -> str:
        side = ("text-align:right" if i in right else "text-align:left" for i in range(len(row)))
        parts = (f'<{tag} style="{style}">{cell}</{tag}>' for cell, style in zip(row, side, strict=True))
        return f"<tr>{''.join(parts)}</tr>"

    body = "\n".join(line(row, "td") for row in rows)
    return f"<table><thead>{line([escape(cell) for cell in head], 'th')}</thead>\n<tbody>{body}</tbody></table>"
