"""`cnnspec check`: errors, findings, `expect` lines and annotations."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

from cnnspec.cli._common import (
    UsageError,
    add_exclusion,
    add_spec,
    is_left_out,
    read_spec,
    refuse_input_as_output,
    settings,
    speak_as_configured,
    spec_paths,
    wants_color,
)
from cnnspec.config import Configs, Selection
from cnnspec.config.selection import UNSAID, check_words
from cnnspec.diagnostics import CnnSpecError, Diagnostic
from cnnspec.language import say
from cnnspec.report.checked import Checked, all_diagnostics
from cnnspec.source import Source

if TYPE_CHECKING:
    from cnnspec.api import Network
    from cnnspec.report.text import Mended

HELP = "Checks files: every size and count, annotations, `expect` lines, and what is probably not meant."
EPILOG = """\
examples:
  cnnspec check lenet5.cnn
  cnnspec check networks/                         every .cnn file in the folder
  cnnspec check model.onnx                        sizes and findings of an ONNX graph
  cnnspec check resnet50.cnn --set classes=10
  cnnspec check resnet.cnn                        with all its variants
  cnnspec check resnet.cnn:resnet18               one of them
  cnnspec check --fix networks/                   mend what can be mended safely
  cnnspec check --select ALL --ignore W1 networks/
  cnnspec check --format github networks/         comments in a pull request
  cat lenet5.cnn | cnnspec check - --stdin-filename lenet5.cnn

exit codes: 0 nothing wrong, 1 errors or findings, 2 wrong usage, wrong configuration or a fault of the program
"""
FORMATS = ("text", "concise", "json", "json-lines", "sarif", "github", "gitlab", "junit")


def configure(parser: argparse.ArgumentParser) -> None:
    add_spec(parser, many=True)
    parser.add_argument("--format", choices=FORMATS, default="text", help="form of the output (default: text)")
    parser.add_argument("-o", "--output-file", metavar="OUT", help="write the output to a file")
    parser.add_argument("-q", "--quiet", action="store_true", help="no closing line")
    parser.add_argument("--statistics", action="store_true", help="count the findings by their code")
    parser.add_argument("--exit-zero", action="store_true", help="exit with 0 even if something is wrong")
    parser.add_argument("--watch", action="store_true", help="check again when a file changes, until Ctrl-C")
    rules = parser.add_argument_group("which findings")
    rules.add_argument(
        "--select",
        action="append",
        metavar="CODES",
        help="look for these only: codes such as W301, their begin such as W3, names, or ALL; separated by commas",
    )
    rules.add_argument(
        "--extend-select",
        action="append",
        metavar="CODES",
        help="look for these besides: codes such as W301, their begin such as W3, names, or ALL; separated by commas",
    )
    rules.add_argument(
        "--ignore",
        action="append",
        metavar="CODES",
        help="do not look for these: codes such as W301, their begin such as W3, names, or ALL; separated by commas",
    )
    rules.add_argument("--add-noqa", action="store_true", help="allow each finding by a comment in its line")
    fixes = parser.add_argument_group("fixes")
    fixes.add_argument("--fix", action="store_true", help="mend what can be mended without changing the network")
    fixes.add_argument("--unsafe-fixes", action="store_true", help="fixes may change the network")
    fixes.add_argument("--diff", action="store_true", help="write nothing; show what --fix would change")
    add_exclusion(parser)


def run(args: argparse.Namespace) -> int:
    if args.watch or args.fix or args.diff or args.add_noqa or args.statistics or args.set:
        _refuse_contradictions(args)
    if args.output_file is not None:
        refuse_input_as_output(args.output_file, args.files, (".cnn", ".onnx"))
    if args.watch:
        from cnnspec.cli._watch import watch

        return watch(args, once)
    return once(args)


def once(args: argparse.Namespace) -> int:
    """Checks everything once."""
    job = Job(args)
    if args.add_noqa:
        from cnnspec.cli._allowing import allow_all

        return allow_all(job)
    if args.fix or args.diff:
        from cnnspec.cli._fixing import fix_files

        return fix_files(job)
    paths = job.paths()
    checked = [job.check(path, keep=len(paths) == 1) for path in paths]
    job.emit(job.rendered(checked))
    return job.exit_code(checked)


class Job:
    """What is asked: the options, and the configuration of each file."""

    def __init__(self, args: argparse.Namespace) -> None:
        self.args = args
        self.values = settings(args)
        self.configs = Configs(args.config, isolated=args.isolated)
        speak_as_configured(args, self.configs)
        self.told = UNSAID
        if args.select or args.extend_select or args.ignore:
            select = None if args.select is None else _words(args.select)
            self.told = Selection(select, _words(args.extend_select), _words(args.ignore))
            check_words((*(select or ()), *self.told.extend))
            check_words(self.told.ignore, ignored=True)

    def paths(self) -> list[str]:
        """The files to look at."""
        args = self.args
        graphs = not (args.fix or args.diff or args.add_noqa)
        return list(spec_paths(self._given(), self.configs, args.exclude, force=args.force_exclude, graphs=graphs))

    def _given(self) -> list[str]:
        args = self.args
        if not (args.force_exclude and args.stdin_filename):
            return list(args.files)
        left_out = is_left_out(args.stdin_filename, self.configs, args.exclude)
        return [path for path in args.files if path != "-" or not left_out]

    def check(self, path: str, *, keep: bool = False) -> Checked:
        """Checks one file; the network is kept for those who want to see its figures."""
        if is_graph(path, self.args.stdin_filename):
            from cnnspec.cli._graphs import check_graph

            return check_graph(self, path, keep=keep)
        try:
            source, variant = read_spec(path, self.args)
            network, diagnostics = self.examine(source, variant)
        except CnnSpecError as error:
            return Checked(path, tuple(error.diagnostics))
        return self.outcome(source, diagnostics, network, keep=keep, one=variant is not None)

    def outcome(
        self, source: Source, diagnostics: list[Diagnostic], network: Network | None, *, keep: bool, one: bool = False
    ) -> Checked:
        """What is reported of a file; `one` of its variants was meant, or all."""
        several = len(network.variants) if network and not (one or self.values) else 0
        blanks = network.blanks if network else 0
        return Checked(source.filename, tuple(diagnostics), network if keep else None, several, blanks)

    def examine(
        self, source: Source, variant: str | None = None, read: Callable[[str], Source] | None = None
    ) -> tuple[Network | None, list[Diagnostic]]:
        """The network of a text, and all that is wrong with it; `read` gives the texts of the files that it uses."""
        from cnnspec.api import check_source

        root = self.args.root or self.configs.of(source.filename).root
        codes = self.codes(source.filename)
        return check_source(source, self.values, root, variant=variant, codes=codes, read=read)

    def codes(self, filename: str) -> frozenset[str] | None:
        """The findings to look for in a file; None: the usual ones."""
        config = self.configs.of(filename)
        return None if self.told is UNSAID and not config.path else config.codes(filename, self.told)

    def unsafe(self, filename: str) -> bool:
        """Whether fixes of this file may change the network."""
        return bool(self.args.unsafe_fixes) or self.configs.of(filename).unsafe_fixes

    def rendered(self, checked: Sequence[Checked], mended: Mended | None = None) -> str:
        """The report in the form that was chosen."""
        return _render(checked, self, mended)

    def emit(self, text: str) -> None:
        """Writes the output where it is wanted."""
        if self.args.output_file is None:
            sys.stdout.write(text)
            return
        from cnnspec.files import replacing

        with replacing(self.args.output_file) as file:
            file.write(text.encode("utf-8", "backslashreplace"))

    def exit_code(self, checked: Sequence[Checked]) -> int:
        return 1 if all_diagnostics(checked) and not self.args.exit_zero else 0


def is_graph(path: str, stdin_filename: str | None = None) -> bool:
    """Whether a file is an ONNX model; of standard input its name, or the first byte, says so."""
    if path != "-" or stdin_filename:
        return (stdin_filename or path if path == "-" else path).endswith(".onnx")
    peek = getattr(sys.stdin.buffer, "peek", None)
    return peek is not None and peek(1)[:1] == b"\x08"  # the version with which a model begins


def _words(lists: Sequence[str] | None) -> tuple[str, ...]:
    """`--select W1,W2 --select W3`: each word."""
    return tuple(word for text in lists or () for word in text.split(","))


def _render(checked: Sequence[Checked], job: Job, mended: Mended | None) -> str:
    args = job.args
    if args.statistics:
        from cnnspec.report import statistics

        return statistics.render(checked, form=args.format)
    if args.format == "text":
        from cnnspec.report import text

        mended = mended or text.Mended(unsafe=args.unsafe_fixes)
        color = args.output_file is None and wants_color(sys.stdout)
        return text.render(checked, color=color, closing=not args.quiet, mended=mended)
    if args.format == "sarif":
        from cnnspec import __version__
        from cnnspec.report import sarif

        return sarif.render(checked, version=__version__)
    import importlib

    name = {"json": "json_list", "json-lines": "json_lines"}.get(args.format, args.format)
    rendered: str = importlib.import_module(f"cnnspec.report.{name}").render(checked)
    return rendered


def _refuse_contradictions(args: argparse.Namespace) -> None:
    """Options that make no sense together. Raises UsageError."""
    changing: dict[str, Any] = {"--fix": args.fix, "--diff": args.diff, "--add-noqa": args.add_noqa}
    given = [option for option, value in changing.items() if value]
    if args.add_noqa and len(given) > 1:
        raise UsageError(say("{given} and --add-noqa do not go together: give one of them", given=given[0]))
    if given and (args.set or any(_names_variant(path) for path in args.files)):
        raise UsageError(
            say("{given} is for all variants of a file: give it without --set and without :VARIANT", given=given[0])
        )
    graph = next((path for path in args.files if path.endswith(".onnx")), None)
    if given and graph:
        raise UsageError(say("{given} changes text, and `{graph}` has none: leave it out", given=given[0], graph=graph))
    if args.watch and ("-" in args.files or args.add_noqa or args.diff):
        raise UsageError(say("--watch goes with neither standard input, --add-noqa nor --diff"))
    if args.statistics and (args.format not in ("text", "json") or args.diff or args.add_noqa):
        raise UsageError(say("--statistics goes with --format text or json, and with neither --diff nor --add-noqa"))


def _names_variant(path: str) -> bool:
    from cnnspec.syntax.reading import split_variant

    return split_variant(path)[1] is not None
