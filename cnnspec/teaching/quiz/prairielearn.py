"""The folder of a PrairieLearn question.

Where every blank has one right answer, the question is made of PrairieLearn's own elements, a `pl-integer-input` for
each number, and needs nothing on the server: `server.py` holds the answers of each variant and names known mistakes.
Where a blank has many right answers, students edit the file, and an external grader runs cnnspec.
"""

from __future__ import annotations

import html
import json
import re
import uuid
from collections.abc import Iterator, Sequence
from typing import Any

from cnnspec import version
from cnnspec.language import language, say
from cnnspec.teaching.quiz.bundle import files_of
from cnnspec.teaching.quiz.fields import Field, Question, Trap
from cnnspec.teaching.quiz.gradescope import script
from cnnspec.teaching.quiz.markup import as_html, paragraphs, table_html, weights
from cnnspec.teaching.quiz.results import one_line
from cnnspec.teaching.quiz.sheet import Options, Output, Sheet, feedback_of, intro, tells_mistakes
from cnnspec.teaching.quiz.table import Hole

SERVER = '''\
"""Made by cnnspec {version}: the answers of each variant, and what to say of known mistakes."""

import json
import random

import prairielearn as pl

VARIANTS = json.loads({variants!r})


def generate(data):
    variant = VARIANTS[random.Random(data["variant_seed"]).randrange(len(VARIANTS))]
    data["params"].update(variant["params"])
    data["correct_answers"].update(variant["answers"])


def grade(data):
    variant = next(v for v in VARIANTS if v["params"]["variant"] == data["params"]["variant"])
    said = []
    for name, traps in variant["traps"].items():
        score = data["partial_scores"].get(name)
        if score is None or score["score"] == 1:
            continue
        given = pl.from_json(data["submitted_answers"].get(name))
        trap = next((t for t in traps if same(given, t["value"], t["within"])), None)
        if trap:
            score["score"] = trap["credit"]
            said.append(trap["message"])
    pl.set_weighted_score_data(data)
    data["feedback"]["mistakes"] = said


def same(given, value, within):
    """A number is the same however it is written; a text as it stands."""
    try:
        return abs(float(given) - value) <= within
    except (TypeError, ValueError):
        return str(given) == str(value)
'''
GRADE = """\
import os

from cnnspec.language import speak
from cnnspec.teaching.quiz.jobs import prairielearn

speak({language!r})
prairielearn(os.environ.get("GRADE", "/grade"), {exercise!r})
"""
EXTERNAL_SERVER = """\
import json
import random

VARIANTS = json.loads({variants!r})


def generate(data):
    chosen = VARIANTS[random.Random(data["variant_seed"]).randrange(len(VARIANTS))]
    data["params"].update(chosen)
"""
IMAGE = "cnnspec/grader"


def export(made: Sequence[Sheet], options: Options) -> list[Output]:  # noqa: ARG001
    """The files of the question's folder."""
    return list(_external(made) if any(sheet.open for sheet in made) else _elements(made))


def _elements(made: Sequence[Sheet]) -> Iterator[Output]:
    variants = json.dumps([_variant(sheet) for sheet in made], ensure_ascii=True)
    yield Output("info.json", _json(_info(made)))
    yield Output("question.html", _form(made[0]))
    yield Output("server.py", SERVER.format(version=version.__version__, variants=variants))


def _external(made: Sequence[Sheet]) -> Iterator[Output]:
    files = files_of(made[0].exercise)
    grading = {
        "enabled": True,
        "image": IMAGE,
        "entrypoint": "python3 -P /grade/tests/grade.py",
        "timeout": 60,
        "enableNetworking": False,
    }
    variants = json.dumps([{"variant": sheet.name, "text": sheet.exercise.source.text} for sheet in made])
    yield Output("info.json", _json({**_info(made), "gradingMethod": "External", "externalGradingOptions": grading}))
    yield Output("question.html", _editor(made[0]))
    yield Output("server.py", EXTERNAL_SERVER.format(variants=variants))
    yield Output("tests/grade.py", script(GRADE, exercise=next(iter(files))))
    yield from (Output(f"tests/{name}", content) for name, content in files.items())


def _info(made: Sequence[Sheet]) -> dict[str, Any]:
    """The identifier stays the same when the question is exported again."""
    sheet = made[0]
    return {
        "uuid": str(uuid.uuid5(uuid.NAMESPACE_URL, f"cnnspec:{sheet.stem}:{sheet.title}")),
        "title": sheet.title,
        "topic": "CNN",
        "tags": ["cnnspec", language()],
        "type": "v3",
    }


def _json(document: dict[str, Any]) -> str:
    return json.dumps(document, indent=2, ensure_ascii=False) + "\n"


# --- elements --------------------------------------------------------------------------------------------------------


def _variant(sheet: Sheet) -> dict[str, Any]:
    """What differs from variant to variant: texts, answers, traps, solutions."""
    answers: dict[str, Any] = {}
    traps: dict[str, list[dict[str, Any]]] = {}
    choices: dict[str, Any] = {}
    for question in sheet.questions:
        for name, field in _named(question):
            told = field.traps if field else question.traps
            traps[name] = [_trap(question, field, trap) for trap in told] if tells_mistakes(sheet) else []
            if question.kind == "choice":
                choices[name] = [{"text": text, "right": _truth(text in question.rights)} for text in question.choices]
            else:
                answers[name] = _number(field.right) if field else question.right
    solution = [line for question in sheet.questions for line in (question.label, *feedback_of(sheet, question))]
    params = {
        "variant": sheet.name,
        "text": [one_line(line) for line in intro(sheet).splitlines()],
        "pieces": dict(_pieces(sheet)),
        "choices": choices,
        "solution": [line for line in solution if sheet.feedback == "solution"],
    }
    return {"params": params, "answers": answers, "traps": traps}


def _trap(question: Question, field: Field | None, trap: Trap) -> dict[str, Any]:
    """A known wrong answer, and how far from its number one may be: as far as from the right one."""
    value: int | float | str = _number(trap.text) if field else trap.text
    within = float(field.tolerance) if field else 0.0
    if isinstance(value, float):
        within = max(within, 1e-9 * abs(value))
    message = say("{name}: {text}", name=field.label if field else question.label, text=trap.message)
    return {"value": value, "within": within, "credit": float(trap.credit), "message": message}


def _number(text: str) -> int | float:
    return int(text) if text.lstrip("-").isdigit() else float(text)


def _truth(right: bool) -> str:
    return "true" if right else "false"


def _named(question: Question) -> Iterator[tuple[str, Field | None]]:
    """The names of a question's inputs, letters and digits only."""
    if question.kind == "numbers":
        yield from ((_name(field.key), field) for field in question.fields)
    else:
        yield _name(question.blank.key), None


def _name(key: str) -> str:
    return "b_" + re.sub(r"[^A-Za-z0-9]", "_", key)


def _pieces(sheet: Sheet) -> Iterator[tuple[str, str]]:
    """The pieces of text in the table by their place, since variants differ in them."""
    for i, row in enumerate(sheet.rows):
        for j, cell in enumerate((row.layer, row.size, row.params)):
            yield from ((f"p{i}_{j}_{k}", piece) for k, piece in enumerate(cell) if isinstance(piece, str))


def _form(sheet: Sheet) -> str:
    """The table with elements, its texts taken from the variant."""
    parts = [
        points for question in sheet.questions for points in ([f.points for f in question.fields] or [question.points])
    ]
    heavy = dict(
        zip((name for question in sheet.questions for name, _ in _named(question)), weights(parts), strict=True)
    )
    table = table_html(_with_places(sheet), lambda hole: _hole(sheet, hole, heavy), lambda text: text)
    mistakes = "{{#feedback.mistakes}}<p>{{.}}</p>{{/feedback.mistakes}}"
    return "\n".join(
        [
            "<pl-question-panel>{{#params.text}}<p>{{.}}</p>{{/params.text}}</pl-question-panel>",
            table,
            f"<pl-submission-panel>{mistakes}</pl-submission-panel>",
            "<pl-answer-panel>{{#params.solution}}<p>{{.}}</p>{{/params.solution}}</pl-answer-panel>",
            "",
        ]
    )


def _with_places(sheet: Sheet) -> Sheet:
    """The sheet with `{{params.pieces.p0_0_0}}` in the place of each text."""
    rows = []
    for i, row in enumerate(sheet.rows):
        cells = [
            tuple(
                f"{{{{params.pieces.p{i}_{j}_{k}}}}}" if isinstance(piece, str) else piece
                for k, piece in enumerate(cell)
            )
            for j, cell in enumerate((row.layer, row.size, row.params))
        ]
        rows.append(row._replace(layer=cells[0], size=cells[1], params=cells[2]))
    return sheet._replace(rows=tuple(rows))


def _hole(sheet: Sheet, hole: Hole, heavy: dict[str, int]) -> str:
    question = sheet.question(hole.key)
    if not hole.first:
        return html.escape(say("as in {n}", n=question.blank.number))
    return " × ".join(_input(question, name, field, heavy[name]) for name, field in _named(question))


def _input(question: Question, name: str, field: Field | None, weight: int) -> str:
    shared = f'answers-name="{name}" weight="{weight}"'
    if question.kind == "choice":
        answer = f'{{{{#params.choices.{name}}}}}<pl-answer correct="{{{{right}}}}">{{{{text}}}}</pl-answer>'
        return f"<pl-multiple-choice {shared}>{answer}{{{{/params.choices.{name}}}}}</pl-multiple-choice>"
    spoken = html.escape(one_line(field.label if field else question.label))
    label = f'aria-label="{spoken}" size="10" show-help-text="false"'
    if field is None:
        return f"<pl-string-input {shared} {label}></pl-string-input>"
    if field.tolerance == "0" and field.right.lstrip("-").isdigit():
        return f"<pl-integer-input {shared} {label}></pl-integer-input>"
    absolute = field.tolerance if field.tolerance != "0" else "1e-6"
    return f'<pl-number-input {shared} {label} comparison="relabs" rtol="0" atol="{absolute}"></pl-number-input>'


# --- the external grader ---------------------------------------------------------------------------------------------


def _editor(sheet: Sheet) -> str:
    text = paragraphs(intro(sheet)).replace("{{", "{ {")
    note = as_html(say("Fill in each box."))
    results = "<pl-external-grader-results></pl-external-grader-results><pl-file-preview></pl-file-preview>"
    return "\n".join(
        [
            f"<pl-question-panel>{text}<p>{note}</p></pl-question-panel>",
            '<pl-file-editor file-name="answer.cnn">{{params.text}}</pl-file-editor>',
            f"<pl-submission-panel>{results}</pl-submission-panel>",
            "",
        ]
    )
