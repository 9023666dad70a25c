"""The `example` lines; what came out as text, json, csv and files."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

import cnnspec
from cnnspec.files import FileProblem
from cnnspec.runtime.batches import Result
from cnnspec.runtime.examples import run_examples
from cnnspec.runtime.results import (
    ArrayFile,
    FeatureMaps,
    View,
    as_csv,
    as_json,
    as_text,
    check_labels,
    read_labels,
    top,
)
from cnnspec.runtime.session import Port


def outcomes(text: str) -> list[bool]:
    net = cnnspec.loads(text)
    return [result.ok for result in run_examples(net, net.session())]


@pytest.mark.parametrize(
    ("line", "ok"),
    [
        ("example [3, 1] -> 0.301", True),
        ("example [3, 1] -> 0.302", False),
        ("example [3, 1] -> 0.30", True),
        ("example [3, 1] -> 0.3", True),
        ("example [3, 1] -> 0", True),
        ("example [3, 1] -> 1", False),
        ("example [[3, 1]] -> [0.301]", True),
    ],
)
def test_values_are_compared_to_the_digits_printed(line: str, ok: bool) -> None:
    assert outcomes(f"input 2\ndense 1, weight=[[0.1, 0.001]], bias=false\n{line}") == [ok]


def test_images_are_written_row_by_row_and_channel_last() -> None:
    text = "input 2x2x2\nselect [1]\nexample [[[1, 10], [2, 20]], [[3, 30], [4, 40]]] -> [[10, 20], [30, 40]]"
    assert outcomes(text) == [True]


def test_outputs_with_several_channels_are_compared_in_the_order_of_the_spec() -> None:
    text = "input 1x2x2\nrescale 2\nexample [[[1, 2], [3, 4]]] -> [[[2, 4], [6, 8]]]"
    assert outcomes(text) == [True]
    assert outcomes(text.replace("[2, 4]", "[4, 2]")) == [False]


def test_several_inputs_and_outputs() -> None:
    text = "input a: 2\ninput b: 2\nadd a as sum\nsub b as rest\noutput sum, rest\n"
    text += "example [1, 2], [10, 20] -> [11, 22], [1, 2]"
    assert outcomes(text) == [True]


@pytest.mark.parametrize("line", ["example [3, 1] -> ?", "example [3, ?] -> 4", "example ? -> 4"])
def test_an_example_left_open_is_not_judged(line: str) -> None:
    assert outcomes(f"input 2\ndense 1, weight=[[1, 1]], bias=false\n{line}") == []


def test_a_blank_number_is_not_compared() -> None:
    net = cnnspec.loads("input 2\nrescale 2\nexample [1, 2] -> [2, ?]")
    (result,) = run_examples(net, net.session())
    assert (result.ok, result.expected, result.got) == (True, ((2, None),), ((2.0, 4.0),))


def test_a_result_says_where_and_how_far_off() -> None:
    net = cnnspec.loads("input 2\nrescale 2\n\nexample [1, 2] -> [2, 7]")
    (result,) = run_examples(net, net.session())
    assert (result.ok, result.row, result.worst) == (False, 4, 3.0)


# --- results ---

SCORES = Result("seven.png", {"output": np.array([0.25, 0.5, 0.125, 0.125], np.float32)})
MAPS = Result("a/photo.jpg", {"output": np.arange(12, dtype=np.float32).reshape(2, 2, 3)})
LABELS = ("zero", "one", "two", "three")


def test_the_highest_values_come_first_and_the_first_of_equals() -> None:
    assert [tuple(s) for s in top(SCORES.outputs["output"], View(3))] == [(1, "", 0.5), (0, "", 0.25), (2, "", 0.125)]


def test_a_table_for_people() -> None:
    assert as_text(SCORES, View(2, LABELS)) == "seven.png\n  1  0.5000  one\n  0  0.2500  zero\n"
    assert as_text(SCORES, View(1, LABELS)) == "seven.png  one  0.5000\n"
    assert as_text(SCORES, View(1)) == "seven.png  1  0.5000\n"


def test_a_single_number_and_an_image() -> None:
    assert as_text(Result("x", {"output": np.array([-1.5], np.float32)}), View()) == "x  -1.5\n"
    assert as_text(MAPS, View()) == "a/photo.jpg  2x3x2, min 0, mean 5.5, max 11\n"


def test_several_outputs_are_named() -> None:
    result = Result("x", {"main": np.array([0.5]), "aux": np.array([0.25])})
    assert as_text(result, View()) == "x (main)  0.5000\nx (aux)  0.2500\n"


def test_json() -> None:
    assert json.loads(as_json(SCORES, View(1, LABELS))) == {
        "input": "seven.png",
        "outputs": {
            "output": {
                "size": [4],
                "top": [{"index": 1, "label": "one", "value": 0.5}],
                "values": [0.25, 0.5, 0.125, 0.125],
            }
        },
    }
    assert json.loads(as_json(MAPS, View()))["outputs"]["output"] == {
        "size": [2, 3, 2],
        "min": 0,
        "mean": 5.5,
        "max": 11,
    }


def test_labels_stand_where_their_number_is_right() -> None:
    result = Result("x", {"main": np.array([0.2, 0.8]), "aux": np.array([0.1, 0.2, 0.3, 0.4])})
    assert as_text(result, View(1, LABELS)) == "x (main)  1  0.8000\nx (aux)  three  0.4000\n"


def test_numbers_have_the_digits_of_their_type() -> None:
    result = Result("x", {"output": np.array([0.1, 0.7], np.float32)})
    assert json.loads(as_json(result, View()))["outputs"]["output"]["values"] == [0.1, 0.7]
    assert as_csv(result, View(1)) == "x,output,1,1,,0.7,,,\n"


def test_json_has_no_nan() -> None:
    broken = Result("x", {"output": np.array([np.nan, np.inf], np.float32)})
    assert json.loads(as_json(broken, View()))["outputs"]["output"]["values"] == [None, None]


def test_csv() -> None:
    assert as_csv(SCORES, View(2, LABELS)) == "seven.png,output,1,1,one,0.5,,,\nseven.png,output,2,0,zero,0.25,,,\n"
    assert as_csv(MAPS, View()) == "a/photo.jpg,output,,,,,0.0,5.5,11.0\n"


def test_labels(tmp_path: Path) -> None:
    (tmp_path / "labels.txt").write_text("zero\n one \n\n")
    assert read_labels(str(tmp_path / "labels.txt")) == ("zero", "one")
    outputs = [
        Port("main", ("N", 10), "float32"),
        Port("maps", ("N", 2, 8, 8), "float32"),
        Port("aux", ("N", 3), "float32"),
    ]
    check_labels("labels.txt", LABELS[:3], outputs)
    with pytest.raises(FileProblem, match="2 labels for 10 or 3 classes"):
        check_labels("labels.txt", ("zero", "one"), outputs)
    with pytest.raises(FileProblem, match="there is no such file"):
        read_labels(str(tmp_path / "none.txt"))


def test_all_outputs_in_one_archive(tmp_path: Path) -> None:
    file = ArrayFile(str(tmp_path / "out.npz"))
    for name in ("a", "b"):
        file.add(SCORES._replace(name=name))
    file.write()
    with np.load(tmp_path / "out.npz", allow_pickle=False) as out:
        assert out["inputs"].tolist() == ["a", "b"]
        assert out["output"].tolist() == [[0.25, 0.5, 0.125, 0.125]] * 2


def test_outputs_of_different_sizes_do_not_fit_one_array(tmp_path: Path) -> None:
    file = ArrayFile(str(tmp_path / "out.npz"))
    file.add(SCORES)
    with pytest.raises(FileProblem, match="the items differ in the size of `output`") as caught:
        file.add(Result("b", {"output": np.zeros(3)}))
    assert caught.value.help == ""
    maps = ArrayFile(str(tmp_path / "out.npz"))
    maps.add(Result("a", {"output": np.zeros((1, 2, 2))}))
    with pytest.raises(FileProblem) as caught:
        maps.add(Result("b", {"output": np.zeros((1, 2, 3))}))
    assert "folder" in caught.value.help
    assert not (tmp_path / "out.npz").exists()


def test_feature_maps_as_pictures(tmp_path: Path) -> None:
    maps = FeatureMaps(str(tmp_path / "maps"))
    maps.add(MAPS)
    maps.add(MAPS._replace(name="b/photo.png"))
    maps.add(SCORES)
    assert sorted(p.name for p in maps.folder.iterdir()) == [
        "photo_2_output_c0.png",
        "photo_2_output_c1.png",
        "photo_output_c0.png",
        "photo_output_c1.png",
    ]
    assert maps.count == 4
    pixels: Any = np.asarray(Image.open(maps.folder / "photo_output_c1.png"))
    assert pixels.tolist() == [[0, 51, 102], [153, 204, 255]]


def test_a_constant_feature_map_is_black(tmp_path: Path) -> None:
    maps = FeatureMaps(str(tmp_path))
    maps.add(Result("x.png", {"output": np.full((1, 2, 2), 7.0)}))
    assert np.asarray(Image.open(tmp_path / "x_output_c0.png")).max() == 0
