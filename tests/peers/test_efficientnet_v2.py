"""EfficientNetV2 beside those of PyTorch's model library and of Keras."""

from __future__ import annotations

import pytest

pytest.importorskip("torch", reason="PyTorch is missing: pip install 'cnnspec[peers]'")

from tests.peers.families import load, variants
from tests.peers.keras_originals import figures, figures_of, original, same_keras_values
from tests.peers.originals import same_figures, same_values, torchvision

pytestmark = pytest.mark.peers

FAMILY = "efficientnet_v2"
TORCH = [f"efficientnet_v2_{size}" for size in "sml"]
KERAS = {f"keras_efficientnet_v2_{size}": f"EfficientNetV2{size.upper()}" for size in [*"sml", "b0", "b1", "b2", "b3"]}
GAIN = 0.8  # at 1, forty blocks amplify rounding errors; at 0.5, the first layers are no longer seen


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
    assert model.input_shape[1:] == next(iter(net.inputs.values()))


def test_values_are_those_of_the_model_library() -> None:
    net = load(FAMILY, "efficientnet_v2_s", side=128, logits=True)
    same_values(net, torchvision.models.efficientnet_v2_s, gain=GAIN)


@pytest.mark.parametrize(("name", "side"), [("keras_efficientnet_v2_s", 128), ("keras_efficientnet_v2_b0", 75)])
def test_values_are_those_of_keras(name: str, side: int) -> None:
    net = load(FAMILY, name, side=side, logits=True)
    shape = (side, side, 3)
    same_keras_values(net, KERAS[name], gain=GAIN, spread=100, input_shape=shape, classifier_activation=None)
