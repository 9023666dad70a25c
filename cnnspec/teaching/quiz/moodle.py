"""Moodle XML: a numerical question for each field, multiple choice for choices, an essay where nothing else serves.

What Moodle's import takes: answers with fractions of a fixed list, a unique `idnumber` of at most 100 characters, a
tolerance. The statement asks for numbers without separators, since a French Moodle reads `2,416` as 2.416.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from fractions import Fraction
from xml.sax.saxutils import escape

from cnnspec.language import language, say
from cnnspec.teaching.labels import joined
from cnnspec.teaching.quiz.fields import Field, Question, Trap, asked, show_number
from cnnspec.teaching.quiz.markup import as_html, legal, listed, listing, paragraphs
from cnnspec.teaching.quiz.sheet import Options, Output, Sheet, feedback_of, how_to_write, intro, tells_mistakes

FRACTIONS = (
    "100", "90", "83.33333", "80", "75", "70", "66.66667", "60", "50", "40", "33.33333", "30", "25", "20", "16.66667",
    "14.28571", "12.5", "11.11111", "10", "5", "0",
)  # fmt: skip
"""The percentages that Moodle's import accepts."""
PENALTY = "0.3333333"
Answers = Sequence[tuple[str, str, str]]
"""Of a question: the text of each answer, its percentage, what is said of it."""


def export(made: Sequence[Sheet], options: Options) -> list[Output]:  # noqa: ARG001
    """One file of questions; with several variants a category for each blank, to draw one of it at random."""
    questions = "\n".join(_several(made) if len(made) > 1 else _one(made[0]))
    return [Output("", document(questions))]


def document(questions: str) -> str:
    return f'<?xml version="1.0" encoding="UTF-8"?>\n<quiz>\n{questions}\n</quiz>\n'


def category(*names: str) -> str:
    """The category that the questions after it go into; a slash in a name is doubled."""
    path = "/".join(["$course$", "top", *(name.replace("/", "//") for name in names)])
    inner = f'<category><text>{xml(path)}</text></category><info format="html"><text/></info>'
    return f'<question type="category">{inner}</question>'


def snapped(credit: Fraction, allowed: Sequence[str] = FRACTIONS) -> str:
    """The percentage of the list that is nearest to a part of the points.

    >>> snapped(Fraction(2, 3)), snapped(Fraction(73, 100))
    ('66.66667', '75')
    """
    return min(allowed, key=lambda percent: abs(Fraction(percent) - 100 * credit))


def shared(sheet: Sheet, question: Question, name: str, text: str, points: Fraction, key: str) -> str:
    """What every type of question has: name, text, general feedback, points, identifier, tags."""
    general = listed(feedback_of(sheet, question))
    return "\n".join(
        [
            f"<name><text>{xml(name[:255])}</text></name>",
            f'<questiontext format="html"><text>{cdata(text)}</text></questiontext>',
            f'<generalfeedback format="html"><text>{cdata(general)}</text></generalfeedback>',
            f"<defaultgrade>{show_number(round(float(points), 7))}</defaultgrade>",
            f"<penalty>{PENALTY}</penalty>",
            "<hidden>0</hidden>",
            f"<idnumber>{xml(identifier(sheet, key))}</idnumber>",
        ]
    )


def identifier(sheet: Sheet, key: str) -> str:
    """The same whenever the exercise is exported, so that Moodle knows the question again; another for each."""
    return _short("-".join(part for part in (sheet.stem, _short(sheet.name, 24), key) if part), 100)


def _short(text: str, most: int) -> str:
    """A text of so many letters at most: the end of a longer one is a hash of the whole."""
    if len(text) <= most:
        return text
    from hashlib import sha256

    return f"{text[: most - 13]}-{sha256(text.encode('utf-8', 'replace')).hexdigest()[:12]}"


def tail(sheet: Sheet, hint: str) -> str:
    """A hint, where the teacher gave one, and the tags."""
    hints = f'<hint format="html"><text>{cdata(as_html(hint))}</text></hint>\n' if hint else ""
    names = ["cnnspec", sheet.stem, *([sheet.name] if sheet.name else []), language()]
    return f"{hints}<tags>{''.join(f'<tag><text>{xml(name)}</text></tag>' for name in names)}</tags>"


def essay(sheet: Sheet, question: Question) -> str:
    """A question that may be answered in many ways: Moodle cannot mark it, so a person does, with the key at hand."""
    note = say("Moodle cannot mark this: it may be answered in many ways. The VPL and Gradescope exports can.")
    right = joined(question.blank.family, question.right)
    info = listed(
        [
            note,
            say("One right answer: {right}", right=right) if question.many else say("Right: {right}", right=right),
            *question.arithmetic,
        ]
    )
    return _question(
        "essay",
        shared(
            sheet,
            question,
            name_of(sheet, question, question.label),
            text_of(sheet, question, question.label),
            question.points,
            question.blank.key,
        ),
        "<responseformat>monospaced</responseformat><responserequired>1</responserequired>"
        "<responsefieldlines>10</responsefieldlines><attachments>0</attachments>"
        f'<graderinfo format="html"><text>{cdata(info)}</text></graderinfo>',
        tail(sheet, question.hint),
    )


def _one(sheet: Sheet) -> Iterator[str]:
    yield category("cnnspec", sheet.title)
    for question in sheet.questions:
        yield from _questions(sheet, question)


def _several(made: Sequence[Sheet]) -> Iterator[str]:
    """The blanks of the first variant are those of all: only numbers are drawn."""
    for first in made[0].questions:
        yield category("cnnspec", made[0].title, f"{first.blank.number:02} {first.blank.key}")
        for sheet in made:
            for question in sheet.questions:
                if question.blank.key == first.blank.key:
                    yield from _questions(sheet, question)


def _questions(sheet: Sheet, question: Question) -> Iterator[str]:
    if question.kind == "numbers":
        yield from (_numerical(sheet, question, field) for field in question.fields)
    elif question.kind == "choice":
        yield _multichoice(sheet, question)
    elif question.kind == "text":
        yield _shortanswer(sheet, question)
    else:
        yield essay(sheet, question)


def _numerical(sheet: Sheet, question: Question, field: Field) -> str:
    text = text_of(sheet, question, field.label) + f"<p>{as_html(how_to_write([field]))}</p>"
    answers = [(field.right, "100", ""), *told(sheet, field.traps)]
    return _question(
        "numerical",
        shared(sheet, question, name_of(sheet, question, field.label), text, field.points, field.key),
        *(_answer(answer, field.tolerance) for answer in answers),
        "<unitgradingtype>0</unitgradingtype><unitpenalty>0.1000000</unitpenalty><showunits>3</showunits><unitsleft>0</unitsleft>",
        tail(sheet, question.hint),
    )


def _multichoice(sheet: Sheet, question: Question) -> str:
    return _question(
        "multichoice",
        _head_of(sheet, question),
        "<single>true</single><shuffleanswers>true</shuffleanswers><answernumbering>none</answernumbering>",
        *(_answer(answer) for answer in chosen(sheet, question)),
        tail(sheet, question.hint),
    )


def _shortanswer(sheet: Sheet, question: Question) -> str:
    answers = [
        (wild(question.right), "100", ""),
        *((wild(text), *rest) for text, *rest in told(sheet, question.traps)),
    ]
    return _question(
        "shortanswer",
        _head_of(sheet, question),
        "<usecase>0</usecase>",
        *(_answer((text, percent, said)) for text, percent, said in answers),
        tail(sheet, question.hint),
    )


def chosen(sheet: Sheet, question: Question, allowed: Sequence[str] = FRACTIONS) -> Answers:
    """The choices in their order, each with its percentage and what is said of it."""
    known = {text: (percent, said) for text, percent, said in told(sheet, question.traps, allowed)}
    return [(c, *(("100", "") if c in question.rights else known.get(c, ("0", "")))) for c in question.choices]


def told(sheet: Sheet, traps: Sequence[Trap], allowed: Sequence[str] = FRACTIONS) -> Answers:
    said = tells_mistakes(sheet)
    return [(trap.text, snapped(trap.credit, allowed), trap.message if said else "") for trap in traps]


def wild(text: str) -> str:
    """A text in which no star stands for anything, as Moodle's short answers read it."""
    return text.replace("*", "\\*")


def _head_of(sheet: Sheet, question: Question) -> str:
    name, text = name_of(sheet, question, question.label), text_of(sheet, question, question.label)
    return shared(sheet, question, name, text, question.points, question.blank.key)


def name_of(sheet: Sheet, question: Question, label: str) -> str:
    """What the question is called in the question bank, in the order of the file."""
    text = asked(question, label).replace("`", "")
    return f"{question.blank.number:02} {text}" + (f" ({sheet.name})" if sheet.name else "")


def text_of(sheet: Sheet, question: Question, label: str) -> str:
    """The statement of a question that stands alone: the exercise with one place marked."""
    place = as_html(asked(question, label))
    return f"{paragraphs(intro(sheet))}{listing(sheet, question.blank)}<p><strong>{place}</strong> ?</p>"


def _answer(answer: tuple[str, str, str], tolerance: str | None = None) -> str:
    text, percent, said = answer
    more = "" if tolerance is None else f"<tolerance>{tolerance}</tolerance>"
    form = "html" if tolerance is None else "moodle_auto_format"
    feedback = f'<feedback format="html"><text>{cdata(as_html(said))}</text></feedback>'
    return f'<answer fraction="{percent}" format="{form}"><text>{xml(text)}</text>{feedback}{more}</answer>'


def _question(kind: str, *parts: str) -> str:
    return "\n".join([f'<question type="{kind}">', *parts, "</question>"])


def xml(text: str) -> str:
    """Text for XML, without what XML has no characters for."""
    return escape(legal(text))


def cdata(text: str) -> str:
    """The same unescaped; what would end it is cut in two."""
    return f"<![CDATA[{legal(text).replace(']]>', ']]]]><![CDATA[>')}]]>" if text else ""
