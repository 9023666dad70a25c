"""Receptive fields of every layer: by hand, against sets of pixels, against running networks, and published."""

from __future__ import annotations

import math
from fractions import Fraction
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import cnnspec
from cnnspec import Network
from cnnspec.fields import Field, receptive_fields
from cnnspec.network import Input, Layer, Value
from cnnspec.reach import MOST_PHASES
from cnnspec.values import UNKNOWN

ARCHITECTURES = Path(__file__).parents[1] / "examples" / "architectures"


def fields(text: str) -> dict[str, Field]:
    return receptive_fields(cnnspec.loads(text))


def last(text: str) -> Field:
    return list(fields(text).values())[-1]


# --- by hand ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("flow", "size", "stride", "offset"),
    [
        ("conv 1, f=3, p=1", 3, 1, -1),
        ("conv 1, f=3, s=2, p=1 | conv 1, f=3, p=1", 7, 2, -3),
        ("conv 1, f=3, d=2, p=[1, 3]", 5, 1, -1),
        ("conv 1, f=4, p=same", 4, 1, -1),
        ("depthwise 5, s=3", 5, 3, 0),
        ("maxpool 2 | avgpool 2", 4, 4, 0),
        ("pad 2 | crop [3, 0]", 1, 1, 1),
        ("maxpool 4 | upsample 2", 4, 2, 0),
        ("upsample 2", 1, Fraction(1, 2), 0),
        ("upsample 2 | conv 1, f=2", 2, Fraction(1, 2), 0),
        ("upsample 2 | maxpool 2", 1, 1, 0),
        ("upsample 2, mode=linear", 2, Fraction(1, 2), -1),
        ("upsample 3, mode=linear", 2, Fraction(1, 3), -1),
        ("upsample size=15", 1, Fraction(8, 3), 0),
        ("conv_transpose 1, f=4, s=2, p=1", 2, Fraction(1, 2), -1),
        ("conv_transpose 1, f=3, s=1, p=1", 3, 1, -1),
        ("conv_transpose 1, f=2, s=2, p=same", 1, Fraction(1, 2), 0),
        ("adaptive_avgpool 10", 4, 4, 0),
        ("adaptive_avgpool 16", 3, Fraction(5, 2), 0),
        ("global_avgpool keep=true", 40, 40, 0),
        ("conv 1, f=3 | global_avgpool keep=true | upsample 38", 40, 1, 0),
        ("concat { branch { } branch { conv 1, f=5, p=2 } } | conv 1, f=3", 7, 1, -2),
        ("concat { branch { maxpool 2 | upsample 2 } branch { conv 1, f=5, p=2 } }", 5, 1, -2),
        ("concat { branch { conv 1, f=3, p=1 } branch { global_avgpool keep=true | upsample 40 } }", 42, 1, -1),
        ("batchnorm | relu | dropout | lrn 3 | select [0]", 1, 1, 0),
    ],
)
def test_size_stride_and_offset(flow: str, size: int, stride: object, offset: int) -> None:
    assert last(f"input 40x1\n{flow}") == Field((size,), (stride,), (offset,))


def test_axes_go_by_themselves() -> None:
    found = fields("input 8x28x28x1\nconv 4, f=1x7x3, s=[1, 2, 1], p=[0, 3, 0, 0, 3, 1] as c\nupsample 1x1x2 as u")
    assert found["c"] == Field((1, 7, 3), (1, 2, 1), (0, -3, 0))
    assert found["u"] == Field((1, 7, 3), (1, 2, Fraction(1, 2)), (0, -3, 0))


def test_vectors_have_no_field() -> None:
    assert list(fields("input 8x8x1\nconv 2, f=3 | flatten | dense 3")) == ["input", "conv1"]
    assert fields("input 8\ndense 3") == {}


def test_pixel_shuffle() -> None:
    half = Fraction(1, 2)
    assert last("input 8x8x4\nconv 4, f=3, p=1 | pixel_shuffle 2") == Field((3, 3), (half, half), (-1, -1))


def test_a_sequence_of_numbers_is_seen_one_by_one() -> None:
    assert last("input 56, integer\nembedding 100, 4 | conv 2, f=3") == Field((3,), (1,), (0,))


def test_several_inputs_are_seen_together() -> None:
    text = "input left: 8x8x1\ninput right: 8x8x1\nconv 1, f=3, p=1 as r\nfrom left\nconv 1, f=5, p=2 | concat r"
    assert last(text) == Field((5, 5), (1, 1), (-2, -2))


def test_branches_of_different_strides_leave_stride_and_offset_open() -> None:
    text = "input 16x1\nconcat { branch { maxpool 2 | crop 2 } branch { conv 1, f=13 } }"
    found = last(text)
    assert found.size == (13,)
    assert (found.stride[0], found.offset[0]) == (UNKNOWN, UNKNOWN)
    assert last(f"{text}\nconv 1, f=1").size == (13,)
    assert last(f"{text}\nconv 1, f=3").size[0] is UNKNOWN


def test_behind_a_gate_every_value_sees_all() -> None:
    """The squeeze of an 8x8 image of stride 2 sees 2*8 - 1 pixels and the padding."""
    found = fields(
        "input 16x16x2\nconv 4, f=3, s=2, p=1 as c\n"
        "mul { branch { } branch { global_avgpool | dense 4 | sigmoid } } as gated\nconv 4, f=3, s=2, p=1 as d\n"
        "mul { branch { } branch { global_avgpool keep=true | conv 4, f=1 | sigmoid } } as again"
    )
    assert found["c"] == Field((3, 3), (2, 2), (-1, -1))
    assert found["gated"] == Field((17, 17), (2, 2), (-1, -1))
    assert found["d"] == found["again"] == Field((17, 17), (4, 4), (-1, -1))


def test_a_gate_of_positions_is_a_branch_like_others() -> None:
    text = "input 8x8x2\nmul { branch { } branch { conv 1, f=3, p=1 | sigmoid } }"
    assert last(text) == Field((3, 3), (1, 1), (-1, -1))


def test_behind_flatten_and_reshape_all_is_seen() -> None:
    found = last("input 8x8x2\nconv 2, f=3, p=1 | flatten | dense 128 | reshape 8x8x2")
    assert (found.size, found.offset) == ((10, 10), (-1, -1))
    assert found.stride[0] is UNKNOWN
    assert last("input 8x8x2\nreshape 4x4x8 | relu").size == (8, 8)
    assert last("input 100\ndense 64 | reshape 4x4x4 | conv 2, f=3") == Field((3, 3), (1, 1), (0, 0))


def test_blanks_leave_open_what_hangs_on_them() -> None:
    found = fields("input 28x28x1\nconv 4, f=? as a\nconv 4, f=3, s=?, p=1 as b\nconv 4, f=3 as c")
    assert found["a"].size[0] is UNKNOWN
    assert found["a"].stride == (1, 1)
    found = fields("input 28x28x1\nconv 4, f=3, p=? as a\nconv 4, f=3 as b\n? -> 7x7x4\nconv 4, f=3 as d")
    assert (found["a"].size, found["b"].size) == ((3, 3), (5, 5))
    assert found["b"].offset[0] is UNKNOWN
    assert found["d"].size[0] is UNKNOWN


def test_symbolic_sizes_keep_what_does_not_hang_on_them() -> None:
    found = fields("input HxWx3\nconv 4, f=7, s=2, p=3 as a\nmaxpool 3, s=2, p=1 as b\nglobal_avgpool keep=true as g")
    assert found["b"] == Field((11, 11), (4, 4), (-5, -5))
    size = found["g"].size[0]
    assert size.at({"H": 224}) == 11 + 4 * 55
    assert fields("input HxWx3\nconv 4, f=3, p=same as a")["a"] == Field((3, 3), (1, 1), (-1, -1))


def test_thousands_of_layers_and_long_periods_are_no_trouble() -> None:
    assert last("input 9x1\nrepeat 3000 { conv 1, f=3, p=1 }").size == (6001,)
    assert last("input 9x1\nupsample 999_983").stride == (Fraction(1, 999_983),)
    for flow in ("repeat 8 { upsample 3 }", "repeat 3 { upsample size=1009 | conv 1, f=3 | upsample size=997 }"):
        assert len(last(f"input 9x1\n{flow}").size) == 1


@pytest.mark.parametrize(
    ("name", "size", "stride", "offset"),
    [
        ("alexnet", 195, 32, -64),
        ("vgg", 212, 32, -90),
        ("mobilenet_v1", 315, 32, -126),
        ("inception_v3", 1311, 32, -618),
        ("inception_resnet_v2", 3039, 32, -1482),
    ],
)
def test_published_receptive_fields(name: str, size: int, stride: int, offset: int) -> None:
    """The table of Araujo, Norris, Sim (Distill, 2019): field, effective stride, effective padding."""
    images = [
        one for one in receptive_fields(cnnspec.load(ARCHITECTURES / f"{name}.cnn")).values() if len(one.size) == 2
    ]
    assert images[-1] == Field((size,) * 2, (stride,) * 2, (offset,) * 2)


# --- against sets of pixels -------------------------------------------------------------------------------------------

STEPS = st.one_of(
    st.builds(
        "conv 1, f={}, s={}, p={}, d={}".format, *(st.integers(a, b) for a, b in ((1, 4), (1, 3), (0, 3), (1, 2)))
    ),
    st.builds("conv 1, f={}, s={}, p=same".format, st.integers(1, 5), st.integers(1, 2)),
    st.builds("maxpool 3, s={}, p=[{}, {}]".format, st.integers(1, 2), st.integers(0, 2), st.integers(0, 2)),
    st.builds("upsample {}, mode={}".format, st.integers(1, 3), st.sampled_from(("nearest", "linear"))),
    st.builds("conv_transpose 1, f={1}, s={0}, p={2}".format, st.integers(1, 3), st.integers(3, 4), st.integers(0, 1)),
    st.sampled_from(("pad 1", "pad [0, 2]", "crop [1, 0]", "relu", "adaptive_avgpool 12", "adaptive_avgpool 9")),
    st.sampled_from(("upsample size=14", "upsample size=10, mode=linear")),
)
BRANCHES = st.builds(
    "concat {{ branch {{ {} }} branch {{ {} }} }} | conv 1, f=1".format,
    st.sampled_from(("", "conv 1, f=3, p=1", "conv 1, f=4, p=[3, 0]", "maxpool 2 | upsample size=24")),
    st.sampled_from(
        ("", "conv 1, f=5, p=[1, 3]", "conv 1, f=3, d=3, p=3 | relu", "upsample 3, mode=linear | maxpool 3")
    ),
)


@settings(max_examples=250, deadline=None)
@given(
    st.lists(STEPS, min_size=1, max_size=4),
    st.lists(BRANCHES, max_size=1),
    st.lists(STEPS, max_size=2),
)
def test_fields_are_those_of_sets_of_pixels(before: list[str], join: list[str], after: list[str]) -> None:
    joined = [f"adaptive_avgpool 24 | {one}" for one in join]
    text = "\n".join(["input 60x1", *before, *joined, *after])
    try:
        net = cnnspec.loads(text)
    except cnnspec.CnnSpecError:  # nothing is left, or a size does not fit
        return
    seen = pixels_of(net)
    (output,) = net.output_values.values()
    field = receptive_fields(net)[output.name]
    if field.stride[0] is UNKNOWN:
        return
    period: Any = math.prod(
        layer.args.s[0] if layer.kind == "conv_transpose" else layer.output_size[0]
        for layer in net.layers
        if layer.kind in ("upsample", "adaptive_avgpool", "conv_transpose")
    )
    if period > 1500:
        return
    if field.size[0] is UNKNOWN:
        assert period > MOST_PHASES
        return
    spans: Any = [(min(seen(output, i)), max(seen(output, i))) for i in range(period)]
    assert field.size == (max(end - start + 1 for start, end in spans),)
    assert field.offset == (spans[0][0],)
    assert min(seen(output, period)) - spans[0][0] == period * field.stride[0]


def pixels_of(net: Network):
    """The pixels that place i of a value sees, on an endless line, from the definition of each layer."""

    @cache
    def seen(value: Value, i: int) -> frozenset[int]:
        if isinstance(value, Input):
            return frozenset([i])
        return frozenset().union(*(seen(v, k) for v in value.operands for k in places(value, v.size[0], i)))

    return seen


def places(layer: Layer, n: Any, i: int) -> list[int]:
    a: Any = layer.args
    m: Any = layer.output_size[0]
    match layer.kind:
        case "conv" | "maxpool":
            ((begin, _),) = a.p.resolve(layer.operation.input, a.f, a.s, a.d)
            return [i * a.s[0] - begin + k * a.d[0] for k in range(a.f[0])]
        case "conv_transpose":
            begin = a.p.pairs[0][0]
            return [(i + begin - k) // a.s[0] for k in range(a.f[0]) if (i + begin - k) % a.s[0] == 0]
        case "pad":
            return [i - a.p.pairs[0][0]]
        case "crop":
            return [i + a.p.pairs[0][0]]
        case "upsample" if a.mode == "nearest":
            return [math.floor(Fraction(i * n, m))]
        case "upsample":
            centre = (i + Fraction(1, 2)) * n / m - Fraction(1, 2)
            return list({math.floor(centre), math.ceil(centre)})
        case "adaptive_avgpool":
            return list(range(math.floor(Fraction(i * n, m)), math.ceil(Fraction((i + 1) * n, m))))
        case _:
            return [i]


# --- against running networks -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "flow",
    [
        "conv 1, f=3, p=1 | conv 1, f=3, s=2",
        "maxpool 3, s=2, p=1 | conv 1, f=3, p=same | avgpool 2",
        "conv 1, f=3, d=2, p=[3, 1] | maxpool 2",
        "concat { branch { conv 1, f=1 } branch { conv 1, f=5, p=[1, 3] } } | conv 1, f=3",
        "pad [2, 0] | crop [0, 3] | conv 1, f=2",
        "mul { branch { } branch { global_avgpool | dense 1 | sigmoid } } | conv 1, f=3",
        "conv 1, f=3 | global_avgpool keep=true | upsample 4",
    ],
)
def test_places_see_what_changes_them(flow: str) -> None:
    net = cnnspec.loads(f"input 40x1\n{flow}")
    ((name, value),) = net.output_values.items()
    field = receptive_fields(net)[value.name]
    reached = reach(net, name)
    gated = "global" in flow
    for i, pixels in enumerate(reached):
        start = field.offset[0] + (0 if gated else i * field.stride[0])
        wanted = range(max(start, 0), min(start + field.size[0], 40))
        assert pixels == [*wanted[:1], *wanted[-1:]]


def reach(net: Network, name: str) -> list[list[int]]:
    """First and last pixel that changes each value of the output; nothing where there is none."""
    session = net.session({key: np.full_like(value, 0.3) for key, value in net.weights().items()})
    base = np.linspace(1, 1.5, 40, dtype=np.float32).reshape(1, 1, 40)
    plain = session.run(base)[name][0]
    changed = []
    for i in range(40):
        other = base.copy()
        other[0, 0, i] += 3
        changed.append((np.abs(session.run(other)[name][0] - plain) > 1e-4).any(axis=0))
    return [[*np.flatnonzero(column)[:1], *np.flatnonzero(column)[-1:]] for column in np.array(changed).T]
