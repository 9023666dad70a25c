"""`cnnspec rule`: the pages of the codes."""

from __future__ import annotations

import argparse
import sys

from cnnspec.cli._common import UsageError, nearest
from cnnspec.codes import CODES
from cnnspec.language import say

HELP = "Explains a code: what it means, an example, and what to do. Without a code, lists them all."
EPILOG = """\
examples:
  cnnspec rule E301
  cnnspec rule window-exceeds-input
  cnnspec rule
"""


def configure(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("code", nargs="?", metavar="CODE", help="a code (E301) or its name (window-exceeds-input)")


def run(args: argparse.Namespace) -> int:
    from cnnspec.report import pages

    if args.code is None:
        sys.stdout.write(pages.overview())
        return 0
    code = pages.find(args.code)
    if code is None:
        near = nearest(args.code.upper(), CODES) or nearest(args.code.lower(), CODES.values())
        raise UsageError(
            say("no code `{code}`, did you mean `{near}`?", code=args.code, near=near)
            if near
            else say("no code `{code}`; `cnnspec rule` lists them", code=args.code)
        )
    sys.stdout.write(pages.page(code) or f"# {pages.title(code)}\n")
    return 0
