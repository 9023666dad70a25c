"""Images as a network wants them: its channels, its size, numbers in place of pixels."""

from __future__ import annotations

import os
import warnings
from collections.abc import Sequence
from typing import Any, NamedTuple, TypeAlias

import numpy as np
import numpy.typing as npt

from cnnspec.files import FileProblem, explain
from cnnspec.language import number, plural, say
from cnnspec.runtime.letters import Step, step_of

Floats: TypeAlias = npt.NDArray[np.float32]

SUFFIXES = (".png", ".jpg", ".jpeg", ".bmp", ".gif", ".webp", ".tif", ".tiff", ".pgm", ".ppm")
FORMATS = ("PNG", "JPEG", "BMP", "GIF", "WEBP", "TIFF", "PPM")
RESIZES = ("stretch", "crop", "pad", "none")
MODES = {1: "L", 3: "RGB", 4: "RGBA"}


class Wanted(NamedTuple):
    """The size that an input asks for; None leaves the image's own, a Step brings it to the nearest that fits."""

    height: int | Step | None
    width: int | Step | None
    channels: int

    def size(self, height: int, width: int) -> tuple[int, int]:
        """Height and width for an image of this height and width."""
        high, wide = self.height, self.width
        if isinstance(high, Step) and isinstance(wide, Step) and high.letter == wide.letter:
            value = high.nearest(min(height, width * high.factor / wide.factor))
            return high.size(value), wide.size(value)
        return _fitting(high, height), _fitting(wide, width)


def _fitting(wanted: int | Step | None, n: int) -> int:
    if isinstance(wanted, Step):
        return wanted.size(wanted.nearest(n))
    return wanted or n


class Preparation(NamedTuple):
    """What is done with the pixels, which run from 0 to 255: inverted, divided by `scale`, minus mean, divided by std.

    `resize`: "stretch" to the input's size, "crop" the middle, "pad" with black, or "none".
    """

    resize: str = "stretch"
    scale: float = 255.0
    mean: tuple[float, ...] = ()
    std: tuple[float, ...] = ()
    invert: bool = False

    def describe(self, to: Wanted) -> str:
        """What happens to images, in words."""
        steps = [self._sized(to)]
        if self.invert:
            steps.append(say("inverted"))
        steps.append(say("divided by {numbers}", numbers=f"{self.scale:g}") if self.scale != 1 else say("not scaled"))
        if self.mean:
            steps.append(say("minus {numbers}", numbers=_list(self.mean)))
        if self.std:
            steps.append(say("divided by {numbers}", numbers=_list(self.std)))
        return say("images: {steps}", steps=", ".join(steps))

    def _sized(self, to: Wanted) -> str:
        """The colours and the size that images get, and how they get it."""
        size = f" {to.height}x{to.width}" if isinstance(to.height, int) and isinstance(to.width, int) else ""
        if isinstance(to.height, Step) or isinstance(to.width, Step):
            height, width = to.height or say("height"), to.width or say("width")
            size = f", {say('to the nearest {height} x {width}', height=height, width=width)}"
        how = {
            "stretch": say("stretched, bilinear"),
            "crop": say("cropped, bilinear"),
            "pad": say("padded, bilinear"),
        }.get(self.resize, "")
        return f"{_colours(to.channels)}{size}" + (f" ({how})" if size and how else "")


def wanted(shape: Sequence[int | str | None]) -> Wanted:
    """What an input of shape (N, channels, height, width) asks for; open channels are taken as three."""
    height, width = (n if isinstance(n, int) else step_of(n) for n in shape[2:])
    if isinstance(height, Step) and isinstance(width, Step) and height.letter == width.letter:
        return Wanted(height, width, shape[1] if isinstance(shape[1], int) else 3)
    height, width = (None if isinstance(n, Step) and n == Step(n.letter) else n for n in (height, width))
    return Wanted(height, width, shape[1] if isinstance(shape[1], int) else 3)


def read_image(path: str | os.PathLike[str], to: Wanted, how: Preparation) -> Floats:
    """The image as (channels, height, width).

    Colour becomes grey by ITU-R 601 (0.299 R + 0.587 G + 0.114 B) where one channel is wanted. Transparent parts become
    white, unless four channels are wanted. A photograph is turned as its EXIF data say. 16-bit images keep their depth.
    Raises FileProblem.
    """
    channels = to.channels
    if channels not in MODES:
        raise FileProblem(
            path,
            say("an image has 1, 3 or 4 channels, the input {channels}", channels=channels),
            help=say("give a .npy file"),
        )
    pixels = _pixels(_resized(_with_channels(_open(path), channels), path, to, how.resize), channels)
    if how.invert:
        pixels[: min(channels, 3)] = 255 - pixels[: min(channels, 3)]
    pixels /= np.float32(how.scale)
    if how.mean:
        pixels -= _per_channel(how.mean, channels, path, "mean")
    if how.std:
        pixels /= _per_channel(how.std, channels, path, "std")
    return pixels


def _open(path: str | os.PathLike[str]) -> Any:
    from PIL import Image, ImageOps, UnidentifiedImageError

    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            with Image.open(path, formats=FORMATS) as image:
                image.load()
                return ImageOps.exif_transpose(image)
    except (Image.DecompressionBombError, Image.DecompressionBombWarning):
        message = say("the image has more than {pixels} pixels", pixels=number(Image.MAX_IMAGE_PIXELS or 0))
        raise FileProblem(path, message, help=say("make it smaller")) from None
    except UnidentifiedImageError:
        raise FileProblem(
            path,
            say("this is no image that can be read"),
            help=say("give one of {formats}", formats=", ".join(FORMATS)),
        ) from None
    except OSError as error:
        if error.errno is not None:
            raise FileProblem(path, say("cannot be read: {reason}", reason=explain(error))) from error
        raise FileProblem(path, say("the image is damaged or cut off: {error}", error=error)) from error
    except Exception as error:
        raise FileProblem(path, say("the image is damaged: {error}", error=error)) from error


def _resized(image: Any, path: str | os.PathLike[str], to: Wanted, resize: str) -> Any:
    from PIL import Image, ImageOps

    height, width = to.size(image.height, image.width)
    size = (width, height)
    if image.size == size:
        return image
    if resize == "none":
        raise FileProblem(
            path,
            say(
                "the image is {image}, the input {wanted}",
                image=f"{image.height}x{image.width}",
                wanted=f"{size[1]}x{size[0]}",
            ),
            help=say("let it be resized with --resize stretch, crop or pad"),
        )
    bilinear = Image.Resampling.BILINEAR
    if resize == "crop":
        return ImageOps.fit(image, size, bilinear)
    if resize == "pad":
        return ImageOps.pad(image, size, bilinear)
    return image.resize(size, bilinear)


def _pixels(image: Any, channels: int) -> Floats:
    array = np.array(image, np.float32)
    if array.ndim == 2:
        array = np.repeat(array[:, :, None], min(channels, 3), axis=2)
    if array.shape[2] < channels:  # grey of 16 bits for an input with transparency
        array = np.concatenate([array, np.full((*array.shape[:2], 1), 255, np.float32)], axis=2)
    return np.ascontiguousarray(array.transpose(2, 0, 1))


def _with_channels(image: Any, channels: int) -> Any:
    from PIL import Image

    if image.mode.startswith("I") or image.mode == "F":
        array = np.asarray(image, np.float32)
        return Image.fromarray(array if image.mode == "F" else array / 257)
    if image.has_transparency_data and channels != 4:
        image = image.convert("RGBA")
        image = Image.alpha_composite(Image.new("RGBA", image.size, "white"), image).convert("RGB")
    return image.convert(MODES[channels])


def _per_channel(values: tuple[float, ...], channels: int, path: Any, name: str) -> Floats:
    if len(values) not in {1, channels}:
        raise FileProblem(
            path,
            plural(
                "--{name} has {values} numbers, for {n} channel",
                "--{name} has {values} numbers, for {n} channels",
                channels,
                name=name,
                values=len(values),
            ),
        )
    return np.array(values, np.float32).reshape(-1, 1, 1)


def _list(values: tuple[float, ...]) -> str:
    text = ", ".join(f"{value:g}" for value in values)
    return text if len(values) == 1 else f"({text})"


def _colours(channels: Any) -> str:
    names = {1: say("grey"), 3: say("RGB"), 4: say("RGBA")}
    return names.get(channels, say("as they are"))
