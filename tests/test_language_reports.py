"""Every report, every help and every refusal goes through the catalogue: see `tests/test_language.py`."""

from __future__ import annotations

import argparse
import ast
import json
import re
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

import cnnspec
from cnnspec import language, layers
from cnnspec.cli import COMMANDS, main
from cnnspec.codes import CODES
from cnnspec.diagnostics import Edit
from cnnspec.editing.actions import actions
from cnnspec.editing.analysis import analyse
from cnnspec.editing.completion import completion, documentation
from cnnspec.editing.hints import hints
from cnnspec.editing.hover import hover
from cnnspec.language import of_environment, say, speaking
from cnnspec.report import pages
from cnnspec.source import Source, Span
from tests import argparse_texts
from tests.expectations import read_block
from tests.test_language import Marking, marking, untranslated
from tests.test_pages import FENCE

ROOT = Path(__file__).parents[1]
FENCED = re.compile(r"^```.*?^```$", re.MULTILINE | re.DOTALL)
COMMAND_LINES = re.compile(r"^  (?:cnnspec|git|cat|pip) .*?(?=   |$)", re.MULTILINE)
NETWORK = """\
model small(classes = 10)
block unit(n) {
    conv n, f=3, p=1 | batchnorm | relu
}
input 28x28x1
unit 8 | maxpool 3
branch { conv 4, f=1 } as side
unit 4 as last
add last, side as joined
from joined
flatten | dense classes | softmax
variant wide(classes = 26)
"""
CHANGED = NETWORK.replace("unit 8", "conv 8, f=5").replace("maxpool 3", "avgpool 2 | relu")
SAME_WORDS = {"params", "MACs", "image", "data", "small", "wide", "input", "output", "true"}

Run = Callable[..., str]


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path) -> Run:
    """Runs a command that speaks the language of `Marking`, in a folder with two networks."""
    monkeypatch.setitem(language._catalogues, "fr", Marking())
    monkeypatch.chdir(tmp_path)
    (tmp_path / "old.cnn").write_text(NETWORK, encoding="utf-8")
    (tmp_path / "new.cnn").write_text(CHANGED, encoding="utf-8")

    def command(*arguments: str) -> str:
        main(["--lang", "fr", *arguments])
        captured = capsys.readouterr()
        return captured.out + captured.err

    return command


def left_in(text: str, known: str = "") -> list[str]:
    """The words that are left in English, code left out."""
    return untranslated(FENCED.sub("", text), f"{NETWORK} {' '.join(SAME_WORDS)} {known}")


# --- reports ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "arguments",
    [
        ("summary", "old.cnn"),
        ("summary", "old.cnn", "--receptive-field", "--smallest-input", "--batch", "32", "--depth", "1"),
        ("summary", "old.cnn", "--format", "markdown"),
        ("variants", "old.cnn", "--smallest-input"),
        ("variants", "old.cnn", "--format", "markdown"),
        ("explain", "old.cnn"),
        ("explain", "old.cnn", "unit1"),
        ("diff", "old.cnn", "new.cnn"),
        ("diff", "old.cnn", "new.cnn", "--brief"),
        ("diff", "old.cnn", "new.cnn", "--format", "markdown"),
        ("diff", "old.cnn", "old.cnn"),
        ("check", "old.cnn"),
        ("check", "old.cnn", "new.cnn"),
        ("check", "new.cnn", "--select", "ALL", "--statistics"),
        ("check", "new.cnn", "--diff"),
        ("fmt", "--check", "old.cnn"),
        ("layers",),
        ("test", "old.cnn"),
    ],
    ids=" ".join,
)
def test_every_word_of_a_report_is_translated(run: Run, arguments: tuple[str, ...]) -> None:
    text = run(*arguments)
    assert "⟦" in text, text
    codes = " ".join(CODES.values())
    lines = [line for line in text.splitlines() if not line.startswith(("+", "---", "@@", " ", "-"))]
    shown = "\n".join(lines) if "--diff" in arguments else text
    usages = " ".join(kind.usage() for kind in layers.all_kinds())
    assert left_in(shown, f"{codes} {usages} old cnn new unit") == [], text


@pytest.mark.parametrize("form", ["text", "github", "gitlab", "junit", "sarif", "concise", "json"])
def test_diagnostics_are_translated_in_every_form(run: Run, form: str) -> None:
    text = run("check", "--select", "ALL", "--format", form, "new.cnn")
    assert "⟦" in text or "\\u27e6" in text
    if form == "text":
        assert left_in(re.sub(r"(?m)^ *\d* \|( .*)?$", "", text), f"{' '.join(CODES.values())} new cnn") == []
    if form == "json":
        assert {"code", "name", "message"} <= set(json.loads(text)[0]), "keys stay English"


def test_a_table_for_notebooks_is_translated() -> None:
    with marking():
        text = cnnspec.loads(NETWORK)._repr_html_()
    assert "⟦" in text
    assert left_in(re.sub(r"<[^>]*>", " ", text)) == []


@pytest.mark.parametrize("kind", layers.names())
def test_the_reference_of_a_layer_is_translated(run: Run, kind: str) -> None:
    found = layers.find(kind)
    assert found is not None
    for form in ("text", "markdown"):
        text = run("layers", kind, "--format", form)
        assert "⟦" in text
        assert left_in(text, f"{found.example} {found.usage()} {found.formula} {found.source}") == []


@pytest.mark.parametrize("code", CODES)
def test_the_page_of_a_code_is_translated(run: Run, code: str) -> None:
    text = run("rule", code)
    assert "⟦" in text
    assert left_in(text, f"{code} {CODES[code]}") == []


def test_the_list_of_codes_is_translated(run: Run) -> None:
    text = run("rule")
    assert all(word in text for word in ("⟦findings: names⟧", "⟦sizes⟧"))


def test_a_page_is_cut_into_paragraphs_that_make_it_again() -> None:
    for path in sorted(Path(pages.FOLDER).glob("*.md")):
        text = path.read_text(encoding="utf-8")
        assert pages.translated(text) == text, path.name
        assert pages.paragraphs(text)[0].startswith(f"# {path.stem} ")
        assert all(block.count("```") in (0, 2) for block in pages.paragraphs(text))


# --- help ------------------------------------------------------------------------------------------------------------


ACTIONS = [("exercise", action) for action in ("new", "draw", "check", "key")]


@pytest.mark.parametrize("command", [*((name,) for name in COMMANDS), *ACTIONS], ids=" ".join)
def test_the_help_of_a_command_is_translated(run: Run, command: tuple[str, ...]) -> None:
    text = run(*command, "--help")
    usage, _, rest = text.partition("\n\n")
    assert f"cnnspec {' '.join(command)}" in usage
    rest = re.sub(r"^    [a-z]+   ", "", rest, flags=re.MULTILINE)  # the actions of a command
    rest = re.sub(
        r"^  +(-[\w-]+|\{[^}]*\}|[A-Z][\w.=]*)(,? (-[\w-]+|\{[^}]*\}|[A-Z][\w.,=]*|\[.*?\]|\.\.\.))*",
        "",
        rest,
        flags=re.MULTILINE,
    )
    assert rest.count("⟦") > 3
    assert left_in(rest) == [], text


def test_the_general_help_is_translated(run: Run) -> None:
    text = run("--help")
    assert left_in(re.sub(r"(?m)^  [\w-]+", "", text)) == []


def test_the_words_of_argparse_are_listed() -> None:
    """What this Python's argparse asks gettext for stands in the catalogue, or is said to nobody here."""
    tree = ast.parse(Path(argparse.__file__).read_text(encoding="utf-8"))
    asked = {
        argument.value
        for node in ast.walk(tree)
        if isinstance(node, ast.Call) and getattr(node.func, "id", "") in ("_", "ngettext")
        for argument in node.args[:1]
        if isinstance(argument, ast.Constant)
    }
    assert len(asked) > 25
    assert asked <= {one for one, _ in argparse_texts.TEXTS} | argparse_texts.OTHERS


def test_argparse_speaks_french(capsys: pytest.CaptureFixture[str]) -> None:
    with speaking("fr"):
        expected = [say("usage: "), say("the following arguments are required: %s") % "FILE"]
    assert main(["--lang=fr", "check"]) == 2
    text = capsys.readouterr().err
    assert all(part in text for part in expected)
    assert expected[0] != "usage: "
    assert main(["check", "x.cnn", "--hlep", "--lang", "fr"]) == 2
    assert "--help" in capsys.readouterr().err
    assert main(["check"]) == 2
    assert capsys.readouterr().err.startswith("usage: ")
    assert language.language() == "en"


# --- refusals --------------------------------------------------------------------------------------------------------


def refusals() -> Iterator[tuple[str, ...]]:
    yield ("check", "missing.cnn")
    yield ("check", ".", "--config", "missing.toml")
    yield ("check", "old.cnn", "--config", "bad.toml")
    yield ("check", "old.cnn", "--select", "X9")
    yield ("check", "old.cnn", "--ignore", "E301")
    yield ("check", "old.cnn", "--select", "E301")
    yield ("check", "old.cnn", "--select", "")
    yield ("check", "--fix", "--set", "n=1", "old.cnn")
    yield ("check", "--fix", "--add-noqa", "old.cnn")
    yield ("check", "--watch", "-")
    yield ("check", "--statistics", "--format", "junit", "old.cnn")
    yield ("check", "--exclude", "*.cnn", ".")
    yield ("summary", "old.cnn", "--depth", "0")
    yield ("summary", "old.cnn", "--set", "classes")
    yield ("summary", "old.cnn", "--set", "classes=(")
    yield ("summary", "old.cnn", "--set", "classes=[1")
    yield ("summary", "empty")
    yield ("explain", "old.cnn", "unit7")
    yield ("explain", "old.cnn", "999")
    yield ("rule", "E999")
    yield ("layers", "cnv")
    yield ("diff", "-", "-")
    yield ("compile", "old.cnn", "-o", "old.cnn")
    yield ("compile", "old.cnn", "-o", "new.onnx", "--opset", "3")
    yield ("compile", "open.cnn", "-o", "new.onnx")
    yield ("compile", "old.cnn", "-o", "new.onnx", "--weights", "missing.npz")
    yield ("compile", "old.cnn", "-o", "new.onnx", "--weights", "x.pt")
    yield ("weights", "old.cnn", "-o", "w.txt")
    yield ("weights", "old.cnn", "-o", "w.npz", "--zero", "--init", "he")
    yield ("run", "old.cnn", "missing.png")
    yield ("run", "old.cnn", "0, 1")
    yield ("run", "old.cnn", "old.cnn", "--scale", "0")
    yield ("run", "missing.onnx", "x.png")
    yield ("run", "old.cnn", "x.png", "-o", "x.png")
    yield ("run", "old.cnn", "x.png", "--labels", "bad.toml")
    yield ("test", "old.cnn", "new.cnn", "--weights", "x.npz")
    yield ("chek",)
    yield ("old.cnn",)


KEYS = "select extend ignore per file ignores exclude unsafe fixes root lang en fr"
KNOWN = (
    "cnnspec old cnn new onnx npz png pt txt missing bad toml check diff explain summary rule layers compile run test"
)


@pytest.mark.parametrize("arguments", list(refusals()), ids=" ".join)
def test_every_refusal_is_translated(run: Run, arguments: tuple[str, ...]) -> None:
    Path("bad.toml").write_text(
        "select = 3\nwrong = 1\nunsafe-fixes = 2\nexclude = [1]\nlang = 'xx'\n", encoding="utf-8"
    )
    Path("empty").mkdir()
    Path("open.cnn").write_text("input 8x8x1\nconv ?, f=3\n", encoding="utf-8")
    text = run(*arguments)
    assert "⟦" in text, text
    assert (
        left_in(text, f"{KNOWN} {KEYS} {' '.join(arguments)} {' '.join(CODES.values())} safetensors onnxruntime") == []
    ), text


def test_what_is_written_and_run_is_said_in_the_language(run: Run) -> None:
    pytest.importorskip("onnxruntime")
    lines = run("weights", "old.cnn", "-o", "w.npz") + run("compile", "old.cnn", "-o", "n.onnx", "--weights", "w.npz")
    Path("xor.cnn").write_text("input 2\ndense 1, weight=[[1, 1]], bias=[0]\nexample [1, 2] -> 4\n", encoding="utf-8")
    lines += run("test", "xor.cnn") + run("run", "xor.cnn", "1, 2")
    assert lines.count("⟦") > 8
    assert left_in(lines, "npz onnx xor cnn example") == [], lines


# --- editors ---------------------------------------------------------------------------------------------------------


def test_what_editors_show_is_translated() -> None:
    with marking():
        analysis = analyse(Source(CHANGED, "new.cnn"))
        found = [hint.tooltip for hint in hints(analysis)]
        for place in range(0, len(CHANGED), 3):
            shown = hover(analysis, place)
            found += [shown.text] if shown else []
            for item in completion(analysis, place):
                found += [item.detail, documentation(analysis, item.label, item.sort, place)]
    assert len(found) > 300
    names = " ".join((*CODES, *CODES.values()))
    left = {word for text in found for word in left_in(text, f"{CHANGED} {names}")}
    assert left == set()


PROPOSING = ("E202", "E210", "E211", "E220", "E303", "E315", "E402")


@pytest.mark.parametrize("code", PROPOSING)
def test_remedies_are_offered_in_every_language(code: str) -> None:
    """What help proposes is tried out and offered, in whatever words it is proposed."""
    text = read_block(FENCE.findall(pages.page(code))[0]).text

    def offered() -> list[tuple[Edit, ...]]:
        analysis = analyse(Source(text, "x.cnn"))
        whole = Span(0, len(text))
        return [one.edits for one in actions(analysis, whole, lambda changed: analyse(Source(changed, "x.cnn")))]

    english = offered()
    assert english
    with speaking("fr"):
        assert offered() == english


# --- which language --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("variables", "expected"),
    [
        ({"LANGUAGE": "fr"}, "fr"),
        ({"LANGUAGE": "de:fr"}, "fr"),
        ({"LANGUAGE": "", "LANG": "fr_FR.UTF-8"}, "fr"),
        ({"LANGUAGE": "", "LC_ALL": "C", "LANG": "fr_FR.UTF-8"}, "en"),
        ({"LANGUAGE": "en", "LANG": "fr_FR.UTF-8"}, "en"),
        ({"LANGUAGE": "", "LANG": "frr_DE"}, "en"),
        ({}, "en"),
    ],
)
def test_the_environment_says_the_language(
    monkeypatch: pytest.MonkeyPatch, variables: dict[str, str], expected: str
) -> None:
    for name in ("LANGUAGE", "LC_ALL", "LC_MESSAGES", "LANG"):
        monkeypatch.delenv(name, raising=False)
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    assert of_environment() == expected


def test_the_option_wins_over_the_configuration_and_that_over_the_environment(
    run: Run, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def speaks_french(*arguments: str) -> bool:
        main(list(arguments))
        return "⟦" in capsys.readouterr().out

    assert not speaks_french("check", "old.cnn")
    assert speaks_french("check", "old.cnn", "--lang", "fr")
    monkeypatch.setenv("LANGUAGE", "fr")
    assert speaks_french("check", "old.cnn")
    Path("cnnspec.toml").write_text('lang = "en"\n', encoding="utf-8")
    assert not speaks_french("check", "old.cnn")
    assert not speaks_french("check", ".")
    assert speaks_french("check", "old.cnn", "--lang=fr")
    assert speaks_french("check", "--isolated", "old.cnn")
    assert not speaks_french("summary", "old.cnn")
    assert speaks_french("summary", "old.cnn", "--lang", "fr")
    assert language.language() == "en"


def test_english_needs_no_gettext_of_ours() -> None:
    """The catalogue is not opened where nobody speaks another language."""
    import subprocess

    probe = (
        "import sys; from cnnspec import language; from cnnspec.cli import main; main(['check', '-h']);"
        "sys.exit(len(language._catalogues))"
    )
    assert subprocess.run([sys.executable, "-c", probe], capture_output=True, check=False, cwd=ROOT).returncode == 0
