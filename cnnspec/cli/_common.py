"""What commands share: arguments, reading specs, printing diagnostics."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from typing import TYPE_CHECKING, Any, NoReturn, TextIO

from cnnspec.diagnostics import CnnSpecError, Diagnostic
from cnnspec.language import say, speak
from cnnspec.network import Network
from cnnspec.source import Source, Span

if TYPE_CHECKING:
    from cnnspec.config import Configs
    from cnnspec.files import FileProblem

__all__ = [
    "HelpFormatter",
    "Parser",
    "UsageError",
    "add_exclusion",
    "add_settings",
    "add_spec",
    "describe_problem",
    "is_left_out",
    "load_network",
    "nearest",
    "number",
    "print_diagnostics",
    "read_source",
    "read_spec",
    "refuse_input_as_output",
    "settings",
    "speak_as_configured",
    "speak_as_configured_there",
    "spec_paths",
    "try_network",
    "try_source",
    "wants_color",
    "whole",
]


class UsageError(Exception):
    """Wrong usage or configuration: a line on standard error, exit code 2."""


class Parser(argparse.ArgumentParser):
    """An argument parser that proposes the option that was probably meant, and whose help is translated."""

    def __init__(self, **options: Any) -> None:
        super().__init__(**{"formatter_class": HelpFormatter, "allow_abbrev": False, **options})

    def error(self, message: str) -> NoReturn:
        unknown = say("unrecognized arguments: %s").partition("%s")[0]  # as argparse says it in this language
        wrong = message.removeprefix(unknown).split(" ")[0]
        near = nearest(wrong.partition("=")[0], self._option_string_actions) if wrong.startswith("-") else ""
        super().error(say("{message} (did you mean {option}?)", message=message, option=near) if near else message)


class HelpFormatter(argparse.RawDescriptionHelpFormatter):
    """Help whose texts are translated when they are shown: what commands declare is English."""

    def start_section(self, heading: str | None) -> None:
        said = heading and say(heading)
        if said and sys.version_info < (3, 13):  # later ones ask for the colon themselves
            said = (say("%(heading)s:") % {"heading": said}).removesuffix(":")
        super().start_section(said)

    def add_text(self, text: str | None) -> None:
        super().add_text(text and say(text))

    def _get_help_string(self, action: argparse.Action) -> str:
        return say(action.help or "")


def nearest(word: str, words: Iterable[str]) -> str:
    """The word that was probably meant; "" where none is near."""
    from cnnspec.suggest import closest

    return closest(word, words) or ""


# --- arguments -------------------------------------------------------------------------------------------------------


def add_spec(parser: argparse.ArgumentParser, *, many: bool = False) -> None:
    """FILE (or FILE…), with `--set`, `--root` and `--stdin-filename`."""
    if many:
        parser.add_argument(
            "files", nargs="+", metavar="FILE", help="a .cnn file, FILE:VARIANT, a folder, or - for standard input"
        )
    else:
        parser.add_argument("file", metavar="FILE", help="a .cnn file, FILE:VARIANT, or - for standard input")
    add_settings(parser)


def add_settings(parser: argparse.ArgumentParser) -> None:
    """`--set`, `--root` and `--stdin-filename`, for commands that take a spec."""
    parser.add_argument(
        "--set",
        action="append",
        default=[],
        metavar="NAME=VALUE",
        dest="set",
        help="value of a model parameter: a number, true, false, a text or a list; may be repeated",
    )
    parser.add_argument("--root", metavar="FOLDER", help="folder that `use` stays inside; by default the file's own")
    parser.add_argument("--stdin-filename", metavar="NAME", help="name of what comes from standard input, for messages")


def number(text: str) -> float:
    """The number that an option is given. Raises ArgumentTypeError, which argparse puts into words."""
    import math

    try:
        found = float(text)
    except ValueError:
        found = math.nan
    if math.isnan(found):
        raise argparse.ArgumentTypeError(say("`{text}` is not a number such as 0.5", text=text[:40]))
    return found


def whole(text: str) -> int:
    """The whole number that an option is given. Raises ArgumentTypeError."""
    try:
        return int(text)
    except ValueError:
        raise argparse.ArgumentTypeError(say("`{text}` is not a whole number", text=text[:40])) from None


def add_exclusion(parser: argparse.ArgumentParser) -> None:
    """`--exclude`, `--force-exclude`, `--config` and `--isolated`, for commands that walk through folders."""
    group = parser.add_argument_group("files and configuration")
    group.add_argument("--exclude", action="append", default=[], metavar="PATTERN", help="leave out, as in .gitignore")
    group.add_argument("--force-exclude", action="store_true", help="leave out files given by name, too")
    group.add_argument("--config", metavar="FILE", help="a cnnspec.toml or pyproject.toml in place of those found")
    group.add_argument("--isolated", action="store_true", help="ignore all configuration")


def speak_as_configured(args: argparse.Namespace, configs: Configs) -> None:
    """The language that the configuration of the first file asks for, where `--lang` says nothing."""
    if args.lang is None and (asked := configs.of_folder(_folder_of(args)).lang):
        speak(asked)


def speak_as_configured_there(args: argparse.Namespace) -> None:
    """The same for a command that takes nothing else from the configuration, and never fails for it."""
    folder = _folder_of(args)
    above = [folder]
    while (parent := os.path.dirname(above[-1])) != above[-1]:
        above.append(parent)
    if not any(os.path.isfile(os.path.join(one, name)) for one in above for name in ("cnnspec.toml", "pyproject.toml")):
        return
    from cnnspec.config import ConfigProblem, Configs

    with suppress(ConfigProblem):  # `check`, which lives by it, says what is wrong there
        speak_as_configured(args, Configs())


def _folder_of(args: argparse.Namespace) -> str:
    """The folder of the first file that a command is given; the current one where it is given none."""
    given = [getattr(args, name, None) for name in ("file", "exercise", "before", "after")]
    paths = [path for path in (*(getattr(args, "files", None) or []), *given) if path and path != os.devnull]
    first = paths[0] if paths else "-"
    if first == "-":
        first = getattr(args, "stdin_filename", None) or os.curdir
    path = os.path.abspath(first)
    return path if os.path.isdir(path) else os.path.dirname(path)


def settings(args: argparse.Namespace) -> dict[str, Any]:
    """The model parameters given by `--set`."""
    if not args.set:
        return {}
    from cnnspec.cli._settings import parse_settings

    return parse_settings(args.set)


# --- specs -----------------------------------------------------------------------------------------------------------


def load_network(args: argparse.Namespace, path: str | None = None) -> Network:
    """The network of `args.file` (or of `path`). Raises CnnSpecError, which `main` prints."""
    network, diagnostics = try_network(args, path)
    if diagnostics:
        raise CnnSpecError(diagnostics)
    return network


def try_network(args: argparse.Namespace, path: str | None = None) -> tuple[Network, list[Diagnostic]]:
    """The network and its errors: false annotations and expectations leave a network. Raises CnnSpecError."""
    source, variant = read_spec(args.file if path is None else path, args)
    return try_source(source, variant, settings(args), args.root)


def try_source(
    source: Source, variant: str | None, settings: Mapping[str, Any], root: str | None
) -> tuple[Network, list[Diagnostic]]:
    """`try_network` of a text that was read, with these values of model parameters. Raises CnnSpecError."""
    from cnnspec.api import check_source

    network, diagnostics = check_source(source, settings, root, variant=variant, lint=False)
    if network is None:
        raise CnnSpecError(diagnostics or [_no_network(source)])
    return network, diagnostics


def _no_network(source: Source) -> Diagnostic:
    message = say("the file holds blocks and lets only: it has no `input`")
    return Diagnostic("E401", message, source, Span(0, 0), help=say("use it from another file"))


def read_spec(path: str, args: argparse.Namespace) -> tuple[Source, str | None]:
    """The text of FILE or FILE:VARIANT, and the name of the variant. Raises CnnSpecError."""
    from cnnspec.syntax.reading import split_variant

    file, variant = split_variant(path)
    return read_source(file, args), variant


def read_source(path: str, args: argparse.Namespace) -> Source:
    """The text of a file, or of standard input for `-`. Raises CnnSpecError."""
    from cnnspec.syntax.reading import LARGEST, decode, read

    if path != "-" and os.path.isdir(path):
        raise CnnSpecError([_folder(path)])
    if path.endswith(".onnx") and os.path.isfile(path):
        raise CnnSpecError([_compiled(path)])
    if path == "-":
        name = args.stdin_filename or "<stdin>"
        return decode(sys.stdin.buffer.read(LARGEST + 1), name)
    return read(path)


def spec_paths(
    paths: Sequence[str],
    configs: Configs | None = None,
    exclude: Sequence[str] = (),
    *,
    force: bool = False,
    graphs: bool = False,
    warn: bool = True,
) -> Iterator[str]:
    """The files, and for each folder the .cnn files in it, in alphabetical order; each once.

    With `graphs`, the .onnx files of a folder that holds no .cnn file.

    What `.gitignore`, the configuration or `exclude` leaves out of a folder is not in it; with `force`, what the last
    two leave out is not taken where it is given by name either. Where nothing is left, `warn` says so.
    """
    from cnnspec.config import Configs

    configs = configs or Configs()
    seen = set()
    for path in paths:
        for name in _files_of(path, configs, exclude, force=force, graphs=graphs):
            if name not in seen:
                seen.add(name)
                yield name
    if warn and paths and not seen:
        sys.stderr.write(say("warning: no files to look at: all that was given is excluded") + "\n")


def _files_of(path: str, configs: Configs, exclude: Sequence[str], *, force: bool, graphs: bool) -> Sequence[str]:
    """What a path stands for; a folder that never held a file stands for itself, which is a mistake to report."""
    if path == "-" or not os.path.isdir(path):
        return [] if force and is_left_out(path, configs, exclude) else [path]
    from cnnspec.config.walking import holds_any

    for ending in (".cnn", ".onnx")[: 1 + graphs]:
        if found := list(_walk(path, configs, exclude, ending)):
            return found
    return [] if holds_any(path, (".cnn", ".onnx") if graphs else (".cnn",)) else [path]


def _walk(folder: str, configs: Configs, exclude: Sequence[str], ending: str = ".cnn") -> Iterator[str]:
    from cnnspec.config.patterns import Patterns
    from cnnspec.config.walking import files_of

    return files_of(folder, configs, Patterns(exclude) if exclude else None, ending)


def is_left_out(path: str, configs: Configs, exclude: Sequence[str]) -> bool:
    """Whether the configuration or `exclude` leaves out a file that is given by name."""
    from cnnspec.config.patterns import Patterns
    from cnnspec.config.reading import relative_to
    from cnnspec.syntax.reading import split_variant

    file = split_variant(path)[0]
    inside = relative_to(file, os.getcwd())
    return configs.of(file).excludes(file) or (inside is not None and Patterns(exclude).match(inside))


def _folder(path: str) -> Diagnostic:
    """Where a folder could be given, `spec_paths` leaves it only if there is no file to take."""
    from cnnspec.config.walking import holds_any

    full = holds_any(path, (".cnn",))
    message = (
        say("`{path}` is a folder, not a file", path=path)
        if full
        else say("no .cnn file in the folder `{path}`", path=path)
    )
    return Diagnostic("E100", message, Source("", path), Span(0, 0), help=say("give a .cnn file"))


def _compiled(path: str) -> Diagnostic:
    message = say("`{path}` is a compiled model: this command reads .cnn files", path=path)
    return Diagnostic(
        "E100", message, Source("", path), Span(0, 0), help=say("`cnnspec check {path}` reads it", path=path)
    )


def refuse_input_as_output(output: str, inputs: Iterable[str], endings: tuple[str, ...] = (".cnn",)) -> None:
    """Nobody wants the output in the place of an input, or of a network that one uses. Raises UsageError."""
    from cnnspec.syntax.reading import split_variant

    files = [split_variant(path)[0] for path in inputs]
    if output.endswith(endings) or any(_is_same_file(path, output) for path in files):
        raise UsageError(say("the output would take the place of `{output}`: give it another name", output=output))


def _is_same_file(one: str, other: str) -> bool:
    return os.path.isfile(one) and os.path.isfile(other) and os.path.samefile(one, other)


# --- output ----------------------------------------------------------------------------------------------------------


def wants_color(stream: TextIO) -> bool:
    """Colour on a terminal only, and never where NO_COLOR is set."""
    return stream.isatty() and not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb"


def describe_problem(problem: FileProblem) -> str:
    """What is wrong with a file that is no spec, in the form of a diagnostic."""
    lines = [f"  = {line}" for line in problem.problems[1:]]
    if problem.help:
        lines.append(f"  = {say('help:')} {problem.help}")
    return (
        "\n".join([f"{say('error:')} {say('{name}: {text}', name=problem.path, text=problem.problems[0])}", *lines])
        + "\n"
    )


def print_diagnostics(diagnostics: Sequence[Diagnostic]) -> None:
    """The diagnostics of one file as text on standard output, with a line that counts them."""
    from cnnspec.report import text
    from cnnspec.report.checked import Checked

    filename = diagnostics[0].filename if diagnostics else ""
    sys.stdout.write(text.render([Checked(filename, tuple(diagnostics))], color=wants_color(sys.stdout)))
