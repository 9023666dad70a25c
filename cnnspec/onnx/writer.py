"""Writes a network as an ONNX model: in memory, or streamed into a file tensor by tensor."""

from __future__ import annotations

import io
import os
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, BinaryIO

import onnx

from cnnspec.files import check_space, replacing, show_bytes
from cnnspec.language import say
from cnnspec.network import Network, Parameter
from cnnspec.onnx.graph import graph_of, tensor_header
from cnnspec.version import __version__
from cnnspec.weights.sources import Source, source_of
from cnnspec.weights.writing import Progress, byte_count, unseen, write_values

OPSETS = range(13, 27)  # what the kinds can be lowered to, up to the newest that onnxruntime loads
IRS = range(7, 14)
LARGEST = 2_000_000_000  # bytes of a model in one file; protobuf ends at 2^31
ALIGNMENT = 4096  # of large tensors in external data, so that they can be mapped into memory
RAW_DATA = b"\x4a"  # the tag of TensorProto.raw_data; of GraphProto.initializer; of ModelProto.graph
INITIALIZER = b"\x2a"
GRAPH = b"\x3a"


def to_model(
    net: Network, weights: Mapping[str, Any] | None = None, *, seed: int = 0, opset: int = 17, ir: int = 8
) -> onnx.ModelProto:
    """The network as an ONNX model in memory, with these weights or seeded ones.

    The batch axis is symbolic ("N"), every parameter is an initialiser of its own under its full name. Raises
    FileProblem where the weights do not fit, and ValueError for an opset or IR version that is not supported.
    """
    if (size := weight_bytes(net)) > LARGEST:
        raise ValueError(
            say("{size} of weights are too many for one model in memory: compile it to a file", size=show_bytes(size))
        )
    model = onnx.ModelProto()
    model.ParseFromString(model_bytes(net, source_of(net, weights, seed=seed), opset=opset, ir=ir))
    return model


def model_bytes(net: Network, source: Source, *, opset: int = 17, ir: int = 8) -> bytes:
    """The serialised model with its weights inside."""
    stream = io.BytesIO()
    _Model(net, opset, ir).write(stream, source, unseen)
    return stream.getvalue()  # the buffer itself, not a copy


def write_model(
    net: Network,
    path: str | os.PathLike[str],
    source: Source,
    *,
    opset: int = 17,
    ir: int = 8,
    largest: int = LARGEST,
    progress: Progress = unseen,
) -> list[Path]:
    """Writes the model and returns the files: one, or from `largest` bytes on also `MODEL.onnx.data` beside it.

    Each tensor goes from the source to the disk in pieces, so that the memory needed does not grow with the network.
    `progress` is told the bytes written. The files appear whole or not at all. Raises FileProblem.
    """
    model = _Model(net, opset, ir)
    check_space(path, model.size)
    if model.size <= largest:
        with replacing(path) as stream:
            model.write(stream, source, progress)
        return [Path(path)]
    target = Path(os.path.realpath(path))
    data = target.with_name(f"{target.name}.data")
    with replacing(path) as stream:
        with replacing(data) as values:
            model.write_data(values, source, progress)
        stream.write(model.with_external_data(data.name))
    return [Path(path), data]


def weight_bytes(net: Network) -> int:
    """The bytes of all parameters together."""
    return sum(map(byte_count, net.parameters))


class _Model:
    """A model cut where its weights go in. The wire format of protobuf lets messages be written piece by piece:

    the file is byte for byte what serialising the whole message would give.
    """

    def __init__(self, net: Network, opset: int, ir: int) -> None:
        check_versions(opset, ir)
        graph = graph_of(net, opset)
        rest = onnx.GraphProto(input=graph.input, output=graph.output, value_info=graph.value_info)
        for field in ("input", "output", "value_info"):
            graph.ClearField(field)
        self._parameters = net.parameters
        self._before = _serialised(graph)  # fields 1 to 4, then the initialisers (5), then those from 11 on
        self._after = _serialised(rest)
        self._head = _serialised(onnx.ModelProto(ir_version=ir, producer_name="cnnspec", producer_version=__version__))
        self._tail = _serialised(
            onnx.ModelProto(opset_import=[onnx.OperatorSetIdProto(version=opset)], metadata_props=_metadata(net))
        )
        self._headers = [_serialised(tensor_header(p)) for p in self._parameters]

    @property
    def size(self) -> int:
        """The bytes of the whole model."""
        return len(self._head) + len(_length(GRAPH, self._graph_size)) + self._graph_size + len(self._tail)

    def write(self, stream: BinaryIO, source: Source, progress: Progress) -> None:
        """The model with the values of its parameters inside."""
        stream.write(self._head + _length(GRAPH, self._graph_size) + self._before)
        for parameter, header in zip(self._parameters, self._headers, strict=True):
            stream.write(_tensor_start(header, byte_count(parameter)))
            write_values(stream, source, parameter, progress)
        stream.write(self._after + self._tail)

    def write_data(self, stream: BinaryIO, source: Source, progress: Progress) -> None:
        """The values of the parameters, each at its place."""
        position = 0
        for parameter, offset in self._offsets():
            stream.write(bytes(offset - position))
            write_values(stream, source, parameter, progress)
            position = offset + byte_count(parameter)

    def with_external_data(self, location: str) -> bytes:
        """The model whose parameters lie in another file of the same folder."""
        tensors = []
        for parameter, offset in self._offsets():
            tensor = tensor_header(parameter)
            tensor.data_location = onnx.TensorProto.EXTERNAL
            for key, value in (("location", location), ("offset", offset), ("length", byte_count(parameter))):
                tensor.external_data.add(key=key, value=str(value))
            data = _serialised(tensor)
            tensors.append(_length(INITIALIZER, len(data)) + data)
        graph = self._before + b"".join(tensors) + self._after
        return self._head + _length(GRAPH, len(graph)) + graph + self._tail

    @property
    def _graph_size(self) -> int:
        tensors = (
            len(_tensor_start(header, byte_count(p))) + byte_count(p)
            for p, header in zip(self._parameters, self._headers, strict=True)
        )
        return len(self._before) + sum(tensors) + len(self._after)

    def _offsets(self) -> Iterator[tuple[Parameter, int]]:
        position = 0
        for parameter in self._parameters:
            if byte_count(parameter) >= ALIGNMENT:
                position += -position % ALIGNMENT
            yield parameter, position
            position += byte_count(parameter)


def check_versions(opset: int, ir: int) -> None:
    """Raises ValueError for a version that this program or onnxruntime does not know."""
    if opset not in OPSETS:
        raise ValueError(
            say(
                "opset {opset} is not supported: use one of {first} to {last}",
                opset=opset,
                first=OPSETS[0],
                last=OPSETS[-1],
            )
        )
    if ir not in IRS:
        raise ValueError(
            say("IR version {ir} is not supported: use one of {first} to {last}", ir=ir, first=IRS[0], last=IRS[-1])
        )


def _metadata(net: Network) -> list[onnx.StringStringEntryProto]:
    facts = {"params": str(net.params), "source": Path(net.source.filename).name}
    size = next(iter(net.inputs.values()))
    pixels = {"1": "Gray8", "3": "Rgb8"}.get(str(size[-1])) if len(net.inputs) == 1 and len(size) == 3 else None
    if pixels:
        facts |= {"Image.BitmapPixelFormat": pixels, "Image.NominalPixelRange": "Normalized_0_1"}
    return [onnx.StringStringEntryProto(key=key, value=value) for key, value in facts.items()]


def _serialised(message: Any) -> bytes:
    data: bytes = message.SerializeToString(deterministic=True)
    return data


def _tensor_start(header: bytes, values: int) -> bytes:
    """Everything of an initialiser that comes before its values."""
    start = header + _length(RAW_DATA, values)
    return _length(INITIALIZER, len(start) + values) + start


def _length(tag: bytes, count: int) -> bytes:
    """The tag of a field and the length of what follows, as a base-128 number."""
    digits = bytearray()
    while count > 0x7F:
        digits.append(count & 0x7F | 0x80)
        count >>= 7
    return tag + bytes((*digits, count))
