"""Which rules run, which fixes hold for all layers of a text, which comments allow what."""

from __future__ import annotations

from pathlib import Path

import pytest

import cnnspec
from cnnspec.api import check_source
from cnnspec.codes import CODES, OFF
from cnnspec.diagnostics import Diagnostic, Edit, Fix
from cnnspec.lint import engine
from cnnspec.lint._agreement import Agreement
from cnnspec.lint._noqa import Suppressions
from cnnspec.lint.allowing import with_comments
from cnnspec.lint.fixing import with_edits
from cnnspec.source import Source

RULES = Path(engine.__file__).parent / "rules"


def found(text: str, *codes: str) -> list[Diagnostic]:
    diagnostics = check_source(Source(text, "a.cnn"), codes=codes or None)[1]
    assert [d for d in diagnostics if d.severity == "error"] == []
    return diagnostics


def places(text: str, *codes: str) -> list[tuple[str, int]]:
    return [(d.code, d.row) for d in found(text, *codes)]


# --- rules -----------------------------------------------------------------------------------------------------------


def test_every_code_has_its_module_and_every_module_its_code() -> None:
    modules = {path.stem for path in RULES.glob("*.py")} - {"__init__"}
    assert modules == set(engine.RULES.values())
    for code in engine.RULES:
        module = engine.rule(code)
        assert code == module.CODE
        assert (code not in OFF) == module.DEFAULT
        assert isinstance(module.ON_GRAPHS, bool)
        checks = [name for name in ("check_network", "check_tree", "check_suppressions") if hasattr(module, name)]
        assert len(checks) == 1, code


def test_only_selected_rules_run() -> None:
    text = "input 11x11x1\nlet a = 3\nmaxpool 2\n"
    assert places(text) == [("W101", 2), ("W301", 3)]
    assert places(text, "W301") == [("W301", 3)]
    assert places(text, "W302") == []


def test_a_graph_is_looked_at_by_the_rules_for_graphs_only() -> None:
    source = Source("input 11x11x1\nlet a = 3\nmaxpool 2\n")
    net, _ = check_source(source)
    linter = engine.Linter(source, graph=True)
    assert {d.code for d in linter.look(net)} == {"W301"}
    assert {engine.rule(code).ON_GRAPHS for code in linter.judged} == {True}


# --- fixes of texts that stand for several layers --------------------------------------------------------------------


def fixes(text: str) -> list[bool]:
    """Whether each finding of W401 has a fix."""
    return [d.fix is not None for d in found(text, "W401")]


NORM = "batchnorm | relu"


@pytest.mark.parametrize(
    ("text", "fixable"),
    [
        (f"conv 4, f=3 | {NORM}", [True]),
        (f"conv 4, f=3\n{NORM}", [True]),
        (f"repeat 2 {{ conv 4, f=3 | {NORM} }}", [True]),
        ("for i in 1..2 { conv 4, f=3 | if i == 1 { batchnorm } else { relu } }", [False]),
        (f"block f(last) {{ conv 4, f=3 | last | relu }}\nf batchnorm\nf batchnorm\n{NORM}", [True]),
        ("block f(last) { conv 4, f=3 | last | relu }\nf batchnorm\nf layernorm", [False]),
    ],
)
def test_a_fix_holds_for_all_layers_of_its_text(text: str, fixable: list[bool]) -> None:
    assert fixes(f"input 28x28x4\n{text}\n") == fixable


def test_a_fix_does_not_change_what_something_else_shares() -> None:
    for text, holds in (("relu as r\n", True), ("relu as r\napply r\n", True), ("prelu as r\napply r\n", False)):
        net = cnnspec.loads(f"input 8x8x4\n{text}")
        layer = net.layers[0]
        agreement = Agreement()
        fix = Fix("safe", "remove it", (Edit(layer.span, ""),))
        d = Diagnostic("W203", "x", layer.source, layer.span, fix=fix)
        agreement.note(net, [d])
        assert agreement.holds(d) is holds, text


def test_a_fix_that_changes_another_text_holds_for_its_layers_too() -> None:
    net = cnnspec.loads("input 8x8x4\nrelu\nrepeat 2 { tanh }\n")
    relu, tanh, _ = net.layers
    for edited, holds in ((relu, True), (tanh, False)):
        fix = Fix("safe", "remove it", (Edit(edited.span, ""),))
        d = Diagnostic("W203", "x", relu.source, relu.span, fix=fix)
        agreement = Agreement()
        agreement.note(net, [d])
        assert agreement.holds(d) is holds


def test_a_fix_holds_for_all_variants() -> None:
    text = "model m(norm = batchnorm)\ninput 28x28x4\nconv 4, f=3 | norm | relu\nvariant a\n"
    assert fixes(text) == [True]
    assert fixes(f"{text}variant b(norm = layernorm)\n") == [False]
    assert fixes(f"{text.replace('= batchnorm', '= layernorm')}variant b(norm = batchnorm)\n") == [False]


# --- comments --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("comment", "left"),
    [
        ("# noqa: W301", []),
        ("# noqa: w301", []),
        ("#noqa:W301", []),
        ("# noqa: W101, W301", ["W107"]),
        ("# noqa: W101 W301", ["W107"]),
        ("# as published: noqa: W301", []),
        ("# noqa", []),
        ("# noqa, as published", []),
        ("# noqa: W302", ["W301", "W107"]),
        ("# noqa:", ["W301", "W107"]),
        ("# noqa: dropped-columns", []),
        ("# noqa: Dropped-Columns, W302", ["W107"]),
        ("# noqa: dropped-columns-here", ["W301", "W107"]),
        ("# noqa: ALL", []),
        ("# noqa: all is well", ["W301", "W107"]),
        ("# nothing about noqa here", ["W301"]),
        ("# W301", ["W301"]),
        ("", ["W301"]),
    ],
)
def test_a_comment_allows_findings_of_its_line(comment: str, left: list[str]) -> None:
    assert [code for code, _ in places(f"input 11x11x1\nmaxpool 2  {comment}\nconv 4, f=2 | relu\n")] == left


@pytest.mark.parametrize(
    ("comment", "left"),
    [
        ("# cnnspec: noqa: W301", []),
        ("# cnnspec: noqa", []),
        ("#cnnspec:noqa:W301", []),
        ("# cnnspec: noqa: W302", ["W107", "W301"]),
        ("# noqa: W301", ["W107", "W301"]),
        ("relu  # cnnspec: noqa: W301", ["W107", "W301"]),
    ],
)
def test_a_comment_alone_on_a_line_allows_findings_of_the_file(comment: str, left: list[str]) -> None:
    assert [code for code, _ in places(f"input 11x11x1\n{comment}\nmaxpool 2\n")] == left


def test_no_comment_allows_an_error_nor_what_stands_in_a_string() -> None:
    text = "# cnnspec: noqa\ninput 4x4x1\nconv 4, f=7  # noqa: E301\n"
    assert [d.code for d in cnnspec.check(text)] == ["E301"]
    assert Suppressions(Source('use "a#noqa: W301"  # noqa: W302\n')).allowances[0].codes == ("W302",)


def test_a_comment_in_a_used_file_allows_there(tmp_path: Path) -> None:
    (tmp_path / "blocks.cnn").write_text("block half { maxpool 2  # noqa: W301\n}\n")
    (tmp_path / "a.cnn").write_text('use "blocks.cnn"\ninput 11x11x1\nhalf\n')
    for name in ("a.cnn", "blocks.cnn"):
        source = Source((tmp_path / name).read_text(), str(tmp_path / name))
        assert check_source(source)[1] == []


# --- W107 ------------------------------------------------------------------------------------------------------------


def mended(text: str) -> str:
    diagnostics = found(text, "W107", "W301")
    return with_edits(text, [edit for d in diagnostics if d.code == "W107" and d.fix for edit in d.fix.edits])


@pytest.mark.parametrize(
    ("line", "left"),
    [
        ("relu  # noqa: W301\n", "relu\n"),
        ("relu  # noqa: W301 since it is published\n", "relu  # since it is published\n"),
        ("relu  # as published: noqa: W301\n", "relu  # as published\n"),
        ("relu  # why  # noqa: W301\n", "relu  # why\n"),
        ("relu  # noqa: W301  # why\n", "relu  # why\n"),
        ("relu  # noqa\n", "relu\n"),
        ("relu\n    # noqa: W301\ntanh\n", "relu\ntanh\n"),
        ("relu\n# cnnspec: noqa: W301\n", "relu\n"),
        ("relu # noqa: E301\r\n", "relu\r\n"),
        ("maxpool 2  # noqa: W301, W999\n", "maxpool 2  # noqa: W301\n"),
        ("maxpool 2  # noqa: E301, dropped-columns\n", "maxpool 2  # noqa: dropped-columns\n"),
        ("relu  # noqa: ALL\n", "relu\n"),
        ("maxpool 2  # noqa: E301, W301 why\n", "maxpool 2  # noqa: W301 why\n"),
        ("relu  # noqa:", "relu"),
        ("relu  # noqa: W301, W107\n", "relu  # noqa: W301, W107\n"),
        ("relu  # noqa: W303\n", "relu  # noqa: W303\n"),  # not looked for
    ],
)
def test_idle_comments_are_taken_out(line: str, left: str) -> None:
    assert mended(f"input 11x11x1\n{line}") == f"input 11x11x1\n{left}"


def test_what_an_idle_comment_is_told() -> None:
    def said(comment: str) -> str:
        (d,) = found(f"input 8x8x1\nrelu  # {comment}\n", "W107", "W301", "W302")
        return d.message

    assert said("noqa: W301") == "this line has no finding `W301` to allow"
    assert said("noqa: W301, W302") == "this line has no finding `W301`, `W302` to allow"
    assert said("noqa: E301") == "`E301` is an error, which no comment allows"
    assert said("noqa: W999") == "there is no code `W999`"
    assert said("noqa: W301, W999") == "there is no code `W999`, and this line has nothing else to allow"
    assert said("noqa: dropped-columns") == "this line has no finding `dropped-columns` to allow"
    assert said("noqa: dropped") == "this comment names no code, so that it allows nothing"
    assert said("noqa") == "this comment allows nothing"


@pytest.mark.parametrize(
    "text",
    [
        "block f { maxpool 2  # noqa: W301\n}\ninput 8x8x1\nrelu\n",  # nobody calls it
        "input 8x8x1\nif channels == 3 {\n    maxpool 2  # noqa: W301\n}\nrelu\n",  # no such case here
        "input 8x8x1\nmaxpool 2, s=?  # noqa: W301\n",  # open
        "block f { maxpool 2  # noqa: W301\n}\n",  # for others
        "# cnnspec: noqa: W301\nblock f { maxpool 2 }\ninput 8x8x1\nrelu\n",
        "model m(n = 8)\ninput [n, n, 1]\nmaxpool 2  # noqa: W301\nvariant odd(n = 9)\nvariant even(n = 10)\n",
    ],
)
def test_comments_that_may_be_needed_are_not_idle(text: str) -> None:
    assert found(text, "W107", "W301") == []


@pytest.mark.parametrize("text", ["block f { relu  # noqa: W203, W999\n}\n", "relu  # noqa: W203, W999\n"])
def test_codes_that_do_not_exist_are_told_in_any_file(text: str) -> None:
    told = [d for d in check_source(Source(text))[1] if d.code == "W107"]
    assert [d.message for d in told] == ["there is no code `W999`"]
    assert [edit.content for d in told if d.fix for edit in d.fix.edits] == ["noqa: W203"]


def test_comments_are_judged_when_everything_has_been_looked_at() -> None:
    text = "model m(n = 8)\ninput [n, n, 1]\nmaxpool 2  # noqa: W301\nvariant a(n = 12)\n"
    assert places(text, "W107", "W301") == [("W107", 3)]
    for arguments in ({"variant": "a"}, {"settings": {"n": 10}}):
        assert check_source(Source(text), codes=("W107", "W301"), **arguments)[1] == []
    broken = "input 8x8x1\nmaxpool 2  # noqa: W301\nconv 4, f=99\n"
    assert [d.code for d in cnnspec.check(broken)] == ["E301"]


# --- --add-noqa ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("line", "allowed"),
    [
        ("maxpool 2\n", "maxpool 2  # noqa: W301\n"),
        ("maxpool 2   \r\n", "maxpool 2  # noqa: W301\r\n"),
        ("maxpool 2", "maxpool 2  # noqa: W301"),
        ("maxpool 2 # why\n", "maxpool 2 # why  # noqa: W301\n"),
        ("maxpool 2 # noqa: W302, W107\n", "maxpool 2 # noqa: W107, W301, W302\n"),
        ("maxpool 2 # noqa: activation-twice\n", "maxpool 2 # noqa: activation-twice, W301\n"),
        ("maxpool 2 |\n    relu\n", "maxpool 2 |  # noqa: W301\n    relu\n"),
    ],
)
def test_comments_are_added(line: str, allowed: str) -> None:
    text = f"input 11x11x1\n{line}"
    source = Source(text)
    now, count = with_comments(source, check_source(source, codes=("W301",))[1])
    assert (now, count) == (f"input 11x11x1\n{allowed}", 1)
    assert check_source(Source(now), codes=("W301",))[1] == []


def test_the_codes_that_are_off_are_known_ones() -> None:
    assert set(CODES) >= OFF
