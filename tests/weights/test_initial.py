"""Seeded weights: the same for the same seed and name, of the right spread, by the right rule."""

from __future__ import annotations

import hashlib
import math

import numpy as np
import pytest

import cnnspec
from cnnspec.files import FileProblem
from cnnspec.weights import initial, initial_weights
from cnnspec.weights.initial import Initial, rectified

LENET = """
input 28x28x1
conv 6, f=5 | relu | maxpool 2
conv 16, f=5 | batchnorm | relu | maxpool 2
flatten
dense 120 | tanh
dense 10 | softmax
"""


def digest(weights: dict[str, np.ndarray]) -> str:
    return hashlib.sha256(b"".join(array.astype("<f4").tobytes() for array in weights.values())).hexdigest()[:16]


def test_the_bytes_are_always_these() -> None:
    """Whoever changes them changes every model that was compiled from a seed: that is a new major version."""
    net = cnnspec.loads(LENET)
    assert digest(initial_weights(net)) == "20cf905dd4450aa9"
    assert digest(initial_weights(net, seed=1)) == "85d5c48692d09a37"
    assert digest(initial_weights(cnnspec.loads("input 5, integer\nembedding 100, 7"))) == "93e4bc998b0f4902"


def test_names_shapes_and_order_are_those_of_the_network() -> None:
    net = cnnspec.loads(LENET)
    weights = initial_weights(net)
    assert [(name, array.shape) for name, array in weights.items()] == [(p.name, p.shape) for p in net.parameters]
    assert {array.dtype for array in weights.values()} == {np.dtype(np.float32)}


def test_a_new_layer_leaves_the_others_as_they_were() -> None:
    before = initial_weights(cnnspec.loads("input 8x8x1\nconv 4, f=3\nconv 4, f=3"))
    after = initial_weights(cnnspec.loads("input 8x8x1\nconv 4, f=3\nconv 4, f=3, p=1 as extra\nconv 4, f=3"))
    assert np.array_equal(before["conv1.weight"], after["conv1.weight"])
    assert not np.array_equal(before["conv2.weight"], after["extra.weight"])


@pytest.mark.parametrize("size", [2, 64, 1000, 1 << 20])
def test_the_size_of_the_pieces_does_not_matter(monkeypatch: pytest.MonkeyPatch, size: int) -> None:
    net = cnnspec.loads("input 333\ndense 33\ndense 7")
    whole = initial_weights(net)
    monkeypatch.setattr(initial, "CHUNK", size)
    assert digest(initial_weights(net)) == digest(whole)


def test_seeds_and_names_give_different_numbers() -> None:
    net = cnnspec.loads("input 100\ndense 100 | relu | dense 100")
    weights, other = initial_weights(net), initial_weights(net, seed=1)
    drawn = [weights["dense1.weight"], weights["dense2.weight"], other["dense1.weight"]]
    for i, a in enumerate(drawn):
        for b in drawn[i + 1 :]:
            assert abs(np.corrcoef(a.ravel(), b.ravel())[0, 1]) < 0.05


@pytest.mark.parametrize(("init", "bound"), [("he", math.sqrt(6 / 400)), ("glorot", math.sqrt(6 / (400 + 300)))])
def test_the_spread_is_that_of_the_rule(init: str, bound: float) -> None:
    weight = initial_weights(cnnspec.loads("input 400\ndense 300"), init=init)["dense1.weight"]
    assert abs(weight).max() <= np.float32(bound)
    assert abs(weight).max() > 0.999 * bound
    assert weight.var() == pytest.approx(bound**2 / 3, rel=0.01)
    assert abs(weight.mean()) < 0.01 * bound


def test_fans_of_a_grouped_convolution_count_what_a_filter_sees() -> None:
    weights = initial_weights(cnnspec.loads("input 9x9x64\nconv 128, f=3, groups=2"), init="he")
    assert weights["conv1.weight"].var() == pytest.approx(2 / (3 * 3 * 32), rel=0.02)


def test_embeddings_are_nearly_normal() -> None:
    weight = initial_weights(cnnspec.loads("input 5, integer\nembedding 1000, 50"))["embedding1.weight"]
    assert abs(weight.mean()) < 0.02
    assert weight.var() == pytest.approx(1, rel=0.02)
    assert (abs(weight) < 1).mean() == pytest.approx(0.683, abs=0.01)


def test_biases_norms_and_slopes() -> None:
    weights = initial_weights(cnnspec.loads("input 8x8x3\nconv 4, f=3 | batchnorm | prelu"))
    starts = {name: set(array.ravel().tolist()) for name, array in weights.items() if name != "conv1.weight"}
    assert starts == {
        "conv1.bias": {0.0},
        "batchnorm1.weight": {1.0},
        "batchnorm1.bias": {0.0},
        "batchnorm1.running_mean": {0.0},
        "batchnorm1.running_var": {1.0},
        "prelu1.weight": {0.25},
    }


def test_zeros_leave_norms_neutral() -> None:
    weights = initial_weights(cnnspec.loads("input 8x8x3\nconv 4, f=3 | batchnorm"), init="zeros")
    assert not weights["conv1.weight"].any()
    assert weights["batchnorm1.weight"].all()


def test_what_feeds_a_rectifier_starts_as_he() -> None:
    assert rectified(cnnspec.loads(LENET)) >= {"conv1", "conv2"}
    assert "dense1" not in rectified(cnnspec.loads(LENET))
    assert "dense2" not in rectified(cnnspec.loads(LENET))


def test_a_residual_branch_feeds_the_rectifier_after_the_addition() -> None:
    net = cnnspec.loads(
        "input 8x8x4\n"
        "residual { conv 4, f=3, p=1 | relu | conv 4, f=3, p=1 | batchnorm } | relu\n"
        "global_avgpool | dense 3\n"
    )
    kernels = {name for name in rectified(net) if name.startswith(("conv", "dense"))}
    assert kernels == {"conv1", "conv2"}


def test_a_layer_used_again_counts_wherever_it_is_used() -> None:
    net = cnnspec.loads("input 4\ndense 4 as d | tanh | apply d | relu")
    assert "d" in rectified(net)


def test_the_default_is_by_layer() -> None:
    net = cnnspec.loads("input 100\ndense 200 | relu | dense 300 | softmax")
    weights = initial_weights(net)
    assert weights["dense1.weight"].var() == pytest.approx(2 / 100, rel=0.05)
    assert weights["dense2.weight"].var() == pytest.approx(2 / (200 + 300), rel=0.05)


def test_values_in_the_spec_win() -> None:
    net = cnnspec.loads("input 5x5x1\nconv 1, f=3, weight=[[1, 0, -1], [2, 0, -2], [1, 0, -1]], bias=false")
    assert initial_weights(net)["conv1.weight"].tolist() == [[[[1, 0, -1], [2, 0, -2], [1, 0, -1]]]]


def test_a_value_beyond_32_bits_is_refused() -> None:
    net = cnnspec.loads("input 1\ndense 1, weight=[1e39]", "far.cnn")
    with pytest.raises(FileProblem, match=r"far\.cnn: line 2: a value of `dense1.weight` is too large"):
        initial_weights(net)


def test_an_unknown_rule_is_refused() -> None:
    with pytest.raises(ValueError, match="init is one of"):
        Initial(cnnspec.loads(LENET), init="uniform")


@pytest.mark.parametrize(
    "text",
    ["input ?\ndense 3", "input 8x8x1\nconv ?, f=3", "input 8x8x1\nconv 6, f=? -> 6x6x6", "input 9\n? -> 3\ndense 2"],
)
def test_what_is_left_open_has_no_weights(text: str) -> None:
    with pytest.raises(FileProblem, match="left open"):
        initial_weights(cnnspec.loads(text))


def test_blanks_in_annotations_leave_nothing_open() -> None:
    assert initial_weights(cnnspec.loads("input 3\ndense 2 -> ?, ? params"))["dense1.weight"].shape == (2, 3)
