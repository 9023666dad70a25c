"""Completion, formatting, actions: what changes a text."""

from __future__ import annotations

import pytest

from cnnspec.editing.actions import Action, actions, fix_all
from cnnspec.editing.analysis import Analysis, analyse
from cnnspec.editing.completion import completion, documentation
from cnnspec.editing.layout import formatting
from cnnspec.editing.renaming import applied
from cnnspec.editing.workspace import Workspace
from cnnspec.source import Source, Span
from tests.lsp.marked import marked, of


def proposed(text: str) -> list[str]:
    return [item.label for item in completion(*marked(text))]


BLOCKS = "block bottle(filters, s = 1) { conv filters, f=3, s=s }\n"


@pytest.mark.parametrize(
    ("text", "some"),
    [
        ("¦", ["input", "conv", "block", "residual"]),
        (BLOCKS + "input 8x8x3\nbo¦", ["bottle", "conv"]),
        (BLOCKS + "input 8x8x3\nrelu | ¦", ["bottle", "conv", "residual"]),
        ("block b(act) { ¦ }\n", ["act", "relu", "let"]),
        ("input 8x8x3\nconv 3, ¦", ["f=", "kernel=", "bias=", "channels"]),
        (BLOCKS + "input 8x8x3\nbottle 3, ¦", ["s="]),
        ("input 8x8x3\nconv 3, f=3, p=¦", ["same", "valid"]),
        ("input 8x8x3\npad 1, mode=¦", ["zero", "reflect", "edge"]),
        ("input 8x8x3\nconv 3, f=3, bias=¦", ["true", "false"]),
        ("input 8x8x3\nrelu as a\nadd ¦", ["a", "input"]),
        ("input 8x8x3\nrelu as a | from ¦", ["a", "input"]),
        ("input 8x8x3\nconv 3, f=1 as shared\napply ¦", ["shared"]),
        ("input 8x8x3\nrelu as a\noutput ¦", ["a"]),
        ("input 8x8x3\ncrop like=¦", ["input"]),
        ("let width = 3\ninput 8x8x3\nconv w¦", ["width", "channels"]),
        ("input 8x8x3\nconv 3, f=3 -> ¦", ["6x6x3, 84 params", "6x6x3"]),
        ("input 8x8x3\nconv 3, f=3 -> 6x6x3, 84 ¦", ["params"]),
        ("input 8x8x3\nrelu\nexpect ¦", ["params", "macs", "count"]),
        ("input 8x8x3\nrelu\nexpect count(¦", ["conv", "dense"]),
        ("model m(n = 3, k = 4)\nvariant v(n = 3, ¦", ["k ="]),
        ("model m(act = relu)\nvariant v(act = ¦", ["gelu"]),
        ("input ¦", ["28x28x1"]),
        ("input 56, ¦", ["integer"]),
        ("input 8x8x3\nresidual { relu } ¦", ["shortcut", "as"]),
        ("input 8x8x3\nrelu ¦", ["as"]),
        ("input 8x8x3\nfor i ¦", ["in"]),
        ("input 8x8x3\nif chan¦", ["channels"]),
    ],
)
def test_what_fits_is_proposed(text: str, some: list[str]) -> None:
    assert set(some) <= set(proposed(text))


@pytest.mark.parametrize(
    "text",
    ["# a ¦", 'let s = "¦"', "let ¦", "input 8x8x3\nrelu as ¦", "block ¦", "input 8x8x¦", "input 8x8x3\nconv 1¦0, f=3"],
)
def test_nothing_is_proposed_for_new_names_comments_and_numbers(text: str) -> None:
    assert proposed(text) == []


def test_values_of_another_block_are_not_proposed() -> None:
    text = "block b {\n    relu as inner\n    add ¦\n}\ninput 8x8x3\nrelu as outer\nb\n"
    assert proposed(text)[:1] == ["inner"]
    assert "outer" not in proposed(text)


def test_given_arguments_are_not_proposed_again() -> None:
    found = proposed("input 8x8x3\nconv 3, f=3, ¦")
    assert "f=" not in found
    assert "kernel=" not in found
    assert "filters=" not in found


def test_in_an_exercise_the_answer_is_not_proposed() -> None:
    assert "6x6x3" not in proposed("input 8x8x3\nconv 3, f=3 -> ¦\nrelu -> ?\n")


def test_files_to_use_are_proposed(tmp_path) -> None:
    (tmp_path / "blocks.cnn").write_text("block b { relu }\n")
    (tmp_path / "sub").mkdir()
    (tmp_path / "sub" / "more.cnn").write_text("block c { relu }\n")
    net = str(tmp_path / "net.cnn")
    assert [item.label for item in completion(*marked('use "¦"', net))] == ["blocks.cnn", "sub/"]
    assert [item.label for item in completion(*marked('use "sub/¦"', net))] == ["sub/more.cnn"]


def test_a_snippet_has_places_for_what_is_needed() -> None:
    found = {item.label: item.snippet for item in completion(*marked(BLOCKS + "¦"))}
    assert found["conv"] == "conv ${1:filters}, f=${2:kernel}"
    assert found["relu"] == ""
    assert found["bottle"] == "bottle ${1:filters}"


def test_proposals_have_documentation() -> None:
    analysis, offset = marked(BLOCKS + "input 8x8x3\n¦")
    assert "Slides `filters` windows" in documentation(analysis, "conv", "kind", offset)
    assert "block bottle(filters, s = 1)" in documentation(analysis, "bottle", "block", offset)
    assert documentation(analysis, "residual", "keyword", offset)
    assert documentation(analysis, "no_such", "kind", offset) == ""


# --- formatting ------------------------------------------------------------------------------------------------------


def test_formatting_changes_only_the_lines_that_differ() -> None:
    text = "input 28x28x1\nconv 10,f = 5|relu\nmaxpool 2\n"
    (edit,) = formatting(Source(text))
    assert text[edit.span.start : edit.span.end] == "conv 10,f = 5|relu\n"
    assert applied(text, [edit]) == "input 28x28x1\nconv 10, f=5 | relu\nmaxpool 2\n"


def test_a_stretch_is_formatted_alone() -> None:
    text = "input 28x28x1\nconv 10,f=5\nrelu\nconv 10,f=5\n"
    place = text.rindex("conv")
    assert applied(text, formatting(Source(text), Span(place, place + 3))) == text[:place] + "conv 10, f=5\n"


@pytest.mark.parametrize("text", ["input 8x8x1;relu\n\n\n\ntanh", "input 8x8x1\r\nrelu  \r\n", "", "\n\n", "# a"])
def test_the_edits_make_the_canonical_text(text: str) -> None:
    from cnnspec.syntax.format import format_text

    assert applied(text, formatting(Source(text))) == format_text(text)


def test_lines_beyond_a_stretch_stay() -> None:
    text = "input 28x28x1\n\n\n\nrelu\nconv 10,f=5\n"
    place = text.index("conv")
    assert applied(text, formatting(Source(text), Span(place, place + 3))) == text[:place] + "conv 10, f=5\n"


def test_half_typed_text_is_left_alone() -> None:
    assert formatting(Source("input 28x28x1\nconv 10,f=\n")) == []


# --- actions ---------------------------------------------------------------------------------------------------------


def offered(text: str) -> tuple[Analysis, list[Action]]:
    analysis, offset = marked(text)
    return analysis, list(actions(analysis, Span(offset, offset), lambda text: analyse(Source(text))))


@pytest.mark.parametrize(
    ("text", "mended"),
    [
        ("input 8x8x3\ncnv¦ 3, f=1\n", "input 8x8x3\nconv 3, f=1\n"),
        ("input 8x8x3\nconv 3, kernel_size¦=1\n", "input 8x8x3\nconv 3, f=1\n"),
        ("input 8x8x3\nconv 3, f=3 -> 8x8¦x3\n", "input 8x8x3\nconv 3, f=3 -> 6x6x3\n"),
        ("input 8x8x3\nconv 3, f=3 -> 8¦5 params\n", "input 8x8x3\nconv 3, f=3 -> 84 params\n"),
        ("input 8x8x3\nden¦se 3\n", "input 8x8x3\nflatten | dense 3\n"),
        ("let width = 3\ninput 8x8x3\nconv widht¦, f=1\n", "let width = 3\ninput 8x8x3\nconv width, f=1\n"),
        ("input 8x8x3\nmaxpool 2, 2, 0, 1, false, re¦lu\n", "input 8x8x3\nmaxpool 2, 2, 0, 1, false | relu\n"),
        ("input 8x8x3\nrelu as a\nadd b¦\n", None),
        ("block b { conv 3, f=3 -> 8¦x8x3 }\ninput 8x8x3\nb\nb\n", None),
    ],
)
def test_a_remedy_is_offered_where_it_mends_the_error(text: str, mended: str | None) -> None:
    analysis, found = offered(text)
    fixes = [action for action in found if action.sort == "quickfix"]
    if mended is None:
        assert fixes == []
        return
    assert applied(analysis.text, fixes[0].edits) == mended
    assert not analyse(Source(mended)).errors


def test_a_remedy_may_leave_other_errors() -> None:
    _, found = offered("input 8x8x3\ndens¦ 3\n")
    assert found[0].title == "write `dense`"


def test_syntax_fixes_of_the_parser_are_offered() -> None:
    analysis, found = offered("input 8x8x3\nCon¦v 3, f=1\n")
    assert applied(analysis.text, found[0].edits) == "input 8x8x3\nconv 3, f=1\n"


FINDING = "input 8x8x3\nconv 4, f=3, s=2¦\nrelu\n"


def test_a_finding_can_be_allowed_in_its_line() -> None:
    analysis, found = offered(FINDING)
    codes = {d.code for d in analysis.diagnostics}
    assert "W301" in codes
    allow = next(action for action in found if "W301" in action.title)
    text = applied(analysis.text, allow.edits)
    assert "# noqa: W301" in text
    assert {d.code for d in analyse(Source(text)).diagnostics} == codes - {"W301"}


def test_a_comment_that_allows_something_gets_the_code_too() -> None:
    analysis, found = offered("input 8x8x3\nconv 4, f=3, s=2¦  # why # noqa: W999\nrelu\n")
    allow = next(action for action in found if "W301" in action.title)
    assert "# why # noqa: W999, W301\n" in applied(analysis.text, allow.edits)
    analysis, found = offered("input 8x8x3\nconv 4, f=3, s=2¦  # noqa: activation-twice, as published\nrelu\n")
    (allow,) = [one for one in found if "allow W301" in one.title]
    assert "# noqa: activation-twice, W301, as published\n" in applied(analysis.text, allow.edits)


def test_the_size_of_a_line_can_be_written_down() -> None:
    analysis, found = offered("input 8x8x3\nconv 3, f=3¦  # first\nrelu\n")
    one, every = [action for action in found if action.sort == "refactor.rewrite"]
    assert applied(analysis.text, one.edits) == "input 8x8x3\nconv 3, f=3  -> 6x6x3, 84 params  # first\nrelu\n"
    text = applied(analysis.text, every.edits)
    assert text.count("->") == 2
    assert not analyse(Source(text)).errors


def test_safe_fixes_can_be_applied_together() -> None:
    analysis = of("input 8x8x3\nConv 3, f=1\nRelu\n")
    action = fix_all(analysis)
    assert action is not None
    assert applied(analysis.text, action.edits) == "input 8x8x3\nconv 3, f=1\nrelu\n"
    assert fix_all(of("input 8x8x3\nrelu\n")) is None


def test_what_files_that_use_a_block_find_in_it_can_be_mended_there(tmp_path) -> None:
    library, net = str(tmp_path / "blocks.cnn"), str(tmp_path / "net.cnn")
    text = "block b(n) { conv n, f=3 | relu | relu }\n"
    space = Workspace()
    space.put(library, text)
    space.put(net, 'use "blocks.cnn"\ninput 28x28x1\nb 4\nflatten | dense 3\n')
    analysis = space.analysis(library)
    told = space.told(library)
    assert [d.code for d in told] == ["W203"]
    assert told[0].fix is not None
    found = list(actions(analysis, told[0].span, of, told))
    assert [action.title for action in found if action.diagnostic is told[0]] == [
        told[0].fix.message,
        "allow W203 in this line",
    ]
    everything = fix_all(analysis, told)
    assert everything is not None
    assert applied(text, everything.edits) == "block b(n) { conv n, f=3 | relu }\n"
    space.put(library, text + "\n")  # the finding is looked for in the text as it stands now
    assert [d.source.text for d in space.told(library)] == [text + "\n"]
