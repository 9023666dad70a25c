"""`cnnspec check`: errors, findings, `expect` lines and annotations."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from typing import Any

from cnnspec.cli._common import add_spec, read_spec, settings, spec_paths, wants_color
from cnnspec.diagnostics import CnnSpecError
from cnnspec.report.checked import Checked, all_diagnostics

HELP = "Checks files: every size and count, annotations, `expect` lines, and what is probably not meant."
EPILOG = """\
examples:
  cnnspec check lenet5.cnn
  cnnspec check networks/                         every .cnn file in the folder
  cnnspec check resnet50.cnn --set classes=10
  cnnspec check resnet.cnn                        with all its variants
  cnnspec check resnet.cnn:resnet18               one of them
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
    checked = [_check(path, args, values) for path in spec_paths(args.files)]
    sys.stdout.write(_render(checked, args))
    return 1 if all_diagnostics(checked) else 0


def _check(path: str, args: argparse.Namespace, values: dict[str, Any]) -> Checked:
    from cnnspec.api import check_source

    try:
        source, variant = read_spec(path, args)
        network, diagnostics = check_source(source, values, args.root, variant=variant)
    except CnnSpecError as error:
        return Checked(path, tuple(error.diagnostics))
    several = len(network.variants) if network and not (variant or values) else 0
    return Checked(source.filename, tuple(diagnostics), network, several)


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
