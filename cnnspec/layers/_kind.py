"""What a layer kind declares: arguments, size rule, tensors, MACs, explanation, lowering, documentation."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any, Final, Protocol

from cnnspec.diagnostics import Mistake
from cnnspec.language import say
from cnnspec.record import Record
from cnnspec.values import UNKNOWN, Dim, Size, Symbolic, Value, describe, show_count, show_size

if TYPE_CHECKING:
    from cnnspec.reach import Reach

REQUIRED: Final = object()
OPTIONAL: Final = None


class ArgumentType(Protocol):
    """Turns the value that was written into the one that the kind computes with."""

    def read(self, value: Value, rank: int | None) -> Any:
        """The value for an input of `rank` spatial axes (None: not known). Raises Mistake."""

    def describe(self) -> str:
        """What may be written, for `cnnspec layers`."""


class Argument(Record):
    """An argument of a kind: `Argument("s", PerAxis(), default=1, long="stride")`."""

    name: str
    type: ArgumentType
    default: Any = REQUIRED
    long: str = ""
    doc: str = ""
    default_from: str = ""  # the name of the argument whose value is the default: maxpool's s=f
    keyword_only: bool = False


class Tensor(Record):
    """One parameter tensor of a layer. The count of parameters is the sum over these, nothing else.

    `init` is the rule of the seeded initialiser: "kernel" (He or Glorot, by fan_in and fan_out), "zeros", "ones",
    "normal" (embedding), or "constant" with the number in `values`. Where the file gives values, they are nested lists.
    """

    name: str
    shape: tuple[int, ...]
    init: str = "kernel"
    trainable: bool = True
    fan_in: int = 0
    fan_out: int = 0
    values: Any = None

    @property
    def elements(self) -> Dim:
        return math.prod(self.shape) if all(isinstance(n, int) for n in self.shape) else UNKNOWN


class Operation:
    """A kind with its arguments and sizes settled: what all layers alike in these have in common. Immutable."""

    __slots__ = ("args", "inputs", "kind", "macs", "output", "params", "tensors", "trainable")

    def __init__(self, kind: Kind, args: Any, inputs: tuple[Size, ...], output: Size) -> None:
        self.kind = kind
        self.args = args
        self.inputs = inputs
        self.output = output
        self.tensors: tuple[Tensor, ...] = ()
        self.macs: Dim = 0
        self.params: Dim = 0
        self.trainable: Dim = 0

    @property
    def input(self) -> Size:
        return self.inputs[0]

    @property
    def rank(self) -> int:
        """The number of spatial axes of the (first) input."""
        return len(self.inputs[0]) - 1

    def tensor(self, name: str) -> Tensor:
        return next(t for t in self.tensors if t.name == name)

    def has(self, name: str) -> bool:
        return any(t.name == name for t in self.tensors)


class GraphBuilder(Protocol):
    """What a kind lowers itself with. Values of the graph are named by strings; images are (N, C, spatial axes)."""

    opset: int

    def node(self, op_type: str, *inputs: str, **attributes: Any) -> str:
        """Adds an ONNX node with one output and returns the output's name."""

    def tensor(self, name: str) -> str:
        """The graph's name of this layer's own parameter tensor."""

    def constant(self, values: Any, dtype: str = "float32") -> str:
        """A constant from a number or nested lists; dtype "float32", "int64" or "bool"."""

    def dimension(self, size: Dim, minimum: int | None = None) -> str:
        """A size as a list of one 64-bit integer, at least `minimum`; one with letters is computed when it runs."""

    def shape(self, parts: Sequence[Dim | str]) -> str:
        """Several sizes, or names of what `dimension` gave, as a list of 64-bit integers."""


class Kind:
    """A layer kind of one input. Subclasses set the class attributes and override what differs.

    The docstring of a subclass is its page in the reference. `example` is a whole small file, which the tests
    check and run.
    """

    family: str = ""
    needs: str = "any"  # "image": spatial axes; "vector": none; "any"
    integers: bool = False  # whether it takes a sequence of integers
    joins: bool = False
    view: bool = False  # whether the output is what arrives, in the same memory
    any_order: bool = False  # whether it makes the same of the values that arrive, in whatever order
    arguments: tuple[Argument, ...] = ()
    formula: str = ""
    source: str = ""
    example: str = ""

    def __init__(self) -> None:
        self.name = type(self).__module__.rpartition(".")[2]

    # --- to be declared by each kind ---

    def output_size(self, a: Any, x: Size) -> Size:
        """The output's size for an input of size x. Raises Mistake."""
        return x

    def tensors(self, a: Any, x: Size) -> tuple[Tensor, ...]:
        """The parameter tensors, in the order of the weight file."""
        return ()

    def macs(self, a: Any, x: Size, y: Size) -> Dim:
        """Multiply-and-adds for one image; biases and element-wise work are not counted."""
        return 0

    def window(self, a: Any, x: Size) -> tuple[Reach, ...] | None:
        """Which of the arriving values each value sees, along each spatial axis; None: those of its own place.

        The receptive field follows from it. Padding is an offset below 0: of `f=3, s=2, p=1`, value i sees the three
        from 2i - 1 on.
        """
        return None

    def guess(self, given: Mapping[str, Value], x: Size) -> Size | None:
        """The output's size as far as it is clear although something is wrong; None: nothing is."""
        return (UNKNOWN,) * len(x)

    def explain_size(self, op: Operation) -> tuple[str, ...]:
        """The arithmetic of the output's size, a line each."""
        return (say("each value for itself: the size stays"),) if op.output == op.inputs[0] else ()

    def explain_params(self, op: Operation) -> tuple[str, ...]:
        """The arithmetic of the number of parameters, a line each."""
        if not op.tensors:
            return (say("no parameters"),)
        counts = [(t, f"{t.name} {show_size(t.shape)} = {show_count(t.elements)}") for t in op.tensors]
        return tuple(text if t.trainable else say("{count} (not trained)", count=text) for t, text in counts)

    def explain_macs(self, op: Operation) -> tuple[str, ...]:
        """The arithmetic of the multiply-and-adds; nothing where there are none."""
        return ()

    def lower(self, g: GraphBuilder, op: Operation, *inputs: str) -> str:
        """Builds the ONNX nodes and returns the name of the output value."""
        raise NotImplementedError(self.name)

    # --- common to all ---

    def argument(self, name: str) -> Argument | None:
        """The argument of that short or long name."""
        return next((a for a in self.arguments if name in (a.name, a.long)), None)

    def operation(self, given: Mapping[str, Value], inputs: tuple[Size, ...]) -> Operation:
        """This kind with the given arguments (by short name, as evaluated) on inputs of these sizes. Raises Mistake."""
        self._check_input(inputs)
        args = self.read_arguments(given, len(inputs[0]) - 1)
        op = Operation(self, args, inputs, self._output(args, inputs))
        self._count(op)
        return op

    def read_arguments(self, given: Mapping[str, Value], rank: int | None) -> Any:
        """The arguments as the kind computes with them, defaults filled in. Raises Mistake naming the argument."""
        args = SimpleNamespace()
        for argument in self.arguments:
            if argument.name in given:
                value = given[argument.name]
            elif argument.default_from:
                setattr(args, argument.name, getattr(args, argument.default_from))
                continue
            elif argument.default is REQUIRED:
                raise Mistake(
                    "E203",
                    "`{kind}` needs `{argument}`: {what}",
                    help="write for example `{usage}`",
                    kind=self.name,
                    argument_name=argument.name,
                    argument=argument.name,
                    what=argument.type.describe(),
                    usage=self.usage(),
                )
            else:
                value = argument.default
            if value is OPTIONAL:
                setattr(args, argument.name, None)
                continue
            try:
                setattr(args, argument.name, argument.type.read(value, rank))
            except Mistake as mistake:
                mistake.argument = argument.name
                mistake.values.setdefault("argument", argument.name)
                mistake.values.setdefault("kind", self.name)
                raise
        return args

    def rule(self) -> str:
        """The size rule, or for an activation what it computes, in the language of the reader."""
        return say(self.formula)

    def usage(self) -> str:
        """The kind with its arguments, as the reference shows it: `conv filters, f, s=1, p=0`."""
        shown = [a for a in self.arguments if not (a.keyword_only and a.default is True)]  # tensors may be left out
        return f"{self.name} {', '.join(map(_usage_of, shown))}".rstrip()

    def _output(self, args: Any, inputs: tuple[Size, ...]) -> Size:
        return self.output_size(args, inputs[0])

    def _check_input(self, inputs: tuple[Size, ...]) -> None:
        x = inputs[0]
        if self.needs == "vector" and len(x) > 1:
            raise Mistake(
                "E303",
                "`{kind}` takes a vector, here arrives {size}",
                help="put `flatten` or `global_avgpool` before it",
                kind=self.name,
                size=show_size(x),
            )
        if self.needs == "image" and len(x) == 1:
            raise Mistake(
                "E305",
                "`{kind}` needs rows, columns and channels, here arrives a vector of {size}",
                help="give the size with its channels, such as {size}x1 or 28x28x1, or use `reshape`",
                kind=self.name,
                size=show_size(x),
            )

    def _count(self, op: Operation) -> None:
        x, y = op.inputs[0], op.output
        op.tensors = tuple(_with_literal(t, op.args) for t in self.tensors(op.args, x))
        if any(isinstance(n, Symbolic) for tensor in op.tensors for n in tensor.shape):
            raise self._size_needed(op.tensors, x)
        op.macs = self.macs(op.args, x, y)
        for tensor in op.tensors:
            op.params = op.params + tensor.elements
            if tensor.trainable:
                op.trainable = op.trainable + tensor.elements

    def _size_needed(self, tensors: Sequence[Tensor], x: Size) -> Mistake:
        shape = next(show_size(t.shape) for t in tensors if any(isinstance(n, Symbolic) for n in t.shape))
        return Mistake(
            "E315",
            "the weights of `{kind}` would grow with the input: here arrives {size}",
            notes=("the shape of its weights would be {shape}",),
            help="give the channels of the input a known number"
            if len(x) > 1
            else "use `global_avgpool`, or `adaptive_avgpool 7` before `flatten`, or give the input a known size",
            kind=self.name,
            size=show_size(x),
            shape=shape,
        )


class JoinKind(Kind):
    """A kind that joins several inputs: `add`, `concat`. Overrides `joined_size` in place of `output_size`."""

    family = "joining"
    joins = True

    def joined_size(self, a: Any, xs: Sequence[Size]) -> Size:
        """The output's size for inputs of sizes xs (two or more). Raises Mistake."""
        raise NotImplementedError(self.name)

    def guess_joined(self, xs: Sequence[Size]) -> Size | None:
        """The output's size as far as it is clear although the inputs do not fit: the axes on which they agree."""
        if len({len(x) for x in xs}) > 1:
            return None
        return tuple(axis[0] if all(n == axis[0] for n in axis) else UNKNOWN for axis in zip(*xs, strict=True))

    def _output(self, args: Any, inputs: tuple[Size, ...]) -> Size:
        return self.joined_size(args, inputs)

    def _check_input(self, inputs: tuple[Size, ...]) -> None:
        """Joins look at all their inputs themselves."""


def _usage_of(argument: Argument) -> str:
    from cnnspec.values import show

    if argument.default_from:
        return f"{argument.name}={argument.default_from}"
    if argument.default is REQUIRED:
        return argument.name
    if argument.default is OPTIONAL:
        return f"{argument.name}=…"
    return f"{argument.name}={show(argument.default)}"


def _with_literal(tensor: Tensor, args: Any) -> Tensor:
    """The tensor with the values that the file gives it, where their shape fits (axes of size one may be left out)."""
    given = getattr(args, tensor.name, None)
    if not isinstance(given, list):
        return tensor
    shape = literal_shape(given, tensor.name)
    wide, wanted = ([n for n in axes if n != 1] for axes in (shape, tensor.shape))
    if all(isinstance(n, int) for n in tensor.shape) and wide != wanted:
        raise Mistake(
            "E224",
            "`{tensor}` has the shape {shape}, its values have {given}",
            help="give {count} numbers as nested lists; axes of size one may be left out",
            argument=tensor.name,
            tensor=tensor.name,
            shape="x".join(map(str, tensor.shape)),
            given="x".join(map(str, shape)) or say("one number"),
            count=show_count(tensor.elements),
        )
    return tensor._replace(values=given)


def literal_shape(values: Value, name: str = "values") -> tuple[int, ...]:
    """The shape of nested lists of numbers; () of a number. Raises Mistake where rows differ or there is no number."""
    if not isinstance(values, list):
        if values is UNKNOWN or (isinstance(values, (int, float)) and not isinstance(values, bool)):
            return ()
        what = describe(values)
        raise Mistake("E224", "`{tensor}` holds {what}, not a number", tensor=name, what=what, argument=name)
    shapes = {literal_shape(item, name) for item in values}
    if len(shapes) > 1:
        raise Mistake("E224", "the rows of `{tensor}` have different lengths", tensor=name, argument=name)
    return (len(values), *(shapes.pop() if shapes else ()))
