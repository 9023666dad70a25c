"""Models that ONNX's checker accepts and that cannot be what their author meant: each with its code and arithmetic."""

from __future__ import annotations

from collections.abc import Callable

import onnx
import pytest

from tests.onnx.graphs import FLOAT, INT64, Graph, complaints

Broken = tuple[str, Callable[[Graph], "str | tuple[str, ...]"], str, str]


def batchnorm(g: Graph, x: str, channels: int) -> str:
    return g.add("BatchNormalization", x, *(g.weight(channels) for _ in range(4)))


def stated(g: Graph) -> str:
    y = g.conv("x", 4, 3)
    g.state(y, "N", 4, 8, 8)
    return g.add("Relu", y)


def bare_reshape(g: Graph, *target: int) -> str:
    return g.add("Reshape", g.conv("x", 4, 3), g.numbers(*target))


def two(g: Graph, op: str, a: int, b: int, fa: int = 3, fb: int = 3) -> str:
    return g.add(op, g.conv("x", a, 3, fa), g.conv("x", b, 3, fb))


BROKEN: list[Broken] = [
    ("a pool larger than the image", lambda g: g.add("MaxPool", "x", kernel_shape=[20, 20]), "E301", "= -11"),
    ("a pool of a known size below 1", lambda g: g.add("AveragePool", "x", kernel_shape=[9, 3]), "E301", "9x3"),
    ("a window larger than the image", lambda g: g.conv("x", 4, 3, 11), "E301", "(8 + 2*0 - 11)/1 + 1 = -2"),
    ("a dilated window", lambda g: g.conv("x", 4, 3, dilations=[4, 4]), "E301", "9x9"),
    ("pooling after pooling", lambda g: g.add("MaxPool", g.add("MaxPool", "x", kernel_shape=[5, 5], strides=[4, 4]),
                                              kernel_shape=[2, 2]), "E301", "1x1"),
    ("padding beyond the window", lambda g: g.add("MaxPool", "x", kernel_shape=[2, 2], pads=[2, 2, 2, 2]), "E306", "p=2"),
    ("too few channels for the weight", lambda g: g.conv("x", 4, 5), "E408", "fits 5 channels, here arrive 3"),
    ("channels of a branch", lambda g: g.conv(two(g, "Concat2", 4, 6), 8, 8), "E408", "fits 8 channels, here arrive 10"),
    ("the window and its weight", lambda g: g.conv("x", 4, 3, kernel_shape=[5, 5]), "E408", "5x5"),
    ("groups and channels", lambda g: g.conv("x", 4, 1, group=2), "E302", "groups=2"),
    ("groups and filters", lambda g: g.conv("x", 4, 1, group=3), "E302", "4 filters"),
    ("a bias of another length", lambda g: g.add("Conv", "x", g.weight(4, 3, 3, 3), g.weight(5)), "E408", "bias"),
    ("a norm of other channels", lambda g: batchnorm(g, "x", 4), "E408", "fits 4 channels, here arrive 3"),
    ("an instance norm", lambda g: g.add("InstanceNormalization", "x", g.weight(2), g.weight(2)), "E408", "weight"),
    ("too many features for a dense layer",
     lambda g: g.add("Gemm", g.add("Flatten", "x"), g.weight(10, 363), transB=1), "E408", "fits 363 features, here arrive 192"),
    ("a product with a weight", lambda g: g.add("MatMul", g.add("Flatten", "x"), g.weight(200, 10)), "E408", "200"),
    ("a bias of a dense layer",
     lambda g: g.add("Gemm", g.add("Flatten", "x"), g.weight(192, 10), g.weight(12)), "E408", "12 numbers"),
    ("a sum that is stretched along the rows", lambda g: g.add("Add", "x", g.add("MaxPool", "x", kernel_shape=[8, 1])),
     "E304", "stretches"),
    ("a sum of other channels", lambda g: two(g, "Add", 4, 1), "E304", "channels: 4 and 1"),
    ("a sum whose sizes differ", lambda g: two(g, "Add", 4, 4, 3, 5), "E304", "height: 6 and 4"),
    ("a product whose sizes differ", lambda g: two(g, "Mul", 4, 4, 3, 5), "E304", "height: 6 and 4"),
    ("a bias along the last axis",
     lambda g: g.add("Add", g.conv("x", 6, 3), g.weight(6)) and g.add("Add", g.add("GlobalAveragePool", "x"), g.weight(3)),
     "E304", "give it the shape (3, 1, 1)"),
    ("a concatenation of other sizes",
     lambda g: g.add("Concat", g.conv("x", 4, 3), g.conv("x", 4, 3, 5), axis=1), "E304", "height: 6 and 4"),
    ("a concatenation along the rows", lambda g: g.add("Concat", g.conv("x", 4, 3), g.conv("x", 5, 3), axis=2), "E304", "axis 2"),
    ("a shape that cannot hold", lambda g: bare_reshape(g, 0, 100), "E308", "cannot hold"),
    ("rows across images", lambda g: bare_reshape(g, -1, 100), "E308", "an image has 144 values"),
    ("parts that do not add up", lambda g: g.add("Split", "x", g.numbers(2, 2), outputs=("a", "b"), axis=1) and "a", "E308", "2 + 2 = 4"),
    ("a slice of nothing", lambda g: g.add("Slice", "x", g.numbers(6), g.numbers(3), g.numbers(2)), "E307", "leaves nothing"),
    ("a border cut off too far", lambda g: g.add("Pad", "x", g.numbers(0, 0, -5, 0, 0, 0, -5, 0)), "E307", "leaves nothing"),
    ("a transposed convolution of nothing",
     lambda g: g.add("ConvTranspose", g.add("GlobalAveragePool", "x"), g.weight(3, 4, 2, 2), pads=[1, 1, 1, 1]), "E307", "= 0"),
    ("a transposed convolution of other channels", lambda g: g.add("ConvTranspose", "x", g.weight(5, 4, 2, 2)), "E408", "5"),
    ("output padding of the stride",
     lambda g: g.add("ConvTranspose", "x", g.weight(3, 4, 2, 2), strides=[2, 2], output_padding=[2, 2]), "E314", "output_pad=2"),
    ("channels for a pixel shuffle", lambda g: g.add("DepthToSpace", "x", blocksize=2), "E310", "r*r = 2*2 = 4"),
    ("an embedding of features", lambda g: g.add("MatMul", g.conv("x", 4, 3), g.weight(5, 7)), "E304", "rows of 6"),
    ("a stated size", stated, "E402", "(N, 4, 6, 6), the file states (?, 4, 8, 8)"),
]


def make(broken: Broken) -> onnx.ModelProto:
    g = Graph()
    outputs = broken[1](g)
    for node in g.nodes:
        if node.op_type == "Concat2":
            node.op_type = "Concat"
            node.attribute.append(onnx.helper.make_attribute("axis", 1))
    return g.model(*([outputs] if isinstance(outputs, str) else outputs))


@pytest.mark.parametrize("broken", BROKEN, ids=[name for name, *_ in BROKEN])
def test_what_is_wrong_is_said(broken: Broken) -> None:
    _, _, code, text = broken
    found = complaints(make(broken))
    assert [d.code for d in found] == [code], found
    said = "\n".join((found[0].message, *found[0].notes, found[0].help))
    assert text in said


def test_the_checker_of_onnx_lets_most_of_them_pass() -> None:
    passed = []
    for broken in BROKEN:
        try:
            onnx.checker.check_model(make(broken), full_check=True)
        except (onnx.checker.ValidationError, onnx.shape_inference.InferenceError):
            continue
        passed.append(broken[0])
    assert "a pool larger than the image" in passed, passed
    print(len(passed), len(BROKEN), [b[0] for b in BROKEN if b[0] not in passed])


def test_types() -> None:
    g = Graph()
    g.input("k", "N", 3, 8, 8, element=INT64)
    (found,) = complaints(g.model(g.add("Add", "x", "k")))
    assert (found.code, found.message) == ("E313", "`Add` takes inputs of one type, here arrive float32 and int64")
    g = Graph(element=INT64)
    (found,) = complaints(g.model(g.conv("x", 4, 3)))
    assert found.code == "E313"
    assert FLOAT
