"""EfficientNet B0 to B7 beside those of PyTorch's model library and of Keras."""

from __future__ import annotations

import pytest

pytest.importorskip("torch", reason="PyTorch is missing: pip install 'cnnspec[peers]'")

from tests.peers.families import load, variants
from tests.peers.keras_originals import figures, figures_of, original, same_keras_values
from tests.peers.originals import same_figures, same_values, torchvision

pytestmark = pytest.mark.peers

FAMILY = "efficientnet"
TORCH = [f"efficientnet_b{i}" for i in range(8)]
KERAS = {f"keras_efficientnet_b{i}": f"EfficientNetB{i}" for i in range(8)}


def test_every_variant_has_its_original() -> None:
    assert variants(FAMILY) == [*TORCH, *KERAS]


@pytest.mark.parametrize("name", TORCH)
def test_figures_are_those_of_the_model_library(name: str) -> None:
    same_figures(load(FAMILY, name), getattr(torchvision.models, name))


@pytest.mark.parametrize("name", TORCH)
def test_sides_are_those_of_the_model_library(name: str) -> None:
    """The published operations, a figure rounded to millions, hold for the side that the variant has."""
    meta = torchvision.models.get_model_weights(name).DEFAULT.meta
    counted = figures_of(load(FAMILY, name))
    assert (counted.trainable, round(counted.macs / 1e9, 3)) == (meta["num_params"], meta["_ops"])


@pytest.mark.parametrize("name", KERAS)
def test_figures_are_those_of_keras(name: str) -> None:
    net, model = load(FAMILY, name), original(KERAS[name])
    assert figures_of(net) == figures(model)
    assert model.count_params() == net.params + 1  # the count of images seen, as the file says
    assert model.input_shape[1:] == next(iter(net.inputs.values()))


def test_values_are_those_of_the_model_library() -> None:
    same_values(load(FAMILY, "efficientnet_b0", logits=True), torchvision.models.efficientnet_b0)


@pytest.mark.parametrize("side", [224, 75])
def test_values_are_those_of_keras(side: int) -> None:
    """An odd side is padded alike on both ends, an even one at the end only."""
    net = load(FAMILY, "keras_efficientnet_b0", r=side, logits=True)
    shape = (side, side, 3)
    same_keras_values(net, "EfficientNetB0", spread=100, input_shape=shape, classifier_activation=None)
