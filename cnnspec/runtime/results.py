"""What came out, for people (text), for programs (json, csv), and as files (npz, a PNG a channel)."""

from __future__ import annotations

import csv
import io
import json
import math
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from cnnspec.files import FileProblem, explain, make_folder, replacing
from cnnspec.language import decimal, digits, listing, say
from cnnspec.runtime.batches import Result
from cnnspec.runtime.session import Array, Port

COLUMNS = ("input", "output", "rank", "index", "label", "value", "min", "mean", "max")


class Score(NamedTuple):
    """One of the highest values of a vector: its place (from 0), its label, the value as the network gives it."""

    place: int
    label: str
    value: float


class View(NamedTuple):
    """How results are shown: how many of the highest values, and the names of the classes."""

    top: int = 5
    labels: tuple[str, ...] = ()


def read_labels(path: str) -> tuple[str, ...]:
    """The names of the classes, one a line, the first for index 0. Raises FileProblem."""
    try:
        lines = Path(path).read_text(encoding="utf-8-sig", errors="replace").splitlines()
    except OSError as error:
        raise FileProblem(path, say("cannot be read: {reason}", reason=explain(error))) from error
    while lines and not lines[-1].strip():
        lines.pop()
    return tuple(line.strip() for line in lines)


def check_labels(path: str, labels: Sequence[str], outputs: Sequence[Port]) -> None:
    """Raises FileProblem where no output has as many classes as there are labels."""
    classes = [port.shape[1] for port in outputs if len(port.shape) == 2 and isinstance(port.shape[1], int)]
    if classes and len(labels) not in classes:
        remedy = say("give one label a line, in the order of the classes")
        raise FileProblem(
            path,
            say(
                "{labels} labels for {classes} classes",
                labels=len(labels),
                classes=listing([str(n) for n in classes], either=True),
            ),
            help=remedy,
        )


def top(values: Array, view: View) -> list[Score]:
    """The highest values of a vector, the highest first; of equal ones the first."""
    order = np.argsort(-values.astype(np.float64), kind="stable")[: view.top]
    labels = view.labels if len(view.labels) == values.size else ("",) * values.size
    return [Score(int(i), labels[i], _plain(values[i])) for i in order]


def _plain(value: Any) -> float:
    """The number with the digits of its own type: 0.1 for the 32-bit float nearest to it."""
    return float(str(value))


def is_vector(array: Array) -> bool:
    return array.ndim <= 1


# --- text ---


def as_text(result: Result, view: View) -> str:
    """A line for each output where one will do, a small table where several values are shown."""
    several = len(result.outputs) > 1
    parts = []
    for name, array in result.outputs.items():
        head = f"{result.name} ({name})" if several else result.name
        if not is_vector(array):
            parts.append(f"{head}  {_size(array)}, {_statistics_text(array)}\n")
        elif array.size <= 1 or view.top == 1:
            parts.append(f"{head}  {_best(array.reshape(-1), view)}\n")
        else:
            parts.append(f"{head}\n{_table(array, view)}")
    return "".join(parts)


def _best(values: Array, view: View) -> str:
    if values.size == 1:
        return _number(float(values[0]), values)
    best = top(values, view)[0]
    return f"{best.label or best.place}  {_number(best.value, values)}"


def _table(values: Array, view: View) -> str:
    scores = top(values, view)
    width = max(len(str(score.place)) for score in scores)
    lines = (f"  {s.place:>{width}}  {_number(s.value, values)}  {s.label}".rstrip() for s in scores)
    return "".join(f"{line}\n" for line in lines)


def _number(value: float, among: Array) -> str:
    return decimal(value, 4) if np.all((among >= 0) & (among <= 1)) else digits(value)


def _size(array: Array) -> str:
    return "x".join(map(str, (*array.shape[1:], array.shape[0])))


def _statistics(array: Array) -> dict[str, float]:
    values = array.astype(np.float64)
    return {"min": float(values.min()), "mean": float(values.mean()), "max": float(values.max())}


def _statistics_text(array: Array) -> str:
    names = {"min": say("min"), "mean": say("mean"), "max": say("max")}
    return ", ".join(f"{names[name]} {digits(value)}" for name, value in _statistics(array).items())


# --- json and csv ---


def as_json(result: Result, view: View) -> str:
    """One object: input, and for each output its size (height, width, channels) and values or statistics."""
    outputs = {name: _as_object(array, view) for name, array in result.outputs.items()}
    return json.dumps({"input": result.name, "outputs": outputs}, ensure_ascii=False, allow_nan=False)


def _as_object(array: Array, view: View) -> dict[str, Any]:
    if not is_vector(array):
        size = [*array.shape[1:], array.shape[0]]
        return {"size": size, **{name: _finite(value) for name, value in _statistics(array).items()}}
    values = array.reshape(-1)
    scores = [{"index": s.place, "label": s.label or None, "value": _finite(s.value)} for s in top(values, view)]
    return {"size": [values.size], "top": scores, "values": [_finite(_plain(value)) for value in values]}


def _finite(value: float) -> float | None:
    return value if math.isfinite(value) else None


def as_csv(result: Result, view: View) -> str:
    """A row for each of the highest values of a vector, one with statistics for an image; the header is `COLUMNS`."""
    stream = io.StringIO()
    csv.writer(stream, lineterminator="\n").writerows(_rows(result, view))
    return stream.getvalue()


def _rows(result: Result, view: View) -> Iterator[tuple[object, ...]]:
    for name, array in result.outputs.items():
        if is_vector(array):
            for rank, score in enumerate(top(array.reshape(-1), view), 1):
                yield (result.name, name, rank, score.place, score.label, score.value, "", "", "")
        else:
            yield (result.name, name, "", "", "", "", *_statistics(array).values())


# --- files ---


class ArrayFile:
    """Collects the outputs for an .npz: one array (N, ...) for each output, and `inputs`, the names of the items."""

    def __init__(self, path: str) -> None:
        self._path = path
        self._results: list[Result] = []

    def add(self, result: Result) -> None:
        """Raises FileProblem where the outputs have other sizes than those before."""
        for name, first in self._results[0].outputs.items() if self._results else ():
            value = result.outputs[name]
            if value.shape != first.shape:
                maps = say("give a folder, `-o FOLDER/`, for feature maps of any size") if value.ndim == 3 else ""
                problem = say("the items differ in the size of `{name}`: they do not fit one array", name=name)
                raise FileProblem(self._path, problem, help=maps)
        self._results.append(result)

    def write(self) -> None:
        """Raises FileProblem."""
        arrays: dict[str, Array] = {"inputs": np.array([result.name for result in self._results])}
        for name in self._results[0].outputs if self._results else ():
            values = [result.outputs[name] for result in self._results]
            arrays[name if name != "inputs" else "inputs/value"] = np.stack(values)
        with replacing(self._path) as stream:
            _write_npz(stream, arrays)


def _write_npz(stream: Any, arrays: dict[str, Array]) -> None:
    import zipfile

    with zipfile.ZipFile(stream, "w") as archive:
        for name, array in arrays.items():
            info = zipfile.ZipInfo(f"{name}.npy", (1980, 1, 1, 0, 0, 0))
            with archive.open(info, "w", force_zip64=True) as member:
                np.lib.format.write_array(member, np.ascontiguousarray(array), allow_pickle=False)


class FeatureMaps:
    """Writes outputs that are images into a folder: a grey PNG a channel, `photo_output_c0.png`, and so on.

    The values of each picture are scaled: its smallest is black, its largest white.
    """

    def __init__(self, folder: str) -> None:
        self.folder = make_folder(folder)
        self.count = 0
        self._stems: dict[str, str] = {}

    def add(self, result: Result) -> None:
        """Raises FileProblem."""
        for name, array in result.outputs.items():
            if array.ndim == 3:
                for channel, plane in enumerate(array):
                    self._write(self.folder / f"{self._stem(result.name)}_{name}_c{channel}.png", plane)

    def _write(self, path: Path, plane: Array) -> None:
        from PIL import Image

        low, high = float(plane.min()), float(plane.max())
        scaled = (plane.astype(np.float64) - low) * (255 / (high - low) if high > low else 0)
        pixels = np.nan_to_num(scaled).round().clip(0, 255).astype(np.uint8)
        with replacing(path) as stream:
            Image.fromarray(pixels).save(stream, "PNG")
        self.count += 1

    def _stem(self, name: str) -> str:
        """A name for the files of an item, another one for each item."""
        if name not in self._stems:
            stem = base = Path(name).stem or "input"
            stem = base = "".join(c if c.isalnum() or c in "-_.[]" else "_" for c in stem)
            number = 1
            while stem in self._stems.values():
                number += 1
                stem = f"{base}_{number}"
            self._stems[name] = stem
        return self._stems[name]
