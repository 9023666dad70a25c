"""Graphs read as networks: ours come back as they were, others become what they compute, and nothing breaks it."""

from __future__ import annotations

import random
from collections import Counter
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import pytest
from onnx import helper, numpy_helper

import cnnspec
from cnnspec import layers
from cnnspec.lint import Linter
from cnnspec.network import Network
from cnnspec.onnx.graph import graph_of, tensor_header
from cnnspec.onnx.reader import read_bytes, read_file, read_model
from cnnspec.onnx.skimming import NotAMessageError, skim
from tests.examples import NETWORKS
from tests.onnx.graphs import Graph, complaints, read

EXAMPLES = Path(__file__).parents[2] / "examples"
NO_LONGER = {"dropout": "identity", "drop_path": "identity"}  # what does nothing at inference is written as Identity


def light(net: Network) -> onnx.ModelProto:
    """The model of a network with the shapes of its weights, without their values."""
    graph = graph_of(net, 17)
    graph.initializer.extend(map(tensor_header, net.parameters))
    return helper.make_model(graph, ir_version=8, opset_imports=[helper.make_opsetid("", 17)])


def again(net: Network) -> Network:
    return read(light(net))[0]


def facts(net: Network) -> Counter[tuple[Any, ...]]:
    """Kind, size, parameters and multiply-and-adds of each layer that does something."""
    named = ((NO_LONGER.get(layer.kind, layer.kind), layer) for layer in net.layers)
    return Counter(
        (kind, str(layer.output_size), str(layer.params), str(layer.macs))
        for kind, layer in named
        if kind != "identity"
    )


# --- round trips ------------------------------------------------------------------------------------------------------

OPEN_WHEN_READ = ("adaptive_avgpool", "adaptive_maxpool")  # many nodes each, unless the windows are equal


@pytest.mark.parametrize("kind", [name for name in layers.names() if name not in OPEN_WHEN_READ])
def test_every_kind_comes_back(kind: str) -> None:
    found = layers.find(kind)
    assert found is not None
    net = cnnspec.loads(found.example)
    back = again(net)
    assert (back.inputs, back.outputs) == (net.inputs, net.outputs)
    more = facts(back) - facts(net)
    assert not facts(net) - facts(back)
    assert kind == "mul" or not more  # a vector that gates an image is reshaped for it


@pytest.mark.parametrize("kind", OPEN_WHEN_READ)
def test_kinds_of_many_nodes_keep_their_size(kind: str) -> None:
    found = layers.find(kind)
    assert found is not None
    net = cnnspec.loads(found.example)
    assert again(net).outputs == net.outputs


@pytest.mark.parametrize("opset", [13, 17, 22])
def test_the_same_at_other_opsets(opset: int) -> None:
    text = "input 8x8x4\nlayernorm | gelu | conv 8, f=3, p=1 | batchnorm | silu | global_maxpool | dense 3 | softmax"
    net = cnnspec.loads(text)
    back, diagnostics = read_model(net.to_onnx(opset=opset))
    assert not diagnostics
    assert back is not None
    assert (facts(back), back.params, back.macs) == (facts(net), net.params, net.macs)


def network_names() -> list[tuple[Path, str | None]]:
    """Each example, and of those with variants the first and the last."""
    found: list[tuple[Path, str | None]] = []
    for path in NETWORKS:
        try:
            net = cnnspec.load(path)
        except cnnspec.CnnSpecError:
            continue
        found += [(path, name) for name in dict.fromkeys((net.variants or (None,))[:: max(1, len(net.variants) - 1)])]
    return found


@pytest.mark.parametrize(("path", "variant"), network_names(), ids=lambda part: getattr(part, "stem", part) or "")
def test_every_example_comes_back(path: Path, variant: str | None) -> None:
    net = cnnspec.load(path, variant=variant)
    back = again(net)
    assert list(back.outputs.values()) == list(net.outputs.values())
    assert back.inputs == net.inputs
    assert sum(layer.params for layer in back.layers if isinstance(layer.params, int)) == net.params
    if not net.letters:
        assert not Counter(
            layer.kind for layer in net.layers if layer.kind in ("conv", "depthwise", "dense")
        ) - Counter(layer.kind for layer in back.layers)
    assert found_in(back) <= found_in(net) | {"W308"}


def found_in(net: Network) -> set[str]:
    """The codes of the findings, allowed ones too."""
    linter = Linter(net.source, graph=True)
    linter._allows = lambda d: False  # type: ignore[method-assign]
    return {d.code for d in linter.look(net)}


def test_shared_weights_count_once() -> None:
    net = cnnspec.loads("input 8x8x4\nconv 4, f=3, p=1 as twice\nrelu\napply twice")
    assert again(net).params == net.params


def test_letters_stay() -> None:
    net = cnnspec.loads("input [16 * H, W, 3]\nconv 8, f=3, s=2, p=1 | upsample 2")
    back = again(net)
    assert back.outputs == net.outputs
    assert str(back.outputs["output"]) == "(16*H, 2*((W + 1) // 2), 8)"


# --- graphs of others -------------------------------------------------------------------------------------------------


def kinds(net: Network) -> list[str]:
    return [layer.kind for layer in net.layers]


def test_a_product_and_a_sum_are_a_dense_layer() -> None:
    g = Graph("N", 12)
    y = g.add("Add", g.add("MatMul", "x", g.weight(12, 5)), g.weight(5))
    net, _ = read(g.model(y))
    assert (kinds(net), net.params, net.macs) == (["dense"], 65, 60)


def test_a_bias_behind_a_convolution_is_its_own() -> None:
    g = Graph()
    net, _ = read(g.model(g.add("Add", g.conv("x", 4, 3), g.weight(4, 1, 1))))
    assert (kinds(net), net.params) == (["conv"], 4 * 3 * 9 + 4)


def test_groups_of_one_channel_are_depthwise() -> None:
    g = Graph()
    net, _ = read(g.model(g.add("Conv", "x", g.weight(6, 1, 3, 3), group=3)))
    assert (kinds(net), net.layers[0].args.multiplier) == (["depthwise"], 2)


def test_global_pooling_in_other_words() -> None:
    for axes in ([2, 3], [-1, -2]):
        g = Graph()
        net, _ = read(g.model(g.add("ReduceMean", "x", axes=axes, keepdims=0)))
        assert (kinds(net), net.outputs) == (["global_avgpool"], {"reducemean1": (3,)})
    g = Graph()
    net, _ = read(g.model(g.add("Reshape", g.add("GlobalAveragePool", "x"), g.numbers(0, -1))))
    assert (kinds(net), net.outputs) == (["global_avgpool"], {"reshape2": (3,)})


def test_channels_that_stand_last() -> None:
    g = Graph("N", 32, 24, 3)
    y = g.conv(g.add("Transpose", "x", perm=[0, 3, 1, 2]), 8, 3)
    y = g.add("Transpose", y, perm=[0, 2, 3, 1])
    y = g.add("Add", g.add("MatMul", y, g.weight(8, 16)), g.weight(16))
    net, _ = read(g.model(g.add("Softmax", y)))
    assert net.inputs == {"x": (32, 24, 3)}
    assert kinds(net) == ["conv", "conv", "softmax"]
    assert [layer.output_size for layer in net.layers] == [(30, 22, 8), (30, 22, 16), (30, 22, 16)]


@pytest.mark.parametrize(
    ("auto_pad", "size"), [("SAME_UPPER", (4, 4, 4)), ("SAME_LOWER", (4, 4, 4)), ("VALID", (3, 3, 4))]
)
def test_automatic_padding(auto_pad: str, size: tuple[int, ...]) -> None:
    g = Graph()
    net, _ = read(g.model(g.conv("x", 4, 3, strides=[2, 2], auto_pad=auto_pad)))
    assert net.layers[0].output_size == size
    pads = net.layers[0].args.p
    assert auto_pad != "SAME_LOWER" or pads.pairs == ((1, 0), (1, 0))


def test_what_letters_leave_open_is_not_judged() -> None:
    """A U-Net with open axes suits multiples only: exporters say so nowhere."""
    g = Graph("batch", 3, "height", "width")
    y = g.add("MaxPool", "x", kernel_shape=[2, 2], strides=[2, 2])
    y = g.add("ConvTranspose", y, g.weight(3, 3, 2, 2), strides=[2, 2])
    net, diagnostics = read(g.model(g.conv(g.add("Concat", "x", y, axis=1), 4, 6)))
    assert not diagnostics
    assert net.inputs["x"][-1] == 3
    assert net.letters == ("H", "W")


def test_sizes_that_the_graph_computes() -> None:
    g = Graph("N", 3, "H", "W")
    shape = g.add("Shape", "x")
    size = g.add("Slice", shape, g.numbers(2), g.numbers(4))
    half = g.add("Div", size, g.numbers(2, 2))
    kept = g.add("Slice", shape, g.numbers(0), g.numbers(2))
    y = g.add("Resize", "x", "", "", g.add("Concat", kept, half, axis=0), mode="nearest")
    net, _ = read(g.model(y))
    assert kinds(net) == ["upsample"]
    assert str(net.outputs[y]) == "(H // 2, W // 2, 3)"


def test_what_people_mean_by_stretching() -> None:
    """Gates, one number a channel, masks of attention, what a reduction left: none is a mistake."""
    g = Graph()
    pooled = g.add("GlobalAveragePool", "x")
    y = g.add("Mul", "x", g.add("Sigmoid", pooled))
    y = g.add("Add", y, g.conv(pooled, 3, 3, 1))  # a step of time, spread over the image
    y = g.add("Mul", y, g.add("Sigmoid", g.conv("x", 1, 3, 1)))
    y = g.add("Sub", y, g.add("ReduceMean", y, axes=[1]))
    y = g.add("Mul", y, g.weight(1, 3, 1, 1))
    assert complaints(g.model(y)) == []
    g = Graph("N", 64)
    value, advantage = g.add("Gemm", "x", g.weight(64, 1)), g.add("Gemm", "x", g.weight(64, 4))
    assert complaints(g.model(g.add("Add", value, advantage))) == []
    g = Graph("N", 4, 7, 7)
    g.input("mask", "N", 1, 7, 7)
    assert complaints(g.model(g.add("Add", g.add("MatMul", "x", "x"), "mask"))) == []


def test_an_image_rolled_by_nothing() -> None:
    g = Graph()
    end = g.add("Slice", "x", g.numbers(8), g.numbers(2**62), g.numbers(2))
    y = g.add("Concat", end, "x", axis=2)
    net, _ = read(g.model(g.conv(y, 4, 3)))
    assert net.layers[-1].output_size == (6, 6, 4)


def test_what_is_not_ours_is_open_and_keeps_its_size() -> None:
    g = Graph("N", 3, 8, 8)
    y = g.add("Einsum", "x", equation="nchw->nhc")
    net, _ = read(g.model(g.add("MatMul", y, g.weight(3, 5))))
    assert kinds(net) == ["?", "conv"]
    assert [layer.output_size for layer in net.layers][1] == (8, 5)


def test_an_unknown_axis_equals_no_other() -> None:
    g = Graph()
    y = g.add("Mystery", "x", domain="com.example")
    g.state(y, "windows", 3, 7, 7)
    net, _ = read(g.model(g.add("Reshape", y, g.numbers(-1, 5, 3, 7, 7))))
    assert kinds(net) == ["?", "?"]


def test_operators_of_other_domains() -> None:
    g = Graph()
    y = g.add("Mystery", "x", domain="com.example")
    g.state(y, "N", 8, 4, 4)
    net, _ = read(g.model(g.conv(y, 4, 8)))
    assert kinds(net) == ["?", "conv"]
    assert net.layers[-1].output_size == (2, 2, 4)


def test_graphs_inside_nodes_read_values_too() -> None:
    inner = helper.make_graph(
        [helper.make_node("Relu", ["a"], ["b"])], "inner", [], [helper.make_tensor_value_info("b", 1, None)]
    )
    g = Graph()
    g.input("yes", element=9)
    a = g.add("Tanh", "x", name="a")
    y = g.add("If", "yes", then_branch=inner, else_branch=inner)
    net, _ = read(g.model(g.conv(y, 4, 3)))
    assert kinds(net) == ["tanh", "?", "conv"]
    assert a in net.layers[1].inputs
    assert Linter(net.source, graph=True).look(net) == []


def test_weights_elsewhere_are_not_looked_for() -> None:
    g = Graph()
    y = g.conv("x", 4, 3)
    weight = g.weights[0]
    weight.ClearField("raw_data")
    weight.data_location = onnx.TensorProto.EXTERNAL
    entry = weight.external_data.add()
    entry.key, entry.value = "location", "/nowhere/weights.bin"
    net, _ = read(g.model(y))
    assert net.params == 108


def test_findings_of_the_linter() -> None:
    g = Graph("N", 3, 32, 32)
    y = g.add("Conv", "x", g.weight(16, 3, 3, 3), g.weight(16))
    y = g.add("BatchNormalization", y, *(g.weight(16) for _ in range(4)))
    y = g.add("Relu", g.add("Relu", y))
    g.add("Tanh", y, name="for_nobody")
    y = g.add("MaxPool", y, kernel_shape=[4, 4], strides=[4, 4])
    net, _ = read(g.model(g.conv(y, 4, 16, 1)))
    found = Counter(d.code for d in Linter(net.source, graph=True).look(net))
    assert {"W105", "W203", "W301", "W401"} <= set(found)


# --- files that are none ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("data", "why"),
    [
        (b"", "empty"),
        (b"\x08", "no protocol buffer, or it ends too early"),
        (b"input 28x28x1\nconv 6, f=5\n", "ends too early"),
        (bytes(random.Random(1).randbytes(4000)), "no "),
        (b"\x0a\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01", "ends too early"),
    ],
)
def test_no_model(tmp_path: Path, data: bytes, why: str) -> None:
    path = tmp_path / "none.onnx"
    path.write_bytes(data)
    network, (found,) = read_file(path)
    assert network is None
    assert found.code == "E100"
    assert why in found.message


def test_a_truncated_model() -> None:
    data = light(cnnspec.loads("input 8x8x3\nconv 4, f=3 | relu")).SerializeToString()
    for end in range(0, len(data), 7):
        network, found = read_bytes(data[:end], "cut.onnx")
        assert network is None
        assert {d.code for d in found} <= {"E100", "E208", "E401"}


def test_a_missing_file(tmp_path: Path) -> None:
    assert [d.code for d in read_file(tmp_path / "missing.onnx")[1]] == ["E100"]
    assert [d.code for d in read_file(tmp_path)[1]] == ["E100"]


def test_names_that_are_no_text() -> None:
    data = light(cnnspec.loads("input 8x8x3\nrelu as marked")).SerializeToString()
    assert [d.code for d in read_bytes(data.replace(b"marked", b"mark\xff\xfe"), "x.onnx")[1]] == ["E100"]


def test_sizes_beyond_all_bounds() -> None:
    g = Graph("N", 2**62, 2**62, 2**62)
    assert complaints(g.model(g.add("Flatten", g.add("MaxPool", "x", kernel_shape=[2, 2])))) == []
    g = Graph()
    g.weights.append(onnx.TensorProto(name="huge", dims=[2**62, 3, 3, 3], data_type=1))
    assert complaints(g.model(g.add("Conv", "x", "huge"))) == []


def test_graphs_nested_deeply() -> None:
    graph = helper.make_graph([helper.make_node("Relu", ["x"], ["y"])], "leaf", [], [])
    for _ in range(20):
        graph = helper.make_graph([helper.make_node("If", ["x"], ["y"], then_branch=graph)], "more", [], [])
    g = Graph()
    g.add("If", "x", name="y", then_branch=graph, else_branch=graph)
    assert {d.code for d in complaints(g.model("y"))} <= {"E313"}


def test_names_of_several_lines_stay_on_one() -> None:
    g = Graph()
    g.add("Relu", "x", name="a\nb" + "c" * 500)
    net, _ = read(g.model("a\nb" + "c" * 500))
    assert net.source.line(1).startswith("a?bccc")
    assert len(net.source.line(1)) < 200


def mutated(model: onnx.ModelProto, chance: random.Random) -> onnx.ModelProto:
    """A copy with some nodes, attributes and shapes changed."""
    copy = onnx.ModelProto()
    copy.CopyFrom(model)
    graph = copy.graph
    names = [name for node in graph.node for name in (*node.input, *node.output)]
    operators = [
        "Add",
        "Concat",
        "Reshape",
        "Slice",
        "Split",
        "Pad",
        "Transpose",
        "Squeeze",
        "MatMul",
        "Gather",
        "Resize",
    ]
    for _ in range(3):
        node = chance.choice(graph.node)
        match chance.randrange(5):
            case 0:
                node.op_type = chance.choice(operators)
            case 1 if node.input:
                node.input[chance.randrange(len(node.input))] = chance.choice(names)
            case 2 if node.attribute:
                attribute = chance.choice(node.attribute)
                attribute.i = chance.choice([0, -1, 2**62, 7])
                attribute.ints.append(chance.choice([0, -1, 2**62, 7]))
            case 3 if graph.initializer:
                tensor = chance.choice(graph.initializer)
                values = np.array(chance.choices([0, -1, 1, 2**62, 3], k=chance.randrange(4)), np.int64)
                tensor.CopyFrom(numpy_helper.from_array(values, tensor.name))
            case _:
                graph.input[0].type.tensor_type.shape.dim.add(dim_value=chance.choice([0, -1, 1, 2**62]))
    return copy


def test_changed_models_never_break_the_reader() -> None:
    chance = random.Random(4)
    models = [light(cnnspec.loads(kind.example)) for kind in layers.all_kinds()]
    for _ in range(600):
        network, _ = read_model(mutated(chance.choice(models), chance))
        if network is not None:
            Linter(network.source, graph=True).look(network)


# --- without the weights ----------------------------------------------------------------------------------------------


def test_values_of_weights_are_left_out_and_nothing_else() -> None:
    model = cnnspec.loads("input 28x28x1\nconv 64, f=5 | relu | flatten | dense 100").to_onnx()
    data = model.SerializeToString()
    skimmed = onnx.load_from_string(skim(data))
    assert len(data) > 10_000_000
    assert skimmed.ByteSize() < 10_000
    for tensor in model.graph.initializer:
        if tensor.ByteSize() > 4096:
            tensor.ClearField("raw_data")
    assert skimmed == model


def test_a_small_model_stays_as_it_is() -> None:
    data = cnnspec.loads("input 8x8x1\nconv 4, f=3").to_onnx().SerializeToString()
    assert skim(data) == data
    with pytest.raises(NotAMessageError):
        skim(data[:-1])


def test_weights_are_not_read(tmp_path: Path) -> None:
    """A file of 3 GB, most of it a hole: only what lies around the weights is looked at."""
    g = Graph("N", 512)
    model = g.model(g.add("Gemm", "x", g.weight(512, 1, name="w"), transB=0))
    model.graph.initializer[0].ClearField("raw_data")
    model.graph.initializer[0].dims[:] = [512, 1_500_000]
    tensor = model.graph.initializer[0].SerializeToString()
    del model.graph.initializer[:]
    values = 512 * 1_500_000 * 4

    def field(number: int, length: int) -> bytes:
        out = bytearray([number << 3 | 2])
        while length > 127:
            out.append(length & 127 | 128)
            length >>= 7
        return bytes([*out, length])

    header = tensor + field(9, values)
    inner = field(5, len(header) + values) + header
    graph = model.graph.SerializeToString()
    model.ClearField("graph")
    path = tmp_path / "large.onnx"
    with path.open("wb") as file:
        file.write(model.SerializeToString() + field(7, len(graph) + len(inner) + values) + graph + inner)
        file.truncate(file.tell() + values)
    network, diagnostics = read_file(path)
    assert not diagnostics
    assert network is not None
    assert network.params == 512 * 1_500_000
