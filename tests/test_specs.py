"""The pages of tests/specs: prose, blocks of code with their expectations, and the messages as people read them.

A block that gives diagnostics is followed by a ```text block with their rendering; `pytest --update` writes it.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import NamedTuple

import pytest

from cnnspec.report import text
from cnnspec.report.checked import Checked
from tests.expectations import Outcome, check_block

FOLDER = Path(__file__).parent / "specs"
PAGES = sorted(FOLDER.glob("*.md"))
BLOCK = re.compile(r"^```cnn\n(?P<code>.*?)^```\n(?P<shown>\n```text\n(?P<text>.*?)^```\n)?", re.MULTILINE | re.DOTALL)


class Case(NamedTuple):
    path: Path
    number: int
    code: str
    shown: str | None


def cases() -> list[Case]:
    return [
        Case(path, number, match["code"], match["text"])
        for path in PAGES
        for number, match in enumerate(BLOCK.finditer(path.read_text(encoding="utf-8")), 1)
    ]


def rendered(outcome: Outcome, filename: str) -> str:
    found = tuple(outcome.diagnostics)
    return text.render([Checked(filename, found)], closing=False) if found else ""


@pytest.mark.parametrize("case", cases(), ids=lambda case: f"{case.path.stem}-{case.number}")
def test_block(case: Case, update: bool) -> None:
    filename = f"{case.path.stem}.cnn"
    outcome = check_block(case.code, filename)
    assert outcome.surprises == []
    message = rendered(outcome, filename)
    if update:
        _rewrite(case, message)
    else:
        assert (case.shown or "") == message, "the message has changed: read it, then run with --update"


def _rewrite(case: Case, message: str) -> None:
    """Puts the message behind the block (others on the page may have changed meanwhile, so read it anew)."""
    page = case.path.read_text(encoding="utf-8")
    match = list(BLOCK.finditer(page))[case.number - 1]
    after = f"\n```text\n{message}```\n" if message else ""
    case.path.write_text(page[: match.end("code")] + "```\n" + after + page[match.end() :], encoding="utf-8")


@pytest.mark.parametrize("path", PAGES, ids=lambda path: path.stem)
def test_page_says_something(path: Path) -> None:
    page = path.read_text(encoding="utf-8")
    prose = BLOCK.sub("", page)
    assert BLOCK.search(page), "a page has blocks of code"
    assert "```" not in prose, "every block is ```cnn, or the ```text that follows one"
    assert page.startswith("# ")
    assert len(prose.split()) >= 20, "a page has prose"


def test_there_are_pages() -> None:
    assert len(PAGES) >= 9


def test_blocks_expect_something() -> None:
    """A block without any expectation proves nothing but that the checker is silent, and says so in its place."""
    silent = [f"{case.path.stem}-{case.number}" for case in cases() if "# " not in case.code and "->" not in case.code]
    assert silent == []
