"""`cnnspec quiz`: an exercise in the format of the platform on which it is set."""

from __future__ import annotations

import argparse
import sys
from typing import TYPE_CHECKING

from cnnspec.cli._common import UsageError, refuse_input_as_output, whole
from cnnspec.language import language, plural, say, speak

if TYPE_CHECKING:
    from cnnspec.teaching.exercise import Exercise
    from cnnspec.teaching.quiz.sheet import Sheet

HELP = "Writes an exercise for a platform: a quiz, an autograder, a sheet to print."
EPILOG = """\
examples:
  cnnspec quiz hand_signs.cnn --to cloze -o hand_signs.xml         Moodle: the table as one question
  cnnspec quiz hand_signs.cnn --to moodle -o hand_signs.xml        Moodle: a numerical question for each blank
  cnnspec quiz drawn.cnn --to cloze --variants 30 -o drawn.xml     Moodle draws one of thirty
  cnnspec quiz hand_signs.cnn --to gradescope -o autograder.zip
  cnnspec quiz hand_signs.cnn --to vpl -o vpl/                     also under Caseine
  cnnspec quiz hand_signs.cnn --to html -o sheet.html --lang fr    a sheet to print
  cnnspec quiz drawn.cnn --to html --students class.csv -o sheets.html
  cnnspec quiz hand_signs.cnn --to html --key -o key.html

formats:
  moodle, cloze, gift        Moodle's question bank
  vpl, coderunner            Moodle, where the server grades the whole file
  gradescope, prairielearn   autograders
  otter, nbgrader            notebooks
  canvas                     text for text2qti
  csv, markdown, html        a table, sheets to print and their keys
"""
FORMATS = (
    "moodle", "cloze", "gift", "vpl", "coderunner", "gradescope", "prairielearn", "otter", "nbgrader", "canvas", "csv",
    "markdown", "html",
)  # fmt: skip
SHEETS = ("markdown", "html")
KEYS = ("csv", *SHEETS)
VISIBILITIES = ("visible", "hidden", "after_due_date", "after_published")
MOST = 1_000


def configure(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("file", metavar="EXERCISE", help="a .cnn file with blanks")
    parser.add_argument("--to", choices=FORMATS, required=True, metavar="FORMAT", help="one of those below")
    parser.add_argument("-o", "--output", required=True, metavar="OUT", help="file, new folder or .zip to write")
    parser.add_argument("--key", action="store_true", help="with the right answers (csv, markdown, html)")
    parser.add_argument(
        "--visibility", choices=VISIBILITIES, default="visible", help="when students see results (gradescope)"
    )
    group = parser.add_argument_group("variants, where the settings draw numbers")
    which = group.add_mutually_exclusive_group()
    which.add_argument("--seed", metavar="TEXT", help="the variant of this seed, such as a student's number")
    which.add_argument("--variants", type=whole, metavar="N", help="so many different variants")
    which.add_argument("--students", metavar="LIST.csv", help="a sheet for each student (markdown, html)")
    group.add_argument("--column", metavar="NAME", help="column of LIST.csv that draws the variant, such as Email")


def run(args: argparse.Namespace) -> int:
    from cnnspec.teaching.exercise import load_exercise
    from cnnspec.teaching.reading import language_of

    _check(args)
    refuse_input_as_output(args.output, [args.file])
    speak(args.lang or language_of(args.file) or language())
    return _export(args, load_exercise(args.file, args.seed or ""))


def _check(args: argparse.Namespace) -> None:
    from cnnspec.teaching.quiz.registry import ARCHIVE, FOLDER, FORMATS

    chosen = FORMATS[args.to]
    if args.variants is not None and not 1 <= args.variants <= MOST:
        raise UsageError(say("--variants is 1 to {most}", most=MOST))
    if args.variants and not chosen.many:
        raise UsageError(
            say("`--to {format}` takes one variant: its students get theirs when they are graded", format=args.to)
        )
    if args.to not in SHEETS and args.students:
        raise UsageError(say("--students goes with `--to markdown` and `--to html`"))
    if args.to not in KEYS and args.key:
        raise UsageError(say("--key goes with `--to csv`, `--to markdown` and `--to html`"))
    if args.column and not args.students:
        raise UsageError(say("--column is one of a list: give --students too"))
    if args.to != "gradescope" and args.visibility != "visible":
        raise UsageError(say("--visibility goes with `--to gradescope`"))
    if chosen.shape == ARCHIVE and not args.output.endswith(".zip"):
        raise UsageError(say("`--to {format}` writes a .zip: give OUT that ending", format=args.to))
    if chosen.shape not in (ARCHIVE, FOLDER) and args.output.endswith(".zip"):
        raise UsageError(say("`--to {format}` writes one file, not a .zip", format=args.to))


def _export(args: argparse.Namespace, exercise: Exercise) -> int:
    from cnnspec.teaching.quiz.registry import FORMATS, export
    from cnnspec.teaching.quiz.sheet import Options
    from cnnspec.teaching.quiz.writing import write

    made = _sheets(args, exercise)
    write(args.output, export(args.to, made, Options(args.key, args.visibility)))
    blanks = plural("{n} blank", "{n} blanks", len(exercise.blanks))
    sheets = plural("{n} sheet", "{n} sheets", len(made))
    counts = f"{blanks}, {sheets}" if len(made) > 1 else blanks
    sys.stdout.write(say("{name}: {text}", name=args.output, text=counts) + "\n")
    _warn(args, made)
    if args.to == "cloze":
        _tell_mark(made[0])
    if made[0].open and not FORMATS[args.to].marks_open:
        n = len(made[0].open)
        what = plural("{n} blank may be answered in many ways", "{n} blanks may be answered in many ways", n)
        remedy = say("a person marks it there; VPL and Gradescope can")
        sys.stderr.write(say("warning: {what}: {remedy}", what=what, remedy=remedy) + "\n")
    return 0


def _tell_mark(sheet: Sheet) -> None:
    """Moodle adds up weights, which are whole numbers: the points have to be typed."""
    from cnnspec.teaching.quiz.cloze import marks_of
    from cnnspec.teaching.quiz.results import show_points

    points, mark = marks_of(sheet)
    if points != mark:
        text = say(
            "in the quiz, type {points} as its mark: Moodle proposes {mark}",
            points=show_points(float(points)),
            mark=show_points(mark),
        )
        sys.stdout.write(text + "\n")


def _sheets(args: argparse.Namespace, exercise: Exercise) -> list[Sheet]:
    from cnnspec.teaching.exercise import solved
    from cnnspec.teaching.quiz.sheet import class_sheets, make_sheet, variants

    if args.students:
        from cnnspec.cli._class import listed

        return list(class_sheets(args.file, listed(args.students, args.column)))
    if args.variants is not None:
        if not exercise.settings.draw:
            raise UsageError(say("nothing is drawn in this exercise: state `draw` in its settings"))
        return list(variants(args.file, args.variants))
    return [make_sheet(exercise, solved(exercise), exercise.seed)]


def _warn(args: argparse.Namespace, made: list[Sheet]) -> None:
    if args.variants and len(made) < args.variants:
        found = plural("there is {n} variant only", "there are {n} variants only", len(made))
        sys.stderr.write(say("warning: {what}", what=found) + "\n")
