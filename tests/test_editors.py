"""What editors get: the TextMate grammar knows the words of the language, and the snippets of the extension check."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pytest

import cnnspec
from cnnspec import layers
from cnnspec.elaborate.expressions import FUNCTIONS
from cnnspec.elaborate.scopes import FIGURES, FLOW_FIGURES
from cnnspec.layers._arguments import Choice
from cnnspec.syntax.forms import KEYWORDS

ROOT = Path(__file__).parents[1]
GRAMMAR = ROOT / "grammar" / "cnnspec.tmLanguage.json"
EXTENSION = ROOT / "editors" / "vscode"
SNIPPETS: dict[str, Any] = json.loads((EXTENSION / "snippets.json").read_text(encoding="utf-8"))


def choices() -> set[str]:
    """The words that arguments take."""
    types = [argument.type for kind in layers.all_kinds() for argument in kind.arguments]
    return {"same", "valid", *(word for type_ in types if isinstance(type_, Choice) for word in type_.words)}


def pattern(words: Iterable[str], after: str = r"(?!\w)") -> str:
    return rf"\b(?:{'|'.join(sorted(words))}){after}"


# The patterns of the grammar that are lists of words.
LISTS = {
    "kind": pattern(layers.names()),
    "function": pattern(FUNCTIONS, after=r"(?=\()"),
    "figure": pattern([*FIGURES, *FLOW_FIGURES, "output"]),
    "mode": pattern(choices()),
}


def test_the_grammar_lists_the_words_of_the_language(update: bool) -> None:
    grammar = json.loads(GRAMMAR.read_text(encoding="utf-8"))
    if update:
        for name, regex in LISTS.items():
            grammar["repository"][name]["match"] = regex
        GRAMMAR.write_text(json.dumps(grammar, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
    assert {name: grammar["repository"][name]["match"] for name in LISTS} == LISTS


@pytest.mark.parametrize("keyword", sorted(KEYWORDS))
def test_the_grammar_knows_every_keyword(keyword: str) -> None:
    text = GRAMMAR.read_text(encoding="utf-8")
    patterns = re.findall(r'"(?:match|begin)": "(.*)"', text.replace(r"\\b", " "))
    assert keyword.lower() in {word for one in patterns for word in re.findall("[a-z]+", one)}


def plain(body: str | list[str]) -> str:
    """A snippet as it is written when all its proposals are taken."""
    text = body if isinstance(body, str) else "\n".join(body)
    while re.search(r"\$\{\d+:", text):
        text = re.sub(r"\$\{\d+:([^${}]*)\}", r"\1", text)
    return re.sub(r"\$\d+", "", text)


@pytest.mark.parametrize("name", SNIPPETS)
def test_a_snippet_checks(name: str) -> None:
    text = plain(SNIPPETS[name]["body"])
    if not text.startswith("#"):
        flow = "input 28x28x1\nconv 96, f=3 | relu\n"
        text = (
            text + flow
            if text.startswith("block")
            else f"model m(classes = 5)\n{flow}{text}\nglobal_avgpool | dense classes | softmax\n"
        )
    errors = [d for d in cnnspec.check(text) if d.code.startswith("E")]
    assert not errors, "\n".join(d.message for d in errors)


def test_the_extension_and_the_program_have_one_version() -> None:
    manifest = json.loads((EXTENSION / "package.json").read_text(encoding="utf-8"))
    assert manifest["version"] == cnnspec.__version__


def test_the_lock_file_names_no_host() -> None:
    """Each machine takes packages from its own registry."""
    lock = json.loads((EXTENSION / "package-lock.json").read_text(encoding="utf-8"))
    assert lock["packages"]
    assert [name for name, entry in lock["packages"].items() if "resolved" in entry] == []


def test_the_file_in_the_picture_has_the_error_in_the_picture() -> None:
    text = (ROOT / "docs" / "images" / "digits.cnn").read_text(encoding="utf-8")
    [error] = [d for d in cnnspec.check(text) if d.severity == "error"]
    assert (error.code, error.row) == ("E301", 18)
