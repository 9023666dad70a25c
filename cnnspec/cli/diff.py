"""`cnnspec diff`: what changed between two specs."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from cnnspec.cli._common import UsageError, add_settings, print_diagnostics, try_network, wants_color

if TYPE_CHECKING:
    from cnnspec.diagnostics import Diagnostic
    from cnnspec.network import Network
    from cnnspec.report.diff import Differences

HELP = "Shows what changed between two specs: layers, sizes, parameters and MACs, one by one and in total."
EPILOG = """\
examples:
  cnnspec diff old.cnn new.cnn
  cnnspec diff resnet.cnn:resnet18 resnet.cnn:resnet34 --brief
  cnnspec diff old.cnn new.cnn --format markdown  for a pull request
  git show main:net.cnn | cnnspec diff - net.cnn --stdin-filename net.cnn
  git difftool --no-prompt -x "cnnspec diff" main -- net.cnn

Layers are matched by what they are, so that one put in at the top leaves those below unchanged. Exit codes: 0 the
same network, 1 something changed (or a file has no network), 2 wrong usage.
"""
FORMATS = ("text", "markdown", "json")


def configure(parser: argparse.ArgumentParser) -> None:
    for name, what in (("before", "A"), ("after", "B")):
        parser.add_argument(name, metavar=what, help="a .cnn file, FILE:VARIANT, or - for standard input")
    add_settings(parser)
    parser.add_argument("--format", choices=FORMATS, default="text", help="form of the differences (default: text)")
    parser.add_argument(
        "--brief", action="store_true", help="leave out what differs in size, counts or name only (not json)"
    )


def run(args: argparse.Namespace) -> int:
    from cnnspec.report.diff import differences

    if args.before == args.after == "-":
        raise UsageError("only one of the two can be standard input")
    (before, wrong), (after, also_wrong) = (_network(path, args) for path in (args.before, args.after))
    found = differences(before, after)
    for line in _lines(args, found, before, after):
        sys.stdout.write(f"{line}\n")
    _complain([*wrong, *also_wrong], args.format)
    return 1 if found.all else 0


def _network(path: str, args: argparse.Namespace) -> tuple[Network, Sequence[Diagnostic]]:
    """The network; one without layers for the null device, which git gives where there is no file."""
    if path in ("/dev/null", os.devnull):
        from cnnspec.network import Network
        from cnnspec.source import Source

        return Network(model="", source=Source("", path), inputs={}, outputs={}, layers=()), ()
    return try_network(args, path)


def _lines(args: argparse.Namespace, found: Differences, before: Network, after: Network) -> Iterator[str]:
    names = (args.before, args.after)
    if args.format == "json":
        from cnnspec.report.diff.document import document

        return iter([document(found, before, after, names)])
    from cnnspec.report.diff import table

    if not found.all:
        return iter([table.same(found, names)])
    if args.format == "markdown":
        return table.markdown(found, names, brief=args.brief)
    return table.text(found, names, brief=args.brief, color=wants_color(sys.stdout))


def _complain(diagnostics: Sequence[Diagnostic], form: str) -> None:
    """False annotations and expectations: after the text; on standard error where nothing may join the data."""
    if not diagnostics:
        return
    if form == "text":
        sys.stdout.write("\n")
        print_diagnostics(diagnostics)
        return
    from cnnspec.report import text
    from cnnspec.report.checked import Checked

    found = [Checked(diagnostics[0].filename, tuple(diagnostics))]
    sys.stderr.write(text.render(found, color=wants_color(sys.stderr)))
