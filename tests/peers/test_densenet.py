"""DenseNets beside those of PyTorch's model library and of Keras."""

from __future__ import annotations

import pytest

pytest.importorskip("torch", reason="PyTorch is missing: pip install 'cnnspec[peers]'")

from tests.peers.families import load, variants
from tests.peers.keras_originals import same_keras_figures, same_keras_values
from tests.peers.originals import same_figures, same_values, torchvision

pytestmark = pytest.mark.peers

FAMILY = "densenet"
VARIANTS = ["densenet121", "densenet161", "densenet169", "densenet201"]
IN_KERAS = {"densenet121": "DenseNet121", "densenet169": "DenseNet169", "densenet201": "DenseNet201"}


def test_every_variant_has_its_original() -> None:
    assert variants(FAMILY) == VARIANTS


@pytest.mark.parametrize("name", VARIANTS)
def test_figures_are_those_of_the_model_library(name: str) -> None:
    same_figures(load(FAMILY, name), getattr(torchvision.models, name))


@pytest.mark.parametrize("name", IN_KERAS)
def test_figures_are_those_of_keras(name: str) -> None:
    same_keras_figures(load(FAMILY, name), IN_KERAS[name])


def test_values_are_those_of_the_model_library() -> None:
    same_values(load(FAMILY, "densenet121", logits=True), torchvision.models.densenet121)


def test_values_are_those_of_keras() -> None:
    net = load(FAMILY, "densenet121", logits=True)
    same_keras_values(net, "DenseNet121", classifier_activation=None)
