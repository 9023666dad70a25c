"""Moodle's embedded answers ("Cloze"): the whole table as one question, a field in the place of each blank.

A field is `{weight:NUMERICAL:=28:0~%50%27:0#said of it}`. Weights are whole numbers, so points are scaled. What Moodle
reads as its own (`}`, `~`, `#`, `{1:…`) is written so that it reads text. With variants the category holds a question
for each, and the quiz draws one.
"""

from __future__ import annotations

import html
from collections.abc import Sequence
from fractions import Fraction

from cnnspec.language import say
from cnnspec.teaching.quiz import moodle
from cnnspec.teaching.quiz.fields import Question
from cnnspec.teaching.quiz.markup import as_html, paragraphs, table_html, weights
from cnnspec.teaching.quiz.sheet import Options, Output, Sheet, feedback_of, how_to_write, intro, tells_mistakes
from cnnspec.teaching.quiz.table import Hole

WHOLE = tuple(percent for percent in moodle.FRACTIONS if "." not in percent)
"""Older versions of Moodle read only whole percentages here."""
_IN_TEXT = str.maketrans({"{": "&#123;", "}": "&#125;"})
_IN_FIELD = {ord(c): f"&#{ord(c)};" for c in "&~#{}\\"}
_IN_MARKUP = _IN_FIELD | {ord("\\"): "&#92;".translate(_IN_FIELD)}  # Moodle takes `\}` for `}` after it has decoded


def export(made: Sequence[Sheet], options: Options) -> list[Output]:  # noqa: ARG001
    """One file with a question for each variant, and an essay for each blank that no list of answers can mark."""
    questions = [moodle.category("cnnspec", made[0].title)]
    questions += [_question(sheet) for sheet in made if len(sheet.open) < len(sheet.questions)]
    questions += [moodle.essay(sheet, question) for sheet in made for question in sheet.open]
    return [Output("", moodle.document("\n".join(questions)))]


def _question(sheet: Sheet) -> str:
    general = "".join(_solution(sheet, question) for question in sheet.questions)
    identifier = moodle.identifier(sheet, "table")
    return "\n".join(
        [
            '<question type="cloze">',
            f"<name><text>{moodle.xml(sheet.heading[:255])}</text></name>",
            f'<questiontext format="html"><text>{moodle.cdata(text_of(sheet))}</text></questiontext>',
            f'<generalfeedback format="html"><text>{moodle.cdata(general)}</text></generalfeedback>',
            f"<penalty>{moodle.PENALTY}</penalty>",
            f"<hidden>0</hidden>\n<idnumber>{moodle.xml(identifier)}</idnumber>",
            moodle.tail(sheet, ""),
            "</question>",
        ]
    )


def text_of(sheet: Sheet) -> str:
    """The statement with its fields, as HTML."""
    written = fields_of(sheet)
    table = table_html(sheet, lambda hole: _hole(sheet, written, hole), _escape)
    how = how_to_write(field for question in sheet.questions for field in question.fields)
    return _text(paragraphs(intro(sheet))) + table + _text(f"<p>{as_html(how)}</p>")


def fields_of(sheet: Sheet) -> dict[str, str]:
    """What stands in the place of each blank."""
    marked = [question for question in sheet.questions if question.kind != "open"]
    parts = [points for question in marked for points in _points(question)]
    heavy = iter(weights(parts))
    return {
        question.blank.key: _field(sheet, question, [next(heavy) for _ in _points(question)]) for question in marked
    }


def marks_of(sheet: Sheet) -> tuple[Fraction, int]:
    """What the question is worth, and the mark that Moodle gives it by itself: the sum of its weights."""
    parts = [points for question in sheet.questions if question.kind != "open" for points in _points(question)]
    return sum(parts, Fraction(0)), sum(weights(parts))


def _points(question: Question) -> list[Fraction]:
    return [field.points for field in question.fields] or [question.points]


def _field(sheet: Sheet, question: Question, heavy: Sequence[int]) -> str:
    if question.kind == "choice":
        answers = ((in_field(as_html(text)), *rest) for text, *rest in moodle.chosen(sheet, question, WHOLE))
        return _braces(heavy[0], "MULTICHOICE", [_alternative(*answer) for answer in answers])
    if question.kind == "text":
        first = f"={moodle.wild(question.right).translate(_IN_FIELD)}"
        rest = [_trap(sheet, moodle.wild(t.text).translate(_IN_FIELD), t.credit, t.message) for t in question.traps]
        return _braces(heavy[0], "SHORTANSWER", [first, *rest])
    return " × ".join(
        _braces(
            weight,
            "NUMERICAL",
            [
                f"={field.right}:{field.tolerance}",
                *(_trap(sheet, f"{t.text}:{field.tolerance}", t.credit, t.message) for t in field.traps),
            ],
        )
        for field, weight in zip(question.fields, heavy, strict=True)
    )


def _braces(weight: int, kind: str, alternatives: Sequence[str]) -> str:
    return f"{{{weight}:{kind}:{'~'.join(alternatives)}}}"


def _trap(sheet: Sheet, text: str, credit: Fraction, message: str) -> str:
    return _alternative(text, moodle.snapped(credit, WHOLE), message if tells_mistakes(sheet) else "")


def _alternative(text: str, percent: str, said: str) -> str:
    mark = "=" if percent == "100" else "" if percent == "0" else f"%{percent}%"
    return f"{mark}{text}" + (f"#{in_field(as_html(said))}" if said else "")


def in_field(markup: str) -> str:
    """HTML for the inside of a field: Moodle decodes entities there, and then reads HTML.

    >>> in_field("f ~ 3 # {x}")
    'f &#126; 3 &#35; &#123;x&#125;'
    """
    return markup.translate(_IN_MARKUP)


def _hole(sheet: Sheet, written: dict[str, str], hole: Hole) -> str:
    """The field where a blank is seen first; its number where it is seen again, or where nothing can be typed."""
    question = sheet.question(hole.key)
    if not hole.first:
        return _text(as_html(say("as in {n}", n=question.blank.number)))
    return written.get(hole.key) or _text(as_html(say("see question {n}", n=question.blank.number)))


def _solution(sheet: Sheet, question: Question) -> str:
    lines = feedback_of(sheet, question)
    if not lines:
        return ""
    return f"<p><strong>{as_html(question.label)}</strong><br>{'<br>'.join(as_html(line) for line in lines)}</p>"


def _escape(text: str) -> str:
    return _text(html.escape(text, quote=False))


def _text(markup: str) -> str:
    """HTML outside the fields: a brace of the teacher's begins no field."""
    return markup.translate(_IN_TEXT)
