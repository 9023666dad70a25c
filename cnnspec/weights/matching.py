"""Whether stored tensors are those of a network: all that is wrong, in one report."""

from __future__ import annotations

import functools
import math
import os
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any, NamedTuple

import numpy as np

from cnnspec.files import FileProblem
from cnnspec.language import listing, number, plural, say
from cnnspec.network import Network, Parameter
from cnnspec.weights.initial import Floats
from cnnspec.weights.sources import literal

IGNORED = ".num_batches_tracked"  # PyTorch counts its training steps there
FLOATS = ("float16", "bfloat16", "float32", "float64")


class Stored(NamedTuple):
    """A tensor as it lies in a file: `dtype` as numpy names it, and how to read it in pieces of 32-bit floats."""

    shape: tuple[int, ...]
    dtype: str
    read: Callable[[], Iterator[Floats]]


def match(net: Network, stored: Mapping[str, Stored], path: str | os.PathLike[str]) -> tuple[str, ...]:
    """Compares names, shapes, types and values. Raises FileProblem with every difference; returns notes."""
    parameters = {p.name: p for p in net.parameters}
    missing = [p for name, p in parameters.items() if name not in stored and not isinstance(p.tensor.values, list)]
    superfluous = [name for name in stored if name not in parameters and not name.endswith(IGNORED)]
    problems = [say("`{name}` ({shape}) is missing", name=p.name, shape=show_shape(p.shape)) for p in missing]
    problems += _superfluous(superfluous, [p.name for p in missing])
    for name, parameter in parameters.items():
        if name in stored:
            problems += _differences(parameter, stored[name])
    if problems:
        differing = len(problems) - len(missing) - len(superfluous)
        summary = _summary(len(missing), len(superfluous), differing)
        raise FileProblem(path, summary, *problems, help=_help(bool(missing or superfluous), net))
    return tuple(_notes(parameters, stored))


def match_arrays(net: Network, arrays: Mapping[str, Any]) -> None:
    """The same for arrays in memory."""
    stored = {}
    for name, value in arrays.items():
        array = np.asarray(value)
        stored[name] = Stored(array.shape, str(array.dtype), functools.partial(_whole, array))
    match(net, stored, "weights")


def _whole(array: Any) -> Iterator[Floats]:
    yield to_float32(array).reshape(-1)


def to_float32(array: Any) -> Floats:
    with np.errstate(over="ignore"):
        floats: Floats = array.astype("<f4")
    return floats


def show_shape(shape: Iterable[int]) -> str:
    """`6x1x5x5`; a single number has no axes."""
    return "x".join(map(str, shape)) or say("a single number")


def _superfluous(names: list[str], missing: list[str]) -> Iterator[str]:
    import difflib

    for name in names:
        close = difflib.get_close_matches(name, missing, 1) if len(missing) <= 200 else []
        if close:
            yield say("`{name}` is not a tensor of the network; did you mean `{close}`?", name=name, close=close[0])
        else:
            yield say("`{name}` is not a tensor of the network", name=name)


def _differences(parameter: Parameter, stored: Stored) -> Iterator[str]:
    name = parameter.name
    if stored.dtype not in FLOATS:
        yield say("`{name}` holds {dtype}, not floating-point numbers", name=name, dtype=stored.dtype)
    elif stored.shape != parameter.shape:
        shapes = {"has": show_shape(stored.shape), "needs": show_shape(parameter.shape)}
        said = say("`{name}` has the shape {has}, the network needs {needs}", name=name, **shapes)
        hint = _layout_hint(parameter.shape, stored.shape)
        yield f"{said}; {hint}" if hint else said
    else:
        yield from _not_finite(name, stored)


def _layout_hint(wanted: tuple[int, ...], given: tuple[int, ...]) -> str:
    if len(wanted) == 2 and given == wanted[::-1]:
        return say("it lies transposed (units last, as in Keras): use `.T`")
    if len(wanted) > 2 and given == (*wanted[2:], wanted[1], wanted[0]):
        axes = (len(wanted) - 1, len(wanted) - 2, *range(len(wanted) - 2))
        return say("it lies as in Keras (filters last): use `.transpose{axes}`", axes=axes)
    if math.prod(wanted) == math.prod(given):
        return say("the number of values is the same: use `.reshape`")
    return ""


def _not_finite(name: str, stored: Stored) -> Iterator[str]:
    nans = infinite = 0
    for chunk in stored.read():
        if not np.isfinite(chunk).all():
            nans += int(np.isnan(chunk).sum())
            infinite += int(np.isinf(chunk).sum())
    if nans:
        yield say(
            "`{name}` holds {nans} NaN among its {prod} values",
            name=name,
            nans=number(nans),
            prod=number(math.prod(stored.shape)),
        )
    if infinite:
        yield plural(
            "`{name}` holds {n} value that is infinite or beyond a 32-bit float",
            "`{name}` holds {n} values that are infinite or beyond a 32-bit float",
            infinite,
            name=name,
        )


def _summary(missing: int, superfluous: int, differing: int) -> str:
    counts = (
        (missing, plural("{n} missing", "{n} missing", missing)),
        (superfluous, plural("{n} superfluous", "{n} superfluous", superfluous)),
        (differing, plural("{n} wrong in shape, type or values", "{n} wrong in shape, type or values", differing)),
    )
    listed = ", ".join(text for count, text in counts if count)
    return say("the weights do not fit the network: {counts}", counts=listed)


def _help(other_names: bool, net: Network) -> str:
    if other_names:
        return say(
            "get a file of the right names and shapes: `cnnspec weights {filename} -o W.npz`",
            filename=net.source.filename,
        )
    return ""


def _notes(parameters: Mapping[str, Parameter], stored: Mapping[str, Stored]) -> Iterator[str]:
    converted = sorted({s.dtype for name, s in stored.items() if name in parameters} - {"float32"})
    if converted:
        yield say("converted from {types} to float32", types=listing(converted))
    if any(name.endswith(IGNORED) for name in stored):
        yield say("ignored the counters named `*{ignored}`", ignored=IGNORED)
    for name, tensor in stored.items():
        values = literal(parameters[name]) if name in parameters else None
        if values is not None and values.tobytes() != b"".join(chunk.tobytes() for chunk in tensor.read()):
            yield say("`{name}` keeps the values that the spec gives it, which differ from these", name=name)
