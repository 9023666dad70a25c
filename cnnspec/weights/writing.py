"""Writes weights as `.safetensors` or `.npz`, tensor by tensor: the same bytes for the same network and values."""

from __future__ import annotations

import json
import math
import os
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import IO, BinaryIO

import numpy as np

from cnnspec.files import FileProblem, check_ended, check_space, replacing
from cnnspec.language import say
from cnnspec.network import Network, Parameter
from cnnspec.weights.sources import Source

FIRST_DAY = (1980, 1, 1, 0, 0, 0)  # a zip archive wants a date; this one is always the same

Progress = Callable[[int], object]


def unseen(_: int) -> None:
    """Progress that nobody looks at."""


def write_weights(net: Network, path: str | os.PathLike[str], source: Source, progress: Progress = unseen) -> None:
    """Writes every parameter under its full name. `progress` is told the bytes written. Raises FileProblem."""
    writers = {".safetensors": _write_safetensors, ".npz": _write_npz}
    writer = writers.get(Path(path).suffix.lower())
    if writer is None:
        raise FileProblem(path, say("weights are written as `.safetensors` or `.npz`"), help=say("end the name so"))
    check_space(path, sum(map(byte_count, net.parameters)))
    with replacing(path) as stream:
        writer(net, stream, source, progress)


def byte_count(parameter: Parameter) -> int:
    return 4 * math.prod(parameter.shape)


def write_values(stream: IO[bytes], source: Source, parameter: Parameter, progress: Progress) -> None:
    """The values of one tensor, as little-endian 32-bit floats in C order."""
    for chunk in source.chunks(parameter):
        check_ended()
        stream.write(chunk.data)
        progress(chunk.nbytes)


def _write_safetensors(net: Network, stream: BinaryIO, source: Source, progress: Progress) -> None:
    header: dict[str, object] = {"__metadata__": {"model": net.model}}
    offset = 0
    for parameter in net.parameters:
        end = offset + byte_count(parameter)
        header[parameter.name] = {"dtype": "F32", "shape": parameter.shape, "data_offsets": [offset, end]}
        offset = end
    text = json.dumps(header, separators=(",", ":")).encode()
    text += b" " * (-len(text) % 8)
    stream.write(len(text).to_bytes(8, "little") + text)
    for parameter in net.parameters:
        write_values(stream, source, parameter, progress)


def _write_npz(net: Network, stream: BinaryIO, source: Source, progress: Progress) -> None:
    with zipfile.ZipFile(stream, "w") as archive:
        for parameter in net.parameters:
            info = zipfile.ZipInfo(f"{parameter.name}.npy", FIRST_DAY)
            info.create_system = 3  # otherwise the system's own, which differs
            with archive.open(info, "w", force_zip64=True) as member:
                header = {"descr": "<f4", "fortran_order": False, "shape": parameter.shape}
                np.lib.format.write_array_header_1_0(member, header)
                write_values(member, source, parameter, progress)
