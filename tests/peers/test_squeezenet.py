"""SqueezeNet as in PyTorch's model library."""

from __future__ import annotations

import pytest

pytest.importorskip("torch", reason="PyTorch is missing: pip install 'cnnspec[peers]'")

from tests.peers.families import load, variants
from tests.peers.originals import same_figures, same_values, torchvision

pytestmark = pytest.mark.peers


@pytest.mark.parametrize("variant", variants("squeezenet"))
def test_figures_and_values_are_those_of_pytorch(variant: str) -> None:
    build = getattr(torchvision.models, variant)
    same_figures(load("squeezenet", variant), build)
    same_values(load("squeezenet", variant, logits=True), build)
