"""Every code has its page; what a page shows as wrong gives that code and no other, what it shows as right is clean."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from cnnspec.codes import CODES
from cnnspec.lint.engine import DEFAULT
from cnnspec.report import pages
from tests.expectations import check_block, read_block

FOLDER = Path(pages.FOLDER)
FENCE = re.compile(r"^```cnn\n(.*?)^```$", re.MULTILINE | re.DOTALL)

# Codes that no text of a file can show, and why. Those of exercises (E5) have their own test in tests/teaching.
WITHOUT_EXAMPLE = {
    "E100": "about a file that cannot be opened",
    "E101": "about bytes that are no text",
    "E102": "about a file of megabytes",
    "E227": "about a name given on the command line",
}


@pytest.mark.parametrize("code", CODES)
def test_every_code_has_its_page(code: str) -> None:
    text = pages.page(code)
    assert text.startswith(f"# {code} {CODES[code]}\n\n"), "a page begins with code and name"
    assert len(text.split()) > 30, "a page says what the code means and what to do"


def test_no_page_without_its_code() -> None:
    assert {path.stem for path in FOLDER.glob("*.md")} == set(CODES)


@pytest.mark.parametrize("code", [code for code in CODES if code not in WITHOUT_EXAMPLE and not code.startswith("E5")])
def test_the_examples_of_a_page(code: str) -> None:
    blocks = FENCE.findall(pages.page(code))
    assert len(blocks) == 2, "a page has an example that is wrong, then one that is right"
    usual = DEFAULT | {code}
    wrong, right = (check_block(block, f"{code}.cnn", usual) for block in blocks)
    assert {what for _, _, what in wrong.block.expected} == {code}
    assert wrong.surprises == []
    assert [repr(d) for d in right.diagnostics] == []
    assert right.block.expected == ()


def test_findings_say_when_to_ignore_them() -> None:
    silent = [code for code in CODES if code.startswith("W") and "When to ignore it: " not in pages.page(code)]
    assert silent == []


def test_the_list_names_every_code() -> None:
    assert set(re.findall(r"^  ([EW]\d+)  ", pages.overview(), re.MULTILINE)) == set(CODES)


def test_an_expectation_that_is_not_met_is_seen() -> None:
    outcome = check_block("input 4x4x1\nconv 6, f=3   # error: [E301]\nconv 6, f=9\n", "x.cnn")
    assert outcome.surprises == [
        "line 2: E301 is expected and does not come",
        "line 3: E301 comes and is not expected",
    ]
    assert check_block("input 4x4x1\nconv 6, f=3   # size: 3x3x6\n", "x.cnn").surprises == [
        "line 2: size is 2x2x6, not 3x3x6"
    ]


def test_expectations_are_taken_out_of_the_text() -> None:
    block = read_block("input 4x4x1   # error: [E301]  # finding: [W301]\n# a comment\n")
    assert block.text == "input 4x4x1\n# a comment\n"
    assert block.expected == ((1, "error", "E301"), (1, "finding", "W301"))
