"""AlexNet with one tower as in PyTorch's model library. (The paper's, on two cards, is in `test_networks`.)"""

from __future__ import annotations

import pytest

pytest.importorskip("torch", reason="PyTorch is missing: pip install 'cnnspec[peers]'")

from tests.peers.families import load
from tests.peers.originals import same_figures, same_values, torchvision

pytestmark = pytest.mark.peers


def test_figures_and_values_are_those_of_pytorch() -> None:
    same_figures(load("alexnet_one_tower"), torchvision.models.alexnet)
    same_values(load("alexnet_one_tower", logits=True), torchvision.models.alexnet)
