r"""GIFT, Moodle's text format: a question for each field.

Control characters are escaped (`\#`, `\=` …), ends of lines too, so that no text can begin or end a question. The
format has no points: each question counts one until the teacher says otherwise.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from cnnspec.language import say
from cnnspec.teaching.quiz import moodle
from cnnspec.teaching.quiz.fields import Question
from cnnspec.teaching.quiz.markup import as_html, listed
from cnnspec.teaching.quiz.results import one_line
from cnnspec.teaching.quiz.sheet import Options, Output, Sheet, feedback_of, how_to_write

_ESCAPED = {ord(c): f"\\{c}" for c in "\\#=~{}:"} | {ord("\n"): "\\n", ord("\r"): ""}


def export(made: Sequence[Sheet], options: Options) -> list[Output]:  # noqa: ARG001
    """One text file; variants stand one after the other in one category."""
    title = one_line(made[0].title).replace("/", "//")
    blocks = [f"$CATEGORY: $course$/top/cnnspec/{title}"]
    blocks += [block for sheet in made for question in sheet.questions for block in _questions(sheet, question)]
    return [Output("", "\n\n".join(blocks) + "\n")]


def escaped(text: str) -> str:
    r"""Text that GIFT reads as text.

    >>> print(escaped("n = 3 # {x}"))
    n \= 3 \# \{x\}
    """
    return text.translate(_ESCAPED)


def _questions(sheet: Sheet, question: Question) -> Iterator[str]:
    general = f"####{escaped(listed(feedback_of(sheet, question)))}" if feedback_of(sheet, question) else ""
    if question.kind == "numbers":
        for field in question.fields:
            answers = [(f"{field.right}:{field.tolerance}", "100", "")]
            answers += [(f"{t}:{field.tolerance}", p, said) for t, p, said in moodle.told(sheet, field.traps)]
            lines = [_numerical(*answer) for answer in answers]
            yield _block(sheet, question, field.label, ["#", *lines, general], how_to_write([field]))
    elif question.kind == "choice":
        lines = [_choice(*answer) for answer in moodle.chosen(sheet, question)]
        yield _block(sheet, question, question.label, [*lines, general])
    elif question.kind == "text":
        texts = [(question.right, "100", ""), *moodle.told(sheet, question.traps)]
        lines = [f"={_weight(percent)}{escaped(moodle.wild(text))}{_said(said)}" for text, percent, said in texts]
        yield _block(sheet, question, question.label, [*lines, general])
    else:
        note = say("This needs a person, or the VPL or Gradescope export: it may be answered in many ways.")
        yield _block(sheet, question, question.label, [f"####{escaped(listed([note, *feedback_of(sheet, question)]))}"])


def _block(sheet: Sheet, question: Question, label: str, answers: Sequence[str], how: str = "") -> str:
    name = one_line(moodle.name_of(sheet, question, label))
    text = moodle.text_of(sheet, question, label)
    text += f"<p>{as_html(how)}</p>" if how else ""
    body = "\n".join(f"  {answer}" for answer in answers if answer)
    return f"::{escaped(name)}::[html]{escaped(text)}{{\n{body}\n}}"


def _numerical(text: str, percent: str, said: str) -> str:
    return f"={_weight(percent)}{text}{_said(said)}"


def _choice(text: str, percent: str, said: str) -> str:
    mark = "=" if percent == "100" else f"~{_weight(percent) if percent != '0' else ''}"
    return f"{mark}{escaped(as_html(text))}{_said(said)}"


def _weight(percent: str) -> str:
    return "" if percent == "100" else f"%{percent}%"


def _said(message: str) -> str:
    return f"#{escaped(as_html(one_line(message)))}" if message else ""
