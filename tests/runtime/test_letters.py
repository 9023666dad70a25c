"""Sizes that letters leave open, as they run: what fits, and what is said of what does not."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

import cnnspec
from cnnspec.cli import main
from cnnspec.runtime.images import Preparation, Wanted, read_image, wanted
from cnnspec.runtime.letters import Step, step_of
from cnnspec.runtime.session import RunProblem, Session

NET = cnnspec.loads("input [16 * H, 16 * W, 3]\nconv 2, f=3, s=2, p=same | maxpool 8", "net.cnn")
PAIR = cnnspec.loads("input left: HxWx1\ninput right: HxWx1\nadd left")
SMALL = cnnspec.loads("input HxWx1\nconv 1, f=5 | maxpool 2", "small.cnn")


def zeros(*shape: int) -> np.ndarray:
    return np.zeros(shape, np.float32)


def problem(session: Session, x: object) -> str:
    with pytest.raises(RunProblem) as caught:
        session.run(x)
    return str(caught.value)


def test_one_session_runs_at_several_sizes() -> None:
    session = NET.session()
    for height, width in ((16, 32), (64, 16), (160, 48)):
        assert session.run(zeros(2, 3, height, width))["output"].shape == (2, 2, height // 16, width // 16)


def test_what_is_no_multiple() -> None:
    assert problem(NET.session(), zeros(1, 3, 100, 32)) == "`input`: 100 pixels do not fit 16*H: give 96 or 112"
    assert problem(NET.session(), zeros(1, 3, 32, 5)) == "`input`: 5 pixels do not fit 16*W: give 16 or 32"


def test_inputs_that_disagree() -> None:
    arrays = {"left": zeros(1, 1, 5, 4), "right": zeros(1, 1, 7, 4)}
    assert problem(PAIR.session(), arrays) == (
        "`right`: H cannot be 7 here and 5 in `left`: where the spec writes H, sizes are the same"
    )
    square = cnnspec.loads("input HxHx1\nrelu").session()
    assert problem(square, zeros(1, 1, 3, 4)).startswith("`input`: H cannot be 4 here and 3: ")


def test_what_is_smaller_than_the_smallest_input() -> None:
    session = SMALL.session()
    assert session.run(zeros(1, 1, 6, 6))["output"].shape == (1, 1, 1, 1)
    for _ in range(2):
        assert problem(session, zeros(1, 1, 9, 4)) == (
            "the network does not take 9x4x1: line 2: the window 5x5 is larger than the input 9x4: "
            "the smallest input is 6x6x1"
        )


def test_the_smallest_input_is_no_remedy_for_a_large_one() -> None:
    session = cnnspec.loads("input HxWx1\nadaptive_avgpool 4 | crop like=input").session()
    assert session.run(zeros(1, 1, 4, 3))["output"].shape == (1, 1, 4, 3)
    assert problem(session, zeros(1, 1, 5, 5)).endswith("`crop` cannot enlarge 4x4 to 5x5")


def test_a_compiled_model_says_what_its_names_say(tmp_path: Path) -> None:
    session = Session(NET.to_onnx().SerializeToString(), "cpu")
    assert problem(session, zeros(1, 3, 100, 32)) == "`input`: 100 pixels do not fit 16*H: give 96 or 112"
    small = Session(SMALL.to_onnx().SerializeToString(), "cpu")
    assert "the input may be too small" in problem(small, zeros(1, 1, 2, 2))


def test_the_shape_that_is_expected_names_the_letters() -> None:
    assert problem(NET.session(), zeros(1, 1, 16, 16)) == "`input`: expected N x 3 x 16*H x 16*W, got 1 x 1 x 16 x 16"


@given(st.integers(1, 40), st.integers(-5, 30), st.integers(1, 3000))
def test_the_nearest_size(factor: int, added: int, n: int) -> None:
    step = Step("H", factor, added)
    distance = abs(step.size(step.nearest(n)) - n)
    assert distance == min(abs(step.size(k) - n) for k in range(1, n + 30))
    assert step_of(str(step)) == step


def test_what_is_no_size_with_a_letter() -> None:
    assert [step_of(name) for name in ("batch", "H // 2", "HW", "", None, 3, "16*h")] == [None] * 7


def image(path: Path, height: int, width: int) -> str:
    Image.fromarray(np.full((height, width, 3), 128, np.uint8)).save(path)
    return str(path)


@pytest.mark.parametrize(
    ("shape", "size"),
    [
        (("N", 3, "H", "W"), (37, 50)),
        (("N", 3, "16*H", "16*W"), (32, 48)),
        (("N", 3, "16*H", 20), (32, 20)),
        (("N", 3, "H", "H"), (37, 37)),
        (("N", 3, "8*H + 1", "W"), (41, 50)),
        (("N", 3, "height", None), (37, 50)),
    ],
)
def test_images_come_to_the_nearest_size(
    tmp_path: Path, shape: tuple[int | str | None, ...], size: tuple[int, int]
) -> None:
    path = image(tmp_path / "a.png", 37, 50)
    assert read_image(path, wanted(shape), Preparation()).shape == (3, *size)


def test_what_happens_to_images_is_said() -> None:
    how = Preparation()
    assert how.describe(wanted(("N", 3, "16*H", "16*W"))) == (
        "images: RGB, to the nearest 16*H x 16*W (stretched, bilinear), divided by 255"
    )
    assert how.describe(wanted(("N", 1, "H", "W"))) == "images: grey, divided by 255"
    assert wanted(("N", 1, "H", "W")) == Wanted(None, None, 1)


def test_a_folder_of_images_of_several_sizes(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    spec = tmp_path / "net.cnn"
    spec.write_text("input HxWx3\nconv 2, f=5, p=1\n", encoding="utf-8")
    folder = tmp_path / "images"
    folder.mkdir()
    for i, (height, width) in enumerate(((9, 8), (9, 8), (20, 7), (2, 30))):
        image(folder / f"{i}.png", height, width)
    assert main(["run", str(spec), str(folder)]) == 1
    out = capsys.readouterr().out.splitlines()
    assert [line.split("  ")[1].split(",")[0] for line in out[:3]] == ["7x6x2", "7x6x2", "18x5x2"]
    assert "the network does not take 2x30x3" in out[3]
    assert "smallest input is 3x3x3" in out[-1]


def test_examples_bind_the_letters(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    spec = tmp_path / "net.cnn"
    spec.write_text(
        "input a: HxWx1\ninput b: HxWx1\nadd a\n"
        "example [[1, 2], [3, 4]], [[1, 1], [1, 1]] -> [[2, 3], [4, 5]]\n"
        "example [[1, 2, 3]], [[1, 1, 1]] -> [[2, 3, 4]]\n",
        encoding="utf-8",
    )
    assert main(["test", str(spec)]) == 0
    assert capsys.readouterr().out.count(": ok") == 2
    spec.write_text("input L\nrelu\nexample [1, -2] -> [1, 0, 0]\n", encoding="utf-8")
    assert main(["test", str(spec)]) == 1
    assert "E409" in capsys.readouterr().out


def test_weights_and_compile(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    spec = tmp_path / "net.cnn"
    spec.write_text("input HxWx3\nconv 2, f=3, p=1\nupsample like=input\n", encoding="utf-8")
    weights, model = str(tmp_path / "w.npz"), str(tmp_path / "net.onnx")
    assert main(["weights", str(spec), "-o", weights]) == 0
    assert main(["compile", str(spec), "--weights", weights, "-o", model]) == 0
    assert main(["run", model, image(tmp_path / "a.png", 5, 6)]) == 0
    assert "5x6x2" in capsys.readouterr().out


def test_numbers_beyond_what_onnx_holds() -> None:
    net = cnnspec.loads(f"input HxWx1\nupsample size=[H + {2**64}, W]")
    with pytest.raises(cnnspec.files.FileProblem, match="beyond 64 bits"):
        net.to_onnx()
