"""The nodes of the syntax tree: what a file says, before anybody asks what it means.

Every node ends with its `span`. A node is a plain tuple with names: cheap to make, compared by content.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeAlias

from cnnspec.record import Record
from cnnspec.source import Span

# --- expressions ---------------------------------------------------------------------------------------------------


class Number(Record):
    """`38_390`, `0.1`, `1e-5`; `text` keeps the digits as written (the precision of an `example`)."""

    value: int | float
    text: str
    span: Span


class Boolean(Record):
    value: bool
    span: Span


class Text(Record):
    value: str
    span: Span


class Name(Record):
    """A parameter, a let, a value, a figure, a symbolic size (one capital), or a bare word (a kind, a mode)."""

    name: str
    span: Span


class SizeLiteral(Record):
    """`28x28x1`, `?x?x8`, `HxWx3`: the parts are Number, Blank or Name."""

    parts: tuple[Expression, ...]
    span: Span


class ListLiteral(Record):
    items: tuple[Expression, ...]
    span: Span


class Range(Record):
    """`1..4`, both ends included."""

    first: Expression
    last: Expression
    span: Span


class Unary(Record):
    operator: str  # "-", "+", "not"
    operand: Expression
    span: Span


class Binary(Record):
    operator: str  # + - * / // % ** == != < <= > >= and or
    left: Expression
    right: Expression
    span: Span


class Conditional(Record):
    """`a if condition else b`."""

    condition: Expression
    then: Expression
    otherwise: Expression
    span: Span


class Call(Record):
    """`min(a, b)`, `count(conv, depthwise)`."""

    function: str
    arguments: tuple[Expression, ...]
    span: Span
    function_span: Span


class Index(Record):
    value: Expression
    position: Expression
    span: Span


class Blank(Record):
    """`?`, `?1` (number 1), `?(3, 5, 7)` (choices)."""

    number: int | None
    choices: tuple[Expression, ...]
    span: Span


Expression: TypeAlias = (
    Number
    | Boolean
    | Text
    | Name
    | SizeLiteral
    | ListLiteral
    | Range
    | Unary
    | Binary
    | Conditional
    | Call
    | Index
    | Blank
)

# --- steps -----------------------------------------------------------------------------------------------------------


class Argument(Record):
    """One argument of a layer or block: `name` is None where it is positional."""

    name: str | None
    value: Expression
    span: Span
    name_span: Span | None


class Layer(Record):
    """`conv 10, f=5`, `conv_bn 64, f=7`, `add skip`: a layer, a block call, or a join with names."""

    kind: str
    arguments: tuple[Argument, ...]
    alias: str | None
    span: Span  # of kind and arguments
    kind_span: Span
    alias_span: Span | None


class Join(Record):
    """`concat { branch { … } … }`. `residual { A } shortcut { B }` has a node of its own."""

    kind: str
    arguments: tuple[Argument, ...]
    body: Body
    alias: str | None
    span: Span  # of the kind word only
    kind_span: Span
    alias_span: Span | None


class Residual(Record):
    condition: Expression | None
    body: Body
    shortcut: Body | None
    alias: str | None
    span: Span  # of the word `residual`
    alias_span: Span | None


class Branch(Record):
    body: Body
    alias: str | None
    span: Span  # of the word `branch`
    alias_span: Span | None


class Repeat(Record):
    times: Expression
    body: Body
    alias: str | None
    span: Span  # of `repeat COUNT`
    alias_span: Span | None


class For(Record):
    names: tuple[str, ...]
    values: Expression
    body: Body
    alias: str | None
    span: Span  # of `for … in …`
    name_spans: tuple[Span, ...]
    alias_span: Span | None


class If(Record):
    """`if`, `else if` … in order, then `else`. Without a branch that holds, nothing happens."""

    cases: tuple[tuple[Expression, Body], ...]
    otherwise: Body | None
    alias: str | None
    span: Span  # of `if CONDITION`
    alias_span: Span | None


class Frozen(Record):
    body: Body
    alias: str | None
    span: Span  # of the word `frozen`
    alias_span: Span | None


class From(Record):
    name: str
    alias: str | None
    span: Span
    name_span: Span
    alias_span: Span | None


class Apply(Record):
    name: str
    alias: str | None
    span: Span
    name_span: Span
    alias_span: Span | None


class Hole(Record):
    """`?` in the place of layers."""

    blank: Blank
    alias: str | None
    span: Span
    alias_span: Span | None


class Broken(Record):
    """Text with a syntax error, already reported: the value after it is unknown, and its words may name anything.

    A dropped statement of any sort (`let`, `block` …) stands in the tree as a Flow of one Broken step. `words` are all
    the words of the dropped text, keywords too, so that nobody complains of a name that it would have bound.
    """

    words: tuple[str, ...]
    alias: str | None
    span: Span
    alias_span: Span | None


Step: TypeAlias = Layer | Join | Residual | Branch | Repeat | For | If | Frozen | From | Apply | Hole | Broken

# --- statements ------------------------------------------------------------------------------------------------------


class Annotation(Record):
    """`-> 12x12x10, 260 params`; either part may be absent, not both."""

    size: Expression | None
    params: Expression | None
    span: Span


class Flow(Record):
    """Steps joined by `|`, and what the author expects of them."""

    steps: tuple[Step, ...]
    annotation: Annotation | None
    span: Span


class Parameter(Record):
    name: str
    default: Expression | None
    span: Span


class Model(Record):
    name: str
    parameters: tuple[Parameter, ...]
    span: Span
    name_span: Span


class Block(Record):
    name: str
    parameters: tuple[Parameter, ...]
    body: Body
    span: Span
    name_span: Span


class Use(Record):
    path: str
    span: Span
    path_span: Span


class Let(Record):
    name: str
    value: Expression
    span: Span
    name_span: Span


class Input(Record):
    """`input 28x28x1`, `input left: 64x64x1`, `input 56, integer`; an annotation after it is dropped by `fmt`."""

    name: str | None
    size: Expression
    element_type: str | None  # "integer" or None
    annotation: Annotation | None
    span: Span
    name_span: Span | None
    element_type_span: Span | None


class Output(Record):
    names: tuple[str, ...]
    span: Span
    name_spans: tuple[Span, ...]


class Expect(Record):
    condition: Expression
    span: Span


class Example(Record):
    """`example [[0, 1]] -> 0.717`: one value for each input, then one for each output."""

    inputs: tuple[Expression, ...]
    outputs: tuple[Expression, ...]
    span: Span


class Variant(Record):
    """`variant resnet18(unit = basic) { expect params == 11_699_112 }`: settings of the model's parameters."""

    name: str
    settings: tuple[Argument, ...]  # all with names
    body: Body
    span: Span  # of the whole statement
    name_span: Span


Statement: TypeAlias = Flow | Model | Block | Use | Let | Input | Output | Expect | Example | Variant
Body: TypeAlias = Sequence[Statement]  # a tuple; but of nested tuple types mypy makes minutes of work


class File(Record):
    """All statements of a file in order. Which statement may stand where is for `elaborate` to say."""

    body: Body
    span: Span
