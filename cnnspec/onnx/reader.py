"""Reads an ONNX model as a network: sizes and counts, not the values of its weights.

What is one of our kinds becomes a layer of that kind, so that the kind's own rules look at its sizes; what is not
becomes an open layer, whose size is what ONNX infers where nothing before it is wrong. Nothing of a model is executed.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Mapping
from typing import Any

import onnx
from google.protobuf.message import DecodeError  # type: ignore[import-untyped]
from onnx import GraphProto, ModelProto, TensorProto, ValueInfoProto

from cnnspec.diagnostics import ERROR, Diagnostic, Mistake
from cnnspec.language import say
from cnnspec.network import Input, Network
from cnnspec.network import Value as FlowValue
from cnnspec.onnx.listing import listing, short
from cnnspec.onnx.reading.node import Node, Shape, Value, numbers_of
from cnnspec.onnx.reading.stated import check_stated, stated_shape
from cnnspec.onnx.reading.table import open_all, read_node
from cnnspec.onnx.reading.types import check_node
from cnnspec.onnx.reading.walk import Walk, settle
from cnnspec.onnx.skimming import KEPT, NotAMessageError, skim, skim_file
from cnnspec.source import Listing, Source, Span
from cnnspec.symbolic import letter
from cnnspec.values import UNKNOWN, Dim

LETTERS = "HWLTDSABCEFGIJKMOPQRUVXYZ"
MULTIPLE = re.compile(r"(?:(\d{1,6})\s*\*\s*)?([A-MO-Z])")
Read = tuple[Network | None, list[Diagnostic]]


def read_file(path: str | os.PathLike[str]) -> Read:
    """The network of an ONNX file (None where errors leave none), and what is wrong with it."""
    from cnnspec.syntax.reading import refuse_pipe

    name = os.fspath(path)
    try:
        refuse_pipe(name)
        data = skim_file(name)
    except (OSError, ValueError) as error:
        return None, [_unreadable(name, error)]
    return _read_skimmed(data, name)


def read_bytes(data: bytes, filename: str) -> Read:
    """The same for the bytes of a model."""
    try:
        return _read_skimmed(skim(data), filename)
    except NotAMessageError as error:
        return None, [_unreadable(filename, error)]


def read_model(model: ModelProto, filename: str = "<model>") -> Read:
    """The network of a model in memory, and what is wrong with it."""
    source, spans, places = listing(model.graph, filename)
    if not model.graph.node and not model.graph.output:
        return None, [_problem(filename, "`{name}` holds no graph", name=filename)]
    return _Reader(model, source, spans, places).read()


def _read_skimmed(data: bytes, name: str) -> Read:
    model = ModelProto()
    try:
        model.ParseFromString(data)
    except DecodeError:
        return None, [_unreadable(name, NotAMessageError(say("this is no ONNX model")))]
    if not _all_text(model.graph):
        return None, [_unreadable(name, NotAMessageError(say("it holds names that are not UTF-8")))]
    return read_model(model, name)


def _all_text(graph: GraphProto) -> bool:
    """Whether all names are text: what is not UTF-8 comes as bytes."""
    waiting = [graph]
    while waiting:
        graph = waiting.pop()
        names: list[Any] = [graph.name, *(tensor.name for tensor in graph.initializer)]
        for info in (*graph.input, *graph.output, *graph.value_info):
            names += [info.name, *(dim.dim_param for dim in info.type.tensor_type.shape.dim)]
        for node in graph.node:
            names += [node.name, node.op_type, node.domain, node.doc_string, *node.input, *node.output]
            for attribute in node.attribute:
                names.append(attribute.name)
                waiting += [attribute.g] if attribute.HasField("g") else attribute.graphs
        if not all(isinstance(name, str) for name in names):
            return False
    return True


def _unreadable(name: str, error: OSError | ValueError) -> Diagnostic:
    if isinstance(error, NotAMessageError):
        return _problem(name, "`{name}` cannot be read as an ONNX model: {why}", name=name, why=str(error))
    from cnnspec.syntax.reading import unreadable

    return unreadable(name, error)


def _problem(filename: str, message: str, **values: Any) -> Diagnostic:
    return Mistake("E100", message, **values).at(Source("", filename), Span(0, 0))


class _Reader:
    def __init__(self, model: ModelProto, source: Listing, spans: list[Span], places: Mapping[str, Span]) -> None:
        self.model = model
        self.graph: GraphProto = model.graph
        self.places = places
        self.nodes = [Node(proto, i) for i, proto in enumerate(self.graph.node)]
        self.weights = {tensor.name for tensor in self.graph.initializer}
        self.weights.update(tensor.values.name for tensor in self.graph.sparse_initializer)
        self.free = [info for info in self.graph.input if info.name not in self.weights]
        self.yielded: set[str] = set()
        self.letters: dict[str, Dim] = {}
        self.inputs: dict[str, Input] = {}
        opset = next((entry.version for entry in model.opset_import if entry.domain in ("", "ai.onnx")), 17)
        self.w = Walk(self.graph, source, spans, UNKNOWN, opset)
        self._inferred: dict[str, tuple[Shape | Any, int]] | None = None

    def read(self) -> Read:
        w = self.w
        self._count_uses()
        self._add_weights()
        for info in self.free:
            self._add_input(info)
        w.inference = self._infer
        infos = {info.name: info for info in (*self.graph.value_info, *self.graph.output)}
        for node in self.nodes:
            self._read(node, infos)
        outputs = dict(self._outputs())
        if not self.inputs:
            mistake = Mistake("E401", "the graph has no input")
            w.diagnostics.append(mistake.at(w.source, Span(0, 0)))
        if any(d.severity == ERROR for d in w.diagnostics):
            return None, w.diagnostics
        return self._network(outputs), w.diagnostics

    def _network(self, outputs: dict[str, FlowValue]) -> Network:
        stem = os.path.splitext(os.path.basename(self.w.source.filename))[0]
        layers = list(self.w.layers.values())
        return Network(
            model=self.graph.name or stem, source=self.w.source, inputs=self.inputs, outputs=outputs, layers=layers
        )

    def _count_uses(self) -> None:
        uses = self.w.uses
        for node in self.nodes:
            for name in filter(None, node.inputs):
                uses[name] += 1
                self.w.readers.setdefault(name, []).append(node)
            uses.update(set(node.captured()))
            self.yielded.update(node.outputs)
        uses.update(info.name for info in self.graph.output)

    # --- what comes in ------------------------------------------------------------------------------------------------

    def _add_weights(self) -> None:
        for tensor in self.graph.initializer:
            self._add_weight(tensor.name, tensor, numbers_of(tensor) if tensor.ByteSize() <= 2 * KEPT else None)
        for sparse in self.graph.sparse_initializer:
            self._add_weight(sparse.values.name, sparse, None)

    def _add_weight(self, name: str, tensor: Any, numbers: list[Any] | None) -> None:
        shape = tuple(n if n >= 0 else UNKNOWN for n in tensor.dims)
        element = tensor.data_type if isinstance(tensor, TensorProto) else tensor.values.data_type
        self.w.values[name] = Value(name, shape, element, numbers=numbers, written=True)

    def _add_input(self, info: ValueInfoProto) -> None:
        w, name = self.w, info.name
        tensor = info.type.tensor_type
        span = self.places.get(name, Span(0, 0))
        if not info.type.HasField("tensor_type") or not tensor.HasField("shape"):
            flow = Input(short(name), UNKNOWN, w.source, span)  # type: ignore[arg-type]
            self.inputs[flow.name] = flow
            w.values[name] = Value(name, UNKNOWN, tensor.elem_type, flow=flow)
            return
        shape = tuple(self._dimension(dim, batch=i == 0) for i, dim in enumerate(tensor.shape.dim))
        last = self._channels_last(name, len(shape))
        integer = tensor.elem_type in (TensorProto.INT64, TensorProto.INT32)
        value = Value(name, shape, tensor.elem_type, last=last)
        size = shape[1:] if integer else value.size(last=last)
        value.flow = self.inputs[short(name)] = Input(short(name), size, w.source, span, integer=integer)
        w.values[name] = value
        if w.batch is UNKNOWN and len(shape) > 1:
            w.batch = shape[0]

    def _dimension(self, dim: Any, *, batch: bool) -> Dim:
        """The number, or a letter: the batch is N, other names keep theirs where they are one capital letter."""
        if dim.dim_value > 0:
            return int(dim.dim_value)
        name = str(dim.dim_param)
        if name in self.letters and name:
            return self.letters[name]
        match = MULTIPLE.fullmatch(name)
        if batch and "N" not in map(str, self.letters.values()):
            made: Dim = letter("N")
        elif match:
            made = int(match[1] or 1) * letter(match[2])
        else:
            made = letter(next(self._free_letters(), "Z"))
        self.letters[name or f"?{len(self.letters)}"] = made
        return made

    def _free_letters(self) -> Iterator[str]:
        taken = "".join(map(str, self.letters.values()))
        named = {dim.dim_param for info in self.free for dim in info.type.tensor_type.shape.dim}
        return (one for one in LETTERS if one not in taken and one not in named)

    def _channels_last(self, name: str, rank: int) -> bool:
        """Whether the graph begins by bringing the channels to the front: they stand last in this input."""
        wanted = [0, rank - 1, *range(1, rank - 1)]
        readers = self.w.readers.get(name, ())
        return (
            rank > 2
            and bool(readers)
            and all(node.op == "Transpose" and node.integers("perm") == wanted for node in readers)
        )

    # --- nodes --------------------------------------------------------------------------------------------------------

    def _read(self, node: Node, infos: Mapping[str, ValueInfoProto]) -> None:
        w = self.w
        sound = self._names_are_sound(node)
        if sound and check_node(w, node):
            read_node(w, node)
        else:
            open_all(w, node, doubtful=True)
        for name in filter(None, node.outputs):
            w.producers[name] = node
        self._take_stated(node, infos)
        check_stated(w, node, infos)

    def _names_are_sound(self, node: Node) -> bool:
        """Whether what the node reads has been computed, and what it yields has not."""
        w = self.w
        for name in filter(None, node.inputs):
            if name not in w.values:
                w.report(node, _missing_value(name, node, later=name in self.yielded))
                return False
        for name in filter(None, node.outputs):
            if name in w.values:
                message = (
                    "two nodes yield `{name}`" if name in w.producers else "`{name}` is an input or a weight already"
                )
                w.report(node, Mistake("E209", message, help="give each value a name of its own", name=short(name)))
                return False
        return True

    def _take_stated(self, node: Node, infos: Mapping[str, ValueInfoProto]) -> None:
        """Where nothing is known of a size, what the file states is taken."""
        for name in node.outputs:
            value, info = self.w.values.get(name), infos.get(name)
            if value is not None and info is not None and value.shape is UNKNOWN and not value.doubtful:
                value.shape = stated_shape(info)
                settle(value, value.size())

    def _outputs(self) -> Iterator[tuple[str, FlowValue]]:
        w = self.w
        for info in self.graph.output:
            value = w.values.get(info.name)
            if value is None:
                mistake = Mistake("E208", "no node yields the output `{name}`", name=short(info.name))
                w.diagnostics.append(mistake.at(w.source, self.places.get(info.name, Span(0, 0))))
            elif value.flow is not None:
                yield short(info.name), value.flow

    # --- ONNX's own inference -----------------------------------------------------------------------------------------

    def _infer(self, name: str) -> tuple[Shape | Any, int]:
        if self._inferred is None:
            self._inferred = self._infer_all()
        return self._inferred.get(name, (UNKNOWN, 0))

    def _infer_all(self) -> dict[str, tuple[Shape | Any, int]]:
        """Sizes and types of all values as ONNX infers them, without what the file states and without the weights."""
        bare = ModelProto(ir_version=self.model.ir_version, opset_import=self.model.opset_import)
        bare.functions.extend(self.model.functions)
        graph = bare.graph
        graph.name = "sizes"
        graph.node.extend(self.graph.node)
        graph.input.extend(self.graph.input)
        graph.output.extend(self.graph.output)
        for info in graph.output:
            info.type.tensor_type.ClearField("shape")
        declared = {info.name for info in graph.input}
        for tensor in self.graph.initializer:
            if tensor.ByteSize() <= KEPT // 4:
                graph.initializer.append(tensor)
            elif tensor.name not in declared:
                graph.input.append(onnx.helper.make_tensor_value_info(tensor.name, tensor.data_type, list(tensor.dims)))
        try:
            inferred = onnx.shape_inference.infer_shapes(bare, data_prop=True)
        except Exception:  # noqa: BLE001  (it raises what its C++ does)
            return {}
        infos = (*inferred.graph.value_info, *inferred.graph.output)
        return {info.name: (self._shape_of(info), info.type.tensor_type.elem_type) for info in infos}

    def _shape_of(self, info: ValueInfoProto) -> Shape | Any:
        shape = stated_shape(info)
        if shape is UNKNOWN:
            return UNKNOWN
        dims = zip(shape, info.type.tensor_type.shape.dim, strict=True)
        return tuple(self.letters.get(dim.dim_param, UNKNOWN) if n is UNKNOWN else n for n, dim in dims)


def _missing_value(name: str, node: Node, *, later: bool) -> Mistake:
    if later:
        return Mistake(
            "E406",
            "`{op}` reads `{name}`, which a later node yields",
            help="bring the nodes into the order in which they can run, without circles",
            op=node.op,
            name=short(name),
        )
    return Mistake("E208", "`{op}` reads `{name}`, which nothing yields", op=node.op, name=short(name))
