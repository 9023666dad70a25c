"""Numbers and sizes as students write them, and what they must never do to us."""

from __future__ import annotations

import time
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cnnspec.teaching.answers.formulas import evaluate
from cnnspec.teaching.answers.numerals import is_close, meant, numbers, sizes

SEPARATORS = [",", ".", " ", "\u00a0", "\u202f", "\u2009", "'", "\u2019", "_"]


def values(text: str) -> list[object]:
    return [reading.value for reading in numbers(text)]


@pytest.mark.parametrize(
    "text",
    [
        *(f"2{separator}416" for separator in SEPARATORS),
        *(
            "2416",
            " 2416 ",
            "2416.",
            "2416;",
            "`2416`",
            "**2 416**",
            "$2416$",
            "\u201c2416\u201d",
            "\ufeff2416",
            "+2416",
        ),
        *("2416 params", "2 416 paramètres", "2,416 parameters", "2416 trainable params", "= 2416", "n = 2416"),
        *("1208*2", "1208×2", "1208 · 2", "2 * 1208 = 2416", "(604*2)(2)", "2⁵*75 + 4²", "2^5*75 + 4**2", "4832/2"),
        *("~ 2416", "environ 2416", "1208 \\times 2", "floor(4833/2)", "⌊4833/2⌋", "ceil(2415.5)"),
    ],
)
def test_many_ways_of_writing_a_count(text: str) -> None:
    reading = meant(numbers(text), 2416)
    assert reading is not None
    assert reading.value == 2416
    assert isinstance(reading.value, int)
    assert not reading.remark


@pytest.mark.parametrize(
    "text", ["0", "aucun", "Aucun paramètre", "none", "0 paramètre", "-", "–", "zéro", "néant", "0*5"]
)
def test_nothing_is_zero(text: str) -> None:
    assert values(text) == [0]


def test_what_is_ambiguous_is_decided_by_what_is_asked() -> None:
    assert values("2.416") == [2416, Fraction(2416, 1000)]
    assert meant(numbers("2,416"), Fraction(2416, 1000)) == numbers("2,416")[1]
    assert meant(numbers("2,416"), 7) == numbers("2,416")[0]
    assert values("0,717") == [Fraction(717, 1000)]
    assert values("24,16") == [Fraction(2416, 100)]
    assert values("1,234.5") == values("1.234,5") == values("1 234,5") == [Fraction(12345, 10)]
    assert values("1.234.567") == [1234567]


@pytest.mark.parametrize(
    ("text", "value", "half"),
    [
        ("138 M", 138_000_000, 500_000),
        ("61.7k", 61_700, 50),
        ("61,7 k", 61_700, 50),
        ("1,2 million", 1_200_000, 50_000),
        ("138 millions de paramètres", 138_000_000, 500_000),
        ("12.3e6", 12_300_000, 50_000),
        ("1e3", 1000, 500),
        ("2 milliards", 2 * 10**9, 5 * 10**8),
    ],
)
def test_rounded_forms_carry_half_a_unit_of_their_last_digit(text: str, value: int, half: int) -> None:
    reading = numbers(text)[0]
    assert (reading.number, reading.half, reading.form) == (Fraction(value), Fraction(half), "rounded")
    assert is_close(reading, value + half, rounded=True) == (20 * half <= value)
    assert not is_close(reading, value + half + 1, rounded=True)
    assert not is_close(reading, value + half)


def test_the_tolerance_is_relative_and_exact() -> None:
    assert is_close(numbers("1050")[0], 1000, 0.05)
    assert not is_close(numbers("1051")[0], 1000, 0.05)
    assert not is_close(numbers("949")[0], 1000, 0.05)
    assert not is_close(sizes("62x62x32")[0], 62, 0.05)


def test_a_whole_number_is_not_rounded() -> None:
    assert not is_close(numbers("138000000")[0], 138_357_544, rounded=True)
    assert values("138357544 ≈ 138 M") == [138_357_544]


@pytest.mark.parametrize("text", ["0 G", "0e9", "0 Md", "0,0 milliard", "0.1 G", "1e8", "2 G"])
def test_one_digit_is_no_rounded_form(text: str) -> None:
    assert not any(is_close(reading, 102_764_544, rounded=True) for reading in numbers(text))


@pytest.mark.parametrize("text", ["0.10 G", "0,103 milliard", "103 M", "102.8 millions", "10e7"])
def test_two_digits_are_a_rounded_form(text: str) -> None:
    assert any(is_close(reading, 102_764_544, rounded=True) for reading in numbers(text))


def test_a_formula_has_one_value() -> None:
    assert values("864+(896-864)*(1.000-1000)/(1-1000)") == []
    assert values("896 + 9.248 + 172,806") == [182_950]
    assert values("0.5*28*28") == [392]
    assert sizes("784+(256-784)*(1.000-1000)/(1-1000)", 1) == ()


def test_a_rounded_part_adds_no_second_value() -> None:
    assert values("899 = 0.90 k") == [899]
    assert values("896 = 0 G") == [896]


@pytest.mark.parametrize(
    "text",
    [
        *(
            "",
            " ",
            "?",
            "abc",
            "１２",
            "٣",
            "1" * 1_000_000,
            "9**9**9",
            "2**1000",
            "1e999",
            "1e-999",
            "\x00",
            "12\x00",
            "1/0",
        ),
        *("\u200f12", "12\u202e", "\ud800", "(" * 400, "(" * 200 + "1" + ")" * 200, "1/0", "5%0", "0**-1", "2,41,6"),
        *(
            "24 16",
            "0 717",
            "=",
            "5 =",
            "5 = x",
            "1+",
            "*5",
            "1 2",
            "9" * 100,
            "1.2.3",
            "__import__('os')",
            "1j",
            "0y",
        ),
    ],
)
def test_what_is_no_number_is_unreadable_and_quickly(text: str) -> None:
    start = time.process_time()
    assert numbers(text) == ()
    assert time.process_time() - start < 0.2


def test_a_chain_counts_by_its_last_part_and_a_false_one_is_told() -> None:
    assert numbers("28*28 = 784")[0].remark == ""
    assert "28*28 = 783" in numbers("28*28 = 783")[0].remark
    assert values("28*28 = 783") == [783]
    assert numbers("(64 - 3)/2 + 1 = 31")[0].remark == "", "the floor is understood"
    assert numbers("7/3 = 2.33")[0].remark == "", "to the digits written"
    assert numbers("7/3 = 2.35")[0].remark


@pytest.mark.parametrize(
    "text",
    [
        *(
            "62x60x32",
            "62×60×32",
            "62X60X32",
            "62*60*32",
            "62 x 60 x 32",
            "62 × 60 × 32",
            "62;60;32",
            "62,60,32",
            "62 60 32",
        ),
        *("(62, 60, 32)", "[62,60,32]", "(None, 62, 60, 32)", "(?, 62, 60, 32)", "None x 62 x 60 x 32", "{62; 60; 32}"),
        *(
            "(N, 62, 60, 32)",
            "`62x60x32`",
            "(64-3+1)x60x32",
            "62 | 60 | 32",
            "torch.Size([62, 60, 32])",
            "62 \\times 60 \\times 32",
        ),
        *("-1x62x60x32", "(62, 60, 32,)", "1x62x60x32"),
    ],
)
def test_many_ways_of_writing_a_size(text: str) -> None:
    reading = meant(sizes(text, 3), (62, 60, 32))
    assert reading is not None
    assert reading.value == (62, 60, 32)
    assert reading.form != "channels first"


@pytest.mark.parametrize("text", ["32x62x60", "(None, 32, 62, 60)", "[-1, 32, 62, 60]", "(32,62,60)"])
def test_channels_in_front_are_recognised(text: str) -> None:
    assert [(one.value, one.form) for one in sizes(text, 3)] == [
        ((32, 62, 60), "plain"),
        ((62, 60, 32), "channels first"),
    ]


@pytest.mark.parametrize(
    "text", ["28800", "28 800", "28,800", "(28800,)", "(None, 28800)", "[28800]", "28.800", "30*30*32", "1x28800"]
)
def test_the_size_of_a_vector(text: str) -> None:
    reading = meant(sizes(text, 1), 28800)
    assert reading is not None
    assert reading.value == (28800,)


def test_a_size_is_no_way_of_writing_a_number() -> None:
    assert (28800,) not in [reading.value for reading in sizes("30x30x32")]
    assert sizes("30x30x32 = 28800", 1)[0].value == (28800,)
    assert sizes("30x30x32 = 28800", 3)[0].value == (30, 30, 32)
    assert (30, 30, 32) not in [reading.value for reading in sizes("30x30x32 = 28801")]
    assert sizes("30x30x32 = 28801")[0].remark


@pytest.mark.parametrize(
    "text",
    [
        *("150 poids + 6 biais", "156 poids + biais", "150+6 = 156 paramètres au total", "156 params (26*6)"),
        *("156 (26*6)", "156 !", "156?", "156 params ?", "156p", "156 (28-5+1=24)", "(5*5*1+1)*6 = 156 params"),
    ],
)
def test_words_and_formulas_beside_a_count(text: str) -> None:
    assert [reading.value for reading in numbers(text)] == [156]
    assert not numbers(text)[0].remark


def test_a_formula_in_brackets_that_does_not_hold_is_told() -> None:
    assert numbers("156 params (25*6)")[0].remark == "`25*6 = 156` does not hold: the last part counts"
    assert [reading.value for reading in numbers("32 (3*3*3 + 1)")] == [896]


@pytest.mark.parametrize("text", ["pas de paramètres", "pas de", "rien", "0 params (pas de poids)", "aucun"])
def test_words_for_none(text: str) -> None:
    assert [reading.value for reading in numbers(text)] == [0]


@pytest.mark.parametrize(
    "text",
    [
        *("24x24x6 (28-5+1=24)", "taille 24x24x6", "24 sur 24 sur 6", "6@24x24", "24x24x6 = 3456", "24\u00b2x6"),
        *("24x24x6 ?", "sortie : 24x24x6"),
    ],
)
def test_sizes_with_something_beside_them(text: str) -> None:
    assert sizes(text, 3)[0].value == (24, 24, 6)


@pytest.mark.parametrize(("text", "value"), [("10 classes", 10), ("4 couches", 4), ("3 conv", 3)])
def test_numbers_of_things(text: str, value: int) -> None:
    assert numbers(text)[0].value == value
    assert sizes(text, 1)[0].value == (value,)


@pytest.mark.parametrize(
    "text", ["", "x", "62x", "x62", "62x-1x3", "(,)", "()", "aucun", "-", "1x" * 1000 + "1", "62xy", "1.5x2"]
)
def test_what_is_no_size(text: str) -> None:
    assert sizes(text) == ()


@given(st.integers(0, 10**15), st.sampled_from(SEPARATORS))
def test_a_count_in_any_spelling_is_read_back(count: int, separator: str) -> None:
    assert count in values(f"{count:,}".replace(",", separator))


@given(
    st.lists(st.integers(0, 10**6), min_size=1, max_size=4),
    st.sampled_from([("", "x", ""), ("(", ", ", ")"), ("[", ",", "]")]),
)
def test_a_size_in_any_spelling_is_read_back(axes: list[int], form: tuple[str, str, str]) -> None:
    opening, separator, closing = form
    text = f"{opening}{separator.join(map(str, axes))}{closing}"
    assert tuple(axes) in [reading.value for reading in sizes(text, len(axes))]


FORMULAS = st.recursive(
    st.integers(0, 99).map(str),
    lambda inner: st.tuples(inner, st.sampled_from(["+", "-", "*", " / ", "//", "%"]), inner).map(
        lambda parts: f"({''.join(parts)})"
    ),
    max_leaves=8,
)


def python(text: str) -> Fraction | None:
    """The same formula in Python's own arithmetic."""
    import re

    try:
        return Fraction(eval(re.sub("([0-9]+)", r"Fraction(\1)", text), {"Fraction": Fraction}))
    except ZeroDivisionError:
        return None


@given(FORMULAS)
def test_formulas_are_pythons_arithmetic(text: str) -> None:
    assert evaluate(text, Fraction) == python(text)


@given(st.text(max_size=60) | st.text("0123456789 .,'x*()[]+-/=%^²kMe_NnoneE⌊⌋", max_size=120))
def test_whatever_is_written_is_read_quickly(text: str) -> None:
    start = time.process_time()
    for reading in (*numbers(text), *sizes(text), *sizes(text, 3)):
        assert meant([reading], None) is reading
        assert is_close(reading, 1, 0.1, rounded=True) in (True, False)
    assert time.process_time() - start < 0.5
