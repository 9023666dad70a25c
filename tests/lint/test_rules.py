"""Findings: what is doubtful is said, what is published is not."""

from __future__ import annotations

from pathlib import Path

import pytest

import cnnspec
from cnnspec.codes import CODES
from cnnspec.lint import engine
from tests.examples import SPECS

ROOT = Path(__file__).parents[2]
EXAMPLES = SPECS


HERE = ("W101", "W102", "W103", "W104", "W201", "W202", "W301", "W302", "W303")  # the others have their own files


def findings(text: str) -> list[tuple[str, int]]:
    """The findings of the codes that are tested here."""
    found = cnnspec.check(text)
    assert [d for d in found if d.severity == "error"] == []
    return [(d.code, d.row) for d in found if d.code in HERE]


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.stem)
def test_the_examples_give_no_findings(path: Path) -> None:
    from cnnspec.api import check_source
    from cnnspec.syntax.reading import read

    assert [repr(d) for d in check_source(read(path))[1]] == []


def test_every_finding_has_its_rule() -> None:
    assert set(engine.RULES) == {code for code in CODES if code.startswith("W")}
    files = {path.stem for path in (ROOT / "cnnspec" / "lint" / "rules").glob("*.py")} - {"__init__"}
    assert files == set(engine.RULES.values())


@pytest.mark.parametrize("code", engine.RULES)
def test_every_rule_says_what_it_is(code: str) -> None:
    rule = engine.rule(code)
    assert code == rule.CODE
    assert rule.DEFAULT is (code in engine.DEFAULT)
    assert isinstance(rule.ON_GRAPHS, bool)


# --- published designs, in a few lines -------------------------------------------------------------------------------

MOBILENET_V2 = """
block inverted(expand, filters, s = 1) {
    residual if s == 1 and channels == filters {
        conv expand * channels, f=1, bias=false | batchnorm | relu6
        depthwise 3, s=s, p=1, bias=false | batchnorm | relu6
        conv filters, f=1, bias=false | batchnorm
    }
}
input 224x224x3
conv 32, f=3, s=2, p=1, bias=false | batchnorm | relu6
depthwise 3, p=1, bias=false | batchnorm | relu6
conv 16, f=1, bias=false | batchnorm
for t, c, n, s in [[6, 24, 2, 2], [6, 32, 3, 2], [6, 64, 4, 2], [6, 96, 3, 1], [6, 160, 3, 2], [6, 320, 1, 1]] {
    inverted t, c, s=s
    repeat n - 1 { inverted t, c }
}
conv 1280, f=1, bias=false | batchnorm | relu6
global_avgpool | dropout 0.2 | dense 1000 | softmax
"""
SQUEEZE_EXCITE = """
input 56x56x64
conv 64, f=3, p=1, bias=false | batchnorm as x
branch { global_avgpool | dense 4 | relu | dense 64 | sigmoid } as gate
mul gate
relu
"""
XCEPTION = """
block separable(filters) { depthwise 3, p=1, bias=false | conv filters, f=1, bias=false | batchnorm }
input 74x74x128
residual {
    relu | separable 256 | relu | separable 256 | maxpool 3, s=2, p=1
} shortcut {
    conv 256, f=1, s=2, bias=false | batchnorm
}
"""
DENSENET = """
input 56x56x64
repeat 6 {
    identity as before
    batchnorm | relu | conv 128, f=1, bias=false | batchnorm | relu | conv 32, f=3, p=1, bias=false
    concat before
}
batchnorm | relu | conv channels // 2, f=1 | avgpool 2
batchnorm | relu | global_avgpool | dense 10
"""
SHUFFLENET = """
input 28x28x240
residual {
    conv 60, f=1, groups=3, bias=false | batchnorm | relu | channel_shuffle 3
    depthwise 3, p=1, bias=false | batchnorm
    conv 240, f=1, groups=3, bias=false | batchnorm
}
relu
"""
FCN = """
input 7x7x512
conv 4096, f=7, p=3 | relu | conv 21, f=1
conv_transpose 21, f=4, s=2, p=1, bias=false
"""
EDSR = """
input 32x32x64
conv 256, f=3, p=1 | pixel_shuffle 2
conv 3, f=3, p=1
"""
CONVNEXT = """
input 56x56x96
residual { depthwise 7, p=3 | layernorm | conv 384, f=1 | gelu | conv 96, f=1 }
layernorm | conv 192, f=2, s=2
"""
GLOBAL_CONVOLUTION = """
input 32x32x64
add {
    branch { conv 21, f=7x1, p=3x0 | conv 21, f=1x7, p=0x3 }
    branch { conv 21, f=1x7, p=0x3 | conv 21, f=7x1, p=3x0 }
}
"""
AUTOENCODER = """
input 784
dense 128 | relu | dense 16
dense 128 | relu | dense 784 | sigmoid
"""
RESNET_D = """
input 56x56x256
residual {
    conv 512, f=3, s=2, p=1, bias=false | batchnorm
} shortcut {
    avgpool 2 | conv 512, f=1, bias=false | batchnorm
}
relu
"""
FIXED_FILTERS = """
input 8x8x1
conv 1, f=2, weight=[[1, 1], [1, 1]], bias=false
conv 4, f=3 | relu
"""
SELF_ATTENTION = """
input 16x16x32
branch { conv 4, f=1 } as query
branch { conv 32, f=1 | softmax } as attention
mul attention as seen
output query, seen
"""
PUBLISHED = {name: text for name, text in globals().items() if name.isupper() and isinstance(text, str)}


@pytest.mark.parametrize("name", PUBLISHED)
def test_published_designs_give_no_findings(name: str) -> None:
    assert [repr(d) for d in cnnspec.check(PUBLISHED[name])] == []


@pytest.mark.parametrize(
    ("comment", "found"),
    [
        ("# noqa: W301", []),
        ("# as published: noqa: W101, W301", []),
        ("# noqa: W302", [("W301", 2)]),
        ("# W301", [("W301", 2)]),
        ("", [("W301", 2)]),
    ],
)
def test_a_comment_allows_a_finding_of_its_line(comment: str, found: list[tuple[str, int]]) -> None:
    assert findings(f"input 11x11x1\nmaxpool 2  {comment}\nconv 4, f=2  # not this line: noqa: W301\n") == found


def test_no_comment_allows_an_error() -> None:
    assert [d.code for d in cnnspec.check("input 4x4x1\nconv 4, f=7  # allow E301\n")] == ["E301"]


# --- W201, W202 ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "between",
    [
        "batchnorm",
        "scale",
        "rescale 0.5",
        "avgpool 2",
        "dropout 0.5",
        "drop_path 0.1",
        "identity",
        "batchnorm | dropout 0.5 | avgpool 2",
    ],
)
def test_linear_steps_do_not_part_two_layers(between: str) -> None:
    assert findings(f"input 28x28x1\nconv 16, f=3\n{between}\nconv 16, f=3 | relu\n") == [("W201", 4)]


@pytest.mark.parametrize(
    "between", ["relu", "maxpool 2", "lrn 5", "layernorm", "instancenorm", "groupnorm 4", "abs", "tanh"]
)
def test_what_is_not_linear_parts_them(between: str) -> None:
    assert findings(f"input 28x28x1\nconv 16, f=3\n{between}\nconv 16, f=3 | relu\n") == []


def test_a_convolution_before_a_dense_layer() -> None:
    assert findings("input 28x28x1\nconv 16, f=3\nflatten\ndense 10 | softmax\n") == [("W201", 4)]
    assert findings("input 28x28x1\nconv 16, f=3 | global_avgpool | dense 10 | softmax\n") == [("W201", 2)]


def test_a_value_that_is_used_twice_is_no_mere_step() -> None:
    text = "input 28x28x8\nconv 16, f=3, p=1 as a\nconv 16, f=3, p=1\nadd a\n"
    assert findings(text) == []
    assert findings("input 28x28x8\nconv 16, f=3 as a\nconv 16, f=3 as b\noutput a, b\n") == []


@pytest.mark.parametrize(("middle", "found"), [(15, []), (16, [("W201", 3)]), (32, [("W201", 3)])])
def test_only_a_narrow_middle_is_a_bottleneck(middle: int, found: list[tuple[str, int]]) -> None:
    assert findings(f"input 8x8x16\nconv {middle}, f=3\nconv 16, f=3 | relu\n") == found
    assert findings(f"input 16\ndense {middle}\ndense 16 | relu\n") == found


def test_a_blank_may_be_an_activation() -> None:
    assert findings("input 28x28x1\nconv 16, f=3\n? -> 26x26x16\nconv 16, f=3 | relu\n") == []


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("softmax | dense 10", [("W202", 2)]),
        ("softmax | relu", []),  # W204 speaks of it
        ("log_softmax | dropout 0.5 | dense 10", [("W202", 2)]),
        ("softmax | layernorm | dense 10", [("W202", 2)]),
        ("softmax", []),
        ("softmax | dropout 0.5", []),
        ("softmax | rescale 10", []),
    ],
)
def test_softmax(text: str, found: list[tuple[str, int]]) -> None:
    assert findings(f"input 8\n{text}\n") == found


def test_a_softmax_in_the_middle_of_an_image() -> None:
    for between in ("maxpool 2", "pad 1", "groupnorm 2", "global_avgpool keep=true", "avgpool 2 | crop 1"):
        net = f"input 28x28x1\nconv 8, f=3\nsoftmax | {between}\nconv 3, f=1\n"
        assert ("W202", 3) in findings(net), between
    assert findings("input 28x28x1\nconv 8, f=3\nsoftmax | global_avgpool\n") == []


# --- W301, W302, W303 ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("size", "layer", "dropped"),
    [
        ("11x11x1", "maxpool 2", True),
        ("12x11x1", "avgpool 2", True),
        ("12x12x1", "maxpool 2", False),
        ("11x11x1", "maxpool 2, ceil=true", False),
        ("11x11x1", "maxpool 2, p=same", False),
        ("11x11x1", "maxpool 2, p=[0, 0, 1, 1]", False),
        ("224x224x3", "conv 64, f=7, s=2, p=3", False),
        ("112x112x3", "maxpool 3, s=2, p=1", False),
        ("56x56x3", "conv 8, f=1, s=2", False),
        ("28x28x3", "conv 8, f=3, s=2", True),
        ("28x28x3", "depthwise 3, s=2, p=1", False),
        ("227x227x3", "conv 96, f=11, s=4", False),
        ("224x224x3", "conv 96, f=11, s=4, p=2", False),
        ("224x224x3", "conv 96, f=11, s=4, p=1", True),
        ("1001x4", "maxpool 4", True),
        ("1000x4", "maxpool 4", False),
        ("20x20x1", "conv 4, f=2, s=5", False),
        ("21x21x1", "conv 4, f=3, s=2, d=2", False),
        ("22x22x1", "conv 4, f=3, s=2, d=2", True),
        ("9x9x9x1", "maxpool 2", True),
    ],
)
def test_dropped_columns(size: str, layer: str, dropped: bool) -> None:
    """By hand: a row at the end is lost where no window reaches it and none would with gaps between windows."""
    assert findings(f"input {size}\n{layer}\n") == ([("W301", 2)] if dropped else [])


@pytest.mark.parametrize(
    ("size", "layer"), [("11x13x1", "maxpool 2"), ("28x30x3", "conv 8, f=3, s=2"), ("9x10x1", "avgpool 4")]
)
def test_the_remedy_for_dropped_columns_helps(size: str, layer: str) -> None:
    (d,) = cnnspec.check(f"input {size}\n{layer}\n")
    padding = d.help.partition("p=")[2].partition(" to")[0]
    assert padding or "ceil=true" in d.help
    if padding:
        assert findings(f"input {size}\n{layer}, p={padding}\n") == []
    if "ceil=true" in d.help:
        assert findings(f"input {size}\n{layer}, ceil=true\n") == []


def test_what_is_dropped_is_counted() -> None:
    messages = [
        cnnspec.check(f"input {size}\n{layer}\n")[0].message
        for size, layer in (
            ("11x12x1", "maxpool 2"),
            ("11x11x1", "maxpool 2"),
            ("11x12x1", "maxpool 4, s=4"),
            ("13x13x1", "maxpool 5"),
            ("101x4", "maxpool 4"),
        )
    ]
    assert messages == [
        "the last row of the 11x12x1 input is not used",
        "the last row and column of the 11x11x1 input are not used",
        "the last 3 rows of the 11x12x1 input are not used",
        "the last 3 rows and 3 columns of the 13x13x1 input are not used",
        "the last value of the 101x4 input is not used",
    ]


@pytest.mark.parametrize(
    ("layer", "found"),
    [
        ("maxpool 3, s=1, p=2", True),
        ("maxpool 3, s=1, p=1", False),
        ("maxpool 2, s=2, p=1", False),
        ("maxpool 4, s=2, p=3", True),
        ("maxpool 3, s=1, p=2, d=2", False),
        ("avgpool 3, s=1, p=[0, 0, 2, 0]", True),
        ("avgpool 3, s=1, p=same", False),
    ],
)
def test_padding_beyond_half(layer: str, found: bool) -> None:
    codes = [code for code, _ in findings(f"input 28x28x4\n{layer}\n") if code != "W301"]
    assert codes == (["W302"] if found else [])


def test_padding_beyond_half_marks_the_argument() -> None:
    (d,) = cnnspec.check("input 28x28x4\nmaxpool 3, s=1, pad = [0, 0, 2, 0]\n")
    assert d.source.text[d.span.start : d.span.end] == "pad = [0, 0, 2, 0]"


@pytest.mark.parametrize(
    ("size", "found"),
    [
        ("28x28", True),
        ("8x8", True),
        ("480x640", True),
        ("1080x1920", True),
        ("4x4", False),
        ("100x64", False),
        ("1000x3", False),
        ("28x28x1", False),
        ("784", False),
    ],
)
def test_channels_missing(size: str, found: bool) -> None:
    assert findings(f"input {size}\nrelu\n") == ([("W303", 1)] if found else [])


# --- W1xx ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("let a = 3\ninput 8\ndense 4", [("W101", 1)]),
        ("let a = 3\ninput 8\ndense a", []),
        ("let a = 3\nlet b = a\ninput 8\ndense b", []),
        ("model m(classes = 3)\ninput 8\ndense 4", [("W101", 1)]),
        ("model m(classes = 3)\ninput 8\ndense 4\nif classes == 3 { expect output == 4 }", []),
        ("block f(a, b = a) { dense b }\ninput 8\nf 3", []),
        ("block f(a, b) { dense a }\ninput 8\nf 3, 4", [("W101", 1)]),
        ("block f(act) { act }\ninput 8\nf relu", []),
        ("block f { let a = 3\ndense 4 }\ninput 8\nf", [("W101", 1)]),
        ("input 8\nbranch { dense 4 }\nrelu", [("W101", 2)]),
        ("input 8\nbranch { dense 4 } as aux\nrelu", [("W101", 2)]),
        ("input 8\nbranch { dense 4 } as aux\nrelu as main\noutput main, aux", []),
        ("input 8\nbranch { dense 4 as aux | relu }\nrelu as main\noutput main, aux", []),
        ("input 8\nrelu as never_used", []),
        ("input 8\nfor i in 1..3 { relu }", []),
        ("let a = 3\nblock f { relu }", []),
        ("block f { relu }\ninput 8\nrelu", [("W102", 1)]),
        ("block f { relu }\nblock g { f }\ninput 8\nrelu", [("W102", 2)]),
        ("block f { relu }\nblock g { f }\ninput 8\ng", []),
        ("block f { relu }\nblock g(act) { act }\ninput 8\ng f", []),
        ("let width = 3\ninput 8\ndense width", [("W103", 1)]),
        ("block f(channels) { dense channels }\ninput 8\nf 3", [("W103", 1)]),
        ("input 8\nfor length in 1..3 { dense length | relu }", [("W103", 2)]),
        ("block relu { tanh }\ninput 8\nrelu", [("W104", 1)]),
    ],
)
def test_names(text: str, found: list[tuple[str, int]]) -> None:
    assert findings(f"{text}\n") == found


def test_a_broken_line_may_have_used_the_name() -> None:
    found = cnnspec.check("let a = 3\nblock f { relu }\ninput 8\ndense (a\nf ]\n")
    assert [d.code for d in found if d.severity == "warning"] == []
