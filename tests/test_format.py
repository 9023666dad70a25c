"""The canonical layout."""

from __future__ import annotations

from textwrap import dedent

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cnnspec.diagnostics import CnnSpecError
from cnnspec.files import FileProblem
from cnnspec.lint._names import nodes
from cnnspec.source import Source
from cnnspec.syntax import tree
from cnnspec.syntax.format import format_text
from cnnspec.syntax.parser import parse
from cnnspec.syntax.same import same_tree
from tests.strategies import files


def tree_of(text: str):
    file, errors = parse(Source(text))
    assert not errors
    return file


@given(files())
@settings(max_examples=300, deadline=None)
def test_formatting_keeps_the_meaning_and_is_done_once(text):
    formatted = format_text(text)
    assert same_tree(tree_of(formatted), tree_of(text))
    assert format_text(formatted) == formatted
    assert all(line == line.rstrip() for line in formatted.replace("\r\n", "\n").split("\n"))
    assert "\n\n\n" not in formatted.replace("\r\n", "\n")
    assert text.count("#") == formatted.count("#")
    assert formatted.count("\r") == (formatted.count("\n") if text.partition("\n")[0].endswith("\r") else 0)
    assert not formatted.startswith(("\n", "\r"))


def allowed(text):
    """For each layer in the order of the text, whether its line ends in a `# noqa`."""
    source = Source(text)
    layers = [node for node in nodes(tree_of(text)) if isinstance(node, tree.Layer)]
    return ["noqa" in source.line(source.row(layer.span.start)) for layer in layers]


@given(files(), st.randoms(use_true_random=False))
@settings(max_examples=100, deadline=None)
def test_what_a_noqa_allows_it_allows_after_formatting(text, random):
    lines = text.replace("\r\n", "\n").split("\n")
    text = "\n".join(line if "#" in line or random.random() < 0.5 else f"{line} # noqa" for line in lines)
    before, after = allowed(text), allowed(format_text(text))
    assert len(before) == len(after)
    assert all(late for early, late in zip(before, after, strict=True) if early)


LINES = [
    ("conv 10,f = 5|relu", "conv 10, f=5 | relu"),
    ("conv 10 , f=5 as  a", "conv 10, f=5 as a"),
    ("conv - 3, f=-x, s = - - 1", "conv -3, f=-x, s=- -1"),
    ("conv 3, padding=1 | my_block padding=2", "conv 3, p=1 | my_block padding=2"),
    ("conv 3, kernel=3,stride = 2", "conv 3, kernel=3, stride=2"),
    ("conv (3+4)*2", "conv (3 + 4) * 2"),
    ("select [ 0,4, ]", "select [0, 4]"),
    ("relu→28×28×6 , 1 param", "relu -> 28x28x6, 1 params"),
    ("relu->params( head )params", "relu -> params(head) params"),
    ("relu->-1", "relu -> -1"),
    ("input 28×28x1 -> 28x28x1", "input 28x28x1"),
    ("input left :64x64x1", "input left: 64x64x1"),
    ("input 56 , integer", "input 56, integer"),
    ("let xs=[1,2][0]+min ( 3,4 )-2**-1", "let xs = [1, 2][0] + min(3, 4) - 2 ** -1"),
    ("let x = a  if  not b else c", "let x = a if not b else c"),
    ("let x = 1 .. n+1", "let x = 1..n + 1"),
    ("let x = 3 --1", "let x = 3 - -1"),
    ("let x = xs [ 0 ] [ -1 ]", "let x = xs[0][-1]"),
    ("model net( k=3 ,b )", "model net(k = 3, b)"),
    ("variant  v", "variant v"),
    ("variant v ( k=3 ,b=[ relu,tanh ], )", "variant v(k = 3, b = [relu, tanh])"),
    ("variant v(k=3){expect params==2 and macs<3}", "variant v(k = 3) { expect params == 2 and macs < 3 }"),
    ("variant v{if a{expect b}}", "variant v { if a { expect b } }"),
    ("block f ( a,b=a//2 ) {relu}", "block f(a, b = a // 2) { relu }"),
    ("conv 3, f=? ( 3,5 )", "conv 3, f=?(3, 5)"),
    ("for t,c in [ [1,2] ]{conv t}", "for t, c in [[1, 2]] { conv t }"),
    ("concat{branch{relu}branch{ }}", "concat { branch { relu } branch { } }"),
    ("if a==b{relu}else if c{tanh}else{elu}", "if a == b { relu } else if c { tanh } else { elu }"),
    ("residual{relu}shortcut{tanh}->3", "residual { relu } shortcut { tanh } -> 3"),
    ('use   "a  b.cnn"  #why', 'use "a  b.cnn"  #why'),
    ("expect params(head)<=10_000 and not true", "expect params(head) <= 10_000 and not true"),
    ("expect output ( head )==6x6x1", "expect output(head) == 6x6x1"),
    ("example [ [0,1] ]->0.717,1", "example [[0, 1]] -> 0.717, 1"),
    ("output  a , b", "output a, b"),
    ("conv\u00a03,\tf=5", "conv 3, f=5"),
    ("from   input|apply  tower", "from input | apply tower"),
]


@pytest.mark.parametrize(("text", "formatted"), LINES, ids=[case[0] for case in LINES])
def test_spaces_and_spelling(text, formatted):
    assert format_text(text) == f"{formatted}\n"


def test_a_block_keeps_its_own_padding():
    text = "block conv(padding) { relu }\nconv padding=2\n"
    assert format_text(text) == text


@pytest.mark.parametrize("text", ["", "\n\n", "   ", ";"])
def test_nothing(text):
    assert format_text(text) == ""


PAGES = {
    "statements on their own lines, in braces indented": (
        "block a { relu; conv 3\n}\nrepeat 3\n{\nif k { tanh }\nelse\n{ elu\n}\n}",
        """\
        block a {
            relu
            conv 3
        }
        repeat 3 {
            if k { tanh } else {
                elu
            }
        }
        """,
    ),
    "one blank line at most, none at the ends of a body": (
        "\n\nrelu\n\n\n\ntanh\nblock a {\n\n  relu\n\n\n  elu\n\n}\n\n\n",
        """\
        relu

        tanh
        block a {
            relu

            elu
        }
        """,
    ),
    "annotations under each other in a paragraph": (
        """\
        conv 10, f=5 | relu -> 12x12x10
        dense 100
        flatten -> 320

        relu -> 320
        """,
        """\
        conv 10, f=5 | relu  -> 12x12x10
        dense 100
        flatten              -> 320

        relu -> 320
        """,
    ),
    "comments where they stand": (
        """\
        # first
            # second

        relu # here
        conv 3, f=5   # and here
        block a { # of a
        # inside

        relu
          # at the end
        }
        conv 3 # why
        # in between
        | relu


        # last
        """,
        """\
        # first
        # second

        relu         # here
        conv 3, f=5  # and here
        block a {    # of a
            # inside

            relu
            # at the end
        }
        conv 3  # why
            # in between
            | relu

        # last
        """,
    ),
    "the author's line breaks in brackets, at pipes and after commas": (
        """\
        conv 10,
           f=5 |
        relu
          | maxpool 2
            -> 12x12x10
        conv 1, f=3, weight=[
         [1, 0, -1], # top

         [1,0,-1],
            # bottom
           [ 1, 0, -1 ],
        ], bias=false
        """,
        """\
        conv 10,
            f=5
            | relu
            | maxpool 2 -> 12x12x10
        conv 1, f=3, weight=[
            [1, 0, -1],  # top
            [1, 0, -1],
            # bottom
            [1, 0, -1],
        ], bias=false
        """,
    ),
    "branches": (
        """\
        concat
        {
          branch { conv 64, f=1 | relu }
          branch {
          maxpool 3 } as b
          for d in [12,24] { branch { conv 32, d=d } }
        } -> 28x28x288
        """,
        """\
        concat {
            branch { conv 64, f=1 | relu }
            branch {
                maxpool 3
            } as b
            for d in [12, 24] { branch { conv 32, d=d } }
        } -> 28x28x288
        """,
    ),
}


@pytest.mark.parametrize("name", PAGES)
def test_page(name):
    text, formatted = map(dedent, PAGES[name])
    assert format_text(text) == formatted
    assert format_text(formatted) == formatted


def test_what_stands_in_the_canonical_layout_stays():
    text = dedent("""\
        model resnet50(classes = 1000)

        block conv_bn(filters, f, s = 1, p = f // 2) {
            conv filters, f=f, s=s, p=p, bias=false | batchnorm
        }

        input 224x224x3
        conv_bn 64, f=7, s=2 | relu  -> 112x112x64
        maxpool 3, s=2, p=1          -> 56x56x64
        residual {
            conv_bn 64, f=1 | relu
        } shortcut {
            if s != 1 or channels != 4 * filters {
                conv_bn 4 * filters, f=1, s=s
            }
        }
        expect params == 23_508_032 + 2_049 * classes  # with 1000 classes
        """)
    assert format_text(text) == text


BEFORE_SEMICOLONS = {
    "behind the line before": ("relu # c\n; abs", "relu  # c\nabs\n"),
    "on a line of its own": ("relu\n# c\n; abs", "relu\n# c\nabs\n"),
    "at the end of a body": ("repeat 2 {\n relu\n # c\n ;}", "repeat 2 {\n    relu\n    # c\n}\n"),
    "at the end of the file": ("block a { relu }\n# c\n;", "block a { relu }\n# c\n"),
    "several": ("relu # a\n; # b\n; abs # c\n", "relu  # a\n# b\nabs  # c\n"),
}


@pytest.mark.parametrize("place", BEFORE_SEMICOLONS)
def test_a_comment_before_a_semicolon_stays(place):
    text, formatted = BEFORE_SEMICOLONS[place]
    assert format_text(text) == formatted
    assert format_text(formatted) == formatted


def test_a_comment_that_would_get_lost_stops_the_layout(monkeypatch):
    monkeypatch.setattr("cnnspec.syntax.format._Writer._write_comments", lambda *_: None)
    with pytest.raises(FileProblem, match=r"net\.cnn: a comment would get lost"):
        format_text("relu  # why\n", "net.cnn")
    assert format_text("relu") == "relu\n"


ALLOWED = {
    "statements side by side": ("maxpool 2 ; relu; abs # noqa: W301", "maxpool 2; relu; abs  # noqa: W301\n"),
    "a body beside its head": ("repeat 2 { relu; abs } # noqa", "repeat 2 { relu; abs }  # noqa\n"),
    "a head, and the body's first line": ("block a { relu # noqa\n abs }", "block a { relu  # noqa\n    abs\n}\n"),
    "a brace at the end": ("repeat 2 {\n relu; } # noqa", "repeat 2 {\n    relu  # noqa\n}\n"),
    "two braces at the end": (
        "repeat 2 {\nrepeat 2 {\nrelu; abs };} # noqa\nelu",
        "repeat 2 {\n    repeat 2 {\n        relu; abs  # noqa\n    }\n}\nelu\n",
    ),
    "annotations": ("relu->3; abs->4 # noqa", "relu -> 3; abs -> 4  # noqa\n"),
    "semicolons too many": ("repeat 2 {; relu;; abs; }; # noqa", "repeat 2 { relu; abs }  # noqa\n"),
    "another comment": ("relu; abs # why", "relu\nabs  # why\n"),
}


@pytest.mark.parametrize("case", ALLOWED)
def test_a_line_with_a_noqa_is_not_split(case):
    text, formatted = ALLOWED[case]
    assert format_text(text) == formatted
    assert format_text(formatted) == formatted


@pytest.mark.parametrize(
    ("text", "formatted"),
    [
        ("relu|abs # a\r\n\r\nabs\r\n", "relu | abs  # a\r\n\r\nabs\r\n"),
        ("relu\r\nabs\nelu", "relu\r\nabs\r\nelu\r\n"),
        ("relu\nabs\r\nelu", "relu\nabs\nelu\n"),
    ],
)
def test_the_first_line_decides_how_lines_end(text, formatted):
    assert format_text(text) == formatted
    assert format_text(formatted) == formatted


def test_a_text_with_errors_is_refused():
    with pytest.raises(CnnSpecError) as caught:
        format_text("conv(3)\nrelu", filename="net.cnn")
    (error,) = caught.value.diagnostics
    assert (error.code, error.filename, error.row) == ("E108", "net.cnn", 1)


def test_same_tree_sees_differences():
    first = tree_of("conv 3, f=5 -> 3x3")
    assert same_tree(first, tree_of("conv   3,f=5\n -> 3×3"))
    for other in (
        "conv 3, f=6 -> 3x3",
        "conv 3, s=5 -> 3x3",
        "conv 3, f=5",
        "conv 3, f=5.0 -> 3x3",
        "conv 3, f=5; relu",
    ):
        assert not same_tree(first, tree_of(other))
