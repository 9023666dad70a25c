"""Seeded initialisation: the same bytes for the same seed and name, on every machine and with every numpy.

Only the raw bits of a generator are used, and exact arithmetic on them: what numpy promises to keep. Each tensor has a
stream of its own, drawn from the seed and the tensor's full name, so that a new layer leaves the others as they were.

    he       uniform in [-b, b], b = sqrt(6 / fan_in): variance 2 / fan_in (He et al., 2015, arXiv:1502.01852)
    glorot   uniform in [-b, b], b = sqrt(6 / (fan_in + fan_out)) (Glorot and Bengio, AISTATS 2010)
    zeros    nothing but zeros
    auto     he for a layer that feeds a rectifier, directly or through layers that only normalise, pool, join or
             move values; glorot for the others

Biases start at 0, the weights of norms at 1, their running mean at 0 and variance at 1, embeddings nearly normal with
variance 1 (the sum of twelve uniform numbers).
"""

from __future__ import annotations

import hashlib
import math
from collections.abc import Callable, Iterator
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt

from cnnspec.network import Input, Layer, Network, Parameter

Floats: TypeAlias = npt.NDArray[np.float32]

CHUNK = 1 << 16  # numbers drawn at a time: what stays in the cache
INITS = ("auto", "he", "glorot", "zeros")
RECTIFIERS = frozenset(
    {"celu", "elu", "gelu", "hard_swish", "leaky_relu", "maxout", "mish", "prelu", "relu", "relu6", "silu"}
)


class Initial:
    """The seeded tensors of a network, each made when it is asked for, chunk by chunk."""

    def __init__(self, net: Network, seed: int = 0, init: str = "auto") -> None:
        if init not in INITS:
            raise ValueError(f"init is one of {', '.join(INITS)}, not {init!r}")
        self._seed = seed
        self._init = init
        self._rectified = rectified(net) if init == "auto" else frozenset()

    def chunks(self, parameter: Parameter) -> Iterator[Floats]:
        """The tensor in C order, as flat arrays that together make it."""
        rule, tensor = self.rule(parameter), parameter.tensor
        count = math.prod(parameter.shape)
        if rule in CONSTANTS:
            return _constant(CONSTANTS[rule], count)
        if rule == "constant":
            return _constant(float(tensor.values), count)
        source = np.random.PCG64(_entropy(self._seed, parameter.name))
        if rule == "normal":
            return _pieces(count, lambda n: _normal(source, n))
        fans = tensor.fan_in if rule == "he" else tensor.fan_in + tensor.fan_out
        scale = np.float32(math.sqrt(6 / max(fans, 1)) / 2**31)
        return _pieces(count, lambda n: _uniform(source, n, scale))

    def rule(self, parameter: Parameter) -> str:
        """How the tensor starts: "he", "glorot", "zeros", "ones", "normal" or "constant"."""
        init = parameter.tensor.init
        if self._init == "zeros" and init in {"kernel", "normal"}:
            return "zeros"
        if init != "kernel":
            return init
        if self._init == "auto":
            return "he" if parameter.layer.name in self._rectified else "glorot"
        return self._init


CONSTANTS = {"zeros": 0.0, "ones": 1.0}


def rectified(net: Network) -> frozenset[str]:
    """The names of the layers whose values reach a rectifier before any other activation or layer with a kernel."""
    feeds: set[int] = set()
    for layer in reversed(net.layers):
        if layer.kind not in RECTIFIERS and (_stops(layer) or id(layer) not in feeds):
            continue
        feeds.update(id(value) for value in layer.operands if not isinstance(value, Input))
    return frozenset((layer.shares or layer).name for layer in net.layers if id(layer) in feeds)


def _stops(layer: Layer) -> bool:
    return layer.definition.family == "activation" or any(t.init == "kernel" for t in layer.operation.tensors)


def _entropy(seed: int, name: str) -> int:
    return int.from_bytes(hashlib.sha256(f"{seed}\0{name}".encode()).digest(), "big")


def _pieces(count: int, draw: Callable[[int], Floats]) -> Iterator[Floats]:
    for start in range(0, count, CHUNK):
        yield draw(min(CHUNK, count - start))


def _constant(value: float, count: int) -> Iterator[Floats]:
    whole = np.full(min(count, CHUNK), value, "<f4")
    return _pieces(count, lambda n: whole[:n])


def _bits(source: Any, count: int, dtype: str) -> npt.NDArray[Any]:
    """`count` numbers of 32 or fewer bits each out of whole words of 64, lowest first on every machine."""
    per_word = 8 // np.dtype(dtype).itemsize
    words = source.random_raw(-(-count // per_word)).astype("<u8", copy=False)
    numbers: npt.NDArray[Any] = words.view(dtype)[:count]
    return numbers


def _uniform(source: Any, count: int, scale: np.float32) -> Floats:
    numbers: Floats = _bits(source, count, "<i4").astype("<f4")
    numbers *= scale
    return numbers


def _normal(source: Any, count: int) -> Floats:
    sums = _bits(source, 12 * count, "<u2").reshape(count, 12).sum(axis=1, dtype=np.int64)
    numbers: Floats = ((2 * sums - 12 * (2**16 - 1)) / 2**17).astype("<f4")
    return numbers
