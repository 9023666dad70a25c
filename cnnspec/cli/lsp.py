"""`cnnspec lsp`: the language server, for editors."""

from __future__ import annotations

import argparse
import os
import sys

from cnnspec.cli._common import UsageError
from cnnspec.language import language, say

HELP = "Speaks the Language Server Protocol on standard input and output: errors, sizes and help as you type."
EPILOG = """\
An editor starts this command; docs/how-to/editors.md shows the settings of each.
It needs the extra `lsp`: pip install "cnnspec[lsp]"

examples:
  cnnspec lsp
"""


def configure(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--stdio", action="store_true", help="standard input and output: the default, and the only way")


def run(args: argparse.Namespace) -> int:
    try:
        from cnnspec.lsp.server import server
    except ModuleNotFoundError as missing:
        if missing.name is None or missing.name.partition(".")[0] not in ("pygls", "lsprotocol"):
            raise
        raise UsageError(say('the language server is not installed: pip install "cnnspec[lsp]"')) from None
    if sys.stdin.isatty():
        sys.stderr.write(
            say("cnnspec lsp: this is for editors, which speak the Language Server Protocol with it") + "\n"
        )
    out = os.fdopen(os.dup(sys.stdout.fileno()), "wb")  # the server closes it at the end
    sys.stdout = sys.stderr  # what anything else prints must not get between the messages
    server.language, server.follows_editor = language(), args.lang is None
    server.start_io(sys.stdin.buffer, out)
    return 0
