"""Every text of the program exists in every language, says the same, and is set as the language sets it."""

from __future__ import annotations

import gettext
import io
from pathlib import Path

import pytest
from babel.messages.catalog import Catalog, Message

from cnnspec import layers
from cnnspec.codes import CODES
from cnnspec.language import say, speaking
from cnnspec.report import pages
from tests import catalogue
from tests.catalogue import TRANSLATED, ids, path_of, strings
from tests.extraction import ELSEWHERE, ROOT, Search, has_words, search

# Texts that are the same in French, and why.
SAME = {
    **dict.fromkeys(("Convolutions", "convolution", "activation", "normalisation", "dense"), "a word of both"),
    "pooling": "as French courses say",
    **dict.fromkeys(("Points", "points", "position", "source", "argument", "arguments"), "a word of both"),
    **dict.fromkeys(("images", "options", "versions", "{classes} classes", "min", "max"), "a word of both"),
    **dict.fromkeys(("end - start = {end} - {start} = {rest}", "n - p_begin - p_end = {rule}"), "arguments of layers"),
    "{size}, {count} params": "as an annotation has it",
    "{count} MAC": "the same in the singular",
}


@pytest.fixture(scope="module")
def texts() -> Search:
    return search()


@pytest.fixture(scope="module", params=TRANSLATED)
def language(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture(scope="module")
def catalog(language: str) -> Catalog:
    return catalogue.read(language)


def messages(catalog: Catalog) -> list[Message]:
    return [message for message in catalog if message.id]


def test_every_text_is_found_in_the_source(texts: Search) -> None:
    unclear = [f"{one.file}:{one.line}: {one.code}" for one in texts.unclear]
    assert not unclear, "these are no literals that a catalogue could hold:\n" + "\n".join(unclear)


def test_what_is_found_elsewhere_is_still_there() -> None:
    sources = {file: (ROOT / file).read_text(encoding="utf-8") for file, _ in ELSEWHERE}
    assert [(file, code) for file, code in ELSEWHERE if code not in sources[file]] == []


def test_the_catalogue_holds_the_texts_of_the_program(catalog: Catalog) -> None:
    held = [message.id for message in messages(catalog)]
    wanted = [entry.id for entry in catalogue.entries()]
    assert [one for one in wanted if one not in held] == [], "run `python -m tests.catalogue`, then translate these"
    assert [one for one in held if one not in wanted] == [], "run `python -m tests.catalogue`: nobody says these"


def test_the_catalogue_is_as_the_tool_writes_it(catalog: Catalog, language: str) -> None:
    assert path_of(language).read_bytes() == catalogue.written(catalogue.updated(language, catalog))


def test_the_compiled_catalogue_is_that_of_the_text(catalog: Catalog, language: str) -> None:
    assert path_of(language, "mo").read_bytes() == catalogue.compiled(catalog), "run `python -m tests.catalogue`"


def test_every_text_is_translated(catalog: Catalog) -> None:
    assert [ids(message)[0] for message in catalogue.missing(catalog)] == []


def test_no_translation_is_at_fault(catalog: Catalog, language: str) -> None:
    assert {ids(one)[0]: wrong for one in messages(catalog) if (wrong := catalogue.faults(one, language))} == {}


def test_what_is_the_same_in_both_languages_is_known(catalog: Catalog) -> None:
    pairs = [pair for one in messages(catalog) for pair in zip(ids(one), strings(one), strict=True)]
    same = {text for text, string in pairs if text == string}
    of_kinds = {text for kind in layers.all_kinds() for text in (kind.formula, kind.source)}
    assert same - of_kinds == set(SAME)
    assert all(SAME.values()), "each with its reason"


@pytest.mark.parametrize(
    ("text", "string", "fault"),
    [
        ("use `p`", "prenez `p`", ""),
        ("use `p`", "prenez `q`", "pieces of code"),
        ("{n} of {m}", "{m} dont {n}", ""),
        ("{n} of {m}", "{m}", "placeholders"),
        ("{n} of it", "{n} en {m}", "placeholders"),
        ("%(prog)s: error", "%(prog)s\u00a0: erreur", ""),
        ("%(prog)s: error", "erreur", "placeholders"),
        ("not %s", "pas %s", ""),
        ("not %s", "pas", "placeholders"),
        ("no: why?", "non\u00a0: pourquoi\u00a0?", ""),
        ("no: why", "non: pourquoi", "no-break space belongs before the sign"),
        ("no: why", "non : pourquoi", "no-break space belongs before the sign"),
        ("why?", "pourquoi ?", "no-break space belongs before the sign"),
        ("it (why?)", "ça (pourquoi?)", "no-break space belongs before the sign"),
        ("FILE:NAME or `a: b`", "FILE:NAME ou `a: b`", ""),
        ("a 'word'", "un «\u00a0mot\u00a0»", ""),
        ("a 'word'", "un « mot »", "guillemets"),
        ("a 'word'", 'un "mot"', "quotes"),
        ("half", "50 %", "before %"),
        ("it", "l’un", "apostrophe"),
        ("text ", "texte", "another blank"),
        ("e.g.:\n  cnnspec fmt a.cnn   it", "p. ex.\u00a0:\n  cnnspec fmt a.cnn   ça", ""),
        ("e.g.:\n  cnnspec fmt a.cnn   it", "p. ex.\u00a0:\n  cnnspec fmt b.cnn   ça", "commands"),
    ],
)
def test_a_fault_is_seen(text: str, string: str, fault: str) -> None:
    found = catalogue.faults(Message(text, string))
    assert any(fault in one for one in found) if fault else found == []


def test_the_forms_of_a_plural_may_leave_its_number_out() -> None:
    one = Message(("a blank", "{n} blanks"), ("{n} trou", "{n} trous"))
    assert catalogue.faults(one) == []
    assert catalogue.faults(Message(("a blank", "{n} blanks"), ("un trou", "des trous"))) != []


def test_the_source_is_read_as_it_runs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tests.extraction.ROOT", tmp_path)
    module = tmp_path / "module.py"
    module.write_text(
        'LINES = {"a": "from a table"}\n'
        "def tell(n, note):\n"
        '    text = "if small" if n < 3 else "if large"\n'
        '    say(text); say(LINES[n]); plural("{n} blank", "{n} blanks", n)\n'
        '    raise Mistake("E100", "a mistake", notes=("one", note), help=remedy(n))\n'
        "def remedy(n):\n"
        '    return "by a function" if n else say("said already")\n'
        'tell(3, "handed on")\n'
        'mistake = Mistake("E100", "a mistake")\n'
        'mistake.help = "set later"\n'
        "def counted(one, many, n):\n"
        "    return plural(one, many, n)\n"
        'counted("{n} hole", "{n} holes", 3)\n'
        'say(f"made {at} run time")\n'
    )
    found = Search([module])
    assert {(text.one, text.many) for text in found.texts} == {
        ("from a table", ""),
        ("if small", ""),
        ("if large", ""),
        ("{n} blank", "{n} blanks"),
        ("{n} hole", "{n} holes"),
        ("a mistake", ""),
        ("one", ""),
        ("handed on", ""),
        ("by a function", ""),
        ("said already", ""),
        ("set later", ""),
    }
    assert [one.code for one in found.unclear] == ["f'made {at} run time'"]


def test_gettext_reads_what_is_compiled() -> None:
    catalog = catalogue.Translations("fr")
    catalog.add(("{n} blank", "{n} blanks"), ("{n} trou", "{n} trous"))
    catalog.add("size", "taille")
    read = gettext.GNUTranslations(io.BytesIO(catalogue.compiled(catalog)))
    assert read.gettext("size") == "taille"
    assert [read.ngettext("{n} blank", "{n} blanks", n) for n in (0, 1, 2)] == ["{n} trou", "{n} trou", "{n} trous"]


def test_codes_and_sizes_hold_no_words() -> None:
    assert [has_words(text) for text in ("`conv 6` {n:,} 28", "{a} = {b}", "no {a}")] == [False, False, True]
    assert has_words("{n}%")
    assert [has_words(text) for text in ("{file}:{line}", "{where}: {value}", "`{a}` is `{b}`")] == [False, True, True]


@pytest.mark.parametrize("code", CODES)
def test_the_pages_speak_french(code: str) -> None:
    english = pages.paragraphs(pages.page(code))
    with speaking("fr"):
        french = pages.paragraphs(pages.page(code))
    assert [pages.is_prose(block) for block in english] == [pages.is_prose(block) for block in french]
    for ours, theirs in zip(english, french, strict=True):
        assert (ours == theirs) is not pages.is_prose(ours)
        assert max(map(len, theirs.splitlines())) <= max(120, *map(len, ours.splitlines()))


def test_a_text_is_said_in_french() -> None:
    with speaking("fr"):
        assert say("did you mean `{word}`?", word="conv") == "vouliez-vous dire `conv`\u00a0?"


def test_the_catalogues_are_named_in_the_guide() -> None:
    guide = (ROOT / "docs/how-to/translate.md").read_text(encoding="utf-8")
    assert all(path_of(language).relative_to(ROOT).as_posix() in guide for language in TRANSLATED)
