"""A sheet to print as HTML, and its answer key: A4, no script, nothing from the network."""

from __future__ import annotations

import html
from collections.abc import Sequence

from cnnspec.language import language, say
from cnnspec.teaching.model import FIGURE, PARAMS
from cnnspec.teaching.quiz.fields import Question
from cnnspec.teaching.quiz.markdown import alike, filled, whole
from cnnspec.teaching.quiz.markup import as_html, paragraphs, table_html
from cnnspec.teaching.quiz.results import one_line, show_points
from cnnspec.teaching.quiz.sheet import Options, Output, Sheet, intro
from cnnspec.teaching.quiz.table import Hole, times

STYLE = """\
@page { size: A4; margin: 18mm 16mm; }
body { font: 11pt/1.45 system-ui, sans-serif; color: #000; background: #fff; max-width: 178mm; margin: 0 auto; }
section { break-after: page; padding: 1em 0; }
section:last-child { break-after: auto; }
h1 { font-size: 1.35em; margin: 0 0 0.4em; }
header { display: flex; justify-content: space-between; gap: 2em; padding-bottom: 0.5em; }
table { width: 100%; margin: 1em 0; }
thead { display: table-header-group; }
th { text-align: left; }
tr, .solution, .lines { break-inside: avoid; }
code { font-family: ui-monospace, monospace; font-size: 0.95em; }
.box { display: inline-block; min-width: 3.6em; height: 1.7em; border: 1.5px solid #000; margin: 0.1em;
  padding: 0 0.2em; vertical-align: middle; font-size: 0.9em; }
.choice { white-space: normal; }
.choice span { white-space: nowrap; }
.box sub, .choice sub { color: #555; font-size: 0.7em; }
.right { font-weight: bold; }
.line { border-bottom: 1px solid #000; height: 2.2em; }
.solution p { margin: 0.2em 0; }
.solution ul { margin: 0.2em 0 0.8em; }"""
POLICY = "default-src 'none'; style-src 'unsafe-inline'"
LINES = 6


def export(made: Sequence[Sheet], options: Options) -> list[Output]:
    """One document: each sheet, or each key, on pages of its own."""
    sections = "\n".join(_section(key(sheet) if options.key else page(sheet)) for sheet in made)
    return [Output("", document(made[0].title, sections))]


def document(title: str, body: str) -> str:
    return (
        f'<!doctype html>\n<html lang="{language()}">\n<head>\n<meta charset="utf-8">\n'
        f'<meta http-equiv="Content-Security-Policy" content="{POLICY}">\n'
        f"<title>{html.escape(title)}</title>\n<style>\n{STYLE}\n</style>\n</head>\n<body>\n{body}\n</body>\n</html>\n"
    )


def page(sheet: Sheet) -> str:
    """The sheet with empty boxes."""
    body = paragraphs(intro(sheet)) + table_html(sheet, lambda hole: _box(sheet, hole))
    return _head(sheet, sheet.heading) + body + "".join(_lines(q) for q in sheet.open if q.blank.family == "layers")


def key(sheet: Sheet) -> str:
    """The table with its answers, then the worked arithmetic of each."""
    body = table_html(sheet, lambda hole: f'<span class="right">{html.escape(filled(sheet.question(hole.key)))}</span>')
    solutions = "".join(map(_solution, alike(sheet.questions)))
    title = say("Answer key: {title}", title=sheet.heading)
    return f"<h1>{as_html(title)}</h1>\n{body}{solutions}"


def _section(body: str) -> str:
    return f"<section>\n{body}\n</section>"


def _head(sheet: Sheet, title: str) -> str:
    total = show_points(float(sum(question.points for question in sheet.questions)))
    name = say("Name: {name}", name=one_line(sheet.student) or "………………………………………")
    out_of = say("Points: {box} of {total}", box="………", total=total)
    spans = f"<span>{html.escape(name)}</span><span>{html.escape(out_of)}</span>"
    return f"<h1>{as_html(title)}</h1>\n<header>{spans}</header>\n"


def _box(sheet: Sheet, hole: Hole) -> str:
    question = sheet.question(hole.key)
    number = question.blank.number
    if not hole.first:
        return html.escape(say("as in ({n})", n=number))
    if question.choices:
        boxes = " ".join(f"<span>☐ {html.escape(times(choice))}</span>" for choice in question.choices)
        return f'<span class="choice"><sub>{number}</sub> {boxes}</span>'
    return f'<span class="box"{_width(question)}><sub>{number}</sub></span>'


def _width(question: Question) -> str:
    """Room for what is written by hand: a size of several parts, a large number."""
    if len(question.fields) > 1:
        return ' style="min-width: 10em"'
    return ' style="min-width: 7em"' if question.blank.family in (PARAMS, FIGURE) else ""


def _lines(question: Question) -> str:
    rules = '<div class="line"></div>' * LINES
    return (
        f'<div class="lines"><p><strong>({question.blank.number})</strong> {as_html(question.label)}</p>{rules}</div>'
    )


def _solution(questions: Sequence[Question]) -> str:
    """The answers of which the arithmetic is the same, then that."""
    first = questions[0]
    lines = [*first.arithmetic, *([say("one right answer of many")] if first.many else [])]
    shown = "".join(f"<li><code>{html.escape(one_line(line))}</code></li>" for line in lines)
    return f'<div class="solution">{"".join(map(_answer, questions))}<ul>{shown}</ul></div>'


def _answer(question: Question) -> str:
    points = show_points(float(question.points))
    title = as_html(say("{label} (points: {points}):", label=one_line(question.label), points=points))
    return f"<p><strong>{question.blank.number}.</strong> {title} <strong>{html.escape(whole(question))}</strong></p>"
