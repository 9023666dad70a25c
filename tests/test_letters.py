"""Letters in the size of an input, and the numbers that `--set` and variants give them."""

from __future__ import annotations

import pytest

import cnnspec

SPEC = """
model m(k = 3)
input [16 * H, 16 * W, 3]
conv 8, f=k, p=1 -> [16 * H, 16 * W, 8]
variant small(H = 2, W = k) {
    expect output == 32x48x8
    expect macs == 331_776
}
"""


def errors(text: str, **settings: object) -> list[tuple[str, int]]:
    return [(d.code, d.row) for d in cnnspec.check(text, settings=settings) if d.severity == "error"]


def test_letters_are_set_from_outside() -> None:
    net = cnnspec.loads(SPEC, H=1, W=2)
    assert net.outputs == {"output": (16, 32, 8)}
    assert net.letters == ()
    half = cnnspec.loads(SPEC, H=1)
    assert half.letters == ("W",)
    assert [str(n) for n in half.outputs["output"]] == ["16", "16*W", "8"]


def test_letters_are_set_by_a_variant() -> None:
    assert errors(SPEC) == []
    assert cnnspec.loads(SPEC, variant="small").outputs == {"output": (32, 48, 8)}
    assert cnnspec.loads(SPEC, variant="small", W=1).outputs == {"output": (32, 16, 8)}
    assert errors(SPEC.replace("32x48x8", "32x32x8")) == [("E404", 6)]


@pytest.mark.parametrize("value", ["0", "-1", "1.5", "true", "[1, 2]", "relu"])
def test_a_letter_is_a_whole_number_from_one_on(value: str) -> None:
    assert errors(SPEC.replace("H = 2", f"H = {value}")) == [("E207", 5)]


def test_letters_that_nothing_has() -> None:
    assert errors(SPEC.replace("H = 2", "K = 2")) == [("E220", 5)]
    assert errors(SPEC, K=2) == [("E220", 2)]
    assert errors(SPEC.replace("conv 8", "conv K")) == [("E208", 4)]
    assert errors(SPEC.replace("H", "N")) == [("E208", 3), ("E208", 4)]


def test_other_sizes_are_tried_whatever_the_letters_are_set_to() -> None:
    net = cnnspec.loads(SPEC.replace("p=1", "p=0").replace(" -> [16 * H, 16 * W, 8]", ""), H=8, W=8, k=20)
    assert net.smallest_inputs() == {"input": (32, 32, 3)}


def test_what_follows_from_a_letter_is_shown_in_json() -> None:
    from json import loads

    from cnnspec.report.summary import json

    document = loads("\n".join(json(cnnspec.loads(SPEC))))
    assert document["inputs"] == [{"name": "input", "size": ["16*H", "16*W", 3]}]
    assert document["layers"][0]["macs"] == "55296*H*W"
    assert document["smallest_inputs"] == [{"name": "input", "size": [16, 16, 3]}]


JOINS = """
input [{axis}, 4]
maxpool 2 | upsample 2
add input
maxpool 3 | upsample 3
add input
"""


@pytest.mark.parametrize(
    ("axis", "wanted"),
    [
        ("H", "2 * H"),
        ("3 * H", "6 * H"),
        ("2 * H", "6 * H"),
        ("3 * H + 6", "6 * H + 6"),
    ],
)
def test_the_multiple_proposed_includes_the_one_that_stands_there(axis: str, wanted: str) -> None:
    (error,) = cnnspec.check(JOINS.format(axis=axis))
    assert error.code == "E304"
    assert error.help == f"they are equal where the input is a multiple: write {wanted} in its size"


def test_what_is_proposed_in_the_end_fits_all_joins() -> None:
    assert errors(JOINS.format(axis="6 * H")) == []


def test_the_multiple_after_four_windows_that_round_up() -> None:
    halves = " | ".join(["conv 4, f=3, s=2, p=1"] * 4)
    (error,) = cnnspec.check(f"input [3*W, 4]\n{halves} | upsample 16\nadd input\n")
    assert "write 48 * W in" in error.help


def test_only_the_letter_that_matters_is_multiplied() -> None:
    (error,) = cnnspec.check("input HxWx4\nmaxpool 2x1, s=2x1 | upsample 2x1\nadd input\n")
    assert "write 2 * H in" in error.help


def test_a_size_of_one_axis_equals_a_number() -> None:
    assert errors("input HxWx3\nflatten\nexpect output == 3 * H * W\n") == []
    assert errors("input HxWx3\nflatten\nexpect output == 2 * H * W\n") == [("E404", 3)]
    assert errors("input HxWx3\nconv 3, f=1\nexpect output == H\n") == [("E225", 3)]


def branch(condition: str) -> str:
    """The messages about a condition with the height 2*H and the width W."""
    found = cnnspec.check(f"input [2 * H, W, 3]\nif {condition} {{ conv 3, f=1 }} else {{ conv 4, f=1 }}\n")
    return " ".join(d.message for d in found if d.severity == "error")


@pytest.mark.parametrize(
    "condition",
    [
        "height * height > height",
        "width // 2 * 2 <= width",
        "width % 2 < 2",
        "height * 2 == 6",
        "height != 3",
        "height != 2.5",
    ],
)
def test_what_is_the_same_for_every_size_is_decided(condition: str) -> None:
    assert branch(condition) == ""


def test_only_what_was_seen_to_differ_is_said_to() -> None:
    assert branch("height == 4") == "for some sizes 2*H == 4 is true, for others it is not"
    assert branch("min(height, width) > 0") == "for some sizes W < 2*H is true, for others it is not"
    square = "height * height >= 2 * height * width - width * width"
    assert branch(square) == "4*H*H >= 4*H*W - W*W cannot be decided for every H and W"


@pytest.mark.parametrize(
    ("size", "message"),
    [
        ("(H + 1)**30", "(H + 1) ** 30: the exponent has to be a known number, 0 to 8, where letters stand"),
        ("2**H", "2 ** H: the exponent has to be a known number, 0 to 8, where letters stand"),
        ("(H - 2) / 2", "(H - 2) / 2 is not a whole number for every size"),
        ("1 / (H * W)", "1 / (H*W): a size with letters cannot be the divisor"),
        ("7 // H", "7 // H: a size with letters cannot be the divisor"),
        ("H * 0.5", "H * 0.5: sizes with letters are computed in whole numbers"),
        ("floor(H / 2 * 0.5)", "(H / 2) * 0.5: sizes with letters are computed in whole numbers"),
        ("floor(H / (W / 2))", "H / (W / 2): a size with letters cannot be the divisor"),
        ("floor(H / 0)", "H / 0: division by zero"),
        ("floor(H / 2 + true)", "`+` needs numbers, not `true`"),
    ],
)
def test_what_is_not_computed_is_said(size: str, message: str) -> None:
    found = cnnspec.check(f"input HxWx3\nadaptive_avgpool [{size}, W]\n")
    assert [d.message for d in found] == [message]


@pytest.mark.parametrize(
    ("written", "wanted"),
    [
        ("floor(H / 4)", "H // 4"),
        ("floor((H - 2) / 2) + 1", "H // 2"),
        ("floor((H + 2*1 - 3)/2 + 1)", "(H + 1) // 2"),
        ("ceil((H + 2) / 2)", "(H + 3) // 2"),
        ("ceil(3 * (H / 2 + 1))", "(3 * H + 7) // 2"),
        ("floor(H / 2 / -3 + H)", "H - (H + 5) // 6"),
        ("floor(H / 2 + H / 3)", "5 * H // 6"),
        ("floor(4 * H / 2)", "2 * H"),
    ],
)
def test_a_quotient_may_be_rounded(written: str, wanted: str) -> None:
    text = f"input [H, 3]\nadaptive_avgpool [{written} + 9] -> [{wanted} + 9, 3]\n"
    assert errors(text) == []


def test_a_network_for_very_large_images_has_a_size() -> None:
    assert errors("input HxWx1\nrepeat 24 { maxpool 2 }\n") == []


def test_where_no_size_is_found_no_more_is_said() -> None:
    (error,) = cnnspec.check("input HxWx1\nrepeat 50 { maxpool 2 }\n")
    assert error.code == "E316"
    assert error.message.startswith("no size was found for which this network works: with H = W = 1024, ")


def test_the_remedy_for_a_vector_of_any_length() -> None:
    vector, image = (cnnspec.check(f"{text}\ndense 10\n") for text in ("input L", "input HxWx1\nflatten"))
    assert vector[0].help == "give the input a known size, such as `input 100`"
    assert "global_avgpool" in image[0].help


@pytest.mark.parametrize("k", [2, 3, 5, 7, 11])
def test_a_network_for_multiples_only_has_sizes_that_fit(k: int) -> None:
    text = f"input Lx8\nmaxpool {k}, ceil=true | upsample {k} as u\nfrom input\ncrop like=u\n"
    assert errors(text) == []
