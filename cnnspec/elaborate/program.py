"""The walk of a whole file: model, uses, blocks, inputs and outputs, and what is expected of the result."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from typing import Any

from cnnspec.diagnostics import Label, Mistake
from cnnspec.elaborate.calls import recursive, rehearse
from cnnspec.elaborate.letters import letters_in
from cnnspec.elaborate.limits import (
    INNER,
    MAX_STEPS,
    MAX_STEPS_OF_VARIANTS,
    STEPS_OF_A_VARIANT,
    TOP,
    Enough,
    TooLarge,
)
from cnnspec.elaborate.parameters import declare, plain
from cnnspec.elaborate.scopes import FIGURES, Binding, FileScope, LazyLet
from cnnspec.elaborate.tours import broken_words, calls_in, circles
from cnnspec.elaborate.uses import Uses
from cnnspec.elaborate.walk import Walker, given_twice, reserved
from cnnspec.language import number, say
from cnnspec.network import Input, Network
from cnnspec.network import Value as FlowValue
from cnnspec.record import Record
from cnnspec.source import Source, Span
from cnnspec.syntax import tree
from cnnspec.values import UNKNOWN, Size, Symbolic, Value, Word, as_whole, describe

SYNTAX_OR_CHECK = ("E402", "E403", "E404")


class Parts(Record):
    """What runs for every variant of a file, and the variants by name: of two with one name, the first.

    Made once for all of them: each would else look at every other.
    """

    body: tree.Body
    variants: dict[str, tree.Variant]
    names: tuple[str, ...]  # of the variants


def parted(file: tree.File) -> Parts:
    """The parts of a file."""
    variants: dict[str, tree.Variant] = {}
    for statement in file.body:
        if isinstance(statement, tree.Variant):
            variants.setdefault(statement.name, statement)
    return Parts(tuple(one for one in file.body if not isinstance(one, tree.Variant)), variants, tuple(variants))


class Program(Walker):
    """Walks the statements of a file and makes the Network."""

    def __init__(
        self,
        source: Source,
        file: tree.File,
        uses: Uses,
        settings: Mapping[str, Value],
        variant: tree.Variant | None = None,
        parts: Parts | None = None,
    ) -> None:
        super().__init__(FileScope(source))
        self.top = self.frame
        self.variant = variant
        self.again = False  # a run over the file came before this one, and has said what holds for every variant
        self.as_it_stands = not settings
        self._spent = 0  # steps before a limit was passed
        self.exhausted = False  # whether that limit was the one for all variants
        self.file = file
        self.body, self.variants, self._names = parts or parted(file)
        self.uses = uses
        self.given = dict(settings)
        self.model = _name_of(source.filename)
        self.outputs: dict[str, FlowValue] = {}
        self.expects: list[tree.Expect] = []
        self.examples: list[tree.Example] = []
        self.pinned: Mapping[str, Size] | None = None  # sizes that the inputs get in place of their own, for a trial

    # --- the whole ----------------------------------------------------------------------------------------------------

    def walk(self) -> None:
        """Runs the whole file; a limit that is passed ends it with an error."""
        with self._bounded():
            if self.variant is not None:
                self.charge(STEPS_OF_A_VARIANT)
            self._letters()
            self._model()
            self._collect(self.body, self.frame.scope)
            for name in list(self.frame.scope.settings):
                self.variable(name)
            self.run(self.body)
            if not self.again:
                self._rehearse_uncalled()
            if self.variant is not None and self.as_it_stands and self._knows(self.variant.settings):
                from cnnspec.elaborate.variants import expects_of

                self.expects.extend(expects_of(self, self.variant.body))

    def _knows(self, settings: Iterable[tree.Argument]) -> bool:
        return all(one.name in self.frame.scope.settings or one.name in self.letters for one in settings)

    @contextmanager
    def _bounded(self) -> Iterator[None]:
        """Work that a limit may end: it is reported in the frame where it was passed."""
        outer = self.frame
        with suppress(Enough):
            try:
                yield
            except TooLarge as too_large:
                self.frame = too_large.frame
                self._spent, self._steps = self.spent, 0
                self.report(too_large.mistake, getattr(self.current, "span", self.file.span))
        self.frame = outer

    @property
    def spent(self) -> int:
        """The steps so far, those that led beyond a limit too."""
        return self._spent + self._steps

    def too_large(self) -> TooLarge:
        if self.allowance == MAX_STEPS or self.variant is None:
            return super().too_large()
        self.exhausted = True
        limit = Mistake(
            "E219",
            "the variants of the file expand to more than {limit} steps together",
            help="leave some out, or move them to a file of their own",
            span=self.variant.name_span,
            limit=number(MAX_STEPS_OF_VARIANTS),
        )
        return TooLarge(limit, self.top)

    def network(self, make: Callable[..., Network], blanks: int) -> Network | None:
        """The Network, or None for a file that has none (blocks and lets only, or errors)."""
        if not self.inputs or self.flow is None:
            return None
        return make(
            model=self.model,
            source=self.source,
            inputs=self.inputs,
            outputs=self.outputs or {"output": self.flow},
            layers=self.layers,
            blanks=blanks,
            settings={name: plain(value) for name, value in self.frame.scope.settings.items()},
            variant=self.variant.name if self.variant else None,
            variants=self._names,
        )

    def check_expectations(self, network: Network) -> None:
        """`expect` and `example`, once the figures stand."""
        from cnnspec.elaborate.checks import Figures, check_expect, make_example

        figures = Figures(self, network)
        self.flow = None
        with self._bounded():
            for expect in self.expects:
                self.current = expect
                check_expect(figures, expect.condition)
            made = []
            for example in self.examples:
                self.current = example
                try:
                    made.append(make_example(self, example, network))
                except Mistake as mistake:
                    self.report(mistake, example.span)
            network.examples = tuple(made)

    # --- before the walk ----------------------------------------------------------------------------------------------

    def _letters(self) -> None:
        """The letters in the sizes of the inputs, and what they are set to: in a trial, nothing."""
        chosen: dict[str, Value] = {}
        for argument in self.variant.settings if self.variant else ():
            chosen.setdefault(argument.name or "", argument)
        chosen.update(self.given)
        for statement in self.body:
            if isinstance(statement, tree.Input):
                for letter in letters_in(statement.size):
                    self.given.pop(letter, None)
                    self.letters[letter] = chosen.get(letter) if self.pinned is None else None

    def _model(self) -> None:
        """The model statement and the values of its parameters."""
        node = next((statement for statement in self.body if isinstance(statement, tree.Model)), None)
        if node is not None:
            self.model = node.name
            for parameter in node.parameters:
                self._reserve(parameter.name, parameter.span)
        if self.variant is not None:
            self.model = self.variant.name
        declare(self, node)
        if self.variants:
            from cnnspec.elaborate.variants import check_names, check_statement

            if not self.again:
                check_names(self)
            if self.variant is not None:
                check_statement(self, self.variant, [parameter.name for parameter in (node.parameters if node else ())])

    def _collect(self, body: tree.Body, scope: FileScope) -> None:
        """Blocks, lets and uses of a file, before anything runs: they are seen by the whole file."""
        self.broken_words.update(broken_words(body))
        first: dict[str, Span] = {}
        for statement in body:
            if isinstance(statement, tree.Use):
                self._use(statement, scope)
        for statement in body:
            if isinstance(statement, (tree.Block, tree.Let)):
                self._define(statement, scope, first)
        self._find_recursion(scope)
        scope.complete = True

    def _define(self, statement: tree.Block | tree.Let, scope: FileScope, first: dict[str, Span]) -> None:
        name, span = statement.name, statement.name_span
        if name in first or name in scope.settings or scope.defined(name) is not None:
            labels = (Label(scope.source, first[name], say("given here first")),) if name in first else ()
            self._report_in(scope, given_twice(name), span, labels)
            return
        first[name] = span
        self._reserve(name, span, scope)
        if isinstance(statement, tree.Block):
            scope.blocks[name] = statement, scope
        else:
            scope.lets[name] = LazyLet(statement, scope)

    def _reserve(self, name: str, span: Span, scope: FileScope | None = None) -> None:
        """The figures of the model cannot be names of the file: `expect` could not tell them apart."""
        if name in FIGURES:
            self._report_in(scope or self.frame.scope, reserved(name), span)

    def _report_in(self, scope: FileScope, mistake: Mistake, span: Span, labels: tuple[Label, ...] = ()) -> None:
        frame = self.frame
        outer, frame.scope = frame.scope, scope
        self.report(mistake, span, labels)
        frame.scope = outer

    def _use(self, node: tree.Use, scope: FileScope) -> None:
        """Brings in the blocks and lets of another file."""
        try:
            used, file = self.uses.open(node, scope.source)
            if file is None and not used.complete:
                raise Mistake(
                    "E218",
                    "{path} uses this file in turn",
                    help="move what both need into a third file",
                    path=repr(node.path),
                )
        except Mistake as mistake:
            self._report_in(scope, mistake, node.path_span)
            self.names_missing = True
            return
        if file is not None:
            self.diagnostics.extend(self.uses.diagnostics_of(used))
            self._collect(file.body, used)
        for name in (*used.blocks, *used.lets):
            if scope.defined(name) not in (None, used.defined(name)):
                self._report_in(scope, given_twice(name), node.path_span)
        scope.blocks.update(used.blocks)
        scope.lets.update(used.lets)

    def _find_recursion(self, scope: FileScope) -> None:
        """Blocks that call themselves, at once or through others, called or not; each circle is reported once."""
        found = {name: list(calls_in(block.body)) for name, (block, home) in scope.blocks.items() if home is scope}
        for circle in circles({name: [callee for callee, _ in calls] for name, calls in found.items()}):
            scope.recursive.update(circle)
            first = next(name for name in found if name in circle)
            span = next(span for callee, span in found[first] if callee in circle)
            self._report_in(scope, recursive(first), span)

    def _rehearse_uncalled(self) -> None:
        """Blocks that nobody calls are looked through all the same."""
        scope = self.frame.scope
        for name, (block, home) in list(scope.blocks.items()):
            if home is scope and id(block) not in self.called and name not in scope.recursive:
                rehearse(self, block, home)

    # --- statements of the top level ----------------------------------------------------------------------------------

    def top_level(self, statement: tree.Statement) -> None:
        self.current = statement
        if self.frame.block is not None or self.place == INNER:
            self._misplaced(
                statement,
                Mistake("E113", "`{word}` belongs to the top level of the file", help="move it there"),
            )
        elif self.place != TOP and not isinstance(statement, (tree.Output, tree.Expect, tree.Example)):
            self._misplaced(
                statement, Mistake("E113", "`{word}` cannot stand inside `if`", help="move it out of the braces")
            )
        elif isinstance(statement, tree.Input):
            self._input(statement)
        elif isinstance(statement, tree.Output):
            self._output(statement)
        elif isinstance(statement, tree.Expect):
            self.expects.append(statement)
        elif isinstance(statement, tree.Example):
            self.examples.append(statement)
        elif isinstance(statement, tree.Model) and statement is not next(
            s for s in self.file.body if not isinstance(s, tree.Use)
        ):
            self._misplaced(
                statement, Mistake("E113", "`{word}` is the first statement of a file", help="move it there")
            )

    def _misplaced(self, statement: tree.Statement, mistake: Mistake) -> None:
        mistake.values["word"] = type(statement).__name__.lower()
        if isinstance(statement, tree.Input):
            mistake.code = "E405"
        self.report(mistake, getattr(statement, "name_span", None) or statement.span)

    def _input(self, node: tree.Input) -> None:
        name = node.name or "input"
        span = node.name_span or node.span
        self._reserve(name, span)
        if node.element_type not in (None, "integer"):
            self.report(
                Mistake(
                    "E222",
                    "an input can be `integer`, not `{word}`",
                    help="write `integer`, or leave it out",
                    word=node.element_type,
                ),
                node.element_type_span or span,
            )
        size = self._pinned_size(name, self._input_size(node), node.size.span)
        value: Any = Input(name, size, self.source, node.span, integer=node.element_type == "integer")
        if name in self.inputs:
            self.report(
                Mistake(
                    "E209",
                    "there is an input `{name}` already",
                    help="give each input a name: `input left: 64x64x1`",
                    name=name,
                ),
                span,
            )
        else:
            self.inputs[name] = value
        self.name_value(name, span, value)
        self.frame.values[name] = Binding(value, span, 0)
        self.flow = value
        self.names[name] = None
        if node.annotation is not None:
            from cnnspec.elaborate.checks import check_annotation

            check_annotation(self, tree.Flow((), node.annotation, node.span), value, len(self.layers))

    def _input_size(self, node: tree.Input) -> Any:
        value = self.attempt(node.size)
        if value is UNKNOWN:
            return UNKNOWN
        parts = tuple(value) if isinstance(value, (tuple, list)) else (value,)
        if not 1 <= len(parts) <= 4:
            self.report(
                Mistake(
                    "E309",
                    "an input has one to four axes, not {count}",
                    help="write a vector (784), length x channels, rows x columns x channels, or frames first",
                    count=len(parts),
                ),
                node.size.span,
            )
            return UNKNOWN
        for part in parts:
            whole = as_whole(part)
            if whole is None or whole < 1:
                mistake = Mistake(
                    "E207" if whole is not None else "E206",
                    "a size is made of whole numbers from 1 on, not {what}",
                    help="write for example `input 28x28x1`",
                    what=describe(part),
                )
                if isinstance(part, Word):
                    mistake = self.undefined(part, node.size.span)
                self.report(mistake, node.size.span)
                return UNKNOWN
            if isinstance(part, Symbolic):
                self._check_axis(part, node.size.span)
        return tuple(as_whole(part) for part in parts)

    def _check_axis(self, part: Any, span: Span) -> None:
        """From the pixels of an image it must be clear what the letters are."""
        from cnnspec.solving import is_axis

        if not is_axis(part):
            self.report(
                Mistake(
                    "E317",
                    "an axis of the input is a letter or a multiple of one, not {part}",
                    help="write for example `input HxWx3` or `input [16 * H, 16 * W, 3]`",
                    part=str(part),
                ),
                span,
            )

    def _pinned_size(self, name: str, written: Any, span: Span) -> Any:
        """The size that a trial gives the input; its letters get their numbers from it."""
        if self.pinned is None or written is UNKNOWN:
            return written
        from cnnspec.solving import solve

        wanted = self.pinned.get(name, written)
        fits = len(wanted) == len(written)
        for part, n in zip(written, wanted, strict=False):
            found = solve(part, n) if isinstance(part, Symbolic) and isinstance(n, int) else None
            if found is not None:
                self.letters[found[0]] = found[1]
            elif part != n and (self.letters or isinstance(part, Symbolic)):
                fits = False
        if not fits:
            self.report(Mistake("E317", "the input is {written}, not {wanted}", written=written, wanted=wanted), span)
        return wanted

    def _output(self, node: tree.Output) -> None:
        for name, span in zip(node.names, node.name_spans, strict=True):
            if name in self.outputs:
                self.report(Mistake("E412", "the output `{name}` is given twice", help="keep one", name=name), span)
                continue
            self._reserve(name, span)
            try:
                self.outputs[name] = self.value_named(name, span)
            except Mistake as mistake:
                self.report(mistake, span)


def _name_of(filename: str) -> str:
    """A model without a name is called after its file."""
    stem = filename.replace("\\", "/").rpartition("/")[2].partition(".")[0]
    return "".join(c if c.isalnum() or c == "_" else "_" for c in stem).strip("_") or "model"
