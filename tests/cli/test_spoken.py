"""In which language commands speak, and what they say to a person who writes French."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from cnnspec.api import check_source
from cnnspec.cli import main
from cnnspec.codes import CODES
from cnnspec.language import named, speaking
from cnnspec.report.checked import Checked
from cnnspec.report.pages import first_sentence
from cnnspec.report.sarif import render
from cnnspec.source import Source

NET = "input 8x8x1\nconv 4, f=3\nflatten\ndense 2\n"
EXERCISE = "input 8x8x1\nconv 4, f=3 -> ?, ? params\n"


class Here:
    """A folder with files, and what commands say in it."""

    def __init__(self, capsys: pytest.CaptureFixture[str]) -> None:
        self._capsys = capsys

    def run(self, *args: str) -> tuple[int, str, str]:
        code = main(list(args))
        out, err = (text.replace("\u00a0", " ") for text in self._capsys.readouterr())
        return code, out, err

    def write(self, **files: str) -> None:
        for name, text in files.items():
            Path(name.replace("_", ".")).write_text(text)


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Here:
    monkeypatch.chdir(tmp_path)
    found = Here(capsys)
    found.write(a_cnn=NET, ex_cnn=EXERCISE)
    return found


# --- the language ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "args",
    [
        ("check", "a.cnn"),
        ("summary", "a.cnn"),
        ("explain", "a.cnn"),
        ("diff", "a.cnn", "ex.cnn"),
        ("variants", "a.cnn"),
        ("layers", "conv"),
        ("rule", "E301"),
        ("grade", "ex.cnn", "ex.cnn"),
        ("exercise", "check", "ex.cnn"),
        ("exercise", "new", "--level", "conv"),
    ],
)
def test_the_configuration_says_the_language_for_all_commands(here: Here, args: tuple[str, ...]) -> None:
    english = here.run(*args)
    here.write(cnnspec_toml='lang = "fr"\n')
    assert here.run(*args) != english
    assert here.run(*args, "--lang", "en") == english
    assert here.run(*args, "--lang", "fr") == here.run(*args)


def test_the_configuration_is_that_of_the_file(here: Here) -> None:
    Path("deep").mkdir()
    Path("deep/b.cnn").write_text(NET)
    Path("deep/cnnspec.toml").write_text('lang = "fr"\n')
    assert "paramètres" in here.run("summary", "deep/b.cnn")[1]
    assert "paramètres" not in here.run("summary", "a.cnn")[1]


def test_a_broken_configuration_is_no_matter_of_other_commands(here: Here) -> None:
    english = here.run("summary", "a.cnn")
    here.write(cnnspec_toml="lang = [")
    assert here.run("summary", "a.cnn") == english
    assert here.run("check", "a.cnn")[0] == 2


@pytest.mark.parametrize("args", [("check", "ex.cnn"), ("key", "ex.cnn")])
def test_the_language_of_an_exercise_comes_before_the_configuration(here: Here, args: tuple[str, ...]) -> None:
    english = here.run("exercise", *args)
    here.write(cnnspec_toml='lang = "fr"\n', ex_toml='language = "en"\n')
    assert here.run("exercise", *args) == english
    here.write(cnnspec_toml='lang = "en"\n', ex_toml='language = "fr"\n')
    if args[0] == "check":
        assert "réponse juste" in here.run("exercise", *args)[1]
        assert "right answer" in here.run("exercise", *args, "--lang", "en")[1]


@pytest.mark.parametrize("name", ["fr", "FR", "fr_FR", "fr-CA", "fr_FR.UTF-8", "fr@euro"])
def test_a_language_may_be_named_as_the_environment_does(here: Here, name: str) -> None:
    assert named(name) == "fr"
    assert here.run("summary", "a.cnn", "--lang", name) == here.run("summary", "a.cnn", "--lang", "fr")
    assert here.run("exercise", "check", "ex.cnn", "--lang", name) == here.run(
        "exercise", "check", "ex.cnn", "--lang=fr"
    )
    assert here.run("summary", "a.cnn") != here.run("summary", "a.cnn", "--lang", name)


@pytest.mark.parametrize("name", ["", "de", "frisian", "french"])
def test_others_are_refused(name: str) -> None:
    assert named(name) == ""


def test_the_environment_may_name_a_currency(here: Here, monkeypatch: pytest.MonkeyPatch) -> None:
    for variable in ("LANGUAGE", "LC_ALL", "LC_MESSAGES"):
        monkeypatch.delenv(variable, raising=False)
    monkeypatch.setenv("LANG", "fr@euro")
    assert "paramètres" in here.run("summary", "a.cnn")[1]


def test_an_option_alone_says_what_is_missing(here: Here) -> None:
    assert here.run("--lang") == (2, "", "cnnspec: --lang needs a language: en or fr\n")


# --- what is written by a French student -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "code", "remedy"),
    [
        ("entrée 28x28x1\n", "E110", "write `input`"),
        ("input 8x8x1\nlet élève = 3\nconv eleve, f=3\n", "E110", "write `eleve`"),
        ("input 8x8x1\nconv 8, taille=3\n", "E202", "write `f=`"),
        ("input 8x8x1\nconv 8, f=3, bias=oui\n", "E208", "write `true`"),
        ("input 8x8x1\nconv 8, f=3, bias=faux\n", "E208", "write `false`"),
    ],
)
def test_one_slip_makes_one_error(here: Here, text: str, code: str, remedy: str) -> None:
    here.write(b_cnn=text)
    out = here.run("check", "b.cnn")[1]
    assert out.count("error[") == 1
    assert f"error[{code}]" in out
    assert remedy in out


def test_the_name_of_a_code_and_its_message_are_apart_as_the_language_has_it(here: Here) -> None:
    here.write(b_cnn="input 4x4x1\nconv 3, f=7\n")
    assert (
        "error[E301] window-exceeds-input: the window 7x7 is larger than the input 4x4\n"
        in here.run("check", "b.cnn")[1]
    )
    assert "[E301] window-exceeds-input : la fenêtre 7x7" in here.run("check", "b.cnn", "--lang", "fr")[1]


def test_padding_is_spoken_of_where_there_is_some(here: Here) -> None:
    here.write(b_cnn="input 4x4x1\nconv 3, f=7, p=1\n")
    assert "larger than the padded input 6x6\n" in here.run("check", "b.cnn")[1]


def test_both_sides_of_a_comparison_are_written_alike(here: Here) -> None:
    here.write(b_cnn="input 64x64x1\nflatten\nexpect output == 1024\n")
    assert "output is 4,096, not 1,024" in here.run("check", "b.cnn")[1]


def test_arithmetic_has_its_point_in_every_language(here: Here) -> None:
    here.write(b_cnn="input 28x28x1\nconv 3, f=5, s=2\n")
    assert "floor(11.5)" in here.run("explain", "b.cnn", "--lang", "fr")[1]


def test_a_compiled_model_is_not_called_a_wrong_text(here: Here) -> None:
    Path("a.onnx").write_bytes(b"\x08\x08\xff\xfe")
    for command in (("summary", "a.onnx"), ("explain", "a.onnx"), ("diff", "a.onnx", "a.cnn")):
        code, out, _ = here.run(*command)
        assert code == 1
        assert "this command reads .cnn files" in out
        assert "`cnnspec check a.onnx` reads it" in out


def test_activations_have_a_value_and_windows_a_size(here: Here) -> None:
    assert "value    max(0, x)\n" in here.run("layers", "relu")[1]
    assert "- Value: `max(0, x)`.\n" in here.run("layers", "relu", "--format", "markdown")[1]
    assert "size     floor((n + 2p - f)/s) + 1" in here.run("layers", "conv")[1]
    assert "value" not in here.run("layers", "embedding")[1].split("arguments")[0].split("size     ")[1]


def test_wrong_numbers_are_explained_without_names_of_functions(here: Here) -> None:
    for args, said in (
        (("run", "a.cnn", "1", "--mean", "a"), "argument --mean: `a` is not a number such as 0.5"),
        (("run", "a.cnn", "1", "--scale", "nan"), "argument --scale: `nan` is not a number such as 0.5"),
        (("run", "a.cnn", "1", "--seed", "x"), "argument --seed: `x` is not a whole number"),
        (("summary", "a.cnn", "--depth", "1.5"), "argument --depth: `1.5` is not a whole number"),
    ):
        code, _, err = here.run(*args)
        assert code == 2
        assert said in err


def test_points_of_an_exercise_have_no_empty_decimals(here: Here) -> None:
    here.write(ex_toml="points = 2.5\n")
    assert "points: 2.5\n" in here.run("exercise", "check", "ex.cnn")[1]
    assert "points : 2,5\n" in here.run("exercise", "check", "ex.cnn", "--lang", "fr")[1]


def test_an_exercise_that_is_printed_says_what_is_to_be_done(here: Here) -> None:
    out = here.run("exercise", "new", "--level", "conv")[1]
    assert out.startswith("# Convolutions\n# Work out each size")
    assert here.run("exercise", "new", "--level", "conv", "--lang", "fr")[1].startswith("# Convolutions\n# Calculez")
    here.write(new_cnn=out)
    assert here.run("exercise", "check", "new.cnn")[0] == 0


def test_the_place_in_toml_is_said_in_the_language(here: Here) -> None:
    here.write(ex_toml="title = 'a'\npoints 3\n")
    assert (
        "this is not TOML: Expected '=' after a key in a key/value pair (at line 2, column 8)"
        in here.run("exercise", "check", "ex.cnn")[1]
    )
    assert "(ligne 2, colonne 8 : Expected" in here.run("exercise", "check", "ex.cnn", "--lang", "fr")[1]


def test_sarif_is_short_in_the_language(here: Here) -> None:
    here.write(b_cnn="input 4x4x1\nconv 3, f=7\n")
    assert (
        '"shortDescription": {\n                "text": "window exceeds input"'
        in here.run("check", "b.cnn", "--format", "sarif")[1]
    )
    out = here.run("check", "b.cnn", "--format", "sarif", "--lang", "fr")[1]
    assert "window exceeds input" not in out
    assert '"name": "WindowExceedsInput"' in out


def test_long_texts_keep_their_no_break_spaces() -> None:
    with speaking("fr"):
        sentences = [first_sentence(code) for code in CODES]
        assert any("\u00a0" in sentence for sentence in sentences)
        for sentence in sentences:
            assert not re.search(r" [:;?!»]", re.sub(r"`[^`]*`", "", sentence))
        source = Source("input 4x4x1\nconv 3, f=7\n", "b.cnn")
        found = check_source(source, {}, None, lint=False)[1]
        rules = json.loads(render([Checked("b.cnn", tuple(found))]))["runs"][0]["tool"]["driver"]["rules"]
    assert not re.search(r" [:;?!»]", re.sub(r"`[^`]*`", "", rules[0]["fullDescription"]["text"]))
