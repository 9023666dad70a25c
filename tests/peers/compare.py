"""The same weights in both, the same numbers out of both."""

from __future__ import annotations

from typing import Any

import numpy as np
import torch
from torch import nn

import cnnspec

TOLERANCE = 1e-4


def lively_weights(net: cnnspec.Network, seed: int = 0, gain: float = 1.0) -> dict[str, Any]:
    """Seeded weights, in which nothing is left at its neutral 0 or 1: a bias that is dropped must be seen.

    `gain` multiplies the weights of the norms. In a deep network without it, values grow until a rounding error decides
    whether a sigmoid says 0 or 1; with too small a one, nothing of the first layers is seen at the end.
    """
    rng = np.random.default_rng(seed)
    weights = net.weights(seed=seed)
    for name, values in weights.items():
        if name.endswith("running_var"):
            weights[name] = rng.uniform(0.5, 1.5, values.shape).astype(np.float32)
        elif name.endswith(("bias", "running_mean")):
            weights[name] = (0.1 * rng.standard_normal(values.shape)).astype(np.float32)
        elif values.ndim == 1:
            weights[name] = (gain * rng.uniform(0.5, 1.5, values.shape)).astype(np.float32)
    return weights


def count(module: nn.Module) -> tuple[int, int]:
    """(all, trainable) as PyTorch counts: its parameters, and the buffers that are weights."""
    trainable = sum(p.numel() for p in module.parameters() if p.requires_grad)
    buffers = sum(b.numel() for name, b in module.named_buffers() if not name.endswith("num_batches_tracked"))
    return sum(p.numel() for p in module.parameters()) + buffers, trainable


def load(module: nn.Module, tensors: dict[str, torch.Tensor]) -> None:
    """Every tensor into the module, none missing, none left over."""
    done = module.load_state_dict(tensors, strict=False)
    assert not done.unexpected_keys
    assert not [name for name in done.missing_keys if not name.endswith("num_batches_tracked")]


def run_cnnspec(net: cnnspec.Network, weights: dict[str, Any], x: Any) -> dict[str, Any]:
    outputs: dict[str, Any] = net.session(weights=weights, provider="cpu").run(x)
    return outputs


def run_torch(module: nn.Module, x: Any) -> Any:
    with torch.no_grad():
        return module.eval()(torch.from_numpy(x)).numpy()


def assert_close(found: Any, wanted: Any) -> None:
    """Within 1e-4, relative to the largest value: what 32-bit sums in another order may differ by."""
    assert found.shape == wanted.shape
    assert np.isfinite(wanted).all()
    largest = float(np.abs(wanted).max(initial=0.0))
    np.testing.assert_allclose(found, wanted, rtol=TOLERANCE, atol=TOLERANCE / 10 * largest + 1e-7)
