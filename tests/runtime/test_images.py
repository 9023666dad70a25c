"""Pixels: channels, size, scale, orientation, depth, and files that are none."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from cnnspec.files import FileProblem
from cnnspec.runtime.images import Preparation, Wanted, read_image, wanted

PLAIN = Preparation()
RAW = Preparation(scale=1)


def saved(tmp_path: Path, pixels: Any, mode: str | None = None, name: str = "i.png", **options: Any) -> Path:
    image = Image.fromarray(np.array(pixels, np.uint8)) if mode is None else Image.new(mode, (2, 2), pixels)
    image.save(tmp_path / name, **options)
    return tmp_path / name


def test_grey_becomes_one_channel_from_0_to_1(tmp_path: Path) -> None:
    path = saved(tmp_path, [[0, 51, 255], [102, 153, 204]])
    out = read_image(path, Wanted(2, 3, 1), PLAIN)
    assert out.dtype == np.float32
    assert np.allclose(out, [[[0, 0.2, 1], [0.4, 0.6, 0.8]]])


def test_colour_becomes_three_channels_before_the_rows(tmp_path: Path) -> None:
    pixels = np.arange(2 * 3 * 3).reshape(2, 3, 3)
    out = read_image(saved(tmp_path, pixels), Wanted(2, 3, 3), RAW)
    assert np.array_equal(out, pixels.transpose(2, 0, 1))


def test_colour_becomes_grey_by_the_weights_of_itu_r_601(tmp_path: Path) -> None:
    out = read_image(saved(tmp_path, [[[100, 0, 0], [0, 100, 0], [0, 0, 100]]]), Wanted(1, 3, 1), RAW)
    assert out.ravel().tolist() == [30, 59, 11]


def test_grey_becomes_three_equal_channels(tmp_path: Path) -> None:
    out = read_image(saved(tmp_path, [[7, 9]]), Wanted(1, 2, 3), RAW)
    assert out.tolist() == [[[7, 9]]] * 3


def test_transparent_parts_become_white(tmp_path: Path) -> None:
    path = saved(tmp_path, [[[10, 20, 30, 0], [10, 20, 30, 255]]])
    assert read_image(path, Wanted(1, 2, 3), RAW).tolist() == [[[255, 10]], [[255, 20]], [[255, 30]]]
    assert read_image(path, Wanted(1, 2, 4), RAW)[3].tolist() == [[0, 255]]


def test_a_palette_is_looked_up(tmp_path: Path) -> None:
    image = Image.fromarray(np.array([[[255, 0, 0], [0, 0, 255]]], np.uint8)).quantize(2)
    image.save(tmp_path / "p.png")
    assert read_image(tmp_path / "p.png", Wanted(1, 2, 3), RAW)[:, 0].T.tolist() == [[255, 0, 0], [0, 0, 255]]


@pytest.mark.parametrize("channels", [1, 3, 4])
def test_sixteen_bits_keep_their_depth(tmp_path: Path, channels: int) -> None:
    Image.fromarray(np.array([[0, 1, 65535]], np.uint16)).save(tmp_path / "d.png")
    out = read_image(tmp_path / "d.png", Wanted(1, 3, channels), PLAIN)
    assert out.shape == (channels, 1, 3)
    assert out[0, 0] == pytest.approx([0, 1 / 65535, 1])


def test_black_and_white(tmp_path: Path) -> None:
    Image.fromarray(np.array([[True, False]])).save(tmp_path / "b.png")
    assert read_image(tmp_path / "b.png", Wanted(1, 2, 1), PLAIN).tolist() == [[[1, 0]]]


def test_a_photograph_is_turned_as_its_exif_data_say(tmp_path: Path) -> None:
    exif = Image.Exif()
    exif[0x0112] = 6  # turn to the right
    path = saved(tmp_path, [[10, 200], [10, 200]], name="t.png", exif=exif)
    assert read_image(path, Wanted(2, 2, 1), RAW).tolist() == [[[10, 10], [200, 200]]]


def test_jpeg(tmp_path: Path) -> None:
    path = saved(tmp_path, np.full((8, 8, 3), 128), name="i.jpg")
    assert read_image(path, Wanted(4, 4, 3), RAW) == pytest.approx(np.full((3, 4, 4), 128), abs=2)


WIDE = np.tile(np.repeat([0, 100, 200, 250], 4), (4, 1))  # 4 rows, 16 columns


def test_stretch_takes_the_whole_image(tmp_path: Path) -> None:
    out = read_image(saved(tmp_path, WIDE), Wanted(4, 4, 1), RAW)[0]
    assert out.shape == (4, 4)
    assert (out[0, 0] < 50, out[0, 3] > 200) == (True, True)


def test_crop_takes_the_middle(tmp_path: Path) -> None:
    out = read_image(saved(tmp_path, WIDE), Wanted(4, 4, 1), Preparation("crop", scale=1))[0]
    assert out.tolist() == WIDE[:, 6:10].tolist()


def test_pad_keeps_everything_with_black_around(tmp_path: Path) -> None:
    out = read_image(saved(tmp_path, np.full((2, 4), 9)), Wanted(4, 4, 1), Preparation("pad", scale=1))[0]
    assert out.tolist() == [[0] * 4, [9] * 4, [9] * 4, [0] * 4]


def test_none_refuses_another_size(tmp_path: Path) -> None:
    path = saved(tmp_path, WIDE)
    assert read_image(path, Wanted(4, 16, 1), Preparation("none")).shape == (1, 4, 16)
    with pytest.raises(FileProblem, match="the image is 4x16, the input 28x28") as caught:
        read_image(path, Wanted(28, 28, 1), Preparation("none"))
    assert "--resize" in caught.value.help


def test_an_open_size_is_the_image_s_own(tmp_path: Path) -> None:
    assert read_image(saved(tmp_path, WIDE), wanted(("N", 1, "H", None)), RAW).shape == (1, 4, 16)


def test_invert_scale_mean_and_std_in_this_order(tmp_path: Path) -> None:
    how = Preparation(scale=255, mean=(0.2,), std=(0.5,), invert=True)
    out = read_image(saved(tmp_path, [[0, 255]]), Wanted(1, 2, 1), how)
    assert out.ravel() == pytest.approx([(1 - 0.2) / 0.5, (0 - 0.2) / 0.5])


def test_mean_and_std_for_each_channel(tmp_path: Path) -> None:
    how = Preparation(mean=(0.1, 0.2, 0.3), std=(1, 2, 4))
    out = read_image(saved(tmp_path, [[[255, 255, 255]]]), Wanted(1, 1, 3), how)
    assert out.ravel() == pytest.approx([0.9, 0.4, 0.175])
    with pytest.raises(FileProblem, match="--mean has 3 numbers, for 1 channel"):
        read_image(saved(tmp_path, [[1]]), Wanted(1, 1, 1), how)


def test_what_is_done_is_said_in_words() -> None:
    how = Preparation("crop", mean=(0.485, 0.456, 0.406), std=(0.2,), invert=True)
    assert PLAIN.describe(Wanted(28, 28, 1)) == "images: grey 28x28 (stretched, bilinear), divided by 255"
    assert how.describe(Wanted(8, 8, 3)) == (
        "images: RGB 8x8 (cropped, bilinear), inverted, divided by 255, minus (0.485, 0.456, 0.406), divided by 0.2"
    )
    assert RAW.describe(Wanted(None, None, 3)) == "images: RGB, not scaled"


def test_damaged_files(tmp_path: Path) -> None:
    path = saved(tmp_path, np.random.default_rng(0).integers(0, 255, (50, 50)))
    data = path.read_bytes()
    path.write_bytes(data[: len(data) // 2])
    with pytest.raises(FileProblem, match="the image is damaged or cut off"):
        read_image(path, Wanted(50, 50, 1), PLAIN)
    path.write_bytes(b"\x89PNG\r\n\x1a\n" + b"rubbish" * 20)
    with pytest.raises(FileProblem, match=r"damaged|no image"):
        read_image(path, Wanted(50, 50, 1), PLAIN)
    path.write_bytes(b"hello")
    with pytest.raises(FileProblem, match="this is no image that can be read"):
        read_image(path, Wanted(50, 50, 1), PLAIN)
    with pytest.raises(FileProblem, match="there is no such file"):
        read_image(tmp_path / "missing.png", Wanted(50, 50, 1), PLAIN)


def test_an_image_that_would_fill_the_memory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = saved(tmp_path, np.zeros((30, 30)))
    for limit in (100, 600):  # Pillow itself refuses the first, and only warns of the second
        monkeypatch.setattr(Image, "MAX_IMAGE_PIXELS", limit)
        with pytest.raises(FileProblem, match=f"the image has more than {limit} pixels"):
            read_image(path, Wanted(30, 30, 1), PLAIN)


def test_two_channels_are_no_image(tmp_path: Path) -> None:
    with pytest.raises(FileProblem, match="an image has 1, 3 or 4 channels, the input 2"):
        read_image(saved(tmp_path, [[1]]), Wanted(1, 1, 2), PLAIN)
