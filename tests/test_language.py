"""Every text that somebody reads goes through the catalogue: with one that marks what it is asked for, nothing else
is left but names, numbers and code.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path

import pytest

from cnnspec import language, layers
from cnnspec.api import Network, check_source, load, loads
from cnnspec.diagnostics import CnnSpecError, Diagnostic
from cnnspec.files import FileProblem, check_space, explain, replacing, show_bytes
from cnnspec.language import decimal, listing, number, plural, say, speaking
from cnnspec.layers._arguments import Choice
from cnnspec.lint.engine import DEFAULT
from cnnspec.report import pages
from cnnspec.report.explain import explain as explain_network
from cnnspec.sizes import window_text
from cnnspec.source import Source
from cnnspec.syntax.reading import LARGEST, read
from tests import test_specs
from tests.expectations import read_block
from tests.test_pages import FENCE

SPECS = sorted(test_specs.FOLDER.glob("*.md"))
PAGES = sorted(Path(pages.FOLDER).glob("*.md"))
CODE = r"`[^`]*`"
MARKED = re.compile(r"⟦[^⟦⟧]*⟧")
KEPT = re.compile(rf"({CODE}|(?<!{{){{\w+}}(?!}}))")  # what a translation keeps: code, and the places of values


class Marking:
    """A catalogue that puts what it would translate between ⟦ and ⟧, values and code left out."""

    def gettext(self, message: str, /) -> str:
        assert "⟦" not in message, f"translated twice: {message!r}"
        pieces = KEPT.split(message)
        return "".join(f"⟦{piece}⟧" if i % 2 == 0 and piece else piece for i, piece in enumerate(pieces))

    def ngettext(self, one: str, many: str, n: int, /) -> str:
        return self.gettext(one if n == 1 else many)


@contextmanager
def marking() -> Iterator[None]:
    """Speaks the language of `Marking`, with the numbers of French."""
    token = language._spoken.set(("fr", Marking()))
    try:
        yield
    finally:
        language._spoken.reset(token)


WORDS_OF_FORMULAS = {"floor", "ceil", "min", "max", "begin", "end", "pad", "output", "same", "true", "params"}


@cache
def names_of_the_language() -> frozenset[str]:
    """Words that stand for themselves: kinds, arguments, what formulas call things."""
    arguments = [argument for kind in layers.all_kinds() for argument in kind.arguments]
    names = {name for argument in arguments for name in (argument.name, argument.long)} - {"size", "units", "groups"}
    words = {word for argument in arguments if isinstance(argument.type, Choice) for word in argument.type.words}
    return frozenset(part for name in (*layers.names(), *names, *words, *WORDS_OF_FORMULAS) for part in name.split("_"))


def untranslated(text: str, source: str = "") -> list[str]:
    """The words of a text that nobody asked the catalogue for; what stands in the source is the user's own."""
    rest = re.sub(rf"{CODE}|\b(0x[0-9a-f]+|[A-Z]x[A-Zx\d]+)\b", " ", MARKED.sub(" ", text))
    own = set(re.findall(r"[^\W\d_]+", re.sub(r"#.*", "", source)))
    return [word for word in re.findall(r"[^\W\d_]{2,}", rest) if word not in own | names_of_the_language()]


def texts_of(d: Diagnostic) -> Iterator[tuple[str, str]]:
    """Everything in a diagnostic that is read, with what it is."""
    yield "message", d.message
    yield "label", d.label
    yield from (("label of another place", label.text) for label in d.labels)
    yield from (("note", note) for note in d.notes)
    yield "help", d.help
    yield from (("trace", line) for line in d.trace)
    if d.fix is not None:
        yield "fix", d.fix.message


def english_in(d: Diagnostic, source: str) -> list[str]:
    return [
        f"{d.code}, {what}: {words} in {text!r}"
        for what, text in texts_of(d)
        if (words := untranslated(text, f"{source} {d.source.text} {d.filename}"))
    ]


@cache
def outcomes(page: Path) -> tuple[tuple[str, Network | None, tuple[Diagnostic, ...]], ...]:
    """The text, the network and the marked diagnostics of each block of a page."""
    blocks = (test_specs.BLOCK if page in SPECS else FENCE).findall(page.read_text(encoding="utf-8"))
    codes = None if page in SPECS else DEFAULT | {page.stem}
    found = []
    with marking():
        for block in blocks:
            text = read_block(block if isinstance(block, str) else block[0]).text
            network, diagnostics = check_source(Source(text, f"{page.stem}.cnn"), codes=codes)
            found.append((text, network, tuple(diagnostics)))
    return tuple(found)


def english_on(page: Path, first: str) -> list[str]:
    """What is left in English in the diagnostics of a page whose codes begin so."""
    found = outcomes(page)
    return [line for text, _, all_ in found for d in all_ if d.code.startswith(first) for line in english_in(d, text)]


@pytest.mark.parametrize("page", [*SPECS, *PAGES], ids=lambda page: page.stem)
def test_every_text_of_an_error_is_translated(page: Path) -> None:
    assert english_on(page, "E") == []


@pytest.mark.parametrize("page", [*SPECS, *PAGES], ids=lambda page: page.stem)
def test_every_text_of_a_finding_is_translated(page: Path) -> None:
    assert english_on(page, "W") == []


def test_the_pages_have_errors_and_findings_with_notes_and_fixes() -> None:
    with_codes = {d.code for page in (*SPECS, *PAGES) for _, _, found in outcomes(page) for d in found}
    read_ones = {what for page in SPECS for _, _, found in outcomes(page) for d in found for what, text in texts_of(d)}
    assert len(with_codes) > 100
    assert read_ones == {"message", "label", "label of another place", "note", "help", "trace", "fix"}


def explained(network: Network) -> Iterator[str]:
    for layer in network.layers:
        kind, operation = layer.definition, layer.operation
        yield from kind.explain_size(operation)
        yield from kind.explain_params(operation)
        if operation.macs:
            yield from kind.explain_macs(operation)


@pytest.mark.parametrize("name", layers.names())
def test_the_arithmetic_of_a_layer_is_translated(name: str) -> None:
    kind = layers.find(name)
    assert kind is not None
    with marking():
        lines = [*explained(loads(kind.example)), *explain_network(loads(kind.example))]
        lines += [argument.type.describe() for argument in kind.arguments]
    assert any("⟦" in line for line in lines), "the catalogue was not asked"
    assert [(line, words) for line in lines if (words := untranslated(line, kind.example))] == []


@pytest.mark.parametrize("page", SPECS, ids=lambda page: page.stem)
def test_the_arithmetic_of_the_specs_is_translated(page: Path) -> None:
    with marking():
        lines = [(line, text) for text, network, _ in outcomes(page) if network for line in explained(network)]
    assert [(line, words) for line, text in lines if (words := untranslated(line, text))] == []


def refusals(folder: Path) -> Iterator[Callable[[], object]]:
    """Calls that go wrong outside of any file's text."""
    (folder / "empty").mkdir()
    (folder / "latin.cnn").write_bytes(b"input 4\n# \xe9\n")
    (folder / "utf16.cnn").write_bytes(b"\xff\xfei\x00")
    (folder / "large.cnn").write_bytes(b"#" * (LARGEST + 1))
    (folder / "ok.cnn").write_text("input 4\nvariant small(k = 1)\n", encoding="utf-8")
    (folder / "blocks.cnn").write_text("let k = 3\n", encoding="utf-8")
    for name in ("missing.cnn", "lost/missing.cnn", "empty", "latin.cnn", "utf16.cnn", "large.cnn"):
        yield lambda name=name: read(folder / name)  # type: ignore[misc]
    yield lambda: load(f"{folder}/ok.cnn:small", variant="large")
    yield lambda: load(f"{folder}/ok.cnn:large")
    yield lambda: load(folder / "blocks.cnn")
    yield lambda: loads("input 4\ndense 3", wrong=3)
    yield lambda: loads("input 4\ndense 3").memory(batch=0)
    yield lambda: check_space(folder / "x", 10**24)
    yield lambda: replacing(folder / "empty").__enter__()
    yield lambda: replacing(folder / "lost" / "x").__enter__()


def test_what_cannot_be_read_or_written_is_said_in_the_language(tmp_path: Path) -> None:
    count = 0
    for call in refusals(tmp_path):
        with marking(), pytest.raises((CnnSpecError, FileProblem, ValueError)) as caught:
            call()
        error = caught.value
        texts = [str(error), getattr(error, "help", "")]
        if isinstance(error, CnnSpecError):
            texts = [text for d in error.diagnostics for _, text in texts_of(d)]
        assert any("⟦" in text for text in texts), texts
        assert [words for text in texts if (words := untranslated(text, f"{tmp_path} small large empty lost"))] == []
        count += 1
    assert count == 14


def test_errors_of_the_system_are_said_in_the_language() -> None:
    with marking():
        for error in (FileNotFoundError(), PermissionError(), IsADirectoryError(), FileExistsError()):
            assert untranslated(explain(error)) == []


def test_the_catalogue_that_marks_finds_what_is_left() -> None:
    with marking():
        assert untranslated(say("the size {x} is too large", x="4x4")) == []
        assert untranslated(say("the {x} is too large", x="image")) == ["image"]
        assert untranslated("the size stays") == ["the", "size", "stays"]
        with pytest.raises(AssertionError, match="translated twice"):
            say(say("the size stays"))


# --- numbers and lists -----------------------------------------------------------------------------------------------


def test_numbers_are_written_as_in_the_language() -> None:
    assert (number(1234567), decimal(1234.56, 1), decimal(-0.5, 2)) == ("1,234,567", "1,234.6", "-0.50")
    with speaking("fr"):
        assert (number(1234567), decimal(1234.56, 1), decimal(7, 0)) == ("1 234 567", "1 234,6", "7")

        assert window_text(28, 5, s=2).endswith("= floor(11.5) + 1 = 12")


def test_bytes_have_their_units() -> None:
    assert [show_bytes(n) for n in (999, 1000, 246_824, 10**21, 10**40)] == [
        "999 B",
        "1.0 kB",
        "246.8 kB",
        "more than 1,000 EB",
        "more than 1,000,000,000,000 EB",
    ]
    with marking():
        assert show_bytes(246_824) == "246,8 ⟦kB⟧"


def test_a_list_in_words() -> None:
    assert [listing(words) for words in ([], ["a"], ["a", "b"], ["a", "b", "c"])] == ["", "a", "a and b", "a, b and c"]
    assert listing(["a", "b", "c"], either=True) == "a, b or c"
    assert plural("{n} blank", "{n} blanks", 1) == "1 blank"
