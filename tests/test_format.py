"""The canonical layout."""

from __future__ import annotations

from textwrap import dedent

import pytest
from hypothesis import given, settings

from cnnspec.diagnostics import CnnSpecError
from cnnspec.source import Source
from cnnspec.syntax.format import format_text
from cnnspec.syntax.parser import parse
from cnnspec.syntax.same import same_tree
from tests.strategies import files


def tree_of(text: str):
    file, errors = parse(Source(text))
    assert not errors
    return file


@given(files())
@settings(max_examples=300, deadline=None)
def test_formatting_keeps_the_meaning_and_is_done_once(text):
    formatted = format_text(text)
    assert same_tree(tree_of(formatted), tree_of(text))
    assert format_text(formatted) == formatted
    assert all(line == line.rstrip() for line in formatted.split("\n"))
    assert "\n\n\n" not in formatted
    assert text.count("#") == formatted.count("#")
