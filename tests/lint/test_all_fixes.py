"""What the fixes of all rules do: findings vanish, networks stay, and the fixes come to an end together."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from cnnspec.api import Network, check_source
from cnnspec.diagnostics import Diagnostic
from cnnspec.lint.engine import RULES
from cnnspec.lint.fixing import Fixed, fix_all, is_applicable
from cnnspec.report import pages
from cnnspec.source import Source
from cnnspec.syntax.reading import read
from tests.examples import SPECS
from tests.expectations import read_block
from tests.test_pages import FENCE

ROOT = Path(__file__).parents[2]
EXAMPLES = SPECS
BROKEN = sorted((ROOT / "tests" / "lint" / "broken").rglob("*.cnn"))
MOST_VALUES = 200_000


def mended(source: Source, codes: frozenset[str], *, unsafe: bool) -> Fixed:
    def check(text: Source) -> list[Diagnostic]:
        return check_source(text, codes=codes)[1]

    outcome = fix_all(source, check(source), check, unsafe=unsafe)
    usable = [d for d in outcome.remaining if d.source is outcome.source and is_applicable(d, unsafe=unsafe)]
    assert len(usable) == len(outcome.left_out), "what is left was left out for a reason"
    return outcome


def wrong_example(code: str) -> Source:
    return Source(read_block(FENCE.findall(pages.page(code))[0]).text, f"{code}.cnn")


@pytest.mark.parametrize("code", RULES)
def test_the_fixes_of_a_page_mend_it(code: str) -> None:
    source = wrong_example(code)
    fixable = [d for d in check_source(source, codes=[code])[1] if d.fix]
    outcome = mended(source, frozenset({code}), unsafe=True)
    assert outcome.left_out == ()
    assert len(outcome.applied) >= len(fixable)
    assert [d for d in outcome.remaining if d.severity == "error" or d.fix] == []


def values(net: Network) -> list[np.ndarray]:
    """What the network makes of some input, with seeded weights."""
    chance = np.random.default_rng(3)
    feed = {}
    for name, one in net.input_values.items():
        size = [n if isinstance(n, int) else 32 for n in one.size]
        shape = (1, *size) if one.integer else (1, size[-1], *size[:-1])
        feed[name] = (chance.integers(0, 3, shape) if one.integer else chance.normal(size=shape)).astype(np.float32)
    return list(net.session().run(feed).values())


@pytest.mark.parametrize("code", RULES)
def test_safe_fixes_keep_the_network(code: str) -> None:
    source = wrong_example(code)
    before, _ = check_source(source, codes=[code])
    outcome = mended(source, frozenset({code}), unsafe=False)
    if before is None or not outcome.applied:
        return
    after, found = check_source(outcome.source, codes=[code])
    assert after is not None, found
    assert {p.name: p.shape for p in after.parameters} == {p.name: p.shape for p in before.parameters}
    if sum(int(np.prod([n for n in size if isinstance(n, int)])) for size in before.inputs.values()) < MOST_VALUES:
        for one, other in zip(values(before), values(after), strict=True):
            np.testing.assert_allclose(one, other, rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize("path", [*EXAMPLES, *BROKEN], ids=lambda path: path.stem)
def test_all_fixes_together_end_and_leave_a_file_that_checks(path: Path) -> None:
    source = read(path)
    broken = {d.code for d in check_source(source, lint=False)[1]}
    outcome = mended(source, frozenset(RULES), unsafe=True)
    assert {d.code for d in outcome.remaining if d.severity == "error"} <= broken
    again = mended(outcome.source, frozenset(RULES), unsafe=True)
    assert again.applied == ()
    assert again.source.text == outcome.source.text
