"""The smallest input, against the one that PyTorch's model library publishes for its networks."""

from __future__ import annotations

import pytest

pytest.importorskip("torch", reason="PyTorch is missing: pip install 'cnnspec[peers]'")

import torch

import cnnspec
from cnnspec.smallest import smallest_inputs
from tests.peers.families import ARCHITECTURES, load, variants
from tests.peers.originals import torchvision

OTHER_NAMES = {
    "googlenet_bn": "googlenet",
    "mnasnet": "mnasnet1_0",
    "mnasnet_050": "mnasnet0_5",
    "mnasnet_075": "mnasnet0_75",
    "mnasnet_130": "mnasnet1_3",
    "shufflenet_v2": "shufflenet_v2_x1_0",
    "shufflenet_v2_050": "shufflenet_v2_x0_5",
    "shufflenet_v2_150": "shufflenet_v2_x1_5",
    "shufflenet_v2_200": "shufflenet_v2_x2_0",
}
ANOTHER_NETWORK = ("googlenet",)  # Caffe's
CAUTIOUS = ("efficientnet_v2_s", "efficientnet_v2_m", "efficientnet_v2_l")  # they run on less than is published
LIBRARY = torchvision.models.list_models(torchvision.models)
FAMILIES = sorted(path.stem for path in ARCHITECTURES.glob("*.cnn"))
PUBLISHED = {
    (family, variant): OTHER_NAMES.get(variant, variant)
    for family in FAMILIES
    for variant in variants(family)
    if variant not in ANOTHER_NETWORK and OTHER_NAMES.get(variant, variant) in LIBRARY
}


def published(name: str) -> tuple[int, ...]:
    return tuple(torchvision.models.get_model_weights(name).DEFAULT.meta["min_size"])


def test_most_of_the_library_is_there() -> None:
    assert len(PUBLISHED) >= 65


@pytest.mark.parametrize(("family", "variant"), PUBLISHED)
def test_the_published_minimum(family: str, variant: str) -> None:
    found = smallest_inputs(load(family, variant))
    assert found is not None
    height, width, _ = found["input"]
    if variant in CAUTIOUS:
        assert (height, width) < published(PUBLISHED[family, variant])
        original = torchvision.models.get_model(PUBLISHED[family, variant]).eval()
        assert original(torch.zeros(1, 3, height, width)).shape == (1, 1000)
    else:
        assert (height, width) == published(PUBLISHED[family, variant])


def test_alexnet() -> None:
    net = cnnspec.load(ARCHITECTURES / "alexnet_one_tower.cnn")
    assert smallest_inputs(net) == {"input": (*published("alexnet"), 3)}
