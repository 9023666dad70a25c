"""The checked graph: immutable, fully resolved, and all that everything downstream reads."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, Protocol, TypeAlias

from cnnspec.diagnostics import Diagnostic
from cnnspec.layers._kind import Kind, Operation, Tensor
from cnnspec.record import Record
from cnnspec.sizes import total
from cnnspec.source import Source, Span, Trace
from cnnspec.values import Dim, Size, Symbolic, is_open


class Input:
    """An input of the network: name, size, and whether its elements are integers (tokens)."""

    __slots__ = ("integer", "name", "size", "source", "span")

    def __init__(self, name: str, size: Size, source: Source, span: Span, *, integer: bool = False) -> None:
        self.name = name
        self.size = size
        self.integer = integer
        self.source = source
        self.span = span

    def __repr__(self) -> str:
        return f"Input({self.name!r}, {self.size})"


class Layer:
    """One layer: an operation in its place. What it yields is known by the layer's own name.

    `operands` are the values that come in, `inputs` their names. `shares` is the layer whose tensors this one uses
    again (`apply`): they are counted there, and here they are 0. `trace` says through which block calls the layer came
    to be, innermost first.
    """

    __slots__ = ("frozen", "name", "operands", "operation", "shares", "source", "span", "trace")

    def __init__(
        self,
        name: str,
        operation: Operation,
        operands: tuple[Value, ...],
        source: Source,
        span: Span,
        *,
        frozen: bool = False,
        shares: Layer | None = None,
        trace: Trace = (),
    ) -> None:
        self.name = name
        self.operation = operation
        self.operands = operands
        self.source = source
        self.span = span
        self.frozen = frozen
        self.shares = shares
        self.trace = trace

    @property
    def kind(self) -> str:
        return self.operation.kind.name

    @property
    def definition(self) -> Kind:
        return self.operation.kind

    @property
    def args(self) -> Any:
        """The arguments by their short names, as the kind computes with them: `layer.args.f`."""
        return self.operation.args

    @property
    def inputs(self) -> tuple[str, ...]:
        """The names of the layers and inputs that this layer computes with."""
        return tuple(value.name for value in self.operands)

    @property
    def output_size(self) -> Size:
        return self.operation.output

    size = output_size

    @property
    def params(self) -> Dim:
        return 0 if self.shares else self.operation.params

    @property
    def trainable(self) -> Dim:
        return 0 if self.shares or self.frozen else self.operation.trainable

    @property
    def non_trainable(self) -> Dim:
        return self.params - self.trainable

    @property
    def macs(self) -> Dim:
        return self.operation.macs

    @property
    def line(self) -> int:
        """The row where the layer stands in its source file, from 1."""
        return self.source.row(self.span.start)

    @property
    def parameters(self) -> Iterator[Parameter]:
        """The parameters of this layer; none where it shares another's."""
        if not self.shares:
            for tensor in self.operation.tensors:
                trainable = tensor.trainable and not self.frozen
                yield Parameter(f"{self.name}.{tensor.name}", tensor.shape, trainable, tensor, self)

    def __repr__(self) -> str:
        return f"Layer({self.name!r}, {self.kind}, {self.output_size})"


Value: TypeAlias = Input | Layer


class Parameter(Record):
    """One parameter tensor of the network under its full name: "conv1.weight"."""

    name: str
    shape: tuple[int, ...]
    trainable: bool
    tensor: Tensor
    layer: Layer


class Example(Record):
    """An `example` line: values in, values out, each as nested lists height x width x channels.

    `tolerances` has, for each output, the half unit of the last digit printed for every number, in the order of the
    flattened values (None: a blank, which is not compared). `letters` are the values of the letters in the sizes.
    """

    inputs: tuple[Any, ...]
    outputs: tuple[Any, ...]
    tolerances: tuple[tuple[float | None, ...], ...]
    source: Source
    span: Span
    letters: tuple[tuple[str, int], ...] = ()


class Trial(Protocol):
    """The same file once more, as it stands or with other sizes of its inputs. `steps` is the work done so far."""

    steps: int

    def error(self, sizes: Mapping[str, Size], unjudged: tuple[str, ...] = ()) -> Diagnostic | None:
        """The first error with these sizes, without the codes `unjudged`; None where the network accepts them."""

    def statements(
        self,
        see: Callable[[Any, Source, Value | None, Value | None, list[Layer]], None],
        carried: Mapping[Span, Size] | None = None,
    ) -> None:
        """Shows each run of each statement, with its file, what arrived, what it yielded and the layers in it.

        After the statements at the places `carried` the flow goes on with the size given there.
        """

    def figures(self, network: Network) -> Any:
        """What evaluates the conditions of `expect` over the network."""


class Network:
    """A checked network. `layers` are in an order in which every layer comes after its inputs.

    `variant` is the variant of the file that it is, or None, and `variants` are the names of all of them.
    """

    def __init__(
        self,
        *,
        model: str,
        source: Source,
        inputs: Mapping[str, Input],
        outputs: Mapping[str, Value],
        layers: Sequence[Layer],
        examples: Sequence[Example] = (),
        blanks: int = 0,
        settings: Mapping[str, Any] | None = None,
        variant: str | None = None,
        variants: Sequence[str] = (),
    ) -> None:
        self.model = model
        self.source = source
        self.input_values = dict(inputs)
        self.output_values = dict(outputs)
        self.layers = tuple(layers)
        self.examples = tuple(examples)
        self.blanks = blanks
        self.settings = dict(settings or {})
        self.trial: Trial | None = None  # walks the file again with other sizes
        self.variant = variant
        self.variants = tuple(variants)

    @property
    def letters(self) -> tuple[str, ...]:
        """The letters in the sizes of the inputs: ("H", "W") of `input HxWx3`; () where all sizes are known."""
        parts = [n for size in self.inputs.values() if not is_open(size) for n in size if isinstance(n, Symbolic)]
        return tuple(sorted({letter for n in parts for letter in n.letters}))

    @property
    def inputs(self) -> dict[str, Size]:
        """The size of each input: {"input": (224, 224, 3)}."""
        return {name: value.size for name, value in self.input_values.items()}

    @property
    def outputs(self) -> dict[str, Size]:
        """The size of each output: {"output": (10,)}."""
        return {name: value.size for name, value in self.output_values.items()}

    @property
    def params(self) -> Dim:
        """Trainable and non-trainable parameters together."""
        return total(layer.params for layer in self.layers)

    @property
    def trainable(self) -> Dim:
        return total(layer.trainable for layer in self.layers)

    @property
    def non_trainable(self) -> Dim:
        return self.params - self.trainable

    @property
    def macs(self) -> Dim:
        """Multiply-and-adds for one image; biases and element-wise layers are not counted. FLOPs = 2 * MACs."""
        return total(layer.macs for layer in self.layers)

    @property
    def parameters(self) -> tuple[Parameter, ...]:
        """Every parameter tensor, in the order of the layers."""
        return tuple(p for layer in self.layers for p in layer.parameters)

    def layer(self, name: str) -> Layer:
        """The layer of that name. Raises KeyError."""
        for layer in self.layers:
            if layer.name == name:
                return layer
        raise KeyError(name)

    def __repr__(self) -> str:
        sizes = " ".join("x".join(map(str, size)) for size in self.inputs.values())
        return f"<Network {self.model}: {sizes}, {len(self.layers)} layers, {self.params} params>"
