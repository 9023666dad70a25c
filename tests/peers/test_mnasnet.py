"""MNASNet beside PyTorch's."""

from __future__ import annotations

import pytest

pytest.importorskip("torch", reason="PyTorch is missing: pip install 'cnnspec[peers]'")

from tests.peers.families import load, variants
from tests.peers.originals import same_figures, same_values, torchvision

pytestmark = pytest.mark.peers

FAMILY = "mnasnet"
models = torchvision.models
ORIGINALS = {
    "mnasnet_050": models.mnasnet0_5,
    "mnasnet_075": models.mnasnet0_75,
    "mnasnet": models.mnasnet1_0,
    "mnasnet_130": models.mnasnet1_3,
}


def test_every_variant_has_its_original() -> None:
    assert ORIGINALS.keys() == set(variants(FAMILY))


@pytest.mark.parametrize("name", ORIGINALS)
def test_figures_are_those_of_pytorch(name: str) -> None:
    same_figures(load(FAMILY, name), ORIGINALS[name])


@pytest.mark.parametrize("name", ORIGINALS)
def test_values_are_those_of_pytorch(name: str) -> None:
    same_values(load(FAMILY, name, logits=True), ORIGINALS[name])
