"""Which form an answer has, by its name and by what is in it."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from contextlib import nullcontext
from functools import partial
from pathlib import PurePosixPath
from typing import Any

from cnnspec.language import say, speaking
from cnnspec.teaching.answers import cnn, listed, notebook, sheet, table
from cnnspec.teaching.answers.collecting import Collected, shortened
from cnnspec.teaching.answers.decoding import decode, unreadable
from cnnspec.teaching.answers.pages import is_page, plain
from cnnspec.teaching.answers.rows import is_printed
from cnnspec.teaching.exercise import Exercise
from cnnspec.teaching.model import Answer, Submission

Form = Callable[[Collected], bool]

_SEED = re.compile(
    r"^[ \t#\"'{,|]{0,20}(?:variante?|seed|graine)[ \t]{0,9}[\"']?[ \t]{0,9}[:,;|\t=]"
    r"[ \t]{0,9}[\"']?([^\"'\n;|,}]{1,100})",
    re.MULTILINE | re.IGNORECASE,
)
_STRUCK = re.compile(r"(?<!~)~~(?!~)[^~\n]{1,200}~~(?!~)[ \t]{0,9}")
_FIRST = {".csv": "csv", ".tsv": "csv", ".txt": "cnn", ".md": "table", ".json": "json", ".ipynb": "json"}


def read_answer(exercise: Exercise, submission: Submission) -> Answer:
    """What a submission says, blank by blank. It never raises: what cannot be read is the answer's `problem`."""
    with speaking(exercise.language) if exercise.language else nullcontext():
        return _read(exercise, submission)


def _read(exercise: Exercise, submission: Submission) -> Answer:
    problem = submission.problem or unreadable(submission.content)
    if problem:
        return Answer({}, problem=problem)
    ending = PurePosixPath(submission.filename).suffix.lower()
    text = text_of(submission)
    found, understood = best(exercise, text, ending)
    if not found.given and is_printed(text):
        return Answer({}, problem=say("a module printed by PyTorch tells no sizes and no counts"), seed=found.seed)
    if not understood:
        return Answer({}, problem=say("nothing in it looks like an answer to this exercise"), seed=found.seed)
    if not found.given and found.unread:
        problem = say("no line of it could be read as an answer: write in the place of each `?`")
        return Answer({}, found.answer().notices, problem, found.seed)
    if submission.others:
        count, taken = len(submission.others) + 1, shortened(submission.filename)
        found.notice(say("`{taken}` counts, of {n} files", taken=taken, n=count))
    return found.answer()


def text_of(submission: Submission) -> str:
    """The text that was handed in, out of the page that Moodle's editor makes of it."""
    text = _STRUCK.sub("", decode(submission.content))
    return plain(text) if is_page(text) else text


def best(exercise: Exercise, text: str, ending: str = "") -> tuple[Collected, bool]:
    """The reading that answers the most blanks, and whether the text was understood at all."""
    chosen, understood = Collected(exercise), False
    for form in _forms(exercise, text, ending):
        found = Collected(exercise)
        if not form(found):
            continue
        if not understood or len(found.given) > len(chosen.given):
            chosen, understood = found, True
        if 2 * len(chosen.given) > len(exercise.blanks):
            break
    return chosen, understood


def _forms(exercise: Exercise, text: str, ending: str) -> Iterator[Form]:
    """The forms that the text may have, the likeliest first."""
    document = _document(text)
    if notebook.is_notebook(document):
        for cell in notebook.texts_of(document):
            yield from _forms(exercise, cell, "")
        return
    if document is not None:
        yield partial(sheet.collect_json, document=document)
        return
    if table.is_saved(exercise, text):
        yield partial(table.collect, text=text)
        return
    forms: dict[str, Form] = {
        "cnn": partial(cnn.collect, text=text),
        "csv": partial(sheet.collect_csv, text=text),
        "table": partial(table.collect, text=text),
        "list": partial(listed.collect, text=text),
    }
    first = _FIRST.get(ending, "cnn")
    yield from (form for name, form in sorted(forms.items(), key=lambda one: one[0] != first))


def _document(text: str) -> Any:
    """The JSON document that the text is; None where it is none."""
    if not text.lstrip("\ufeff \t\n").startswith(("{", "[")):
        return None
    try:
        document = sheet.parsed(text.strip("\ufeff \t\n"))
    except ValueError:
        return None
    return document if isinstance(document, (dict, list)) else None


def seed_of(submission: Submission) -> str:
    """The seed of the variant that a submission states, "" where it states none."""
    from cnnspec.teaching.variants.drawing import clean_seed
    from cnnspec.teaching.variants.drawing import seed_of as stated

    if submission.problem or unreadable(submission.content):
        return ""
    text = text_of(submission)
    return stated(text) or clean_seed(_seed_in(text))


def _seed_in(text: str) -> str:
    """The seed in a sheet or a comment."""
    match = _SEED.search(text)
    return match[1].strip() if match else ""
