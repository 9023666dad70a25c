"""ShuffleNet v2 beside PyTorch's."""

from __future__ import annotations

import pytest

pytest.importorskip("torch", reason="PyTorch is missing: pip install 'cnnspec[peers]'")

from tests.peers.families import load, variants
from tests.peers.originals import same_figures, same_values, torchvision

pytestmark = pytest.mark.peers

FAMILY = "shufflenet_v2"
models = torchvision.models
ORIGINALS = {
    "shufflenet_v2_050": models.shufflenet_v2_x0_5,
    "shufflenet_v2": models.shufflenet_v2_x1_0,
    "shufflenet_v2_150": models.shufflenet_v2_x1_5,
    "shufflenet_v2_200": models.shufflenet_v2_x2_0,
}


def test_every_variant_has_its_original() -> None:
    assert ORIGINALS.keys() == set(variants(FAMILY))


@pytest.mark.parametrize("name", ORIGINALS)
def test_figures_are_those_of_pytorch(name: str) -> None:
    same_figures(load(FAMILY, name), ORIGINALS[name])


@pytest.mark.parametrize("name", ORIGINALS)
def test_values_are_those_of_pytorch(name: str) -> None:
    same_values(load(FAMILY, name, logits=True), ORIGINALS[name])
