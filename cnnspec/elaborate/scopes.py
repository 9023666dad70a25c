"""What names mean where: the scope of a file, and the frame of a block instance."""

from __future__ import annotations

from typing import Any

from cnnspec.diagnostics import Mistake
from cnnspec.network import Value as FlowValue
from cnnspec.record import Record
from cnnspec.source import Call, Source, Span, Trace
from cnnspec.syntax import tree
from cnnspec.values import UNKNOWN, Value, is_open, show_size

FIGURES = ("params", "trainable", "non_trainable", "macs", "depth", "receptive_field", "count")
"""Figures of the whole model, for `expect`."""


class BlockReference:
    """A block as a value: `bneck 72, act=my_block` means the block of the file in which it was written."""

    __slots__ = ("name", "scope")

    def __init__(self, name: str, scope: FileScope) -> None:
        self.name = name
        self.scope = scope

    def __eq__(self, other: object) -> bool:
        return isinstance(other, BlockReference) and self.name == other.name and self.scope is other.scope

    def __hash__(self) -> int:
        return hash((self.name, id(self.scope)))

    def __repr__(self) -> str:
        return self.name


class FileScope:
    """The blocks and lets of a file, and of those that it uses."""

    def __init__(self, source: Source) -> None:
        self.source = source
        self.blocks: dict[str, tuple[tree.Block, FileScope]] = {}
        self.lets: dict[str, LazyLet] = {}
        self.settings: dict[str, Value] = {}
        self.recursive: set[str] = set()
        self.complete = False  # whether its blocks, lets and uses have all been collected

    def names(self) -> list[str]:
        return [*self.lets, *self.settings]

    def defined(self, name: str) -> object:
        """The block or let of that name, whichever file it comes from; None where there is none."""
        return self.blocks.get(name) or self.lets.get(name)


class LazyLet:
    """A let at top level: seen by the whole file, evaluated where it is first needed."""

    __slots__ = ("node", "running", "scope", "value")

    PENDING = object()

    def __init__(self, node: tree.Let, scope: FileScope) -> None:
        self.node = node
        self.scope = scope
        self.value: Any = self.PENDING
        self.running = False


class LazySetting:
    """A model parameter whose value nobody has asked for yet.

    `chosen` is the setting of a variant, `given` the value from outside, if there is one.
    """

    __slots__ = ("chosen", "given", "parameter", "running")

    def __init__(self, parameter: tree.Parameter, chosen: tree.Argument | None, given: tuple[Value, ...]) -> None:
        self.parameter = parameter
        self.chosen = chosen
        self.given = given
        self.running = False


class Binding(Record):
    """A value of the flow under its name, with where and in which pass of which loop it was given."""

    value: FlowValue
    span: Span
    iteration: int


class Instance(Record):
    """What `apply` runs again: a layer with its arguments, or a block call."""

    prefix: str  # the layer's name, or the prefix of the names of the block's layers
    kind: str = ""
    given: dict[str, Value] | None = None
    block: tree.Block | None = None
    scope: FileScope | None = None
    parameters: dict[str, Value] | None = None


class Frame:
    """A block instance while its body runs, or the top level of the file."""

    __slots__ = (
        "block",
        "counters",
        "instances",
        "lets",
        "parameters",
        "prefix",
        "scope",
        "shared_prefix",
        "trace",
        "values",
    )

    def __init__(
        self,
        scope: FileScope,
        *,
        block: tree.Block | None = None,
        parameters: dict[str, Value] | None = None,
        prefix: str = "",
        trace: Trace = (),
        shared_prefix: str | None = None,
    ) -> None:
        self.scope = scope
        self.block = block
        self.parameters = parameters if parameters is not None else {}
        self.prefix = prefix
        self.trace = trace
        self.shared_prefix = shared_prefix
        self.lets: list[dict[str, Value]] = [{}]
        self.values: dict[str, Binding] = {}
        self.instances: dict[str, Instance] = {}
        self.counters: dict[str, int] = {}

    def variable(self, name: str) -> Value | None:
        """A let or parameter of the instance; None where there is none (a value is never None)."""
        for lets in reversed(self.lets):
            if name in lets:
                return lets[name]
        return self.parameters.get(name)

    def calls(self) -> tuple[str, ...]:
        return tuple(call.block for call in self.trace)

    def names(self) -> list[str]:
        return [*(name for lets in self.lets for name in lets), *self.parameters, *self.values, *self.scope.names()]


def entering(frame: Frame, block: str, row: int) -> Trace:
    """The trace inside a block that is called at a row of the frame's file."""
    return (Call(block, row, frame.scope.source), *frame.trace)


def figure(name: str, value: FlowValue | None, span: Span) -> Any:
    """`channels`, `height` … of the arriving value, or None where the name is no such figure."""
    axes = FLOW_FIGURES.get(name)
    if axes is None:
        return None
    if value is None:
        raise Mistake(
            "E410",
            "`{name}` has no meaning here: no value arrives",
            help="put `input` before it",
            span=span,
            name=name,
        )
    size = value.size
    if is_open(size):
        return UNKNOWN
    position = axes.get(len(size))
    if position is None:
        raise Mistake(
            "E410",
            "a value of size {size} has no `{name}`",
            help="it has {names}",
            span=span,
            size=show_size(size),
            name=name,
            names=", ".join(f"`{known}`" for known, places in FLOW_FIGURES.items() if len(size) in places),
        )
    return size[position]


# figure -> {number of axes: position in the size}
FLOW_FIGURES: dict[str, dict[int, int]] = {
    "channels": {1: 0, 2: 1, 3: 2, 4: 3},
    "height": {3: 0, 4: 1},
    "width": {3: 1, 4: 2},
    "frames": {4: 0},
    "length": {2: 0},
    "features": {1: 0},
}
