"""The walk over the syntax tree: runs the file over sizes instead of images.

Blocks and loops are expanded and every size is inferred in the same pass. Where something is wrong, a Diagnostic is
reported and the walk goes on with what is still known, so that all errors of a file appear in one run and none that
only follows from another.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any, TypeAlias

from cnnspec import layers
from cnnspec.diagnostics import Diagnostic, Label, Mistake
from cnnspec.elaborate import building, calls, constructs
from cnnspec.elaborate.checks import believe, check_annotation
from cnnspec.elaborate.expressions import Evaluator
from cnnspec.elaborate.letters import is_letter, letter_value, no_letter
from cnnspec.elaborate.limits import INNER, MAX_DEPTH, MAX_DIAGNOSTICS, MAX_STEPS, TOP, Enough, TooLarge
from cnnspec.elaborate.parameters import value_of
from cnnspec.elaborate.scopes import (
    FIGURES,
    FLOW_FIGURES,
    Binding,
    BlockReference,
    FileScope,
    Frame,
    LazySetting,
    figure,
)
from cnnspec.elaborate.tours import aliases
from cnnspec.language import number, say
from cnnspec.layers._kind import Kind, Operation
from cnnspec.network import Input, Layer
from cnnspec.network import Value as FlowValue
from cnnspec.source import Source, Span
from cnnspec.suggest import did_you_mean
from cnnspec.syntax import tree
from cnnspec.values import UNKNOWN, Size, Symbolic, Value, Word, describe, show_count

NAMING = ("E201", "E208", "E227", "E406", "E410")  # what a line with a syntax error might have named
TRUTHS = {"True": "true", "False": "false", "vrai": "true", "faux": "false", "oui": "true", "non": "false"}


Watch: TypeAlias = Callable[[tree.Flow, Source, "FlowValue | None", "FlowValue | None", list[Layer]], None]
"""Is told of each run of a statement: the statement, its file, what arrived, what it yielded, the layers in it."""


class Walker(Evaluator):
    """The state of one walk: the frame it is in, the value that flows, and what has been built."""

    def __init__(self, scope: FileScope) -> None:
        self.frame = Frame(scope)
        self.source = scope.source
        self.flow: FlowValue | None = None
        self.diagnostics: list[Diagnostic] = []
        self.layers: list[Layer] = []
        self.names: dict[str, Layer | None] = {}
        self.inputs: dict[str, Input] = {}
        self.called: set[int] = set()
        self.broken_words: set[str] = set()
        self.letters: dict[str, Value] = {}  # of the inputs' sizes; None for one that stands for any size
        self.variant: tree.Variant | None = None  # which of the file's it is
        self.place = TOP
        self.names_missing = False  # a file that could not be used might have defined any name
        self.doubtful: set[FlowValue] = set()  # values whose size an error or a blank has made a guess
        self.rounds: list[int] = []  # which round of each loop around the current place it is
        self._aliases: dict[int, set[str]] = {}
        self._reported: set[tuple[str, str, Span]] = set()
        self._steps = 0
        self.allowance = MAX_STEPS  # less, where the other variants of the file have left less
        self._depth = 0
        self.iteration = 0
        self.iterations = 0
        self.frozen = False
        self.branches: list[tuple[FlowValue, Span]] | None = None
        self.constant_calls: dict[int, tuple[Kind, dict[str, Value]]] = {}
        self.operations: dict[Any, Operation] = {}
        self.running: tuple[tree.Block, ...] = ()
        self.current: tree.Step | tree.Statement | None = None
        self.most_diagnostics = MAX_DIAGNOSTICS
        self.unsaid: tuple[str, ...] = ()  # codes that are not reported
        self.watch: Watch | None = None
        self.carried: Mapping[Span, Size] = {}  # of statements of this file: the size with which the flow goes on

    # --- reports and limits ------------------------------------------------------------------------------------------

    def report(self, mistake: Mistake, span: Span, labels: tuple[Label, ...] = ()) -> None:
        """Turns a mistake into a diagnostic; one that a loop or a second call meets again is not repeated."""
        self.charge(20)
        diagnostic = mistake.at(self.frame.scope.source, span, labels)
        key = (diagnostic.code, diagnostic.source.filename, diagnostic.span)
        if mistake.code in NAMING and (self.names_missing or mistake.values.get("name") in self.broken_words):
            return
        if key in self._reported or mistake.code in self.unsaid:
            return
        self._reported.add(key)
        diagnostic.calls = self.frame.trace
        diagnostic.trace = tuple(call.said(diagnostic.source) for call in self.frame.trace)
        self.diagnostics.append(diagnostic)
        if len(self.diagnostics) >= self.most_diagnostics:
            raise Enough

    def charge(self, steps: int) -> None:
        self._steps += steps
        if self._steps > self.allowance:
            raise self.too_large()

    def too_large(self) -> TooLarge:
        return TooLarge(
            Mistake(
                "E219",
                "the file expands to more than {limit} steps",
                help="repeat less often",
                limit=number(MAX_STEPS),
            ),
            self.frame,
        )

    def expect_room(self, times: int, body: tree.Body) -> None:
        """Refuses a loop at once that cannot end within the limit."""
        steps = self._steps + times * max(1, len(body))
        if self.allowance < steps <= MAX_STEPS:
            raise self.too_large()
        if steps > MAX_STEPS:
            raise TooLarge(
                Mistake(
                    "E219",
                    "{times} rounds of this loop are more than the limit of {limit} steps",
                    help="repeat less often",
                    times=show_count(times),
                    limit=number(MAX_STEPS),
                ),
                self.frame,
            )

    @contextmanager
    def deeper(self, span: Span) -> Iterator[None]:
        if self._depth >= MAX_DEPTH:
            raise TooLarge(
                Mistake("E103", "blocks and braces are nested deeper than {limit}", span=span, limit=MAX_DEPTH),
                self.frame,
            )
        self._depth += 1
        place, self.place = self.place, INNER
        try:
            yield
        finally:
            self._depth -= 1
            self.place = place

    def attempt(self, node: tree.Expression) -> Value:
        """The value of an expression; UNKNOWN, and a report, where it has none."""
        try:
            return self.evaluate(node)
        except Mistake as mistake:
            self.report(mistake, node.span)
            return UNKNOWN

    # --- names -------------------------------------------------------------------------------------------------------

    def lookup(self, name: str, span: Span) -> Value:
        value = self.variable(name)
        if value is not None:
            return value
        binding = self.frame.values.get(name)
        if binding is not None:
            return binding.value
        if is_letter(name):
            return self.letter(name, span)
        if name in FLOW_FIGURES:
            return figure(name, self.flow, span)
        if name in self.frame.scope.blocks:
            return BlockReference(name, self.frame.scope)
        return Word(name)

    def letter(self, name: str, span: Span) -> Value:
        """The size that a letter of an input stands for, or the number that it was set to."""
        if name not in self.letters or name == "N":
            raise no_letter(name, span, sorted(self.letters))
        value = self.letters[name]
        if not isinstance(value, Symbolic):
            value = self.letters[name] = letter_value(self, name, value, span)
        return value

    def variable(self, name: str) -> Value | None:
        """A let or parameter, of the instance or the file; None where there is none."""
        value = self.frame.variable(name)
        if value is not None:
            return value
        scope = self.frame.scope
        if name in scope.lets:
            return self.file_let(scope, name, scope.lets[name].node.name_span)
        value = scope.settings.get(name)
        return value_of(self, scope, value) if isinstance(value, LazySetting) else value

    def file_let(self, scope: FileScope, name: str, span: Span) -> Value:
        """The value of a let at top level, evaluated in its own file the first time."""
        let = scope.lets[name]
        if let.value is not let.PENDING:
            return let.value
        if let.running:
            raise Mistake("E208", "`{name}` is defined by itself", span=let.node.span, name=name)
        let.running = True
        frame, flow = self.frame, self.flow
        self._depth += 1
        if self._depth > MAX_DEPTH:
            limit = Mistake("E103", "lets depend on each other deeper than {limit}", span=span, limit=MAX_DEPTH)
            raise TooLarge(limit, frame)
        home = frame.scope is let.scope and frame.block is None
        if not home:
            self.frame, self.flow = Frame(let.scope), None
        try:
            let.value = self.attempt(let.node.value)
        finally:
            self.frame, self.flow = frame, flow
            let.running = False
            self._depth -= 1
        return let.value

    def undefined(self, name: str, span: Span | None) -> Mistake:
        known = [*self.frame.names(), *FLOW_FIGURES]
        remedy = did_you_mean(name, known)
        if name in TRUTHS:
            remedy = say("write `{right}`", right=TRUTHS[name])
        elif "x" in name and all(name.split("x")):
            remedy = say("write a size with names in brackets: `[{parts}]`", parts=", ".join(name.split("x")))
        elif not remedy and layers.find(name):
            remedy = say("this is a layer kind; arithmetic needs numbers")
        return Mistake("E208", "`{name}` is not defined", help="{remedy}", span=span, name=name, remedy=remedy)

    def value_named(self, name: str, span: Span) -> FlowValue:
        """The value of the flow under a name, for `from` and the joins. Raises Mistake."""
        value = self.frame.variable(name)
        if value is UNKNOWN:
            return building.open_value(self, (), UNKNOWN)
        if isinstance(value, (Input, Layer)):
            return value
        binding = self.frame.values.get(name)
        if binding is not None:
            return binding.value
        if value is not None:
            raise Mistake(
                "E206", "`{name}` is {what}, not a value of the flow", span=span, name=name, what=describe(value)
            )
        if name in self.names_given_later():
            raise Mistake(
                "E406",
                "`{name}` is used before it is given",
                help="move the line below `as {name}`",
                span=span,
                name=name,
            )
        remedy = did_you_mean(name, self.frame.values) or say("give the value a name: `… as {name}`", name=name)
        raise Mistake("E208", "`{name}` is not defined", help="{remedy}", span=span, name=name, remedy=remedy)

    def names_given_later(self) -> set[str]:
        """Every name that the body of the instance gives anywhere."""
        body = self.frame.block.body if self.frame.block else self.body
        if id(body) not in self._aliases:
            self._aliases[id(body)] = set(aliases(body))
        return self._aliases[id(body)]

    body: tree.Body = ()

    # --- building ----------------------------------------------------------------------------------------------------

    def run(self, body: tree.Body) -> None:
        """Runs the statements of a body in the current frame and scope."""
        for statement in body:
            self.charge(1)
            handler = STATEMENTS.get(type(statement))
            if handler is None:
                self.top_level(statement)
            else:
                handler(self, statement)

    def top_level(self, statement: tree.Statement) -> None:
        """A statement that belongs to the file. The walk of the file overrides this."""
        raise NotImplementedError

    def run_inner(self, body: tree.Body, span: Span, lets: dict[str, Value] | None = None) -> None:
        """Runs the body of a construct with braces: lets inside end with it."""
        with self.deeper(span):
            self.frame.lets.append({} if lets is None else lets)
            try:
                self.run(body)
            finally:
                self.frame.lets.pop()

    def flow_statement(self, node: tree.Flow) -> None:
        arriving, first = self.flow, len(self.layers)
        for step in node.steps:
            self.step(step)
        if node.annotation is not None:
            self.check_annotation(node, arriving, first)
        if self.watch is not None:
            self.watch(node, self.frame.scope.source, arriving, self.flow, self.layers[first:])
        if node.span in self.carried and self.frame.scope.source is self.source and self.flow is not None:
            result = self.flow
            believe(self, result, self.carried[node.span])
            for name, binding in self.frame.values.items():  # the names that it has got go on with it
                if binding.value is result:
                    self.frame.values[name] = binding._replace(value=self.flow)

    def check_annotation(self, node: tree.Flow, arriving: FlowValue | None, first: int) -> None:

        check_annotation(self, node, arriving, first)

    def step(self, step: tree.Step) -> None:
        self.charge(1)
        self.current = step
        if self.flow is None and not isinstance(step, tree.Broken):
            self.no_value(step.span)
        STEPS[type(step)](self, step)
        if step.alias is not None and not isinstance(step, tree.Branch):  # a branch names its own value
            assert self.flow is not None
            assert step.alias_span is not None
            self.name_value(step.alias, step.alias_span, self.flow)

    def no_value(self, span: Span) -> None:
        self.report(
            Mistake(
                "E401",
                "no value arrives here: the file has no `input` before this line",
                help="begin with the size of the input, for example `input 28x28x1`",
            ),
            span,
        )
        building.lose(self)

    def name_value(self, name: str, span: Span, value: FlowValue) -> None:
        """`as NAME`: refused where the same straight flow, a parameter or a let has the name already."""
        frame = self.frame
        before = frame.values.get(name)
        taken = frame.variable(name) is not None or (frame.block is None and name in frame.scope.names())
        if taken or (before is not None and before.iteration == self.iteration and before.span != span):
            labels = (Label(frame.scope.source, before.span, say("given here first")),) if before else ()
            self.report(given_twice(name), span, labels)
        if name in FIGURES and frame.block is None:
            self.report(reserved(name), span)
        frame.values[name] = Binding(value, span, self.iteration)

    def let(self, node: tree.Let) -> None:
        if self.place == TOP and self.frame.block is None:
            known = self.frame.scope.lets.get(node.name)
            if known is not None and known.node is node:
                self.file_let(self.frame.scope, node.name, node.name_span)
            else:  # the name was taken: only its mistakes matter
                self.attempt(node.value)
            return
        scope = self.frame.lets[-1]
        if node.name in scope or (node.name in self.frame.values and len(self.frame.lets) == 1):
            self.report(given_twice(node.name), node.name_span)
        scope[node.name] = self.attempt(node.value)

    # --- steps -------------------------------------------------------------------------------------------------------


def given_twice(name: str) -> Mistake:
    return Mistake("E209", "the name `{name}` is given twice", help="choose another name", name=name)


def reserved(name: str) -> Mistake:
    return Mistake(
        "E217",
        "`{name}` is a figure of the model and cannot be a name here",
        help="choose another name, for example `{name}_`",
        name=name,
    )


STATEMENTS: dict[type, Callable[[Any, Any], None]] = {tree.Flow: Walker.flow_statement, tree.Let: Walker.let}
STEPS: dict[type, Callable[[Any, Any], None]] = {
    tree.Layer: calls.layer,
    tree.Apply: calls.apply,
    tree.Join: constructs.join_step,
    tree.Residual: constructs.residual,
    tree.Branch: constructs.branch,
    tree.Repeat: constructs.repeat,
    tree.For: constructs.for_step,
    tree.If: constructs.if_step,
    tree.Frozen: constructs.frozen,
    tree.From: constructs.from_step,
    tree.Hole: lambda walker, _: building.lose(walker),
    tree.Broken: lambda walker, _: building.lose(walker),
}
