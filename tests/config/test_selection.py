"""Which findings a selection means."""

from __future__ import annotations

import pytest

from cnnspec.codes import OFF
from cnnspec.config.selection import Selection, UnknownCode, check_words, chosen, findings
from cnnspec.lint.engine import DEFAULT, RULES


def family(begin: str) -> set[str]:
    return {code for code in RULES if code.startswith(begin)}


def test_the_usual_findings() -> None:
    assert chosen() == DEFAULT == set(RULES) - OFF
    assert chosen(Selection(), Selection()) == DEFAULT


@pytest.mark.parametrize(
    ("selection", "codes"),
    [
        (Selection(("W301",)), {"W301"}),
        (Selection(("w301", "dropped-columns")), {"W301"}),
        (Selection(("W3",)), family("W3")),
        (Selection(("ALL",)), set(RULES)),
        (Selection(()), set()),
        (Selection(ignore=("W3",)), set(DEFAULT) - family("W3")),
        (Selection(ignore=("ALL",)), set()),
        (Selection(extend=("W110",)), {*DEFAULT, "W110"}),
        (Selection(("W3",), ignore=("W301",)), family("W3") - {"W301"}),
        (Selection(("W301",), ignore=("W3",)), {"W301"}),
        (Selection(("W3",), ("W1",), ("W30", "W11")), (family("W3") | family("W1")) - family("W30") - family("W11")),
        (Selection(("W3",), ("W302",), ("W30",)), (family("W3") - family("W30")) | {"W302"}),
        (Selection(("W301",), ignore=("W301",)), set()),
    ],
)
def test_the_longer_word_wins(selection: Selection, codes: set[str]) -> None:
    assert chosen(selection) == codes


def test_the_command_line_speaks_after_the_configuration() -> None:
    config = Selection(("W3",), (), ("W301",))
    assert chosen(config, Selection(("W301",))) == {"W301"}
    assert chosen(config, Selection(extend=("W1",))) == (family("W3") | family("W1")) - {"W301"}
    assert chosen(config, Selection(ignore=("W302",))) == family("W3") - {"W301", "W302"}


@pytest.mark.parametrize(
    ("word", "message"),
    [
        ("W999", "there is no code `W999`"),
        ("W30x", "there is no code `W30x`, did you mean `W3"),
        ("dropped-colums", "there is no code `dropped-colums`, did you mean `dropped-columns`?"),
        ("AL", "there is no code `AL`, did you mean `ALL`?"),
        ("X", "there is no code `X`: codes begin with W, `cnnspec rule` lists them"),
        (" ", "an empty word names no code"),
    ],
)
def test_unknown_words_are_refused(word: str, message: str) -> None:
    with pytest.raises(UnknownCode) as caught:
        findings(word)
    assert str(caught.value).startswith(message)


@pytest.mark.parametrize("word", ["E", "E301", "window-exceeds-input"])
def test_errors_can_be_neither_selected_nor_ignored(word: str) -> None:
    with pytest.raises(UnknownCode, match="cannot be selected"):
        check_words([word])
    with pytest.raises(UnknownCode, match="cannot be ignored"):
        check_words([word], ignored=True)
