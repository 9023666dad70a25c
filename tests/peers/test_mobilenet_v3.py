"""MobileNet v3 beside PyTorch's and Keras's."""

from __future__ import annotations

from typing import Any

import pytest

pytest.importorskip("torch", reason="PyTorch is missing: pip install 'cnnspec[peers]'")

from tests.peers.families import load, variants
from tests.peers.keras_originals import same_keras_figures, same_keras_values
from tests.peers.originals import same_figures, same_values, torchvision

pytestmark = pytest.mark.peers

FAMILY = "mobilenet_v3"
TORCH = {
    "mobilenet_v3_small": torchvision.models.mobilenet_v3_small,
    "mobilenet_v3_large": torchvision.models.mobilenet_v3_large,
}
CHANGES: dict[str, dict[str, Any]] = {"": {}, "_075": {"alpha": 0.75}, "_minimalistic": {"minimalistic": True}}
KERAS = {
    f"keras_mobilenet_v3_{size}{suffix}": (f"MobileNetV3{size.title()}", {"input_shape": (224, 224, 3), **change})
    for size in ("small", "large")
    for suffix, change in CHANGES.items()
}


def test_every_variant_has_its_original() -> None:
    assert TORCH.keys() | KERAS.keys() == set(variants(FAMILY))


@pytest.mark.parametrize("name", TORCH)
def test_figures_are_those_of_pytorch(name: str) -> None:
    same_figures(load(FAMILY, name), TORCH[name])


@pytest.mark.parametrize("name", TORCH)
def test_values_are_those_of_pytorch(name: str) -> None:
    same_values(load(FAMILY, name, logits=True), TORCH[name])


@pytest.mark.parametrize("name", KERAS)
def test_figures_are_those_of_keras(name: str) -> None:
    original, settings = KERAS[name]
    same_keras_figures(load(FAMILY, name), original, **settings)


@pytest.mark.parametrize("name", KERAS)
def test_values_are_those_of_keras(name: str) -> None:
    original, settings = KERAS[name]
    same_keras_values(load(FAMILY, name, logits=True), original, spread=100, classifier_activation=None, **settings)
