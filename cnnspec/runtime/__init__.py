"""Inference: sessions, images and arrays as inputs, results, the `example` lines of a spec."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from cnnspec.network import Network
    from cnnspec.runtime.session import Session
    from cnnspec.weights.sources import Source


def open_session(
    net: Network, weights: Mapping[str, Any] | None = None, provider: str = "auto", *, seed: int = 0
) -> Session:
    """The network, with these weights (by full name) or seeded ones, ready to run."""
    from cnnspec.weights.sources import source_of

    return session_from(net, source_of(net, weights, seed=seed), provider)


def session_from(net: Network, source: Source, provider: str = "auto") -> Session:
    """The network ready to run; a model beyond 2 GB goes by way of a temporary folder."""
    import tempfile

    from cnnspec.onnx import model_bytes, write_model
    from cnnspec.onnx.writer import LARGEST, weight_bytes
    from cnnspec.runtime.session import Session

    if weight_bytes(net) < LARGEST // 2:
        return Session(model_bytes(net, source), provider)
    with tempfile.TemporaryDirectory(prefix="cnnspec-", ignore_cleanup_errors=True) as folder:
        path = Path(folder, "model.onnx")
        write_model(net, path, source)
        return Session(path, provider)
