"""Sizes with letters, driven to their limits: an answer, soon, and reports that never fail."""

from __future__ import annotations

import json

import pytest

import cnnspec
from cnnspec.report import explain, summary
from cnnspec.values import UNKNOWN


def codes(text: str) -> list[str]:
    return [d.code for d in cnnspec.check(text) if d.code.startswith("E")]


@pytest.mark.parametrize(
    "text",
    [
        "input HxWx3\nrepeat 60_000 { conv 3, f=3, s=2 | relu }",
        "input HxWx3\nrepeat 60_000 { conv 3, f=3, s=2, p=same | relu }",
        "input HxWx3\nrepeat 60_000 { maxpool 2 | upsample 3 }",
        "input HxWx3\nrepeat 60_000 { maxpool 3 | upsample 2 | pad 1 }",
        "input HxWx1\nrepeat 1000 { upsample 7 }",
        "input HxWx1\n" + "maxpool 2 | upsample 3\n" * 10,
        "input HxWx1\n" + "maxpool 2 | upsample 3\n" * 2000,
    ],
)
def test_what_cannot_be_followed_ends_with_an_error(text: str) -> None:
    assert codes(text) == ["E219"]


def test_text_stays_short() -> None:
    text = "input HxWx3\n" + "maxpool 2 | upsample 3\n" * 6
    assert max(len(str(n)) for n in cnnspec.loads(text).outputs["output"]) < 2000


@pytest.mark.parametrize("power", [4, 8])
def test_a_long_product(power: int) -> None:
    text = f"input HxWxC\nupsample size=[(H + W + C + 2) ** {power} * H * H * H, W]"
    assert bool(codes(text)) == (power == 8)


def test_totals_that_are_too_long_are_left_open() -> None:
    net = cnnspec.loads(
        "input HxWx3\nfor k in 2..300 { from input | maxpool k | conv 1, f=1, bias=false | global_avgpool as v }"
    )
    assert net.macs is UNKNOWN
    assert net.params == 3 * 299
    assert any(line.startswith("MACs") and "?" in line for line in summary.text(net))
    assert json.loads("\n".join(summary.json(net)))["macs"] == "?"
    assert list(explain.explain(net))


def test_json_has_sizes_as_text() -> None:
    net = cnnspec.loads("input HxWx3\nconv 2, f=3 | maxpool 2 | global_avgpool")
    document = json.loads("\n".join(summary.json(net)))
    assert document["inputs"] == [{"name": "input", "size": ["H", "W", 3]}]
    assert [layer["output_size"] for layer in document["layers"]][:2] == [
        ["H - 2", "W - 2", 2],
        ["H // 2 - 1", "W // 2 - 1", 2],
    ]
    assert document["macs"] == "54*H*W - 108*H - 108*W + 216"
