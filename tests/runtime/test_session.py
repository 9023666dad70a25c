"""Sessions: what goes in, what comes out, and what is said when it does not fit."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from onnx import helper

import cnnspec
import cnnspec.onnx
import cnnspec.onnx.writer
import cnnspec.runtime
from cnnspec.files import FileProblem
from cnnspec.runtime.session import ProviderProblem, RunProblem, Session, _reason

NET = cnnspec.loads("input 6x5x1\nconv 2, f=3 | relu | flatten | dense 3")
TWO = cnnspec.loads("input left: 2\ninput right: 2\nadd left")
TOKENS = cnnspec.loads("input 3, integer\nembedding 5, 2")
SESSION = NET.session()


def x(*shape: int) -> np.ndarray:
    return np.random.default_rng(0).random(shape, np.float32)


def test_a_batch_gives_the_outputs_by_name() -> None:
    out = SESSION.run(x(4, 1, 6, 5))
    assert {name: array.shape for name, array in out.items()} == {"output": (4, 3)}
    assert out["output"].dtype == np.float32


def test_an_array_may_be_given_by_name() -> None:
    assert np.array_equal(SESSION.run({"input": x(1, 1, 6, 5)})["output"], SESSION.run(x(1, 1, 6, 5))["output"])


@pytest.mark.parametrize("dtype", ["float64", "float16", "int64", "int32", "uint8", "bool"])
def test_other_numbers_are_converted(dtype: str) -> None:
    values = (x(1, 1, 6, 5) * 2).astype(dtype)
    assert np.array_equal(SESSION.run(values)["output"], SESSION.run(values.astype(np.float32))["output"])


def test_lists_and_arrays_that_are_not_contiguous() -> None:
    values = x(2, 6, 5, 1).transpose(0, 3, 1, 2)
    assert np.array_equal(SESSION.run(values)["output"], SESSION.run(values.tolist())["output"])


@pytest.mark.parametrize(
    ("shape", "message"),
    [
        ((1, 6, 5), "`input`: expected N x 1 x 6 x 5, got 1 x 6 x 5: add the batch axis: `x[None]`"),
        (
            (2, 6, 5, 1),
            "`input`: expected N x 1 x 6 x 5, got 2 x 6 x 5 x 1: channels come first: `x.transpose(0, 3, 1, 2)`",
        ),
        ((2, 6, 5), "`input`: expected N x 1 x 6 x 5, got 2 x 6 x 5: add the axis of the channel: `x[:, None]`"),
        ((1, 1, 5, 6), "`input`: expected N x 1 x 6 x 5, got 1 x 1 x 5 x 6"),
        ((), "`input`: expected N x 1 x 6 x 5, got a single number"),
    ],
)
def test_a_wrong_shape_is_said_with_both_shapes(shape: tuple[int, ...], message: str) -> None:
    with pytest.raises(RunProblem) as caught:
        SESSION.run(np.zeros(shape))
    assert str(caught.value) == message


@pytest.mark.parametrize(
    ("session", "given", "message"),
    [
        (SESSION, np.array(["a"]), "`input` takes numbers, not <U1"),
        (SESSION, {"image": x(1, 1, 6, 5)}, "the network has no input `image`: its inputs are input"),
        (SESSION, {}, "the input `input` is missing"),
        (TWO.session(), x(1, 2), "the network has 2 inputs: `left`, `right`: give one array for each, by name"),
        (
            TWO.session(),
            {"left": x(1, 2), "right": x(2, 2)},
            "the inputs have different numbers of items: `left` 1, `right` 2",
        ),
        (TOKENS.session(), [[0.5, 1, 2]], "`input` takes whole numbers, not fractions: give the numbers of the words"),
    ],
)
def test_what_cannot_be_run_is_said(session: Session, given: Any, message: str) -> None:
    with pytest.raises(RunProblem) as caught:
        session.run(given)
    assert str(caught.value) == message


def test_integers_go_to_an_embedding() -> None:
    session = TOKENS.session()
    assert session.run(np.array([[0, 1, 4]], np.int32))["output"].shape == (1, 2, 3)
    assert session.run([[0.0, 1.0, 4.0]])["output"].shape == (1, 2, 3)


def test_a_word_outside_the_vocabulary_is_a_clear_error(capfd: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(RunProblem, match=r"onnxruntime stopped: .*embedding1.*out of data bounds"):
        TOKENS.session().run([[0, 1, 5]])
    assert capfd.readouterr() == ("", "")


def test_the_remedy_for_a_word_outside_the_vocabulary_whatever_the_length() -> None:
    session = cnnspec.loads("input L, integer\nembedding 5, 2").session()
    with pytest.raises(RunProblem) as caught:
        session.run([[0, 1, 5]])
    assert caught.value.help == "a number of the input is not below the vocabulary of `embedding`"


def test_words_are_not_counted_from_the_end() -> None:
    for session in (TOKENS.session(), Session(TOKENS.to_onnx().SerializeToString(), "cpu")):
        with pytest.raises(RunProblem, match="`input`: the numbers of words begin at 0, here is -1"):
            session.run([[0, 1, -1]])


def test_cuda_is_never_replaced_in_silence() -> None:
    import onnxruntime

    if "CUDAExecutionProvider" in onnxruntime.get_available_providers():
        assert NET.session(provider="cuda").provider == "cuda"
        return
    with pytest.raises(ProviderProblem, match="this onnxruntime has no CUDA provider") as caught:
        NET.session(provider="cuda")
    assert caught.value.help == "install `onnxruntime-gpu` in its place, or use `--provider cpu`"


def test_cuda_that_does_not_start_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    """A build with CUDA on a machine without a GPU opens the session on the CPU, and only `get_providers` shows it."""
    import onnxruntime

    real = onnxruntime.InferenceSession

    def without_gpu(model: Any, options: Any, providers: list[Any], **others: Any) -> Any:
        return real(model, options, providers=["CPUExecutionProvider"], **others)

    monkeypatch.setattr(
        onnxruntime, "get_available_providers", lambda: ["CUDAExecutionProvider", "CPUExecutionProvider"]
    )
    monkeypatch.setattr(onnxruntime, "InferenceSession", without_gpu)
    with pytest.raises(ProviderProblem, match="CUDA does not start here"):
        NET.session(provider="cuda")
    assert NET.session(provider="auto").provider == "cpu"


def test_providers_have_three_names() -> None:
    with pytest.raises(RunProblem, match="the provider is one of auto, cpu, cuda, not 'gpu'"):
        NET.session(provider="gpu")


def test_what_is_no_model_is_refused(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "m.onnx").write_bytes(b"no model at all")
    with pytest.raises(RunProblem, match="onnxruntime does not take the model"):
        Session(tmp_path / "m.onnx")
    with pytest.raises(RunProblem, match="onnxruntime does not take the model"):
        Session(b"")
    assert capfd.readouterr() == ("", "")


def test_large_networks_go_through_a_file_where_there_is_room(monkeypatch: pytest.MonkeyPatch) -> None:
    expected = SESSION.run(x(1, 1, 6, 5))["output"]
    monkeypatch.setattr(cnnspec.runtime, "LARGE", 0)
    assert np.array_equal(NET.session().run(x(1, 1, 6, 5))["output"], expected)

    def no_room(*args: Any, **options: Any) -> None:
        raise FileProblem("/tmp", "the disk is full")

    monkeypatch.setattr(cnnspec.onnx, "write_model", no_room)
    assert np.array_equal(NET.session().run(x(1, 1, 6, 5))["output"], expected)
    monkeypatch.setattr(cnnspec.onnx.writer, "LARGEST", 0)
    with pytest.raises(FileProblem, match="the disk is full"):
        NET.session()


def test_a_network_beyond_the_memory_is_refused_before_it_runs() -> None:
    net = cnnspec.loads("input 10_000_000x10_000_000x3\nconv 3, f=1")
    with pytest.raises(RunProblem, match="`conv1` needs"):
        net.session()


@pytest.mark.parametrize("line", ["upsample 10**10\nupsample 10**10", "clip 0, 10**25"])
def test_numbers_beyond_64_bits_are_refused(line: str) -> None:
    with pytest.raises(FileProblem, match="64 bits"):
        cnnspec.loads(f"input 8x8x3\n{line}").to_onnx()


def refusal_of(model: bytes) -> str:
    with pytest.raises(RunProblem) as caught:
        Session(model)
    return caught.value.message


def test_what_onnxruntime_says_is_whole_and_without_its_functions() -> None:
    node = helper.make_node("AveragePool", ["x"], ["y"], kernel_shape=[2, 2], pads=[2, 2, 2, 2])
    x = helper.make_tensor_value_info("x", 1, ["N", 1, 8, 8])
    y = helper.make_tensor_value_info("y", 1, None)
    graph = helper.make_graph([node], "g", [x], [y])
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
    said = refusal_of(model.SerializeToString())
    assert said.endswith("Pad should be smaller than kernel.")
    assert "/" not in said
    assert "std::" not in said


def test_a_very_long_reason_ends_after_a_word() -> None:
    reason = _reason(ValueError("word " * 1000))
    assert reason.endswith("word …")
    assert len(reason) < 700
