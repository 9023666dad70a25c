"""`cnnspec check`: errors, findings, `expect` lines and annotations."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Iterator, Sequence
from typing import Any

from cnnspec.cli._common import add_spec, read_source, settings, wants_color
from cnnspec.diagnostics import CnnSpecError, Diagnostic
from cnnspec.report.checked import Checked, all_diagnostics
from cnnspec.source import Source, Span

HELP = "Checks files: every size and count, annotations, `expect` lines, and what is probably not meant."
EPILOG = """\
examples:
  cnnspec check lenet5.cnn
  cnnspec check networks/                         every .cnn file in the folder
  cnnspec check resnet50.cnn --set classes=10
  cnnspec check --format github networks/         comments in a pull request
  cat lenet5.cnn | cnnspec check - --stdin-filename lenet5.cnn

exit codes: 0 nothing wrong, 1 errors or findings, 2 wrong usage or a fault of the program
"""
FORMATS = ("text", "concise", "json", "sarif", "github", "gitlab", "junit")


def configure(parser: argparse.ArgumentParser) -> None:
    add_spec(parser, many=True)
    parser.add_argument("--format", choices=FORMATS, default="text", help="form of the output (default: text)")
    parser.add_argument("-q", "--quiet", action="store_true", help="no closing line")


def run(args: argparse.Namespace) -> int:
    values = settings(args)
    checked = [_check(path, args, values) for path in _expand(args.files)]
    sys.stdout.write(_render(checked, args))
    return 1 if all_diagnostics(checked) else 0


def _check(path: str, args: argparse.Namespace, values: dict[str, Any]) -> Checked:
    from cnnspec.api import check_source

    try:
        if path != "-" and os.path.isdir(path):  # `_expand` leaves a folder only where it holds no file
            raise CnnSpecError([_empty_folder(path)])
        source = read_source(path, args)
        network, diagnostics = check_source(source, values, args.root)
    except CnnSpecError as error:
        return Checked(path, tuple(error.diagnostics))
    return Checked(source.filename, tuple(diagnostics), network)


def _expand(paths: Sequence[str]) -> Iterator[str]:
    """The files, and for each folder the .cnn files in it, in alphabetical order; each once."""
    seen = set()
    for path in paths:
        found = list(_walk(path)) if path != "-" and os.path.isdir(path) else [path]
        for name in found or [path]:
            if name not in seen:
                seen.add(name)
                yield name


def _walk(folder: str) -> Iterator[str]:
    for place, folders, files in os.walk(folder):
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        yield from (os.path.join(place, name) for name in sorted(files) if name.endswith(".cnn"))


def _empty_folder(path: str) -> Diagnostic:
    message = f"no .cnn file in the folder `{path}`"
    return Diagnostic("E100", message, Source("", path), Span(0, 0), help="give a file, or a folder that holds some")


def _render(checked: Sequence[Checked], args: argparse.Namespace) -> str:
    if args.format == "text":
        from cnnspec.report import text

        return text.render(checked, color=wants_color(sys.stdout), closing=not args.quiet)
    if args.format == "sarif":
        from cnnspec import __version__
        from cnnspec.report import sarif

        return sarif.render(checked, version=__version__)
    import importlib

    name = {"json": "json_list"}.get(args.format, args.format)
    rendered: str = importlib.import_module(f"cnnspec.report.{name}").render(checked)
    return rendered
