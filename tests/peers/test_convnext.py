"""ConvNeXt beside those of PyTorch's model library and of Keras."""

from __future__ import annotations

import pytest

pytest.importorskip("torch", reason="PyTorch is missing: pip install 'cnnspec[peers]'")

from tests.peers.families import load, variants
from tests.peers.keras_originals import same_keras_figures, same_keras_values
from tests.peers.originals import same_figures, same_values, torchvision

pytestmark = pytest.mark.peers

FAMILY = "convnext"
TORCH = [f"convnext_{size}" for size in ("tiny", "small", "base", "large")]
KERAS = {f"keras_convnext_{size.lower()}": f"ConvNeXt{size}" for size in ("Tiny", "Small", "Base", "Large", "XLarge")}


def test_every_variant_has_its_original() -> None:
    assert variants(FAMILY) == [*TORCH, *KERAS]


@pytest.mark.parametrize("name", TORCH)
def test_figures_are_those_of_the_model_library(name: str) -> None:
    net = load(FAMILY, name)
    same_figures(net, getattr(torchvision.models, name))
    assert net.trainable == torchvision.models.get_model_weights(name).DEFAULT.meta["num_params"]


@pytest.mark.parametrize("name", KERAS)
def test_figures_are_those_of_keras(name: str) -> None:
    same_keras_figures(load(FAMILY, name), KERAS[name])


def test_values_are_those_of_the_model_library() -> None:
    same_values(load(FAMILY, "convnext_tiny", logits=True), torchvision.models.convnext_tiny)


def test_values_are_those_of_keras() -> None:
    net = load(FAMILY, "keras_convnext_tiny", logits=True)
    same_keras_values(net, "ConvNeXtTiny", spread=100, classifier_activation=None)
