"""What `run` reads: arrays in their layouts, texts, folders, several inputs; and how it is put into batches."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

import cnnspec
from cnnspec.files import FileProblem
from cnnspec.runtime.batches import Item, expand, read_items, run_batches
from cnnspec.runtime.images import Preparation
from cnnspec.runtime.session import Port, Session

HOW = Preparation()
GREY = Port("input", ("N", 1, 4, 3), "float32")
COLOUR = Port("input", ("N", 3, 4, 5), "float32")
VECTOR = Port("input", ("N", 3), "float32")
LEFT, RIGHT = Port("left", ("N", 2), "float32"), Port("right", ("N", 2), "float32")


def read(path: Any, *ports: Port, stdin: Any = None) -> list[Item]:
    return list(read_items(str(path), ports, HOW, stdin))


def values(items: list[Item]) -> list[Any]:
    return [next(iter(item.arrays.values())).tolist() for item in items]


@pytest.mark.parametrize(
    ("port", "shape", "count"),
    [
        (GREY, (1, 4, 3), 1),
        (GREY, (7, 1, 4, 3), 7),
        (GREY, (4, 3, 1), 1),
        (GREY, (7, 4, 3, 1), 7),
        (GREY, (4, 3), 1),
        (GREY, (7, 4, 3), 7),
        (COLOUR, (4, 5, 3), 1),
        (COLOUR, (2, 4, 5, 3), 2),
        (VECTOR, (3,), 1),
        (VECTOR, (5, 3), 5),
    ],
)
def test_arrays_in_every_layout_that_is_clear(tmp_path: Path, port: Port, shape: tuple[int, ...], count: int) -> None:
    array = np.arange(np.prod(shape)).reshape(shape)
    np.save(tmp_path / "a.npy", array)
    items = read(tmp_path / "a.npy", port)
    assert len(items) == count
    assert {item.arrays["input"].shape for item in items} == {port.shape[1:]}
    if shape[-1] == 3 and port is COLOUR:
        assert items[0].arrays["input"][1].ravel()[0] == 1
    names = [item.name.removeprefix(f"{tmp_path}/") for item in items]
    assert names == (["a.npy"] if count == 1 else [f"a.npy[{i}]" for i in range(count)])


def test_an_array_that_does_not_fit(tmp_path: Path) -> None:
    np.save(tmp_path / "a.npy", np.zeros((3, 4)))
    with pytest.raises(FileProblem, match=r"expected N x 1 x 4 x 3 \(or one item without N\), got 3 x 4"):
        read(tmp_path / "a.npy", GREY)


def test_arrays_that_are_none(tmp_path: Path) -> None:
    (tmp_path / "a.npy").write_bytes(b"\x93NUMPY rubbish")
    with pytest.raises(FileProblem, match="the file is damaged, or holds no plain numbers"):
        read(tmp_path / "a.npy", GREY)
    np.save(tmp_path / "o.npy", np.array([{"a": 1}], dtype=object), allow_pickle=True)
    with pytest.raises(FileProblem, match="holds no plain numbers"):
        read(tmp_path / "o.npy", GREY)
    np.save(tmp_path / "s.npy", np.array(["a", "b", "c"]))
    with pytest.raises(FileProblem, match="holds <U1, not numbers"):
        read(tmp_path / "s.npy", VECTOR)


def test_every_array_of_an_archive(tmp_path: Path) -> None:
    np.savez(tmp_path / "a.npz", one=np.zeros(3), two=np.ones((2, 3)))
    items = read(tmp_path / "a.npz", VECTOR)
    assert [item.name.rpartition("/")[2] for item in items] == ["a.npz:one", "a.npz:two[0]", "a.npz:two[1]"]


def test_a_text_has_a_vector_a_line(tmp_path: Path) -> None:
    path = tmp_path / "v.txt"
    path.write_text("# x y z\n1 2 3\n\n-4, 5e-1;6\n")
    items = read(path, VECTOR)
    assert values(items) == [[1, 2, 3], [-4, 0.5, 6]]
    assert [item.name for item in items] == [f"{path}:2", f"{path}:4"]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("1 2 3\n1 2\n", "line 2 holds 2 numbers, `input` takes 3"),
        ("1 2 x", "line 1 holds something else than numbers: `1 2 x`"),
    ],
)
def test_a_text_that_does_not_fit(tmp_path: Path, text: str, message: str) -> None:
    (tmp_path / "v.csv").write_text(text)
    with pytest.raises(FileProblem, match=message):
        read(tmp_path / "v.csv", VECTOR)


def test_numbers_in_place_of_a_file() -> None:
    items = read("1, 2, -3", VECTOR)
    assert (items[0].name, values(items)) == ("1, 2, -3", [[1, 2, -3]])


def test_standard_input() -> None:
    assert values(read("-", VECTOR, stdin=io.StringIO("1 2 3\n4 5 6\n"))) == [[1, 2, 3], [4, 5, 6]]


def test_a_signal_of_one_channel_as_text() -> None:
    assert values(read("1 2 3 4", Port("input", ("N", 1, 4), "float32"))) == [[[1, 2, 3, 4]]]
    with pytest.raises(FileProblem, match="text is for vectors, the input is N x 3 x 4 x 5"):
        read("1 2 3", COLOUR)


def test_an_image_for_a_vector_of_its_pixels(tmp_path: Path) -> None:
    Image.fromarray(np.array([[0, 51, 255]], np.uint8)).save(tmp_path / "i.png")
    assert values(read(tmp_path / "i.png", VECTOR))[0] == pytest.approx([0, 0.2, 1])
    with pytest.raises(FileProblem, match=r"the image has 1x3 = 3 pixels, the input 784 numbers"):
        read(tmp_path / "i.png", Port("input", ("N", 784), "float32"))


def test_a_folder_gives_its_files_in_alphabetical_order(tmp_path: Path) -> None:
    for name in ("b.png", "a.JPG", "c.npy", "notes.md", ".hidden.png"):
        (tmp_path / name).touch()
    (tmp_path / "inner").mkdir()
    found, problems = expand(["x.png", str(tmp_path / "inner"), str(tmp_path)])
    assert found == ["x.png", *(str(tmp_path / name) for name in ("a.JPG", "b.png", "c.npy"))]
    assert [problem.problems[0] for problem in problems] == ["the folder holds no images, arrays or texts"]


def test_several_inputs(tmp_path: Path) -> None:
    np.savez(tmp_path / "a.npz", left=np.array([[1, 2], [3, 4]]), right=np.array([[5, 6], [7, 8]]))
    items = read(tmp_path / "a.npz", LEFT, RIGHT)
    assert [{name: array.tolist() for name, array in item.arrays.items()} for item in items] == [
        {"left": [1, 2], "right": [5, 6]},
        {"left": [3, 4], "right": [7, 8]},
    ]
    for name in ("l", "r"):
        (tmp_path / f"{name}.txt").write_text("1 2")
    items = read(f"right={tmp_path}/r.txt,left={tmp_path}/l.txt", LEFT, RIGHT)
    assert items[0].arrays.keys() == {"left", "right"}


def test_several_inputs_that_are_not_given(tmp_path: Path) -> None:
    with pytest.raises(FileProblem, match="the network has 2 inputs") as caught:
        read("a.png", LEFT, RIGHT)
    assert caught.value.help == "give left=FILE,right=FILE, or an .npz with these names"
    np.savez(tmp_path / "a.npz", left=np.zeros(2))
    with pytest.raises(FileProblem, match="no array for the input `right`"):
        read(tmp_path / "a.npz", LEFT, RIGHT)


class Counting:
    """A session that notes the sizes of its batches."""

    def __init__(self, session: Session) -> None:
        self.session = session
        self.inputs = session.inputs
        self.batches: list[int] = []

    def run(self, feeds: dict[str, Any]) -> dict[str, Any]:
        self.batches.append(len(feeds["input"]))
        return self.session.run(feeds)


def unexpected(problem: FileProblem) -> None:
    raise problem


def items_of(*sizes: int) -> list[Item]:
    return [Item(str(i), {"input": np.full(size, i, np.float32)}) for i, size in enumerate(sizes)]


def test_batches_have_at_most_the_given_size() -> None:
    session: Any = Counting(cnnspec.loads("input 2\nrescale 2").session())
    results = list(run_batches(session, items_of(2, 2, 2, 2, 2), 2, unexpected))
    assert session.batches == [2, 2, 1]
    assert [(r.name, r.outputs["output"].tolist()) for r in results] == [(str(i), [2 * i, 2 * i]) for i in range(5)]


def test_a_batch_that_does_not_run_is_told_and_the_rest_goes_on() -> None:
    session = cnnspec.loads("input 2\nrescale 2").session()
    failed: list[FileProblem] = []
    results = list(run_batches(session, items_of(2, 3, 3, 2), 32, failed.append))
    assert [r.name for r in results] == ["0", "3"]
    assert [(p.path, p.problems) for p in failed] == [
        ("1", ("`input`: expected N x 2, got 2 x 3",)),
        ("2", ("`input`: expected N x 2, got 2 x 3",)),
    ]


def test_a_model_with_a_fixed_batch_gets_its_batches_filled_up() -> None:
    model = cnnspec.loads("input 2\nrescale 2").to_onnx()
    for value in (*model.graph.input, *model.graph.output):
        value.type.tensor_type.shape.dim[0].dim_value = 2
    results = list(run_batches(Session(model.SerializeToString()), items_of(2, 2, 2), 32, unexpected))
    assert [r.outputs["output"].tolist() for r in results] == [[0, 0], [2, 2], [4, 4]]


@pytest.mark.parametrize("text", ["", "\n\n", "# only a comment\n"])
def test_a_text_without_numbers_is_refused(text: str) -> None:
    with pytest.raises(FileProblem, match="no numbers"):
        read("-", VECTOR, stdin=io.StringIO(text))
