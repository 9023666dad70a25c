"""Arithmetic: Python's numbers, sizes axis by axis, and clear words where there is no result."""

from __future__ import annotations

import math
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

import cnnspec
from cnnspec.elaborate.expressions import Evaluator, round_to
from cnnspec.source import Source
from cnnspec.syntax.parser import parse
from cnnspec.values import Word


class Bare(Evaluator):
    def lookup(self, name: str, span: Any) -> Any:
        return Word(name)


def value(text: str) -> Any:
    file, errors = parse(Source(f"let k = {text}"))
    assert not errors, errors
    return Bare().evaluate(file.body[0].value)  # type: ignore[union-attr]


def codes(text: str) -> list[str]:
    return [d.code for d in cnnspec.check(f"input 8\nif {text} == 0 {{ relu }}\nrelu") if d.severity == "error"]


numbers = st.integers(0, 10**6) | st.floats(0, 1e6).map(lambda x: float(f"{x:.4f}"))
trees = st.recursive(
    numbers.map(str).filter(lambda t: "e" not in t),
    lambda inner: (
        st.tuples(inner, st.sampled_from(["+", "-", "*", "//", "%"]), inner).map(lambda t: f"({t[0]} {t[1]} {t[2]})")
        | inner.map(lambda t: f"(-{t})")
        | st.tuples(inner, inner, inner).map(lambda t: f"({t[0]} if {t[1]} < {t[2]} else {t[1]})")
    ),
    max_leaves=8,
)


@given(trees)
def test_numbers_are_pythons(text: str) -> None:
    try:
        expected = eval(text)
    except ZeroDivisionError:
        with pytest.raises(Exception, match="E214"):
            value(text)
        return
    if isinstance(expected, float) and not math.isfinite(expected):
        return
    assert value(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("6 / 2", 3),
        ("7 / 2", 3.5),
        ("-7 // 2", -4),
        ("2 ** 10", 1024),
        ("-2 ** 2", -4),
        ("round(2.5)", 2),
        ("1 if true else 2", 1),
        ("1x7 // 2", (0, 3)),
        ("28x28 - [1, 2]", (27, 26)),
        ("2 * 3x4", (6, 8)),
        ("[1, 2, 3][1]", 2),
        ("28x14x3[-1]", 3),
        ("1..4", [1, 2, 3, 4]),
        ("4..1", []),
        ("len([1, 2])", 2),
        ("min(3, 1, 2)", 1),
        ("max([3, 1])", 3),
        ("sqrt(16)", 4),
        ("floor(-0.5)", -1),
        ("ceil(1.2)", 2),
        ("abs(-3)", 3),
        ("3x3 == 3", True),
        ("3x3 == [3, 3]", True),
        ("3x4 != 3", True),
        ("not 1 > 2 and true", True),
        ("1e-5", 1e-5),
        ("1_000", 1000),
    ],
)
def test_values(text: str, expected: Any) -> None:
    result = value(text)
    assert result == expected
    assert type(result) is type(expected) or isinstance(expected, list)


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("1 // 0", "E214"),
        ("sqrt(-1)", "E214"),
        ("log(0)", "E214"),
        ("(-8) ** 0.5", "E214"),
        ("9 ** 9 ** 9", "E215"),
        ("2 ** 100_000", "E215"),
        ("foo + 1", "E208"),
        ("conv + 1", "E208"),
        ("[1, 2][5]", "E216"),
        ("3x3x3 + 1x1", "E212"),
        ("(relu + 0)", "E208"),
        ("(1 if 3x3 < 4 else 2)", "E212"),
        ("(1 if 3 else 2)", "E221"),
        ("range(3)", "E211"),
        ("min()", "E212"),
        ("round_to(3, 0)", "E214"),
        ("width", "E410"),
        ("H", "E208"),
        ('"a" + 1', "E212"),
    ],
)
def test_what_has_no_result_is_said_so(text: str, code: str) -> None:
    assert codes(text) == [code]


@given(st.integers(1, 10_000), st.sampled_from([1, 2, 4, 8, 16]))
def test_round_to_is_the_nearest_multiple_but_never_far_below(x: int, m: int) -> None:
    result = round_to(x, m)
    assert result % m == 0
    assert result >= m
    assert result >= 0.9 * x
    assert abs(result - x) <= m
