"""What `run` is given: images, folders, arrays, vectors as text. Read one after the other, and run in batches."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from typing import IO, Any, NamedTuple

import numpy as np

from cnnspec.files import FileProblem, explain
from cnnspec.language import number, say
from cnnspec.runtime.images import SUFFIXES, Preparation, Wanted, read_image, wanted
from cnnspec.runtime.session import Array, Port, RunProblem, Session, shape_fits

TEXTS = (".txt", ".csv", ".tsv", ".dat")
ARRAYS = (".npy", ".npz")


class Item(NamedTuple):
    """One thing to run: its name, and an array without the batch axis for each input."""

    name: str
    arrays: dict[str, Array]


class Result(NamedTuple):
    """What came out for one item: an array without the batch axis for each output."""

    name: str
    outputs: dict[str, Array]


def expand(paths: Iterable[str]) -> tuple[list[str], list[FileProblem]]:
    """The files, and for each folder the images, arrays and texts directly in it, in alphabetical order.

    Second, what is wrong with folders.
    """
    found: list[str] = []
    problems: list[FileProblem] = []
    for path in paths:
        try:
            found += _folder(path) if Path(path).is_dir() else [path]
        except FileProblem as problem:
            problems.append(problem)
        except OSError as error:
            problems.append(FileProblem(path, say("cannot be read: {reason}", reason=explain(error))))
    return found, problems


def _folder(path: str) -> list[str]:
    found = sorted(str(file) for file in Path(path).iterdir() if _is_input(file))
    if not found:
        raise FileProblem(
            path, say("the folder holds no images, arrays or texts"), help=say("folders inside it are not searched")
        )
    return found


def _is_input(file: Path) -> bool:
    return file.suffix.lower() in (*SUFFIXES, *ARRAYS, *TEXTS) and not file.name.startswith(".")


def read_items(path: str, ports: Sequence[Port], how: Preparation, stdin: IO[str] | None = None) -> Iterator[Item]:
    """The items of one file, of a text such as "0, 1", or of `-`. Raises FileProblem."""
    if len(ports) != 1:
        yield from _several(path, ports, how)
        return
    port, suffix = ports[0], Path(path).suffix.lower()
    if path == "-" and stdin is not None:
        yield from _lines(path, stdin, port)
    elif suffix in ARRAYS:
        for name, array in _load(path):
            yield from _split(name, array, port, path)
    elif suffix in TEXTS:
        with _opened(path) as stream:
            yield from _lines(path, stream, port)
    elif not Path(path).exists() and _numbers(path) is not None:
        yield from _lines(path, [path], port)
    else:
        yield Item(path, {port.name: _image(path, port, how)})


def run_batches(
    session: Session, items: Iterable[Item], size: int, failed: Callable[[FileProblem], object]
) -> Iterator[Result]:
    """Runs the items, up to `size` at a time, those of different shapes apart. `failed` is told what does not run."""
    fixed = next((port.shape[0] for port in session.inputs if port.shape and isinstance(port.shape[0], int)), None)
    for batch in _grouped(items, fixed if isinstance(fixed, int) else size):
        feeds = {name: np.stack([item.arrays[name] for item in batch]) for name in batch[0].arrays}
        if isinstance(fixed, int) and len(batch) < fixed:
            feeds = {name: np.concatenate([x, np.repeat(x[-1:], fixed - len(x), 0)]) for name, x in feeds.items()}
        try:
            outputs = session.run(feeds)
        except RunProblem as problem:
            for item in batch:
                failed(FileProblem(item.name, problem.message, help=problem.help))
            continue
        for i, item in enumerate(batch):
            yield Result(item.name, {name: value[i] if value.ndim else value for name, value in outputs.items()})


def _grouped(items: Iterable[Item], size: int) -> Iterator[list[Item]]:
    batch: list[Item] = []
    for item in items:
        if batch and (len(batch) >= size or _shapes(batch[0]) != _shapes(item)):
            yield batch
            batch = []
        batch.append(item)
    if batch:
        yield batch


def _shapes(item: Item) -> dict[str, tuple[int, ...]]:
    return {name: array.shape for name, array in item.arrays.items()}


# --- images ---


def _image(path: str, port: Port, how: Preparation) -> Array:
    if len(port.shape) == 4 and port.dtype != "int64":
        return read_image(path, wanted(port.shape), how)
    if len(port.shape) == 2 and isinstance(port.shape[1], int) and port.dtype != "int64":
        return _image_as_vector(path, port.shape[1], how)
    raise FileProblem(
        path, say("an image does not fit the input {shape}", shape=port.show()), help=say("give a .npy file")
    )


def _image_as_vector(path: str, length: int, how: Preparation) -> Array:
    """All pixels one after the other, as `flatten` does, where their number is that of the input."""
    for channels in (1, 3):
        pixels = read_image(path, Wanted(None, None, channels), how)
        if pixels.size == length:
            return pixels.reshape(-1)
    height, width = pixels.shape[1:]
    raise FileProblem(
        path,
        say(
            "the image has {size} = {pixels} pixels, the input {numbers} numbers",
            size=f"{height}x{width}",
            pixels=number(height * width),
            numbers=number(length),
        ),
    )


# --- arrays ---


def _load(path: str) -> Iterator[tuple[str, Array]]:
    try:
        with np.errstate(all="ignore"):
            loaded = np.load(path, allow_pickle=False)
        if isinstance(loaded, np.ndarray):
            yield path, loaded
            return
        with loaded:
            for key in loaded.files:
                yield f"{path}:{key}", loaded[key]
    except OSError as error:
        raise FileProblem(path, say("cannot be read: {reason}", reason=explain(error))) from error
    except Exception as error:  # whatever a damaged file makes numpy raise
        raise FileProblem(path, say("the file is damaged, or holds no plain numbers: {error}", error=error)) from error


def _split(name: str, array: Array, port: Port, path: str) -> Iterator[Item]:
    """The items of an array: one, or as many as its first axis is long."""
    if array.dtype.kind not in "fiub":
        raise FileProblem(path, say("`{name}` holds {dtype}, not numbers", name=name, dtype=array.dtype))
    for batch in (array, array[None]):
        arranged = _arranged(batch, port)
        if arranged is not None:
            single = batch.ndim != array.ndim or len(batch) == 1
            for i, values in enumerate(arranged):
                yield Item(name if single else f"{name}[{i}]", {port.name: values})
            return
    shape = " x ".join(map(str, array.shape)) or say("a single number")
    raise FileProblem(
        path, say("expected {shape} (or one item without N), got {given}", shape=port.show(), given=shape)
    )


def _arranged(batch: Array, port: Port) -> Array | None:
    """The batch as (N, channels, ...) where it has that shape, or the channels last, or the only channel left out."""
    item = port.shape[1:]
    if shape_fits(item, batch.shape[1:]):
        return batch
    if batch.ndim == len(port.shape) and shape_fits(item, (batch.shape[-1], *batch.shape[1:-1])):
        return np.moveaxis(batch, -1, 1)
    if item[:1] == (1,) and shape_fits(item[1:], batch.shape[1:]):
        return batch[:, None]
    return None


# --- text ---


def _opened(path: str) -> IO[str]:
    try:
        return Path(path).open(encoding="utf-8-sig", errors="replace")
    except OSError as error:
        raise FileProblem(path, say("cannot be read: {reason}", reason=explain(error))) from error


def _lines(path: str, lines: Iterable[str], port: Port) -> Iterator[Item]:
    """One item a line; empty lines and those that begin with # are passed over."""
    item = port.shape[1:]
    empty = True
    for row, line in enumerate(lines, 1):
        if not line.strip() or line.lstrip().startswith("#"):
            continue
        numbers = _numbers(line)
        place = f"{path}:{row}" if lines != [path] else path
        if numbers is None:
            raise FileProblem(
                path, say("line {row} holds something else than numbers: `{text}`", row=row, text=line.strip()[:40])
            )
        array = np.array(numbers)
        if len(item) > 1:
            array = _as_one_channel(path, row, array, port)
        elif not shape_fits(item, array.shape):
            raise FileProblem(
                path,
                say(
                    "line {row} holds {count} numbers, `{name}` takes {wanted}",
                    row=row,
                    count=len(numbers),
                    name=port.name,
                    wanted=item[0],
                ),
                help=_with_points(line, item[0]),
            )
        empty = False
        yield Item(place, {port.name: array})
    if empty:
        raise FileProblem(path, say("there are no numbers in it"), help=say("write one item a line: 0.5, 1, 2"))


def _as_one_channel(path: str, row: int, array: Array, port: Port) -> Array:
    sizes = [n for n in port.shape[1:] if isinstance(n, int)]
    if len(sizes) < len(port.shape) - 1 or sizes[0] != 1:
        raise FileProblem(
            path,
            say("text is for vectors, the input is {shape}", shape=port.show()),
            help=say("give a .npy file or an image"),
        )
    if array.size != (count := math.prod(sizes)):
        raise FileProblem(
            path,
            say(
                "line {row} holds {count} numbers, the input {shape} takes {wanted}",
                row=row,
                count=array.size,
                shape=port.show(),
                wanted=count,
            ),
        )
    return array.reshape(sizes)


def _numbers(line: str) -> list[float] | None:
    try:
        return [float(part) for part in line.replace(",", " ").replace(";", " ").split()] or None
    except ValueError:
        return None


def _with_points(line: str, wanted: Any) -> str:
    """What to write where decimal commas have cut numbers in two: 0,5 2,5 holds two numbers, not four."""
    numbers = re.sub(r"(?<=\d),(?=\d)", ".", line.strip())
    if len(_numbers(numbers) or ()) != wanted:
        return ""
    return say("decimals have a point: write `{numbers}`", numbers=numbers[:40])


# --- several inputs ---


def _several(path: str, ports: Sequence[Port], how: Preparation) -> Iterator[Item]:
    """`left=a.png,right=b.png`, or an .npz with an array for each input."""
    names = [port.name for port in ports]
    parts = [part.partition("=") for part in path.split(",")]
    if sorted(name for name, _, _ in parts) == sorted(names):
        files = {name: file for name, _, file in parts}
        found = {port.name: list(read_items(files[port.name], [port], how)) for port in ports}
    elif Path(path).suffix.lower() == ".npz":
        arrays = {name.rpartition(":")[2]: array for name, array in _load(path)}
        if missing := [name for name in names if name not in arrays]:
            raise FileProblem(
                path,
                say("no array for the input `{missing}`", missing=missing[0]),
                help=say("the inputs are {names}", names=", ".join(names)),
            )
        found = {port.name: list(_split(path, arrays[port.name], port, path)) for port in ports}
    else:
        example = ",".join(f"{name}=FILE" for name in names)
        remedy = say("give {example}, or an .npz with these names", example=example)
        raise FileProblem(path, say("the network has {ports} inputs", ports=len(ports)), help=remedy)
    if len({len(items) for items in found.values()}) > 1:
        raise FileProblem(path, say("the inputs have different numbers of items"))
    for group in zip(*found.values(), strict=True):
        arrays = {name: array for item in group for name, array in item.arrays.items()}
        yield Item(group[0].name if len(found[names[0]]) > 1 else path, arrays)
