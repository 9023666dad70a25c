"""Every example checks, its figures are the published ones, and its values and pictures come out of onnxruntime."""

from __future__ import annotations

import csv
import re
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image
from safetensors.numpy import load_file

import cnnspec
from cnnspec.runtime.examples import run_examples
from cnnspec.syntax.format import format_text
from tests.examples import NETWORKS

EXAMPLES = Path(__file__).parents[1] / "examples"
FILES = [path.relative_to(EXAMPLES).as_posix() for path in NETWORKS]

# What a finding says about a file that is meant to be as it is; any other finding fails.
FINDINGS: dict[str, list[str]] = {}


def load(name: str, **settings: Any) -> Any:
    return cnnspec.load(EXAMPLES / name, **settings)


def layer_params(name: str) -> list[int]:
    """The counts of the layers with parameters, in order."""
    return [layer.params for layer in load(name).layers if layer.params]


@pytest.mark.parametrize("name", FILES)
def test_checks_without_an_error(name: str) -> None:
    path = EXAMPLES / name
    found = cnnspec.check(path.read_text(encoding="utf-8"), filename=str(path))
    assert [d.code for d in found] == FINDINGS.get(name, [])


@pytest.mark.parametrize("name", FILES)
def test_states_what_it_expects(name: str) -> None:
    text = (EXAMPLES / name).read_text(encoding="utf-8")
    assert re.search(r"^ *expect ", text, re.MULTILINE)
    assert text.startswith("# ")


@pytest.mark.parametrize("name", FILES)
def test_is_in_the_canonical_layout(name: str) -> None:
    text = (EXAMPLES / name).read_text(encoding="utf-8")
    assert format_text(text, name) == text


def test_findings_are_listed_for_files_that_exist() -> None:
    assert set(FINDINGS) <= set(FILES)


# --- examples/lectures: the figures of the slides, written here a second time ---------------------------------------

COUNTS = {
    "image_to_dense": [3_072_000_000],
    "grey_image_to_dense": [92_521_028],
    "four_filters": [112],
    "mlp_neuron": [433],
    "filter_and_neuron": [76, 3_073],
    "six_filters": [456],
    "two_layers": [307_200, 1_000],
    "mnist": [260, 5_020, 32_100, 1_010],
    "mlp_mnist": [200_960, 32_896, 1_290],
    "hand_signs": [896, 9_248, 172_806],
    "keras_example": [832, 18_496, 256, 401_536, 1_290],
    "colour_image": [],
    "hog": [],
    "cifar": [2_432, 51_264, 102_464, 1_025_000, 10_010],
    "padding": [9],
    "laplacian": [9],
    "stride_and_padding": [4],
    "pooling": [],
    "xor": [6, 3],
    "three_sigmoids": [16, 20, 5],
    "activations": [],
}
TOTALS = {
    "two_layers": 308_200,
    "mnist": 38_390,
    "mlp_mnist": 235_146,
    "hand_signs": 182_950,
}


@pytest.mark.parametrize(("name", "counts"), COUNTS.items())
def test_counts_of_the_lectures(name: str, counts: list[int]) -> None:
    assert layer_params(f"lectures/{name}.cnn") == counts
    assert load(f"lectures/{name}.cnn").params == TOTALS.get(name, sum(counts))


SIZES = {
    "image_to_dense": [(6_000_000,), (512,)],
    "four_filters": [(10, 10, 4)],
    "six_filters": [(28, 28, 6)],
    "hand_signs": [(62, 62, 32), (60, 60, 32), (30, 30, 32), (28_800,), (6,)],
    "colour_image": [(1080, 1920, 3), (6_220_800,)],
    "hog": [(30, 40, 9), (10_800,)],
    "padding": [(5, 5, 1)],
    "laplacian": [(2, 2, 1)],
    "stride_and_padding": [(3, 3, 1)],
}
SAME_SIZE = {"relu", "softmax", "rescale"}


@pytest.mark.parametrize(("name", "sizes"), SIZES.items())
def test_sizes_of_the_lectures(name: str, sizes: list[tuple[int, ...]]) -> None:
    shown = [layer.output_size for layer in load(f"lectures/{name}.cnn").layers if layer.kind not in SAME_SIZE]
    assert shown == sizes


@pytest.mark.parametrize(
    ("n", "f", "s", "p", "size"),
    [(32, 5, 1, 0, 28), (227, 11, 4, 0, 55), (28, 5, 1, 2, 28), (7, 3, 3, 1, 3), (4, 2, 2, 1, 3)],
)
def test_the_size_rule(n: int, f: int, s: int, p: int, size: int) -> None:
    net = load("lectures/size_rule.cnn", n=n, f=f, s=s, p=p)
    assert net.outputs == {"output": (size, size, 6)}


def test_the_exercise_has_the_blanks_of_the_slide() -> None:
    exercise = (EXAMPLES / "lectures/hand_signs_exercise.cnn").read_text(encoding="utf-8")
    assert load("lectures/hand_signs_exercise.cnn").blanks == _code(exercise).count("?") == 15


def _code(text: str) -> str:
    return "\n".join(line.partition("#")[0] for line in text.splitlines())


def test_every_file_of_the_lectures_has_its_row() -> None:
    rows = (EXAMPLES / "lectures/README.md").read_text(encoding="utf-8")
    named = set(re.findall(r"`(\w+\.cnn)`", rows))
    assert named == {path.name for path in (EXAMPLES / "lectures").glob("*.cnn")}


VALUES = [
    name for name in FILES if re.search(r"^example ", (EXAMPLES / name).read_text(encoding="utf-8"), re.MULTILINE)
]


def test_the_values_of_the_lectures_are_there() -> None:
    wanted = {"padding", "laplacian", "stride_and_padding", "pooling", "xor", "activations"}
    assert {f"lectures/{name}.cnn" for name in wanted} <= set(VALUES)


@pytest.mark.parametrize("name", VALUES)
def test_examples_hold_in_onnxruntime(name: str) -> None:
    net = load(name)
    results = run_examples(net, net.session(seed=0, provider="cpu"))
    assert len(results) == len(net.examples) > 0
    assert [result for result in results if not result.ok] == []


# --- examples/architectures: the published figures ------------------------------------------------------------------

# Trainable, non-trainable, MACs (PyTorch's model library states them, rounded, for the networks that it has).
ARCHITECTURES: list[tuple[str, dict[str, bool], int, int, int]] = [
    ("lenet5_1998", {}, 60_000, 0, 325_680),
    ("lenet5", {}, 61_706, 0, 416_520),
    ("alexnet", {}, 60_965_224, 0, 724_406_816),
    ("alexnet_one_tower", {}, 61_100_840, 0, 714_188_480),
    ("vgg:vgg16", {}, 138_357_544, 0, 15_470_264_320),
    ("googlenet", {}, 6_998_552, 0, 1_582_671_872),
    ("googlenet", {"auxiliary": True}, 13_378_280, 0, 1_591_044_096),
    ("inception_v3", {}, 23_817_352, 34_432, 5_713_216_096),
    ("resnet50", {}, 25_557_032, 53_120, 4_089_184_256),
    ("resnet_keras:keras_resnet50", {}, 25_583_592, 53_120, 3_857_973_248),
    ("resnet:resnet152", {}, 60_192_808, 151_424, 11_513_626_624),
]


def architecture(name: str, **settings: Any) -> Any:
    """`resnet:resnet152` is a variant."""
    family, colon, variant = name.partition(":")
    return load(f"architectures/{family}.cnn{colon}{variant}", **settings)


def expectations(family: str) -> dict[str, str]:
    """The variants of a family, each with the lines in its braces."""
    text = (EXAMPLES / f"architectures/{family}.cnn").read_text(encoding="utf-8")
    return dict(re.findall(r"^variant (\w+)[^{]*\{(.*?)\}", text, re.MULTILINE | re.DOTALL))


@pytest.mark.parametrize(("name", "settings", "trainable", "non_trainable", "macs"), ARCHITECTURES)
def test_published_figures(name: str, settings: dict[str, Any], trainable: int, non_trainable: int, macs: int) -> None:
    net = architecture(name, **settings)
    assert (net.trainable, net.non_trainable, net.macs) == (trainable, non_trainable, macs)


FAMILIES = sorted(path.stem for path in (EXAMPLES / "architectures").glob("*.cnn"))


@pytest.mark.parametrize("family", FAMILIES)
def test_every_architecture_is_published(family: str) -> None:
    """A file without variants has its row above; each variant states its parameters."""
    stated = expectations(family)
    assert stated or family in {name for name, *_ in ARCHITECTURES}
    assert [name for name, lines in stated.items() if not re.search(r"\b(params|trainable) == \d", lines)] == []
    assert not stated or any(re.search(r"\bmacs == \d", lines) for lines in stated.values())


def test_names_of_variants_are_clear_without_their_file() -> None:
    names = [name for family in FAMILIES for name in expectations(family)]
    assert sorted(set(names)) == sorted(names)
    assert not [name for name in names if not re.fullmatch("[a-z][a-z0-9_]*", name)]


@pytest.mark.parametrize("name", sorted({name for name, *_ in ARCHITECTURES} - {"lenet5_1998"}))
def test_expectations_hold_for_any_number_of_classes(name: str) -> None:
    assert next(iter(architecture(name, classes=7).outputs.values())) == (7,)


def test_googlenet_has_three_outputs_in_training() -> None:
    net = load("architectures/googlenet.cnn", auxiliary=True)
    assert net.outputs == {"main": (1000,), "aux1": (1000,), "aux2": (1000,)}


def test_resnet50_takes_forty_lines() -> None:
    assert len((EXAMPLES / "architectures/resnet50.cnn").read_text(encoding="utf-8").splitlines()) <= 40


# --- examples/digits -------------------------------------------------------------------------------------------------

DIGITS = EXAMPLES / "digits"


@pytest.fixture(scope="module")
def digits() -> Any:
    return load("digits/digits.cnn").session(weights=load_file(DIGITS / "digits.safetensors"), provider="cpu")


def test_digits_held_out_accuracy(digits: Any) -> None:
    held_out = np.load(DIGITS / "heldout.npz")
    answers = digits.run(held_out["x"])["output"].argmax(axis=1)
    right = int((answers == held_out["y"]).sum())
    assert len(answers) == 359
    assert right / len(answers) >= 0.97
    assert f"{right} of {len(answers)} right" in (DIGITS / "README.md").read_text(encoding="utf-8")


def test_digits_as_pictures(digits: Any) -> None:
    with (DIGITS / "labels.csv").open(newline="") as file:
        labels = {row["file"]: int(row["label"]) for row in csv.DictReader(file)}
    assert sorted(labels) == sorted(path.name for path in (DIGITS / "images").iterdir())
    assert len(labels) == 40
    pixels = np.stack([np.asarray(Image.open(DIGITS / "images" / name)) for name in labels])
    answers = digits.run(pixels[:, None].astype(np.float32) / np.float32(255))["output"].argmax(axis=1)
    assert answers.tolist() == list(labels.values())


def test_digits_pictures_are_held_out_images() -> None:
    held_out = np.load(DIGITS / "heldout.npz")
    for path in (DIGITS / "images").iterdir():
        place, rest = divmod(int(path.stem), 5)
        assert rest == 4
        pixels = np.asarray(Image.open(path)).astype(np.float32) / np.float32(255)
        np.testing.assert_array_equal(pixels, held_out["x"][place, 0])


# --- examples/edges --------------------------------------------------------------------------------------------------

EDGES = EXAMPLES / "edges"
FILTERS = {"vertical": [[1, 0, -1], [1, 0, -1], [1, 0, -1]], "horizontal": [[1, 1, 1], [0, 0, 0], [-1, -1, -1]]}


def grey_photo() -> np.ndarray[Any, np.dtype[np.float32]]:
    return np.asarray(Image.open(EDGES / "photo.jpg").convert("L")).astype(np.float32) / np.float32(255)


def convolved(image: np.ndarray[Any, Any], kernel: list[list[int]]) -> np.ndarray[Any, Any]:
    """The definition: the kernel laid over every 3x3 window, multiplied and summed."""
    windows = np.lib.stride_tricks.sliding_window_view(image.astype(np.float64), (3, 3))
    return np.einsum("ijkl,kl->ij", windows, np.array(kernel, dtype=np.float64))


def test_edge_maps_are_the_convolution_by_hand() -> None:
    image = grey_photo()
    maps = load("edges/edges.cnn").session(provider="cpu").run(image[None, None])
    assert set(maps) == set(FILTERS)
    for name, kernel in FILTERS.items():
        assert maps[name].shape == (1, 1, 211, 318)
        np.testing.assert_allclose(maps[name][0, 0], convolved(image, kernel), atol=1e-5)


@pytest.mark.parametrize("name", FILTERS)
def test_edge_pictures_show_the_maps(name: str) -> None:
    edges = convolved(grey_photo(), FILTERS[name])
    grey = 255 * (edges - edges.min()) / (edges.max() - edges.min())
    picture = np.asarray(Image.open(EDGES / "maps" / f"photo_{name}_c0.png")).astype(np.float64)
    assert picture.shape == (211, 318)
    np.testing.assert_allclose(picture, grey, atol=1)
