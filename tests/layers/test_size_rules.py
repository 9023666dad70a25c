"""The size rules against counting windows by hand."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cnnspec.sizes import extent, same_padding, transposed, transposed_text, window, window_ceil, window_text

n_s = st.integers(1, 40)
f_s = st.integers(1, 9)
steps = st.integers(1, 6)
pads = st.integers(0, 9)
dilations = st.integers(1, 4)
axes = st.tuples(n_s, f_s, steps, pads, pads, dilations)
Axis = tuple[int, int, int, int, int, int]  # n, f, s, begin, end, d


def known(n: object) -> int:
    assert isinstance(n, int)
    return n


@given(axes)
def test_window_counts_the_windows_that_lie_on_the_padded_input(axis: Axis) -> None:
    n, f, s, begin, end, d = axis
    pixels = range(-begin, n + end)
    starts = range(-begin, n + end, s)
    count = sum(all(start + k * d in pixels for k in range(f)) for start in starts)
    assert max(0, known(window(n, f, s, begin, end, d))) == count


@given(axes)
def test_window_ceil_lets_windows_overhang_by_less_than_a_step(axis: Axis) -> None:
    """And each starts on the input or the padding before it."""
    n, f, s, begin, end, d = axis
    pixels = range(-begin, n + end + s - 1)
    starts = range(-begin, n, s)
    count = sum(all(start + k * d in pixels for k in range(f)) for start in starts)
    assert max(0, known(window_ceil(n, f, s, begin, end, d))) == count


@given(n_s, f_s, steps, dilations)
def test_same_padding_is_the_least_that_gives_one_window_a_step(n: int, f: int, s: int, d: int) -> None:
    begin, end = map(known, same_padding(n, f, s, d))
    steps_on_input = len(range(0, n, s))
    assert window(n, f, s, begin, end, d) == steps_on_input
    assert end - begin in (0, 1)
    if end > 0:
        assert known(window(n, f, s, begin, end - 1, d)) < steps_on_input


@given(axes, st.integers(0, 5))
def test_transposed_counts_the_pixels_that_the_windows_cover(axis: Axis, extra: int) -> None:
    n, f, s, begin, end, d = axis
    covered = {i * s + k * d for i in range(n) for k in range(f)}
    assert transposed(n, f, s, begin, end, d, extra) == max(covered) + 1 - begin - end + extra


@given(axes, st.data())
def test_window_undoes_transposed(axis: Axis, data: st.DataObject) -> None:
    n, f, s, begin, end, d = axis
    extra = data.draw(st.integers(0, s - 1))
    assert window(transposed(n, f, s, begin, end, d, extra), f, s, begin, end, d) == n


@given(axes)
def test_the_rule_in_words_ends_with_its_result(axis: Axis) -> None:
    assert window_text(*axis).endswith(f" = {window(*axis)}")
    assert window_text(*axis, ceil=True).endswith(f" = {window_ceil(*axis)}")
    assert transposed_text(*axis).endswith(f" = {transposed(*axis)}")


@pytest.mark.parametrize(
    ("text", "arguments"),
    [
        ("(n + 2p - f)/s + 1 = (28 + 2*0 - 5)/1 + 1 = 24", (28, 5)),
        ("floor((n + 2p - f)/s) + 1 = floor((224 + 2*3 - 7)/2) + 1 = floor(111.5) + 1 = 112", (224, 7, 2, 3, 3)),
        ("(n + p_begin + p_end - f)/s + 1 = (4 + 1 + 2 - 3)/1 + 1 = 5", (4, 3, 1, 1, 2)),
        ("(n + 2p - d(f - 1) - 1)/s + 1 = (9 + 2*0 - 2*(3 - 1) - 1)/1 + 1 = 5", (9, 3, 1, 0, 0, 2)),
    ],
)
def test_the_rule_is_written_as_in_the_lecture(text: str, arguments: tuple[int, ...]) -> None:
    assert window_text(*arguments) == text
    assert eval(text.split(" = ")[1].replace("floor", "int").replace("/", "//")) == int(text.rpartition(" ")[2])


def test_the_floor_goes_down_for_negative_numbers_too() -> None:
    assert window(4, 7) == -2
    assert window(4, 7, 2) == -1
    assert extent(3, 2) == 5
