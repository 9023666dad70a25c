"""`cnnspec grade`: the marks of answers, one or a class."""

from __future__ import annotations

import argparse
import os
import shutil
import sys
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from cnnspec.cli._common import UsageError, refuse_input_as_output, wants_color
from cnnspec.language import language, plural, say, speak

if TYPE_CHECKING:
    from cnnspec.teaching.exercise import Exercise
    from cnnspec.teaching.feedback.statistics import ClassMarks
    from cnnspec.teaching.feedback.worksheet import Filled, Worksheet
    from cnnspec.teaching.model import Marks, Submission

FORMATS = ("text", "markdown", "html", "csv", "json", "gradescope", "prairielearn", "coderunner", "vpl")
PLATFORMS = FORMATS[5:]
PAGES = ("text", "markdown", "html")
LEVELS = ("nothing", "hint", "formula", "solution")
WIDEST = 100
MARK = "\ufeff"  # by which spreadsheets know UTF-8


HELP = "Grades answers to an exercise: each blank on its own, with what there is to learn from it."
EPILOG = """\
examples:
  cnnspec grade hand_signs.cnn my_answer.cnn            what is right, what is not, and why
  cnnspec grade hand_signs.cnn answers/                 a class: marks, then statistics
  cnnspec grade hand_signs.cnn submissions.zip          as Moodle hands them out
  cnnspec grade hand_signs.cnn submissions.zip --worksheet grades.csv -o filled.csv
  cnnspec grade hand_signs.cnn answers/ --pages feedback --csv marks.csv
  cnnspec grade hand_signs.cnn answers/ --statistics    which blank was missed by how many
  cnnspec grade hand_signs.cnn answer.csv --feedback hint

exit codes: 0 graded, whatever the marks; 1 an answer could not be read (no points, and why; the others are graded)
or it is not sure whose it is, or the exercise is broken; 2 wrong usage
"""


def configure(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("exercise", metavar="EXERCISE", help="a .cnn file with blanks")
    parser.add_argument("answers", nargs="+", metavar="ANSWERS", help="files, folders, a zip of submissions, or -")
    parser.add_argument("--format", choices=FORMATS, default="text", help="form of the output (default: text)")
    parser.add_argument("-o", "--output-file", metavar="OUT", help="write the output, or the filled sheet, to a file")
    parser.add_argument("--statistics", action="store_true", help="show the statistics of the class only")
    more = parser.add_argument_group("besides")
    more.add_argument("--pages", metavar="FOLDER", help="write a page for each student, and an index for the teacher")
    more.add_argument("--page-format", choices=PAGES, default="html", help="form of the pages (default: html)")
    more.add_argument("--csv", metavar="FILE", help="write a table for a spreadsheet")
    more.add_argument("--json", metavar="FILE", help="write marks and statistics as JSON")
    more.add_argument("--nbgrader", metavar="FILE", help="write a table as nbgrader exports it")
    more.add_argument("--worksheet", metavar="SHEET", help="fill Moodle's grading worksheet, and write it to OUT")
    more.add_argument(
        "--missing", choices=("leave", "zero"), default="leave", help="rows of SHEET without an answer (default: leave)"
    )
    how = parser.add_argument_group("how to grade")
    how.add_argument("--feedback", choices=LEVELS, help="how much a wrong answer is told, whatever the exercise says")
    parser.add_argument("--stdin-filename", metavar="NAME", help="name of what comes from standard input, for messages")
    which = how.add_mutually_exclusive_group()
    which.add_argument("--seed", default="", metavar="TEXT", help="grade this drawn variant, whatever the answers say")
    which.add_argument("--students", metavar="LIST", help="grade the variant of each student's number in a CSV file")
    how.add_argument("--column", metavar="NAME", help="the column of LIST that holds the students' numbers")


def run(args: argparse.Namespace) -> int:
    from cnnspec.teaching.exercise import load_exercise
    from cnnspec.teaching.grading.single import told
    from cnnspec.teaching.reading import language_of

    _refuse_contradictions(args)
    speak(args.lang or language_of(args.exercise) or language())
    exercise = load_exercise(args.exercise, args.seed)
    told(exercise, args.feedback, args.lang)
    return _grade(args, exercise)


def _grade(args: argparse.Namespace, exercise: Exercise) -> int:
    from cnnspec.files import FileProblem
    from cnnspec.teaching.feedback.statistics import class_marks
    from cnnspec.teaching.grading.batch import grade
    from cnnspec.teaching.handed_in.submissions import told_twins

    sheet = _worksheet(args)
    given = _numbered(args, exercise, _handed_in(args))
    found = told_twins(given)
    if not found:
        raise FileProblem(args.answers[0], say("there is no answer in it"))
    alone = len(found) == 1 and not _holds_many(args.answers)
    if args.format in PLATFORMS and not alone:
        raise UsageError(say("`--format {form}` is for one answer: give one file", form=args.format))
    handed_in = sheet.handed_in() if sheet else {}
    marks = list(_progressing(grade(exercise, found, handed_in=handed_in), len(found)))
    document = class_marks(marks, exercise.title, language())
    _write_besides(args, document, exercise.settings.due, handed_in)
    unsure = sheet is not None and _fill(args, sheet, document)
    _emit(args, document, alone=alone)
    return 1 if any(one.problem for one in marks) or found != given or unsure else 0


def _handed_in(args: argparse.Namespace) -> list[Submission]:
    """What the answers are; `-` is one of them, from standard input."""
    from cnnspec.teaching.answers.decoding import LARGEST
    from cnnspec.teaching.handed_in.archives import too_large
    from cnnspec.teaching.handed_in.submissions import submissions
    from cnnspec.teaching.model import Submission

    if args.answers != ["-"]:
        return list(submissions(args.answers, args.exercise))
    name = args.stdin_filename or ""
    content = sys.stdin.buffer.read(LARGEST + 1)
    if len(content) > LARGEST:
        return [Submission(Path(name).stem, name, b"", problem=too_large())]
    return [Submission(Path(name).stem, name, content)]


def _numbered(args: argparse.Namespace, exercise: Exercise, given: list[Submission]) -> list[Submission]:
    """With the students' numbers, by which variants are drawn. Raises UsageError, FileProblem."""
    from cnnspec.teaching.handed_in.numbers import claimed, numbered

    stem = Path(args.exercise).stem
    if not args.students:
        return claimed(given, stem)
    from cnnspec.cli._class import listed

    if not exercise.settings.draw:
        raise UsageError(say("nothing is drawn in this exercise: state `draw` in its settings"))
    exercise.settings = exercise.settings.model_copy(update={"seed": "student"})
    return numbered(given, listed(args.students, args.column), stem)


def _holds_many(paths: Sequence[str]) -> bool:
    """Whether what is given is for a class, even if one only has handed in."""
    return len(paths) > 1 or os.path.isdir(paths[0]) or paths[0].lower().endswith(".zip")


def _progressing(marks: Iterator[Marks], total: int) -> Iterator[Marks]:
    """The marks, with a bar on a terminal's standard error where there are many."""
    if total < 2 or not sys.stderr.isatty():
        yield from marks
        return
    from tqdm import tqdm

    tqdm.monitor_interval = 0  # no thread beside this one: answers are read in a forked process
    with tqdm(total=total, unit=f" {say('answers')}", leave=False, file=sys.stderr) as bar:
        for one in marks:
            yield one
            bar.update()


# --- outputs ---------------------------------------------------------------------------------------------------------


def _emit(args: argparse.Namespace, document: ClassMarks, *, alone: bool) -> None:
    from cnnspec.teaching.feedback import rendering

    to_file = args.output_file is not None and not args.worksheet
    color = not to_file and wants_color(sys.stdout)
    if alone and not args.statistics and args.format != "csv":
        width = min(shutil.get_terminal_size().columns, WIDEST) if not to_file and sys.stdout.isatty() else WIDEST
        shown = rendering.student_text(document.marks[0], args.format, color=color, width=width)
    else:
        shown = rendering.class_text(document, args.format, statistics=args.statistics, color=color)
    if to_file:
        _write(args.output_file, shown)
    else:
        sys.stdout.write(shown)


def _write_besides(
    args: argparse.Namespace, document: ClassMarks, due: datetime | None, handed_in: Mapping[str, datetime]
) -> None:
    """The files that are wanted besides the output."""
    from cnnspec.teaching.feedback import csv, nbgrader, pages, rendering

    if args.pages:
        pages.write_pages(args.pages, document, args.page_format)
    if args.csv:
        _write(args.csv, MARK + csv.class_page(document))
    if args.json:
        _write(args.json, rendering.json_text(document))
    if args.nbgrader:
        _write(args.nbgrader, nbgrader.nbgrader_page(document, due, handed_in))


def _write(path: str, content: str) -> None:
    from cnnspec.teaching.feedback.pages import write_text

    write_text(path, content)


def _worksheet(args: argparse.Namespace) -> Worksheet | None:
    if not args.worksheet:
        return None
    from cnnspec.teaching.feedback.worksheet import Worksheet

    return Worksheet(args.worksheet)


def _fill(args: argparse.Namespace, sheet: Worksheet, document: ClassMarks) -> bool:
    """Writes the sheet with the grades, and says on standard error what became of them; whether any is unsure."""
    from cnnspec.files import replacing
    from cnnspec.teaching.feedback import html

    missing = say("Nothing was handed in") if args.missing == "zero" else None
    filled = sheet.filled(document.marks, html.comment, missing)
    with replacing(args.output_file) as file:
        file.write(filled.content)
    if not sheet.tells:
        what = say("the sheet has no column for feedback: it is not written there")
        sys.stderr.write(say("warning: {what}", what=what) + "\n")
    for line in _about(filled):
        sys.stderr.write(f"{line}\n")
    return bool(filled.twins or filled.strangers)


def _about(filled: Filled) -> Iterator[str]:
    from cnnspec.teaching.feedback.wording import one_line, who

    yield plural("{n} row of the sheet is filled", "{n} rows of the sheet are filled", filled.rows)
    for one in filled.lost:
        yield say("no row of the sheet is that of {name}", name=who(one))
    for one in filled.twins:
        yield say("{name}: several answers claim this row of the sheet, none fills it", name=who(one))
    for one in filled.strangers:
        yield say("{name}: the row with this number has another name, it is not filled", name=who(one))
    for one in filled.locked:
        yield say("the sheet says that the grade of {name} cannot be changed", name=who(one))
    for row in filled.zeros:
        yield say("{name}: nothing was handed in, zero", name=one_line(row.shown, 80))
    for row in filled.doubtful:
        yield say("{name}: no answer, but perhaps something was handed in; no grade", name=one_line(row.shown, 80))


# --- usage -----------------------------------------------------------------------------------------------------------


def _refuse_contradictions(args: argparse.Namespace) -> None:
    """Options that make no sense together, and outputs in the place of something else. Raises UsageError."""
    if args.column and not args.students:
        raise UsageError(say("--column is one of a list: give --students too"))
    if args.worksheet and args.output_file is None:
        raise UsageError(say("--worksheet needs -o: where to write the filled sheet"))
    if args.missing != "leave" and not args.worksheet:
        raise UsageError(say("--missing is for the rows of a sheet: give --worksheet too"))
    if args.statistics and args.format in PLATFORMS:
        raise UsageError(say("--statistics goes with the forms text, markdown, html, csv and json"))
    outputs = [path for path in (args.output_file, args.csv, args.json, args.nbgrader) if path is not None]
    inputs = [args.exercise, *args.answers, *(path for path in (args.worksheet, args.students) if path)]
    for path in outputs:
        refuse_input_as_output(path, inputs, (".cnn", ".toml"))
        _refuse_among_answers(path, os.path.dirname(os.path.realpath(path)), args.answers)
    if args.pages:
        _refuse_among_answers(args.pages, os.path.realpath(args.pages), args.answers)
        _refuse_among_pages(args.pages, outputs)
    if len({os.path.realpath(path) for path in outputs}) < len(outputs):
        raise UsageError(say("two outputs have the same name: give each its own"))


def _refuse_among_answers(output: str, folder: str, answers: Sequence[str]) -> None:
    """Next time an output among the answers would be graded, or it would take the place of one."""
    for path in answers:
        real = os.path.realpath(path)
        inside = os.path.isdir(real) and Path(folder).is_relative_to(real)
        if inside or (os.path.isdir(output) and os.path.dirname(real) == folder):
            raise UsageError(say("`{output}` would lie among the answers: give it another place", output=output))


def _refuse_among_pages(folder: str, outputs: Sequence[str]) -> None:
    """Pages have a folder to themselves. Raises UsageError, FileProblem where others have written in it."""
    from cnnspec.teaching.feedback.pages import refuse_foreign

    for output in outputs:
        if Path(os.path.realpath(output)).is_relative_to(os.path.realpath(folder)):
            raise UsageError(say("`{output}` would lie among the pages: give it another place", output=output))
    refuse_foreign(folder)
