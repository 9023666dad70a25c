"""W401 to W404: batch norms and dropouts in places where they do harm, or nothing."""

from __future__ import annotations

import numpy as np
import pytest

import cnnspec
from tests.lint.finding import find, fixed, marked, rows

# --- W401 ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("layer", "after"),
    [
        ("conv 8, f=3", "conv 8, f=3, bias=false"),
        ("conv 8, f=3, bias=true, s=2", "conv 8, f=3, bias=false, s=2"),
        ("depthwise 3  # each map", "depthwise 3, bias=false  # each map"),
        ("conv_transpose 8, f=2, s=2", "conv_transpose 8, f=2, s=2, bias=false"),
        ("conv 8, f=3 as a", "conv 8, f=3, bias=false as a"),
    ],
)
def test_a_bias_before_batchnorm(layer: str, after: str) -> None:
    text = "input 9x9x8\n{}\nbatchnorm | relu\n"
    assert rows(text.format(layer), "W401") == [2]
    assert fixed(text.format(layer), "W401", "unsafe") == text.format(after)


def test_a_dense_layer_before_batchnorm() -> None:
    assert fixed("input 9\ndense 4 | identity | batchnorm\n", "W401", "unsafe") == (
        "input 9\ndense 4, bias=false | identity | batchnorm\n"
    )


def test_the_bias_does_nothing() -> None:
    """With the mean that training would find, the value is the same whatever the bias is."""
    net = cnnspec.loads("input 6\ndense 3 | batchnorm\n")
    weights = net.weights(seed=1)
    x = np.random.default_rng(0).normal(size=(50, 6)).astype(np.float32)
    values = []
    for bias in (0.0, 7.0):
        weights["dense1.bias"][:] = bias
        weights["batchnorm1.running_mean"] = (x @ weights["dense1.weight"].T).mean(0) + bias
        values.append(net.session(weights=weights).run(x)["output"])
    np.testing.assert_allclose(values[0], values[1], atol=1e-5)


@pytest.mark.parametrize(
    "text",
    [
        "conv 8, f=3, bias=false | batchnorm",
        "conv 8, f=3 | relu | batchnorm",
        "conv 8, f=3 | layernorm",
        "conv 8, f=3 | groupnorm 2",
        "conv 8, f=3 as a | batchnorm as b\noutput a, b",
        "conv 8, f=3, p=1 as a | batchnorm | add a",
        "frozen { conv 8, f=3 } | batchnorm",
        "conv 2, f=1, bias=[3, 4] | batchnorm",
        "conv 8, f=3, p=1 as a | batchnorm | relu | apply a",
        "conv 8, f=3 | pad 1 | batchnorm",
    ],
)
def test_a_bias_that_is_used(text: str) -> None:
    assert rows(f"input 9x9x8\n{text}\n", "W401") == []


def test_a_shared_layer_with_batch_norms_everywhere() -> None:
    text = "input 9x9x8\nconv 8, f=3, p=1 as a | batchnorm | relu | apply a | batchnorm\n"
    (d,) = find(text, "W401")
    assert d.row == 2


def test_a_bias_that_depends_on_something_has_no_fix() -> None:
    (d,) = find("model m(bias = true)\ninput 9\ndense 4, bias=bias | batchnorm\n", "W401")
    assert d.fix is None


def test_a_block_that_is_also_used_without_batchnorm_has_no_fix() -> None:
    block = "block dense_norm(norm) {\n    dense 4\n    if norm { batchnorm }\n    relu\n}\ninput 9\n"
    (d,) = find(f"{block}dense_norm true | dense_norm false\n", "W401")
    assert (d.row, d.fix) == (2, None)
    assert d.help.startswith("leave the bias out only where `batchnorm` follows")
    (d,) = find(f"{block}dense_norm true | dense_norm true\n", "W401")
    assert d.fix is not None
    assert d.help == "write `bias=false`"
    shared = "input 9x9x8\nconv 8, f=3, p=1 as a | batchnorm | relu | apply a | batchnorm\n"
    assert [d.help for d in find(shared, "W401")] == ["write `bias=false`"]


def test_a_variant_without_batchnorm_needs_the_bias() -> None:
    text = (
        "model u(norm = true)\nblock cb(n) {\n    conv n, f=3, p=1\n    if norm { batchnorm }\n    relu\n}\n"
        "variant plain(norm = false)\ninput 28x28x1\ncb 4\nflatten | dense 3\n"
    )
    (d,) = find(text, "W401")
    assert d.fix is None
    assert "only where `batchnorm` follows" in d.help
    (d,) = find(text.replace("variant plain(norm = false)\n", ""), "W401")
    assert d.help == "write `bias=false`"


# --- W402 ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("conv 8, f=9\nbatchnorm", [3]),
        ("conv 8, f=9 | flatten\nbatchnorm | dense 4", [3]),
        ("conv 8, f=9 | relu | flatten | dropout 0\nbatchnorm | dense 4", [3]),
        ("global_avgpool keep=true | conv 8, f=1\nbatchnorm | relu", [3]),
        ("maxpool 9\nbatchnorm", [3]),
        ("conv 8, f=8x9\nbatchnorm", []),
        ("conv 8, f=8 | flatten\nbatchnorm", []),
        ("global_avgpool\nbatchnorm | dense 4", []),
        ("global_avgpool keep=true\nbatchnorm", []),
        ("global_avgpool keep=true | relu\nbatchnorm", []),
        ("flatten | dense 8, bias=false\nbatchnorm | dense 4", []),
        ("flatten | dense 8 | reshape 1x1x8\nbatchnorm", []),
        ("conv 8, f=9\nfrozen { batchnorm }", []),
        ("conv 8, f=9\nlayernorm", []),
    ],
)
def test_batchnorm_on_one_pixel(text: str, found: list[int]) -> None:
    assert rows(f"input 9x9x8\n{text}\n", "W402") == found


def test_one_pixel_of_a_signal_and_of_a_video() -> None:
    assert rows("input 9x8\nconv 8, f=9 | batchnorm\n", "W402") == [2]
    assert rows("input 4x9x9x8\nconv 8, f=4x9x9 | batchnorm\n", "W402") == [2]
    assert rows("input HxWx8\nconv 8, f=9 | batchnorm\n", "W402") == []


# --- W403 ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("dropout 0.5 | batchnorm", [2]),
        ("dropout 0.5 | relu | batchnorm", [2]),
        ("dropout 0.5 | conv 8, f=3 | batchnorm", [2]),
        ("dropout 0.5 | maxpool 3 | conv 8, f=3 | relu | batchnorm", [2]),
        ("dropout 0.5 | depthwise 3 | batchnorm", [2]),
        ("dropout 0.5 | flatten | dense 8 | batchnorm", [2]),
        ("dropout 0.5 | conv 8, f=3 | relu | conv 8, f=3 | batchnorm", []),
        ("dropout 0 | batchnorm", []),
        ("drop_path 0.5 | batchnorm", []),
        ("dropout 0.5 | layernorm", []),
        ("dropout 0.5 | layernorm | batchnorm", []),
        ("dropout 0.5\nfrozen { batchnorm }", []),
        ("batchnorm | dropout 0.5 | conv 8, f=3", []),
        ("residual { dropout 0.5 } | batchnorm", []),
        ("dropout 0.5\nconcat { branch { batchnorm } branch { batchnorm } }", [2]),
    ],
)
def test_dropout_before_batchnorm(text: str, found: list[int]) -> None:
    assert rows(f"input 9x9x8\n{text}\n", "W403") == found


def test_both_places_are_shown() -> None:
    text = "input 9\ndropout 0.5\ndense 4, bias=false | batchnorm\n"
    (d,) = find(text, "W403")
    assert marked(text, "W403") == "dropout 0.5"
    assert [text[slice(*label.span)] for label in d.labels] == ["batchnorm"]


# --- W404 ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "after"),
    [
        ("dense 4 | dropout 0.5", "dense 4"),
        ("dense 4 | dropout 0.5 | softmax", "dense 4 | softmax"),
        ("dense 4\ndropout 0.5\nsoftmax", "dense 4\nsoftmax"),
        ("dense 4 | dropout 0.5 | reshape 2x2x1 | sigmoid", "dense 4 | reshape 2x2x1 | sigmoid"),
        ("dense 4 | dropout 0.5 | dropout 0.5", "dense 4"),
    ],
)
def test_dropout_at_the_end(text: str, after: str) -> None:
    assert fixed(f"input 9\n{text}\n", "W404", "unsafe") == f"input 9\n{after}\n"


@pytest.mark.parametrize(
    "text",
    [
        "dropout 0.5 | dense 4 | softmax",
        "dense 4 | dropout 0 | softmax",
        "dense 4 | dropout 0.5 | prelu | dense 4",
        "dropout 0.5 | scale",
        "dense 4\n? -> 4\ndropout 0.5\n? -> 4",
    ],
)
def test_dropout_before_the_last_layer(text: str) -> None:
    assert rows(f"input 9\n{text}\n", "W404") == []


def test_dropout_before_one_of_several_outputs() -> None:
    assert rows("input 9\ndense 4 | dropout 0.5 as a | dense 4 as b\noutput a, b\n", "W404") == [2]
