"""The walk over the syntax tree: runs the file over sizes instead of images.

Blocks and loops are expanded and every size is inferred in the same pass. Where something is wrong, a Diagnostic is
reported and the walk goes on with what is still known, so that all errors of a file appear in one run and none that
only follows from another.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from cnnspec import layers
from cnnspec.diagnostics import Diagnostic, Label, Mistake
from cnnspec.elaborate.binding import bind, slots_of, slots_of_block
from cnnspec.elaborate.expressions import Evaluator, symbolic
from cnnspec.elaborate.scopes import Binding, BlockReference, FileScope, Frame, Instance, entering, figure
from cnnspec.layers._kind import JoinKind, Kind, Operation
from cnnspec.layers._open import OPEN
from cnnspec.network import Input, Layer
from cnnspec.network import Value as FlowValue
from cnnspec.source import Span
from cnnspec.suggest import did_you_mean
from cnnspec.syntax import tree
from cnnspec.values import UNKNOWN, Size, Value, Word, as_whole, describe, show, show_size

MAX_STEPS = 600_000
MAX_LAYERS = 200_000
MAX_DEPTH = 60
MAX_DIAGNOSTICS = 200

NAMING = ("E201", "E208", "E406", "E410")  # what a line with a syntax error might have named

TOP, TOP_IF, INNER = range(3)  # where a statement stands: at top level, in an `if` there, anywhere else


class TooLarge(Exception):  # noqa: N818  (carries a Mistake that ends the walk)
    def __init__(self, mistake: Mistake) -> None:
        super().__init__(mistake)
        self.mistake = mistake


class Walker(Evaluator):
    """The state of one walk: the frame it is in, the value that flows, and what has been built."""

    def __init__(self, scope: FileScope) -> None:
        self.frame = Frame(scope)
        self.flow: FlowValue | None = None
        self.diagnostics: list[Diagnostic] = []
        self.layers: list[Layer] = []
        self.names: dict[str, Layer | None] = {}
        self.inputs: dict[str, Input] = {}
        self.called: set[int] = set()
        self.broken_words: set[str] = set()
        self.place = TOP
        self._reported: set[tuple[str, str, Span]] = set()
        self._steps = 0
        self._depth = 0
        self._iteration = 0
        self._iterations = 0
        self._frozen = False
        self._branches: list[tuple[FlowValue, Span]] | None = None
        self._static: dict[int, tuple[Kind, dict[str, Value]]] = {}
        self._operations: dict[Any, Operation] = {}
        self.current: tree.Step | tree.Statement | None = None

    # --- reports and limits ------------------------------------------------------------------------------------------

    def report(self, mistake: Mistake, span: Span, labels: tuple[Label, ...] = ()) -> None:
        """Turns a mistake into a diagnostic; one that a loop or a second call meets again is not repeated."""
        diagnostic = mistake.at(self.frame.scope.source, span, labels)
        key = (diagnostic.code, diagnostic.source.filename, diagnostic.span)
        if mistake.code in NAMING and mistake.values.get("name") in self.broken_words:
            return
        if key in self._reported or len(self.diagnostics) >= MAX_DIAGNOSTICS:
            return
        self._reported.add(key)
        diagnostic.trace = tuple(self._trace_lines())
        self.diagnostics.append(diagnostic)

    def _trace_lines(self) -> Iterator[str]:
        for call in self.frame.trace:
            elsewhere = "" if call.source is self.frame.scope.source else f" of {call.source.filename}"
            yield f"in `{call.block}`, called at line {call.row}{elsewhere}"

    def charge(self, steps: int) -> None:
        self._steps += steps
        if self._steps > MAX_STEPS:
            raise TooLarge(
                Mistake(
                    "E219",
                    "the file expands to more than {limit} steps",
                    help="repeat less often",
                    limit=f"{MAX_STEPS:,}",
                )
            )

    def _expect_room(self, times: int, body: tree.Body) -> None:
        """Refuses a loop at once that cannot end within the limit."""
        if self._steps + times * max(1, len(body)) > MAX_STEPS:
            raise TooLarge(
                Mistake(
                    "E219",
                    "{times} rounds of this loop are more than the limit of {limit} steps",
                    help="repeat less often",
                    times=show(times),
                    limit=f"{MAX_STEPS:,}",
                )
            )

    @contextmanager
    def _deeper(self, span: Span) -> Iterator[None]:
        if self._depth >= MAX_DEPTH:
            raise TooLarge(
                Mistake("E103", "blocks and braces are nested deeper than {limit}", span=span, limit=MAX_DEPTH)
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
        if len(name) == 1 and name.isupper():
            raise symbolic(span)
        if self._is_flow_figure(name):
            return figure(name, self.flow, span)
        if name in self.frame.scope.blocks:
            return BlockReference(name, self.frame.scope)
        return Word(name)

    @staticmethod
    def _is_flow_figure(name: str) -> bool:
        return name in ("channels", "height", "width", "frames", "length", "features")

    def variable(self, name: str) -> Value | None:
        """A let or parameter, of the instance or the file; None where there is none."""
        value = self.frame.variable(name)
        if value is not None:
            return value
        scope = self.frame.scope
        if name in scope.lets:
            return self.file_let(scope, name)
        return scope.settings.get(name)

    def file_let(self, scope: FileScope, name: str) -> Value:
        """The value of a let at top level, evaluated in its own file the first time."""
        let = scope.lets[name]
        if let.value is not let.PENDING:
            return let.value
        if let.running:
            raise Mistake("E208", "`{name}` is defined by itself", span=let.node.span, name=name)
        let.running = True
        frame, flow = self.frame, self.flow
        home = frame.scope is let.scope and frame.block is None
        if not home:
            self.frame, self.flow = Frame(let.scope), None
        try:
            let.value = self.attempt(let.node.value)
        finally:
            self.frame, self.flow = frame, flow
            let.running = False
        return let.value

    def undefined(self, name: str, span: Span | None) -> Mistake:
        known = self.frame.names()
        remedy = did_you_mean(name, known)
        if name in ("True", "False"):
            remedy = f"write `{name.lower()}`"
        elif "x" in name and all(name.split("x")):
            remedy = f"write a size with names in brackets: `[{', '.join(name.split('x'))}]`"
        elif not remedy and layers.find(name):
            remedy = "this is a layer kind; arithmetic needs numbers"
        return Mistake("E208", "`{name}` is not defined", help="{remedy}", span=span, name=name, remedy=remedy)

    def value_named(self, name: str, span: Span) -> FlowValue:
        """The value of the flow under a name, for `from` and the joins. Raises Mistake."""
        value = self.frame.variable(name)
        if value is UNKNOWN:
            return self.open_value((), UNKNOWN)
        if isinstance(value, (Input, Layer)):
            return value
        binding = self.frame.values.get(name)
        if binding is not None:
            return binding.value
        if value is not None:
            raise Mistake("E206", "`{name}` is {what}, not a value of the flow", span=span, name=name, what=describe(value))
        if name in self._names_given_later():
            raise Mistake(
                "E406", "`{name}` is used before it is given", help="move the line below `as {name}`", span=span, name=name
            )
        remedy = did_you_mean(name, self.frame.values) or "give the value a name: `… as {name}`"
        raise Mistake("E208", "`{name}` is not defined", help=remedy, span=span, name=name)

    def _names_given_later(self) -> set[str]:
        body = self.frame.block.body if self.frame.block else self.body
        return set(aliases(body))

    body: tree.Body = ()

    # --- building ----------------------------------------------------------------------------------------------------

    def open_value(self, inputs: tuple[FlowValue, ...], size: Size | Any) -> Layer:
        """A value of which at most the size is known."""
        operation = OPEN.of_size(tuple(value.size for value in inputs), size)
        span = inputs[0].span if inputs else Span(0, 0)
        return Layer("?", operation, inputs, self.frame.scope.source, span)

    def lose(self) -> None:
        """From here on nothing is known of the flow (until an annotation says a size)."""
        self.flow = self.open_value(() if self.flow is None else (self.flow,), UNKNOWN)
        self.layers.append(self.flow)

    def name_layer(self, base: str, alias: str | None) -> str:
        """A new layer's or block instance's name: kind and number within the scope, or its alias."""
        frame = self.frame
        number = frame.counters.get(base, 0) + 1
        frame.counters[base] = number
        if alias is None:
            name = f"{frame.prefix}{base}{number}"
            while name in self.names:
                number += 1
                name = f"{frame.prefix}{base}{number}"
        else:
            name = first = frame.prefix + alias
            number = frame.counters.get(first, 1)
            while name in self.names:
                number += 1
                name = f"{first}_{number}"
            frame.counters[first] = number
        self.names[name] = None
        return name

    def add_layer(
        self,
        operation: Operation,
        inputs: tuple[FlowValue, ...],
        span: Span,
        alias: str | None,
        shares: str | None = None,
    ) -> Layer:
        """Appends a layer with its name and, in a repeated (`apply`) run, the layer whose weights it uses."""
        if len(self.layers) >= MAX_LAYERS:
            raise TooLarge(Mistake("E219", "the network has more than {limit} layers", limit=f"{MAX_LAYERS:,}"))
        frame = self.frame
        name = self.name_layer(operation.kind.name, alias)
        if shares is None and frame.shared_prefix is not None:
            shares = frame.shared_prefix + name[len(frame.prefix) :]
        original = self._shared(shares, operation, span) if shares is not None and operation.tensors else None
        layer = Layer(
            name, operation, inputs, frame.scope.source, span, frozen=self._frozen, shares=original, trace=frame.trace
        )
        self.layers.append(layer)
        self.names[name] = layer
        self.flow = layer
        return layer

    def _shared(self, name: str, operation: Operation, span: Span) -> Layer | None:
        original = self.names.get(name)
        tensors = [(t.name, t.shape) for t in operation.tensors]
        if original is not None and tensors == [(t.name, t.shape) for t in original.operation.tensors]:
            return original.shares or original
        mistake = Mistake(
            "E408",
            "the weights of `{name}` do not fit here",
            notes=() if original is None else ("{had}", "{wanted}"),
            help="apply it to a value of the same number of channels, or call the block anew",
            name=name,
            had=f"there: {_shapes(original.operation)}" if original else "",
            wanted=f"here: {_shapes(operation)}",
        )
        self.report(mistake, span)
        return None

    def operate(
        self, kind: Kind, given: dict[str, Value], inputs: tuple[FlowValue, ...], node: tree.Layer | None, span: Span
    ) -> Operation:
        """The kind on these inputs; after a mistake, an open operation of the size that is still clear."""
        sizes = tuple(value.size for value in inputs)
        if any(size is UNKNOWN for size in sizes) or any(getattr(v, "size", 0) is UNKNOWN for v in given.values()):
            return OPEN.of_size(sizes, UNKNOWN)
        key = (kind.name, tuple((name, type(value), _hashable(value)) for name, value in given.items()), sizes)
        operation = self._operations.get(key)
        if operation is not None:
            return operation
        try:
            self._check_elements(kind, inputs)
            operation = self._operations[key] = kind.operation(given, sizes)
        except Mistake as mistake:
            at = self._argument_span(node, kind, mistake.argument) or span
            self.report(self._reworded(mistake, given), at, self._arrivals(inputs, mistake, span))
            return OPEN.of_size(sizes, self._guess(kind, given, sizes))
        return operation

    def _reworded(self, mistake: Mistake, given: dict[str, Value]) -> Mistake:
        """A bare word where a number is wanted is most likely a name with a slip in it."""
        value = given.get(mistake.argument)
        if mistake.code == "E206" and isinstance(value, Word) and not layers.find(value):
            return self.undefined(value, mistake.span)
        return mistake

    @staticmethod
    def _guess(kind: Kind, given: dict[str, Value], sizes: tuple[Size, ...]) -> Size | Any:
        if isinstance(kind, JoinKind):
            return sizes[0]
        size = kind.guess(given, sizes[0])
        return UNKNOWN if size is None else size

    @staticmethod
    def _check_elements(kind: Kind, inputs: tuple[FlowValue, ...]) -> None:
        integer = any(isinstance(value, Input) and value.integer for value in inputs)
        if integer and not kind.integers:
            raise Mistake(
                "E313",
                "`{kind}` computes with numbers, here arrive integers that stand for words",
                help="put `embedding` before it, or leave `integer` out of the input",
                kind=kind.name,
            )
        if kind.integers and not integer and isinstance(inputs[0], Input | Layer) and inputs[0].size is not UNKNOWN:
            raise Mistake(
                "E313",
                "`{kind}` takes integers, here arrive numbers",
                help="declare the input as integers: `input 56, integer`",
                kind=kind.name,
            )

    @staticmethod
    def _argument_span(node: tree.Layer | None, kind: Kind, name: str) -> Span | None:
        """The written argument of that name, positional or not."""
        if node is None or not name:
            return None
        positional = [a.name for a in kind.arguments if not a.keyword_only]
        for index, argument in enumerate(node.arguments):
            if argument.name is None:
                written = positional[index] if index < len(positional) else ""
            else:
                found = kind.argument("p" if argument.name == "padding" else argument.name)
                written = found.name if found else ""
            if written == name:
                return argument.span
        return None

    def _arrivals(self, inputs: tuple[FlowValue, ...], mistake: Mistake, span: Span) -> tuple[Label, ...]:
        """Says under the lines before what arrives, where sizes are the matter."""
        if not mistake.code.startswith("E3"):
            return ()
        labels = []
        for value in dict.fromkeys(inputs):
            if value.source is self.frame.scope.source and value.span != span and value.span.end > 0:
                labels.append(Label(value.source, value.span, f"gives {show_size(value.size)}"))
        return tuple(labels)

    # --- statements --------------------------------------------------------------------------------------------------

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
        with self._deeper(span):
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

    def check_annotation(self, node: tree.Flow, arriving: FlowValue | None, first: int) -> None:
        from cnnspec.elaborate.checks import check_annotation

        check_annotation(self, node, arriving, first)

    def step(self, step: tree.Step) -> None:
        self.charge(1)
        self.current = step
        if self.flow is None and not isinstance(step, tree.Broken):
            self.no_value(step.span)
        STEPS[type(step)](self, step)
        if step.alias is not None:
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
        self.lose()

    def name_value(self, name: str, span: Span, value: FlowValue) -> None:
        """`as NAME`: refused where the same straight flow, a parameter or a let has the name already."""
        frame = self.frame
        before = frame.values.get(name)
        taken = frame.variable(name) is not None or (frame.block is None and name in frame.scope.names())
        if taken or (before is not None and before.iteration == self._iteration and before.span != span):
            labels = (Label(frame.scope.source, before.span, "given here first"),) if before else ()
            self.report(
                Mistake("E209", "the name `{name}` is given twice", help="choose another name", name=name), span, labels
            )
        frame.values[name] = Binding(value, span, self._iteration)

    def let(self, node: tree.Let) -> None:
        if self.place == TOP and self.frame.block is None:
            self.file_let(self.frame.scope, node.name)
            return
        scope = self.frame.lets[-1]
        if node.name in scope or (node.name in self.frame.values and len(self.frame.lets) == 1):
            self.report(
                Mistake("E209", "the name `{name}` is given twice", help="choose another name", name=node.name),
                node.name_span,
            )
        scope[node.name] = self.attempt(node.value)

    # --- steps -------------------------------------------------------------------------------------------------------

    def layer(self, node: tree.Layer) -> None:
        known = self._static.get(id(node))
        if known is not None:
            self.kind_step(node, *known)
            return
        callee = self._callee(node)
        if callee is None:
            self._discard(node)
        elif isinstance(callee, Kind):
            self.kind_step(node, callee, None)
        else:
            self.block_step(node, callee)

    def _discard(self, node: tree.Layer) -> None:
        """A layer that is not understood: its arguments are not looked at, its output is open."""
        self.lose()

    def _callee(self, node: tree.Layer | tree.Join) -> Kind | BlockReference | None:
        """What the first word of a step stands for; None (reported or open) where that is not clear."""
        name: Any = node.kind
        scope = self.frame.scope
        value = self.variable(name)
        if value is not None:
            if isinstance(value, BlockReference):
                return value
            if not isinstance(value, Word):
                if value is not UNKNOWN:
                    self.report(
                        Mistake(
                            "E206", "`{name}` is {what}, not a layer kind or block", name=name, what=describe(value)
                        ),
                        node.kind_span,
                    )
                return None
            name = str(value)
        if name in scope.blocks:
            return BlockReference(name, scope)
        kind = layers.find(name)
        if kind is None:
            self.report(self._unknown_kind(name), node.kind_span)
        return kind

    def _unknown_kind(self, name: str) -> Mistake:
        from cnnspec.elaborate.foreign import FOREIGN_KINDS

        here = FOREIGN_KINDS.get(name)
        known = [*layers.names(), *self.frame.scope.blocks]
        remedy = f"write `{here}`" if here else did_you_mean(name, known)
        if name in self.frame.values:
            remedy = f"to continue from the value `{name}`, write `from {name}`"
        return Mistake(
            "E201",
            "there is no layer kind or block `{name}`",
            help="{remedy}",
            name=name,
            remedy=remedy or "`cnnspec layers` lists the kinds",
        )

    def kind_step(self, node: tree.Layer, kind: Kind, given: dict[str, Value] | None) -> None:
        assert self.flow is not None
        if isinstance(kind, JoinKind):
            self._join_names(node, kind)
            return
        if given is None:
            given = self.arguments(node, kind)
            if given is None:
                self._after_bad_arguments(kind, node)
                return
        inputs = (self.flow,)
        operation = self.operate(kind, given, inputs, node, node.span)
        layer = self.add_layer(operation, inputs, node.span, node.alias)
        if node.alias is not None:
            self.frame.instances[node.alias] = Instance(layer.name, kind.name, given)

    def _after_bad_arguments(self, kind: Kind, node: tree.Layer) -> None:
        assert self.flow is not None
        size = self.flow.size if self.flow.size is UNKNOWN else kind.guess({}, self.flow.size)
        operation = OPEN.of_size((self.flow.size,), UNKNOWN if size is None else size)
        self.add_layer(operation, (self.flow,), node.span, node.alias)

    def arguments(self, node: tree.Layer, kind: Kind) -> dict[str, Value] | None:
        """The arguments by short name, evaluated; None where one of them could not be placed (reported)."""
        placed = True

        def misplaced(mistake: Mistake, argument: tree.Argument) -> None:
            nonlocal placed
            placed = False
            self.report(mistake, argument.name_span or argument.span)

        slots = slots_of(kind)
        given = {
            name: self.attempt(argument.value)
            for name, argument in bind(node.kind, slots, node.arguments, kind.usage, misplaced)
        }
        if not placed:
            return None
        if self.variable(node.kind) is None and all(is_constant(argument.value) for argument in node.arguments):
            self._static[id(node)] = kind, given
        return given

    def _join_names(self, node: tree.Layer, kind: JoinKind) -> None:
        """`add skip`, `concat s1, s2`: the arriving value first."""
        assert self.flow is not None
        values = [self.flow]
        for argument in node.arguments:
            try:
                values.append(self._joined_value(kind, argument))
            except Mistake as mistake:
                self.report(mistake, argument.span)
                values.append(self.open_value((), UNKNOWN))
        if len(values) < 2:
            self.report(self._nothing_to_join(kind), node.span)
            return
        self.join(kind, tuple(values), node.span, node.alias, node)

    def _joined_value(self, kind: JoinKind, argument: tree.Argument) -> FlowValue:
        if argument.name is not None:
            raise Mistake("E202", "`{kind}` has no argument `{name}`", help="write the names of values", kind=kind.name, name=argument.name)
        if isinstance(argument.value, tree.Name):
            return self.value_named(argument.value.name, argument.value.span)
        value = self.evaluate(argument.value)
        if value is UNKNOWN:
            return self.open_value((), UNKNOWN)
        raise Mistake(
            "E206",
            "`{kind}` joins values by their names, not {what}",
            help="give the value a name with `as` and write that name",
            kind=kind.name,
            what=describe(value),
        )

    @staticmethod
    def _nothing_to_join(kind: Kind) -> Mistake:
        return Mistake(
            "E407",
            "`{kind}` has nothing to join",
            help="name a value (`{kind} skip`), or write branches: `{kind} {{ branch {{ … }} branch {{ … }} }}`",
            kind=kind.name,
        )

    def join(
        self, kind: JoinKind, values: tuple[FlowValue, ...], span: Span, alias: str | None, node: tree.Layer | None = None
    ) -> None:
        operation = self.operate(kind, {}, values, node, span)
        self.add_layer(operation, values, span, alias)

    def join_step(self, node: tree.Join) -> None:
        kind = self._callee(node)
        if not isinstance(kind, JoinKind):
            if kind is not None:
                self.report(
                    Mistake(
                        "E407",
                        "`{name}` is no join: it takes no braces",
                        help="use add, sub, mul, average, maximum or concat",
                        name=node.kind,
                    ),
                    node.kind_span,
                )
            self.lose()
            return
        values = tuple(value for value, _ in self.branches_of(node.body, node.kind_span))
        if not values:
            self.report(self._nothing_to_join(kind), node.kind_span)
        elif len(values) == 1:
            self.flow = values[0]
        else:
            self.join(kind, values, node.kind_span, node.alias)

    def branches_of(self, body: tree.Body, span: Span) -> list[tuple[FlowValue, Span]]:
        """Runs the branches of a join from the arriving value; returns what each yields."""
        arriving, outer = self.flow, self._branches
        self._branches = []
        try:
            self.run_inner(body, span)
            return self._branches
        finally:
            self._branches = outer
            self.flow = arriving

    def branch(self, node: tree.Branch) -> None:
        arriving = self.flow
        collected, self._branches = self._branches, None
        try:
            self.run_inner(node.body, node.span)
        finally:
            self._branches = collected
        result = self.flow
        assert result is not None
        if collected is not None:
            collected.append((result, node.span))
        if node.alias is not None:
            assert node.alias_span is not None
            self.name_value(node.alias, node.alias_span, result)
        self.flow = arriving

    def residual(self, node: tree.Residual) -> None:
        condition: bool | Any = True
        if node.condition is not None:
            condition = self.decide(node.condition, "what stands after `residual if`")
        arriving = self.flow
        self.run_inner(node.body, node.span)
        main = self.flow
        assert main is not None
        assert arriving is not None
        if condition is UNKNOWN:
            self.lose()
        elif condition:
            self.flow = arriving
            if node.shortcut is not None:
                self.run_inner(node.shortcut, node.span)
            kind = layers.find("add")
            assert isinstance(kind, JoinKind)
            assert self.flow is not None
            self.join(kind, (main, self.flow), node.span, node.alias)

    def decide(self, node: tree.Expression, what: str) -> bool | Any:
        """A condition; UNKNOWN, and a report, where it is none."""
        try:
            return self.condition(node, what)
        except Mistake as mistake:
            self.report(mistake, node.span)
            return UNKNOWN

    def repeat(self, node: tree.Repeat) -> None:
        times = self.attempt(node.times)
        if isinstance(times, Word):
            self.report(self.undefined(times, node.times.span), node.times.span)
            times = UNKNOWN
        whole = as_whole(times)
        if whole is None or whole < 0:
            code, what = ("E206", "a whole number") if whole is None else ("E207", "0 or more")
            self.report(
                Mistake(code, "`repeat` needs {what}, not {given}", what=what, given=describe(times)), node.times.span
            )
            whole = UNKNOWN
        if not isinstance(whole, int):
            self.tentatively(lambda: self.run_inner(node.body, node.span))
            return
        self._expect_room(whole, node.body)
        for _ in range(whole):
            self._round(node.body, node.span, {})

    def _round(self, body: tree.Body, span: Span, lets: dict[str, Value]) -> None:
        """One pass through the body of a loop: names given in it may be given anew in the next."""
        self.charge(1)
        outer = self._iteration
        self._iterations += 1
        self._iteration = self._iterations
        try:
            self.run_inner(body, span, lets)
        finally:
            self._iteration = outer

    def for_step(self, node: tree.For) -> None:
        values = self.attempt(node.values)
        if not isinstance(values, (list, tuple)):
            if values is not UNKNOWN:
                mistake = Mistake("E206", "`for` goes through a list or range, not {what}", help="write `1..4` or `[64, 128]`", what=describe(values))
                self.report(self.undefined(values, node.values.span) if isinstance(values, Word) else mistake, node.values.span)
            lets = dict.fromkeys(node.names, UNKNOWN)
            self.tentatively(lambda: self.run_inner(node.body, node.span, dict(lets)))
            return
        self._expect_room(len(values), node.body)
        for value in values:
            lets = self._unpack(node, value)
            self._round(node.body, node.span, lets)

    def _unpack(self, node: tree.For, value: Value) -> dict[str, Value]:
        if len(node.names) == 1:
            return {node.names[0]: value}
        if isinstance(value, (list, tuple)) and len(value) == len(node.names):
            return dict(zip(node.names, value, strict=True))
        if value is not UNKNOWN:
            self.report(
                Mistake(
                    "E223",
                    "{names} names, but {value}",
                    help="give each round a list of {names} values",
                    names=len(node.names),
                    value=describe(value),
                ),
                node.values.span,
            )
        return dict.fromkeys(node.names, UNKNOWN)

    def if_step(self, node: tree.If) -> None:
        for index, (condition, body) in enumerate(node.cases):
            verdict = self.decide(condition, "what stands after `if`")
            if verdict is UNKNOWN:
                rest = [body, *(other for _, other in node.cases[index + 1 :]), node.otherwise or ()]
                for other in rest:
                    self.tentatively(lambda other=other: self._run_case(other, node.span))  # type: ignore[misc]
                return
            if verdict:
                self._run_case(body, node.span)
                return
        if node.otherwise is not None:
            self._run_case(node.otherwise, node.span)

    def _run_case(self, body: tree.Body, span: Span) -> None:
        place = TOP_IF if self.place != INNER else INNER
        with self._deeper(span):
            self.place = place
            self.frame.lets.append({})
            try:
                self.run(body)
            finally:
                self.frame.lets.pop()

    def tentatively(self, run: Callable[[], None]) -> None:
        """Runs what may or may not happen, for its mistakes only; the flow is open afterwards."""
        flow, first, branches = self.flow, len(self.layers), self._branches
        if branches is not None:
            self._branches = []
        try:
            run()
        finally:
            for layer in self.layers[first:]:
                self.names.pop(layer.name, None)
            del self.layers[first:]
            self._branches = branches
            self.flow = flow
        self.lose()
        if branches is not None:
            assert self.flow is not None
            branches.append((self.flow, Span(0, 0)))

    def frozen(self, node: tree.Frozen) -> None:
        outer, self._frozen = self._frozen, True
        try:
            self.run_inner(node.body, node.span)
        finally:
            self._frozen = outer

    def from_step(self, node: tree.From) -> None:
        try:
            self.flow = self.value_named(node.name, node.name_span)
        except Mistake as mistake:
            self.report(mistake, node.name_span)
            self.lose()

    def hole(self, node: tree.Hole) -> None:
        self.lose()

    def apply(self, node: tree.Apply) -> None:
        instance = self.frame.instances.get(node.name)
        if instance is None:
            later = node.name in self._names_given_later()
            self.report(
                Mistake(
                    "E406" if later else "E208",
                    "`{name}` is used before it is given" if later else "there is no layer or block instance `{name}`",
                    help=did_you_mean(node.name, self.frame.instances) or "name one with `as`: `conv 8, f=3 as shared`",
                    name=node.name,
                ),
                node.name_span,
            )
            self.lose()
            return
        assert self.flow is not None
        alias = node.alias or node.name
        if instance.block is not None:
            assert instance.scope is not None
            assert instance.parameters is not None
            self.enter(instance.block, instance.scope, dict(instance.parameters), node.span, alias, instance.prefix)
        elif instance.given is not None:
            kind = layers.find(instance.kind)
            assert kind is not None
            operation = self.operate(kind, instance.given, (self.flow,), None, node.span)
            self.add_layer(operation, (self.flow,), node.span, alias, shares=instance.prefix)

    # --- blocks ------------------------------------------------------------------------------------------------------

    def block_step(self, node: tree.Layer, reference: BlockReference) -> None:
        block, home = reference.scope.blocks[reference.name]
        self.called.add(id(block))
        if reference.name in home.recursive or self._runs_already(block):
            if reference.name not in home.recursive:
                self.report(recursive(reference.name), node.kind_span)
            self.lose()
            return
        parameters = self._block_arguments(node, block)
        if parameters is None:
            self.lose()
            return
        prefix = self.enter(block, home, parameters, node.span, node.alias)
        if node.alias is not None:
            self.frame.instances[node.alias] = Instance(prefix, block=block, scope=home, parameters=parameters)

    def _runs_already(self, block: tree.Block) -> bool:
        return any(running is block for running in self._running)

    _running: tuple[tree.Block, ...] = ()

    def _block_arguments(self, node: tree.Layer, block: tree.Block) -> dict[str, Value] | None:
        placed = True

        def misplaced(mistake: Mistake, argument: tree.Argument) -> None:
            nonlocal placed
            placed = False
            self.report(mistake, argument.name_span or argument.span)

        def usage() -> str:
            return f"{block.name} {', '.join(p.name for p in block.parameters)}".rstrip()

        slots = slots_of_block(block)
        given = {
            name: self.attempt(argument.value) for name, argument in bind(node.kind, slots, node.arguments, usage, misplaced)
        }
        if not placed:
            return None
        missing = [slot.name for slot in slots if slot.required and slot.name not in given]
        if missing:
            self.report(
                Mistake(
                    "E203",
                    "`{callee}` needs `{name}`",
                    help="write `{usage}`",
                    callee=node.kind,
                    name=missing[0],
                    usage=usage(),
                ),
                node.kind_span,
            )
            given.update(dict.fromkeys(missing, UNKNOWN))
        return given

    def enter(
        self,
        block: tree.Block,
        home: FileScope,
        given: dict[str, Value],
        span: Span,
        alias: str | None,
        shared: str | None = None,
    ) -> str:
        """Runs a block's body in a frame of its own; returns the prefix of its layers' names."""
        outer = self.frame
        name = self.name_layer(block.name, alias)
        if shared is None and outer.shared_prefix is not None:
            shared = outer.shared_prefix + name[len(outer.prefix) :] + "."
        frame = Frame(
            home,
            block=block,
            parameters={},
            prefix=f"{name}.",
            trace=entering(outer, block.name, outer.scope.source.row(span.start)),
            shared_prefix=shared,
        )
        iteration, self._iteration = self._iteration, 0
        running, self._running = self._running, (*self._running, block)
        branches, self._branches = self._branches, None
        self.frame = frame
        try:
            with self._deeper(block.name_span):
                for parameter in block.parameters:
                    known = parameter.name in given
                    frame.parameters[parameter.name] = (
                        given[parameter.name] if known or parameter.default is None else self.attempt(parameter.default)
                    )
                self.run(block.body)
        finally:
            self.frame, self._iteration, self._running, self._branches = outer, iteration, running, branches
        return frame.prefix

    def rehearse(self, block: tree.Block, home: FileScope) -> None:
        """Looks through a block that nobody calls, with everything open, for mistakes that show all the same."""
        frame, flow, count = self.frame, self.flow, len(self.layers)
        parameters: dict[str, Value] = {p.name: UNKNOWN for p in block.parameters}
        self.frame, self.flow = Frame(home), self.open_value((), UNKNOWN)
        try:
            self.enter(block, home, parameters, block.name_span, None)
        finally:
            self.frame, self.flow = frame, flow
            del self.layers[count:]


def recursive(name: str) -> Mistake:
    return Mistake(
        "E210",
        "block `{name}` calls itself",
        help="use `repeat` or `for` to do something several times",
        name=name,
    )


def is_constant(node: tree.Expression) -> bool:
    """Whether the value cannot depend on where the expression stands."""
    if isinstance(node, (tree.Number, tree.Boolean, tree.Text, tree.Blank)):
        return True
    if isinstance(node, (tree.SizeLiteral, tree.ListLiteral)):
        return all(map(is_constant, node[0]))
    if isinstance(node, tree.Unary):
        return is_constant(node.operand)
    return isinstance(node, tree.Binary) and is_constant(node.left) and is_constant(node.right)


def aliases(body: tree.Body) -> Iterator[str]:
    """Every name that is given anywhere in a body."""
    for statement in body:
        if isinstance(statement, tree.Flow):
            for step in statement.steps:
                if step.alias is not None:
                    yield step.alias
                for inner in bodies(step):
                    yield from aliases(inner)


def broken_words(body: tree.Body) -> Iterator[str]:
    """The words of all lines with syntax errors."""
    for statement in body:
        if isinstance(statement, tree.Block):
            yield from broken_words(statement.body)
        elif isinstance(statement, tree.Flow):
            for step in statement.steps:
                if isinstance(step, tree.Broken):
                    yield from step.words
                for inner in bodies(step):
                    yield from broken_words(inner)


def bodies(step: tree.Step) -> tuple[tree.Body, ...]:
    """The bodies between the braces of a step."""
    if isinstance(step, tree.If):
        return (*(body for _, body in step.cases), step.otherwise or ())
    if isinstance(step, tree.Residual):
        return (step.body, step.shortcut or ())
    return (step.body,) if isinstance(step, (tree.Join, tree.Branch, tree.Repeat, tree.For, tree.Frozen)) else ()


def _hashable(value: Value) -> Any:
    return repr(value) if isinstance(value, list) else value


def _shapes(operation: Operation) -> str:
    return ", ".join(f"{t.name} {'x'.join(map(str, t.shape))}" for t in operation.tensors)


STATEMENTS: dict[type, Callable[[Any, Any], None]] = {tree.Flow: Walker.flow_statement, tree.Let: Walker.let}
STEPS: dict[type, Callable[[Any, Any], None]] = {
    tree.Layer: Walker.layer,
    tree.Join: Walker.join_step,
    tree.Residual: Walker.residual,
    tree.Branch: Walker.branch,
    tree.Repeat: Walker.repeat,
    tree.For: Walker.for_step,
    tree.If: Walker.if_step,
    tree.Frozen: Walker.frozen,
    tree.From: Walker.from_step,
    tree.Apply: Walker.apply,
    tree.Hole: Walker.hole,
    tree.Broken: Walker.hole,
}
