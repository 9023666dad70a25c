"""MobileNet v2 beside PyTorch's and Keras's."""

from __future__ import annotations

import pytest

pytest.importorskip("torch", reason="PyTorch is missing: pip install 'cnnspec[peers]'")

from tests.peers.families import load, variants
from tests.peers.keras_originals import same_keras_figures, same_keras_values
from tests.peers.originals import same_figures, same_values, torchvision

pytestmark = pytest.mark.peers

FAMILY = "mobilenet_v2"
ALPHA = {
    "keras_mobilenet_v2": 1.0,
    "keras_mobilenet_v2_035": 0.35,
    "keras_mobilenet_v2_050": 0.5,
    "keras_mobilenet_v2_075": 0.75,
    "keras_mobilenet_v2_130": 1.3,
    "keras_mobilenet_v2_140": 1.4,
}


def test_every_variant_has_its_original() -> None:
    assert ALPHA.keys() | {"mobilenet_v2"} == set(variants(FAMILY))


def test_figures_are_those_of_pytorch() -> None:
    same_figures(load(FAMILY, "mobilenet_v2"), torchvision.models.mobilenet_v2)


def test_values_are_those_of_pytorch() -> None:
    same_values(load(FAMILY, "mobilenet_v2", logits=True), torchvision.models.mobilenet_v2)


@pytest.mark.parametrize("name", ALPHA)
def test_figures_are_those_of_keras(name: str) -> None:
    same_keras_figures(load(FAMILY, name), "MobileNetV2", alpha=ALPHA[name])


@pytest.mark.parametrize("name", ALPHA)
def test_values_are_those_of_keras(name: str) -> None:
    net = load(FAMILY, name, logits=True)
    same_keras_values(net, "MobileNetV2", alpha=ALPHA[name], classifier_activation=None)
