"""`cnnspec exercise`: makes, draws and looks through exercises."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from cnnspec.cli._common import UsageError, whole
from cnnspec.language import LANGUAGES, language, named, number, plural, rounded, say, speak

if TYPE_CHECKING:
    from cnnspec.source import Source
    from cnnspec.teaching.exercise import Exercise
    from cnnspec.teaching.making.new import Fresh
    from cnnspec.teaching.settings import Settings

HELP = "Makes an exercise, draws its variants, and says what it asks for. Answers are graded by `cnnspec grade`."
EPILOG = """\
examples:
  cnnspec exercise new --level lenet -o lenet.cnn          sizes and counts of a network like LeNet
  cnnspec exercise new --level conv --kind complete        find f, s and p; to standard output
  cnnspec exercise check lenet.cnn                         each blank with its answer, points, warnings
  cnnspec exercise key lenet.cnn                           the filled file
  cnnspec exercise draw lenet.cnn --seed 4711              the sheet of one student
  cnnspec exercise draw lenet.cnn --students list.csv -o sheets/
"""
LEVELS = ("conv", "pool", "lenet", "groups", "dilation", "transposed", "residual", "mlp")
KINDS = ("compute", "complete", "design", "values")
FEW_VARIANTS = 5


def configure(parser: argparse.ArgumentParser) -> None:
    actions = parser.add_subparsers(dest="action", metavar="ACTION", required=True)
    new = _action(actions, "new", "make a fresh exercise", "Makes a fresh exercise.", NEW_EPILOG)
    new.add_argument("--level", choices=LEVELS, required=True, help="what the network is made of")
    new.add_argument("--kind", choices=KINDS, default="compute", help="what is asked (default: compute)")
    new.add_argument("--seed", type=whole, default=0, metavar="N", help="another number makes another exercise (0)")
    new.add_argument("-o", "--output", metavar="FILE", help="the .cnn file; its settings go beside it, as .toml")
    new.add_argument("--force", action="store_true", help="overwrite files that are there")

    what = "write the sheet of one student, or of all"
    draw = _action(actions, "draw", what, "Writes the sheet of one student, or of all.", DRAW_EPILOG)
    draw.add_argument("file", metavar="EXERCISE", help="a .cnn file, with its settings beside it")
    who = draw.add_mutually_exclusive_group(required=True)
    who.add_argument("--seed", metavar="SEED", help="the number of one student")
    who.add_argument("--students", metavar="LIST", help="a CSV file of the class, a sheet for each row")
    draw.add_argument("--column", metavar="NAME", help="the column of the list that holds the students' numbers")
    draw.add_argument("-o", "--output", metavar="PATH", help="the file of one sheet, or the folder of all")
    draw.add_argument("--force", action="store_true", help="overwrite files that are there")

    what = "say what the exercise asks, and what may be amiss"
    check = _action(actions, "check", what, "Says what the exercise asks, and what may be amiss.", CHECK_EPILOG)
    check.add_argument("file", metavar="EXERCISE", help="a .cnn file, with its settings beside it")
    check.add_argument("--seed", default="", metavar="SEED", help="the variant of this student")
    check.add_argument("--format", choices=("text", "json"), default="text", help="form of the output (text)")

    what = "print the file with a right answer in each blank"
    key = _action(actions, "key", what, "Prints the file with a right answer in each blank.", KEY_EPILOG)
    key.add_argument("file", metavar="EXERCISE", help="a .cnn file, with its settings beside it")
    key.add_argument("--seed", default="", metavar="SEED", help="the variant of this student")
    key.add_argument("-o", "--output", metavar="FILE", help="write it there")
    key.add_argument("--force", action="store_true", help="overwrite the file if it is there")


NEW_EPILOG = """\
examples:
  cnnspec exercise new --level pool -o pooling.cnn
  cnnspec exercise new --level residual --kind design --seed 7 -o skips.cnn
  cnnspec exercise new --level dilation --kind values --lang fr -o dilatation.cnn
"""
DRAW_EPILOG = """\
examples:
  cnnspec exercise draw lenet.cnn --seed 4711
  cnnspec exercise draw lenet.cnn --students class.csv --column "Student number" -o sheets/

The settings say what is drawn: a table [draw] with a set of values for each parameter of the model.
"""
CHECK_EPILOG = """\
examples:
  cnnspec exercise check lenet.cnn
  cnnspec exercise check lenet.cnn --seed 4711 --format json

exit codes: 0 the exercise can be graded, 1 it cannot
"""
KEY_EPILOG = """\
examples:
  cnnspec exercise key lenet.cnn
  cnnspec exercise key lenet.cnn --seed 4711 -o key_4711.cnn
"""


def _action(actions: Any, name: str, what: str, about: str, epilog: str) -> argparse.ArgumentParser:
    parser: argparse.ArgumentParser = actions.add_parser(name, help=what, description=about, epilog=epilog)
    parser.add_argument(
        "--lang",
        type=lambda text: named(text) or text,
        choices=LANGUAGES,
        default=argparse.SUPPRESS,
        help="language of texts and messages",
    )
    parser.add_argument("--debug", action="store_true", default=argparse.SUPPRESS, help="show the traceback of a fault")
    return parser


def run(args: argparse.Namespace) -> int:
    actions = {"new": _new, "draw": _draw, "check": _check, "key": _key}
    return actions[args.action](args)


# --- new -------------------------------------------------------------------------------------------------------------


def _new(args: argparse.Namespace) -> int:
    from cnnspec.teaching.making.new import new_exercise

    if args.output is None:
        sys.stdout.write(_headed(args, new_exercise(args.level, args.kind, args.seed)))
        return 0
    path = Path(args.output)
    if path.suffix != ".cnn":
        raise UsageError(say("-o takes a name that ends in .cnn, not `{name}`", name=path.name[:60]))
    fresh = new_exercise(args.level, args.kind, args.seed, name=path.stem)
    files = {path: fresh.text, path.with_suffix(".toml"): fresh.settings}
    if fresh.solution:
        files[path.with_name(f"{path.stem}_solution.cnn")] = fresh.solution
    _write(files, force=args.force)
    return 0


def _headed(args: argparse.Namespace, fresh: Fresh) -> str:
    """The exercise with title and task as comments, where no settings go with it."""
    from cnnspec.teaching.labels import allowed_layers
    from cnnspec.teaching.making.new import text_of, title_of

    kinds = f"# {allowed_layers(fresh.kinds)}\n" if fresh.kinds else ""
    return f"# {title_of(args.level)}\n# {text_of(args.kind, args.level)}\n{kinds}\n{fresh.text}"


def _write(files: dict[Path, str], *, force: bool) -> None:
    """Writes all of the files, or none where one is there already."""
    from cnnspec.files import FileProblem, replacing

    there = next((path for path in files if os.path.lexists(path)), None)
    if there is not None and not force:
        raise FileProblem(
            there, say("there is a file of this name already"), help=say("give another name, or add --force")
        )
    for path, text in files.items():
        with replacing(path) as file:
            file.write(text.encode())
    for path in files:
        sys.stdout.write(f"{path}\n")


# --- draw ------------------------------------------------------------------------------------------------------------


def _draw(args: argparse.Namespace) -> int:
    from cnnspec.teaching.variants.drawing import clean_seed, draw

    _speak(args)
    source, settings = _template(args.file)
    if not settings.draw:
        raise UsageError(say("nothing is drawn: the settings of `{name}` have no table [draw]", name=args.file))
    if args.students is None:
        if not clean_seed(args.seed):
            raise UsageError(say("--seed takes a student's number"))
        text = _told(draw(source, settings, args.seed).text, settings)
        if args.output is None:
            sys.stdout.write(text)
        else:
            _write({Path(args.output): text}, force=args.force)
        return 0
    if args.output is None:
        raise UsageError(say("--students needs a folder for the sheets: -o FOLDER"))
    from cnnspec.cli._class import listed
    from cnnspec.files import make_folder

    folder = make_folder(args.output)
    stem = Path(args.file).stem
    sheets = {
        folder / f"{stem}-{one.filename}.cnn": _told(draw(source, settings, one.number).text, settings, one.known_name)
        for one in listed(args.students, args.column)
    }
    _write(sheets, force=args.force)
    return 0


def _speak(args: argparse.Namespace) -> None:
    """From here on, errors too are in the language of the exercise, unless the reader chooses."""
    from cnnspec.teaching.reading import language_of

    speak(args.lang or language_of(args.file) or language())


def _told(text: str, settings: Settings, name: str = "") -> str:
    """The sheet, with what students are to know below its first line, as comments."""
    from cnnspec.teaching.labels import allowed_layers

    first, _, rest = text.partition("\n")
    told = [say("Do not remove the line above: it says which numbers are yours"), settings.title]
    told += [say("Name: {name}", name=name)] if name else []
    told += settings.text.splitlines()
    told += [allowed_layers(settings.kinds)] if settings.kinds is not None else []
    comments = [f"# {' '.join(line.split())}" for line in told if line.strip()]
    return "\n".join([first, *comments, rest])


def _template(path: str) -> tuple[Source, Any]:
    """The exercise before anything is drawn, and its settings."""
    from cnnspec.syntax.reading import read
    from cnnspec.teaching.exercise import read_settings
    from cnnspec.teaching.settings import Settings

    beside = Path(path).with_suffix(".toml")
    return read(path), read_settings(beside) if beside.is_file() else Settings.model_validate({})


# --- check and key ---------------------------------------------------------------------------------------------------


def _check(args: argparse.Namespace) -> int:
    from cnnspec.teaching.exercise import load_exercise
    from cnnspec.teaching.making.inspecting import warnings_of

    _speak(args)
    exercise = load_exercise(args.file, args.seed)
    rows = _rows(exercise)
    warnings = [(blank.number, blank.key, text) for blank, text in warnings_of(exercise)]
    variants = _variants(args.file)
    if args.format == "json":
        _print_json(exercise, rows, warnings, variants)
    else:
        _print_text(exercise, rows, warnings, variants)
    return 0


def _variants(path: str) -> int:
    from cnnspec.teaching.variants.drawing import variants

    source, settings = _template(path)
    return len(variants(source, settings))


def _rows(exercise: Exercise) -> list[dict[str, Any]]:
    from cnnspec.teaching.exercise import solved
    from cnnspec.teaching.judging import points_of

    worth = points_of(exercise)
    return [
        {
            "number": one.blank.number,
            "blank": one.blank.key,
            "label": one.label,
            "family": one.blank.family,
            "line": exercise.source.row(one.blank.span.start),
            "right": one.right,
            "points": float(worth[one.blank.key]),
        }
        for one in solved(exercise)
    ]


def _print_json(
    exercise: Exercise, rows: list[dict[str, Any]], warnings: Sequence[tuple[int, str, str]], variants: int
) -> None:
    import json

    document = {
        "title": exercise.title,
        "language": exercise.language,
        "variant": exercise.seed,
        "variants": variants,
        "points": sum(row["points"] for row in rows),
        "blanks": rows,
        "warnings": [{"number": n, "blank": key, "message": text} for n, key, text in warnings],
    }
    sys.stdout.write(json.dumps(document, indent=2, ensure_ascii=False) + "\n")


def _print_text(
    exercise: Exercise, rows: list[dict[str, Any]], warnings: Sequence[tuple[int, str, str]], variants: int
) -> None:
    total = sum(row["points"] for row in rows)
    blanks = plural("{n} blank", "{n} blanks", len(rows))
    points = say("points: {points}", points=_points(total))
    lines = [exercise.title, f"{blanks}, {points}"]
    if variants:
        lines.append(plural("{n} variant can be drawn", "{n} variants can be drawn", variants))
    if 0 < variants < FEW_VARIANTS:
        lines.append(
            say("these are few: only numbers of the same difficulty as the defaults are drawn; state more in [draw]")
        )
    table = [
        (number(row["number"]), row["blank"], _first_line(row["right"]) or "–", _points(row["points"]), row["label"])
        for row in rows
    ]
    head = ("", say("blank"), say("right answer"), say("points"), say("what is asked"))
    lines += ["", *_aligned([head, *table])]
    if warnings:
        lines += [
            "",
            *(say("warning: blank {n} (`{key}`): {text}", n=n, key=key, text=text) for n, key, text in warnings),
        ]
    sys.stdout.write("\n".join(lines) + "\n")


def _points(points: float) -> str:
    return rounded(points)


def _first_line(text: str) -> str:
    first, more, _ = text.partition("\n")
    shown = first + (" …" if more else "")
    return shown if len(shown) <= 40 else shown[:39] + "…"


def _aligned(rows: Sequence[Sequence[str]]) -> list[str]:
    widths = [max(len(row[i]) for row in rows) for i in range(len(rows[0]))]
    return ["  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in rows]


def _key(args: argparse.Namespace) -> int:
    from cnnspec.teaching.exercise import load_exercise
    from cnnspec.teaching.making.inspecting import filled_text

    _speak(args)
    exercise = load_exercise(args.file, args.seed)
    text = filled_text(exercise)
    if args.output is None:
        sys.stdout.write(text)
    else:
        _write({Path(args.output): text}, force=args.force)
    return 0
