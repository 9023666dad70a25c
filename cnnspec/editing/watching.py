"""A walk that remembers what every statement and step does to the flow, each time that it runs."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import cached_property
from typing import Any, NamedTuple

from cnnspec.elaborate import Elaboration
from cnnspec.elaborate.program import Program
from cnnspec.elaborate.uses import Uses
from cnnspec.network import Layer
from cnnspec.network import Value as FlowValue
from cnnspec.sizes import total
from cnnspec.source import Source, Span, Trace
from cnnspec.syntax import tree
from cnnspec.values import UNKNOWN, Dim, Size, known

KEPT = 200  # block instances of which a statement remembers its run


class Visit(NamedTuple):
    """One run of a statement or step: what arrived, what it yielded, the layers that it added."""

    arriving: FlowValue | None
    result: FlowValue | None
    layers: Sequence[Layer]
    params: Dim
    trace: Trace
    round: int  # of the innermost loop around it in its block; 0 outside of loops
    doubtful: bool

    @property
    def size(self) -> Size | Any:
        return UNKNOWN if self.result is None else self.result.size

    @property
    def macs(self) -> Dim:
        return total(layer.macs for layer in self.layers)

    @property
    def sound(self) -> bool:
        """Whether the size is known, and no guess."""
        return not self.doubtful and known(self.size)


class Visits:
    """The runs of one statement or step: of each block instance the last, which in a loop is the last round."""

    __slots__ = ("alike", "by_instance", "filename", "last", "node")

    def __init__(self, node: tree.Flow | tree.Step, filename: str) -> None:
        self.node = node
        self.filename = filename
        self.by_instance: dict[str, Visit] = {}
        self.last: Visit | None = None
        self.alike = True  # whether every run had the same size and count, in all rounds too

    def add(self, instance: str, visit: Visit) -> None:
        last = self.last
        if last is not None and self.alike and (last.params != visit.params or last.size != visit.size):
            self.alike = False
        self.last = visit
        if instance in self.by_instance or len(self.by_instance) < KEPT:
            self.by_instance[instance] = visit

    def __iter__(self) -> Iterator[Visit]:
        return iter(self.by_instance.values())


class Seen:
    """What a walk has seen: the visits of each statement and step."""

    def __init__(self) -> None:
        self.visits: dict[int, Visits] = {}  # by the identity of the node, which costs the walk least

    @cached_property
    def _by_place(self) -> dict[tuple[bool, str, Span], Visits]:
        return {(isinstance(v.node, tree.Flow), v.filename, v.node.span): v for v in self.visits.values()}

    def flow(self, source: Source, span: Span) -> Visits | None:
        """The runs of the statement of that place, once the walk is over."""
        return self._by_place.get((True, source.filename, span))

    def step(self, source: Source, span: Span) -> Visits | None:
        """The runs of the step of that place, once the walk is over."""
        return self._by_place.get((False, source.filename, span))


class Watched(Program):
    """A walk that keeps an account in `seen`."""

    seen: Seen
    uncalled = False
    visit: Visit | None = None  # the latest

    def run(self, body: tree.Body) -> None:
        for statement in body:
            if type(statement) is not tree.Flow:
                super().run((statement,))
                continue
            arriving, first = self.flow, len(self.layers)
            self.charge(1)
            self.flow_statement(statement)
            alone = len(statement.steps) == 1 and statement.annotation is None
            self._note(statement, self.visit if alone else self._visit(arriving, first))

    def step(self, step: tree.Step) -> None:
        arriving, first = self.flow, len(self.layers)
        super().step(step)
        self.visit = self._visit(arriving, first)
        self._note(step, self.visit)

    def _rehearse_uncalled(self) -> None:
        self.uncalled = True  # nothing is known inside
        super()._rehearse_uncalled()

    def _visit(self, arriving: FlowValue | None, first: int) -> Visit:
        flow = self.flow
        added = self.layers[first:]
        params = added[0].params if len(added) == 1 else total([layer.params for layer in added])
        number = self.rounds[-1] if self.rounds and self.iteration else 0
        doubtful = bool(self.doubtful) and flow in self.doubtful
        return Visit(arriving, flow, added, params, self.frame.trace, number, doubtful)

    def _note(self, node: tree.Flow | tree.Step, visit: Visit | None) -> None:
        if visit is None or self.uncalled:
            return
        visits = self.seen.visits.get(id(node))
        if visits is None:
            visits = self.seen.visits[id(node)] = Visits(node, self.frame.scope.source.filename)
        visits.add(self.frame.prefix, visit)


class OpenFiles(Uses):
    """Used files as they stand in the editor, where they are open there."""

    def __init__(self, root: str | None, texts: Mapping[str, str]) -> None:
        super().__init__(root)
        self.texts = texts

    def read(self, path: str) -> Source:
        text = self.texts.get(path)
        return super().read(path) if text is None else Source(text, path)

    @property
    def paths(self) -> tuple[str, ...]:
        """The files that were used, by their real paths."""
        return tuple(self._scopes)


class Watching(Elaboration):
    """An elaboration whose run over the file as it stands, or over a variant by name, is watched."""

    uses: OpenFiles

    def watch(self, texts: Mapping[str, str], variant: str | None) -> None:
        self.uses = OpenFiles(self.uses.root, texts)
        self.watched = variant
        self.seen = Seen()
        self.program: Program | None = None

    def _program(self, variant: tree.Variant | None) -> Program:
        if (variant.name if variant else None) != self.watched or self.program is not None:
            return super()._program(variant)
        program = Watched(self.source, self.file, self.uses, self.settings, variant)
        program.seen = self.seen
        self.program = program
        return program
