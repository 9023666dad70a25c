"""`cnnspec quiz`: an exercise in the format of the platform on which it is set."""

from __future__ import annotations

import argparse
import sys
from typing import TYPE_CHECKING

from cnnspec.cli._common import UsageError, refuse_input_as_output
from cnnspec.language import language, plural, say, speaking

if TYPE_CHECKING:
    from cnnspec.teaching.quiz.sheet import Options, Sheet
    from cnnspec.teaching.quiz.students import Student

FORMATS = (
    "moodle", "cloze", "gift", "vpl", "coderunner", "gradescope", "prairielearn", "otter", "nbgrader", "canvas", "csv",
    "markdown", "html",
)  # fmt: skip
VISIBILITIES = ("visible", "hidden", "after_due_date", "after_published")
MOST = 1_000


def configure(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("file", metavar="EXERCISE", help=say("a .cnn file with blanks; its settings in the .toml beside it"))
    parser.add_argument("--to", choices=FORMATS, required=True, metavar="FORMAT", help=say("one of {formats}", formats=", ".join(FORMATS)))
    parser.add_argument("-o", "--output", required=True, metavar="OUT", help=say("file, folder or .zip to write"))
    group = parser.add_argument_group(say("variants, where the settings draw numbers"))
    which = group.add_mutually_exclusive_group()
    which.add_argument("--seed", default="", metavar="TEXT", help=say("the variant of this seed, such as a student's number"))
    which.add_argument("--variants", type=int, metavar="N", help=say("so many different variants"))
    which.add_argument("--students", metavar="LIST.csv", help=say("a sheet for each student: number, name (markdown, html)"))
    parser.add_argument("--key", action="store_true", help=say("the answer key in place of the sheet (markdown, html)"))
    parser.add_argument(
        "--visibility", choices=VISIBILITIES, default="visible", help=say("when students see the results (gradescope)")
    )


def run(args: argparse.Namespace) -> int:
    from cnnspec.teaching.exercise import load_exercise

    _check(args)
    exercise = load_exercise(args.file, args.seed)
    with speaking(args.lang or exercise.language or language()):
        made = _sheets(args)
        _write(args, made)
    return 0
