"""GoogLeNet beside the one of PyTorch's model library, and beside Caffe's reference model rebuilt in PyTorch."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import pytest

pytest.importorskip("torch", reason="PyTorch is missing: pip install 'cnnspec[peers]'")

import torch
from torch import Tensor, nn
from torch.nn.functional import avg_pool2d, relu

from tests.peers.families import load, variants
from tests.peers.networks import ConvRelu, GoogLeNet
from tests.peers.originals import WithHeads, same_figures, same_values, torchvision

pytestmark = pytest.mark.peers

FAMILY = "googlenet"


class Head(nn.Module):
    """An auxiliary classifier of Caffe's model."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.conv_relu1 = ConvRelu(channels, 128, 1)
        self.dense1 = nn.Linear(4 * 4 * 128, 1024)
        self.dense2 = nn.Linear(1024, 1000)

    def forward(self, x: Tensor) -> Tensor:
        x = self.conv_relu1(avg_pool2d(x, 5, 3))
        return self.dense2(relu(self.dense1(torch.flatten(x, 1))))


class HeadedGoogLeNet(GoogLeNet):
    """With the heads behind the third and the sixth module."""

    def __init__(self) -> None:
        super().__init__()
        self.aux1 = Head(512)
        self.aux2 = Head(528)
        self.beside: dict[str, Tensor] = {}
        self.inception3.register_forward_hook(partial(self.look, "aux1"))
        self.inception6.register_forward_hook(partial(self.look, "aux2"))

    def look(self, head: str, _module: nn.Module, _inputs: object, output: Tensor) -> None:
        self.beside[head] = self.get_submodule(head)(output)

    def forward(self, x: Tensor) -> tuple[Tensor, ...]:
        main = super().forward(x)
        return main, self.beside["aux1"], self.beside["aux2"]


library = partial(torchvision.models.googlenet, init_weights=False)
ORIGINALS: dict[str, Callable[[], nn.Module]] = {
    "googlenet": GoogLeNet,
    "googlenet_auxiliary": HeadedGoogLeNet,
    "googlenet_bn": partial(library, aux_logits=False),
    "googlenet_bn_auxiliary": lambda: WithHeads(library(aux_logits=True)),
}


def test_every_variant_has_its_original() -> None:
    assert variants(FAMILY) == list(ORIGINALS)


@pytest.mark.parametrize("name", ORIGINALS)
def test_figures_are_those_of_the_original(name: str) -> None:
    same_figures(load(FAMILY, name), ORIGINALS[name])


@pytest.mark.parametrize("name", ORIGINALS)
def test_values_are_those_of_the_original(name: str) -> None:
    same_values(load(FAMILY, name, logits=True), ORIGINALS[name])
