"""Sizes with letters: the simplified form has the value of what was written, whatever the letters are."""

from __future__ import annotations

import operator
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cnnspec.solving import multiple, never_equal, solve
from cnnspec.symbolic import DEEPEST, MOST_BITS, Expression, TooComplicatedError, letter
from cnnspec.values import UNKNOWN, show_size

H, W = letter("H"), letter("W")
DIVISORS = st.sampled_from([1, 2, 3, 4, 6, 16, -2])
SIZES = st.tuples(st.integers(1, 300), st.integers(1, 300))

LEAVES = st.one_of(st.just("H"), st.just("W"), st.integers(-9, 9).map(lambda n: f"({n})"))
WRITTEN = st.recursive(
    LEAVES,
    lambda inner: st.one_of(
        st.tuples(inner, st.sampled_from("+-*"), inner).map(lambda t: f"({t[0]} {t[1]} {t[2]})"),
        st.tuples(inner, st.sampled_from(["//", "%"]), DIVISORS).map(lambda t: f"({t[0]} {t[1]} {t[2]})"),
    ),
    max_leaves=8,
)


def value(text: str, **names: Any) -> Any:
    return eval(text, {"__builtins__": {}}, names)


def at(size: Any, h: int, w: int) -> Any:
    return size.at({"H": h, "W": w}) if isinstance(size, Expression) else size


@settings(max_examples=300)
@given(WRITTEN, SIZES)
def test_the_simplified_form_has_the_value_of_what_was_written(text: str, sizes: tuple[int, int]) -> None:
    wanted = value(text, H=sizes[0], W=sizes[1])
    simplified = value(text, H=H, W=W)
    assert at(simplified, *sizes) == wanted
    assert value(str(simplified), H=sizes[0], W=sizes[1]) == wanted


@settings(max_examples=300)
@given(WRITTEN, WRITTEN, SIZES)
def test_a_comparison_that_is_true_holds_for_every_size(left: str, right: str, sizes: tuple[int, int]) -> None:
    a, b = (value(text, H=H, W=W) for text in (left, right))
    m, n = at(a, *sizes), at(b, *sizes)
    assert m < n if a < b else True
    assert m <= n if a <= b else True
    assert m > n if a > b else True
    assert m >= n if a >= b else True
    assert m == n if a == b else True
    assert m != n if never_equal(a, b) else True
    factor = multiple(a, b) or 0
    assert factor == 0 or at(a, *(factor * size for size in sizes)) == at(b, *(factor * size for size in sizes))


@settings(max_examples=200)
@given(st.integers(1, 9), st.integers(0, 9), st.integers(1, 12), st.integers(1, 12), st.integers(-6, 6))
def test_windows_after_windows_stay_one_floor(a: int, b: int, c: int, d: int, e: int) -> None:
    twice = ((a * H + b) // c + e) // d
    once = (a * H + b + e * c) // (c * d)
    assert twice == once


@pytest.mark.parametrize(
    ("size", "text"),
    [
        ((H - 1) // 2 + 1, "(H + 1) // 2"),
        (((H - 1) // 2 + 1 - 1) // 2 + 1, "(H + 3) // 4"),
        (16 * H // 4, "4*H"),
        ((16 * H + 8) // 4, "4*H + 2"),
        ((6 * H + 3) // 4, "(3*H + 1) // 2"),
        ((3 * H + 2) // 4, "(3*H + 2) // 4"),
        (3 * H // 2 + 1, "3*H // 2 + 1"),
        (2 * (3 * H // 2), "2*(3*H // 2)"),
        (W + H // 2, "H // 2 + W"),
        (H - 4, "H - 4"),
        (-(-H // 2), "(H + 1) // 2"),
        (3 - H, "3 - H"),
        (2 * (H // 2), "2*(H // 2)"),
        (H * W * 3, "3*H*W"),
        ((H - 2) * (W - 2), "H*W - 2*H - 2*W + 4"),
    ],
)
def test_how_sizes_are_shown(size: Any, text: str) -> None:
    assert str(size) == text


def test_equal_sizes_of_different_form_are_equal() -> None:
    assert H // 4 - H // 8 == (H + 4) // 8  # Hermite's identity
    assert H - H // 2 == (H + 1) // 2
    assert H // 4 - H // 8 != (H + 3) // 8
    assert H // 64 != (H + 1) // 64  # though they agree on most sizes
    assert [H // 4 - H // 8 != (H + 4) // 8] == [False]


def test_what_falls_away_leaves_a_number() -> None:
    assert (H + 2) - H == 2
    assert H * 0 == 0
    assert (2 * H) // H == 2
    assert (4 * H + 8) % 4 == 0


def test_what_is_open_stays_open() -> None:
    assert H + UNKNOWN is UNKNOWN
    assert UNKNOWN * H is UNKNOWN
    for compare in (operator.eq, operator.ne, operator.lt, operator.ge):
        assert compare(H, UNKNOWN) is False


def test_a_float_compares_but_is_no_term() -> None:
    assert H > 0.5
    assert not (H > 1.5)
    with pytest.raises(TypeError):
        H + 0.5


@given(st.integers(1, 20), st.integers(0, 20), st.integers(1, 500))
def test_the_letter_is_found_from_the_pixels(factor: int, more: int, n: int) -> None:
    axis = factor * H + more
    assert solve(axis, axis.at({"H": n})) == ("H", n)
    assert solve(axis, more) is None  # the letter would be 0
    if factor > 1:
        assert solve(axis, factor * n + more + 1) is None


def test_no_letter_is_found_where_the_axis_is_no_plain_multiple() -> None:
    assert solve(H * W, 4) is None
    assert solve(H // 2, 4) is None
    assert solve(8, 8) is None


def test_the_least_multiple_makes_sizes_equal() -> None:
    assert multiple(2 * (H // 2), H) == 2
    assert multiple(16 * ((3 * H + 15) // 16), 3 * H) == 16
    assert multiple(2 * (4 * H // 6), 4 * H // 3) == 3
    assert multiple(H + 1, H) is None
    assert multiple(H // 2, W // 2) is None
    assert multiple(H, H) == 1


def test_windows_after_what_is_no_multiple_give_one_floor() -> None:
    size = 3 * W
    for _ in range(4):
        size = (size - 1) // 2 + 1
    assert str(size) == "(3*W + 15) // 16"


@pytest.mark.parametrize(
    "holds",
    [
        H * H >= H,
        4 * H * H > 2 * H,
        W // 2 * 2 <= W,
        W - W // 2 * 2 < 2,
        W % 5 < 5,
        W % 5 >= 0,
        (H + 1) // 2 * ((W + 1) // 2) * 4 >= H * W,
        H // 3 * (W // 3) * 9 <= H * W,
        (H % 2) * 3 < 3.5,
        H // 2 + (H + 1) // 2 <= H,
    ],
)
def test_what_holds_whatever_the_size_is_decided(holds: bool) -> None:
    assert holds


@pytest.mark.parametrize("open_", [H * H > H, W // 2 * 2 < W, W % 5 < 4, H < W, H > 1.5])
def test_what_does_not_hold_for_every_size_is_not(open_: bool) -> None:
    assert not open_


def test_what_divides_all_terms_forbids_equality() -> None:
    assert never_equal(4 * H, 6)
    assert not never_equal(4 * H, 8)
    assert not never_equal(4 * H, 2 * W)
    assert never_equal(4 * H + 1, 2 * W)
    assert never_equal(6 * (H // 2) + 2, 3 * W)


def test_sizes_with_letters_in_messages() -> None:
    assert show_size((H, W, 3)) == "HxWx3"
    assert show_size((H // 2, W, 3)) == "[H // 2, W, 3]"


def test_there_are_limits() -> None:
    with pytest.raises(TooComplicatedError):
        H * 2**MOST_BITS
    with pytest.raises(TooComplicatedError):
        deepened(H)
    with pytest.raises(TooComplicatedError):
        lengthened(H)


def deepened(size: Any) -> Any:
    """Floors of floors that do not join."""
    for _ in range(DEEPEST + 2):
        size = size // 2 * 3 // 2 * 5
    return size


def lengthened(size: Any) -> Any:
    """More terms than anybody could read."""
    for n in range(300):
        size = (n * H + 1) // 301 + size * W
    return size
