"""How well the linter judges: broken networks of our own (`broken/`), and the published ones of the examples.

A broken network says in comments what has to be found where; `# missed: why` stands where a fault is that no rule
finds. `pytest --update` writes docs/explanation/precision.md.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import NamedTuple

import pytest

from cnnspec.api import check_source
from cnnspec.codes import CODES
from cnnspec.diagnostics import Diagnostic
from cnnspec.lint.engine import DEFAULT, RULES
from cnnspec.lint.fixing import fix_all
from cnnspec.source import Source
from tests.expectations import check_block, read_block

ROOT = Path(__file__).parents[2]
PAGE = ROOT / "docs" / "explanation" / "precision.md"
BROKEN = sorted((Path(__file__).parent / "broken").glob("*.cnn"))
EXAMPLES = ("architectures", "lectures", "digits", "edges")
MISSED = re.compile(r"# missed: (.+)$", re.MULTILINE)
FAMILIES = {
    "W1": "names and structure",
    "W2": "activations",
    "W3": "sizes and windows",
    "W4": "normalisation and dropout",
    "W5": "parameters",
    "E": "no network at all",
    "": "no rule",
}


class Judgement(NamedTuple):
    """One broken network: faults that are found, that are not, and findings that are no fault, as codes."""

    found: list[str]
    missed: list[str]  # "" for a fault that has no rule
    false: list[str]
    why: list[str]  # a fault is missed


@cache
def judge(path: Path) -> Judgement:
    text = path.read_text(encoding="utf-8")
    outcome = check_block(text, path.name)
    wanted = Counter((row, what) for row, word, what in outcome.block.expected if word != "size")
    given = Counter((d.row, d.code) for d in outcome.diagnostics)
    return Judgement(
        [code for _, code in (wanted & given).elements()],
        [code for _, code in (wanted - given).elements()] + [""] * len(MISSED.findall(text)),
        [code for _, code in (given - wanted).elements()],
        [why.strip() for why in MISSED.findall(text)],
    )


@pytest.mark.parametrize("path", BROKEN, ids=lambda path: path.stem)
def test_a_broken_network(path: Path) -> None:
    """What is said to be found is found, and nothing else."""
    judgement = judge(path)
    assert judgement.false == []
    assert [code for code in judgement.missed if code] == []
    assert judgement.found or judgement.missed, "a broken network says what is wrong with it"
    assert path.read_text(encoding="utf-8").startswith("# ")


@pytest.mark.parametrize("path", BROKEN, ids=lambda path: path.stem)
def test_all_fixes_together_bring_nothing_new(path: Path) -> None:
    source = Source(read_block(path.read_text(encoding="utf-8")).text, path.name)
    before = _check(source)
    after = fix_all(source, before, _check, unsafe=True)
    assert Counter(d.code for d in after.remaining) <= Counter(d.code for d in before)
    assert not any(d.fix is not None for d in after.remaining) or after.left_out


def _check(source: Source) -> list[Diagnostic]:
    return check_source(source)[1]


def test_there_are_enough_of_them() -> None:
    assert len(BROKEN) >= 50
    seen = {code for path in BROKEN for code in judge(path).found}
    assert sorted(DEFAULT - seen) == [], "every rule that is on finds something in them"


def test_a_wrong_expectation_is_counted(tmp_path: Path) -> None:
    path = tmp_path / "x.cnn"
    path.write_text("input 11x11x1\nmaxpool 2   # finding: [W308]\nrelu  # missed: nobody knows\n", encoding="utf-8")
    assert judge(path) == Judgement([], ["W308", ""], ["W301"], ["nobody knows"])


# --- the page --------------------------------------------------------------------------------------------------------


class Counted(NamedTuple):
    """The examples of a folder: files, networks, and findings that comments in them allow."""

    files: int
    networks: int
    usual: Counter[tuple[str, str]]  # (code, file)
    off: Counter[str]


@cache
def count(folder: str) -> Counted:
    """All rules over the files of a folder, comments that allow findings aside."""
    paths = sorted((ROOT / "examples" / folder).rglob("*.cnn"))
    networks = 0
    usual: Counter[tuple[str, str]] = Counter()
    off: Counter[str] = Counter()
    for path in paths:
        source = Source(path.read_text(encoding="utf-8").replace("noqa", "no quality"), str(path))
        networks += max(1, len(re.findall(r"^variant ", source.text, re.MULTILINE)))
        found = [d.code for d in check_source(source, codes=RULES)[1]]
        usual.update((code, f"{folder}/{path.name}") for code in found if code in DEFAULT)
        off.update(code for code in found if code not in DEFAULT)
    return Counted(len(paths), networks, usual, off)


def page() -> str:
    return TEXT.format(
        files=len(BROKEN),
        faults=sum(len(judge(path).found) + len(judge(path).missed) for path in BROKEN),
        broken=_broken_table(),
        reasons="\n".join(_reasons()),
        published=_published_table(),
        networks=sum(count(folder).networks for folder in EXAMPLES),
        allowed="\n".join(_allowed()),
        off=_listed(sum((count(folder).off for folder in EXAMPLES), Counter())),
    )


def _broken_table() -> str:
    found, missed, false = (
        Counter(_family(code) for path in BROKEN for code in getattr(judge(path), which))
        for which in ("found", "missed", "false")
    )
    rows = [
        (f"{name} ({prefix}xx)" if prefix.startswith("W") else name, found[prefix], missed[prefix], false[prefix])
        for prefix, name in FAMILIES.items()
    ]
    rows.append(("**all**", found.total(), missed.total(), false.total()))
    return "\n".join(f"| {name} | {a + b} | {a} | {b} | {c} |" for name, a, b, c in rows)


def _family(code: str) -> str:
    return code[:2] if code.startswith("W") else code[:1]


def _reasons() -> list[str]:
    return [f"- `{path.stem}.cnn`: {why}" for path in BROKEN for why in judge(path).why]


def _published_table() -> str:
    rows = []
    for folder in EXAMPLES:
        counted = count(folder)
        rows.append(f"| {folder} | {counted.files} | {counted.networks} | {counted.usual.total()} |")
    return "\n".join(rows)


def _allowed() -> Iterator[str]:
    for folder in EXAMPLES:
        for (code, name), times in sorted(count(folder).usual.items()):
            yield f"- {code} {CODES[code]} in `{name}`" + (f", {times} times" if times > 1 else "")


def _listed(codes: Counter[str]) -> str:
    return " and ".join(f"{code} {CODES[code]} in {n} places" for code, n in sorted(codes.items()))


TEXT = """\
# How well the linter judges

Written by `pytest tests/lint/test_precision.py --update`; the test fails when a figure changes.

## Broken networks

{files} small networks in `tests/lint/broken`, of our own making, hold {faults} faults: what goes wrong in exercises, in
questions on forums, and in the literature on faults in deep-learning programs (Humbatova et al., ICSE 2020; Zhang et
al., ISSTA 2018; the rules of NeuraLint, Nikanjam et al., 2021). A fault is *found* if its code is reported in its line,
*missed* if not; a finding that is no fault is *false*.

| faults | all | found | missed | false |
|---|---|---|---|---|
{broken}

The files were written by those who wrote the rules, most of them with a rule in mind, so the share that is found says
little about the faults of others. What no rule finds was put in on purpose, to show where the limits are:

{reasons}

## Published networks

Every finding on a published network counts as false, for these networks work. Of {networks} networks the rules that
are on by default say, comments aside:

| examples | files | networks | findings |
|---|---|---|---|
{published}

A place counts once, in however many variants it has the finding. Each has a comment in its line that allows it:

{allowed}

The rules that are off by default would add
{off}.
W110 is about a habit of writing, and W506 asks for more than published networks keep to.
"""


def test_the_page_shows_the_figures(update: bool) -> None:
    text = page()
    if update:
        PAGE.write_text(text, encoding="utf-8")
    assert PAGE.read_text(encoding="utf-8") == text


def test_what_the_rules_find_that_are_off() -> None:
    """What the rules that are off find in published networks is no fault, but two of them find none at all."""
    assert {code for folder in EXAMPLES for code in count(folder).off} == {"W110", "W506"}
