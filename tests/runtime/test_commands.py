"""`compile`, `weights`, `run` and `test`, as one types them."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import onnx
import onnx.checker
import pytest
from PIL import Image

from cnnspec.cli import main

SMALL = "input 8x8x1\nconv 4, f=3 | relu\nflatten | dense 3 | softmax\n"
XOR = """\
input 2
dense 2, weight=[[1, -1], [-1, 1]], bias=false | relu
dense 1, weight=[1, 1], bias=false
example [0, 1] -> 1.0
example [
    1,
    1,
] -> 0.0
"""


class Done(NamedTuple):
    code: int
    out: str
    err: str


Command = Callable[..., Done]


@pytest.fixture
def cnnspec(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Command:
    """`cnnspec("run", "small.cnn", "0.png")` in a folder with two specs and three images, one of them damaged."""
    monkeypatch.chdir(tmp_path)
    Path("small.cnn").write_text(SMALL)
    Path("xor.cnn").write_text(XOR)
    Path("images").mkdir()
    for i in range(2):
        pixels = np.random.default_rng(i).integers(0, 255, (10, 12), np.uint8)
        Image.fromarray(pixels).save(f"images/{i}.png")
    Path("images/2.png").write_bytes(b"no image")

    def run(*args: str) -> Done:
        code = main(args)
        return Done(code, *capsys.readouterr())

    return run


def save(arrays: dict[str, Any]) -> None:
    np.savez("w.npz", allow_pickle=False, **arrays)


# --- compile, weights ---


def test_compile(cnnspec: Command) -> None:
    done = cnnspec("compile", "small.cnn", "-o", "m.onnx")
    assert done == (0, f"m.onnx: 475 parameters, {Path('m.onnx').stat().st_size / 1000:.1f} kB\n", "")
    onnx.checker.check_model("m.onnx", full_check=True)


def test_compile_with_other_versions(cnnspec: Command) -> None:
    assert cnnspec("compile", "small.cnn", "-o", "m.onnx", "--opset", "21", "--ir", "10").code == 0
    model = onnx.load("m.onnx")
    assert (model.opset_import[0].version, model.ir_version) == (21, 10)
    done = cnnspec("compile", "small.cnn", "-o", "n.onnx", "--opset", "9")
    assert done == (2, "", "cnnspec compile: opset 9 is not supported: use one of 13 to 26\n")
    assert not Path("n.onnx").exists()


def test_seeds_and_zeros(cnnspec: Command) -> None:
    for name, *options in (
        ("default",),
        ("zero_seed", "--seed", "0"),
        ("one", "--seed", "1"),
        ("he", "--init", "he"),
        ("zero", "--zero"),
        ("zeros", "--init", "zeros"),
    ):
        assert cnnspec("compile", "small.cnn", "-o", f"{name}.onnx", *options).code == 0
    written = {path.stem: path.read_bytes() for path in Path().glob("*.onnx")}
    assert written["default"] == written["zero_seed"]
    assert written["zero"] == written["zeros"]
    assert len(set(written.values())) == 4


def test_weights_go_from_one_file_to_the_next(cnnspec: Command) -> None:
    done = cnnspec("weights", "small.cnn", "-o", "a.safetensors", "--seed", "4")
    assert done == (0, "a.safetensors: 4 tensors, 475 parameters\n", "")
    assert cnnspec("weights", "small.cnn", "-o", "b.npz", "--weights", "a.safetensors").code == 0
    assert cnnspec("compile", "small.cnn", "-o", "c.onnx", "--weights", "b.npz").code == 0
    assert cnnspec("compile", "small.cnn", "-o", "d.onnx", "--seed", "4").code == 0
    assert Path("c.onnx").read_bytes() == Path("d.onnx").read_bytes()


def test_weights_that_do_not_fit(cnnspec: Command) -> None:
    save({"conv1.weight": np.zeros((4, 1, 3, 3)), "conv1.bias": np.full(4, np.nan)})
    done = cnnspec("compile", "small.cnn", "-o", "m.onnx", "--weights", "w.npz")
    assert (done.code, done.err) == (1, "")
    assert done.out == (
        "error: w.npz: the weights do not fit the network: 2 missing, 1 wrong in shape, type or values\n"
        "  = `dense1.weight` (3x144) is missing\n"
        "  = `dense1.bias` (3) is missing\n"
        "  = `conv1.bias` holds 4 NaN among its 4 values\n"
        "  = help: get a file of the right names and shapes: `cnnspec weights small.cnn -o W.npz`\n"
    )
    assert not Path("m.onnx").exists()


@pytest.mark.parametrize("options", [["--seed", "1"], ["--zero"], ["--init", "he"]])
def test_weights_stand_alone(cnnspec: Command, options: list[str]) -> None:
    done = cnnspec("compile", "small.cnn", "-o", "m.onnx", "--weights", "w.npz", *options)
    assert (done.code, done.out) == (2, "")
    assert "--weights stands alone" in done.err


def test_a_place_that_cannot_be_written(cnnspec: Command) -> None:
    done = cnnspec("compile", "small.cnn", "-o", "none/m.onnx")
    assert done == (
        1,
        "error: none/m.onnx: cannot be written: its folder does not exist\n  = help: make the folder first\n",
        "",
    )
    assert cnnspec("compile", "small.cnn", "-o", "images").code == 1


def test_a_spec_with_errors_compiles_to_nothing(cnnspec: Command) -> None:
    Path("bad.cnn").write_text("input 4x4x1\nconv 6, f=7\n")
    done = cnnspec("compile", "bad.cnn", "-o", "m.onnx")
    assert done.code == 1
    assert "E301" in done.out
    assert not Path("m.onnx").exists()


@pytest.mark.skipif(sys.platform == "win32", reason="needs limits on file sizes")
def test_a_full_disk(cnnspec: Command, tmp_path: Path) -> None:
    cnnspec("compile", "small.cnn", "-o", "m.onnx")
    before = Path("m.onnx").read_bytes()
    code = (
        "import resource, sys; resource.setrlimit(resource.RLIMIT_FSIZE, (1000, 1000));"
        "from cnnspec.cli import main; sys.exit(main(['compile', 'small.cnn', '-o', 'm.onnx', '--seed', '9']))"
    )
    here = {**os.environ, "PYTHONPATH": str(Path(__file__).parents[2])}
    done = subprocess.run([sys.executable, "-c", code], env=here, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout, done.stderr) == (1, "error: m.onnx: cannot be written: file too large\n", "")
    assert Path("m.onnx").read_bytes() == before
    assert not [name for name in os.listdir(tmp_path) if name.endswith(".tmp")]


# --- run ---


def test_run_goes_on_after_a_damaged_image(cnnspec: Command) -> None:
    done = cnnspec("run", "small.cnn", "images", "--top", "1")
    lines = done.out.splitlines()
    assert done.code == 1
    assert sorted(line.split("  ")[0] for line in lines) == [
        "",
        "error: images/2.png: this is no image that can be read",
        "images/0.png",
        "images/1.png",
    ]
    assert done.err == (
        "note: no --weights given: random ones (seed 0), so the results mean nothing yet\n"
        "images: grey 8x8 (stretched, bilinear), divided by 255\n"
    )


def test_run_gives_the_same_for_the_spec_and_its_model(cnnspec: Command) -> None:
    cnnspec("compile", "small.cnn", "-o", "m.onnx")
    spec = cnnspec("run", "small.cnn", "images/0.png", "--format", "csv")
    model = cnnspec("run", "m.onnx", "images/0.png", "--format", "csv")
    assert spec.code == model.code == 0
    assert spec.out == model.out
    assert spec.out.splitlines()[0] == "input,output,rank,index,label,value,min,mean,max"
    assert len(spec.out.splitlines()) == 1 + 3


def test_run_in_batches_gives_the_same_as_one_by_one(cnnspec: Command) -> None:
    np.save("x.npy", np.random.default_rng(0).random((7, 8, 8), np.float32))
    outputs = []
    for size in ("1", "3", "32"):
        assert cnnspec("run", "small.cnn", "x.npy", "--batch", size, "-o", "o.npz").code == 0
        with np.load("o.npz") as file:
            outputs.append(file["output"])
    assert outputs[0].shape == (7, 3)
    assert np.allclose(outputs[0], outputs[1], atol=1e-6)
    assert np.allclose(outputs[0], outputs[2], atol=1e-6)


def test_json_stays_json_when_a_file_is_damaged(cnnspec: Command) -> None:
    done = cnnspec("run", "small.cnn", "images", "--format", "json", "--top", "2")
    assert done.code == 1
    results = json.loads(done.out)
    assert [result["input"] for result in results] == ["images/0.png", "images/1.png"]
    assert len(results[0]["outputs"]["output"]["top"]) == 2
    assert "images/2.png" in done.err
    assert json.loads(cnnspec("run", "small.cnn", "images/2.png", "--format", "json").out) == []


def test_run_on_vectors(cnnspec: Command) -> None:
    Path("points.txt").write_text("0 0\n1 0\n")
    done = cnnspec("run", "xor.cnn", "0, 1", "points.txt", "-1 1")
    assert done == (0, "0, 1  1.0000\npoints.txt:1  0.0000\npoints.txt:2  1.0000\n-1 1  2\n", "")


def test_labels(cnnspec: Command) -> None:
    Path("labels.txt").write_text("cat\ndog\nbird\n")
    out = cnnspec("run", "small.cnn", "images/0.png", "--top", "1", "--labels", "labels.txt").out
    assert out.split()[1] in {"cat", "dog", "bird"}
    Path("labels.txt").write_text("cat\ndog\n")
    done = cnnspec("run", "small.cnn", "images/0.png", "--labels", "labels.txt")
    assert (done.code, done.out.splitlines()[0]) == (1, "error: labels.txt: 2 labels for 3 classes")


def test_feature_maps(cnnspec: Command) -> None:
    Path("edges.cnn").write_text("input 8x8x1\nconv 2, f=3\n")
    done = cnnspec("run", "edges.cnn", "images/0.png", "images/1.png", "-o", "maps/")
    assert done.code == 0
    assert done.err.endswith("maps/: 4 feature maps, each scaled from its smallest value to its largest\n")
    assert sorted(os.listdir("maps")) == [f"{i}_output_c{c}.png" for i in (0, 1) for c in (0, 1)]


@pytest.mark.parametrize(
    ("args", "message"),
    [
        (["-o", "out.txt"], "-o takes an .npz file or a folder, not `out.txt`"),
        (["--scale", "0"], "--scale and --std are divided by: 0 is not possible"),
        (["--batch", "0"], "argument --batch: 0 is less than 1"),
        (["--mean", "a,b"], "argument --mean: `a` is not a number such as 0.5"),
    ],
)
def test_wrong_usage_of_run(cnnspec: Command, args: list[str], message: str) -> None:
    done = cnnspec("run", "small.cnn", "images/0.png", *args)
    assert (done.code, done.out) == (2, "")
    assert message in done.err


def test_cuda_where_there_is_none(cnnspec: Command, monkeypatch: pytest.MonkeyPatch) -> None:
    import onnxruntime

    monkeypatch.setattr(onnxruntime, "get_available_providers", lambda: ["CPUExecutionProvider"])
    done = cnnspec("run", "small.cnn", "images/0.png", "--provider", "cuda")
    assert (done.code, done.out) == (2, "")
    assert "this onnxruntime has no CUDA provider: install `onnxruntime-gpu` in its place" in done.err


def test_a_compiled_model_has_its_weights(cnnspec: Command) -> None:
    cnnspec("compile", "small.cnn", "-o", "m.onnx")
    assert cnnspec("run", "m.onnx", "images/0.png", "--seed", "1").code == 2


def test_a_model_that_is_none(cnnspec: Command) -> None:
    Path("m.onnx").write_bytes(b"x")
    done = cnnspec("run", "m.onnx", "images/0.png")
    assert done.code == 1
    assert done.out.startswith("error: m.onnx: onnxruntime does not take the model: ")
    assert cnnspec("run", "none.onnx", "images/0.png").out == "error: none.onnx: there is no such file\n"


# --- test ---


XOR_RESULTS = """\
xor.cnn:4: ok  example [0, 1] -> 1.0   got 1
xor.cnn:5: ok  example [1, 1] -> 0.0   got 0
"""


def test_examples_that_hold(cnnspec: Command) -> None:
    assert cnnspec("test", "xor.cnn") == (0, f"{XOR_RESULTS}2 examples: 2 ok\n", "")


FAILED = """\
wrong.cnn:3: FAILED  example [1, 2] -> [2, 5]
    expected 2, 5
    got      2, 4
    largest difference 1
"""


def test_an_example_that_fails(cnnspec: Command) -> None:
    Path("wrong.cnn").write_text("input 2\nrescale 2\nexample [1, 2] -> [2, 5]\n")
    done = cnnspec("test", "wrong.cnn", "xor.cnn", "small.cnn")
    none = "small.cnn: no `example` lines\n"
    assert done == (1, f"{FAILED}{XOR_RESULTS}{none}3 examples: 2 ok, 1 failed\n", "")


def test_a_broken_file_does_not_hide_the_others(cnnspec: Command) -> None:
    Path("bad.cnn").write_text("input 4x4x1\nconv 6, f=7\nexample 1 -> 1\n")
    done = cnnspec("test", "bad.cnn", "xor.cnn")
    assert done.code == 1
    assert "E301" in done.out
    assert "2 examples: 2 ok" in done.out


def test_examples_with_weights_from_a_file(cnnspec: Command) -> None:
    Path("net.cnn").write_text("input 2\ndense 1, bias=false\nexample [1, 2] -> 7\n")
    save({"dense1.weight": np.array([[1.0, 3.0]], np.float32)})
    assert cnnspec("test", "net.cnn", "--weights", "w.npz").code == 0
    without = cnnspec("test", "net.cnn")
    assert without.code == 1
    assert "no --weights given" in without.err
