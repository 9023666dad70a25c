"""In a notebook: `%load_ext cnnspec`, then cells that begin with `%%cnnspec` or `%%exercise FILE`.

`%%cnnspec [--name NET] [--set NAME=VALUE]` shows the table of a network and what is wrong with it, and gives the
network a name. `%%exercise FILE [--name NAME]` grades the text of the cell at once, and gives the text a name: what
tests check is `cnnspec.grade(FILE, NAME)`. `--lang fr` speaks French in either.
"""

from __future__ import annotations

import argparse
import json
import re
import shlex
from collections.abc import Callable, Sequence
from html import escape
from pathlib import Path
from typing import Any, NoReturn, Protocol

from cnnspec.diagnostics import ERROR, CnnSpecError, Diagnostic
from cnnspec.files import FileProblem
from cnnspec.language import LANGUAGES, language, say, speaking
from cnnspec.source import Source

LEVELS = ("nothing", "hint", "formula", "solution")


class Shell(Protocol):
    """What IPython does for its extensions."""

    user_ns: dict[str, Any]

    def register_magic_function(self, func: Callable[..., Any], magic_kind: str, magic_name: str | None) -> None: ...


class Shown:
    """Something to look at: HTML where there is a browser, else text."""

    def __init__(self, html: str, text: str) -> None:
        self.html = html
        self.text = text

    def _repr_html_(self) -> str:
        return self.html

    def __repr__(self) -> str:
        return self.text


class Misused(ValueError):  # noqa: N818  (it is the line that is wrong, not the program)
    """The line of a cell says something that is not understood."""


def load_ipython_extension(shell: Shell) -> None:
    """What `%load_ext cnnspec` calls."""

    def network_cell(line: str, cell: str | None = None) -> Shown:
        if cell is None:
            return _in_words(_usage("%%cnnspec", line, _network_options))
        return _guarded(lambda: show_network(line, cell, shell.user_ns))

    def exercise_cell(line: str, cell: str | None = None) -> Shown:
        if cell is None:
            return _in_words(_usage("%%exercise", line, _exercise_options))
        return _guarded(lambda: show_marks(line, cell, shell.user_ns))

    shell.register_magic_function(network_cell, "line_cell", "cnnspec")
    shell.register_magic_function(exercise_cell, "line_cell", "exercise")


def unload_ipython_extension(shell: Any) -> None:
    """What `%unload_ext cnnspec` calls."""
    for kind in ("line", "cell"):
        for name in ("cnnspec", "exercise"):
            shell.magics_manager.magics[kind].pop(name, None)


def _guarded(show: Callable[[], Shown]) -> Shown:
    """Whatever goes wrong is said in a sentence: a student's cell shows no traceback."""
    try:
        return show()
    except CnnSpecError as error:
        return _in_words(_diagnostics(error.diagnostics))
    except FileProblem as problem:
        return _in_words("\n".join([f"{problem.path}: {'; '.join(problem.problems)}", problem.help]).strip())
    except (Misused, OSError) as error:
        return _in_words(str(error))
    except Exception as error:  # noqa: BLE001  (the last place where a fault can become a sentence)
        return _in_words(say("This is a fault of cnnspec, not of your cell: {fault}", fault=repr(error)[:300]))


def _in_words(text: str) -> Shown:
    from cnnspec.report.excerpt import visible

    shown = "\n".join(visible(line) for line in text.splitlines())
    return Shown(f"<pre>{escape(shown)}</pre>", shown)


# --- networks --------------------------------------------------------------------------------------------------------


def show_network(line: str, cell: str, names: dict[str, Any]) -> Shown:
    """The table of the network in a cell, and its errors and findings; a sound one gets its name."""
    from cnnspec.api import check_source
    from cnnspec.report import summary

    args = _parsed(line, "%%cnnspec", _network_options)
    name = _identifier(args.name) if args.name else ""
    settings = dict(map(_setting, args.set))
    names.pop(name, None)
    with speaking(args.lang or language()):
        network, found = check_source(Source(cell, "<cell>"), settings)
        words = _in_words(_diagnostics(found)) if found else Shown("", "")
        if network is None:
            return words
        if name and not any(one.severity == ERROR for one in found):
            names[name] = network
        table = Shown(summary.html(network), "\n".join(summary.text(network)))
    return Shown(table.html + words.html, "\n\n".join(filter(None, (table.text, words.text))))


def _network_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--name", metavar="NAME", help=say("the name that the network gets"))
    parser.add_argument(
        "--set", action="append", default=[], metavar="NAME=VALUE", help=say("value of a model parameter")
    )


def _setting(item: str) -> tuple[str, Any]:
    """`classes=10`, `depths=[1,2]`, `size=28x28`, `name=wide`, as one writes them in a file."""
    name, equals, text = item.partition("=")
    if not equals or not name.strip():
        raise Misused(say("--set takes NAME=VALUE, not `{item}`", item=item[:60]))
    if re.fullmatch(r"\d{1,9}(?:x\d{1,9})+", text.strip()):
        return name.strip(), tuple(map(int, text.split("x")))
    try:
        return name.strip(), json.loads(text)
    except (ValueError, RecursionError):
        return name.strip(), text.strip()


def _diagnostics(found: Sequence[Diagnostic]) -> str:
    from cnnspec.report.message import one_diagnostic

    return "\n".join(one_diagnostic(one) for one in found)


# --- exercises -------------------------------------------------------------------------------------------------------


def show_marks(line: str, cell: str, names: dict[str, Any]) -> Shown:
    """The marks of the text in a cell, which gets a name: by default that of the exercise's file."""
    from cnnspec.api import grade
    from cnnspec.teaching.feedback import html, text
    from cnnspec.teaching.feedback.text import WIDTH

    args = _parsed(line, "%%exercise", _exercise_options)
    name = _identifier(args.name or re.sub(r"\W", "_", Path(args.file).stem))
    names[name] = cell
    marks = grade(args.file, cell, seed=args.seed, feedback=args.feedback, language=args.lang)
    with speaking(marks.language if marks.language in LANGUAGES else language()):
        return Shown(html.fragment(marks), text.page(marks, width=WIDTH))


def _exercise_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("file", metavar="FILE", help=say("a .cnn file with blanks"))
    parser.add_argument("--name", metavar="NAME", help=say("the name that the text of the cell gets"))
    parser.add_argument("--feedback", choices=LEVELS, help=say("how much a wrong answer is told"))
    parser.add_argument("--seed", default="", metavar="TEXT", help=say("the drawn variant that is graded"))


# --- the line of a cell ----------------------------------------------------------------------------------------------


class _Line(argparse.ArgumentParser):
    def error(self, message: str) -> NoReturn:
        raise Misused(f"{self.prog}: {message}\n{self.format_usage()}")


def _usage(magic: str, line: str, options: Callable[[argparse.ArgumentParser], None]) -> str:
    """How a magic is used whose line stands alone, or begins with one sign too few."""
    spoken = next((one for one in LANGUAGES if f"--lang {one}" in line or f"--lang={one}" in line), language())
    with speaking(spoken):
        told = say("`{magic}`, with two signs, is the first line of a cell, and the text stands below it", magic=magic)
        return f"{told}\n\n{_parser(magic, options).format_help()}"


def _parsed(line: str, prog: str, options: Callable[[argparse.ArgumentParser], None]) -> argparse.Namespace:
    """The options of a cell's line. Raises Misused."""
    parser = _parser(prog, options)
    try:
        words = shlex.split(line)
    except ValueError as error:
        raise Misused(f"{prog}: {error}") from None
    if "--help" in words:
        raise Misused(parser.format_help())
    return parser.parse_args(words)


def _parser(prog: str, options: Callable[[argparse.ArgumentParser], None]) -> _Line:
    parser = _Line(prog=prog, add_help=False, allow_abbrev=False)
    options(parser)
    parser.add_argument("--lang", choices=LANGUAGES, help=say("language of the messages"))
    return parser


def _identifier(name: str) -> str:
    if not name.isidentifier():
        raise Misused(say("`{name}` is no name in Python: use letters, digits and _", name=name[:60]))
    return name
