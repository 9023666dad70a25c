"""RegNet beside PyTorch's model library."""

from __future__ import annotations

from typing import Any

import pytest

pytest.importorskip("torch", reason="PyTorch is missing: pip install 'cnnspec[peers]'")

import torch

from tests.peers.families import load, variants
from tests.peers.originals import same_figures, same_values, torchvision

pytestmark = pytest.mark.peers

FAMILY = "regnet"
SIZES = ["400mf", "800mf", "1_6gf", "3_2gf", "8gf", "16gf", "32gf"]
TORCH = [f"regnet_{kind}_{size}" for kind in "xy" for size in SIZES] + ["regnet_y_128gf"]


@pytest.fixture(autouse=True)
def widths_on_cpu(monkeypatch: pytest.MonkeyPatch) -> None:
    """The original computes its widths with tensors, which must have values where its weights have none."""
    parameters = torchvision.models.regnet.BlockParams
    compute = parameters.from_init_params

    def on_cpu(**rule: Any) -> Any:
        with torch.device("cpu"):
            return compute(**rule)

    monkeypatch.setattr(parameters, "from_init_params", on_cpu)


def shortcut_last(names: list[str]) -> list[str]:
    """The original computes a block's shortcut, `proj`, before the block's own layers, which are `f`."""
    ordered: list[str] = []
    waiting: list[str] = []
    for name in names:
        (waiting if ".proj." in name else ordered).append(name)
        if name.endswith(".f.c.1"):  # the last of its block
            ordered += waiting
            waiting = []
    return ordered


def test_every_variant_has_its_original() -> None:
    assert variants(FAMILY) == TORCH


@pytest.mark.parametrize("name", TORCH)
def test_figures_are_those_of_the_model_library(name: str) -> None:
    net = load(FAMILY, name)
    same_figures(net, getattr(torchvision.models, name))
    assert net.trainable == torchvision.models.get_model_weights(name).DEFAULT.meta["num_params"]


@pytest.mark.parametrize("name", ["regnet_x_400mf", "regnet_y_400mf"])
def test_values_are_those_of_the_model_library(name: str) -> None:
    same_values(load(FAMILY, name, logits=True), getattr(torchvision.models, name), shortcut_last)
