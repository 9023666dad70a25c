"""ResNet, ResNeXt and Wide ResNet as in PyTorch's model library, ResNet and ResNet v2 as in Keras."""

from __future__ import annotations

import pytest

pytest.importorskip("torch", reason="PyTorch is missing: pip install 'cnnspec[peers]'")

from tests.peers.families import load, variants
from tests.peers.keras_originals import same_keras_figures, same_keras_values
from tests.peers.originals import same_figures, same_values, torchvision

pytestmark = pytest.mark.peers

KERAS = {
    "resnet_keras": {"keras_resnet50": "ResNet50", "keras_resnet101": "ResNet101", "keras_resnet152": "ResNet152"},
    "resnet_v2": {
        "keras_resnet50_v2": "ResNet50V2",
        "keras_resnet101_v2": "ResNet101V2",
        "keras_resnet152_v2": "ResNet152V2",
    },
}


@pytest.mark.parametrize("variant", variants("resnet"))
def test_figures_are_those_of_pytorch(variant: str) -> None:
    same_figures(load("resnet", variant), getattr(torchvision.models, variant))


@pytest.mark.parametrize("variant", ["resnet18", "resnext50_32x4d"])
def test_values_are_those_of_pytorch(variant: str) -> None:
    same_values(load("resnet", variant, logits=True), getattr(torchvision.models, variant))


@pytest.mark.parametrize("family", KERAS)
def test_figures_are_those_of_keras(family: str) -> None:
    assert list(KERAS[family]) == variants(family)
    for variant, name in KERAS[family].items():
        same_keras_figures(load(family, variant), name)


@pytest.mark.parametrize("family", KERAS)
def test_values_are_those_of_keras(family: str) -> None:
    variant, name = next(iter(KERAS[family].items()))
    same_keras_values(load(family, variant, logits=True), name, classifier_activation=None)


def test_the_showcase_is_the_variant() -> None:
    """resnet50.cnn spells out what resnet.cnn has as a variant."""
    ours, family = load("resnet50"), load("resnet", "resnet50")
    assert [p.shape for p in ours.parameters] == [p.shape for p in family.parameters]
    assert [layer.kind for layer in ours.layers] == [layer.kind for layer in family.layers]
