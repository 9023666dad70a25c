"""What each word of a text means: where it is defined, and where else it is used."""

from __future__ import annotations

import bisect
import os
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any, NamedTuple

from cnnspec import layers
from cnnspec.elaborate.scopes import FIGURES, FLOW_FIGURES, FileScope
from cnnspec.elaborate.tours import bodies
from cnnspec.source import Source, Span
from cnnspec.syntax import tree

if TYPE_CHECKING:
    from cnnspec.editing.analysis import Analysis

BLOCK, LET, PARAMETER, MODEL_PARAMETER = "block", "let", "parameter", "model parameter"
LOOP, VALUE, INPUT, VARIANT, MODEL = "loop variable", "value", "input", "variant", "model"
LETTER, KIND, ARGUMENT, FIGURE, FUNCTION, WORD = "letter", "kind", "argument", "figure", "function", "word"
RENAMED = (BLOCK, LET, PARAMETER, MODEL_PARAMETER, LOOP, VALUE, INPUT, VARIANT, MODEL)


class Symbol:
    """Something with a name. `extent` is where it can be seen; `owner` is a block, for its parameters and values."""

    __slots__ = ("extent", "kind", "name", "node", "owner", "source", "spans")

    def __init__(self, kind: str, name: str, source: Source, extent: Span, node: Any = None, owner: Any = None) -> None:
        self.kind = kind
        self.name = name
        self.source = source
        self.extent = extent
        self.node = node
        self.owner = owner
        self.spans: list[Span] = []  # where it is defined; a value may get its name in several places

    @property
    def key(self) -> tuple[str, str, str, int]:
        """The same for the same symbol in another analysis of the same texts."""
        return self.kind, self.name, os.path.realpath(self.source.filename), self.spans[0].start if self.spans else -1


class Occurrence(NamedTuple):
    """A word of the text and what it stands for (None: nothing that is known)."""

    span: Span
    symbol: Symbol | None
    defines: bool


class Names:
    """The words of a text. Made from the syntax tree, so words in broken lines are missing."""

    def __init__(self, analysis: Analysis) -> None:
        self.symbols: list[Symbol] = []
        tour = _Tour(analysis, self.symbols)
        found = tour.all()
        self.blocks = tour.extents
        self.occurrences = sorted(found, key=lambda one: one.span)
        self._starts = [one.span.start for one in self.occurrences]

    def at(self, offset: int) -> Occurrence | None:
        """The word that holds the offset, or ends there."""
        i = bisect.bisect_right(self._starts, offset) - 1
        for k in (i, i - 1):
            if k >= 0 and self._starts[k] <= offset <= self.occurrences[k].span.end:
                return self.occurrences[k]
        return None

    def of(self, symbol: Symbol) -> list[Occurrence]:
        """Every place that means the symbol."""
        key = symbol.key
        return [one for one in self.occurrences if one.symbol is symbol or (one.symbol and one.symbol.key == key)]

    def visible(self, offset: int) -> Iterator[Symbol]:
        """What can be seen at a place, the innermost of each name first; blocks and kinds of other files too."""
        seen = set()
        in_block = any(_holds(extent, offset) for extent in self.blocks)
        for symbol in sorted(self.symbols, key=lambda one: one.extent.start - one.extent.end):
            known = (symbol.name, symbol.kind in (BLOCK, VARIANT))
            outside = in_block and symbol.kind in (VALUE, INPUT) and symbol.owner is None
            if _holds(symbol.extent, offset) and known not in seen and not outside:
                seen.add(known)
                yield symbol


class _Instance:
    """A block, or the top level: its named values, and the lets of the braces that are open."""

    def __init__(self, owner: tree.Block | None, extent: Span) -> None:
        self.owner = owner
        self.extent = extent
        self.values: dict[str, Symbol] = {}
        self.lets: list[dict[str, Symbol]] = [{}]


class _Tour:
    """One pass over the tree, with the names that are in force."""

    def __init__(self, analysis: Analysis, symbols: list[Symbol]) -> None:
        self.source = analysis.source
        self.file = analysis.file
        self.scope: FileScope = analysis.scope
        self.tokens = analysis.tokens
        self.symbols = symbols
        self.found: list[Occurrence] = []
        self.whole = Span(0, len(analysis.text) + 1)
        self.blocks: dict[str, Symbol] = {}
        self.globals: dict[str, Symbol] = {}
        self.letters: dict[str, Symbol] = {}
        self.kinds: dict[str, Symbol] = {}
        self.parameters: dict[int, dict[str, Symbol]] = {}  # of each block, by its name
        self.instance = _Instance(None, self.whole)
        self.extents: list[Span] = []  # of the blocks

    def all(self) -> list[Occurrence]:
        self._declare_file()
        self._collect_values(self.file.body)
        for statement in self.file.body:
            self._statement(statement)
        return self.found

    # --- definitions -------------------------------------------------------------------------------------------------

    def _declare_file(self) -> None:
        for name, (block, home) in self.scope.blocks.items():
            if home.source is not self.source:
                self._foreign_block(name, block, home.source)
        for name, let in self.scope.lets.items():
            if let.scope.source is not self.source:
                symbol = Symbol(LET, name, let.scope.source, self.whole, let.node)
                symbol.spans.append(let.node.name_span)
                self.globals[name] = symbol
                self.symbols.append(symbol)
        for statement in self.file.body:
            if isinstance(statement, tree.Block):
                self.blocks.setdefault(statement.name, self._new(BLOCK, statement.name, statement.name_span, statement))
                self._parameters(statement)
            elif isinstance(statement, tree.Let):
                self.globals[statement.name] = self._new(LET, statement.name, statement.name_span, statement)
            elif isinstance(statement, tree.Model):
                self._new(MODEL, statement.name, statement.name_span, statement)
                for parameter in statement.parameters:
                    span = _name_span(parameter)
                    self.globals[parameter.name] = self._new(MODEL_PARAMETER, parameter.name, span, parameter)

    def _foreign_block(self, name: str, block: tree.Block, source: Source) -> None:
        symbol = Symbol(BLOCK, name, source, self.whole, block)
        symbol.spans.append(block.name_span)
        self.blocks[name] = symbol
        self.symbols.append(symbol)
        own = self.parameters[id(block)] = {}
        for parameter in block.parameters:
            own[parameter.name] = Symbol(PARAMETER, parameter.name, source, Span(0, 0), parameter, block)
            own[parameter.name].spans.append(_name_span(parameter))

    def _parameters(self, block: tree.Block) -> None:
        extent = self._block_extent(block)
        own = self.parameters[id(block)] = {}
        for parameter in block.parameters:
            span = _name_span(parameter)
            own[parameter.name] = self._new(PARAMETER, parameter.name, span, parameter, extent, block)

    def _block_extent(self, block: tree.Block) -> Span:
        after = block.parameters[-1].span.end if block.parameters else block.name_span.end
        braces = self.tokens.brace_after(after)
        return Span(block.name_span.end, braces.end - 1 if braces else after)

    def _new(
        self, kind: str, name: str, span: Span, node: Any = None, extent: Span | None = None, owner: Any = None
    ) -> Symbol:
        symbol = Symbol(kind, name, self.source, extent or self.whole, node, owner)
        symbol.spans.append(span)
        self.symbols.append(symbol)
        self.found.append(Occurrence(span, symbol, defines=True))
        return symbol

    def _collect_values(self, body: tree.Body) -> None:
        """The names that steps of the instance give: one can be used only after it is given, but it is one name."""
        for statement in body:
            if isinstance(statement, tree.Input):
                name = statement.name or "input"
                span = statement.name_span or Span(statement.span.start, statement.span.start + len("input"))
                self._value(INPUT, name, span, statement)
            elif isinstance(statement, tree.Flow):
                for step in statement.steps:
                    if step.alias is not None and step.alias_span is not None:
                        self._value(VALUE, step.alias, step.alias_span, step)
                    for inner in bodies(step):
                        self._collect_values(inner)

    def _value(self, kind: str, name: str, span: Span, node: Any) -> None:
        instance = self.instance
        symbol = instance.values.get(name)
        if symbol is None:
            instance.values[name] = self._new(kind, name, span, node, instance.extent, instance.owner)
        else:
            symbol.spans.append(span)
            self.found.append(Occurrence(span, symbol, defines=True))

    # --- statements --------------------------------------------------------------------------------------------------

    def _statement(self, node: tree.Statement) -> None:
        handle = _STATEMENTS.get(type(node))
        if handle is not None:
            handle(self, node)

    def _flow(self, node: tree.Flow) -> None:
        for step in node.steps:
            self._step(step)
        if node.annotation is not None:
            self._expressions(node.annotation.size, node.annotation.params)

    def _model(self, node: tree.Model) -> None:
        self._expressions(*(parameter.default for parameter in node.parameters))

    def _output(self, node: tree.Output) -> None:
        for name, span in zip(node.names, node.name_spans, strict=True):
            self._reference(span, self.instance.values.get(name))

    def _example(self, node: tree.Example) -> None:
        self._expressions(*node.inputs, *node.outputs)

    def _let(self, node: tree.Let) -> None:
        self._expressions(node.value)
        known = self.globals.get(node.name)
        if known is not None and known.node is node:
            return
        around = self.tokens.around(node.span.start)
        end = around[0].end - 1 if around else self.whole.end
        self.instance.lets[-1][node.name] = self._new(LET, node.name, node.name_span, node, Span(node.span.end, end))

    def _block(self, node: tree.Block) -> None:
        outer = self.instance
        self.instance = _Instance(node, self._block_extent(node))
        self.extents.append(self.instance.extent)
        own = self.parameters.get(id(node), {})
        for parameter in node.parameters:
            self._expressions(parameter.default)
            if parameter.name in own:
                self.instance.lets[0][parameter.name] = own[parameter.name]
        self._collect_values(node.body)
        self._body(node.body)
        self.instance = outer

    def _input(self, node: tree.Input) -> None:
        from cnnspec.elaborate.letters import letters_in

        for letter in letters_in(node.size):
            if letter not in self.letters:
                symbol = self.letters[letter] = Symbol(LETTER, letter, self.source, self.whole, node)
                self.symbols.append(symbol)
        self._expressions(node.size)

    def _variant(self, node: tree.Variant) -> None:
        self._new(VARIANT, node.name, node.name_span, node)
        for argument in node.settings:
            symbol = self.globals.get(argument.name or "")
            if argument.name_span is not None:
                known = symbol is not None and symbol.kind == MODEL_PARAMETER
                self._reference(argument.name_span, symbol if known else None)
            self._expressions(argument.value)
        self._body(node.body)

    def _expect(self, node: tree.Expect) -> None:
        """Figures; the names of outputs, layers and block instances."""
        for current in _tree(node.condition):
            if isinstance(current, tree.Call):
                self._function(current)
            elif isinstance(current, tree.Name):
                value = self.instance.values.get(current.name)
                figure = self._figure(current.name) if current.name in (*FIGURES, "output") else None
                self._reference(current.span, value or figure or self._lookup(current.name))

    # --- steps -------------------------------------------------------------------------------------------------------

    def _body(self, body: tree.Body, lets: dict[str, Symbol] | None = None) -> None:
        self.instance.lets.append(lets or {})
        for statement in body:
            self._statement(statement)
        self.instance.lets.pop()

    def _step(self, step: tree.Step) -> None:
        if isinstance(step, (tree.Layer, tree.Join)):
            self._call(step)
        elif isinstance(step, (tree.From, tree.Apply)):
            self._reference(step.name_span, self._variable(step.name) or self.instance.values.get(step.name))
        elif isinstance(step, tree.Repeat):
            self._expressions(step.times)
        elif isinstance(step, tree.Residual):
            self._expressions(step.condition)
        elif isinstance(step, tree.If):
            self._expressions(*(condition for condition, _ in step.cases))
        if isinstance(step, tree.For):
            self._for(step)
            return
        for body in bodies(step):
            self._body(body)

    def _for(self, step: tree.For) -> None:
        self._expressions(step.values)
        braces = self.tokens.brace_after(step.span.end)
        extent = Span(braces.start, braces.end - 1) if braces else step.span
        names = zip(step.names, step.name_spans, strict=True)
        self._body(step.body, {name: self._new(LOOP, name, span, step, extent) for name, span in names})

    def _call(self, step: tree.Layer | tree.Join) -> None:
        symbol = self._variable(step.kind) or self.blocks.get(step.kind) or self._kind(step.kind)
        self._reference(step.kind_span, symbol)
        block = symbol.node if symbol is not None and symbol.kind == BLOCK else None
        kind = layers.find(step.kind) if symbol is not None and symbol.kind == KIND else None
        for argument in step.arguments:
            if argument.name_span is not None:
                meant: Symbol | None = None
                if block is not None:
                    meant = self.parameters.get(id(block), {}).get(argument.name or "")
                elif kind is not None and (known := kind.argument(argument.name or "")):
                    meant = Symbol(ARGUMENT, known.name, self.source, self.whole, (kind, known))
                self._reference(argument.name_span, meant)
            self._expressions(argument.value)

    # --- words -------------------------------------------------------------------------------------------------------

    def _expressions(self, *nodes: tree.Expression | None) -> None:
        for node in nodes:
            for current in _tree(node) if node is not None else ():
                if isinstance(current, tree.Name):
                    self._reference(current.span, self._lookup(current.name))
                elif isinstance(current, tree.Call):
                    self._function(current)

    def _function(self, node: tree.Call) -> None:
        figure = node.function in FIGURES or node.function == "output"
        symbol = self._figure(node.function) if figure else Symbol(FUNCTION, node.function, self.source, self.whole)
        self._reference(node.function_span, symbol)

    def _reference(self, span: Span, symbol: Symbol | None) -> None:
        self.found.append(Occurrence(span, symbol, defines=False))

    def _variable(self, name: str) -> Symbol | None:
        for lets in reversed(self.instance.lets):
            if name in lets:
                return lets[name]
        return self.globals.get(name)

    def _lookup(self, name: str) -> Symbol | None:
        found = self._variable(name) or self.instance.values.get(name) or self.letters.get(name)
        if found is None and name in FLOW_FIGURES:
            return self._figure(name)
        return found or self.blocks.get(name) or self._kind(name)

    def _kind(self, name: str) -> Symbol | None:
        if name not in self.kinds:
            if name not in layers.names():
                return None
            self.kinds[name] = Symbol(KIND, name, self.source, self.whole)
        return self.kinds[name]

    def _figure(self, name: str) -> Symbol:
        return Symbol(FIGURE, name, self.source, self.whole)


_STATEMENTS: dict[type, Callable[[Any, Any], None]] = {
    tree.Flow: _Tour._flow,
    tree.Let: _Tour._let,
    tree.Block: _Tour._block,
    tree.Model: _Tour._model,
    tree.Input: _Tour._input,
    tree.Output: _Tour._output,
    tree.Expect: _Tour._expect,
    tree.Example: _Tour._example,
    tree.Variant: _Tour._variant,
}


def _holds(extent: Span, offset: int) -> bool:
    return extent.start <= offset <= extent.end


def _tree(node: Any) -> Iterator[Any]:
    """The expressions below and with this one, in the order of the text."""
    stack = [node]
    while stack:
        current = stack.pop()
        if type(current) is not tuple:
            yield current
        stack.extend(child for child in reversed(current) if isinstance(child, tuple) and type(child) is not Span)


def _name_span(parameter: tree.Parameter) -> Span:
    return Span(parameter.span.start, parameter.span.start + len(parameter.name))
