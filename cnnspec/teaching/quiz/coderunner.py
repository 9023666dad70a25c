"""A CodeRunner question as Moodle XML: its template grades the whole file and prints the fraction with a table.

The template is a combinator template whose output is the grade ("TemplateGrader"). It runs on the Jobe server, where
Python 3.11 and cnnspec have to be installed; the exercise travels as support files. Where it cannot grade it prints no
JSON and exits with 1, which CodeRunner shows as an error of the question, not as a wrong answer.
"""

from __future__ import annotations

import base64
from collections.abc import Sequence
from xml.sax.saxutils import quoteattr

from cnnspec.language import language, say
from cnnspec.teaching.quiz import moodle
from cnnspec.teaching.quiz.bundle import files_of
from cnnspec.teaching.quiz.fields import show_number
from cnnspec.teaching.quiz.markup import listing, paragraphs
from cnnspec.teaching.quiz.sheet import Options, Output, Sheet, intro

TEMPLATE = """\
import sys

ANSWER = \"\"\"{{{{ STUDENT_ANSWER | e('py') }}}}\"\"\"
STUDENT = \"\"\"{{{{ STUDENT.id | e('py') }}}}\"\"\"
try:
    from cnnspec.language import speak
    from cnnspec.teaching.quiz.jobs import coderunner

    speak({language!r})
    graded = coderunner({exercise!r}, ANSWER, STUDENT)
except Exception as error:
    sys.exit({failure!r} + " (" + type(error).__name__ + ")")
print(graded)
"""
FIXED = {
    "coderunnertype": "python3",
    "prototypetype": "0",
    "allornothing": "0",
    "penaltyregime": "0",
    "precheck": "0",
    "hidecheck": "0",
    "showsource": "0",
    "answerboxlines": "18",
    "iscombinatortemplate": "1",
    "allowmultiplestdins": "0",
    "validateonsave": "0",
    "language": "python3",
    "acelang": "text",
    "grader": "TemplateGrader",
    "cputimelimitsecs": "10",
    "memlimitmb": "800",
    "attachments": "0",
}


def export(made: Sequence[Sheet], options: Options) -> list[Output]:  # noqa: ARG001
    """One question; its answer box begins with the exercise."""
    sheet = made[0]
    files = files_of(sheet.exercise)
    question = "\n".join(
        [
            '<question type="coderunner">',
            f"<name><text>{moodle.xml(sheet.title[:255])}</text></name>",
            f'<questiontext format="html"><text>{moodle.cdata(_text(sheet))}</text></questiontext>',
            '<generalfeedback format="html"><text></text></generalfeedback>',
            f"<defaultgrade>{show_number(round(float(sum(q.points for q in sheet.questions)), 7))}</defaultgrade>",
            f"<penalty>0</penalty>\n<hidden>0</hidden>\n<idnumber>{moodle.identifier(sheet, 'file')}</idnumber>",
            *(f"<{name}>{value}</{name}>" for name, value in FIXED.items()),
            f"<answerpreload>{moodle.xml(sheet.exercise.source.text)}</answerpreload>",
            f"<template>{moodle.xml(template(next(iter(files))))}</template>",
            f"<testcases>\n{_testcase()}\n{_files(files)}\n</testcases>",
            moodle.tail(sheet, ""),
            "</question>",
        ]
    )
    return [Output("", moodle.document(f"{moodle.category('cnnspec', sheet.title)}\n{question}"))]


def template(exercise: str) -> str:
    """The program that the Jobe server runs, before CodeRunner puts the answer in."""
    failure = say("The answer could not be graded. It is not your fault: tell your teacher.")
    return TEMPLATE.format(language=language(), exercise=exercise, failure=failure)


def _text(sheet: Sheet) -> str:
    return paragraphs(intro(sheet)) + listing(sheet)


def _testcase() -> str:
    """CodeRunner wants a test; the template grades all blanks at once and asks for nothing of it."""
    parts = "".join(f"<{name}><text></text></{name}>" for name in ("testcode", "stdin", "expected", "extra"))
    head = 'testtype="0" useasexample="0" hiderestiffail="0" mark="1.0000000"'
    return f"<testcase {head}>{parts}<display><text>SHOW</text></display></testcase>"


def _files(files: dict[str, bytes]) -> str:
    return "\n".join(
        f'<file name={quoteattr(name)} path="/" encoding="base64">{base64.b64encode(content).decode()}</file>'
        for name, content in files.items()
    )
