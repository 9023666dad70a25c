"""Every layer kind, with drawn arguments, against PyTorch: sizes, counts, values."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

pytest.importorskip("torch", reason="PyTorch is missing: pip install 'cnnspec[peers]'")

import numpy as np
import torch

import cnnspec
from cnnspec import layers
from tests.peers.compare import assert_close, count, lively_weights, load, run_cnnspec, run_torch
from tests.peers.kinds import PEERS, Case

pytestmark = pytest.mark.peers


def test_every_kind_has_its_peer() -> None:
    assert set(PEERS) == set(layers.names())


@pytest.mark.parametrize("kind", PEERS)
@settings(max_examples=settings().max_examples // 8)
@given(data=st.data())
def test_kind_computes_what_pytorch_does(kind: str, data: st.DataObject) -> None:
    case = data.draw(PEERS[kind])
    net = cnnspec.loads(case.text)
    assert count(case.module) == (net.params, net.trainable)

    weights = lively_weights(net)
    load(case.module, by_position(case, weights))
    x = draw_input(net, case.integers)
    outputs = run_cnnspec(net, weights, x)
    wanted = run_torch(case.module, x)
    assume(np.isfinite(wanted).all())  # a dilated window of a pool may see nothing but padding
    *sides, channels = net.outputs["output"]
    assert wanted.shape[1:] == (channels, *sides)
    assert_close(outputs["output"], wanted)


def by_position(case: Case, weights: dict[str, np.ndarray]) -> dict[str, torch.Tensor]:
    """The tensors under the module's own names: `conv1.weight` goes where the module has its only `weight`."""
    names = {name.rpartition(".")[2]: name for name in case.module.state_dict()}
    return {names[name.rpartition(".")[2]]: torch.from_numpy(values) for name, values in weights.items()}


def draw_input(net: cnnspec.Network, integers: int) -> np.ndarray:
    """Three images of values between -8 and 8, or sequences of whole numbers."""
    rng = np.random.default_rng(1)
    size: Any = net.inputs["input"]
    *sides, channels = size
    if integers:
        return rng.integers(0, integers, (3, *sides, channels))
    return rng.uniform(-8, 8, (3, channels, *sides)).astype(np.float32)
