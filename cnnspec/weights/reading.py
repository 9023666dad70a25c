"""Weight files: `.safetensors` and `.npz`. Read tensor by tensor, in pieces; never unpickled, nothing executed."""

from __future__ import annotations

import functools
import json
import math
import os
import zipfile
import zlib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import IO, Any

import numpy as np
import numpy.typing as npt

from cnnspec.files import FileProblem, explain
from cnnspec.language import say
from cnnspec.network import Network, Parameter
from cnnspec.weights.initial import Floats
from cnnspec.weights.matching import Stored, match, to_float32
from cnnspec.weights.sources import WithLiterals, check_known

PIECE = 1 << 20  # numbers read at a time
SAFE_DTYPES = {"F": "float", "BF": "bfloat", "I": "int", "U": "uint"}
PICKLES = (".pt", ".pth", ".bin", ".pkl", ".pickle", ".ckpt")


class FileWeights:
    """The tensors of a weight file that fits the network."""

    def __init__(self, stored: dict[str, Stored]) -> None:
        self._stored = stored

    def chunks(self, parameter: Parameter) -> Iterator[Floats]:
        return self._stored[parameter.name].read()


def open_weights(net: Network, path: str | os.PathLike[str]) -> tuple[WithLiterals, tuple[str, ...]]:
    """The weights of the network from a file, and notes. Raises FileProblem with all that does not fit."""
    check_known(net)
    stored = stored_tensors(path)
    return WithLiterals(FileWeights(stored)), match(net, stored, path)


def stored_tensors(path: str | os.PathLike[str]) -> dict[str, Stored]:
    """What a weight file holds, its values not yet read. Raises FileProblem."""
    suffix = Path(path).suffix.lower()
    if suffix in PICKLES:
        raise FileProblem(
            path,
            say("pickled weights are not read: they can run any program"),
            help=say("save them in PyTorch with `safetensors.torch.save_file(model.state_dict(), ...)`"),
        )
    if suffix not in {".safetensors", ".npz"}:
        raise FileProblem(
            path, say("weights are read from `.safetensors` and `.npz` files"), help=say("convert the file")
        )
    return _reading(path, _safetensors if suffix == ".safetensors" else _npz)


def _reading(path: str | os.PathLike[str], read: Callable[[Path], dict[str, Stored]]) -> dict[str, Stored]:
    """Runs a reader; what goes wrong in it is told as FileProblem."""
    try:
        return read(Path(path))
    except FileProblem:
        raise
    except OSError as error:
        raise FileProblem(path, say("cannot be read: {reason}", reason=explain(error))) from error
    except Exception as error:  # whatever a damaged file makes the libraries raise
        raise FileProblem(path, say("the file is damaged or cut off: {reason}", reason=_first_line(error))) from error


def _first_line(error: Exception) -> str:
    return (str(error).splitlines() or [type(error).__name__])[0]


# --- safetensors: eight bytes of length, a JSON header, the values ---


def _safetensors(path: Path) -> dict[str, Stored]:
    from safetensors import safe_open

    with path.open("rb") as stream:
        length = int.from_bytes(stream.read(8), "little")
        with safe_open(path, "np"):  # the library checks the header, every offset and the length of the file
            header = json.loads(stream.read(length))
    header.pop("__metadata__", None)
    stored = {}
    for name, entry in header.items():
        letters = entry["dtype"].rstrip("0123456789")
        dtype = entry["dtype"].replace(letters, SAFE_DTYPES.get(letters, letters))
        start = 8 + length + entry["data_offsets"][0]
        read = functools.partial(_raw, path, start, math.prod(entry["shape"]), dtype)
        stored[name] = Stored(tuple(entry["shape"]), dtype, read)
    return stored


def _raw(path: Path, start: int, count: int, dtype: str) -> Iterator[Floats]:
    try:
        with path.open("rb") as stream:
            stream.seek(start)
            yield from _pieces(stream, count, dtype, path)
    except OSError as error:
        raise FileProblem(path, say("cannot be read: {reason}", reason=explain(error))) from error


def _pieces(stream: IO[bytes], count: int, dtype: str, path: Path) -> Iterator[Floats]:
    kind = np.dtype("<u2" if dtype == "bfloat16" else dtype)
    for start in range(0, count, PIECE):
        wanted = min(PIECE, count - start) * kind.itemsize
        data = stream.read(wanted)
        if len(data) != wanted:
            raise FileProblem(path, say("the file is damaged or cut off: it ends too early"))
        yield _floats(np.frombuffer(data, kind), dtype)


def _floats(array: npt.NDArray[Any], dtype: str) -> Floats:
    if dtype == "bfloat16":
        return (array.astype("<u4") << 16).view("<f4")
    return array.view("<f4") if array.dtype == np.dtype("<f4") else to_float32(array)


# --- npz: a zip archive of .npy files ---


def _npz(path: Path) -> dict[str, Stored]:
    with zipfile.ZipFile(path) as archive:
        members = [info.filename for info in archive.infolist()]
        if len(set(members)) != len(members):
            raise FileProblem(path, say("the file is damaged: a name stands in it twice"))
        return {member.removesuffix(".npy"): _member(archive, path, member) for member in members}


def _member(archive: zipfile.ZipFile, path: Path, member: str) -> Stored:
    with archive.open(member) as stream:
        shape, fortran, dtype = _npy_header(stream)
    read = functools.partial(_npy_values, path, member)
    if fortran and len(shape) > 1:
        read = functools.partial(_npy_fortran, path, member)
    return Stored(shape, dtype.name, read)


def _npy_header(stream: IO[bytes]) -> tuple[tuple[int, ...], bool, np.dtype[Any]]:
    form = np.lib.format
    version = form.read_magic(stream)
    if version == (1, 0):
        return form.read_array_header_1_0(stream)
    if version == (2, 0):
        return form.read_array_header_2_0(stream)
    raise ValueError(f"version {version} of the npy format")


def _npy_values(path: Path, member: str) -> Iterator[Floats]:
    try:
        with zipfile.ZipFile(path) as archive, archive.open(member) as stream:
            shape, _, dtype = _npy_header(stream)
            yield from _pieces(stream, math.prod(shape), dtype.str, path)
    except OSError as error:
        raise FileProblem(path, say("cannot be read: {reason}", reason=explain(error))) from error
    except (zipfile.BadZipFile, zlib.error, EOFError, ValueError) as error:
        if isinstance(error, FileProblem):
            raise
        raise FileProblem(path, say("the file is damaged or cut off: {reason}", reason=_first_line(error))) from error


def _npy_fortran(path: Path, member: str) -> Iterator[Floats]:
    with zipfile.ZipFile(path) as archive, archive.open(member) as stream:
        shape, _, _ = _npy_header(stream)
    flat = np.concatenate([*_npy_values(path, member)])
    yield np.ascontiguousarray(flat.reshape(shape, order="F")).reshape(-1)
