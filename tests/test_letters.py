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
