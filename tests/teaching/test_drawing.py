"""Variants: numbers in the place of parameters, alike in difficulty, the same for the same seed in every version."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

import cnnspec
from cnnspec.diagnostics import CnnSpecError
from cnnspec.source import Source
from cnnspec.syntax.format import format_text
from cnnspec.teaching.exercise import make_exercise, settings_of, solved
from cnnspec.teaching.variants.drawing import MOST_COMBINATIONS, clean_seed, draw, leaves_over, pick, seed_of, variants

TEXT = """\
model lenet(n = 28, k = 6, f = 5, act = relu)
block unit(k, g = f) { conv k, f=g | act }
# a comment stays
input [n, n, 1]
conv k, f=f | act -> [?, n - f + 1, k], ? params
maxpool 2 -> ?
for k in [4, 8] { unit k, g=1 }
unit 2 * (k + 1), g=1 | conv (k - 1) * channels, f=1 -> [(n - f + 1) // 2, height, channels * 0 + 2 * (k + 1) * (k - 1)]
flatten | dense 10 -> 10
expect params == ?
expect depth > k - 10
"""
SETS = {"n": [28, 31, 32, 36, 40, 300], "k": [4, 6, 8, 2000], "f": [3, 5, 99]}


def drawn(seed: str, text: str = TEXT, sets: Mapping[str, Sequence[object]] = SETS) -> str:
    return draw(Source(text), settings_of({"draw": sets}), seed).text


def test_numbers_stand_in_the_place_of_parameters() -> None:
    assert drawn("") == format_text(
        """\
model lenet
block unit(k, g = 5) { conv k, f=g | relu }
# a comment stays
input 28x28x1
conv 6, f=5 | relu -> ?x24x6, ? params
maxpool 2 -> ?
for k in [4, 8] { unit k, g=1 }
unit 14, g=1 | conv 5 * channels, f=1 -> [12, height, channels * 0 + 70]
flatten | dense 10 -> 10
expect params == ?
expect depth > -4
"""
    )


@pytest.mark.parametrize("seed", ["1", "4711", "Jean-Noël", "x" * 200])
def test_a_variant_says_its_seed_and_is_in_canonical_layout(seed: str) -> None:
    text = drawn(seed)
    assert text.startswith(f"# variant: {clean_seed(seed)}\nmodel lenet\n")
    assert seed_of(text) == clean_seed(seed)
    assert format_text(text) == text
    assert drawn(seed_of(text)) == text


@given(st.text(max_size=80))
def test_a_seed_is_one_line_and_read_back(seed: str) -> None:
    clean = clean_seed(seed)
    assert clean_seed(clean) == clean
    assert "\n" not in clean
    if clean:
        text = drawn(seed)
        assert (seed_of(text), len(text.splitlines())) == (clean, len(TEXT.splitlines()) + 1)


def test_the_choice_is_stable_over_versions() -> None:
    assert [pick(1000, f"lenet:{seed}") for seed in range(5)] == [292, 273, 474, 951, 41]


def test_only_variants_that_are_alike() -> None:
    found = variants(Source(TEXT), settings_of({"draw": SETS}))
    assert {(one["n"], one["k"], one["f"]) for one in found} == {
        (n, k, f) for n in (28, 32, 36, 40) for k in (4, 6, 8) for f in (3, 5)
    }
    for one in found:
        net = cnnspec.loads(TEXT, n=one["n"], k=one["k"], f=one["f"])
        assert not any(map(leaves_over, net.layers))


def test_rows_that_are_left_over_on_purpose_stay_so() -> None:
    text = "model odd(n = 29)\ninput [n, n, 3]\nconv 4, f=3, s=2, p=1 | maxpool 2 -> ?\nexpect params == ?\n"
    found = variants(Source(text), settings_of({"draw": {"n": list(range(20, 40))}}))
    assert [one["n"] for one in found] == [n for n in range(20, 40) if ((n + 2 - 3) // 2 + 1) % 2 == 1 and n % 2 == 1]


@pytest.mark.parametrize(
    ("line", "sets", "alike"),
    [
        ("f=3, s=s, p=p", {"s": [1, 2, 3], "p": [0, 1, 2]}, [(1, 1)]),  # the size stays
        ("f=4, s=s, p=p", {"s": [1, 2, 3], "p": [0, 1, 2]}, [(1, 1), (1, 2)]),
        ("f=6, s=s, p=p + 1", {"s": [1, 2, 4], "p": [0, 1]}, [(1, 0), (1, 1)]),
    ],
)
def test_steps_and_padding_are_as_hard_as_in_the_exercise(
    line: str, sets: dict[str, list[object]], alike: list[tuple[int, int]]
) -> None:
    source = Source(f"model one(s = 1, p = 1)\ninput 32x32x3\nconv 8, {line} -> ?\n")
    found = variants(source, settings_of({"draw": sets}))
    assert sorted((one["s"], one["p"]) for one in found) == alike


def test_blank_arguments_have_an_answer_in_every_variant() -> None:
    text = "model one(m = 28)\ninput 32x32x3\nconv 6, f=?, s=3 -> [m, m, 6]\nflatten | dense 10 -> ?\n"
    with pytest.raises(CnnSpecError, match="E512"):
        make_exercise(Source(text.replace("model one(m = 28)", "model one").replace("[m, m, 6]", "28x28x6")))
    text = text.replace("m = 28", "m = 10")
    found = variants(Source(text), settings_of({"draw": {"m": [9, 10, 11, 28, 40]}}))
    assert [one["m"] for one in found] == [9, 10, 11]


def test_all_seeds_of_a_class_can_be_solved() -> None:
    settings = settings_of({"draw": SETS})
    texts = set()
    for seed in range(60):
        exercise = make_exercise(Source(TEXT), settings, seed=str(seed))
        texts.add(exercise.source.text.partition("\n")[2])
        assert all(one.right for one in solved(exercise))
    assert len(texts) > 15


def test_very_many_combinations_are_bounded() -> None:
    text = "model m(a = 50, b = 50, c = 50)\ninput a\ndense b | relu -> ?\ndense c -> ?\n"
    sets = {name: list(range(40, 90)) for name in "abc"}
    assert 50 < len(variants(Source(text), settings_of({"draw": sets}))) <= MOST_COMBINATIONS


@pytest.mark.parametrize(
    ("sets", "code", "said"),
    [
        ({"m": [1]}, "E511", "no parameter of the model"),
        ({"n": [3]}, "E510", "is like the exercise"),
        ({"k": ["a"]}, "E510", ""),
    ],
)
def test_what_cannot_be_drawn(sets: dict[str, list[object]], code: str, said: str) -> None:
    with pytest.raises(CnnSpecError) as caught:
        drawn("1", sets=sets)
    assert [d.code for d in caught.value.diagnostics] == [code]
    assert said in caught.value.diagnostics[0].message


def test_nothing_is_drawn_without_sets() -> None:
    source = Source(TEXT)
    assert draw(source, settings_of({}), "1") is source


def test_signs_lists_and_other_values() -> None:
    text = """\
model m(w = [4, 8], a = 0.5, up = -1, on = true,)  # the widths
input 8x8x3
for k in w { conv k + channels * up * 0, f=1, bias=on }
conv w[1] - up, f=[1, 1 - up - 1] | leaky_relu a | dropout a if on else 0.1
relu -> ?
"""
    assert drawn("", text, {"a": [0.5]}) == format_text(
        """\
model m  # the widths
input 8x8x3
for k in [4, 8] { conv k + channels * (-1) * 0, f=1, bias=true }
conv 9, f=[1, 1] | leaky_relu 0.5 | dropout 0.5
relu -> ?
"""
    )
