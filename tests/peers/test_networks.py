"""Whole example networks against the same networks written in PyTorch: names, counts, values."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("torch", reason="PyTorch is missing: pip install 'cnnspec[peers]'")

import numpy as np
import torch
from safetensors.torch import load_file
from torch import nn

import cnnspec
from tests.peers import networks
from tests.peers.compare import assert_close, count, lively_weights, load, run_cnnspec, run_torch

pytestmark = pytest.mark.peers

EXAMPLES = Path(__file__).parents[2] / "examples"
ARCHITECTURES = EXAMPLES / "architectures"

NETWORKS: dict[str, Callable[[], nn.Module]] = {
    "lenet5": networks.LeNet5,
    "lenet5_1998": networks.LeNet5Of1998,
    "alexnet": networks.AlexNet,
    "googlenet": networks.GoogLeNet,
    "inception_v3": networks.InceptionV3,
    "resnet50": networks.ResNet,
}


def on_meta(build: Callable[[], nn.Module]) -> nn.Module:
    """The network with its shapes and no memory for its values."""
    with torch.device("meta"):
        return build()


@pytest.mark.parametrize("name", NETWORKS)
def test_network_counts_and_names_its_tensors_as_pytorch_does(name: str) -> None:
    net = cnnspec.load(ARCHITECTURES / f"{name}.cnn")
    module = on_meta(NETWORKS[name])
    shapes = {
        key: tuple(value.shape) for key, value in module.state_dict().items() if not key.endswith("num_batches_tracked")
    }
    assert {p.name: p.shape for p in net.parameters} == shapes
    assert count(module) == (net.params, net.trainable)


def without_softmax(text: str) -> str:
    """The same network ending in its scores: a softmax would hide differences."""
    return re.sub(r"\bsoftmax\b", "identity", text)


def compare(text: str, module: nn.Module, filename: str) -> None:
    net = cnnspec.loads(without_softmax(text), filename=filename)
    weights = lively_weights(net)
    load(module, {name: torch.from_numpy(values) for name, values in weights.items()})
    size: Any = net.inputs["input"]
    *sides, channels = size
    x = np.random.default_rng(1).standard_normal((2, channels, *sides)).astype(np.float32)
    ((_, found),) = run_cnnspec(net, weights, x).items()
    assert_close(found, run_torch(module, x))


@pytest.mark.parametrize("name", NETWORKS)
def test_network_computes_what_pytorch_does(name: str) -> None:
    path = ARCHITECTURES / f"{name}.cnn"
    compare(path.read_text(encoding="utf-8"), NETWORKS[name](), str(path))


def test_trained_digits_compute_what_pytorch_does() -> None:
    """The trained weights on every held-out image: the same scores, and the same digit each time."""
    folder = EXAMPLES / "digits"
    net = cnnspec.loads(without_softmax((folder / "digits.cnn").read_text(encoding="utf-8")))
    module = networks.Digits()
    weights = load_file(folder / "digits.safetensors")
    load(module, weights)
    x = np.load(folder / "heldout.npz")["x"]
    ((_, found),) = run_cnnspec(net, {name: values.numpy() for name, values in weights.items()}, x).items()
    wanted = run_torch(module, x)
    assert_close(found, wanted)
    assert (found.argmax(1) == wanted.argmax(1)).all()


def test_the_heads_of_googlenet_change_no_weight_of_the_rest() -> None:
    plain: Any = cnnspec.load(ARCHITECTURES / "googlenet.cnn")
    headed: Any = cnnspec.load(ARCHITECTURES / "googlenet.cnn", auxiliary=True)
    shapes = {p.name: p.shape for p in headed.parameters}
    assert {p.name: p.shape for p in plain.parameters}.items() <= shapes.items()
