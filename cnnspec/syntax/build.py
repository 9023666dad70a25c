"""What the reductions of the grammar make: nodes of the tree.

Every method has the name of a rule or alias in `cnnspec.lark` and takes the parts of that rule, all tokens included.
"""

from __future__ import annotations

import math
import re
from sys import intern
from typing import Any

from cnnspec.diagnostics import Mistake
from cnnspec.source import Span
from cnnspec.syntax import tree
from cnnspec.syntax.tokens import Lexeme

MAX_DEPTH = 100

_Parts = list[Any]
_FOREIGN_CONSTRUCTS = {"elif": "} else if ... {", "while": "repeat ... {", "def": "block ... {"}
_new = tuple.__new__  # makes a NamedTuple in half the time of calling its class: these lines run for every word


class Statements(list[tree.Statement]):
    """The statements of a body so far; on the parser's stack, the place to fall back to."""


def _start(part: Any) -> int:
    return part.start_pos if type(part) is Lexeme else part.span[0]


def _end(part: Any) -> int:
    return part.end_pos if type(part) is Lexeme else part.span[1]


def _span(token: Any) -> Span:
    return _new(Span, (token.start_pos, token.end_pos))


def _between(first: Any, last: Any) -> Span:
    return _new(Span, (_start(first), _end(last)))


class Builder:
    """The methods that lark calls. `depths` holds the depth of the nested expressions of the current statement."""

    def __init__(self) -> None:
        self.depths: dict[int, int] = {}
        self.noted: list[Mistake] = []  # mistakes that do not disturb the reading

    def _nested(self, node: Any, *inner: Any) -> Any:
        """The node, unless it is too deep for those who will walk the tree."""
        depth = 1 + max((self.depths.get(id(one), 0) for one in inner), default=0)
        if depth > MAX_DEPTH:
            raise Mistake(
                "E103",
                "the expression is nested more than {limit} deep",
                help="name a part of it with `let`",
                span=node.span,
                limit=MAX_DEPTH,
            )
        self.depths[id(node)] = depth
        return node

    # --- statements ---

    def start(self, parts: _Parts) -> tree.File:
        body = tuple(parts[0])
        return tree.File(body, Span(body[0].span.start, body[-1].span.end) if body else Span(0, 0))

    def no_statement(self, _: _Parts) -> Statements:
        return Statements()

    def empty_line(self, parts: _Parts) -> Statements:
        statements: Statements = parts[0]
        return statements

    def statement(self, parts: _Parts) -> Statements:
        if self.depths:
            self.depths.clear()
        statements: Statements = parts[0]
        statements.append(parts[2])
        return statements

    def body(self, parts: _Parts) -> tree.Body:
        return tuple(parts[1])

    def first(self, parts: _Parts) -> _Parts:
        return parts

    def next(self, parts: _Parts) -> _Parts:
        some: _Parts = parts[0]
        some.append(parts[2])
        return some

    def model(self, parts: _Parts) -> tree.Model:
        word, name, parameters = parts
        return tree.Model(name.value, tuple(parameters or ()), _between(word, name), _span(name))

    def block(self, parts: _Parts) -> tree.Block:
        word, name, parameters, body = parts
        return tree.Block(name.value, tuple(parameters or ()), body, _between(word, name), _span(name))

    def no_parameters(self, _: _Parts) -> _Parts:
        return []

    def parameters(self, parts: _Parts) -> _Parts:
        some: _Parts = parts[1]
        return some

    def parameter(self, parts: _Parts) -> tree.Parameter:
        name, _, default = parts
        return tree.Parameter(name.value, default, _between(name, default or name))

    def use(self, parts: _Parts) -> tree.Use:
        return tree.Use(parts[1].value[1:-1], _between(*parts), _span(parts[1]))

    def let(self, parts: _Parts) -> tree.Let:
        word, name, _, value = parts
        return tree.Let(name.value, value, _between(word, value), _span(name))

    def input(self, parts: _Parts) -> tree.Input:
        word, name, _, size, _, element, annotation = parts
        return tree.Input(
            name and name.value,
            size,
            element and element.value,
            annotation,
            _between(word, element or size),
            name and _span(name),
            element and _span(element),
        )

    def output(self, parts: _Parts) -> tree.Output:
        word, names = parts
        return tree.Output(_values(names), _between(word, names[-1]), tuple(map(_span, names)))

    def expect(self, parts: _Parts) -> tree.Expect:
        return tree.Expect(parts[1], _between(*parts))

    def example(self, parts: _Parts) -> tree.Example:
        word, inputs, _, outputs = parts
        return tree.Example(tuple(inputs), tuple(outputs), _between(word, outputs[-1]))

    def variant(self, parts: _Parts) -> tree.Variant:
        word, name, settings, body = parts
        settings, body = tuple(settings or ()), body or ()
        last = (body or settings or (name,))[-1]
        return tree.Variant(name.value, settings, body, _between(word, last), _span(name))

    def flow(self, parts: _Parts) -> tree.Flow:
        steps = tuple(parts[0])
        annotation = parts[1] if len(parts) == 2 else None
        last = annotation or steps[-1]
        return _new(tree.Flow, (steps, annotation, _new(Span, (steps[0].span[0], last.span[1]))))

    def size_annotation(self, parts: _Parts) -> tree.Annotation:
        return tree.Annotation(parts[1], None, _between(*parts))

    def params_annotation(self, parts: _Parts) -> tree.Annotation:
        return tree.Annotation(None, parts[1], _between(parts[0], parts[-1]))

    def annotation(self, parts: _Parts) -> tree.Annotation:
        return tree.Annotation(parts[1], parts[3], _between(parts[0], parts[-1]))

    # --- steps ---

    def layer(self, parts: _Parts) -> tree.Layer:
        kind = parts[0]
        kind_span = _new(Span, (kind.start_pos, kind.end_pos))
        if len(parts) == 1:
            return _new(tree.Layer, (intern(kind.value), (), None, kind_span, kind_span, None))
        arguments = tuple(parts[1])
        span = _new(Span, (kind.start_pos, arguments[-1].span[1]))
        return _new(tree.Layer, (intern(kind.value), arguments, None, span, kind_span, None))

    def join(self, parts: _Parts) -> tree.Join | tree.Broken:
        arguments = tuple(parts[1]) if len(parts) == 3 else ()
        kind_span = _span(parts[0])
        if parts[0].value in _FOREIGN_CONSTRUCTS:
            return self._foreign_construct(parts[0])
        return tree.Join(intern(parts[0].value), arguments, parts[-1], None, kind_span, kind_span, None)

    def _foreign_construct(self, word: Any) -> tree.Broken:
        right = _FOREIGN_CONSTRUCTS[word.value]
        mistake = Mistake("E118", "`{word}` is not a word of the language", help="write `{right}`", span=_span(word))
        mistake.values = {"word": word.value, "right": right}
        self.noted.append(mistake)
        return tree.Broken((word.value,), None, _span(word), None)

    def residual(self, parts: _Parts) -> tree.Residual:
        word, _, condition, body, _, shortcut = parts
        return tree.Residual(condition, body, shortcut, None, _span(word), None)

    def branch(self, parts: _Parts) -> tree.Branch:
        return tree.Branch(parts[1], None, _span(parts[0]), None)

    def frozen(self, parts: _Parts) -> tree.Frozen:
        return tree.Frozen(parts[1], None, _span(parts[0]), None)

    def repeat(self, parts: _Parts) -> tree.Repeat:
        word, count, body = parts
        return tree.Repeat(count, body, None, _between(word, count), None)

    def for_each(self, parts: _Parts) -> tree.For:
        word, names, _, values, body = parts
        return tree.For(_values(names), values, body, None, _between(word, values), tuple(map(_span, names)), None)

    def if_else(self, parts: _Parts) -> tree.If:
        (span, *cases), _, otherwise = parts
        return tree.If(tuple(cases), otherwise, None, span, None)

    def first_case(self, parts: _Parts) -> _Parts:
        word, condition, body = parts
        return [_between(word, condition), (condition, body)]

    def next_case(self, parts: _Parts) -> _Parts:
        cases: _Parts = parts[0]
        cases.append((parts[3], parts[4]))
        return cases

    def from_value(self, parts: _Parts) -> tree.From:
        return tree.From(parts[1].value, None, _between(*parts), _span(parts[1]), None)

    def apply(self, parts: _Parts) -> tree.Apply:
        return tree.Apply(parts[1].value, None, _between(*parts), _span(parts[1]), None)

    def hole(self, parts: _Parts) -> tree.Hole:
        return tree.Hole(parts[0], None, parts[0].span, None)

    def broken(self, parts: _Parts) -> tree.Broken:
        return tree.Broken(parts[0].words, None, _span(parts[0]), None)

    def named_step(self, parts: _Parts) -> tree.Step:
        step, _, name = parts
        return step._replace(alias=name.value, alias_span=_span(name))  # type: ignore[no-any-return]

    def positional(self, parts: _Parts) -> tree.Argument:
        value = parts[0]
        return _new(tree.Argument, (None, value, value.span, None))

    def named(self, parts: _Parts) -> tree.Argument:
        name, _, value = parts
        span = _new(Span, (name.start_pos, value.span[1]))
        return _new(tree.Argument, (intern(name.value), value, span, _new(Span, (name.start_pos, name.end_pos))))

    # --- expressions ---

    def number(self, parts: _Parts) -> tree.Number:
        token = parts[0]
        text = intern(token.value)
        span = _new(Span, (token.start_pos, token.end_pos))
        value: int | float
        try:
            value = int(text)
        except ValueError:
            value = float(text)
            if not math.isfinite(value):
                raise Mistake("E215", "`{text}` is too large for a number", span=span, text=text) from None
        return _new(tree.Number, (value, text, span))

    def size(self, parts: _Parts) -> tree.SizeLiteral:
        token = parts[0]
        found = re.finditer("[^x\u00d7]+", token.value)
        return tree.SizeLiteral(
            tuple(_size_part(match[0], token.start_pos + match.start()) for match in found), _span(token)
        )

    def boolean(self, parts: _Parts) -> tree.Boolean:
        return tree.Boolean(parts[0].type == "TRUE", _span(parts[0]))

    def text(self, parts: _Parts) -> tree.Text:
        return tree.Text(parts[0].value[1:-1], _span(parts[0]))

    def name(self, parts: _Parts) -> tree.Name:
        return tree.Name(intern(parts[0].value), _span(parts[0]))

    def blank(self, parts: _Parts) -> tree.Blank:
        choices = tuple(parts[2]) if len(parts) > 1 else ()
        blank = tree.Blank(_blank_number(parts[0].value), choices, _between(parts[0], parts[-1]))
        self._nested(blank, *choices)
        return blank

    def group(self, parts: _Parts) -> Any:
        inner = parts[1]
        depth = self.depths.pop(id(inner), 0)
        outer = inner._replace(span=_between(parts[0], parts[2]))
        if depth:
            self.depths[id(outer)] = depth
        return outer

    def empty_list(self, parts: _Parts) -> tree.ListLiteral:
        return tree.ListLiteral((), _between(parts[0], parts[-1]))

    def list(self, parts: _Parts) -> Any:
        items = tuple(parts[1])
        return self._nested(tree.ListLiteral(items, _between(parts[0], parts[-1])), *items)

    def bare_call(self, parts: _Parts) -> tree.Call:
        return tree.Call(parts[0].value, (), _between(parts[0], parts[-1]), _span(parts[0]))

    def call(self, parts: _Parts) -> Any:
        arguments = tuple(parts[2])
        call = tree.Call(parts[0].value, arguments, _between(parts[0], parts[-1]), _span(parts[0]))
        return self._nested(call, *arguments)

    def index(self, parts: _Parts) -> Any:
        value, _, index, end = parts
        return self._nested(tree.Index(value, index, _between(value, end)), value, index)

    def range(self, parts: _Parts) -> Any:
        first, _, last = parts
        return self._nested(tree.Range(first, last, _between(first, last)), first, last)

    def unary(self, parts: _Parts) -> Any:
        sign, operand = parts
        return self._nested(tree.Unary(sign.value, operand, _between(sign, operand)), operand)

    def binary(self, parts: _Parts) -> Any:
        left, sign, right = parts
        return self._nested(tree.Binary(sign.value, left, right, _between(left, right)), left, right)

    def conditional(self, parts: _Parts) -> Any:
        then, _, condition, _, otherwise = parts
        node = tree.Conditional(condition, then, otherwise, _between(then, otherwise))
        return self._nested(node, condition, then, otherwise)


def _values(tokens: _Parts) -> tuple[str, ...]:
    return tuple(token.value for token in tokens)


def _blank_number(text: str) -> int | None:
    return int(text[1:]) if len(text) > 1 else None


def _size_part(text: str, start: int) -> tree.Number | tree.Blank | tree.Name:
    span = Span(start, start + len(text))
    if text[0] == "?":
        return tree.Blank(_blank_number(text), (), span)
    if text.isalpha():
        return tree.Name(text, span)
    return tree.Number(int(text), text, span)
