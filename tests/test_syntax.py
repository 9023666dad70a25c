"""Text to tree: everything the language allows, and every mistake that people make."""

from __future__ import annotations

import re
import subprocess
import sys
import threading
import time
from pathlib import Path
from textwrap import dedent
from typing import Any

import pytest
from hypothesis import given, settings

from cnnspec.diagnostics import CnnSpecError
from cnnspec.source import Source
from cnnspec.syntax import tree
from cnnspec.syntax.grammar import grammar_path
from cnnspec.syntax.parser import MAX_DIAGNOSTICS, parse
from cnnspec.syntax.reading import LARGEST, read
from cnnspec.syntax.same import same_tree
from tests.strategies import damaged_files, files

RESNET = """
model resnet50(classes = 1000)

block conv_bn(filters, f, s = 1, p = f // 2) {
    conv filters, f=f, s=s, p=p, bias=false | batchnorm
}

block bottleneck(filters, s = 1) {
    residual {
        conv_bn filters, f=1 | relu
        conv_bn 4 * filters, f=1
    } shortcut {
        if s != 1 or channels != 4 * filters {
            conv_bn 4 * filters, f=1, s=s
        }
    }
    relu
}

input 224x224x3
conv_bn 64, f=7, s=2 | relu               -> 112x112x64
repeat depth - 1 { bottleneck filters }
global_avgpool | dense classes            -> classes
softmax

expect trainable == 23_508_032 + 2_049 * classes        # 25,557,032 with 1000 classes
"""


def parsed(text: str) -> tuple[Any, list[Any]]:
    return parse(Source(text))


def body_of(text: str) -> Any:
    file, errors = parsed(text)
    assert errors == []
    return file.body


def one(text: str):
    (statement,) = body_of(text)
    return statement


def step(text: str):
    (only,) = one(text).steps
    return only


def say(node: Any) -> str:  # noqa: C901  (a case a node)
    """An expression with all its parentheses."""
    match node:
        case tree.Number():
            return node.text
        case tree.Boolean() | tree.Text():
            return repr(node.value)
        case tree.Name():
            return node.name
        case tree.SizeLiteral():
            return "x".join(map(say, node.parts))
        case tree.ListLiteral():
            return f"[{', '.join(map(say, node.items))}]"
        case tree.Range():
            return f"({say(node.first)}..{say(node.last)})"
        case tree.Unary():
            return f"({node.operator} {say(node.operand)})"
        case tree.Binary():
            return f"({say(node.left)} {node.operator} {say(node.right)})"
        case tree.Conditional():
            return f"({say(node.then)} if {say(node.condition)} else {say(node.otherwise)})"
        case tree.Call():
            return f"{node.function}({', '.join(map(say, node.arguments))})"
        case tree.Index():
            return f"{say(node.value)}[{say(node.position)}]"
        case tree.Blank():
            return f"?{'' if node.number is None else node.number}{list(map(say, node.choices)) or ''}"
    raise AssertionError(node)


def value(text: str) -> str:
    return say(one(f"let x = {text}").value)


def outline(body: Any) -> list[str]:
    """The kinds of the statements, or of their steps."""
    return [
        " | ".join(getattr(each, "kind", type(each).__name__) for each in statement.steps)
        if isinstance(statement, tree.Flow)
        else type(statement).__name__
        for statement in body
    ]


# --- statements ------------------------------------------------------------------------------------------------------


def test_resnet():
    body = body_of(RESNET)
    assert outline(body) == [
        *("Model", "Block", "Block", "Input", "conv_bn | relu", "Repeat", "global_avgpool | dense", "softmax", "Expect")
    ]
    residual = body[2].body[0].steps[0]
    assert type(residual) is tree.Residual
    assert outline(residual.body) == ["conv_bn | relu", "conv_bn"]
    assert outline(residual.shortcut) == ["If"]


@pytest.mark.parametrize("text", ["", "\n\n", "# only a comment", "  \n # so\n\n", ";;;\n;", "\ufeff"])
def test_empty_file(text):
    assert body_of(text) == ()


def test_layer_with_arguments():
    layer = step("conv 10, 3x3, f=5, bias=false as first")
    assert (layer.kind, layer.alias) == ("conv", "first")
    assert [(argument.name, say(argument.value)) for argument in layer.arguments] == [
        *((None, "10"), (None, "3x3"), ("f", "5"), ("bias", "False"))
    ]


def test_places():
    text = "relu\nconv 10, f=5 as a | relu  -> 3x4, 7 params"
    flow = body_of(text)[1]
    conv = flow.steps[0]
    pieces = [conv.span, conv.kind_span, conv.alias_span, conv.arguments[1].span, conv.arguments[1].name_span]
    pieces += [flow.span, flow.annotation.span, flow.annotation.params.span, flow.annotation.size.parts[1].span]
    assert [text[span.start : span.end] for span in pieces] == [
        *("conv 10, f=5", "conv", "a", "f=5", "f", text[5:], "-> 3x4, 7 params", "7", "4")
    ]


@pytest.mark.parametrize(
    ("text", "size", "params"),
    [
        ("relu -> 12x12x10", "12x12x10", None),
        ("relu -> 12x12x10, 260 params", "12x12x10", "260"),
        ("relu -> 28x28x6, (5*5*3 + 1)*6 params", "28x28x6", "((((5 * 5) * 3) + 1) * 6)"),
        ("relu -> 456 params", None, "456"),
        ("relu -> 1 param", None, "1"),
        ("relu -> classes", "classes", None),
        ("relu -> ?x?x?, ? params", "?x?x?", "?"),
        ("relu -> ?,     ? params", "?", "?"),
        ("relu -> ?(26x26x8, 28x28x8)", "?['26x26x8', '28x28x8']", None),
        ("relu -> params", "params", None),
        ("relu -> params(head) params", None, "params(head)"),
        ("relu\n  -> 3", "3", None),
    ],
)
def test_annotation(text, size, params):
    annotation = one(text).annotation
    assert (annotation.size and say(annotation.size), annotation.params and say(annotation.params)) == (size, params)


def test_input():
    assert say(one("input 28x28x1").size) == "28x28x1"
    named = one("input left: 64x64x1")
    assert (named.name, say(named.size), named.element_type) == ("left", "64x64x1", None)
    assert one("input 56, integer").element_type == "integer"
    assert one("input words: 56, integer -> 56").annotation is not None
    assert say(one("input [16 * H, 16 * W, 3]").size) == "[(16 * H), (16 * W), 3]"
    assert say(one("input HxWx3").size) == "HxWx3"
    assert say(one("input n").size) == "n"


def test_input_and_output_are_also_names_of_values():
    assert step("from input").name == "input"
    assert [say(argument.value) for argument in step("concat input, s1").arguments] == ["input", "s1"]
    assert say(one("expect output == 7x7x512").condition) == "(output == 7x7x512)"
    assert say(one("expect params(head) == params").condition) == "(params(head) == params)"


def test_other_statements():
    assert one("output main, aux1").names == ("main", "aux1")
    assert one('use "blocks.cnn"').path == "blocks.cnn"
    assert one("model lenet").parameters == ()
    example = one("example [[0, 1]], 3 -> 0.717, [1]")
    assert (list(map(say, example.inputs)), list(map(say, example.outputs))) == (["[[0, 1]]", "3"], ["0.717", "[1]"])
    assert example.outputs[0].text == "0.717"


def test_blocks():
    block = one("block up(filters, skip, f = 3,\n  p = f // 2,) { add skip }")
    assert [(p.name, p.default and say(p.default)) for p in block.parameters] == [
        *(("filters", None), ("skip", None), ("f", "3"), ("p", "(f // 2)"))
    ]
    assert one("block head { dense 10 }").parameters == one("block head() {dense 10}").parameters == ()


def test_constructs():
    assert say(step("repeat depth - 1 { relu }").times) == "(depth - 1)"
    loop = step("for t, c in [[1, 16], [6, 24]] { conv c }")
    assert (loop.names, say(loop.values)) == (("t", "c"), "[[1, 16], [6, 24]]")
    assert say(step("for i in 1..4 { relu }").values) == "(1..4)"
    assert outline(step("frozen { relu; tanh }").body) == ["relu", "tanh"]
    assert say(step("residual if s == 1 { relu }").condition) == "(s == 1)"
    assert step("residual { relu }").shortcut is None
    assert step("branch { head } as aux1").alias == "aux1"
    assert step("apply tower").name == "tower"
    join = step("concat { branch { relu } branch { } }\n")
    assert (join.kind, outline(join.body), join.body[1].steps[0].body) == ("concat", ["Branch", "Branch"], ())
    assert say(step("add scale=0.1 { branch { } }").arguments[0].value) == "0.1"


def test_else_if_is_flat():
    chain = step("if a { relu }" + " else if b { tanh }" * 500 + " else { elu } as x")
    assert len(chain.cases) == 501
    assert chain.otherwise is not None
    assert chain.alias == "x"
    assert step("if a { relu }").otherwise is None


def test_annotation_and_pipe_after_braces():
    flow = one("concat {\n  branch { relu }\n} as both | relu -> 3")
    assert [each.alias for each in flow.steps] == ["both", None]
    assert say(flow.annotation.size) == "3"


def test_hole():
    flow = one("? -> 7x7x64")
    assert isinstance(flow.steps[0], tree.Hole)
    assert step("?2").blank.number == 2
    assert outline(body_of("? | relu")) == ["Hole | relu"]


# --- expressions -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "meaning"),
    [
        ("a + b * c - d", "((a + (b * c)) - d)"),
        ("a - b - c", "((a - b) - c)"),
        ("-2 ** 2", "(- (2 ** 2))"),
        ("2 ** 3 ** 2", "(2 ** (3 ** 2))"),
        ("2 ** -1", "(2 ** (- 1))"),
        ("a // 2 % 3 / 4", "(((a // 2) % 3) / 4)"),
        ("not a == b and c or d", "(((not (a == b)) and c) or d)"),
        ("1 if a else 2 if b else 3", "(1 if a else (2 if b else 3))"),
        ("1..n + 1", "(1..(n + 1))"),
        ("0..3 == xs", "((0..3) == xs)"),
        ("xs[0][i + 1]", "xs[0][(i + 1)]"),
        ("(a + b) * c", "((a + b) * c)"),
        ("min(1, max(2, 3),)", "min(1, max(2, 3))"),
        ("min (1, 2)", "min(1, 2)"),
        ("count()", "count()"),
        ("[\n  1, # one\n  [2],\n]", "[1, [2]]"),
        ("[]", "[]"),
        ("(1\n+\n2)", "(1 + 2)"),
        ("f - 1", "(f - 1)"),
        ("f -1", "(f - 1)"),
        ("[a, -1]", "[a, (- 1)]"),
        ("- -1", "(- (- 1))"),
        ("h // 2x3", "(h // 2x3)"),
        ("?(3, 5, 7)", "?['3', '5', '7']"),
        ("?1 + ?", "(?1 + ?)"),
        ('"a # b"', "'a # b'"),
        ("true", "True"),
    ],
)
def test_expression(text, meaning):
    assert value(text) == meaning


@pytest.mark.parametrize(
    ("text", "number"),
    [("1_000", 1000), ("0.1", 0.1), ("1e-5", 1e-5), ("1E3", 1000.0), ("007", 7), ("1_0.2_5", 10.25)],
)
def test_number(text, number):
    found = one(f"let x = {text}").value
    assert (found.value, found.text) == (number, text)
    assert type(found.value) is type(number)


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("28x28x1", ["28", "28", "1"]),
        ("1_000x2_000x3", ["1_000", "2_000", "3"]),
        ("3×3", ["3", "3"]),
        ("?x?1xC", ["?", "?1", "C"]),
        ("1_000_000_000x1_000_000_000", ["1_000_000_000", "1_000_000_000"]),
    ],
)
def test_size(text, parts):
    size = one(f"input {text}").size
    assert list(map(say, size.parts)) == parts
    assert [text[part.span.start - 6 : part.span.end - 6] for part in size.parts] == parts


def test_a_space_tells_a_group_from_a_call():
    assert say(step("conv (3 + 4) * 2").arguments[0].value) == "((3 + 4) * 2)"
    assert say(step("select [0, 4]").arguments[0].value) == "[0, 4]"
    assert say(step("conv -k").arguments[0].value) == "(- k)"


# --- layout ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "kinds"),
    [
        ("conv 3; relu;; tanh", ["conv", "relu", "tanh"]),
        ("conv 3\n| relu", ["conv | relu"]),
        ("conv 3 |\nrelu", ["conv | relu"]),
        ("conv 3,\n f=5\nrelu", ["conv", "relu"]),
        ("conv 3 # why\n\n  # so\n | relu", ["conv | relu"]),
        ("conv [1,\n\n2\n]\nrelu", ["conv", "relu"]),
        ("if a\n{ relu }\nelse\n{ tanh }\nelu", ["If", "elu"]),
        ("residual { relu }\nshortcut { tanh }", ["Residual"]),
        ("conv 3\r\nrelu\r\n", ["conv", "relu"]),
        ("conv 3\rrelu", ["conv", "relu"]),
        ("conv\u00a03,\u2009f=5\u3000| relu", ["conv | relu"]),
        ("relu # a | b { ( ", ["relu"]),
        ("relu→3", ["relu"]),
        ("repeat 3 { }", ["Repeat"]),
        ("concat { branch { } }", ["concat"]),
    ],
)
def test_layout(text, kinds):
    assert outline(body_of(text)) == kinds


def test_long_names_stay_as_written():
    names = [argument.name for argument in step("conv 8, kernel=3, padding=1, kernel_size=3").arguments]
    assert names == [None, "kernel", "padding", "kernel_size"]


def test_what_is_left_to_the_elaborator():
    assert value("range(3)") == "range(3)"
    assert say(one("relu -> hxwx6").annotation.size) == "hxwx6"
    assert [say(argument.value) for argument in step('dropout 0,5, p="same"').arguments] == ["0", "5", "'same'"]


# --- mistakes --------------------------------------------------------------------------------------------------------


def errors_of(text: str) -> list[Any]:
    return parsed(text)[1]


def found(text: str) -> list[tuple[str, int, int]]:
    return [(error.code, error.row, error.column) for error in errors_of(text)]


def fixed(text: str, error: Any) -> str:
    for edit in sorted(error.fix.edits, key=lambda edit: edit.span, reverse=True):
        text = text[: edit.span.start] + edit.content + text[edit.span.end :]
    return text


# text, code, column, text after the fix
MENDED = [
    ("conv(6, f=5)", "E108", 5, "conv 6, f=5"),
    ("conv(6)", "E108", 5, "conv 6"),
    ("relu()", "E108", 5, "relu"),
    ("conv (6, f=5)", "E108", 6, "conv 6, f=5"),
    ("conv(6, f=5,) | relu(\n) -> 3", "E108", 5, "conv 6, f=5 | relu(\n) -> 3"),
    ("Conv 6", "E110", 1, "conv 6"),
    ("relu | myLayer 3", "E110", 8, "relu | my_layer 3"),
    ("MaxPool2d 2", "E110", 1, "maxpool 2"),
    ("LeakyReLU", "E110", 1, "leaky_relu"),
    ("block Foo(x) { relu }", "E110", 7, "block foo(x) { relu }"),
    ("conv 6, F=5", "E110", 9, "conv 6, f=5"),
    ("let été = 3", "E110", 5, "let ete = 3"),
    ("input 28 x 28 x 1", "E109", 7, "input 28x28x1"),
    ("input 28 × 28×1", "E109", 7, "input 28x28x1"),
    ("input 28 x28x1", "E109", 7, "input 28x28x1"),
    ("input 28X28X1", "E109", 7, "input 28x28x1"),
    ("relu -> ? x ? x 8", "E109", 9, "relu -> ?x?x8"),
    ("relu -> h x w x 8", "E109", 9, "relu -> [h, w, 8]"),
    ("relu -> 28x28xfilters", "E109", 9, "relu -> [28, 28, filters]"),
    ("dense 1 000", "E114", 7, "dense 1_000"),
    ("expect params == 61 706", "E114", 18, "expect params == 61_706"),
    ("input 784 // image", "E112", 11, "input 784 # image"),
    ("input 784 // the image, unrolled", "E112", 11, "input 784 # the image, unrolled"),
    ("input 784 -- image", "E112", 11, "input 784 # image"),
    ("input 784 % it's an image", "E112", 11, "input 784 # it's an image"),
    ("// the input\ninput 784", "E112", 1, "# the input\ninput 784"),
    ("input 784 /* image */", "E112", 11, "input 784 # image"),
    ("expect params = 18", "E116", 15, "expect params == 18"),
    ("if s = 1 { relu }", "E116", 6, "if s == 1 { relu }"),
    ("residual if s = 1 { relu }", "E116", 15, "residual if s == 1 { relu }"),
    ("conv 6 f=5", "E115", 8, "conv 6, f=5"),
    ("select [0 4]", "E115", 11, "select [0, 4]"),
    ("relu -> 3x3 9 params", "E115", 13, "relu -> 3x3, 9 params"),
    ("block f(a b) { relu }", "E115", 11, "block f(a, b) { relu }"),
    ("s = conv 6, f=5", "E111", 3, "conv 6, f=5 as s"),
    ("s = conv 6 | relu -> 3", "E111", 3, "conv 6 | relu as s -> 3"),
    ("k = 32", "E111", 1, "let k = 32"),
    ("k = min(n, 3)", "E111", 1, "let k = min(n, 3)"),
    ("k = n * 2", "E111", 1, "let k = n * 2"),
    ("conv 6, p='same'", "E104", 11, 'conv 6, p="same"'),
    ("use “a.cnn”", "E104", 5, 'use "a.cnn"'),
    ("relu => 3", "E118", 6, "relu -> 3"),
    ("relu --> 3", "E118", 6, "relu -> 3"),
    ("expect depth => 3", "E118", 14, "expect depth >= 3"),
    ("if a && b { relu }", "E118", 6, "if a and b { relu }"),
    ("if a || b { relu }", "E118", 6, "if a or b { relu }"),
    ("if !a { relu }", "E118", 4, "if not a { relu }"),
    ("conv 6, bias=False", "E118", 14, "conv 6, bias=false"),
    ("if a { relu } elif b { tanh }", "E118", 15, "if a { relu } else if b { tanh }"),
    ("def foo(x, k = 3) { relu }", "E118", 1, "block foo(x, k = 3) { relu }"),
    ("variants small(k = 3)", "E118", 1, "variant small(k = 3)"),
    ('variant "small" { expect a }', "E104", 9, "variant small { expect a }"),
    ('model "net"(k = 3)', "E104", 7, "model net(k = 3)"),
    ("variant small k = 3, n = [4, 5]", "E104", 15, "variant small(k = 3, n = [4, 5])"),
    ("variant small k = 3 { expect a }", "E104", 15, "variant small(k = 3) { expect a }"),
    ("model m(H=3)\ninput 2x2x1\nrelu", "E110", 9, "model m(h=3)\ninput 2x2x1\nrelu"),
    ("variant S(k = 3)", "E110", 9, "variant s(k = 3)"),
    ("let k = 3 − 1", "E105", 11, "let k = 3 - 1"),
    ("expect depth ≥ 3", "E105", 14, "expect depth >= 3"),
    ("expect 1 < n < 5", "E104", 14, "expect 1 < n and n < 5"),
    ("input (28, 28, 1)", "E104", 7, "input 28x28x1"),
    ("conv 6, f=(3, k)", "E104", 11, "conv 6, f=[3, k]"),
    ("relu -> 3x3, 260", "E104", 14, "relu -> 3x3, 260 params"),
    ("relu -> 260 parameters", "E104", 13, "relu -> 260 params"),
    ("let k: 3", "E104", 6, "let k= 3"),
    ("conv filters: 6", "E104", 13, "conv filters= 6"),
    ("input x = 3x3", "E104", 9, "input x : 3x3"),
    ("dropout .5", "E104", 9, "dropout 0.5"),
    ("conv 1_, f=3", "E104", 6, "conv 1, f=3"),
    ("conv 6,", "E104", 7, "conv 6"),
    ("conv 6, | relu", "E104", 7, "conv 6 | relu"),
    ("relu)", "E106", 5, "relu"),
    ("select [0, 4)", "E106", 13, "select [0, 4]"),
    ("relu\n}", "E106", 1, "relu\n"),
]


@pytest.mark.parametrize(("text", "code", "column", "right"), MENDED, ids=[case[0] for case in MENDED])
def test_mistake_with_its_fix(text, code, column, right):
    """One error, the fix that it offers, and the tree of what was meant."""
    file, errors = parsed(text)
    first = errors[0]
    assert (first.code, first.column) == (code, column)
    assert first.help
    assert fixed(text, first) == right
    assert first.fix.applicability == "safe"
    if "\n" not in right:
        assert len(errors) == 1
        assert same_tree(file.body, body_of(right))


# text, code, row, column, what the message or the help says
REFUSED = [
    ("conv 3 relu", "E115", 1, 8, "write `| relu`"),
    ("relu maxpool 2", "E115", 1, 6, "write `| maxpool`"),
    ("conv 6, f=(3\nrelu", "E106", 1, 11, "add `)`"),
    ("select [0, 4\nlet k = 3", "E106", 1, 8, "add `]`"),
    ("block f(x {\n  relu\n}", "E106", 1, 8, "add `)`"),
    ("block f {\n  relu\nconv 3", "E106", 1, 9, "add `}`"),
    ('use "a.cnn\nrelu', "E106", 1, 5, "string is never closed"),
    ("repeat 3\nrelu", "E104", 1, 1, "write `repeat 3 { ... }`"),
    ("repeat 3:\n    relu", "E104", 1, 9, "write `repeat 3 { ... }`"),
    ("if a:\n  relu", "E104", 1, 5, "write `if a { ... }`"),
    ("relu\nelse { tanh }", "E104", 2, 1, "`else` has no `if` before it"),
    ("shortcut { relu }", "E104", 1, 1, "`shortcut` has no `residual` before it"),
    ("conv 6 as in", "E117", 1, 11, "`in` is a word of the language"),
    ("let for = 3", "E117", 1, 5, "`for` is a word of the language"),
    ("conv 6, from=3", "E117", 1, 9, "`from` is a word of the language"),
    ("let variant = 3", "E117", 1, 5, "`variant` is a word of the language"),
    ("relu | variant small", "E113", 1, 8, "begin a new line"),
    ("variant small(k)", "E104", 1, 16, "write it like `variant small("),
    ("variant", "E104", 1, 8, "a name is missing after `variant`"),
    ('variant "Small Net"', "E104", 1, 9, "a name stands without quotes"),
    ("block input { relu }", "E117", 1, 7, "`input` is a word of the language"),
    ("relu | input 3", "E113", 1, 8, "begin a new line"),
    ("relu let k = 3", "E113", 1, 6, "begin a new line"),
    ("conv 6, p=None", "E118", 1, 11, "leave the argument out"),
    ("if a {\n relu\n}\nelif b {\n relu\n}", "E118", 4, 1, "else if"),
    ("def foo(x) {\n relu\n}", "E118", 1, 1, "block"),
    ("while a < 3 { relu }", "E118", 1, 1, "repeat"),
    ("conv 3 @ 4", "E105", 1, 8, "`@` has no meaning here"),
    ("conv 3\x00", "E105", 1, 7, "U+0000"),
    ("let k = 2 ^ 3", "E105", 1, 11, "write `**`"),
    ("dense " + "1" * 400, "E107", 1, 7, "400 digits"),
    ("input 3x" + "1" * 101, "E107", 1, 7, "101 digits"),
    ("let k = ?" + "1" * 5000, "E107", 1, 9, "5000 digits"),
    ("let k = 1e999", "E215", 1, 9, "too large"),
    ("let = 3", "E104", 1, 5, "a name is missing after `let`"),
    ("let k =", "E104", 1, 8, "a value is missing after `=`"),
    ("let k = 3 +", "E104", 1, 12, "a value is missing after `+`"),
    ("relu |", "E104", 1, 7, "a layer is missing after `|`"),
    ("relu ->", "E104", 1, 8, "a size is missing after `->`"),
    ("relu as", "E104", 1, 8, "a name is missing after `as`"),
    ("use blocks", "E104", 1, 5, "a file name in quotes"),
    ("3x3 conv", "E104", 1, 1, "begin with a layer"),
    ("64filters", "E104", 1, 1, "begin a name with a letter"),
    ("expect a == b c", "E104", 1, 15, "`c` does not fit here"),
    ("input 28x 28x1", "E109", 1, 7, "write `28x28x1`"),
    ("s = concat {\n branch { }\n}", "E111", 1, 3, "write `as s`"),
]


@pytest.mark.parametrize(("text", "code", "row", "column", "words"), REFUSED, ids=[case[0][:30] for case in REFUSED])
def test_mistake(text, code, row, column, words):
    (error,) = errors_of(text)
    assert (error.code, error.row, error.column) == (code, row, column)
    assert words in f"{error.message}; {error.help}"


def test_every_message_fits():
    for text in [case[0] for case in MENDED] + [case[0] for case in REFUSED]:
        for error in errors_of(text):
            assert len(error.message.split()) <= 14, error
            assert "\n" not in error.message + error.help
            assert not error.message.endswith(".")
            assert not re.search(r"\{\w+\}", error.message + error.help), error
            assert error.help[:1].islower() or not error.help


@pytest.mark.parametrize(
    "text",
    [
        "let k = h // 2",
        "let k = h // n\nlet n = 3",
        "let k = (h\n// 2)",
        "let k = h // 2; relu",
        "block part { conv h // n; relu }\nlet n = 3",
        "conv h // 2 if a else 3",
        "let k = 3 --n\nlet n = 3",
        "let k = (3 // 0.5)",
        "let k = [n\n// 2,\nn\n// 3]",
        "let k = h % 2 # % no comment",
        'use "http://a b"',
        "relu # // here too",
        "relu -> h // 2 params",
        "input 28x28x1\nreshape height // channels",
    ],
)
def test_these_are_no_foreign_comments(text):
    assert errors_of(text) == []


def test_all_errors_at_once():
    text = dedent("""\
        input 28 x 28 x 1
        conv(6, f=5) | relu
        block part(a, b {
            conv a f=3
            Conv b, f=3
        }
        s = conv 6, f=5, bias=False
        repeat 3 {
            relu | | relu
            let let = 3
        }
        expect params = 18
        dense 1 000 as in
        part 3, 4
        """)
    assert found(text) == [
        *(("E109", 1, 7), ("E108", 2, 5), ("E106", 3, 11), ("E115", 4, 12), ("E110", 5, 5), ("E111", 7, 3)),
        *(("E118", 7, 23), ("E104", 9, 12), ("E117", 10, 9), ("E116", 12, 15), ("E114", 13, 7), ("E117", 13, 16)),
    ]
    file, _ = parsed(text)
    assert outline(file.body) == [*("Input", "conv | relu", "Block", "conv", "Repeat", "Expect", "Broken", "part")]


def test_broken_statements_keep_their_words():
    file, _ = parsed("let width ( 3\nrelu")
    (broken,) = file.body[0].steps
    assert isinstance(broken, tree.Broken)
    assert broken.words == ("let", "width")
    assert outline(file.body) == ["Broken", "relu"]


def test_a_broken_header_does_not_spoil_its_body():
    text = "block f((x {\n  relu\n  conv 3 3 3 3\n}\nrepeat 3 3 {\n  relu\n}\nrelu"
    file, errors = parsed(text)
    assert [error.row for error in errors] == [1, 3, 5]
    assert outline(file.body)[-1] == "relu"


def test_an_error_after_a_body_keeps_the_body():
    file, errors = parsed("concat {\n  branch { relu }\n} | tanh -> 3 3 as x\nelu")
    assert [error.code for error in errors] == ["E115"]
    assert outline(file.body)[0] == "concat"
    assert outline(file.body)[-1] == "elu"


def test_a_missing_closing_brace_is_found_by_the_indentation():
    text = "block a {\n    repeat 3 {\n        relu\n    tanh\n}\ninput 3x3x3\na\n"
    file, errors = parsed(text)
    assert [(error.code, error.row, error.column) for error in errors] == [("E106", 2, 14)]
    assert outline(file.body) == ["Block", "Input", "a"]
    assert outline(file.body[0].body) == ["Repeat", "tanh"]


def test_a_missing_closing_brace_at_the_end():
    file, errors = parsed("repeat 3 {\n    relu\ninput 3\n")
    assert [(error.code, error.row) for error in errors] == [("E106", 1)]
    assert outline(file.body) == ["Repeat", "Input"]


def test_a_missing_opening_brace_is_supplied():
    file, errors = parsed("repeat 3\n    relu\n}\nfor i in 1..2:\n    tanh\n}\nelu")
    assert [(error.code, error.row) for error in errors] == [("E104", 1), ("E104", 4)]
    assert outline(file.body) == ["Repeat", "For", "elu"]


# --- files -----------------------------------------------------------------------------------------------------------


def test_read(tmp_path):
    path = tmp_path / "net.cnn"
    path.write_bytes("\ufeffinput 3×3\r\nrelu".encode())
    source = read(path)
    assert source.filename == str(path)
    assert outline(body_of(source.text)) == ["Input", "relu"]


@pytest.mark.parametrize(
    ("content", "code", "place"),
    [(b"relu\nconv \xff3", "E101", (2, 6)), (b"relu\n" * (LARGEST // 5 + 1), "E102", (1, 1))],
)
def test_read_refuses(tmp_path, content, code, place):
    path = tmp_path / "net.cnn"
    path.write_bytes(content)
    with pytest.raises(CnnSpecError) as caught:
        read(path)
    (error,) = caught.value.diagnostics
    assert (error.code, error.row, error.column) == (code, *place)


def test_read_without_a_file(tmp_path):
    for path in (tmp_path / "none.cnn", tmp_path):
        with pytest.raises(CnnSpecError, match="E100"):
            read(path)


# --- hostile texts ---------------------------------------------------------------------------------------------------

HOSTILE = {
    "braces": ("branch {\n" * 5000, ["E103"]),
    "closed braces": ("branch {\n" * 5000 + "}\n" * 5000, ["E103"]),
    "parentheses": ("dense " + "(" * 5000 + "1" + ")" * 5000, ["E103"]),
    "lists": ("dense " + "[" * 5000, ["E103"]),
    "sum": ("dense " + "+".join("a" * 9000), ["E103"]),
    "not": ("expect " + "not " * 4000 + "true", ["E103"]),
    "powers": ("let x = " + "**".join("2" * 6000), ["E103"]),
    "minus": ("let x = " + "-" * 9000 + "1", ["E103"]),
    "ternaries": ("let x = " + "1 if a else " * 1500 + "2", ["E103"]),
    "indices": ("let x = a" + "[0]" * 5000, ["E103"]),
    "long line": ("a" * 20_001, ["E102"]),
    "long text": ("a\n" * (LARGEST // 2 + 1), ["E102"]),
    "many steps": ("a\n" * 300_000, ["E102"]),
    "many numbers": ("select [" + "1,\n" * 300_000 + "]", ["E102"]),
    "errors": ("a b c d\n" * 100_000, ["E115"] * MAX_DIAGNOSTICS),
    "closers": (")\n" * 100_000, ["E106"] * MAX_DIAGNOSTICS),
    "comments": ("//\n" * 100_000, ["E112"] * MAX_DIAGNOSTICS),
    "quotes": ('"\n' * 100_000, ["E106"] * MAX_DIAGNOSTICS),
    "openers": ("a (\n" * 100_000, ["E103"]),
    "garbage": ("\0" * 15_000, ["E105"]),
    "signs": ("@$" * 7_000, ["E105"]),
    "empty lines": ("\n" * 4_000_000, []),
    "sizes": ("1x" * 9_000, ["E109"]),
    "capitals": ("Aa " * 6_000, ["E110"] * MAX_DIAGNOSTICS),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile(name):
    text, codes = HOSTILE[name]
    assert [error.code for error in errors_of(text)] == codes


def depth_of(node) -> int:
    if not isinstance(node, tuple):
        return 0
    return (type(node) is not tuple) + max(map(depth_of, node), default=0)


def test_the_deepest_expression_that_is_allowed():
    assert depth_of(one("let x = " + "+".join("a" * 101)).value) <= 103
    assert [error.code for error in errors_of("let x = " + "+".join("a" * 102))] == ["E103"]
    assert errors_of("let x = " + "(" * 50 + "1" + ")" * 50) == []
    assert [error.code for error in errors_of("let x = " + "(" * 51 + "1" + ")" * 51)] == ["E103"]


def test_a_long_file_takes_linear_time():
    body_of("conv 8, f=3, p=1\n" * 10)
    start = time.process_time()
    assert len(body_of("conv 8, f=3, p=1\n" * 20_000)) == 20_000
    assert time.process_time() - start < 3


@given(files())
@settings(max_examples=200, deadline=None)
def test_a_valid_text_has_no_errors(text):
    file, errors = parsed(text)
    assert errors == []
    assert "Broken" not in repr(file)


@given(damaged_files())
@settings(max_examples=300, deadline=None)
def test_no_text_raises(text):
    file, errors = parsed(text)
    assert errors or "Broken" not in repr(file)
    assert errors == sorted(errors, key=lambda error: error.span)
    for error in errors:
        assert 0 <= error.span.start <= error.span.end <= len(text)


def test_parsing_in_threads():
    results = []
    threads = [threading.Thread(target=lambda: results.append(errors_of(RESNET * 5))) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert results == [[], [], [], []]


# --- the grammar -----------------------------------------------------------------------------------------------------


def test_the_grammar_is_found_and_has_no_conflicts():
    from lark import Lark

    text = Path(grammar_path()).read_text(encoding="utf-8")
    Lark(text, parser="lalr", lexer="basic", debug=False)
    program = (
        "import lark, logging, sys; lark.logger.setLevel(logging.DEBUG); lark.Lark(sys.stdin.read(), parser='lalr')"
    )
    done = subprocess.run([sys.executable, "-c", program], input=text, capture_output=True, text=True, check=True)
    assert "conflict" not in (done.stderr + done.stdout).lower()


def test_without_a_place_for_the_tables(tmp_path, monkeypatch):
    """Where nothing can be written, the tables are made anew; where only the user's folder can, they go there."""
    from cnnspec.syntax import grammar
    from cnnspec.syntax.build import Builder

    blocked = tmp_path / "file"
    blocked.write_text("")
    monkeypatch.setattr(grammar, "_HERE", str(blocked))
    monkeypatch.setenv("XDG_CACHE_HOME", str(blocked))
    assert grammar.make_parser(Builder()).parse_interactive() is not None
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    grammar.make_parser(Builder())
    (tables,) = (tmp_path / "cache" / "cnnspec").iterdir()
    tables.write_bytes(tables.read_bytes()[:1000])  # as a killed process leaves them
    assert grammar.make_parser(Builder()).parse_interactive() is not None


def test_decimals_in_the_place_of_a_size():
    """With commas for `x` they would make a size of decimals."""
    for text in ("input 1,2.5,3", "input 8x8x1\nrelu -> 1,5.25,3"):
        _, errors = parse(Source(text))
        assert errors, text
