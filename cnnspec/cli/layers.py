"""`cnnspec layers`: the reference of the layer kinds."""

from __future__ import annotations

import argparse
import sys

from cnnspec.cli._common import UsageError, nearest
from cnnspec.language import say

HELP = "Shows a layer kind: arguments, size rule, count rule, an example. Without a kind, lists them all."
EPILOG = """\
examples:
  cnnspec layers
  cnnspec layers conv
  cnnspec layers --format markdown                the whole reference
"""


def configure(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("kind", nargs="?", metavar="KIND", help="a layer kind, such as conv")
    parser.add_argument("--format", choices=("text", "markdown"), default="text", help="form of the page")


def run(args: argparse.Namespace) -> int:
    from cnnspec import layers
    from cnnspec.report import reference

    kind = None
    if args.kind is not None:
        kind = layers.find(args.kind)
        if kind is None:
            near = nearest(args.kind, layers.names())
            raise UsageError(
                say("no layer kind `{kind}`, did you mean `{near}`?", kind=args.kind, near=near)
                if near
                else say("no layer kind `{kind}`; `cnnspec layers` lists them", kind=args.kind)
            )
    if args.format == "markdown":
        lines = reference.markdown([kind] if kind else None)
    else:
        lines = reference.page(kind) if kind else reference.listing()
    for line in lines:
        sys.stdout.write(f"{line}\n")
    return 0
