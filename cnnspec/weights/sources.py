"""Where the values of a network's tensors come from: the spec itself, a file, arrays, a seeded initialiser."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any, Protocol

import numpy as np

from cnnspec.files import FileProblem
from cnnspec.language import plural, say
from cnnspec.network import Network, Parameter
from cnnspec.values import Symbolic, known
from cnnspec.weights.initial import Floats, Initial


class Source(Protocol):
    """Gives the values of one tensor after the other, so that never all of them need to be in memory."""

    def chunks(self, parameter: Parameter) -> Iterator[Floats]:
        """The tensor in C order, as flat arrays of little-endian 32-bit floats that together make it."""


class Given:
    """Tensors from a mapping of arrays, under their full names."""

    def __init__(self, arrays: Mapping[str, Any]) -> None:
        self._arrays = arrays

    def chunks(self, parameter: Parameter) -> Iterator[Floats]:
        yield np.ascontiguousarray(self._arrays[parameter.name], "<f4").reshape(-1)


class WithLiterals:
    """The values that the spec itself gives, and another source for the rest."""

    def __init__(self, others: Source) -> None:
        self._others = others

    def chunks(self, parameter: Parameter) -> Iterator[Floats]:
        values = literal(parameter)
        return self._others.chunks(parameter) if values is None else iter((values.reshape(-1),))


def source_of(
    net: Network, weights: Mapping[str, Any] | None = None, *, seed: int = 0, init: str = "auto"
) -> WithLiterals:
    """The network's tensors from arrays by name, which have to fit (FileProblem), or else seeded."""
    check_known(net)
    if weights is None:
        return WithLiterals(Initial(net, seed, init))
    from cnnspec.weights.matching import match_arrays

    match_arrays(net, weights)
    return WithLiterals(Given(weights))


def literal(parameter: Parameter) -> Floats | None:
    """The values that the spec gives the tensor, in the tensor's shape; None where it gives none."""
    values = parameter.tensor.values
    if not isinstance(values, list):
        return None
    with np.errstate(over="ignore"):
        array: Floats = np.array(values, dtype=np.float64).astype("<f4").reshape(parameter.shape)
    if not np.isfinite(array).all():
        layer = parameter.layer
        raise FileProblem(
            layer.source.filename,
            say(
                "line {line}: a value of `{name}` is too large for a 32-bit float", line=layer.line, name=parameter.name
            ),
        )
    return array


def check_known(net: Network) -> None:
    """A network with something left open has no tensors and no graph, nor one beyond ONNX's range. Raises."""
    if not all(map(known, net.inputs.values())):
        raise _incomplete(net, 1)
    for layer in net.layers:
        args = layer.operation.args
        if args is None or not known(layer.output_size) or not known(list(vars(args).values())):
            raise _incomplete(net, layer.line)
        if not _fits_onnx([layer.output_size, list(vars(args).values())]):
            raise FileProblem(
                net.source.filename,
                say(
                    "line {line}: `{name}` has a number beyond 64 bits, the most that ONNX holds",
                    line=layer.line,
                    name=layer.name,
                ),
                help=say("such a network can be checked and counted, not run"),
            )


def _fits_onnx(value: Any) -> bool:
    if isinstance(value, (tuple, list)):
        return all(map(_fits_onnx, value))
    if isinstance(value, Symbolic):
        return all(int(number) < 2**63 for number in re.findall(r"\d+", str(value)))
    return not isinstance(value, int) or -(2**63) <= value < 2**63


def _incomplete(net: Network, row: int) -> FileProblem:
    return FileProblem(
        net.source.filename,
        plural(
            "line {row}: something is left open ({n} blank): only a complete network has weights and runs",
            "line {row}: something is left open ({n} blanks): only a complete network has weights and runs",
            net.blanks,
            row=row,
        ),
        help=say("replace each `?` by its answer"),
    )
