"""The cells of a notebook: what they show, what they name, and that nothing in them shows a traceback."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import cnnspec
from cnnspec.notebook import Shown, load_ipython_extension

EXERCISE = "input 28x28x1\nconv 6, f=5 | relu -> ?x?x6, ? params\n"
RIGHT = "input 28x28x1\nconv 6, f=5 | relu -> 24x24x6, 156 params\n"
NETWORK = "model m(classes = 10)\ninput 28x28x1\nconv 6, f=5 | relu | maxpool 2\nflatten | dense classes\n"


class Notebook:
    """A shell that does what an extension needs of IPython."""

    def __init__(self) -> None:
        self.user_ns: dict[str, Any] = {}
        self.magics: dict[str | None, Callable[..., Any]] = {}
        load_ipython_extension(self)

    def register_magic_function(self, func: Callable[..., Any], magic_kind: str, magic_name: str | None) -> None:
        assert magic_kind == "line_cell"
        self.magics[magic_name] = func

    def cell(self, magic: str, line: str, text: str) -> Shown:
        shown = self.magics[magic](line, text)
        assert isinstance(shown, Shown)
        assert "Traceback" not in shown.text
        assert not re.search(r"[\x00-\x09\x0b-\x1f\x7f\u202e]", shown.text + shown.html)
        return shown


@pytest.fixture
def notebook(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Notebook:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "small net.cnn").write_text(EXERCISE)
    return Notebook()


# --- networks --------------------------------------------------------------------------------------------------------


def test_a_network_is_shown_and_named(notebook: Notebook) -> None:
    shown = notebook.cell("cnnspec", "--name net", NETWORK)
    assert "<table>" in shown._repr_html_()
    assert "maxpool1" in repr(shown)
    assert notebook.user_ns["net"].params == cnnspec.loads(NETWORK).params


def test_parameters_are_set_as_in_a_file(notebook: Notebook) -> None:
    notebook.cell("cnnspec", "--name net --set classes=3", NETWORK)
    assert notebook.user_ns["net"].outputs == {"output": (3,)}
    model = 'model m(size = 3x3, deep = false, widths = [1], name = "a", x = 1.5)\ninput 8\ndense 2\n'
    line = "--name net --set size=5x7 --set deep=true --set 'widths=[1, 2]' --set name=wide --set x=2.5"
    assert notebook.cell("cnnspec", line, model).text.startswith("m")
    assert "net" in notebook.user_ns


def test_errors_and_findings_are_shown(notebook: Notebook) -> None:
    shown = notebook.cell("cnnspec", "--name net", "input 4x4x1\nconv 6, f=7\n")
    assert "E301" in shown.text
    assert shown.html.startswith("<pre>error[E301]")
    shown = notebook.cell("cnnspec", "--name net", "input 11x11x1\nmaxpool 2\n")
    assert "W301" in shown.text
    assert "<table>" in shown.html
    assert "net" in notebook.user_ns


def test_a_network_with_errors_loses_its_name(notebook: Notebook) -> None:
    notebook.cell("cnnspec", "--name net", NETWORK)
    shown = notebook.cell("cnnspec", "--name net", "input 4x4x1\nconv 6, f=3 -> 3x3x6\n")
    assert "E402" in shown.text
    assert "conv1" in shown.text
    assert "net" not in notebook.user_ns


def test_html_is_escaped(notebook: Notebook) -> None:
    shown = notebook.cell("cnnspec", "", 'input 8\ndense "<script>alert(1)</script>\x1b[2J\u202e"\n')
    assert "<script" not in shown.html
    assert "&lt;script&gt;" in shown.html


# --- exercises -------------------------------------------------------------------------------------------------------


def test_an_answer_has_its_marks_at_once(notebook: Notebook) -> None:
    shown = notebook.cell("exercise", "'small net.cnn'", RIGHT)
    assert shown.text.endswith("Total: 3 of 3 points (100%)\n")
    assert "✓" in shown.html
    assert notebook.user_ns["small_net"] == RIGHT


def test_the_text_of_the_cell_is_what_tests_grade(notebook: Notebook) -> None:
    notebook.cell("exercise", "'small net.cnn' --name mine", RIGHT.replace("156", "150"))
    marks = cnnspec.grade("small net.cnn", notebook.user_ns["mine"])
    assert (marks.points, marks.out_of) == (2, 3)
    assert [one.mistake for one in marks.verdicts if one.status != "right"] == ["forgot-bias"]


def test_feedback_and_language_can_be_chosen(notebook: Notebook) -> None:
    wrong = RIGHT.replace("156", "7")
    assert "(5*5*1 + 1)*6 = 156" in notebook.cell("exercise", "'small net.cnn'", wrong).text
    assert "156" not in notebook.cell("exercise", "'small net.cnn' --feedback nothing", wrong).text
    assert cnnspec.grade("small net.cnn", wrong, language="fr").language == "fr"
    assert cnnspec.grade("small net.cnn", wrong).language == "en"


@pytest.mark.parametrize(
    ("magic", "line", "words"),
    [
        ("exercise", "", "%%exercise"),
        ("exercise", "nowhere.cnn", "nowhere.cnn"),
        ("exercise", "'small net.cnn' --feedback all", "feedback"),
        ("exercise", "'small net.cnn", "quot"),
        ("exercise", "'small net.cnn' --name 2b", "2b"),
        ("exercise", "--help", "FILE"),
        ("cnnspec", "--nmae x", "--nmae"),
        ("cnnspec", "--set classes", "NAME=VALUE"),
        ("cnnspec", "--set wrong=3", "wrong"),
        ("cnnspec", "--lang klingon", "klingon"),
    ],
)
def test_a_bad_line_gets_a_sentence(notebook: Notebook, magic: str, line: str, words: str) -> None:
    assert words in notebook.cell(magic, line, NETWORK).text


@pytest.mark.parametrize("text", ["", "\x00\xff", "conv conv", "]" * 5000, "input 8\n" * 10_000, "?" * 1000])
@pytest.mark.parametrize(("magic", "line"), [("cnnspec", "--name net"), ("exercise", "'small net.cnn'")])
def test_a_bad_cell_gets_a_sentence(notebook: Notebook, magic: str, line: str, text: str) -> None:
    shown = notebook.cell(magic, line, text)
    assert shown.text.strip()
    assert "fault of cnnspec" not in shown.text


def test_a_fault_of_the_program_is_called_one(notebook: Notebook, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: Any, **__: Any) -> None:
        raise RuntimeError("broken")

    monkeypatch.setattr("cnnspec.api.check_source", fail)
    assert "fault of cnnspec" in notebook.cell("cnnspec", "", NETWORK).text


def test_inside_ipython(notebook: Notebook) -> None:
    testing, config = map(pytest.importorskip, ("IPython.core.interactiveshell", "traitlets.config"))
    shell = testing.InteractiveShell(config=config.Config({"HistoryManager": {"enabled": False}}))  # no thread of it
    shell.run_line_magic("load_ext", "cnnspec")
    shown = shell.run_cell("%%exercise 'small net.cnn'\n" + RIGHT)
    assert shown.success
    assert "Total: 3 of 3" in repr(shown.result)
    data, _ = shell.display_formatter.format(shown.result)
    assert "<table>" in data["text/html"]
    assert shell.run_cell("%%cnnspec --name net\n" + NETWORK).success
    assert shell.run_cell("assert net.params == 8806, net.params").success


@pytest.mark.parametrize(
    ("magic", "line"),
    [("cnnspec", "--name net"), ("exercise", "'small net.cnn' --lang en"), ("cnnspec", "--lang klingon")],
)
def test_a_line_alone_says_how_it_is_used(notebook: Notebook, magic: str, line: str) -> None:
    shown = notebook.magics[magic](line)
    assert f"`%%{magic}`" in shown.text
    assert "--name NAME" in shown.text
    french = notebook.magics[magic]("--lang fr").text
    assert f"`%%{magic}`" in french
    assert french.splitlines()[0] != shown.text.splitlines()[0]


def test_the_extension_is_unloaded(notebook: Notebook) -> None:
    testing, config = map(pytest.importorskip, ("IPython.core.interactiveshell", "traitlets.config"))
    shell = testing.InteractiveShell(config=config.Config({"HistoryManager": {"enabled": False}}))
    shell.run_line_magic("load_ext", "cnnspec")
    assert "`%%cnnspec`" in repr(shell.run_line_magic("cnnspec", ""))
    for _ in range(2):  # a second time nothing is there to be unloaded
        shell.run_line_magic("unload_ext", "cnnspec")
        assert not [
            name for kind in shell.magics_manager.magics.values() for name in kind if name in ("cnnspec", "exercise")
        ]
    shell.run_line_magic("load_ext", "cnnspec")
    assert shell.run_cell("%%cnnspec\n" + NETWORK).success


# --- the function that tests call ------------------------------------------------------------------------------------


def test_an_answer_may_be_a_text_bytes_or_a_file(notebook: Notebook) -> None:
    path = Path("marie.cnn")
    path.write_text(RIGHT)
    for answer in (RIGHT, RIGHT.encode(), path):
        assert cnnspec.grade("small net.cnn", answer).points == 3
    assert cnnspec.grade("small net.cnn", path).name == "marie"


def test_a_path_in_place_of_a_text_is_told(notebook: Notebook) -> None:
    Path("marie.cnn").write_text(RIGHT)
    with pytest.raises(ValueError, match=r"Path\('marie\.cnn'\)"):
        cnnspec.grade("small net.cnn", "marie.cnn")


def test_answers_raise_nothing(notebook: Notebook) -> None:
    for answer in ("", "\x00", b"\xff\xfe\xff", "?" * 100):
        assert cnnspec.grade("small net.cnn", answer).points == 0


def test_broken_exercises_raise(notebook: Notebook) -> None:
    Path("broken.cnn").write_text("input 4x4x1\nconv 6, f=7 -> ?\n")
    with pytest.raises(cnnspec.CnnSpecError):
        cnnspec.grade("broken.cnn", RIGHT)
