"""Text in the markup of others: HTML, the exercise as an HTML table, whole numbers for weights."""

from __future__ import annotations

import html
import re
from collections.abc import Callable, Sequence
from fractions import Fraction
from math import gcd, lcm

from cnnspec.language import say
from cnnspec.teaching.model import Blank
from cnnspec.teaching.quiz.sheet import Sheet
from cnnspec.teaching.quiz.table import Cell, Hole, Row, fill, without_gaps

CODE = re.compile(r"`([^`\n]+)`")
_FORBIDDEN = re.compile("[^\t\n\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
HEAVIEST = 10_000  # a greater weight says that the points have no small common unit
_BORDER = "border: 1px solid #888; padding: 0.3em 0.6em"
_WHOLE = f"{_BORDER}; white-space: nowrap"  # a size stays on one line, however long the line of its layer is
Escape = Callable[[str], str]


def as_html(text: str) -> str:
    """A line of text as HTML, what stands between backticks as code.

    >>> as_html("`conv 6, f=5`: n < 32")
    '<code>conv 6, f=5</code>: n &lt; 32'
    """
    return CODE.sub(r"<code>\1</code>", html.escape(text, quote=False))


def legal(text: str) -> str:
    """A text without the characters that XML has no place for.

    >>> legal("a\\x00b\\ufffe\\U0001f600") == "ab\U0001f600"
    True
    """
    return _FORBIDDEN.sub("", text)


def paragraphs(text: str) -> str:
    """A text of several lines as HTML: an empty line begins a paragraph."""
    parts = re.split(r"\n[ \t]*\n", text.strip())
    return "".join(f"<p>{'<br>'.join(as_html(line) for line in part.splitlines())}</p>" for part in parts if part)


def listed(lines: Sequence[str]) -> str:
    """Lines of arithmetic as HTML."""
    return f"<p>{'<br>'.join(as_html(line) for line in lines)}</p>" if lines else ""


def table_html(sheet: Sheet, hole: Callable[[Hole], str], escape: Escape = as_html) -> str:
    """The exercise as an HTML table with something in the place of each blank.

    Styles stand in the cells, since platforms drop style sheets.
    """
    sizes, counts = without_gaps(sheet.rows)
    names = [say("Layer"), *([say("Shape ?")] if sizes else []), *([say("Count ?")] if counts else [])]
    head = "".join(f'<th style="{_WHOLE}">{html.escape(name)}</th>' for name in names)
    body = "".join(_row_html(row, sizes, counts, hole, escape) for row in sheet.rows)
    return f'<table style="border-collapse: collapse"><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>'


def _row_html(row: Row, sizes: bool, counts: bool, hole: Callable[[Hole], str], escape: Escape) -> str:
    if row.note:
        note = "".join(fill(row.layer, escape, hole))
        return f'<tr><td style="{_BORDER}" colspan="{1 + sizes + counts}"><em>{note}</em></td></tr>'
    layer = "".join(fill(row.layer, lambda text: code(text, escape), hole))
    cells = ["".join(fill(cell, escape, hole)) for cell, shown in ((row.size, sizes), (row.params, counts)) if shown]
    made = "".join(f'<td style="{_WHOLE}">{cell}</td>' for cell in cells)
    return f'<tr><td style="{_BORDER}">{layer}</td>{made}</tr>'


def code(text: str, escape: Escape) -> str:
    """A piece of the file: what is indented stays so."""
    indent = len(text) - len(text.lstrip(" "))
    inner = escape(text[indent:].replace("`", "'"))
    return f"{'&nbsp;' * indent}<code>{inner}</code>" if inner.strip() else inner


def listing(sheet: Sheet, blank: Blank | None = None) -> str:
    """The exercise as it stands in the file, as HTML, with the places of one blank marked."""
    text, parts, end = sheet.exercise.source.text, [], 0
    for start, stop in blank.spans if blank else ():
        parts += [_escaped(text[end:start]), f"<mark><strong>{_escaped(text[start:stop])}</strong></mark>"]
        end = stop
    return f"<pre>{''.join([*parts, _escaped(text[end:].rstrip())])}</pre>"


def _escaped(text: str) -> str:
    return html.escape(text, quote=False)


def weights(points: Sequence[Fraction]) -> tuple[int, ...]:
    """Whole numbers in the proportion of the points, exactly so where they have a small common unit.

    >>> weights([Fraction(1, 3), Fraction(1, 2), Fraction(1)])
    (2, 3, 6)
    """
    unit = lcm(*(x.denominator for x in points)) if points else 1
    whole = [int(x * unit) for x in points]
    divisor = gcd(*whole) or 1
    if max(whole, default=0) // divisor <= HEAVIEST:
        return tuple(x // divisor for x in whole)
    top = max(points)
    return tuple(max(1, round(x / top * HEAVIEST)) if x else 0 for x in points)


def plain_cell(cell: Cell, hole: Callable[[Hole], str]) -> str:
    """A cell as plain text."""
    return "".join(fill(cell, str, hole))
