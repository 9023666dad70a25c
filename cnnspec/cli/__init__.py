"""The command line: `cnnspec COMMAND …`. One module a command, imported when that command is called.

A command is a module of this package with `HELP` (a sentence), `EPILOG` (examples), `configure(parser)`, which
declares its arguments, and `run(args)`, which returns the exit code: 0 nothing wrong, 1 findings or errors in the
files. Wrong usage is a `UsageError`, wrong configuration a `ConfigProblem` (exit code 2). A `CnnSpecError` is rendered
to standard output; a `FileProblem` and an `OSError` become lines there (exit code 1). Everything else that is raised is
a fault of the program (exit code 2).
`cnnspec.cli._common` holds what commands share.
"""

from __future__ import annotations

import gc
import os
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from types import ModuleType
from typing import TYPE_CHECKING

from cnnspec.language import DOMAIN, FOLDER, LANGUAGES, language, listing, named, of_environment, say, speaking

if TYPE_CHECKING:
    import argparse

__all__ = ["main"]

# The line of each command in `cnnspec --help`; its module has its name.
COMMANDS = {
    "check": "check files: errors, findings, `expect` lines and annotations",
    "summary": "table of the layers: sizes, parameters, MACs, memory",
    "variants": "list the variants of files with their figures",
    "explain": "the arithmetic of each size and each count, step by step",
    "diff": "what changed between two specs: layers, sizes, parameters, MACs",
    "compile": "write an ONNX model",
    "weights": "write the weights as safetensors or npz",
    "run": "inference on images, arrays or vectors",
    "test": "run the `example` lines and compare",
    "grade": "grade answers to an exercise: points, and what there is to learn",
    "layers": "reference of the layer kinds",
    "rule": "what a code such as E301 means, and what to do",
    "exercise": "make exercises, draw variants, see what they ask",
    "quiz": "write an exercise for Moodle, Gradescope, paper …",
    "fmt": "write files in the canonical layout",
    "lsp": "language server: what editors start",
}
CONFIGURED = ("check", "fmt", "lsp")  # they look for the configuration of each file themselves
WRITING = ("compile", "weights", "run", "quiz", "grade", "exercise")
CTRL_C, PIPE_CLOSED = 2, 141
COLLECT_AFTER = 200_000  # new objects; a short run is over before, and looking for garbage is a tenth of its time


def main(argv: Sequence[str] | None = None) -> int:
    """Runs a command and returns its exit code. No exception leaves it."""
    arguments = list(sys.argv[1:] if argv is None else argv)
    with speaking(_asked_language(arguments) or of_environment()):
        return _main(arguments)


def _main(arguments: list[str]) -> int:
    _be_lenient(sys.stdout, sys.stderr)
    collecting = gc.get_threshold()
    gc.set_threshold(COLLECT_AFTER, *collecting[1:])
    try:
        code = _dispatch(arguments)
        sys.stdout.flush()
    except KeyboardInterrupt as interrupted:
        return 128 + getattr(interrupted, "number", CTRL_C)
    except BrokenPipeError:
        _abandon_output()
        return PIPE_CLOSED
    except OSError as error:
        _abandon_output()
        said = say("standard output cannot be written: {reason}", reason=error.strerror)
        sys.stderr.write(say("{name}: {text}", name="cnnspec", text=said) + "\n")
        return 1
    finally:
        gc.set_threshold(*collecting)
    return code


def _dispatch(arguments: list[str]) -> int:
    leading, rest = _leading_options(arguments)
    if leading[-1:] == ["--lang"]:
        said = say("--lang needs a language: {languages}", languages=listing(LANGUAGES, either=True))
        sys.stderr.write(say("{name}: {text}", name="cnnspec", text=said) + "\n")
        return 2
    if not rest:
        sys.stderr.write(overview())
        return 2
    name = rest[0]
    if name in ("-h", "--help", "help"):
        if len(rest) > 1 and rest[1] in COMMANDS:
            return _run_command(rest[1], ["--help"])
        sys.stdout.write(overview())
        return 0
    if name in ("-V", "--version"):
        from cnnspec import __version__

        sys.stdout.write(f"cnnspec {__version__}\n")
        return 0
    if name not in COMMANDS:
        return _unknown(name)
    return _run_command(name, leading + rest[1:])


def _asked_language(arguments: list[str]) -> str:
    """What `--lang` says, wherever it stands; "" where it says nothing that argparse would not refuse."""
    asked = ""
    for i, argument in enumerate(arguments):
        if argument == "--":
            break
        if argument.startswith("--lang="):
            asked = argument.partition("=")[2]
        elif argument == "--lang" and i + 1 < len(arguments):
            asked = arguments[i + 1]
    return named(asked)


def _leading_options(arguments: list[str]) -> tuple[list[str], list[str]]:
    """`cnnspec --debug --lang en check …`: what every command accepts may also stand before it."""
    i = 0
    while i < len(arguments):
        if arguments[i] == "--debug" or arguments[i].startswith("--lang="):
            i += 1
        elif arguments[i] == "--lang":
            i += 2
        else:
            break
    return arguments[:i], arguments[i:]


def _run_command(name: str, arguments: list[str]) -> int:
    debug = "--debug" in arguments
    try:
        command = _module(name)
        try:
            with _argparse_in_language():
                args = make_parser(name, command).parse_args(arguments)
        except SystemExit as done:  # argparse has said what there is to say
            return done.code if isinstance(done.code, int) else 2
        if name in WRITING:
            _clean_up_when_ended()
        if name not in CONFIGURED:
            from cnnspec.cli._common import speak_as_configured_there

            speak_as_configured_there(args)
        run: Callable[[argparse.Namespace], int] = command.run
        return run(args)
    except (KeyboardInterrupt, BrokenPipeError):
        raise
    except Exception as error:  # noqa: BLE001  (the last place where a fault can become a sentence)
        if debug:
            import traceback

            traceback.print_exc()
        return _explain_failure(name, error)


def _clean_up_when_ended() -> None:
    """Lets the signals that end a program go through its `finally` blocks."""
    import signal
    import threading

    from cnnspec.files import end

    if threading.current_thread() is threading.main_thread():
        for name in ("SIGTERM", "SIGHUP"):
            if hasattr(signal, name):
                signal.signal(getattr(signal, name), end)


def _explain_failure(name: str, error: Exception) -> int:
    from cnnspec.cli._common import UsageError, describe_problem, print_diagnostics
    from cnnspec.config import ConfigProblem, UnknownCode
    from cnnspec.diagnostics import CnnSpecError
    from cnnspec.files import FileProblem

    if isinstance(error, (UsageError, ConfigProblem, UnknownCode)):
        sys.stderr.write(say("{name}: {text}", name=f"cnnspec {name}", text=error) + "\n")
        return 2
    if isinstance(error, CnnSpecError):
        print_diagnostics(error.diagnostics)
        return 1
    if isinstance(error, FileProblem):
        sys.stdout.write(describe_problem(error))
        return 1
    if isinstance(error, OSError):
        where = f" `{os.fsdecode(error.filename)}`" if error.filename is not None else ""
        sys.stdout.write(f"{say('error:')} {error.strerror or error}{where}\n")
        return 1
    what = f"{type(error).__name__}: {error}".partition("\n")[0][:300]
    remedy = say(
        "This is a mistake in cnnspec, not in your file. Please report it with the file and this command;"
        " with --debug it shows where."
    )
    fault = say("{name}: {text}", name=f"cnnspec {name}", text=say("internal fault: {what}", what=what))
    sys.stderr.write(f"{fault}\n{remedy}\n")
    return 2


def _module(name: str) -> ModuleType:
    import importlib

    return importlib.import_module(f"cnnspec.cli.{name}")


@contextmanager
def _argparse_in_language() -> Iterator[None]:
    """Lets argparse, which asks gettext for its own words, find them in our catalogue."""
    if language() == "en":
        yield
        return
    import gettext

    domain, before = gettext.textdomain(), os.environ.get("LANGUAGE")
    gettext.bindtextdomain(DOMAIN, FOLDER)
    gettext.textdomain(DOMAIN)
    os.environ["LANGUAGE"] = language()
    try:
        yield
    finally:
        gettext.textdomain(domain)
        if before is None:
            del os.environ["LANGUAGE"]
        else:
            os.environ["LANGUAGE"] = before


def make_parser(name: str, command: ModuleType) -> argparse.ArgumentParser:
    """The argument parser of a command."""
    from cnnspec.cli._common import Parser

    parser = Parser(
        prog=f"cnnspec {name}",
        description=command.HELP,
        epilog=command.EPILOG,
    )
    command.configure(parser)
    common = parser.add_argument_group("common to all commands")
    common.add_argument(
        "--lang",
        type=lambda text: named(text) or text,
        choices=LANGUAGES,
        help="language of the messages (default: that of the configuration or the environment)",
    )
    common.add_argument("--debug", action="store_true", help="show the traceback of a fault")
    return parser


def overview() -> str:
    """The general help: every command with a line."""
    about = say(
        "Convolutional networks in files of a few lines: checks and explains every size and count, writes ONNX,\n"
        "runs on real images."
    )
    codes = say(
        "Exit codes: 0 nothing wrong, 1 errors or findings in the files, 2 wrong usage or a fault of the program."
    )
    lines = [
        say("usage: cnnspec COMMAND …"),
        "",
        about,
        "",
        say("commands:"),
        *(f"  {name:<9} {say(text)}" for name, text in COMMANDS.items()),
        "",
        say("options:"),
        f"  --version    {say('the version')}",
        f"  --help       {say('this text; `cnnspec COMMAND --help` explains a command, with examples')}",
        "",
        codes,
    ]
    return "\n".join(lines) + "\n"


def _unknown(name: str) -> int:
    from cnnspec.cli._common import nearest

    near = nearest(name, COMMANDS)
    if near:
        said = say("no command `{name}`, did you mean `{near}`?", name=name, near=near)
    elif os.path.exists(name) or name.endswith(".cnn"):
        said = say("no command `{name}`; to check the file: `cnnspec check {name}`", name=name)
    else:
        said = say("no command `{name}`; `cnnspec --help` lists them", name=name)
    sys.stderr.write(say("{name}: {text}", name="cnnspec", text=said) + "\n")
    return 2


def _be_lenient(*streams: object) -> None:
    """A character that the terminal cannot show is no reason to fail."""
    for stream in streams:
        reconfigure = getattr(stream, "reconfigure", None)
        if reconfigure:
            reconfigure(errors="backslashreplace")


def _abandon_output() -> None:
    """Standard output takes no more: leave quietly, and let nothing be flushed at exit."""
    try:
        null = os.open(os.devnull, os.O_WRONLY)
        os.dup2(null, sys.stdout.fileno())
    except (OSError, ValueError, AttributeError):
        pass
