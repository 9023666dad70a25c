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
    wrong: list[Diagnostic] = []
    found = list(_networks(args, wrong))
    if len(found) < 2:
        _complain(wrong, args.format)
        return 1
    before, after = found
    differing = differences(before, after)
    for line in _lines(args, differing, before, after):
        sys.stdout.write(f"{line}\n")
    if wrong and args.format == "text":
        sys.stdout.write("\n")
    _complain(wrong, args.format)
    return 1 if differing.all else 0


def _networks(args: argparse.Namespace, wrong: list[Diagnostic]) -> Iterator[Network]:
    """Both networks, but for files that have none; what is wrong in either goes into `wrong`."""
    specs = [_Spec(path, args, wrong) for path in (args.before, args.after)]
    given = settings(args)
    nowhere = set(given) - {name for spec in specs for name in spec.names(given)}
    for spec in specs:
        mine = {name: value for name, value in given.items() if name in nowhere or name in spec.names(given)}
        try:
            network, diagnostics = spec.network(mine, args.root)
        except CnnSpecError as error:
            wrong += error.diagnostics
        else:
            wrong += diagnostics
            yield network


class _Spec:
    """One of the two files, read once."""

    def __init__(self, path: str, args: argparse.Namespace) -> None:
        pass


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
