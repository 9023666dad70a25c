"""Which platforms there are, and which module serves each; it is imported when it is asked for."""

from __future__ import annotations

import importlib
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from cnnspec.language import say
from cnnspec.record import Record

if TYPE_CHECKING:
    from cnnspec.teaching.quiz.sheet import Options, Output, Sheet

FILE, FOLDER, ARCHIVE = "file", "folder", "zip"


class Format(Record):
    """A platform's format. `shape` is what is written: a file, a folder (or a zip, by its name), a zip only.

    `marks_open` says whether blanks with many right answers are marked there; `many` whether one export holds several
    variants.
    """

    module: str
    shape: str
    endings: tuple[str, ...]
    marks_open: bool
    many: bool


FORMATS = {
    "moodle": Format("moodle", FILE, (".xml",), False, True),
    "cloze": Format("cloze", FILE, (".xml",), False, True),
    "gift": Format("gift", FILE, (".gift", ".txt"), False, True),
    "vpl": Format("vpl", FOLDER, (), True, False),
    "coderunner": Format("coderunner", FILE, (".xml",), True, False),
    "gradescope": Format("gradescope", ARCHIVE, (".zip",), True, False),
    "prairielearn": Format("prairielearn", FOLDER, (), True, True),
    "otter": Format("otter", FOLDER, (), True, False),
    "nbgrader": Format("nbgrader", FOLDER, (), True, False),
    "canvas": Format("canvas", FILE, (".txt", ".md"), False, True),
    "csv": Format("table_csv", FILE, (".csv",), False, True),
    "markdown": Format("markdown", FILE, (".md",), True, True),
    "html": Format("page", FILE, (".html", ".htm"), True, True),
}


def about(name: str) -> str:
    """What an export of this format is, in a line."""
    return {
        "moodle": say("Moodle: a numerical question for each blank"),
        "cloze": say("Moodle: the whole table as one question"),
        "gift": say("Moodle: questions as text"),
        "vpl": say("VPL (also Caseine): scripts that grade files"),
        "coderunner": say("CodeRunner: a question that grades the whole file"),
        "gradescope": say("Gradescope: the zip of an autograder"),
        "prairielearn": say("PrairieLearn: the folder of a question"),
        "otter": say("otter-grader: tests and a notebook"),
        "nbgrader": say("nbgrader: a notebook with test cells"),
        "canvas": say("Canvas: text for text2qti"),
        "csv": say("a table for anything else"),
        "markdown": say("a sheet to print, or its key"),
        "html": say("a sheet to print, or its key, as a web page"),
    }[name]


def export(name: str, sheets: Sequence[Sheet], options: Options) -> list[Output]:
    """The files of an export. Raises FileProblem where the exercise's own files cannot be taken along."""
    module = importlib.import_module(f"cnnspec.teaching.quiz.{FORMATS[name].module}")
    make: Callable[[Sequence[Sheet], Options], list[Output]] = module.export
    return make(sheets, options)
