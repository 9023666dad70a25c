"""Inception-v3 beside the one of PyTorch's model library and the one of Keras."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import pytest

pytest.importorskip("torch", reason="PyTorch is missing: pip install 'cnnspec[peers]'")

from torch import nn

from tests.peers.families import load, variants
from tests.peers.keras_originals import same_keras_figures, same_keras_values
from tests.peers.originals import WithHeads, same_figures, same_values, torchvision

pytestmark = pytest.mark.peers

FAMILY = "inception_v3"
library = partial(torchvision.models.inception_v3, init_weights=False)
ORIGINALS: dict[str, Callable[[], nn.Module]] = {
    "inception_v3": partial(library, aux_logits=False),
    "inception_v3_auxiliary": lambda: WithHeads(library(aux_logits=True)),
}


def test_every_variant_has_its_original() -> None:
    assert set(variants(FAMILY)) == ORIGINALS.keys() | {"keras_inception_v3"}


@pytest.mark.parametrize("name", ORIGINALS)
def test_figures_are_those_of_pytorch(name: str) -> None:
    same_figures(load(FAMILY, name), ORIGINALS[name])


def test_values_are_those_of_pytorch() -> None:
    name = "inception_v3_auxiliary"  # with everything that the other has
    same_values(load(FAMILY, name, logits=True), ORIGINALS[name])


def test_figures_are_those_of_keras() -> None:
    same_keras_figures(load(FAMILY, "keras_inception_v3"), "InceptionV3")


def test_values_are_those_of_keras() -> None:
    net = load(FAMILY, "keras_inception_v3", logits=True)
    same_keras_values(net, "InceptionV3", classifier_activation=None)
