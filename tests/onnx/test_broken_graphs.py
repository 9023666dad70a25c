"""Models that cannot be what their author meant: each with its code, its arithmetic, and what ONNX itself says."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

import onnx
import pytest

from tests.onnx.graphs import INT64, Graph, accepted_by_onnx, complaints


class Broken(NamedTuple):
    """A graph that `build` makes of an image 8x8x3 (it returns the output), the code, and some of what is said."""

    name: str
    build: Callable[[Graph], str]
    code: str
    said: str


def batchnorm(g: Graph, x: str, channels: int) -> str:
    return g.add("BatchNormalization", x, *(g.weight(channels) for _ in range(4)))


def stated(g: Graph) -> str:
    y = g.conv("x", 4, 3)
    g.state(y, "N", 4, 8, 8)
    return g.add("Relu", y)


def reshaped(g: Graph, *target: int) -> str:
    return g.add("Reshape", g.conv("x", 4, 3), g.numbers(*target))


def two(g: Graph, op: str, a: int, b: int, fa: int = 3, fb: int = 3, **attributes: Any) -> str:
    return g.add(op, g.conv("x", a, 3, fa), g.conv("x", b, 3, fb), **attributes)


def pools(g: Graph) -> str:
    return g.add("MaxPool", g.add("MaxPool", "x", kernel_shape=[5, 5], strides=[4, 4]), kernel_shape=[2, 2])


def split(g: Graph) -> str:
    g.add("Split", "x", g.numbers(2, 2), outputs=("a", "b"), axis=1)
    return "a"


def dense(g: Graph, *weights: str, **attributes: Any) -> str:
    return g.add("Gemm", g.add("Flatten", "x"), *weights, **attributes)


def transposed(g: Graph, x: str, channels: int, **attributes: Any) -> str:
    return g.add("ConvTranspose", x, g.weight(channels, 4, 2, 2), **attributes)


def pooled(g: Graph) -> str:
    return g.add("GlobalAveragePool", "x")


UNSEEN = [
    Broken("a pool larger than the image", lambda g: g.add("MaxPool", "x", kernel_shape=[20, 20]), "E301", "= -11"),
    Broken("a mean pool too high", lambda g: g.add("AveragePool", "x", kernel_shape=[9, 3]), "E301", "9x3"),
    Broken("a window larger than the image", lambda g: g.conv("x", 4, 3, 11), "E301", "(8 + 2*0 - 11)/1 + 1 = -2"),
    Broken("a dilated window", lambda g: g.conv("x", 4, 3, dilations=[4, 4]), "E301", "9x9"),
    Broken("pooling one pixel", pools, "E301", "(1 + 2*0 - 2)/1 + 1 = 0"),
    Broken(
        "padding of the window",
        lambda g: g.add("MaxPool", "x", kernel_shape=[2, 2], pads=[2, 2, 2, 2]),
        "E306",
        "p is at most f - 1",
    ),
    Broken("channels of an image", lambda g: g.conv("x", 4, 5), "E408", "fits 5 channels, here arrive 3"),
    Broken(
        "channels of branches",
        lambda g: g.conv(two(g, "Concat", 4, 6, axis=1), 8, 8),
        "E408",
        "fits 8 channels, here arrive 10",
    ),
    Broken("channels in groups", lambda g: g.conv(g.conv("x", 4, 3), 8, 1, group=2), "E408", "fits 2 channels"),
    Broken("a window and its weight", lambda g: g.conv("x", 4, 3, kernel_shape=[5, 5]), "E408", "is 5x5"),
    Broken("groups and channels", lambda g: g.conv("x", 4, 1, group=2), "E302", "the 3 channels of the input"),
    Broken("groups and filters", lambda g: g.conv("x", 4, 1, group=3), "E302", "the 4 filters"),
    Broken("a bias", lambda g: g.add("Conv", "x", g.weight(4, 3, 3, 3), g.weight(5)), "E408", "the bias of"),
    Broken(
        "an instance norm",
        lambda g: g.add("InstanceNormalization", "x", g.weight(2), g.weight(2)),
        "E408",
        "has the shape 2, not 3",
    ),
    Broken("a bias of units", lambda g: dense(g, g.weight(192, 10), g.weight(12)), "E408", "12 numbers"),
    Broken(
        "a sum stretched along the rows",
        lambda g: g.add("Add", "x", g.add("MaxPool", "x", kernel_shape=[8, 1])),
        "E304",
        "the graph stretches them to (N, 3, 8, 8) in silence",
    ),
    Broken(
        "a bias along the width, which has as many pixels as there are channels",
        lambda g: g.add("Add", g.conv("x", 6, 3), g.weight(6)),
        "E304",
        "adds along the width of (N, 6, 6, 6)",
    ),
    Broken("a sum stretched along the channels", lambda g: two(g, "Add", 4, 1), "E304", "channels: 4 and 1"),
    Broken("a difference", lambda g: two(g, "Sub", 1, 4), "E304", "channels: 1 and 4"),
    Broken(
        "a bias along the last axis",
        lambda g: g.add("Add", pooled(g), g.weight(3)),
        "E304",
        "give it the shape (3, 1, 1)",
    ),
    Broken("a shape that cannot hold", lambda g: reshaped(g, 0, 100), "E308", "cannot hold"),
    Broken("rows across images", lambda g: reshaped(g, -1, 100), "E308", "an image has 144 values"),
    Broken(
        "a slice of nothing",
        lambda g: g.add("Slice", "x", g.numbers(6), g.numbers(3), g.numbers(2)),
        "E307",
        "leaves nothing",
    ),
    Broken(
        "a border cut off too far",
        lambda g: g.add("Pad", "x", g.numbers(0, 0, -5, 0, 0, 0, -5, 0)),
        "E307",
        "leaves nothing",
    ),
    Broken("nothing enlarged", lambda g: transposed(g, pooled(g), 3, pads=[1, 1, 1, 1]), "E307", "= 0"),
    Broken("channels enlarged", lambda g: transposed(g, "x", 5), "E408", "fits 5 channels"),
    Broken(
        "rows added",
        lambda g: transposed(g, "x", 3, strides=[2, 2], output_padding=[2, 2]),
        "E314",
        "output_pad=2 must be less",
    ),
    Broken("pixels out of channels", lambda g: g.add("DepthToSpace", "x", blocksize=2), "E310", "r*r = 2*2 = 4"),
]
SEEN = [
    Broken("a norm", lambda g: batchnorm(g, "x", 4), "E408", "fits 4 channels, here arrive 3"),
    Broken("features", lambda g: dense(g, g.weight(10, 363), transB=1), "E408", "fits 363 features, here arrive 192"),
    Broken("a product", lambda g: g.add("MatMul", g.add("Flatten", "x"), g.weight(200, 10)), "E408", "fits 200"),
    Broken("a product of rows", lambda g: g.add("MatMul", g.conv("x", 4, 3), g.weight(5, 7)), "E304", "rows of 6"),
    Broken("a sum of other sizes", lambda g: two(g, "Add", 4, 4, 3, 5), "E304", "height: 6 and 4"),
    Broken("a product of other sizes", lambda g: two(g, "Mul", 4, 4, 3, 5), "E304", "height: 6 and 4"),
    Broken("channels joined", lambda g: two(g, "Concat", 4, 4, 3, 5, axis=1), "E304", "height: 6 and 4"),
    Broken("rows joined", lambda g: two(g, "Concat", 4, 5, axis=2), "E304", "along axis 2"),
    Broken("parts", split, "E308", "2 + 2 = 4"),
    Broken("a stated size", stated, "E402", "(N, 4, 6, 6), the file states (?, 4, 8, 8)"),
]


def made(broken: Broken) -> onnx.ModelProto:
    g = Graph()
    return g.model(broken.build(g))


@pytest.mark.parametrize("broken", [*UNSEEN, *SEEN], ids=lambda broken: broken.name)
def test_one_error_with_its_arithmetic(broken: Broken) -> None:
    (found,) = complaints(made(broken))
    assert found.code == broken.code
    assert broken.said in "\n".join((found.message, *found.notes, found.help))


@pytest.mark.parametrize("broken", UNSEEN, ids=lambda broken: broken.name)
def test_what_the_checker_of_onnx_lets_pass(broken: Broken) -> None:
    assert accepted_by_onnx(made(broken))


def test_the_place_is_the_node_and_its_attribute() -> None:
    g = Graph()
    g.conv("x", 4, 3, name="stem", strides=[2, 2])
    (found,) = complaints(g.model(g.add("MaxPool", "stem", name="pool", kernel_shape=[4, 4])))
    assert (found.row, found.column) == (2, 21)
    assert found.source.line(2) == "pool: MaxPool(stem) kernel_shape=[4, 4]"
    (label,) = found.labels
    assert (label.source.line(1), label.text) == ("stem: Conv(x, w1) strides=[2, 2]", "gives 3x3x4")


def test_what_follows_from_an_error_stays_silent() -> None:
    g = Graph()
    y = g.add("MaxPool", "x", kernel_shape=[20, 20])
    y = g.conv(g.add("Relu", y), 4, 3)
    y = g.add("Add", y, g.conv("x", 4, 3))
    y = g.add("Gemm", g.add("Flatten", y), g.weight(99, 10))
    assert [(d.code, d.row) for d in complaints(g.model(y))] == [("E301", 1)]


def test_every_error_is_said_in_one_run() -> None:
    g = Graph()
    y = g.conv("x", 4, 5)
    y = g.conv(y, 8, 3)
    assert [(d.code, d.row) for d in complaints(g.model(y))] == [("E408", 1), ("E408", 2)]


def test_the_place_in_the_spec_is_named() -> None:
    g = Graph()
    g.add("MaxPool", "x", name="y", kernel_shape=[20, 20], doc_string="lenet.cnn:4")
    (found,) = complaints(g.model("y"))
    assert found.notes[-1] == "written at lenet.cnn:4"


# --- types, names, operators ------------------------------------------------------------------------------------------


def codes(g: Graph, *outputs: str) -> list[tuple[str, str]]:
    return [(d.code, d.message) for d in complaints(g.model(*outputs))]


def test_elements_of_two_types() -> None:
    g = Graph()
    g.input("k", "N", 3, 8, 8, element=INT64)
    assert codes(g, g.add("Add", "x", "k")) == [
        ("E313", "`Add` takes inputs of one type, here arrive float32 and int64")
    ]


def test_elements_that_an_operator_does_not_take() -> None:
    g = Graph(element=INT64)
    assert codes(g, g.add("GlobalAveragePool", "x")) == [
        ("E313", "`GlobalAveragePool` does not take elements of the type int64")
    ]


def test_a_stated_type() -> None:
    g = Graph()
    g.state(g.add("Relu", "x"), "N", 3, 8, 8, element=INT64)
    assert codes(g, g.add("Tanh", "relu1")) == [("E313", "the elements of `relu1` are float32, the file states int64")]


def test_an_input_or_attribute_that_is_missing() -> None:
    g = Graph()
    assert codes(g, g.add("Conv", "x")) == [("E203", "`Conv` needs its input `W`")]
    g = Graph()
    assert codes(g, g.add("MaxPool", "x")) == [("E203", "`MaxPool` needs `kernel_shape`")]


def test_an_operator_that_does_not_exist() -> None:
    g = Graph()
    (found,) = complaints(g.model(g.add("Convv", "x", "x")))
    assert (found.code, found.help) == ("E201", "did you mean `Conv`?")
    g = Graph(opset=17)
    assert codes(g, g.add("Gelu", "x")) == [("E201", "opset 17 has no operator `Gelu`")]


def test_names() -> None:
    g = Graph()
    assert codes(g, g.add("Relu", "y")) == [("E208", "`Relu` reads `y`, which nothing yields")]
    g = Graph()
    g.add("Relu", "x", name="a")
    g.add("Tanh", "x", outputs=("a",), name="b")
    assert codes(g, "a") == [("E209", "two nodes yield `a`")]
    g = Graph()
    g.add("Relu", "x", name="a")
    assert codes(g, "z") == [("E208", "no node yields the output `z`")]


def test_circles() -> None:
    g = Graph()
    g.add("Add", "x", "b", name="a")
    g.add("Relu", "a", name="b")
    assert codes(g, "b") == [("E406", "`Add` reads `b`, which a later node yields")]


def test_no_input() -> None:
    model = Graph().model()
    del model.graph.input[:]
    model.graph.node.append(onnx.helper.make_node("RandomNormal", [], ["y"], shape=[1, 3]))
    model.graph.output.append(onnx.helper.make_tensor_value_info("y", 1, [1, 3]))
    assert [d.code for d in complaints(model)] == ["E401"]
