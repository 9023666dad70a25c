"""Whole networks whose sizes letters leave open: compiled once, they are the network of each size."""

from __future__ import annotations

import re
from typing import Any

import numpy as np
import onnx
import pytest

import cnnspec
from cnnspec.api import Network
from cnnspec.network import Input
from cnnspec.runtime.session import Session

NETWORKS = {
    "unet": """
        block double(c) { repeat 2 { conv c, f=3, p=1 | relu } }
        block up(c, skip) { conv_transpose c, f=2, s=2 | concat skip | double c }
        input [4*H, 4*W, 3]
        double 4 as wide
        maxpool 2 | double 8 as half
        maxpool 2 | double 16
        up 8, half
        up 4, wide
        conv 2, f=1 | softmax
        """,
    "encoder": """
        input HxWx3
        conv 4, f=3, s=2, p=same | relu
        conv 4, f=5, s=2, p=same | maxpool 3, s=2, p=same | avgpool 3, s=2, p=same
        global_avgpool | dense 3
        """,
    "sequence": "input LxC\nglobal_avgpool",
    "signal": """
        input Lx2
        conv 4, f=3, p=1 | relu | maxpool 2, ceil=true
        conv 3, f=3, s=2 | relu
        adaptive_avgpool 5 | flatten | dense 2
        """,
    "words": "input L, integer\nembedding 7, 4 | conv 5, f=3, p=1 | relu | global_maxpool | dense 2",
    "video": "input TxHxWx2\nconv 3, f=3, p=same, s=2 | relu\navgpool 2, ceil=true | adaptive_maxpool 2 | flatten",
    "siamese": """
        block embed { conv 4, f=3, s=2 | relu | global_avgpool | dense 3 }
        input left: HxWx1
        input right: HxWx1
        from left | embed as twin
        from right | apply twin
        sub twin
        """,
    "two inputs, two sizes": """
        input image: HxWx2
        input guide: [2*K+1, 2, 3]
        from guide | global_avgpool | dense 2 | sigmoid as gate
        from image | mul gate
        """,
    "branches": """
        input HxWx2
        conv 3, f=3 as small
        from input | conv 3, f=5, p=4
        crop like=small
        add small
        upsample size=[2 * height + 1, width]
        """,
    "segmentation": """
        input HxWx3
        conv 4, f=3, s=2, p=1 | relu | conv 4, f=3, s=2, p=1
        conv 2, f=1
        upsample like=input, mode=linear
        """,
    "odds and ends": """
        input [2*H+1, 3*W, 3]
        conv 4, f=3, s=2 | relu | conv 4, f=3, s=2, p=1
        upsample like=input
        groupnorm 2 | pixel_shuffle 2
        reshape [height * width, channels]
        layernorm | lrn 3 | maxout 1
        flatten
        """,
    "nearest": "input HxW x1\nmaxpool 2 | upsample size=[H, W]".replace("HxW x1", "[H+1, W+1, 1]"),
}


def network(name: str, **values: Any) -> Network:
    return cnnspec.loads(re.sub(r"(?m)^ +", "", NETWORKS[name]), f"{name}.cnn", **values)


def drawn(rng: np.random.Generator, input_: Input) -> np.ndarray:
    size: Any = input_.size
    if input_.integer:
        return rng.integers(0, 7, (2, *size))
    return rng.normal(size=(2, size[-1], *size[:-1])).astype(np.float32)


@pytest.mark.parametrize("opset", [13, 17, 21])
@pytest.mark.parametrize("name", NETWORKS)
def test_one_graph_is_the_network_of_each_size(name: str, opset: int) -> None:
    net = network(name)
    weights = net.weights(3)
    model = net.to_onnx(weights, opset=opset, ir=8 if opset < 21 else 10)
    onnx.checker.check_model(model, full_check=True)
    onnx.shape_inference.infer_shapes(model, check_type=True, strict_mode=True, data_prop=True)
    session = Session(model.SerializeToString(), "cpu")
    compared = 0
    for n in (1, 2, 3, 4, 5, 7, 8, 13, 16, 31):
        values = {letter: n + i for i, letter in enumerate(net.letters)}
        try:
            known = network(name, **values)
        except cnnspec.CnnSpecError:  # smaller than the network allows
            continue
        rng = np.random.default_rng(n)
        arrays = {name: drawn(rng, input_) for name, input_ in known.input_values.items()}
        expected = known.session(weights).run(arrays)
        for output, got in session.run(arrays).items():
            assert got.shape == expected[output].shape, values
            np.testing.assert_allclose(got, expected[output], rtol=1e-4, atol=1e-5, err_msg=str(values))
        compared += 1
    assert compared >= 6


def test_axes_are_named_by_what_they_measure() -> None:
    graph = network("unet").to_onnx().graph
    assert [d.dim_param or d.dim_value for d in graph.input[0].type.tensor_type.shape.dim] == ["N", 3, "4*H", "4*W"]
    assert [d.dim_param or d.dim_value for d in graph.output[0].type.tensor_type.shape.dim] == ["N", 2, "4*H", "4*W"]
    named = {value.name: [d.dim_param for d in value.type.tensor_type.shape.dim][2:] for value in graph.value_info}
    assert named["maxpool2"] == ["H", "W"]


def test_a_size_is_computed_once() -> None:
    text = "input HxWx2\n" + "groupnorm 2 | relu\n" * 5 + "upsample like=input | reshape [H * W, 2]"
    nodes = cnnspec.loads(text).to_onnx().graph.node
    assert sum(node.op_type == "Shape" for node in nodes) == 1
    assert sorted(node.name for node in nodes if node.op_type == "Gather") == ["H", "W"]


def test_nothing_is_computed_that_need_not_be() -> None:
    nodes = network("unet").to_onnx().graph.node
    assert {node.op_type for node in nodes} == {"Conv", "Relu", "MaxPool", "ConvTranspose", "Concat", "Softmax"}


@pytest.mark.parametrize(
    ("layer", "operators"),
    [
        ("conv 2, f=1, s=3, p=same", ["Conv"]),
        ("conv 2, f=3, s=2, p=same", ["Conv"]),
        ("maxpool 2, ceil=true, s=1", ["MaxPool"]),
        ("adaptive_avgpool 1", ["Constant", "ReduceMean", "Constant", "ReduceMean"]),
        ("upsample size=[2 * H, 3 * W]", ["Constant", "Resize"]),
    ],
)
def test_a_short_graph_where_one_will_do(layer: str, operators: list[str]) -> None:
    nodes = cnnspec.loads(f"input HxWx2\n{layer}").to_onnx(opset=18).graph.node
    assert [node.op_type for node in nodes] == operators


def test_names_of_layers_never_meet_names_of_sizes() -> None:
    text = "input shape: HxWx2\ngroupnorm 2 as h\nrelu as size | groupnorm 2 as gather\noutput h, size, gather"
    model = cnnspec.loads(text).to_onnx()
    onnx.checker.check_model(model, full_check=True)
    made = [name for node in model.graph.node for name in node.output]
    assert len(made) == len(set(made))


@pytest.mark.parametrize("h", [5, 8, 9])
def test_a_crop_whose_place_hangs_on_two_letters(h: int) -> None:
    net = cnnspec.loads("input a: HxHx1\ninput b: [W + 2, W + 2, 1]\ncrop like=a")
    session = net.session()
    for w in (h - 2, h - 1, h, h + 5):
        b = np.arange(float((w + 2) ** 2)).reshape(1, 1, w + 2, w + 2)
        out = session.run({"a": np.zeros((1, 1, h, h)), "b": b})["output"]
        begin = (w + 2 - h) // 2
        assert np.array_equal(out, b[:, :, begin : begin + h, begin : begin + h])
