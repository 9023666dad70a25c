"""The ONNX models: valid, named as the spec names things, the same bytes always, whole or not at all."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import onnx.checker
import onnx.numpy_helper
import pytest

import cnnspec
from cnnspec import layers
from cnnspec.files import FileProblem
from cnnspec.network import Parameter
from cnnspec.onnx import model_bytes, to_model, write_model
from cnnspec.onnx.writer import IRS, OPSETS
from cnnspec.runtime.examples import run_examples
from cnnspec.runtime.session import Session
from cnnspec.weights import initial_weights
from cnnspec.weights.sources import source_of

TEXT = """
input 28x28x1
conv 6, f=5 | relu | maxpool 2
residual { conv 6, f=3, p=1, bias=false | batchnorm } | relu
flatten | dropout
dense 10 | softmax
"""
NET = cnnspec.loads(TEXT, "nets/small.cnn")


def names(values: Any) -> list[str]:
    return [value.name for value in values]


def shape(value: onnx.ValueInfoProto) -> list[int | str]:
    return [dim.dim_param or dim.dim_value for dim in value.type.tensor_type.shape.dim]


def checked(net: cnnspec.Network, **options: Any) -> onnx.ModelProto:
    model = to_model(net, **options)
    onnx.checker.check_model(model, full_check=True)
    return model


def test_what_the_model_says_about_itself() -> None:
    model = checked(NET)
    assert (model.ir_version, model.producer_name, model.producer_version) == (8, "cnnspec", cnnspec.__version__)
    assert [(entry.domain, entry.version) for entry in model.opset_import] == [("", 17)]
    assert model.graph.name == "small"
    assert {entry.key: entry.value for entry in model.metadata_props} == {
        "params": str(NET.params),
        "source": "small.cnn",
        "Image.BitmapPixelFormat": "Gray8",
        "Image.NominalPixelRange": "Normalized_0_1",
    }


def test_inputs_and_outputs_have_the_batch_first_and_the_channels_before_the_rows() -> None:
    model = checked(NET)
    assert [(v.name, shape(v)) for v in model.graph.input] == [("input", ["N", 1, 28, 28])]
    assert [(v.name, shape(v)) for v in model.graph.output] == [("output", ["N", 10])]


def test_every_layer_has_its_predicted_size_in_the_model() -> None:
    sizes = {value.name: shape(value) for value in checked(NET).graph.value_info}
    assert sizes["conv1"] == ["N", 6, 24, 24]
    assert sizes.keys() == {layer.name for layer in NET.layers} - {"softmax1"}


def test_nodes_are_named_after_layers_and_know_their_line() -> None:
    graph = checked(NET).graph
    places = {node.name: node.doc_string for node in graph.node}
    assert places.items() >= {(layer.name, f"small.cnn:{layer.line}") for layer in NET.layers}
    assert len(places) == len(graph.node)


def test_every_parameter_is_an_initialiser_of_its_own() -> None:
    net = cnnspec.loads("input 4\ndense 4 | relu\ndense 4 | relu\ndense 4")
    model = to_model(net, initial_weights(net, init="zeros"))
    assert [(t.name, tuple(t.dims)) for t in model.graph.initializer] == [(p.name, p.shape) for p in net.parameters]
    assert sum(int(np.prod(t.dims)) for t in model.graph.initializer) == net.params


def test_the_weights_are_those_that_were_given() -> None:
    weights = initial_weights(NET, seed=5)
    for tensor in to_model(NET, weights).graph.initializer:
        assert np.array_equal(onnx.numpy_helper.to_array(tensor), weights[tensor.name])


def test_a_layer_used_again_uses_the_same_initialisers() -> None:
    net = cnnspec.loads("input 4\ndense 4 as d | relu | apply d")
    model = checked(net)
    assert names(model.graph.initializer) == ["d.weight", "d.bias"]
    assert sum("d.weight" in node.input for node in model.graph.node) == 2


def run(net: cnnspec.Network, *arrays: Any) -> dict[str, np.ndarray]:
    session = Session(checked(net).SerializeToString())
    return session.run({port.name: np.array(a, np.float32) for port, a in zip(session.inputs, arrays, strict=True)})


def test_outputs_have_the_names_of_the_spec() -> None:
    net = cnnspec.loads("input 2\nrescale 2 as double | rescale 3 as six\noutput six, double")
    assert names(checked(net).graph.output) == ["six", "double"]
    out = run(net, [[1, 2]])
    assert (out["double"].tolist(), out["six"].tolist()) == ([[2, 4]], [[6, 12]])


def test_an_output_may_be_an_input() -> None:
    net = cnnspec.loads("input a: 2\ninput b: 2\nadd a as sum\noutput sum, a")
    out = run(net, [[1, 2]], [[10, 20]])
    assert (out["sum"].tolist(), out["a"].tolist()) == ([[11, 22]], [[1, 2]])


def test_the_only_value_may_be_the_input() -> None:
    net = cnnspec.loads("input 2")
    assert names(checked(net).graph.output) == ["output"]
    assert run(net, [[1, 2]])["output"].tolist() == [[1, 2]]


def test_an_output_may_have_the_name_of_an_earlier_layer() -> None:
    net = cnnspec.loads("input 2\nrepeat 3 { rescale 2 as c }\noutput c")
    assert [layer.name for layer in net.layers] == ["c", "c_2", "c_3"]
    assert run(net, [[1, 2]])["c"].tolist() == [[8, 16]]


def test_a_layer_called_like_the_input() -> None:
    net = cnnspec.loads("input x: 2\nrescale 2 | rescale 5 as y\nrescale 3")
    assert run(net, [[1, 2]])["output"].tolist() == [[30, 60]]


def test_a_layer_that_does_nothing_may_be_the_output() -> None:
    assert run(cnnspec.loads("input 2\nrelu | dropout"), [[1, -2]])["output"].tolist() == [[1, 0]]
    assert run(cnnspec.loads("input 2\nflatten"), [[1, -2]])["output"].tolist() == [[1, -2]]


@pytest.mark.parametrize("pool", ["maxpool 3, s=2", "maxpool 3, s=2, ceil=true", "maxpool 3, s=2, p=1"])
def test_zeros_put_around_an_image_may_be_its_maximum(pool: str) -> None:
    """Left to itself, onnxruntime makes the zeros into the pool's own padding, which never wins."""
    net = cnnspec.loads(f"input 4x4x1\npad [1, 1, 0, 0] | {pool}")
    checked(net)
    found = net.session(provider="cpu").run(np.full((1, 1, 4, 4), -1.0, np.float32))["output"]
    assert (found[0, 0, 0] == 0).all()
    assert (found[0, 0, 1:, 1:] == -1).all()


def test_integers_come_in_as_int64() -> None:
    net = cnnspec.loads("input 3, integer\nembedding 5, 2")
    model = checked(net)
    assert model.graph.input[0].type.tensor_type.elem_type == onnx.TensorProto.INT64
    assert shape(model.graph.input[0]) == ["N", 3]
    assert shape(model.graph.output[0]) == ["N", 2, 3]


def test_the_same_spec_gives_the_same_bytes() -> None:
    first, second = (bytes(model_bytes(cnnspec.loads(TEXT), source_of(NET, seed=1))) for _ in range(2))
    assert first == second
    assert first != model_bytes(NET, source_of(NET, seed=2))


def test_the_stream_is_what_protobuf_would_write() -> None:
    written = model_bytes(NET, source_of(NET))
    assert onnx.load_model_from_string(written).SerializeToString(deterministic=True) == written


def test_the_file_is_the_model(tmp_path: Path) -> None:
    path = tmp_path / "m.onnx"
    assert write_model(NET, path, source_of(NET)) == [path]
    assert onnx.load(path) == to_model(NET)
    assert [p.name for p in tmp_path.iterdir()] == ["m.onnx"]


def test_external_data(tmp_path: Path) -> None:
    path = tmp_path / "m.onnx"
    assert write_model(NET, path, source_of(NET), largest=0) == [path, tmp_path / "m.onnx.data"]
    onnx.checker.check_model(str(path), full_check=True)
    bare = onnx.load(path, load_external_data=False)
    for tensor in bare.graph.initializer:
        entries = {entry.key: entry.value for entry in tensor.external_data}
        assert entries["location"] == "m.onnx.data"
        assert int(entries["offset"]) % (4096 if int(entries["length"]) >= 4096 else 1) == 0
    whole = {t.name: onnx.numpy_helper.to_array(t) for t in onnx.load(path).graph.initializer}
    assert {name: array.tolist() for name, array in whole.items()} == {
        name: array.tolist() for name, array in initial_weights(NET).items()
    }
    x = np.random.default_rng(0).random((2, 1, 28, 28), np.float32)
    assert np.array_equal(Session(path).run(x)["output"], NET.session().run(x)["output"])


class Failing:
    """A source that breaks off in the second tensor."""

    def chunks(self, parameter: Parameter) -> Iterator[np.ndarray]:
        if parameter.name != "conv1.weight":
            raise KeyboardInterrupt
        yield np.zeros(int(np.prod(parameter.shape)), "<f4")


@pytest.mark.parametrize("largest", [0, 10**9])
def test_what_breaks_off_leaves_the_old_files(tmp_path: Path, largest: int) -> None:
    write_model(NET, tmp_path / "m.onnx", source_of(NET), largest=largest)
    before = {path.name: path.read_bytes() for path in tmp_path.iterdir()}
    with pytest.raises(KeyboardInterrupt):
        write_model(NET, tmp_path / "m.onnx", Failing(), largest=largest)
    assert {path.name: path.read_bytes() for path in tmp_path.iterdir()} == before


def test_a_model_that_fits_no_disk_is_refused_at_once(tmp_path: Path) -> None:
    net = cnnspec.loads("input 1_000_000_000\ndense 1_000_000_000")
    with pytest.raises(FileProblem, match=r"this takes 4\.0 EB, and the disk has"):
        write_model(net, tmp_path / "m.onnx", source_of(net))
    with pytest.raises(ValueError, match=r"4\.0 EB of weights are too many for one model in memory"):
        to_model(net)


@pytest.mark.parametrize(("opset", "ir"), [(12, 8), (27, 8), (17, 6), (17, 14)])
def test_versions_that_nothing_runs_are_refused(opset: int, ir: int) -> None:
    with pytest.raises(ValueError, match="is not supported: use one of"):
        to_model(NET, opset=opset, ir=ir)


@pytest.mark.parametrize("text", ["input ?\ndense 3", "input 8x8x1\nconv 6, f=? -> 6x6x6", "input 9\n? -> 3\ndense 2"])
def test_what_is_left_open_is_not_compiled(text: str) -> None:
    with pytest.raises(FileProblem, match=r"line \d: something is left open \(1 blank\)"):
        to_model(cnnspec.loads(text))


@pytest.mark.parametrize("kind", layers.names())
def test_every_kind_in_every_opset(kind: str) -> None:
    """Valid, loaded by onnxruntime, of the predicted size, and of the values in the example, whatever the opset."""
    definition = layers.find(kind)
    assert definition is not None
    net = cnnspec.loads(definition.example, f"{kind}.cnn")
    models: dict[bytes, int] = {}
    for opset in OPSETS:
        model = checked(net, opset=opset)
        models.setdefault(b"".join(node.SerializeToString(deterministic=True) for node in model.graph.node), opset)
    for opset in {*models.values(), OPSETS[-1]}:
        session = Session(to_model(net, opset=opset).SerializeToString())
        x = {port.name: np.ones((2, *map(int, port.shape[1:])), port.dtype) for port in session.inputs}  # type: ignore[arg-type]
        for name, size in net.outputs.items():
            assert session.run(x)[name].shape == (2, size[-1], *size[:-1])
        assert all(result.ok for result in run_examples(net, session))


@pytest.mark.parametrize("ir", IRS)
def test_every_ir_version_loads(ir: int) -> None:
    assert Session(checked(NET, ir=ir).SerializeToString()).outputs[0].name == "output"


MEASURE = """
import resource, sys
import cnnspec
from cnnspec.onnx import write_model
from cnnspec.weights.sources import source_of
net = cnnspec.loads("input 20_000\\ndense 5_000 | relu | dense 10")
if sys.argv[1:]:
    write_model(net, sys.argv[1], source_of(net), largest=int(sys.argv[2]))
else:
    import cnnspec.onnx.writer
print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024)
"""


@pytest.mark.skipif(sys.platform != "linux", reason="the unit of ru_maxrss is that of Linux")
@pytest.mark.parametrize("largest", [0, 10**9])
def test_memory_does_not_grow_with_the_weights(tmp_path: Path, largest: int) -> None:
    def peak(*args: str) -> int:
        command = [sys.executable, "-c", MEASURE, *args]
        return int(subprocess.run(command, capture_output=True, text=True, check=True).stdout)

    weights = 4 * 20_000 * 5_000
    assert peak(str(tmp_path / "m.onnx"), str(largest)) - peak() < weights / 10
    assert sum(path.stat().st_size for path in tmp_path.iterdir()) > weights
