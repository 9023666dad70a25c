"""MobileNet v1 beside Keras's."""

from __future__ import annotations

import pytest

pytest.importorskip("torch", reason="PyTorch is missing: pip install 'cnnspec[peers]'")

from tests.peers.families import load, variants
from tests.peers.keras_originals import same_keras_figures, same_keras_values

pytestmark = pytest.mark.peers

FAMILY = "mobilenet_v1"
ALPHA = {"mobilenet_v1": 1.0, "mobilenet_v1_075": 0.75, "mobilenet_v1_050": 0.5, "mobilenet_v1_025": 0.25}


def test_every_variant_has_its_original() -> None:
    assert ALPHA.keys() == set(variants(FAMILY))


@pytest.mark.parametrize("name", ALPHA)
def test_figures_are_those_of_keras(name: str) -> None:
    same_keras_figures(load(FAMILY, name), "MobileNet", alpha=ALPHA[name])


@pytest.mark.parametrize("name", ALPHA)
def test_values_are_those_of_keras(name: str) -> None:
    net = load(FAMILY, name, logits=True)
    same_keras_values(net, "MobileNet", alpha=ALPHA[name], classifier_activation=None)
