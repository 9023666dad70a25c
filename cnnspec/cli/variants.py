"""`cnnspec variants`: the networks of files, with their figures."""

from __future__ import annotations

import argparse
import sys
from typing import TYPE_CHECKING, Any

from cnnspec.cli._common import add_spec, read_spec, settings, spec_paths, wants_color
from cnnspec.diagnostics import CnnSpecError
from cnnspec.report.checked import Checked, all_diagnostics

if TYPE_CHECKING:
    from cnnspec.network import Network
    from cnnspec.report.variants import Row

HELP = "Lists the variants of files, each with its parameters, its MACs and its input size."
EPILOG = """\
examples:
  cnnspec variants resnet.cnn
  cnnspec variants networks/                      every .cnn file in the folder
  cnnspec variants resnet.cnn --set classes=10
  cnnspec variants --smallest-input networks/     with the smallest input that each accepts
  cnnspec variants --format csv networks/

A file without variants is listed itself. MACs: a multiply and an add together are one.
"""
FORMATS = ("text", "markdown", "csv", "json")


def configure(parser: argparse.ArgumentParser) -> None:
    add_spec(parser, many=True)
    parser.add_argument("--format", choices=FORMATS, default="text", help="form of the list (default: text)")
    parser.add_argument("--smallest-input", action="store_true", help="with the smallest input that each accepts")


def run(args: argparse.Namespace) -> int:
    values = settings(args)
    rows: list[Row] = []
    checked = [_collect(path, args, values, rows) for path in spec_paths(args.files)]
    wrong = bool(all_diagnostics(checked))
    if args.format == "text" or not wrong:  # nothing may stand among the data
        _write(rows, args.format)
    if wrong:
        from cnnspec.report import text

        if rows and args.format == "text":
            sys.stdout.write("\n")
        sys.stdout.write(text.render(checked, color=wants_color(sys.stdout)))
    return 1 if wrong else 0


def _collect(path: str, args: argparse.Namespace, values: dict[str, Any], rows: list[Row]) -> Checked:
    """Adds the rows of a file, and tells what is wrong with it."""
    from cnnspec.api import each_variant
    from cnnspec.report.variants import row

    try:
        source, variant = read_spec(path, args)
    except CnnSpecError as error:
        return Checked(path, tuple(error.diagnostics))

    def take(net: Network) -> None:
        rows.append(row(net, smallest=args.smallest_input))

    diagnostics = each_variant(source, take, values, args.root, variant=variant)
    return Checked(source.filename, tuple(diagnostics))


def _write(rows: list[Row], form: str) -> None:
    from cnnspec.report import variants

    if not rows and form == "text":
        return
    lines = {"text": variants.text, "markdown": variants.markdown, "csv": variants.csv, "json": variants.json}[form]
    for line in lines(rows):
        sys.stdout.write(f"{line}\n")
