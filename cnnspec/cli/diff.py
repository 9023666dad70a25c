"""`cnnspec diff`: what changed between two specs."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from cnnspec.cli._common import (
    UsageError,
    add_settings,
    print_diagnostics,
    read_spec,
    settings,
    try_source,
    wants_color,
)
from cnnspec.diagnostics import CnnSpecError
from cnnspec.language import say

if TYPE_CHECKING:
    from cnnspec.diagnostics import Diagnostic
    from cnnspec.network import Network
    from cnnspec.report.diff import Differences
    from cnnspec.source import Source

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
        raise UsageError(say("only one of the two can be standard input"))
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
    given = settings(args)
    specs = list(_specs(args, wrong))
    names = [_names(source) if given else set() for source, _ in specs]
    known = set[str]().union(*names) if len(specs) == 2 else set(given)  # else they may be those of the missing one
    for (source, variant), own in zip(specs, names, strict=True):
        if source is None:
            yield _nothing()
            continue
        mine = {name: value for name, value in given.items() if name in own or name not in known}
        try:
            network, diagnostics = try_source(source, variant, mine, args.root)
        except CnnSpecError as error:
            diagnostics = error.diagnostics
        else:
            yield network
        wrong += diagnostics


def _specs(args: argparse.Namespace, wrong: list[Diagnostic]) -> Iterator[tuple[Source | None, str | None]]:
    """The texts with the names of their variants; None for the null device, which git gives where there is no file."""
    for path in (args.before, args.after):
        if path in ("/dev/null", os.devnull):
            yield None, None
            continue
        try:
            yield read_spec(path, args)
        except CnnSpecError as error:
            wrong += error.diagnostics


def _names(source: Source | None) -> set[str]:
    """What may be set in a file: the parameters of its model, and the letters in the sizes of its inputs."""
    from cnnspec.elaborate.letters import letters_in
    from cnnspec.syntax import tree
    from cnnspec.syntax.parser import parse

    names = set()
    for statement in parse(source)[0].body if source else ():
        if isinstance(statement, tree.Model):
            names |= {parameter.name for parameter in statement.parameters}
        elif isinstance(statement, tree.Input):
            names |= set(letters_in(statement.size))
    return names


def _nothing() -> Network:
    from cnnspec.network import Network
    from cnnspec.source import Source

    return Network(model="", source=Source("", os.devnull), inputs={}, outputs={}, layers=())


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
    """What is wrong in the files: on standard error where nothing may join the data."""
    if form == "text" and diagnostics:
        print_diagnostics(diagnostics)
    elif diagnostics:
        from cnnspec.report import text
        from cnnspec.report.checked import Checked

        found = [Checked(diagnostics[0].filename, tuple(diagnostics))]
        sys.stderr.write(text.render(found, color=wants_color(sys.stderr)))
