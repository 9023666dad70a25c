"""What the kinds without weights refuse, and what they say about it; the laws of joins and of resizing."""

from __future__ import annotations

import math
import time
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cnnspec import layers
from cnnspec.diagnostics import Diagnostic, Mistake
from cnnspec.layers._kind import JoinKind, Operation
from cnnspec.layers.upsample import scale
from cnnspec.sizes import differ
from cnnspec.source import Source, Span
from cnnspec.values import UNKNOWN, Size, Word
from tests.layers.conformance import Case, entries, operation, run

IMAGE = (28, 28, 6)
JOINS = [name for name in layers.names() if isinstance(layers.find(name), JoinKind)]
REFLECT = Word("reflect")


def named(*size: int) -> Any:
    """A value of the flow of that size."""
    return SimpleNamespace(size=size)


def refused(kind: str, arguments: dict[str, Any], *inputs: Size) -> Diagnostic:
    with pytest.raises(Mistake) as caught:
        operation(kind, Case(arguments, inputs))
    return caught.value.at(Source("", "x.cnn"), Span(0, 0))


def says(diagnostic: Diagnostic, expected: str) -> bool:
    """Whether the message has that code and holds these words: "E310 does not divide"."""
    code, _, words = expected.partition(" ")
    return diagnostic.code == code and words in diagnostic.message


def join(kind: str, *inputs: Size) -> Operation:
    return operation(kind, Case({}, inputs))


@pytest.mark.parametrize(
    ("kind", "arguments", "size", "message", "help"),
    [
        ("maxout", {"k": 4}, IMAGE, "E310 k=4 does not divide the 6 channels", "a multiple of 4 channels"),
        ("maxout", {"k": 10**50}, IMAGE, "E310 51 digits does not divide", "use a smaller `k`"),
        ("channel_shuffle", {"groups": 4}, IMAGE, "E310 groups=4 does not divide", "such as 8"),
        ("pixel_shuffle", {"r": 2}, IMAGE, "E310 r*r = 2*2 = 4 does not divide the 6 channels", "such as 8"),
        ("pixel_shuffle", {"r": 2}, (100, 8), "E309 here arrives 100x8", "`reshape`"),
        ("pixel_shuffle", {"r": 2}, (8,), "E305 a vector of 8", "8x1"),
        ("pad", {"p": -1}, IMAGE, "E207 `p` is -1", "p=0 or more"),
        ("pad", {"p": 3, "mode": REFLECT}, (3, 9, 1), "E306 at most n - 1 = 2 pixels, not p=3", "p=2 or less"),
        ("pad", {"p": [0, 0, 9, 0], "mode": REFLECT}, (9, 9, 1), "E306 n - 1 = 8 pixels, not p=9", "mode=edge"),
        ("pad", {"p": Word("same")}, IMAGE, "E206 not the word `same`", ""),
        ("pad", {"p": 1, "mode": Word("mirror")}, IMAGE, "E222 one of zero, reflect, edge", "mode=zero"),
        ("pad", {"p": 1}, (9,), "E305 a vector of 9", "9x1"),
        ("crop", {"p": 14}, IMAGE, "E307 leaves nothing of 28x28x6", "smaller `p`"),
        ("crop", {"p": -1}, IMAGE, "E207 `p` is -1", "p=0 or more"),
        ("crop", {}, IMAGE, "E203 needs `p` or `like`", "`crop 2`"),
        ("crop", {"p": 1, "like": named(3, 3, 1)}, IMAGE, "E204 `p` or `like`, not both", "leave out"),
        ("crop", {"like": named(30, 20, 1)}, IMAGE, "E304 cannot enlarge 28x28 to 30x20", "`pad` or `upsample`"),
        ("crop", {"like": named(30)}, IMAGE, "E309 `like` is 30", "2 spatial axes"),
        ("crop", {"like": 3}, IMAGE, "E206 the name of a value, not the number 3", ""),
        ("upsample", {}, IMAGE, "E203 needs `factor`, `size` or `like`", "`upsample 2`"),
        ("upsample", {"factor": 2, "size": 3}, IMAGE, "E204 `factor` or `size`, not both", "leave out"),
        ("upsample", {"factor": 1.5}, IMAGE, "E213 a whole number, not 1.5", ""),
        ("upsample", {"factor": 0}, IMAGE, "E207 `factor` is 0", "factor=1 or more"),
        ("upsample", {"size": (3, 4, 5)}, IMAGE, "E309 3 parts", "one for each axis"),
        ("upsample", {"factor": 2, "mode": Word("bilinear")}, IMAGE, "E222 not the word `bilinear`", "mode=linear"),
        ("slice", {"start": 2, "end": 9}, IMAGE, "E311 `end` is 9, there are 6 channels", "up to 6"),
        ("slice", {"start": 4, "end": 4}, IMAGE, "E307 from 4 to 4 leaves nothing", "above `start`"),
        ("slice", {"start": -2, "end": 4}, IMAGE, "E207 `start` is -2", "start=0 or more"),
        ("select", {"indices": [0, 6]}, IMAGE, "E311 no channel 6: the 6 channels count from 0", "from 0 to 5"),
        ("select", {"indices": []}, IMAGE, "E307 the list is empty", "list a channel"),
        ("select", {"indices": [-1]}, IMAGE, "E207 is -1", ""),
        ("reshape", {"size": (4, 4, 20)}, (300,), "E308 300 values arrive, 4x4x20 holds 320", "300 values"),
        ("reshape", {"size": []}, IMAGE, "E309 0 parts", "4x4x20"),
        ("reshape", {"size": (1,) * 5}, (1,), "E309 5 parts", "4x4x20"),
        ("reshape", {"size": (4, -1)}, (300,), "E207 is -1", ""),
        ("clip", {"min": 6, "max": 0}, IMAGE, "E207 `min` is 6, above `max`, which is 0", "clip 0, 6"),
        ("clip", {"min": 0}, IMAGE, "E203 needs `max`", "clip min, max"),
        ("leaky_relu", {"alpha": 10**400}, IMAGE, "E215 beyond what a 32-bit float holds", ""),
        ("leaky_relu", {"alpha": math.nan}, IMAGE, "E215 beyond what a 32-bit float holds", ""),
        ("leaky_relu", {"alpha": True}, IMAGE, "E206 a number, not `true`", ""),
        ("celu", {"alpha": 0}, IMAGE, "E207 above 0, but 0 is given", ""),
        ("dropout", {"rate": 50}, IMAGE, "E207 below 1, but 50 is given", "0.5 for 50 %"),
        ("drop_path", {}, IMAGE, "E203 needs `rate`", ""),
        ("rescale", {"a": [1, 2]}, IMAGE, "E308 2 numbers, the value has 6 channels", "one for each channel"),
        ("prelu", {"weight": False}, IMAGE, "E206 does not work without `weight`", ""),
        ("prelu", {"weight": [1, 2]}, IMAGE, "E224 the shape 6, its values have 2", "6 numbers"),
    ],
)
def test_what_is_refused(kind: str, arguments: dict[str, Any], size: Size, message: str, help: str) -> None:
    diagnostic = refused(kind, arguments, size)
    assert says(diagnostic, message)
    assert help in diagnostic.help
    assert "{" not in diagnostic.message + diagnostic.help + "".join(diagnostic.notes)


@pytest.mark.parametrize(
    ("kind", "inputs", "message", "note", "help"),
    [
        ("add", ((9, 9, 64), (9, 9, 256)), "E304 9x9x64 and 9x9x256", "channels: 64 and 256", "`conv 256, f=1`"),
        ("add", ((28, 28, 16), (28, 28, 32)), "E304 28x28x16 and 28x28x32", "channels: 16 and 32", "`conv 32, f=1`"),
        ("sub", ((56, 56, 64), (28, 28, 128)), "E304 equal size", "height: 56 and 28", "`conv 128, f=1, s=2`"),
        ("average", ((28, 28, 64), (24, 24, 64)), "E304 equal size", "width: 28 and 24", "p=same"),
        ("add", ((1, 1, 16), (8, 8, 16)), "E304 1x1x16 and 8x8x16", "height: 1 and 8", "`global_avgpool keep=true`"),
        ("maximum", ((8, 8, 16), (16,)), "E304 8x8x16 and 16", "has 3 axes and 16 has one", "`global_avgpool`"),
        ("add", ((100,), (10,)), "E304 100 and 10", "features: 100 and 10", "`dense 10`"),
        ("add", ((8, 8, 4), (8, 8, 4), (8, 7, 4)), "E304 8x8x4 and 8x7x4", "width: 8 and 7", "`crop`"),
        ("add", ((UNKNOWN, 8, 3), (8, 9, 3)), "E304 ?x8x3 and 8x9x3", "width: 8 and 9", ""),
        ("concat", ((28, 28, 64), (14, 14, 128)), "E304 equal height and width", "height: 28 and 14", "s=2"),
        ("concat", ((100, 3), (90, 3)), "E304 equal length", "length: 100 and 90", ""),
        ("concat", ((28, 28, 64), (100,)), "E304 28x28x64 and 100", "3 axes", "`flatten`"),
        ("mul", ((8, 8, 4), (8,)), "E312 8 is no gate of 8x8x4", "4, 1x1x4 and 8x8x1", "4 channels"),
        ("mul", ((1, 1, 1), (8, 8, 4)), "E312 1x1x1 is no gate of 8x8x4", "4, 1x1x4 and 8x8x1", "4 channels"),
        ("mul", ((8, 8, 4), (4, 4, 1)), "E312 4x4x1 is no gate", "8x8x1", "the height and width 8x8"),
        ("mul", ((8, 8, 1), (1, 1, 4)), "E312 no gate", "1x1x1", ""),
        ("mul", ((8, 8, 4), (8, 8, 3)), "E304 8x8x4 and 8x8x3", "channels: 4 and 3", "`conv 4, f=1`"),
        ("mul", ((4,), (1,)), "E304 4 and 1", "features: 4 and 1", ""),
    ],
)
def test_joins_stretch_nothing(kind: str, inputs: tuple[Size, ...], message: str, note: str, help: str) -> None:
    diagnostic = refused(kind, {}, *inputs)
    assert says(diagnostic, message)
    assert note in "\n".join(diagnostic.notes)
    assert help in diagnostic.help


@pytest.mark.parametrize(
    ("kind", "arguments", "inputs", "output", "line"),
    [
        ("flatten", {}, ((4, 4, 20),), (320,), "4*4*20 = 320 values in a row: channels, rows, columns"),
        ("concat", {}, ((7, 7, 64), (7, 7, 128), (7, 7, 32)), (7, 7, 224), "channels: 64 + 128 + 32 = 224"),
        ("concat", {}, ((3,), (4,)), (7,), "features: 3 + 4 = 7"),
        ("pad", {"p": 2}, (IMAGE,), (32, 32, 6), "height and width: n + 2p = 28 + 2*2 = 32"),
        ("crop", {"like": named(25, 20, 1)}, (IMAGE,), (25, 20, 6), "height: 28 - 1 - 2 = 25, the size of `like`"),
        ("upsample", {"factor": 2}, ((7, 8, 3),), (14, 16, 3), "width: n*factor = 8*2 = 16"),
        ("pixel_shuffle", {"r": 2}, ((4, 5, 8),), (8, 10, 2), "channels: channels/(r*r) = 8/(2*2) = 2"),
        ("slice", {"start": 2, "end": 5}, (IMAGE,), (28, 28, 3), "channels: end - start = 5 - 2 = 3"),
        ("select", {"indices": 5}, (IMAGE,), (28, 28, 1), "channels: the list has 1 numbers"),
        ("maxout", {"k": 2}, ((9, 6),), (9, 3), "channels: channels/k = 6/2 = 3"),
        ("reshape", {"size": [4, 4, 20]}, ((320,),), (4, 4, 20), "as many values as before: 4*4*20 = 320"),
        ("mul", {}, ((4,), (8, 8, 4)), (8, 8, 4), "8x8x4 gated by 4: the size stays"),
        ("mul", {}, ((8, 8, 1), (8, 8, 4), (1, 1, 4)), (8, 8, 4), "8x8x4 gated by 8x8x1 and 1x1x4: the size stays"),
    ],
)
def test_sizes_and_their_arithmetic(
    kind: str, arguments: dict[str, Any], inputs: tuple[Size, ...], output: Size, line: str
) -> None:
    op = operation(kind, Case(arguments, inputs))
    assert op.output == output
    assert line in op.kind.explain_size(op)


@pytest.mark.parametrize(
    ("kind", "inputs", "output"),
    [
        ("add", ((UNKNOWN, 8, 4), (8, UNKNOWN, 4)), (8, 8, 4)),
        ("concat", ((UNKNOWN, 8, 4), (8, UNKNOWN, UNKNOWN)), (8, 8, UNKNOWN)),
        ("mul", ((UNKNOWN, 8, 4), (8, 8, 4)), (8, 8, 4)),
        ("mul", ((UNKNOWN, UNKNOWN, 4), (1, 1, 4)), (UNKNOWN, UNKNOWN, 4)),
        ("mul", ((8, 8, UNKNOWN), (8, 8, 1)), (8, 8, UNKNOWN)),
    ],
)
def test_joins_put_together_what_is_known(kind: str, inputs: tuple[Size, ...], output: Size) -> None:
    assert repr(join(kind, *inputs).output) == repr(output)


@pytest.mark.parametrize("kind", JOINS)
@given(data=st.data())
def test_after_a_mistake_only_what_all_agree_on_counts(kind: str, data: st.DataObject) -> None:
    case = data.draw(entries()[kind].cases)
    definition = layers.find(kind)
    assert isinstance(definition, JoinKind)
    guess = definition.guess_joined(case.inputs)
    assert guess is None or not differ(guess, join(kind, *case.inputs).output)


@pytest.mark.parametrize("kind", JOINS)
def test_joins_of_many_values_take_no_time(kind: str) -> None:
    start = time.perf_counter()
    join(kind, *[(8, 8, 4)] * 20_000)
    if kind == "concat":
        join(kind, *((8, 8, c) for c in range(1, 20_000)))
    else:
        refused(kind, {}, *((8, 8, c) for c in range(1, 20_000)))
    assert time.perf_counter() - start < 2


@given(st.integers(1, 3000), st.integers(1, 3000))
def test_a_scale_gives_its_size_however_it_is_computed(n: int, m: int) -> None:
    factor = scale(n, m)
    assert factor is not None
    assert factor == np.float32(factor)
    assert math.floor(n * factor) == m
    assert math.floor(np.float32(n) * np.float32(factor)) == m


@pytest.mark.parametrize(("n", "m"), [(2, 82), (3, 123), (14, 46), (10, 99), (99, 10), (64, 448)])
def test_the_nearest_pixel_is_exact(n: int, m: int) -> None:
    """Where i*n/m is a whole number, a float may fall just below it."""
    op = operation("upsample", Case({"size": m}, ((n, 1),)))
    pixels = np.broadcast_to(np.arange(n), (2, 1, n))
    assert run(op, [pixels], {}, 17)[0, 0].tolist() == [i * n // m for i in range(m)]


def test_reshape_undoes_flatten() -> None:
    x = np.random.default_rng(0).normal(size=(2, 5, 3, 4)).astype(np.float32)
    flat = run(operation("flatten", Case({}, ((3, 4, 5),))), [x], {}, 17)
    again = run(operation("reshape", Case({"size": (3, 4, 5)}, ((60,),))), [flat], {}, 17)
    assert flat[0].tolist() == x[0].ravel().tolist()
    assert np.array_equal(again, x)
