"""`cnnspec fmt`: the canonical layout."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator

from cnnspec.cli._common import (
    add_exclusion,
    describe_problem,
    print_diagnostics,
    read_source,
    speak_as_configured,
    spec_paths,
)
from cnnspec.config import Configs
from cnnspec.diagnostics import CnnSpecError
from cnnspec.files import FileProblem
from cnnspec.language import plural, say
from cnnspec.source import Source

HELP = "Rewrites files in the canonical layout. What a file means stays the same, comments too."
EPILOG = """\
examples:
  cnnspec fmt lenet5.cnn
  cnnspec fmt networks/                           every .cnn file in the folder
  cnnspec fmt --diff lenet5.cnn                   show the changes, write nothing
  cnnspec fmt --check networks/                   for a CI job
  cat lenet5.cnn | cnnspec fmt -                  to standard output

exit codes: 0 done, or nothing to do; 1 a file cannot be read, or --check or --diff found something to change
"""


def configure(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("files", nargs="+", metavar="FILE", help="a .cnn file, a folder, or - for standard input")
    parser.add_argument("--check", action="store_true", help="write nothing; exit with 1 where a file would change")
    parser.add_argument("--diff", action="store_true", help="write nothing; show what would change")
    parser.add_argument("--stdin-filename", metavar="NAME", help="name of what comes from standard input, for messages")
    add_exclusion(parser)


def run(args: argparse.Namespace) -> int:
    changed = unchanged = failed = 0
    configs = Configs(args.config, isolated=args.isolated)
    speak_as_configured(args, configs)
    for path in spec_paths(args.files, configs, args.exclude, force=args.force_exclude):
        try:
            source = read_source(path, args)
            text = _formatted(source)
            if path == "-" and not (args.check or args.diff):
                sys.stdout.write(text)
            elif text != source.text:
                _handle(path, source, text, args)
                changed += 1
            else:
                unchanged += 1
        except CnnSpecError as error:
            print_diagnostics(error.diagnostics)
            failed += 1
        except FileProblem as problem:
            sys.stdout.write(describe_problem(problem))
            failed += 1
    _report(changed, unchanged, args)
    return 1 if failed or (changed and (args.check or args.diff)) else 0


def _formatted(source: Source) -> str:
    """The text in the canonical layout. Raises CnnSpecError where the syntax is wrong."""
    from cnnspec.syntax.format import format_text

    return format_text(source.text, source.filename)


def _handle(path: str, source: Source, text: str, args: argparse.Namespace) -> None:
    if args.diff:
        sys.stdout.writelines(_diff(source, text))
    elif args.check:
        sys.stdout.write(say("would rewrite {filename}", filename=source.filename) + "\n")
    else:
        from cnnspec.cli._writing import write

        write(path, text)


def _diff(source: Source, text: str) -> Iterator[str]:
    import difflib

    before, after = source.text.splitlines(keepends=True), text.splitlines(keepends=True)
    for line in difflib.unified_diff(before, after, source.filename, source.filename):
        yield line if line.endswith("\n") else f"{line}\n\\ No newline at end of file\n"


def _report(changed: int, unchanged: int, args: argparse.Namespace) -> None:
    if args.diff or (not args.check and "-" in args.files):
        return
    parts = []
    if changed and args.check:
        parts.append(plural("{n} file would be rewritten", "{n} files would be rewritten", changed))
    elif changed:
        parts.append(plural("{n} file rewritten", "{n} files rewritten", changed))
    if unchanged:
        parts.append(plural("{n} file unchanged", "{n} files unchanged", unchanged))
    if parts:
        sys.stdout.write(", ".join(parts) + "\n")
