"""What the program says in French holds no English: mistakes, findings, explanations, help, reports."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from cnnspec import layers
from cnnspec.cli import COMMANDS, main
from cnnspec.codes import CODES
from cnnspec.diagnostics import Diagnostic
from cnnspec.language import speaking
from cnnspec.lint.engine import DEFAULT
from cnnspec.report import pages
from tests.catalogue import EXAMPLE, TYPOGRAPHY, prose
from tests.expectations import check_block
from tests.extraction import CODE
from tests.test_pages import FENCE, WITHOUT_EXAMPLE

ROOT = Path(__file__).parents[1]
EXERCISES = "examples/exercises"
NETWORK = "examples/lectures/hand_signs.cnn"

# Words that every English sentence has and no French one.
ENGLISH = re.compile(
    r"\b(the|of|and|with|without|are|is|was|has|have|not|but|this|that|these|which|what|where|when|from|into|for|by|"
    r"here|there|each|every|all|more|than|only|use|write|give|put|choose|size of|"
    r"number|numbers|values?|names?|files?|folder|unknown|trainable|instead|between|would|its|it|one|two)\b"
)
QUOTED = re.compile(r'"[^"]*"')
SHOWN_AS_WRITTEN = re.compile(r'\{[^}]*\}|\w+(?:-\w+)+|"[^"]*"|\'[^\']*\'|\S*[/=_<>|.]\S*|#.*')


def english(text: str) -> list[str]:
    """The English words of a text, code and what looks like it left out."""
    return ENGLISH.findall(SHOWN_AS_WRITTEN.sub("", CODE.sub("", EXAMPLE.sub("", text))))


def badly_set(text: str) -> list[str]:
    """What French typography does not allow."""
    left = QUOTED.sub("x", prose(text))  # a text of the file is shown as it is written there
    return [why for why, sign in TYPOGRAPHY["fr"].items() if re.search(sign, left)]


def texts_of(d: Diagnostic) -> list[str]:
    """Everything that a diagnostic says in words."""
    fix = [d.fix.message] if d.fix is not None else []
    return [d.message, d.label, d.help, *d.notes, *d.trace, *(label.text for label in d.labels), *fix]


@pytest.mark.parametrize("code", [code for code in CODES if code not in WITHOUT_EXAMPLE and not code.startswith("E5")])
def test_a_diagnostic_speaks_french(code: str) -> None:
    wrong = FENCE.findall(pages.page(code))[0]
    with speaking("fr"):
        found = check_block(wrong, f"{code}.cnn", DEFAULT | {code}).diagnostics
    assert found
    texts = [text for d in found for text in texts_of(d)]
    assert {text: words for text in texts if (words := english(text))} == {}
    assert [text for text in texts if badly_set(text)] == []


def said(capsys: pytest.CaptureFixture[str], *arguments: str) -> str:
    main([*arguments, "--lang", "fr"])
    captured = capsys.readouterr()
    return captured.out + captured.err


def left(text: str) -> dict[str, list[str]]:
    return {line: words for line in text.splitlines() if (words := english(line))}


@pytest.mark.parametrize("kind", layers.names())
def test_the_reference_speaks_french(kind: str, capsys: pytest.CaptureFixture[str]) -> None:
    out = said(capsys, "layers", kind)
    text = out[out.index("\n") : out.index("\nexemple\n")]
    assert left(text) == {}
    assert [line for line in text.splitlines() if badly_set(line)] == []


@pytest.mark.parametrize("name", COMMANDS)
def test_the_help_speaks_french(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    out = said(capsys, name, "--help")
    assert "exemples" in out
    assert left(out) == {}


@pytest.mark.parametrize(
    "arguments",
    [
        ("--help",),
        ("rule",),
        ("layers",),
        ("summary", NETWORK),
        ("explain", NETWORK),
        ("check", NETWORK),
        ("diff", NETWORK, NETWORK),
        ("check", "no_such_file.cnn"),
        ("check", "--no-such-option"),
        ("no-such-command",),
        ("rule", "E3O1"),
        ("layers", "cnov"),
        ("exercise", "new", "--help"),
        ("exercise", "draw", "--help"),
        ("exercise", "check", f"{EXERCISES}/fr/signes.cnn"),
        ("grade", f"{EXERCISES}/fr/signes.cnn", f"{EXERCISES}/answers/hand_signs"),
        ("grade", f"{EXERCISES}/fr/lenet5.cnn", f"{EXERCISES}/answers/lenet5"),
        ("grade", f"{EXERCISES}/fr/laplacien.cnn", f"{EXERCISES}/answers/laplacian"),
    ],
    ids=" ".join,
)
def test_a_command_speaks_french(
    arguments: tuple[str, ...], capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(ROOT)
    monkeypatch.setenv("LANGUAGE", "fr")
    out = said(capsys, *arguments)
    assert out
    assert left(out) == {}


def test_english_is_seen() -> None:
    assert english("la taille of the image") == ["of", "the"]
    assert english("écrivez `use the size` f=of 'the' ./the/of") == []
