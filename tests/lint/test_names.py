"""W105 to W110: layers and inputs that nobody uses, names that hide others, numbers and sizes that go unsaid."""

from __future__ import annotations

import pytest

import cnnspec
from tests.lint.finding import find, fixed, rows

# --- W101, W102: their fixes -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "after"),
    [
        ("let a = 3\ninput 8\ndense 4\n", "input 8\ndense 4\n"),
        ("# net\nlet a = [\n  3,\n  4,\n]\n\ninput 8\ndense 4\n", "# net\n\ninput 8\ndense 4\n"),
        ("block f {\n    let a = 3\n    dense 4\n}\ninput 8\nf\n", "block f {\n    dense 4\n}\ninput 8\nf\n"),
    ],
)
def test_an_unused_let_is_taken_out(text: str, after: str) -> None:
    assert fixed(text, "W101", "safe") == after


@pytest.mark.parametrize(
    ("text", "left"),
    [
        ("let a = 1; let b = 2\ninput 8\ndense b\n", "let b = 2\ninput 8\ndense b\n"),
        ("let b = 2 ; let a = 1  # width\ninput 8\ndense b\n", "let b = 2  # width\ninput 8\ndense b\n"),
        ("input 8; let a = 1; dense 4\n", "input 8; dense 4\n"),
        ("let a = 1;\r\ninput 8\r\ndense 4\r\n", "input 8\r\ndense 4\r\n"),
        ("block f { let a = 3; relu }\ninput 8\nf\n", "block f { relu }\ninput 8\nf\n"),
        ("block f {\n    relu; let a = 3;\n}\ninput 8\nf\n", "block f {\n    relu;\n}\ninput 8\nf\n"),
    ],
)
def test_what_shares_its_line_by_a_semicolon_is_taken_out(text: str, left: str) -> None:
    assert fixed(text, "W101", "safe") == left


@pytest.mark.parametrize(
    "text", ["let a = 3  # the width\ninput 8\ndense 4\n", "block f { let a = 3 }\ninput 8\nf | relu\n"]
)
def test_what_shares_its_line_stays(text: str) -> None:
    (d,) = find(text, "W101")
    assert d.fix is None


def test_an_unused_block_is_taken_out() -> None:
    text = "block f(a = 3) {\n    concat { branch { dense a } branch { relu } }  # two\n}\n\ninput 8\nrelu\n"
    assert fixed(text, "W102", "unsafe") == "\ninput 8\nrelu\n"


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("if true { branch { dense 4 } }\nrelu", [2]),
        ("repeat 2 { branch { dense 4 } as aux\nrelu }", [2]),
        ("branch { branch { dense 4 }\nrelu } as aux\nrelu as main\noutput main, aux", [2]),
        ("concat { if true { branch { dense 4 } } branch { relu } }", []),
        ("concat { for i in 1..2 { branch { dense i } } }", []),
        ("concat { branch { branch { dense 4 }\nrelu } branch { relu } }", [2]),
        ("add { branch { relu } branch { tanh } }", []),
        ("residual { branch { dense 4 }\nrelu }", [2]),
    ],
)
def test_lone_branches_inside_other_braces(text: str, found: list[int]) -> None:
    assert rows(f"input 8\n{text}\n", "W101") == found
    assert rows(f"input 8\n{text}\n", "W105") == []


# --- W105, W106 ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("input 8\nrelu as x\ndense 4\nfrom x\ntanh", [3]),
        ("input 8\nrelu as x\ndense 4 as y\nfrom x\ntanh\ndense 4 | relu\nadd y", []),
        ("input 8\nrelu as x\ndense 4\noutput x", [3]),
        ("input 8\nrelu as x\ndense 4 as y\noutput x, y", []),
        ("input a: 8\ndense 4\ninput b: 8\nrelu", [2]),
        ("input a: 8\ndense 4 as left\ninput b: 8\nconcat left", []),
        ("input 8\nrelu as x\ndense 4 as y\nif false { output x, y }\nfrom x\ntanh", []),
        ("input 8\nrelu as x\ndense 8 as y\nfrom x\ntanh\napply y", []),
        ("input 8\nrelu as x\ndense 4 | ? -> 4\nfrom x\ntanh", []),
        ("input 8\nrelu as x\ndense 4 as y\nfrom x\n? -> 4", []),
        ("block f { relu as x\ndense 4\nfrom x }\ninput 8\nf", [2]),
        ("block f { dense 4 | relu }\ninput 8\nrelu as x\nf\nfrom x\ntanh", [1]),
    ],
)
def test_unused_layer(text: str, found: list[int]) -> None:
    assert rows(f"{text}\n", "W105") == found


def test_what_is_computed_for_nothing_is_counted() -> None:
    (d,) = find("input 8\nrelu as x\ndense 4 | relu\ndense 2\nfrom x\ntanh\n", "W105")
    assert d.message == "nothing uses the value of `dense2`"
    assert d.notes == ("3 layers with 46 parameters for nothing",)  # 4*(8 + 1) + 2*(4 + 1)
    assert d.fix is None  # one layer less, and the one before it is the next


def test_the_fix_for_an_unused_layer() -> None:
    text = "input 8\nrelu as x\ndense 4\nfrom x\ntanh\n"
    assert fixed(text, "W105", "unsafe") == "input 8\nrelu as x\nfrom x\ntanh\n"


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("input a: 8\ninput b: 8\nrelu", [1]),
        ("input a: 8\ninput b: 8\nadd a", []),
        ("input a: 8\ninput b: 8\nfrom a\nrelu", [2]),
        ("input a: 8\ninput b: 8\nrelu as y\noutput y, a", []),
        ("input a: 8\ninput b: 8\n? -> 8", []),
    ],
)
def test_unused_input(text: str, found: list[int]) -> None:
    assert rows(f"{text}\n", "W106") == found


# --- W108 ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("let c = 3\ninput 8\nfor c in 1..2 { dense c | relu }\ndense c", [3]),
        ("model m(c = 3)\ninput 8\nfor c in 1..2 { dense c | relu }\ndense c", [3]),
        ("input 8\nfor i in 1..2 {\nfor i in 1..2 { dense i | relu } }", [3]),
        ("input 8\nfor i in 1..2 { dense i | relu }\nfor i in 1..2 { dense i | relu }", []),
        ("block f(c) {\nlet c = 4\ndense c }\ninput 8\nf 3", [2]),
        ("block f(c) { dense c }\nlet c = 3\ninput 8\nf c", []),
        ("block f(a) { dense a | relu }\nblock g(a) { f a | f a }\ninput 8\ng 3", []),
        ("let c = 3\nblock f {\nlet c = 4\ndense c }\ninput 8\nf\ndense c", [3]),
        ("input 8\nlet a = 3\nrepeat 2 {\nlet a = 4\ndense a | relu }\ndense a", [4]),
        ("input 8\nrepeat 2 { let a = 4\ndense a | relu }\nrepeat 2 { let a = 5\ndense a | relu }", []),
        ("input 8\nadd { branch {\nlet a = 4\ndense a } branch { let a = 4\ndense a } }", []),
        ("input 8\nlet a = 3\nadd { branch {\nlet a = 4\ndense a } branch { dense 4 } }", [4]),
        ("input 8\nlet width = 3\nfor width in 1..2 { dense width | relu }", []),
    ],
)
def test_shadowed_name(text: str, found: list[int]) -> None:
    assert rows(f"{text}\n", "W108") == found


def test_both_names_are_said() -> None:
    (d,) = find("model m(c = 3)\ninput 8\nfor c in 1..2 { dense c | relu }\ndense c\n", "W108")
    assert d.message == "the loop variable `c` hides the model parameter `c`"
    assert [label.span.start for label in d.labels] == [8]


# --- W109 ------------------------------------------------------------------------------------------------------------


def layers(*lines: str) -> str:
    return "input 64x64x3\n" + "\n".join(f"conv {n}, f=3 | {line}" for n, line in enumerate(lines, 4)) + "\n"


@pytest.mark.parametrize(
    ("lines", "found"),
    [
        (["leaky_relu 0.1"] * 4, [2]),
        (["leaky_relu alpha=0.1"] * 2 + ["leaky_relu 0.1"] * 2, [2]),
        (["leaky_relu 0.1"] * 3, []),
        (["leaky_relu 0.1"] * 4 + ["leaky_relu 0.2"] * 3, []),
        (["leaky_relu 0.1"] * 2 + ["elu"] * 4, []),
        (["maxpool 3, s=1"] * 5, []),
        (["groupnorm 1"] * 5, []),
        (["batchnorm eps=1e-3"] * 5, [2]),
    ],
)
def test_repeated_number(lines: list[str], found: list[int]) -> None:
    assert rows(layers(*lines), "W109") == found


def test_repeated_arguments_of_blocks() -> None:
    block = "block f(filters, rate) { conv filters, f=3 | relu | dropout rate }\ninput 64x64x3\n"
    assert rows(block + "f 8, 0.2\n" * 4, "W109") == [3]
    assert rows(block + "f 8, rate=0.2\n" * 4, "W109") == [3]
    assert rows(block + "f 17, 0.2\nf 17, 0.3\nf 17, 0.4\nf 17, 0.5\n", "W109") == [3]
    assert rows("let r = 0.2\n" + block + "f 8, r\n" * 4, "W109") == []


# --- W110 ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "after"),
    [
        ("input 8\ndense 4 # four\n", "input 8\ndense 4 -> 4 # four\n"),
        ("input 8\ndense 4 as y; relu\n", "input 8\ndense 4 as y -> 4; relu\n"),
        ("input 8x8x3\nconv 4, f=3 |\n  relu # end\n", "input 8x8x3\nconv 4, f=3 |\n  relu -> 6x6x4 # end\n"),
        (
            "input 8\nconcat {\n  branch { relu }\n  branch { tanh }\n}\n\nrelu\n",
            "input 8\nconcat {\n  branch { relu }\n  branch { tanh }\n} -> 16\n\nrelu\n",
        ),
        (
            "input 8\nadd { branch { dense 4 } branch { dense 4 } } as y\n",
            "input 8\nadd { branch { dense 4 } branch { dense 4 } } as y -> 4\n",
        ),
        (
            "input 8\nresidual {\n  dense 4\n}\nshortcut { dense 4 }\nrelu\n",
            "input 8\nresidual {\n  dense 4\n}\nshortcut { dense 4 } -> 4\nrelu\n",
        ),
        ("input 8\nrepeat 2 { dense 4 | relu }\n", "input 8\nrepeat 2 { dense 4 | relu } -> 4\n"),
        ("input HxWx3\nmaxpool 2\n", "input HxWx3\nmaxpool 2 -> [H // 2, W // 2, 3]\n"),
        (
            "block f {\n    relu\n    dense 4\n}\ninput 8\nf -> 4\nf\n",
            "block f {\n    relu\n    dense 4 -> 4\n}\ninput 8\nf -> 4\nf\n",
        ),
    ],
)
def test_the_annotation_that_is_missing(text: str, after: str) -> None:
    assert fixed(text, "W110", "safe") == after


@pytest.mark.parametrize(
    "text",
    [
        "input 8\nrelu\n",
        "input 8\ndense 4 -> 4\n",
        "input 8\nbranch { dense 4 } as aux\nrelu as main\noutput main, aux\n",
        "input 8\n? as x\n",
        "block f(n) { dense n }\ninput 8\nf 4 -> 4\nf 5 -> 5\n",
        "model m(n = 3)\ninput 8\ndense n\nvariant a(n = 3) { }\nvariant b(n = 4) { }\n",
    ],
)
def test_where_no_annotation_is_missing(text: str) -> None:
    assert find(text, "W110") == []


def test_what_is_off_is_silent() -> None:
    text = layers(*["leaky_relu 0.1"] * 4)
    assert {"W109", "W110"} & {d.code for d in cnnspec.check(text)} == set()
