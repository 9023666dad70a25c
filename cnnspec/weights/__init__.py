"""Weights: seeded, given in the spec, or from a file that is matched with the network tensor by tensor."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cnnspec.network import Network

if TYPE_CHECKING:
    from cnnspec.weights.initial import Floats
    from cnnspec.weights.sources import Source


def initial_weights(net: Network, seed: int = 0, init: str = "auto") -> dict[str, Floats]:
    """The tensors of the network as 32-bit arrays by full name, in the order of `net.parameters`.

    What the spec gives stands as it is; the rest is seeded: He for what feeds a rectifier, Glorot otherwise
    (`cnnspec.weights.initial` has the formulas).
    """
    from cnnspec.weights.sources import source_of

    return collect(net, source_of(net, seed=seed, init=init))


def load_weights(net: Network, path: str) -> dict[str, Floats]:
    """The tensors of the network from a `.safetensors` or `.npz` file. Raises FileProblem where they do not fit."""
    from cnnspec.weights.reading import open_weights

    return collect(net, open_weights(net, path)[0])


def collect(net: Network, source: Source) -> dict[str, Floats]:
    """Every tensor of a source, in memory."""
    import numpy as np

    arrays = {}
    for parameter in net.parameters:
        array = np.empty(int(np.prod(parameter.shape, dtype=object)), np.float32)
        start = 0
        for chunk in source.chunks(parameter):
            array[start : start + chunk.size] = chunk
            start += chunk.size
        arrays[parameter.name] = array.reshape(parameter.shape)
    return arrays
