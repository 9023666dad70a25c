"""What the kinds with windows or weights refuse, what they explain, and which ONNX nodes they avoid."""

from __future__ import annotations

import itertools
from fractions import Fraction
from typing import Any, NamedTuple

import hypothesis
import numpy as np
import pytest
from hypothesis import strategies as st

import cnnspec
from cnnspec.diagnostics import Diagnostic, Mistake
from cnnspec.layers._kind import Operation
from cnnspec.sizes import same_padding, window, window_ceil
from cnnspec.values import UNKNOWN, Word
from tests.layers.conformance import Case, layout, model_of, operation, run

SAME = Word("same")


class Refusal(NamedTuple):
    """A layer on an input, and what is said about it: code, the text that is marked, words of each part."""

    size: str
    layer: str
    code: str
    marked: str
    message: str
    note: str = ""
    help: str = ""


REFUSALS = [
    Refusal(
        "4x4x16",
        "conv 120, f=7",
        "E301",
        "f=7",
        "the window 7x7 is larger than the input 4x4",
        "(n + 2p - f)/s + 1 = (4 + 2*0 - 7)/1 + 1 = -2",
        "use f=4 or smaller, or p=2",
    ),
    Refusal(
        "9x4x2",
        "conv 1, 3x7, p=1",
        "E301",
        "3x7",
        "the window 3x7 is larger than the padded input 11x6",
        "(n + 2p - f)/s + 1 = (4 + 2*1 - 7)/1 + 1 = 0",
        "use f=3x6 or smaller, or p=2",
    ),
    Refusal(
        "8x2",
        "depthwise f=3, d=5",
        "E301",
        "f=3",
        "the window 11 is larger than the input 8",
        "(n + 2p - d(f - 1) - 1)/s + 1 = (8 + 2*0 - 5*(3 - 1) - 1)/1 + 1 = -2",
        "use f=2 or smaller, or p=2",
    ),
    Refusal(
        "1x9x2",
        "maxpool 2",
        "E301",
        "2",
        "the window 2x2 is larger than the input 1x9",
        "floor((n + 2p - f)/s) + 1 = floor((1 + 2*0 - 2)/2) + 1 = floor(-0.5) + 1 = 0",
        "use f=1, or p=1",
    ),
    Refusal(
        "5x5x2",
        "avgpool 7, s=1, p=[1, 0, 0, 0]",
        "E301",
        "7",
        "the window 7x7 is larger than the padded input 6x5",
        "(n + p_begin + p_end - f)/s + 1 = (5 + 1 + 0 - 7)/1 + 1 = 0",
        "use f=5 or smaller, or p=[1, 0, 1, 0]",
    ),
    Refusal(
        "8x8x6",
        "conv 8, f=3, groups=4",
        "E302",
        "groups=4",
        "does not divide the 6 channels",
        "6 = 1*4 + 2",
        "such as 2",
    ),
    Refusal(
        "8x8x8",
        "conv 6, f=3, groups=4",
        "E302",
        "groups=4",
        "does not divide the 6 filters",
        "6 = 1*4 + 2",
        "such as 2",
    ),
    Refusal("8x8x6", "conv_transpose 8, f=3, groups=4", "E302", "groups=4", "the 6 channels of the input"),
    Refusal("4x4x16", "dense 10", "E303", "dense 10", "takes a vector, here arrives 4x4x16", "", "`flatten`"),
    Refusal("784", "conv 6, f=5", "E305", "conv 6, f=5", "a vector of 784", "", "784x1 or 28x28x1"),
    Refusal("64", "instancenorm", "E305", "instancenorm", "a vector of 64"),
    Refusal("64", "global_avgpool", "E305", "global_avgpool", "a vector of 64"),
    Refusal(
        "8x8x1", "maxpool 2, p=2", "E306", "p=2", "a window of 2 sees nothing but", "f - 1 = 2 - 1 = 1", "p=1 or less"
    ),
    Refusal("8x8x1", "maxpool 2, d=2, p=[0, 0, 0, 3]", "E306", "p=[0, 0, 0, 3]", "p=3", "2*(2 - 1) = 2", "p=2 or less"),
    Refusal(
        "2x2x1", "maxpool 2, s=1, d=4, p=2", "E306", "d=4", "d=4 a window steps over all 2 pixels", "before: 2", "d=2"
    ),
    Refusal("1x8x1", "maxpool 2, s=3, d=2, p=same", "E306", "d=2", "the only pixel", "before: 1", "leave `d` out"),
    Refusal("8x8x1", "avgpool 1, p=1", "E306", "p=1", "with p=1", "f - 1 = 1 - 1 = 0", "leave `p` out"),
    Refusal(
        "7x7x4", "conv_transpose 6, f=2, p=4", "E307", "p=4", "leaves nothing", "(7 - 1)*1 - 2*4 + 2 = 0", "a smaller p"
    ),
    Refusal("28x28x64", "groupnorm 3", "E310", "3", "does not divide the 64 channels", "64 = 21*3 + 1", "such as 2"),
    Refusal(
        "7x7x4",
        "conv_transpose 6, f=2, output_pad=1",
        "E314",
        "output_pad=1",
        "s=1 and d=1",
        "",
        "leave `output_pad` out",
    ),
    Refusal(
        "7x7x4",
        "conv_transpose 6, f=2, s=3, output_pad=3",
        "E314",
        "output_pad=3",
        "s=3 and d=1",
        "",
        "output_pad=2 or less",
    ),
    Refusal("8x8x1", "conv -4, f=3", "E207", "-4", "`filters` is -4", "", "filters=1 or more"),
    Refusal("8x8x1", "conv 4, f=3, s=0", "E207", "s=0", "`s` is 0", "", "s=1 or more"),
    Refusal("8x8x1", "conv 4, f=3, p=-1", "E207", "p=-1", "`p` is -1"),
    Refusal("8x8x1", "conv 4, f=1x3x3", "E309", "f=1x3x3", "`f` has 3 parts, the input has 2 spatial axes"),
    Refusal("8x8x1", "conv 4, f=3, weight=false", "E206", "weight=false", "does not work without `weight`"),
    Refusal("8x8x1", "batchnorm eps=-1", "E207", "eps=-1", "`eps` is a number, at least 0"),
    Refusal("2", "dense 2, bias=[0, 0, 1]", "E224", "bias=[0, 0, 1]", "the shape 2, its values have 3"),
]


def errors(text: str) -> list[Diagnostic]:
    return [d for d in cnnspec.check(text) if d.severity == "error"]


@pytest.mark.parametrize("expected", REFUSALS, ids=lambda r: r.layer)
def test_what_is_refused_is_marked_and_calculated(expected: Refusal) -> None:
    (diagnostic,) = errors(f"input {expected.size}\n{expected.layer}\n")
    assert diagnostic.code == expected.code
    assert expected.message in diagnostic.message
    assert expected.note in "\n".join(diagnostic.notes)
    assert expected.help in diagnostic.help
    marked = diagnostic.source.text[diagnostic.span.start : diagnostic.span.end]
    assert marked == expected.marked


AFTER_IMAGES = "conv 6, f=3 | relu | maxpool 2 | batchnorm | global_avgpool"
AFTER_VECTORS = "dense 5 | relu | batchnorm | dense 10 -> 10"


@pytest.mark.parametrize(
    ("size", "layer", "rest"),
    [
        ("4x4x16", "conv 120, f=7", AFTER_IMAGES),
        ("784", "conv 6, f=5", AFTER_IMAGES),
        ("784", "depthwise 5", AFTER_IMAGES),
        ("8x8x6", "conv 8, f=3, groups=4", AFTER_IMAGES),
        ("784", "conv_transpose 6, f=5", AFTER_IMAGES),
        ("8x8x1", "maxpool 2, p=2", AFTER_IMAGES),
        ("64", "avgpool 2", AFTER_IMAGES),
        ("64", "adaptive_avgpool 2", AFTER_IMAGES),
        ("64", "instancenorm", AFTER_IMAGES),
        ("28x28x64", "groupnorm 3", AFTER_IMAGES),
        ("28x28x64", "batchnorm eps=-1", AFTER_IMAGES),
        ("64", "global_avgpool", AFTER_VECTORS),
        ("4x4x16", "dense 10", AFTER_VECTORS),
        ("4x4x16", "dense 0", AFTER_VECTORS),
    ],
)
def test_what_follows_from_a_mistake_stays_silent(size: str, layer: str, rest: str) -> None:
    assert [d.row for d in errors(f"input {size}\n{layer}\n{rest}\n")] == [2]


def test_a_window_has_at_most_three_axes() -> None:
    for kind, given in (
        ("conv", {"filters": 1, "f": 1}),
        ("conv_transpose", {"filters": 1, "f": 1}),
        ("maxpool", {"f": 1}),
    ):
        with pytest.raises(Mistake, match="E309"):
            make(kind, (2, 2, 2, 2, 3), **given)


@pytest.mark.parametrize(
    ("kind", "x", "given", "lines"),
    [
        (
            "conv",
            (28, 27, 4),
            {"filters": 6, "f": 5, "groups": 2, "bias": False},
            (
                "height: (n + 2p - f)/s + 1 = (28 + 2*0 - 5)/1 + 1 = 24",
                "width: (n + 2p - f)/s + 1 = (27 + 2*0 - 5)/1 + 1 = 23",
                "channels = filters = 6",
                "f*f*channels/groups*filters = 5*5*4/2*6 = 300",
                "output elements * f*f*channels/groups = (24*23*6)*5*5*4/2 = 165,600",
            ),
        ),
        (
            "conv",
            (28, 28, 1),
            {"filters": 6, "f": 5, "s": 2, "p": SAME},
            (
                "height and width: p=same: ceil(n/s) = ceil(28/2) = 14, padding 1 before and 2 after",
                "channels = filters = 6",
                "(f*f*channels + 1)*filters = (5*5*1 + 1)*6 = 156",
                "output elements * f*f*channels = (14*14*6)*5*5*1 = 29,400",
            ),
        ),
        (
            "depthwise",
            (9, 9, 9, 4),
            {"f": 3, "multiplier": 2},
            (
                "frames, height and width: (n + 2p - f)/s + 1 = (9 + 2*0 - 3)/1 + 1 = 7",
                "channels = channels*multiplier = 4*2 = 8",
                "(f*f*f + 1)*channels*multiplier = (3*3*3 + 1)*4*2 = 224",
                "output elements * f*f*f = (7*7*7*8)*3*3*3 = 74,088",
            ),
        ),
        (
            "conv_transpose",
            (7, 4),
            {"filters": 6, "f": 4, "s": 2, "p": 1},
            (
                "length: (n - 1)s - 2p + f = (7 - 1)*2 - 2*1 + 4 = 14",
                "channels = filters = 6",
                "(f*channels + 1)*filters = (4*4 + 1)*6 = 102",
                "input elements * f*filters = (7*4)*4*6 = 672",
            ),
        ),
        (
            "dense",
            (400,),
            {"units": 120},
            ("units = 120", "(inputs + 1)*units = (400 + 1)*120 = 48,120", "inputs*units = 400*120 = 48,000"),
        ),
        (
            "batchnorm",
            (8, 8, 64),
            {},
            (
                "normalised over the training images, channel by channel: the size stays",
                "weight and bias: 2*channels = 2*64 = 128",
                "running mean and variance, not trained: 2*channels = 2*64 = 128",
            ),
        ),
        (
            "embedding",
            (56,),
            {"vocabulary": 1000, "width": 64},
            ("a vector of width 64 for each of the 56 integers", "vocabulary*width = 1000*64 = 64,000"),
        ),
    ],
)
def test_the_arithmetic_is_written_as_in_the_lecture(
    kind: str, x: tuple[int, ...], given: dict[str, Any], lines: tuple[str, ...]
) -> None:
    op = make(kind, x, **given)
    assert (*op.kind.explain_size(op), *op.kind.explain_params(op), *op.kind.explain_macs(op)) == lines


def make(kind: str, x: tuple[int, ...], **given: Any) -> Operation:
    return operation(kind, Case(given, (x,)))


def operators(op: Operation, opset: int = 17) -> set[str]:
    tensors = {t.name: np.ones(t.shape, np.float32) for t in op.tensors}
    nodes = model_of(op, tensors, opset).graph.node
    assert not any(a.name in ("auto_pad", "ceil_mode") for node in nodes for a in node.attribute)
    return {node.op_type for node in nodes} - {"Constant"}


@pytest.mark.parametrize(
    ("kind", "x", "given", "expected"),
    [
        ("maxpool", (112, 112, 3), {"f": 3, "s": 2, "ceil": True}, {"MaxPool"}),
        ("maxpool", (9, 9, 3), {"f": 3, "d": 2, "s": 1, "p": 4}, {"Pad", "MaxPool"}),
        ("avgpool", (9, 9, 3), {"f": 3, "s": 1, "p": 1, "count_pad": True}, {"AveragePool"}),
        ("avgpool", (8, 8, 3), {"f": 3, "s": 2, "p": SAME}, {"AveragePool"}),
        ("adaptive_avgpool", (14, 14, 3), {"size": 7}, {"AveragePool"}),
        ("adaptive_avgpool", (7, 7, 3), {"size": 7}, {"Identity"}),
        ("global_avgpool", (7, 7, 3), {"keep": True}, {"GlobalAveragePool"}),
        ("conv_transpose", (7, 7, 3), {"filters": 2, "f": 3, "s": 2, "p": 1, "output_pad": 1}, {"ConvTranspose"}),
        ("lrn", (7, 7, 3), {"size": 5}, {"LRN"}),
        ("layernorm", (7,), {}, {"LayerNormalization"}),
        ("dense", (7,), {"units": 2}, {"Gemm"}),
        ("batchnorm", (7,), {"weight": False}, {"BatchNormalization"}),
    ],
)
def test_the_usual_case_is_one_node(kind: str, x: tuple[int, ...], given: dict[str, Any], expected: set[str]) -> None:
    assert operators(make(kind, x, **given)) == expected


def test_padding_never_wins_a_maximum() -> None:
    op = make("maxpool", (4, 4, 1), f=3, s=1, p=1)
    assert run(op, [np.full(layout((4, 4, 1)), -7.0)], {}, 17).max() == -7
    dilated = make("maxpool", (5, 5, 1), f=2, d=2, s=1, p=2)
    assert run(dilated, [np.full(layout((5, 5, 1)), -7.0)], {}, 17).max() == -7


def test_the_overhang_is_not_counted_and_the_padding_is() -> None:
    op = make("avgpool", (4, 1), f=3, s=2, p=1, ceil=True, count_pad=True)
    assert run(op, [np.ones(layout((4, 1)))], {}, 17)[0, 0].tolist() == pytest.approx([2 / 3, 1, 0.5])


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ({"f": 1, "s": 2, "p": SAME}, [1, 0, 2, 0, 4, 0]),  # a window shorter than the step
        ({"f": 2, "p": SAME}, [1, 12, 24]),  # the odd one is cut off at the end
        ({"f": 2, "d": 3, "output_pad": 2}, [1, 2, 4, 10, 20, 40, 0, 0]),  # beyond what runtimes take
        ({"f": 2, "d": 3, "output_pad": 2, "p": 1}, [2, 4, 10, 20, 40, 0]),
        ({"f": 2, "d": 3, "output_pad": 2, "p": [0, 3]}, [1, 2, 4, 10, 20]),
        ({"f": 2, "s": 2, "output_pad": 1}, [1, 10, 2, 20, 4, 40, 0]),
    ],
)
@pytest.mark.parametrize("bias", [True, False])
def test_the_ends_of_the_transposed_convolution(given: dict[str, Any], expected: list[int], bias: bool) -> None:
    op = make("conv_transpose", (3, 1), filters=1, bias=bias, **given)
    weight = np.array([1, 10], np.float32)[: given["f"]].reshape(1, 1, -1)
    tensors = {"weight": weight} | ({"bias": np.full(1, 5, np.float32)} if bias else {})
    result = run(op, [np.array([[[1.0, 2.0, 4.0]]])], tensors, 17)
    assert result.tolist() == [[[n + 5 * bias for n in expected]]]


def test_a_blank_leaves_open_what_depends_on_it() -> None:
    assert all(n is UNKNOWN for n in make("maxpool", (5, 5, 1), f=2, ceil=UNKNOWN).output[:2])
    assert make("maxpool", (5, 5, 1), f=2, ceil=UNKNOWN, p=SAME).output == (3, 3, 1)
    size: Any = make("global_avgpool", (5, 5, 1), keep=UNKNOWN).output
    assert size is UNKNOWN
    assert make("conv", (5, 5, 1), filters=2, f=3, bias=UNKNOWN).params is UNKNOWN
    assert make("scale", (5, 5, 2), bias=UNKNOWN).params is UNKNOWN


@hypothesis.given(st.integers(1, 30), st.integers(1, 30))
def test_the_largest_window_of_an_adaptive_pooling(n: int, m: int) -> None:
    op = make("adaptive_avgpool", (n, 1), size=m)
    (reach,) = op.kind.window(op.args, op.input) or ()
    largest = max(-(-(i + 1) * n // m) - i * n // m for i in range(m))
    assert (reach.size, reach.stride) == (largest, Fraction(n, m))


def test_the_values_of_the_file_are_those_of_the_tensor() -> None:
    op = make("batchnorm", (2, 2), running_mean=[1, 2], weight=[[3], [4]])
    assert op.tensor("running_mean").values == [1, 2]
    assert op.tensor("weight").values == [[3], [4]]
    assert [t.name for t in op.tensors if not t.trainable] == ["running_mean", "running_var"]


def test_the_fans_of_the_initialisers() -> None:
    """How many inputs a value of the output sees, how many outputs a value of the input reaches."""
    fans = {
        kind: (op.tensors[0].fan_in, op.tensors[0].fan_out)
        for kind, op in (
            ("conv", make("conv", (9, 9, 4), filters=6, f=3, groups=2)),
            ("depthwise", make("depthwise", (9, 9, 4), f=3, multiplier=2)),
            ("conv_transpose", make("conv_transpose", (9, 9, 4), filters=6, f=4, s=2)),
            ("dense", make("dense", (9,), units=5)),
        )
    }
    assert fans == {"conv": (18, 27), "depthwise": (9, 18), "conv_transpose": (16, 96), "dense": (9, 5)}


def refusal(kind: str, x: tuple[int, ...], **given: Any) -> str:
    """The code of the error; nothing where the layer is accepted."""
    try:
        make(kind, x, **given)
    except Mistake as mistake:
        return mistake.code
    return ""


def test_dilated_windows_see_some_pixel_or_are_refused() -> None:
    refused = 0
    for n, f, s, d in itertools.product(range(1, 7), (2, 3), (1, 2, 3, 5), (2, 3, 4, 7)):
        for p in (SAME, *((begin, end) for begin in range(d * (f - 1) + 1) for end in (0, d))):
            pads: Any = same_padding(n, f, s, d) if p is SAME else p
            begin, end = pads
            for ceil in (False, True):
                given = {"f": f, "s": s, "d": d, "p": p if p is SAME else list(p), "ceil": ceil}
                count = -(-n // s) if p is SAME else (window_ceil if ceil else window)(n, f, s, begin, end, d)
                if count < 1:
                    continue
                starts = range(-begin, -begin + count * s, s)
                blind = any(all(not 0 <= start + k * d < n for k in range(f)) for start in starts)
                refused += blind
                assert refusal("maxpool", (n, 1), **given) == ("E306" if blind else ""), given
    assert refused > 100


def test_the_widest_dilation_is_judged_at_once() -> None:
    n = 10**9
    assert make("maxpool", (n, 1), f=3, s=1, d=n + 1, p=n + 1).output == (n, 1)
    assert refusal("maxpool", (n, 1), f=3, s=1, d=n + 1, p=[n + 1, n + 2]) == "E306"
