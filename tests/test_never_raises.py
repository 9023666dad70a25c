"""Whatever a text holds, the checker answers with diagnostics; what it calls good can be summed up and explained."""

from __future__ import annotations

import re
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

import cnnspec
from tests.examples import SPECS
from tests.strategies import damaged_files, files

VARIANT = re.compile(r"\bvariant (\w+)")
EXAMPLES = [path.read_text() for path in SPECS]


def answer(text: str) -> None:
    diagnostics = cnnspec.check(text)
    for diagnostic in diagnostics:
        assert 0 <= diagnostic.span.start <= diagnostic.span.end <= len(diagnostic.source.text)
        assert diagnostic.message
        assert "{" not in diagnostic.message.replace("{{", "") or "{" in text
    for name in (None, *VARIANT.findall(text)[:2]):
        with suppress(cnnspec.CnnSpecError):
            look_at(cnnspec.loads(text, variant=name))


def look_at(network: cnnspec.Network) -> None:
    assert network.params == sum((layer.params for layer in network.layers), 0) or network.blanks or not network.layers
    for layer in network.layers:
        if layer.args is not None:
            layer.definition.explain_size(layer.operation)
            layer.definition.explain_params(layer.operation)
            layer.definition.explain_macs(layer.operation)


@given(files())
def test_generated_texts(text: str) -> None:
    answer(text)


@given(damaged_files())
def test_damaged_texts(text: str) -> None:
    answer(text)


@given(st.data())
def test_examples_with_a_word_changed(data: st.DataObject) -> None:
    text = data.draw(st.sampled_from(EXAMPLES))
    words = text.split(" ")
    at = data.draw(st.integers(0, len(words) - 1))
    other = data.draw(
        st.sampled_from(
            ["?", "0", "-1", "conv", "x", "}", "{", "[1, 2]", "1e9", "as", "same", "3x3", "true", '"a"', "10**40"]
        )
    )
    words[at] = other
    answer(" ".join(words))


@pytest.mark.parametrize(
    "text", ["", "\n", "#", "?", "input", "use", "}", "input 8\n?", "input ?\nrelu", "input ?x?x3\nconv ?, f=?"]
)
def test_scraps(text: str) -> None:
    answer(text)
