"""Fixes applied to whole texts: a fixed point, without new errors, and nothing else changed."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cnnspec.api import check_source
from cnnspec.diagnostics import Diagnostic, Edit, Fix
from cnnspec.lint.fixing import Fixed, fix_all, with_edits, written_after
from cnnspec.source import Source, Span


def check(source: Source) -> list[Diagnostic]:
    return check_source(source)[1]


def fixed(text: str, *, unsafe: bool = False) -> Fixed:
    source = Source(text, "a.cnn")
    return fix_all(source, check(source), check, unsafe=unsafe)


@pytest.mark.parametrize(
    ("wrong", "right"),
    [
        ("conv(6, f=5)", "conv 6, f=5"),
        ("Conv 6, f=5", "conv 6, f=5"),
        ("conv 6, f=5, bias=False", "conv 6, f=5, bias=false"),
        ("conv 6 f=5", "conv 6, f=5"),
        ("conv 6, kernel_size=5", "conv 6, f=5"),
        ("Conv2D 6, f=5", "conv 6, f=5"),
        ("conv2d 6, f=5", "conv 6, f=5"),
        ("linear 6", "dense 6"),
        ("conv 6, f=5, p='same', bias=False", "conv 6, f=5, p=same, bias=false"),
        ('pad 1, mode="edge"', "pad 1, mode=edge"),
        ("conv 6, f=5, p='same'", "conv 6, f=5, p=same"),
        ('conv 6, f=5, p="same"', "conv 6, f=5, p=same"),
        ("conv 6, f=5 --> 24x24x6", "conv 6, f=5 -> 24x24x6"),
        ("conv 6, f=5  // the first", "conv 6, f=5  # the first"),
        ("dropout 0,5", "dropout 0.5"),
        ("conv 1 000, f=5", "conv 1_000, f=5"),
        ("dense 10 | relu }", "dense 10 | relu"),
    ],
)
def test_errors_with_a_plain_remedy_are_mended(wrong: str, right: str) -> None:
    outcome = fixed(f"input 28x28x1\n{wrong}\n")
    assert outcome.source.text.strip() == f"input 28x28x1\n{right}"


@pytest.mark.parametrize(
    ("wrong", "right"),
    [
        ("cnv 6, f=5", "conv 6, f=5"),
        ("pool 2", "maxpool 2"),
        ("conv 6, f=5, strid=1", "conv 6, f=5, stride=1"),
        ("dropout 50 | conv 6, f=5", "dropout 0.5 | conv 6, f=5"),
    ],
)
def test_guesses_are_unsafe(wrong: str, right: str) -> None:
    assert fixed(f"input 28x28x1\n{wrong}\n").applied == ()
    assert fixed(f"input 28x28x1\n{wrong}\n", unsafe=True).source.text == f"input 28x28x1\n{right}\n"


@pytest.mark.parametrize(
    "text",
    [
        'block f(q) { conv 4, f=3, p=q }\ninput 8x8x1\nf "same"\n',
        'let q = "same"\ninput 8x8x1\nconv 4, f=3, p=q\n',
        "input 8x8x1\nconv 4, f=3, kernel_size=3\n",
    ],
)
def test_no_fix_where_the_remedy_lies_elsewhere(text: str) -> None:
    outcome = fixed(text, unsafe=True)
    assert outcome.source.text == text
    assert len(outcome.remaining) >= 1


def test_fixes_go_on_until_nothing_is_left() -> None:
    text = "input 28x28x4\nConv(4, f=3, bias=True) # noqa: W202\nbatchnorm | relu | relu | relu\n"
    outcome = fixed(text, unsafe=True)
    assert outcome.source.text == "input 28x28x4\nconv 4, f=3, bias=false\nbatchnorm | relu\n"
    assert outcome.remaining == []
    assert len(outcome.applied) >= 5
    assert fixed(outcome.source.text, unsafe=True).applied == ()


def test_unsafe_fixes_are_for_those_who_ask() -> None:
    text = "input 11x11x1\nmaxpool 2\n"
    assert fixed(text).applied == ()
    outcome = fixed(text, unsafe=True)
    assert [d.code for d in outcome.applied] == ["W301"]
    assert outcome.remaining == []


def test_a_fix_that_would_bring_an_error_is_left_out() -> None:
    counted = "conv 4, f=3 -> 26x26x4, 148 params"
    text = f"input 28x28x4\n{counted}\nbatchnorm | relu\nconv 4, f=3\nbatchnorm | relu | relu\n"
    outcome = fixed(text, unsafe=True)
    assert outcome.source.text.splitlines() == [
        "input 28x28x4",
        counted,
        "batchnorm | relu",
        "conv 4, f=3, bias=false",
        "batchnorm | relu",
    ]
    ((d, error),) = outcome.left_out
    assert error is not None
    assert (d.code, d.row, error.code) == ("W401", 2, "E403")
    assert [d.code for d in outcome.remaining] == ["W401"]


def test_only_the_file_itself_is_changed(tmp_path) -> None:
    (tmp_path / "blocks.cnn").write_text("block twice { relu | relu }\n")
    text = 'use "blocks.cnn"\ninput 8\ndense 4 | twice | relu\n'
    source = Source(text, str(tmp_path / "a.cnn"))
    found = check(source)
    assert any(d.source is not source and d.fix for d in found)
    outcome = fix_all(source, found, check)
    assert outcome.source.text == 'use "blocks.cnn"\ninput 8\ndense 4 | twice\n'
    assert outcome.left_out == ()


def test_fixes_that_take_back_each_other_end() -> None:
    def contrary(source: Source) -> list[Diagnostic]:
        other = {"a": "b", "b": "a"}[source.text]
        return [Diagnostic("W301", "x", source, Span(0, 1), fix=Fix("safe", "x", (Edit(Span(0, 1), other),)))]

    source = Source("a")
    assert fix_all(source, contrary(source), contrary).source.text in "ab"


def test_fixes_that_grow_end() -> None:
    def growing(source: Source) -> list[Diagnostic]:
        return [Diagnostic("W301", "x", source, Span(0, 1), fix=Fix("safe", "x", (Edit(Span(0, 0), "a"),)))]

    source = Source("a")
    assert len(fix_all(source, growing(source), growing).source.text) < 1000


def test_of_fixes_that_overlap_one_is_made_at_a_time() -> None:
    spans = {"abcdef": (Span(1, 4), Span(3, 6), Span(0, 1))}

    def overlapping(source: Source) -> list[Diagnostic]:
        return [
            Diagnostic("W301", f"{span}", source, span, fix=Fix("safe", "x", (Edit(span, ""),)))
            for span in spans.get(source.text, ())
        ]

    source = Source("abcdef")
    outcome = fix_all(source, overlapping(source), overlapping)
    assert (outcome.source.text, len(outcome.applied)) == ("ef", 2)


@given(st.lists(st.tuples(st.integers(0, 20), st.integers(0, 20), st.text("xyz", max_size=3)), max_size=6))
def test_edits_that_do_not_overlap_are_all_made(drawn: list[tuple[int, int, str]]) -> None:
    text = "abcdefghijklmnopqrst"
    edits: list[Edit] = []
    end = -1
    for first, last, content in sorted(drawn):
        if first > end and last >= first:
            edits.append(Edit(Span(first, last), content))
            end = last
    expected = text
    for span, content in reversed(edits):
        expected = expected[: span.start] + content + expected[span.end :]
    assert with_edits(text, edits[::-1]) == expected


@pytest.mark.parametrize(
    ("wrong", "right"),
    [
        ('conv 8, 3, padding="valid", strides=1', "conv 8, 3, padding=valid, s=1"),
        ("Conv 8, F=3", "conv 8, f=3"),
        ("conv 8; f=3", "conv 8, f=3"),
        ("relu | conv 8; s=1; f=3", "relu | conv 8, s=1, f=3"),
    ],
)
def test_errors_that_hide_each_other_are_mended_together(wrong: str, right: str) -> None:
    outcome = fixed(f"input 28x28x3\n{wrong}\n")
    assert outcome.source.text == f"input 28x28x3\n{right}\n"
    assert (outcome.remaining, outcome.left_out) == ([], ())


def test_what_a_fix_has_written_is_not_taken_out_by_another() -> None:
    outcome = fixed("input 8\nx = 5\ndense 4\n")
    assert outcome.source.text == "input 8\nlet x = 5\ndense 4\n"
    assert [(one.diagnostic.code, one.error) for one in outcome.left_out] == [("W101", None)]
    assert fixed("let k = 3; f = 4\ninput 8\ndense k\n").source.text == "let k = 3; let f = 4\ninput 8\ndense k\n"


def test_errors_that_bring_others_do_not_stop_the_rest() -> None:
    outcome = fixed("input 8x8x1\nconv2d 4\nflatten\nlinear 4\n")
    assert outcome.source.text == "input 8x8x1\nconv2d 4\nflatten\ndense 4\n"


def test_where_written_texts_stand_after_more_edits() -> None:
    made = written_after([], [Edit(Span(2, 4), "abc"), Edit(Span(6, 6), "x"), Edit(Span(8, 9), "")])
    assert made == [Span(2, 5), Span(7, 8)]
    assert written_after(made, [Edit(Span(0, 1), ""), Edit(Span(2, 5), "no")]) == [Span(1, 3), Span(5, 6)]
