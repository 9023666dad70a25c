"""Hover, signatures, outline, colours: what is shown of a text."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path

import pytest

from cnnspec.editing.colours import colours
from cnnspec.editing.hover import hover
from cnnspec.editing.outline import folds, links, outline
from cnnspec.editing.signature import signature
from tests.lsp.marked import marked, of

ROOT = Path(__file__).parents[2]
RESNET = (ROOT / "examples" / "architectures" / "resnet50.cnn").read_text(encoding="utf-8")


def said(text: str) -> str:
    found = hover(*marked(text))
    return found.text if found else ""


def test_a_layer_tells_its_arithmetic_and_its_reference() -> None:
    text = said("input 28x28x1\nco¦nv 10, f=5\n")
    assert "(28 + 2*0 - 5)/1 + 1 = 24" in text
    assert "(5*5*1 + 1)*10 = 260" in text
    assert "(24*24*10)*5*5*1 = 144,000" in text
    assert "Slides `filters` windows" in text


def test_a_layer_in_a_block_tells_the_sizes_at_each_call() -> None:
    text = said("block b(n) { con¦v n, f=3 }\ninput 28x28x1\nb 4\nb 8\n")
    assert "- `b` at line 3: 28x28x1 -> 26x26x4" in text
    assert "- `b` at line 4: 26x26x4 -> 24x24x8" in text


def test_a_block_tells_its_signature_its_comment_and_its_calls() -> None:
    text = said("# Two layers.\n# In a row.\nblock b¦(n, s = 1) { conv n, f=3, s=s }\ninput 28x28x1\nb 4\n")
    assert "block b(n, s = 1)" in text
    assert "Two layers. In a row." in text
    assert "- line 5: `28x28x1 -> 26x26x4`, 40 params" in text


def test_a_call_tells_what_the_block_does_there() -> None:
    assert "`28x28x1 -> 26x26x4`, 40 params" in said("block b(n) { conv n, f=3 }\ninput 28x28x1\nb¦ 4\n")


def test_an_argument_has_its_documentation() -> None:
    text = said("input 28x28x1\nconv 10, f=5, s¦=2\n")
    assert "`s`, `stride` of `conv`: step from one window to the next" in text


@pytest.mark.parametrize(
    ("text", "arithmetic"),
    [
        ("input 28x28x1\nconv 10, f=5 -> 24x2¦4x10, 260 params\n", "(28 + 2*0 - 5)/1 + 1 = 24"),
        ("input 28x28x1\nconv 10, f=5 -> 24x24x10, 2¦60 params\n", "(5*5*1 + 1)*10 = 260"),
    ],
)
def test_a_number_of_an_annotation_has_its_arithmetic(text: str, arithmetic: str) -> None:
    assert arithmetic in said(text)


def test_a_letter_tells_what_it_stands_for() -> None:
    text = said("input HxWx3\nconv 3, f=7 -> [H¦ - 6, W - 6, 3]\n")
    assert "a size that is left open" in text
    assert "7x7x3" in text


def test_an_error_shows_the_page_of_its_code() -> None:
    assert "E301 window-exceeds-input" in said("input 4x4x1\nconv 10, f=¦5\n")


def test_words_of_the_language_are_explained() -> None:
    assert "Adds what arrives" in said("input 8x8x1\nresi¦dual { relu }\n")
    assert "training changes" in said("input 8x8x1\nrelu\nexpect train¦able == 0\n")
    assert "mirrored" in said("input 8x8x1\npad 1, mode=ref¦lect\n")


def test_an_exercise_keeps_its_answers() -> None:
    text = said("input 28x28x1\nco¦nv 10, f=5 -> ?\n")
    assert "Slides `filters` windows" in text
    assert "24" not in text


def test_nothing_is_said_of_comments_and_empty_places() -> None:
    assert said("# con¦v\ninput 8x8x1\n") == ""
    assert said("input 8x8x1\n\n¦\nrelu\n") == ""


# --- signatures ------------------------------------------------------------------------------------------------------


def active(text: str) -> str | None:
    found = signature(*marked(text))
    if found is None or found.active is None:
        return None
    parameter = found.parameters[found.active]
    return found.label[parameter.start : parameter.end]


@pytest.mark.parametrize(
    ("typed", "shown"),
    [
        ("conv ¦", "filters"),
        ("conv 1¦0", "filters"),
        ("conv 10, ¦", "f"),
        ("conv 10, f=3, stride=¦", "s=1"),
        ("conv 10, f=3, p=(1 + ¦", "p=0"),
        ("relu | maxpool 2, s=¦", "s=f"),
        ("b 3, ¦", "s = 1"),
        ("conv 10, f=3 | ¦", None),
    ],
)
def test_the_argument_under_way(typed: str, shown: str | None) -> None:
    assert active(f"block b(n, s = 1) {{ conv n, f=s }}\ninput 28x28x1\n{typed}\n") == shown


# --- outline ---------------------------------------------------------------------------------------------------------


def test_the_outline_lists_what_a_file_declares() -> None:
    text = (
        "model m(n = 3)\nlet k = 2\nblock b(s) {\n    relu as inner\n}\ninput left: 8x8x1\n"
        "conv n, f=k as first\nb 1\nvariant v(n = 4)\n"
    )
    found = outline(of(text))
    assert [(one.sort, one.name) for one in found] == [
        ("model", "m"),
        ("let", "k"),
        ("block", "b"),
        ("input", "left"),
        ("value", "first"),
        ("variant", "v"),
    ]
    assert [one.name for one in found[2].children] == ["s", "inner"]
    assert found[4].detail == "7x7x3"
    for one in found:
        assert one.span.start <= one.name_span.start <= one.name_span.end <= one.span.end


def test_braces_and_runs_of_comments_fold() -> None:
    text = "# one\n# two\nblock b {\n    relu\n    tanh\n}\n"
    assert {(fold.first, fold.last, fold.comment) for fold in folds(of(text))} == {(1, 2, True), (3, 5, False)}


def test_used_files_are_links(tmp_path) -> None:
    ((span, path),) = links(of('use "a/blocks.cnn"\n', str(tmp_path / "net.cnn")))
    assert (span, path) == ((5, 17), str(tmp_path / "a" / "blocks.cnn"))


# --- colours ---------------------------------------------------------------------------------------------------------


def test_words_are_coloured_by_what_they_mean() -> None:
    analysis = of("block b(act) { conv 3, f=1, p=same | act }  # done\ninput HxWx3\nb relu\n")
    found = {analysis.text[slice(*one.span)]: one.sort for one in colours(analysis)}
    assert found["block"] == "keyword"
    assert found["b"] == "function"
    assert found["act"] == "parameter"
    assert found["conv"] == found["relu"] == "class"
    assert found["f"] == "property"
    assert found["same"] == "enumMember"
    assert found["HxWx3"] == "number"
    assert found["# done"] == "comment"


def test_coloured_words_do_not_overlap() -> None:
    found = colours(of(RESNET))
    assert all(one.span.end <= after.span.start for one, after in pairwise(found))
