"""Inference: sessions, images and arrays as inputs, results, the `example` lines of a spec."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from cnnspec.language import say

if TYPE_CHECKING:
    from cnnspec.network import Network
    from cnnspec.runtime.session import Session
    from cnnspec.weights.sources import Source


LARGE = 100_000_000  # bytes of weights


def open_session(
    net: Network, weights: Mapping[str, Any] | None = None, provider: str = "auto", *, seed: int = 0
) -> Session:
    """The network, with these weights (by full name) or seeded ones, ready to run."""
    from cnnspec.weights.sources import source_of

    return session_from(net, source_of(net, weights, seed=seed), provider)


def session_from(net: Network, source: Source, provider: str = "auto") -> Session:
    """The network ready to run. A large one goes by way of temporary files: that needs half the memory."""
    from cnnspec.files import FileProblem
    from cnnspec.onnx import model_bytes
    from cnnspec.onnx.writer import LARGEST, weight_bytes
    from cnnspec.runtime.letters import letters_of
    from cnnspec.runtime.session import Session

    check_memory(net)
    size = weight_bytes(net)
    if size > LARGE:
        try:
            return _session_by_file(net, source, provider)
        except FileProblem:  # no room there
            if size > LARGEST:
                raise
    return Session(model_bytes(net, source), provider, letters_of(net))


def check_memory(net: Network) -> None:
    """Refuses a network of which one layer alone, for one item, needs more memory than the machine has."""
    import os

    from cnnspec.files import show_bytes
    from cnnspec.runtime.session import RunProblem
    from cnnspec.sizes import numbers_of, total

    if not hasattr(os, "sysconf"):
        return
    machine = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    for layer in net.layers:
        needed = 4 * total(numbers_of(value.size) for value in (*layer.operands, layer))
        if isinstance(needed, int) and needed > machine:
            raise RunProblem(
                say(
                    "`{name}` needs {needed} for one item, the machine has {machine}",
                    name=layer.name,
                    needed=show_bytes(needed),
                    machine=show_bytes(machine),
                ),
                say("make the input smaller"),
            )


def _session_by_file(net: Network, source: Source, provider: str) -> Session:
    import tempfile

    from cnnspec.onnx import write_model
    from cnnspec.runtime.letters import letters_of
    from cnnspec.runtime.session import Session

    with tempfile.TemporaryDirectory(prefix="cnnspec-", ignore_cleanup_errors=True) as folder:
        path = Path(folder, "model.onnx")
        write_model(net, path, source, largest=0)
        return Session(path, provider, letters_of(net))
