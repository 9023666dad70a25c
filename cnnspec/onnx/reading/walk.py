"""The state of reading a graph: values by name, the layers so far, and what is wrong."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from onnx import GraphProto

from cnnspec import layers
from cnnspec.diagnostics import Diagnostic, Label, Mistake
from cnnspec.language import say
from cnnspec.layers._kind import JoinKind, Kind, Operation
from cnnspec.layers._open import OPEN
from cnnspec.network import Layer
from cnnspec.onnx.listing import short
from cnnspec.onnx.reading.node import Node, Shape, Value, as_shape, as_size, symbolic
from cnnspec.source import Listing, Span
from cnnspec.values import UNKNOWN, Dim, Size, is_open, known, show_size

# The attribute of a node that gives an argument of a kind.
ATTRIBUTES = {
    "f": "kernel_shape",
    "s": "strides",
    "p": "pads",
    "d": "dilations",
    "groups": "group",
    "output_pad": "output_padding",
    "r": "blocksize",
}
# What letters leave open is not judged in a graph: exporters declare axes open that suit multiples only.
OPEN_ENDED = ("E226", "E302", "E304", "E308", "E310", "E312", "E315", "E316")

AS_READ = "as read"

Inference = Callable[[str], "tuple[Shape | Any, int]"]


class Walk:
    """Reads one graph, node for node."""

    def __init__(self, graph: GraphProto, source: Listing, spans: Sequence[Span], batch: Dim, opset: int) -> None:
        self.graph = graph
        self.source = source
        self.spans = spans
        self.batch = batch
        self.opset = opset
        self.values: dict[str, Value] = {}
        self.producers: dict[str, Node] = {}
        self.uses: Counter[str] = Counter()
        self.readers: dict[str, list[Node]] = {}
        self.layers: dict[int, Layer] = {}  # by `id`, in order
        self.weights: dict[tuple[str, ...], Layer] = {}  # the first layer with weights of these names
        self.diagnostics: list[Diagnostic] = []
        self.inference: Inference | None = None
        self._names: Counter[str] = Counter()

    # --- what handlers read -------------------------------------------------------------------------------------------

    def input(self, node: Node, index: int) -> Value | None:
        """The value at an input of the node; None where it is left out."""
        name = node.inputs[index] if index < len(node.inputs) else ""
        return self.values.get(name) if name else None

    def given(self, node: Node) -> list[Value]:
        """All inputs that are not left out."""
        return [self.values[name] for name in node.inputs if name in self.values]

    def alone(self, name: str) -> bool:
        """Whether one node reads the value, and nobody else."""
        return self.uses[name] == 1

    # --- what handlers yield ------------------------------------------------------------------------------------------

    def layer(
        self,
        node: Node,
        kind: str,
        given: Mapping[str, Any],
        values: Sequence[Value],
        *,
        last: bool = False,
        sizes: Sequence[Size | Any] | None = None,
        weights: Mapping[str, Value | None] | None = None,
        yields: bool | str | None = AS_READ,
    ) -> Layer:
        """A layer of one of our kinds on these values, as the node's (first) value.

        `last` says how the shapes are to be read, `yields` where the channels of the value stand.
        `sizes` take the place of those of the values.
        """
        found = layers.find(kind)
        assert found is not None
        sizes = tuple(value.size(last=last) for value in values) if sizes is None else tuple(sizes)
        for value, size in zip(values, sizes, strict=True):
            settle(value, size)
        operation, sound = self._operation(node, found, given, sizes)
        layer = self._add(node, operation, values)
        guessed = any(value.doubtful for value in values)
        if sound and weights:
            self.check_weights(node, layer, weights, judge=not guessed or len(sizes[0]) > 1)
        shape = as_shape(self._batch_of(values), operation.output, last=last)
        doubtful = guessed or not sound
        element = values[0].element
        self.values[node.output] = Value(
            node.output, shape, element, flow=layer, last=last if isinstance(yields, str) else yields, doubtful=doubtful
        )
        return layer

    def open(
        self,
        node: Node,
        shape: Shape | Any = None,
        *,
        output: str | None = None,
        last: bool | None = None,
        element: int | None = None,
        doubtful: bool = False,
    ) -> Layer:
        """A layer of which at most the size is known. Without a `shape`, what ONNX's own inference says."""
        output = node.output if output is None else output
        values = self._flowing(node)
        doubtful = doubtful or any(value.doubtful for value in values)
        if shape is None:
            shape, inferred = self.inferred(output, doubtful=doubtful)
            element = inferred if element is None else element
        if element is None:
            element = values[0].element if values else 0
        size = as_size(shape, last=bool(last))
        layer = self._add(node, OPEN.of_size(tuple(value.size() for value in values), size), values)
        self.values[output] = Value(output, shape, element, flow=layer, last=last, doubtful=doubtful)
        return layer

    def alias(self, node: Node, value: Value, **changes: Any) -> None:
        """The node yields what arrives, perhaps in another order of axes."""
        slots = {name: getattr(value, name) for name in Value.__slots__} | {"name": node.output} | changes
        name, shape, element = slots.pop("name"), slots.pop("shape"), slots.pop("element")
        self.values[node.output] = Value(name, shape, element, **slots)

    def constant(
        self,
        node: Node,
        shape: Shape | Any,
        element: int = 0,
        numbers: list[Any] | None = None,
        *,
        written: bool = False,
    ) -> None:
        """The node yields something that no input of the network has a part in, or numbers made of sizes."""
        self.values[node.output] = Value(node.output, shape, element, numbers=numbers, written=written)

    def withdraw(self, nodes: Iterable[Node]) -> None:
        """Takes the layers of these nodes back: together with another one they are a layer."""
        for node in nodes:
            for name in node.outputs:
                value = self.values.get(name)
                if value is not None and value.flow is not None and id(value.flow) in self.layers:
                    del self.layers[id(value.flow)]
                    self._names[value.flow.name] -= 1

    def share(self, layer: Layer, names: tuple[str, ...]) -> None:
        """Says which initialisers a layer has: one that has them already counts them."""
        first = self.weights.setdefault(names, layer)
        tensors = [t.shape for t in layer.operation.tensors]
        if first is not layer and tensors == [t.shape for t in first.operation.tensors]:
            layer.shares = first

    def inferred(self, name: str, *, doubtful: bool = False) -> tuple[Shape | Any, int]:
        """Shape and type of a value as ONNX infers them; UNKNOWN after an error."""
        if doubtful or self.inference is None:
            return UNKNOWN, 0
        return self.inference(name)

    # --- mistakes -----------------------------------------------------------------------------------------------------

    def report(self, node: Node, mistake: Mistake, *blamed: str) -> None:
        """Says at the node, or at one of its attributes, what is wrong."""
        span = self.spans[node.index]
        attributes = (*blamed, ATTRIBUTES.get(mistake.argument, mistake.argument))
        narrow = next((one for name in attributes if name and (one := self._attribute(span, name))), span)
        if mistake.code.startswith("E3") or mistake.code == "E408":
            labels = tuple(self._arrival(value) for value in self._flowing(node) if value.flow is not None)
        else:
            labels = ()
        diagnostic = mistake.at(self.source, narrow, tuple(one for one in labels if one.span != span))
        if node.place:
            diagnostic.notes = (*diagnostic.notes, say("written at {place}", place=node.place))
        self.diagnostics.append(diagnostic)

    def _attribute(self, span: Span, name: str) -> Span | None:
        text = self.source.text
        start = text.find(f" {name}=", span.start, span.end) + 1
        if not start:
            return None
        bracket = text[start + len(name) + 1 : start + len(name) + 2] == "["
        end = text.find("]" if bracket else " ", start, span.end)
        return Span(start, span.end if end < 0 else end + bracket)

    def _arrival(self, value: Value) -> Label:
        assert value.flow is not None
        return Label(
            self.source, value.flow.span, say("gives {size}", size=show_size(value.size(last=bool(value.last))))
        )

    def check_weights(
        self, node: Node, layer: Layer, weights: Mapping[str, Value | None], *, judge: bool = True
    ) -> None:
        """The weights in the file must have the shapes that the layer has on what arrives."""
        names = []
        for tensor in layer.operation.tensors:
            value = weights.get(tensor.name)
            if value is None:
                continue
            names.append(value.name)
            if judge and value.shape is not UNKNOWN and differs(value.shape, tensor.shape):
                self.report(node, _misfit(node, layer, tensor.name, value.shape, tensor.shape))
                return
        if names and len(names) == len(layer.operation.tensors):
            self.share(layer, tuple(names))

    # --- inside -------------------------------------------------------------------------------------------------------

    def _operation(
        self, node: Node, kind: Kind, given: Mapping[str, Any], sizes: tuple[Size | Any, ...]
    ) -> tuple[Operation, bool]:
        """The kind on values of these sizes, and whether that went well; else an open one of the size still clear."""
        if any(size is UNKNOWN for size in sizes):
            return OPEN.of_size(sizes, UNKNOWN), False
        try:
            return kind.operation(given, sizes), True
        except OverflowError:  # sizes with letters have a limit
            return OPEN.of_size(sizes, UNKNOWN), False
        except Mistake as mistake:
            if not (mistake.code in OPEN_ENDED and any(map(symbolic, sizes))):
                self.report(node, mistake)
            guess = kind.guess_joined(sizes) if isinstance(kind, JoinKind) else kind.guess(given, sizes[0])
            return OPEN.of_size(sizes, UNKNOWN if guess is None else guess), False

    def _add(self, node: Node, operation: Operation, values: Sequence[Value]) -> Layer:
        flows = tuple(value.flow for value in values if value.flow is not None)
        layer = Layer(self._name(node), operation, flows, self.source, self.spans[node.index])
        self.layers[id(layer)] = layer
        return layer

    def _name(self, node: Node) -> str:
        base = short(node.name)
        self._names[base] += 1
        number = self._names[base]
        return base if number == 1 else f"{base}_{number}"

    def _flowing(self, node: Node) -> list[Value]:
        """The values of the network that the node reads, those used by graphs inside it too; each once."""
        names = dict.fromkeys((*node.inputs, *node.captured()))
        values = (self.values.get(name) for name in names)
        return [value for value in values if value is not None and value.flow is not None]

    def _batch_of(self, values: Sequence[Value]) -> Dim:
        shapes = [value.shape for value in values if value.shape is not UNKNOWN and len(value.shape) > 1]
        return shapes[0][0] if shapes else UNKNOWN


def settle(value: Value, size: Size | Any) -> None:
    """Where nothing is known of the size of a value, it is the one that a layer sees there."""
    flow = value.flow
    if flow is None or not is_open(flow.size) or size is UNKNOWN:
        return
    if isinstance(flow, Layer):
        flow.operation = OPEN.of_size(flow.operation.inputs, size)
    else:
        flow.size = size


def differs(a: Sequence[Any], b: Sequence[Any]) -> bool:
    """Whether two shapes are certainly not equal."""
    if len(a) != len(b):
        return True
    return any(isinstance(m, int) and isinstance(n, int) and m != n for m, n in zip(a, b, strict=True))


def _misfit(node: Node, layer: Layer, tensor: str, has: Shape, wants: Shape) -> Mistake:
    op = layer.operation
    takes, arrives = _taken(op, tensor, has), show_size(op.input[-1:])
    message, help = "the {tensor} of `{name}` has the shape {has}, not {wants}", ""
    if takes and len(op.input) == 1:
        message = "the {tensor} of `{name}` fits {takes} features, here arrive {arrives}"
        help = "give the layer before as many features as the weights take, or other weights"
    elif takes:
        message = "the {tensor} of `{name}` fits {takes} channels, here arrive {arrives}"
        help = "give the layer before as many channels as the weights take, or other weights"
    return Mistake(
        "E408",
        message,
        notes=("{tensor} in the file: {has}", "for what arrives: {wants}"),
        help=help,
        name=short(node.name),
        tensor=tensor,
        takes=takes,
        arrives=arrives,
        has=show_size(has),
        wants=show_size(wants),
    )


def _taken(op: Operation, tensor: str, has: Shape) -> str:
    """How many channels the weight of the file takes, where that alone is wrong."""
    wants = op.tensor(tensor).shape
    if len(has) != len(wants):
        return ""
    kind = op.kind.name
    axis = {"conv": 1, "depthwise": 0, "conv_transpose": 0, "dense": 1, "batchnorm": 0, "prelu": 0}.get(kind)
    if axis is None or (tensor != "weight" and kind != "batchnorm"):
        return ""
    others = [(m, n) for i, (m, n) in enumerate(zip(has, wants, strict=True)) if i != axis]
    length: Any = has[axis]
    if differs([m for m, _ in others], [n for _, n in others]) or not isinstance(length, int):
        return ""
    groups = op.args.groups if kind == "conv" and known(op.args.groups) else 1
    return str(length * groups)
