from __future__ import annotations

from cnnspec.editing.hints import hints
from cnnspec.editing.workspace import Workspace
from cnnspec.source import Span
from tests.lsp.marked import of


def shown(text: str) -> dict[int, str]:
    analysis = of(text)
    return {analysis.source.row(hint.offset): hint.text for hint in hints(analysis)}


def test_every_line_without_annotation_gets_size_and_count() -> None:
    text = "input 28x28x1\nconv 10, f=5 | relu  # first\nmaxpool 2 -> 12x12x10\nflatten | dense 10\n"
    assert shown(text) == {2: "-> 24x24x10, 260 params", 4: "-> 10, 14,410 params"}


def test_a_hint_stands_behind_the_words_and_before_the_comment() -> None:
    analysis = of("input 28x28x1\nconv 10, f=5  # first\n")
    (hint,) = hints(analysis)
    assert analysis.text[: hint.offset].endswith("f=5")
    assert hint.annotation == "-> 24x24x10, 260 params"


def test_a_large_count_is_inserted_as_one_writes_it() -> None:
    (hint,) = hints(of("input 1000\ndense 100\n"))
    assert (hint.text, hint.annotation) == ("-> 100, 100,100 params", "-> 100, 100_100 params")


def test_a_loop_shows_its_last_round_and_proposes_nothing_that_holds_for_one_round_only() -> None:
    analysis = of("input 28x28x1\nrepeat 3 {\n    conv 4, f=3\n}\n")
    inner, outer = hints(analysis)
    assert inner.text == "-> 22x22x4, 148 params"
    assert inner.annotation == ""
    assert "round 3" in inner.tooltip
    assert outer.annotation == "-> 22x22x4, 336 params"


def test_a_block_called_with_different_sizes_shows_the_range() -> None:
    text = "block b(n) {\n    conv n, f=3\n}\ninput 28x28x1\nb 4\nb 8\n"
    assert shown(text)[2] == "-> 26x26x4 … 24x24x8, 40 … 296 params"
    (hint, *_) = hints(of(text))
    assert hint.tooltip.splitlines() == [
        "`b` called at line 5: 26x26x4, 40 params",
        "`b` called at line 6: 24x24x8, 296 params",
    ]


def test_a_branch_shows_what_it_yields_and_its_join_what_comes_out() -> None:
    text = "input 8x8x3\nconcat {\n    branch { conv 4, f=1 }\n    branch { }\n}\n"
    assert shown(text) == {3: "-> 8x8x4, 16 params", 5: "-> 8x8x7, 16 params"}
    (hint, *_) = hints(of(text))
    assert hint.annotation == "", "an annotation behind a branch speaks of the value that arrived"


def test_one_line_has_one_hint_and_none_where_something_in_it_is_annotated() -> None:
    assert shown("input 8x8x3\nrepeat 2 { conv 3, f=3, p=1 }\n") == {2: "-> 8x8x3, 168 params"}
    assert shown("input 8x8x3\nrepeat 2 { conv 3, f=3, p=1 -> 8x8x3 }\n") == {}


def test_an_exercise_is_given_no_answers() -> None:
    assert shown("input 8x8x3\nconv 4, f=3 -> ?\nrelu\n") == {}


def test_open_sizes_have_no_hint() -> None:
    assert shown("block unused(n) {\n    conv n, f=3\n}\ninput 8x8x3\nrelu\n") == {5: "-> 8x8x3"}


def typed(before: str, after: str) -> list[str]:
    space = Workspace()
    space.put("net.cnn", before)
    space.analysis("net.cnn")
    space.put("net.cnn", after)
    return [hint.text for hint in hints(space.analysis("net.cnn"))]


GOOD = "input 28x28x1\nconv 10, f=5\nmaxpool 2\nrelu\n"


def test_while_a_line_is_half_typed_the_others_stay_marked() -> None:
    assert typed(GOOD, GOOD.replace("f=5", "f=")) == ["~ -> 12x12x10", "~ -> 12x12x10"]
    assert typed(GOOD, GOOD.replace("maxpool 2", "maxp")) == ["-> 24x24x10, 260 params", "~ -> 12x12x10"]


def test_after_an_error_of_sizes_nothing_false_is_shown() -> None:
    assert typed(GOOD, GOOD.replace("f=5", "f=55")) == []


def test_without_errors_nothing_is_marked() -> None:
    assert typed(GOOD, GOOD.replace("f=5", "f=3")) == ["-> 26x26x10, 100 params", "-> 13x13x10", "-> 13x13x10"]


def test_only_what_is_visible_is_asked_for() -> None:
    analysis = of(GOOD)
    start = analysis.text.index("maxpool")
    assert [hint.text for hint in hints(analysis, within=Span(start, start + 5))] == ["-> 12x12x10"]


def test_a_file_of_blocks_shows_the_sizes_of_an_open_file_that_uses_it(tmp_path) -> None:
    library, net = str(tmp_path / "blocks.cnn"), str(tmp_path / "net.cnn")
    space = Workspace()
    space.put(library, "block b(n) {\n    conv n, f=3\n}\n")
    assert list(hints(space.analysis(library), space.users(library))) == []
    space.put(net, 'use "blocks.cnn"\ninput 28x28x1\nb 4\n')
    (hint,) = hints(space.analysis(library), space.users(library))
    assert hint.text == "-> 26x26x4, 40 params"
