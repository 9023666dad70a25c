"""The lexer for Pygments: no text is lost, no example has a word without a colour, and words are what they are."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from pygments.token import Comment, Error, Keyword, Name, Number, Operator, Punctuation, String

from cnnspec import layers
from cnnspec.pygments_lexer import CnnSpecLexer
from cnnspec.syntax.forms import KEYWORDS
from tests.examples import SPECS

ROOT = Path(__file__).parents[1]
FILES = SPECS


def tokens_of(text: str) -> Iterator[tuple[Any, str]]:
    return ((kind, value) for _, kind, value in CnnSpecLexer().get_tokens_unprocessed(text))


def words_of(text: str) -> list[tuple[Any, str]]:
    return [(kind, value) for kind, value in tokens_of(text) if value.strip() and kind is not Punctuation]


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_every_word_of_an_example_has_its_colour(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    tokens = list(tokens_of(text))
    assert "".join(value for _, value in tokens) == text
    assert [value for kind, value in tokens if kind is Error] == []


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_what_is_called_is_a_block_or_a_name_for_one(path: Path) -> None:
    tokens = words_of(path.read_text(encoding="utf-8"))
    given = {value for kind, value in tokens if kind in {Name.Variable, Name.Constant}}
    defined = {name for (before, keyword), (_, name) in pairwise(tokens) if keyword == "block"}
    called = {value for kind, value in tokens if kind is Name.Function}
    assert called <= given | defined


@pytest.mark.parametrize("name", layers.names())
def test_a_kind_is_a_kind(name: str) -> None:
    assert words_of(f"{name} 3 | {name}") == [(Name.Builtin, name), (Number.Integer, "3"), (Name.Builtin, name)]


@pytest.mark.parametrize("word", sorted(KEYWORDS))
def test_a_keyword_is_a_keyword(word: str) -> None:
    before = "let a = " if word in {"TRUE", "FALSE", "NOT", "AND", "OR", "IN"} else ""
    kind, value = words_of(f"{before}{word.lower()} x")[-2]
    assert value == word.lower()
    assert kind in Keyword or kind is Operator.Word


def test_a_statement() -> None:
    assert words_of('conv n, f=1x?,  # one\n  # two\n  s=?1 -> Hx8x1e3, "x" params  # noqa: W301\nunit') == [
        *[(Name.Builtin, "conv"), (Name, "n"), (Name.Attribute, "f"), (Operator, "="), (Number, "1x?")],
        *[(Comment.Single, "# one"), (Comment.Single, "# two"), (Name.Attribute, "s"), (Operator, "=")],
        *[(Name.Entity, "?1"), (Operator, "->"), *words_of("-> Hx8x1e3")[1:], (String.Double, '"x"')],
        *[(Keyword.Type, "params"), (Comment.Special, "# noqa: W301"), (Name.Function, "unit")],
    ]


def test_parameters_and_their_defaults() -> None:
    assert words_of("block unit(n, act = relu, k = [n, 2]) {")[2:] == [
        *[(Name.Variable, "n"), (Name.Variable, "act"), (Operator, "="), (Name.Builtin, "relu"), (Name.Variable, "k")],
        *[(Operator, "="), (Name, "n"), (Number.Integer, "2")],
    ]


def test_what_is_no_part_of_the_language_is_an_error() -> None:
    assert [value for kind, value in tokens_of("conv 6, f='5'\nrelu") if kind is Error] == ["'", "'"]


def test_pygments_is_told() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    assert project["entry-points"]["pygments.lexers"] == {"cnnspec": "cnnspec.pygments_lexer:CnnSpecLexer"}
