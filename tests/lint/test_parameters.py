"""W501 to W507: too many parameters in one place, too few in another, and none that learn."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

import cnnspec
from cnnspec.lint.rules.dense_on_pixels import bytes_text
from cnnspec.lint.rules.one_layer_dominates import check_network
from tests.lint.finding import find, fixed, marked, rows

ARCHITECTURES = Path(__file__).parents[2] / "examples" / "architectures"

# --- W501 ------------------------------------------------------------------------------------------------------------


def test_the_matrix_of_the_lecture() -> None:
    (d,) = find("input 1000x2000x3\nflatten\ndense 512, bias=false\n", "W501")
    assert d.message == "a dense layer on the 6,000,000 values of a 1000x2000x3 image"
    assert d.notes == ("6,000,000 inputs * 512 units = 3,072,000,000 weights", "4 bytes each: 12.3 GB")


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("input 500x500x1\nflatten | dense 100", [2]),  # 25 million
        ("input 500x500x1\nflatten | dense 99", []),
        ("input 500x500x1\nrescale 1/255 | flatten | dropout 0.1 | batchnorm | dense 100", [2]),
        ("input 500x500x1\ncrop 50 | reshape 160000 | dense 200", [2]),
        ("input 250000\ndense 100", []),  # no image
        ("input 500x500x1\nconv 1, f=1 | flatten | dense 100", []),
        ("input 500x500x1\nmaxpool 2 | flatten | dense 1000", []),
        ("input 32x32x3\nflatten | dense 4000", []),
        ("input 500x500x1\nflatten | dense 50 | relu | dense 1000000", []),
        ("input 5000, integer\nembedding 10, 50 | flatten | dense 100", []),
    ],
)
def test_dense_on_pixels(text: str, found: list[int]) -> None:
    assert rows(f"{text}\n", "W501") == found


@pytest.mark.parametrize(
    ("weights", "text"),
    [
        (25_000_000, "100 MB"),
        (92_520_000, "370 MB"),
        (3_072_000_000, "12.3 GB"),
        (10**13, "40 TB"),
        (10**15, "4,000 TB"),
    ],
)
def test_bytes(weights: int, text: str) -> None:
    assert bytes_text(weights) == text


# --- W502 ------------------------------------------------------------------------------------------------------------


def stack(maps: int, *, head: str) -> str:
    return f"input 64x64x3\nconv {maps}, f=3, p=1 | relu | maxpool 2\n{head}\n"


@pytest.mark.parametrize(
    ("head", "found"),
    [
        ("flatten | dense 64 | relu | dense 10", [3]),  # 32*32*16*64 of 1.05 million
        ("flatten | dense 63 | relu | dense 10", [3]),
        ("flatten | dense 61 | relu | dense 10", []),  # 999,485, less than a million
        ("flatten | dropout 0.5 | batchnorm | dense 64 | relu | dense 10", [3]),
        ("flatten | relu | dense 64 | relu | dense 10", [3]),
        ("global_avgpool | dense 65536 | relu", []),
        ("global_avgpool keep=true | flatten | dense 65536", []),
        ("flatten | dense 64 | relu | dense 16384 | reshape 32x32x16", []),  # an autoencoder's two
        ("flatten\nfrozen { dense 64 }", []),
    ],
)
def test_one_layer_dominates(head: str, found: list[int]) -> None:
    assert rows(stack(16, head=head), "W502") == found


def test_the_share_and_the_remedy() -> None:
    (d,) = find(stack(16, head="flatten | dense 64 | relu | dense 10"), "W502")
    assert d.message == "this layer holds 99 % of all parameters"
    assert d.help == "use `global_avgpool` for `flatten`: 16 inputs instead of 16,384"
    assert marked(stack(16, head="flatten | dense 64"), "W502") == "dense 64"


@pytest.mark.parametrize(("name", "found"), [("vgg.cnn:vgg16", []), ("alexnet.cnn", []), ("siamese.cnn", [10])])
def test_what_is_known_for_it_does_not_hold_nearly_all(name: str, found: list[int]) -> None:
    net = cnnspec.load(str(ARCHITECTURES / name))
    assert [d.row for d in check_network(net)] == found


def test_a_dense_layer_on_the_pixels_is_no_matter_of_pooling() -> None:
    assert rows("input 64x64x3\nflatten | dense 1000 | relu | dense 10\n", "W502") == []


# --- W503 ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("input 128x128x4\nconv 4, f=1 | relu | flatten | dense 10", []),  # 65,536
        ("input 128x128x5\nconv 5, f=1 | relu | flatten | dense 10", [2]),
        ("input 300x300x1\nflatten | dense 10", [2]),
        ("input 300x300x3\nconv 512, f=300 | relu | flatten | dense 10", [2]),  # W501 speaks of dense layers only
        ("input 500x500x1\nflatten | dense 100", []),  # W501
        ("input 100000\ndense 10", []),
        ("input 100000\nbatchnorm | relu | dense 10", []),
        ("input 100\ndense 70000 | relu | dense 10", [2]),
        ("input 64x64x32\nconv 10, f=64", [2]),
        ("input 64x64x32\nconv 32, f=64, groups=32", []),
        ("input 1000, integer\nembedding 10, 100 | flatten | dense 10", [2]),
    ],
)
def test_enormous_fan_in(text: str, found: list[int]) -> None:
    assert rows(f"{text}\n", "W503") == found


# --- W504 ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("input 256\ndense 64 | relu\ndense 100 | softmax", [2]),
        ("input 256\ndense 64 | batchnorm | relu | dropout 0.5\ndense 100 | log_softmax", [2]),
        ("input 100\ndense 99 | gelu\ndense 100 | softmax", [2]),
        ("input 256\ndense 100 | relu\ndense 100 | softmax", []),
        ("input 99\ndense 64 | relu\ndense 100 | softmax", []),  # no more arrive
        ("input 256\ndense 64 | relu\ndense 100", []),  # classes?
        ("input 784\ndense 16 | relu\ndense 784 | sigmoid", []),  # an autoencoder
        ("input 256\ndense 64\ndense 100 | softmax", []),  # W201
        ("input 256\ndense 64\ndense 128\ndense 100 | softmax", []),
        ("input 8x8x64\nconv 64, f=3 | relu | global_avgpool\ndense 100 | softmax", []),
    ],
)
def test_narrower_than_classes(text: str, found: list[int]) -> None:
    assert rows(f"{text}\n", "W504") == found


def test_the_width_of_the_hidden_layer() -> None:
    text = "input 256\ndense {} | relu\ndense 100 | softmax\n"
    assert fixed(text.format("64, bias=false"), "W504", "unsafe") == text.format("100, bias=false")
    assert fixed(text.format("units=64"), "W504", "unsafe") == text.format("units=100")
    (d,) = find("let wide = 64\n" + text.format("wide"), "W504")
    assert d.fix is None


# --- W505 ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("layer", "after"),
    [
        ("conv 8, f=3, groups=8", "depthwise 3"),
        ("conv 8, 3, 2, p=1, groups=8, bias=false", "depthwise 3, s=2, p=1, bias=false"),
        ("conv 24, f=3x1, groups=channels, d=2", "depthwise 3x1, d=2, multiplier=3"),
        ("conv filters=8, kernel=3, stride=2, padding=1, groups=8", "depthwise 3, stride=2, padding=1"),
        ("conv 8, f=[1, 3], p=[0, 1, 0, 1], groups=4 * 2", "depthwise [1, 3], p=[0, 1, 0, 1]"),
    ],
)
def test_depthwise_as_conv(layer: str, after: str) -> None:
    before = f"input 9x9x8\n{layer}\nrelu\n"
    text = fixed(before, "W505", "unsafe")
    assert text == f"input 9x9x8\n{after}\nrelu\n"
    x = np.random.default_rng(0).normal(size=(1, 8, 9, 9)).astype(np.float32)
    conv, depthwise = (cnnspec.loads(one) for one in (before, text))
    weights = conv.weights()
    renamed = {name.replace("conv1", "depthwise1"): value for name, value in weights.items()}
    np.testing.assert_array_equal(conv.session(weights).run(x)["output"], depthwise.session(renamed).run(x)["output"])


@pytest.mark.parametrize("layer", ["conv 8, f=3", "conv 8, f=3, groups=4", "depthwise 3", "conv 8, f=3, groups=2"])
def test_not_depthwise(layer: str) -> None:
    assert rows(f"input 9x9x8\n{layer}\n", "W505") == []


def test_one_channel_has_one_group() -> None:
    assert rows("input 9x9x1\nconv 4, f=3\n", "W505") == []


def test_a_text_that_is_both() -> None:
    block = "block grouped(groups) {\n    conv 8, f=3, p=1, groups=groups | relu\n}\ninput 9x9x8\n"
    assert rows(f"{block}grouped 8 | grouped 4\n", "W505") == []
    assert rows(f"{block}grouped 8 | grouped 8\n", "W505") == [2]


# --- W506 ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("conv 20, f=3 | relu | conv 10, f=1", [2]),
        ("conv 24, f=3 | relu | conv 10, f=1 | softmax", []),
        ("conv 20, f=3 | relu | maxpool 2 | flatten\ndense 30 | relu\ndense 10 | softmax", [2, 3]),
        ("residual { conv 3, f=1 } | relu", []),
    ],
)
def test_filters_not_multiple_of_8(text: str, found: list[int]) -> None:
    assert rows(f"input 9x9x3\n{text}\n", "W506") == found


def test_filters_are_marked_and_only_where_they_are_asked_for() -> None:
    text = "input 9x9x3\nconv 20, f=3 | relu | conv 10, f=1\n"
    assert marked(text, "W506") == "20"
    assert find(text, "W506")[0].help == "use 24"
    assert cnnspec.check(text) == []


# --- W507 ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("frozen { dense 4 | relu | dense 2 }", [2]),
        ("frozen { dense 4 | relu }\nfrozen { dense 2 }", [2]),
        ("frozen { dense 4 | relu }\ndense 2", []),
        ("frozen { relu }\nsoftmax", []),
        ("relu", []),
        ("dense 2, weight=[[1, 1, 1], [1, 1, 1]], bias=[0, 0]", []),
        ("frozen { dense 4 | relu }\n? -> 2", []),
        ("batchnorm weight=false, bias=false", []),
        ("frozen { dense 4 | relu }\nbatchnorm", []),
    ],
)
def test_nothing_trainable(text: str, found: list[int]) -> None:
    assert rows(f"input 3\n{text}\n", "W507") == found
