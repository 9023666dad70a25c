"""Values of `--set`."""

from __future__ import annotations

import contextlib
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cnnspec.cli._common import UsageError
from cnnspec.cli._settings import parse_settings, parse_value


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("10", 10),
        ("-3", -3),
        ("1_000", 1000),
        ("0.5", 0.5),
        ("1e-5", 1e-5),
        ("true", True),
        ("false", False),
        ('"a word"', "a word"),
        ("word", "word"),
        ("[]", []),
        ("[1, 2, 3]", [1, 2, 3]),
        ("[1,2,]", [1, 2]),
        ("[[1, 16], [6, 24]]", [[1, 16], [6, 24]]),
        ("28x28x1", (28, 28, 1)),
        (" 7 ", 7),
    ],
)
def test_values(text: str, value: Any) -> None:
    found = parse_value(text)
    assert found == value
    assert type(found) is type(value)


@pytest.mark.parametrize(
    "text", ["", "1O", "True", "[1", "1]", "1 2", "[1 2]", "a-b", "1 000", "{}", "0,5", "[" * 99, '"a', "28x", "é"]
)
def test_what_is_no_value(text: str) -> None:
    with pytest.raises(UsageError, match="--set value"):
        parse_value(text)


def test_python_words_are_put_right() -> None:
    with pytest.raises(UsageError, match=r"write true or false"):
        parse_value("True")


def test_several() -> None:
    assert parse_settings(["a=1", "b = 2", "a=3"]) == {"a": 3, "b": 2}
    for wrong in ("a", "=1", ""):
        with pytest.raises(UsageError):
            parse_settings([wrong])


@given(st.text(max_size=40) | st.text(alphabet='[]0123456789,x."ea_-+ ', max_size=60))
def test_any_text_is_a_value_or_refused(text: str) -> None:
    with contextlib.suppress(UsageError):
        assert parse_value(text) is not None
