"""VGG as in PyTorch's model library; Keras's VGG16 and VGG19 are the same networks."""

from __future__ import annotations

import pytest

pytest.importorskip("torch", reason="PyTorch is missing: pip install 'cnnspec[peers]'")

from torch import nn

from tests.peers.families import load, variants
from tests.peers.keras_originals import same_keras_figures
from tests.peers.originals import same_figures, same_values, torchvision

pytestmark = pytest.mark.peers


@pytest.mark.parametrize("variant", variants("vgg"))
def test_figures_are_those_of_pytorch(variant: str) -> None:
    same_figures(load("vgg", variant), getattr(torchvision.models, variant))


@pytest.mark.parametrize(("variant", "name"), [("vgg16", "VGG16"), ("vgg19", "VGG19")])
def test_figures_are_those_of_keras(variant: str, name: str) -> None:
    same_keras_figures(load("vgg", variant), name)


def narrow(variant: str) -> nn.Module:
    """The original with 32 units in place of 4096: a tenth of the memory, and all its convolutions."""
    module = getattr(torchvision.models, variant)(init_weights=False)
    module.classifier[0] = nn.Linear(25_088, 32)
    module.classifier[3] = nn.Linear(32, 32)
    module.classifier[6] = nn.Linear(32, 1000)
    return module


@pytest.mark.parametrize("variant", ["vgg11_bn", "vgg16"])
def test_values_are_those_of_pytorch(variant: str) -> None:
    same_values(load("vgg", variant, hidden=32, logits=True), lambda: narrow(variant))
