"""The bridge to Keras itself: layouts, shared inputs, and what does not fit is said."""

from __future__ import annotations

import os
from typing import Any

import pytest

pytest.importorskip("torch", reason="PyTorch is missing: pip install 'cnnspec[peers]'")

import numpy as np

import cnnspec
from tests.peers.compare import assert_close, lively_weights, run_cnnspec
from tests.peers.keras_originals import copy, keras, pairs, run_keras

pytestmark = pytest.mark.peers


def small(*layers: Any, size: tuple[int, ...] = (7, 6, 3)) -> Any:
    """A model of Keras layers in a row."""
    return keras().Sequential([keras().Input(size), *layers])


def agree(text: str, model: Any) -> None:
    net = cnnspec.loads(text)
    weights = lively_weights(net)
    copy(net, weights, model)
    size: Any = net.inputs["input"]
    x = np.random.default_rng(0).standard_normal((2, size[-1], *size[:-1])).astype(np.float32)
    assert_close(run_cnnspec(net, weights, x)["output"], run_keras(model, x))


def test_importing_keras_leaves_the_environment_alone() -> None:
    before = dict(os.environ)
    keras()
    assert dict(os.environ) == before


def test_convolutions() -> None:
    layers = keras().layers
    model = small(
        layers.Conv2D(8, (3, 2)),
        layers.DepthwiseConv2D(3, depth_multiplier=2),
        layers.BatchNormalization(epsilon=1e-5),
        layers.SeparableConv2D(5, 2, depth_multiplier=2),
        layers.Conv2DTranspose(4, 3),
        layers.Conv2D(6, 1, groups=2),
    )
    text = """
    input 7x6x3
    conv 8, f=3x2
    depthwise 3, multiplier=2 | batchnorm
    depthwise 2, multiplier=2, bias=false | conv 5, f=1
    conv_transpose 4, f=3
    conv 6, f=1, groups=2
    """
    agree(text, model)


def test_dense_behind_a_flatten_and_an_activation() -> None:
    layers = keras().layers
    agree(
        "input 7x6x3\nconv 4, f=3\nflatten | relu | dense 5 | dense 2",
        small(layers.Conv2D(4, 3), layers.Flatten(), layers.ReLU(), layers.Dense(5), layers.Dense(2)),
    )


def test_one_axis() -> None:
    layers = keras().layers
    agree("input 9x4\nconv 3, f=2\nconv 2, f=3", small(layers.Conv1D(3, 2), layers.Conv1D(2, 3), size=(9, 4)))


def test_a_model_inside_a_model() -> None:
    layers = keras().layers
    inner = small(layers.Conv2D(3, 3, padding="same"), layers.BatchNormalization(epsilon=1e-5))
    x = keras().Input((7, 6, 3))
    model = keras().Model(x, layers.Conv2D(2, 1)(layers.add([inner(x), x])))
    agree("input 7x6x3\nresidual { conv 3, f=3, p=1 | batchnorm }\nconv 2, f=1", model)


def test_branches_in_another_order_find_each_other() -> None:
    """Both branches have the same shapes but for one layer; who feeds whom tells the batch norms apart."""
    layers = keras().layers
    x = keras().Input((7, 6, 3))
    left = layers.BatchNormalization(epsilon=1e-5)(layers.Conv2D(4, 1)(x))
    right = layers.BatchNormalization(epsilon=1e-5)(layers.Conv2D(4, 3, padding="same")(x))
    text = """
    input 7x6x3
    add {
        branch { conv 4, f=3, p=1 | batchnorm }
        branch { conv 4, f=1 | batchnorm }
    }
    """
    agree(text, keras().Model(x, layers.add([left, right])))


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("conv 4, f=3", "left over in Keras: "),
        ("conv 4, f=3 | conv 4, f=3 | conv 4, f=3", "conv3 .* has no place"),
        ("conv 4, f=3, bias=false | conv 4, f=3", "conv1 .* has no place"),
        ("conv 4, f=2 | conv 4, f=3", "conv1 .* has no place"),
    ],
)
def test_what_does_not_fit_is_said(text: str, message: str) -> None:
    layers = keras().layers
    model = small(layers.Conv2D(4, 3), layers.Conv2D(4, 3), size=(9, 9, 3))
    with pytest.raises(AssertionError, match=message):
        list(pairs(cnnspec.loads(f"input 9x9x3\n{text}"), model))
