"""Inception-ResNet-v2 beside Keras's."""

from __future__ import annotations

import pytest

pytest.importorskip("torch", reason="PyTorch is missing: pip install 'cnnspec[peers]'")

from tests.peers.families import load, variants
from tests.peers.keras_originals import same_keras_figures, same_keras_values

pytestmark = pytest.mark.peers

NAME = "inception_resnet_v2"


def test_the_only_variant_is_the_original() -> None:
    assert variants(NAME) == [NAME]


def test_figures_are_those_of_keras() -> None:
    same_keras_figures(load(NAME, NAME), "InceptionResNetV2")


def test_values_are_those_of_keras() -> None:
    same_keras_values(load(NAME, NAME, logits=True), "InceptionResNetV2", classifier_activation=None)
