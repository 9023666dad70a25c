"""Everything that the README and the docs show is run: specs, commands with their output, Python.

Comments before a block say more about it: `<!-- before: input 28x28x1 -->` puts a line before a fragment of a spec,
`<!-- file: lenet.cnn -->` keeps a block as a file for the commands of the page, `<!-- errors: E301 E402 -->` says which
errors a spec has. In the output of a command, a line `…` stands for any lines. `pytest --update` rewrites outputs.
"""

from __future__ import annotations

import contextlib
import doctest
import importlib
import io
import json
import re
import shlex
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

import cnnspec
from cnnspec.cli import COMMANDS, main, make_parser
from cnnspec.codes import CODES
from tests import gallery
from tests.markdown import Block, anchors_of, blocks_of, links_of

ROOT = Path(__file__).parents[1]
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]
NOT_RUN = {"sh", "text", "yaml", "lua", "elisp"}  # the commands of the README that install are run by .ci/run
ANY = "…"


def name_of(page: Path) -> str:
    return page.relative_to(ROOT).as_posix()


@pytest.fixture
def workplace(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty folder with the examples in it, and a terminal like any other."""
    (tmp_path / "examples").symlink_to(ROOT / "examples")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COLUMNS", "120")
    monkeypatch.setenv("NO_COLOR", "1")
    return tmp_path


@pytest.mark.parametrize("page", PAGES, ids=name_of)
def test_every_block_of_the_page_runs(page: Path, workplace: Path, update: bool) -> None:
    text = page.read_text(encoding="utf-8")
    wrong: list[str] = []
    names: dict[str, Any] = {"__name__": "page"}
    changed = []
    for block in blocks_of(text):
        try:
            now = run_block(block, names)
        except Exception as error:  # noqa: BLE001  (whatever a block raises belongs to its line)
            wrong.append(f"{name_of(page)}:{block.line}: {type(error).__name__}: {error}")
            continue
        if not matches(now, block.text):
            changed.append((block, now))
    if update:
        for block, now in reversed(changed):
            text = text[: block.start] + now + text[block.end :]
        page.write_text(text, encoding="utf-8")
    else:
        wrong += [f"{name_of(page)}:{block.line}: this is shown now:\n{now}" for block, now in changed]
    assert not wrong, "\n\n".join(wrong)


def run_block(block: Block, names: dict[str, Any]) -> str:
    """Runs a block and returns it as it should stand in the page."""
    if "file" in block.says:
        path = Path(block.says["file"])
        path.parent.mkdir(exist_ok=True)
        path.write_text(block.text, encoding="utf-8")
    if block.language == "cnn":
        check_spec(block)
    elif block.language == "console":
        return "".join(transcripts(block.text))
    elif block.language == "python":
        run_python(block, names)
    elif block.language == "json":
        json.loads(block.text)
    elif block.language == "toml":
        tomllib.loads(block.text)
    elif block.language not in NOT_RUN:
        raise ValueError(f"nobody runs a block of `{block.language}`")
    return block.text


def check_spec(block: Block) -> None:
    before = block.says.get("before", "").replace(" ; ", "\n")
    diagnostics = cnnspec.check(f"{before}\n{block.text}")
    errors = [one for one in diagnostics if one.severity == "error"]
    if [one.code for one in errors] != block.says.get("errors", "").split():
        raise ValueError("\n".join(map(repr, errors)) or "no error")


def transcripts(text: str) -> Iterator[str]:
    """Each `$ command` with what it prints today, or with what is shown where that stands for it."""
    for part in re.split(r"^(?=\$ )", text, flags=re.MULTILINE):
        if not part:
            continue
        command = re.match(r"\$ ((?:[^\n]*\\\n)*[^\n]*)\n", part)
        assert command, part
        printed = run_command(command[1].replace("\\\n", " "))
        shown = part[command.end() :]
        if "```" in printed and ANY not in shown:
            raise ValueError("the output holds a code block of its own: stop before it with a line …")
        yield command[0] + (shown if matches(printed, shown) else printed)


def run_command(command: str) -> str:
    program, *arguments = shlex.split(command)
    if program == "cat":
        return "".join(Path(name).read_text(encoding="utf-8") for name in arguments)
    if program != "cnnspec":
        raise ValueError(f"the docs show `{program}`, which is not run here")
    output = io.StringIO()
    with contextlib.redirect_stdout(output), contextlib.redirect_stderr(output):
        code = main(arguments)
    if code not in (0, 1):
        raise ValueError(f"{command}: exit code {code}\n{output.getvalue()}")
    return "".join(f"{line.rstrip()}\n" for line in output.getvalue().splitlines())


def run_python(block: Block, names: dict[str, Any]) -> None:
    if ">>>" not in block.text:
        exec(compile(block.text, "<page>", "exec"), names)
        return
    test = doctest.DocTestParser().get_doctest(block.text, names, "page", None, block.line)
    report = io.StringIO()
    options = doctest.ELLIPSIS | doctest.NORMALIZE_WHITESPACE
    doctest.DocTestRunner(optionflags=options, verbose=False).run(test, out=report.write, clear_globs=False)
    names |= test.globs
    if report.getvalue():
        raise ValueError(report.getvalue())


def matches(printed: str, shown: str) -> bool:
    parts = [re.escape(part) for part in re.split(rf"^{ANY}\n", shown, flags=re.MULTILINE)]
    return re.fullmatch(r"(?:.*\n)*?".join(parts), printed) is not None


def test_an_ellipsis_stands_for_any_lines() -> None:
    assert matches("a\nb\nc\n", "a\n…\nc\n")
    assert matches("a\nc\n", "a\n…\nc\n")
    assert not matches("a\nb\n", "a\n…\nc\n")


def test_the_page_of_the_layers_is_what_the_kinds_say(update: bool) -> None:
    page = ROOT / "docs" / "reference" / "layers.md"
    now = run_command("cnnspec layers --format markdown")
    if update:
        page.write_text(now, encoding="utf-8")
    assert page.read_text(encoding="utf-8") == now


def test_the_page_of_the_codes_lists_them_all(update: bool) -> None:
    page = ROOT / "docs" / "reference" / "codes.md"
    text = page.read_text(encoding="utf-8")
    rows = "".join(f"| `{code}` | {name} |\n" for code, name in CODES.items())
    now = re.sub(r"(?<=\|---\|---\|\n)(\|.*\n)*", rows, text)
    if update:
        page.write_text(now, encoding="utf-8")
    assert page.read_text(encoding="utf-8") == now


def test_the_page_of_the_architectures_is_what_the_files_say(update: bool) -> None:
    page = ROOT / "docs" / "reference" / "architectures.md"
    now = gallery.page(ROOT / "examples" / "architectures")
    if update:
        page.write_text(now, encoding="utf-8")
    assert page.read_text(encoding="utf-8") == now


@pytest.mark.parametrize("name", COMMANDS)
def test_the_page_of_the_commands_has_every_option(name: str) -> None:
    page = (ROOT / "docs" / "reference" / "commands.md").read_text(encoding="utf-8")
    common, *sections = re.split(r"^## ", page, flags=re.MULTILINE)[1:]
    section = next(section for section in sections if section.startswith(f"{name}\n"))
    command = importlib.import_module(f"cnnspec.cli.{name}")
    options = [option for action in make_parser(name, command)._actions for option in action.option_strings]
    missing = [option for option in options if option.startswith("--") and f"`{option}" not in common + section]
    assert not missing


@pytest.mark.parametrize("page", [*PAGES, *sorted((ROOT / "examples").rglob("*.md"))], ids=name_of)
def test_every_link_leads_somewhere(page: Path) -> None:
    lost = []
    for link in links_of(page.read_text(encoding="utf-8")):
        path, _, anchor = link.partition("#")
        target = (page.parent / path).resolve() if path else page
        if not target.exists() or (anchor and anchor not in anchors_of(target)):
            lost.append(link)
    assert not lost
