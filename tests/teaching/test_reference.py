"""The tables of the pages about exercises are what the code says."""

from __future__ import annotations

from pathlib import Path

import pytest

from cnnspec.teaching import mistakes
from cnnspec.teaching.values.judge import NAMES as OF_VALUES
from tests.teaching import reference

DOCS = Path(__file__).parents[2] / "docs"
PAGES = ("reference/exercises.md", "explanation/fairness.md")


@pytest.mark.parametrize("name", PAGES)
def test_the_tables_of_the_page_are_current(name: str, update: bool) -> None:
    page = DOCS / name
    text = page.read_text(encoding="utf-8")
    now = reference.rewritten(text)
    if update:
        page.write_text(now, encoding="utf-8")
    assert page.read_text(encoding="utf-8") == now


def test_each_table_has_its_place() -> None:
    found = [match["name"] for name in PAGES for match in reference.TABLE.finditer((DOCS / name).read_text("utf-8"))]
    assert sorted(found) == sorted(reference.TABLES)


def test_each_mistake_is_described() -> None:
    assert set(reference.RULES) == set(mistakes.NAMES)
    assert set(reference.VALUES) == set(OF_VALUES)


@pytest.mark.parametrize("name", mistakes.NAMES)
def test_the_samples_have_a_layer_for_each_mistake(name: str) -> None:
    assert reference.places(name)
