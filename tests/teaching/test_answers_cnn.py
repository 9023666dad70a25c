"""Filled .cnn files: what stands in the blanks, whatever became of the rest."""

from __future__ import annotations

import time
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

import cnnspec
from cnnspec.source import Source
from cnnspec.teaching.answers import read_answer, seed_of
from cnnspec.teaching.answers.numerals import meant, numbers, sizes
from cnnspec.teaching.exercise import Exercise, load_exercise, make_exercise
from cnnspec.teaching.model import Answer, Submission
from cnnspec.teaching.variants.drawing import clean_seed

LECTURES = Path(__file__).parents[2] / "examples" / "lectures"
FILLED = """\
# The exercise of the slides.
input 64x64x3
conv 32, f=3 | relu  -> 62x62x32, 896 params
conv 32, f=3 | relu  -> 60x60x32, 9248 params
maxpool 2            -> 30x30x32, 0 params
flatten              -> 28800, 0 params
dense 6 | softmax    -> 6, 172806 params

expect params == 182950
"""
RIGHT = {
    "conv1.height": "62",
    "conv1.width": "62",
    "conv1.channels": "32",
    "conv1.params": "896",
    "conv2.height": "60",
    "conv2.width": "60",
    "conv2.channels": "32",
    "conv2.params": "9248",
    "maxpool1.size": "30x30x32",
    "maxpool1.params": "0",
    "flatten1.size": "28800",
    "flatten1.params": "0",
    "dense1.size": "6",
    "dense1.params": "172806",
    "params": "182950",
}


@cache
def hand_signs() -> Exercise:
    return load_exercise(LECTURES / "hand_signs_exercise.cnn")


@cache
def open_layers() -> Exercise:
    return make_exercise(
        Source(
            """\
model net(k = ?1)
let c = ?1
input 28x28x1
block b(n = 2) {
  conv n, f=?, p=?
  relu
}
conv ?, f=?(3, 5, 7) -> 24x24x6
b
concat {
  branch { conv 8, f=1 }
  branch { ? }
} -> 24x24x16
conv 6, f=1 | ? | softmax
-> 10
expect params <= 60_000
expect output == ?
"""
        )
    )


def read(text: str | bytes, exercise: Exercise | None = None, name: str = "answer.cnn") -> Answer:
    content = text if isinstance(text, bytes) else text.encode()
    return read_answer(exercise or hand_signs(), Submission("Marie", name, content))


def values(answer: Answer) -> dict[str, object]:
    """The answers as they are meant, where they are the right ones."""
    found: dict[str, object] = {}
    for key, text in answer.given.items():
        axes = RIGHT[key].count("x") + 1
        readings = sizes(text, axes) if key.endswith(".size") else numbers(text)
        wanted = tuple(map(int, RIGHT[key].split("x")))
        reading = meant(readings, wanted if key.endswith(".size") else wanted[0])
        found[key] = reading and reading.value
    return found


RIGHT_VALUES = {
    key: tuple(map(int, text.split("x"))) if key.endswith(".size") else int(text) for key, text in RIGHT.items()
}


def test_a_filled_file_is_read_as_it_is_written() -> None:
    assert read(FILLED) == Answer(RIGHT)


def test_the_exercise_itself_answers_nothing() -> None:
    assert read((LECTURES / "hand_signs_exercise.cnn").read_text()) == Answer({})


def test_the_solution_answers_everything() -> None:
    assert values(read((LECTURES / "hand_signs.cnn").read_text())) == RIGHT_VALUES


@pytest.mark.parametrize(
    "change",
    [
        lambda text: text.replace("\n", "\r\n"),
        lambda text: text.replace("\n", "\r"),
        lambda text: text.replace("->", "\u2192"),
        lambda text: text.replace("->", "\u2013>"),
        lambda text: text.replace("->", "=>"),
        lambda text: text.replace("62x62x32", "62 \u00d7 62 \u00d7 32"),
        lambda text: text.replace("62x62x32", "(None, 62, 62, 32)"),
        lambda text: text.replace("62x62x32", "[62, 62, 32]").replace("30x30x32", "[30, 30, 32]"),
        lambda text: text.replace("62x62x32", "62,62,32").replace("30x30x32", "30,30,32"),
        lambda text: text.replace("62x62x32", "62*62*32"),
        lambda text: text.replace("9248", "9 248").replace("172806", "172\u202f806").replace("182950", "182,950"),
        lambda text: text.replace("9248", "9,248").replace("28800", "28,800").replace("172806", "172.806"),
        lambda text: text.replace("9248", "32*(3*3*32 + 1) = 9248").replace("896", "(3\u00d73\u00d73+1)\u00d732"),
        lambda text: text.replace(", 896 params", ", 896"),
        lambda text: text.replace(", 896 params", " ; 896 paramètres"),
        lambda text: text.replace(", 896 params", " 896 params"),
        lambda text: text.replace(" | ", "|").replace(", ", ",").replace("  ", " "),
        lambda text: text.replace(" ", "\t"),
        lambda text: text.replace(" ", "\u00a0"),
        lambda text: text.replace("->", "\n    ->"),
        lambda text: text.replace("\n\n", "\n").replace("\n", "   # why?\n"),
        lambda text: text.replace("\n", "\n\n\n"),
        lambda text: text.replace("f=3", "kernel=3").replace("Conv", "conv"),
        lambda text: text.replace("conv", "Conv").replace("==", "="),
        lambda text: "```\n" + text + "```\n",
        lambda text: text.split("\n", 1)[1].replace("\n", " ; "),
        lambda text: text.replace("\n\n", "\n").rstrip("\n"),
        lambda text: text.encode("utf-16"),
        lambda text: text.encode("utf-16-le"),
        lambda text: text.encode("utf-16-be"),
        lambda text: text.encode("utf-8-sig"),
        lambda text: ("# réponse\n" + text).encode("latin-1"),
        lambda text: text.replace("62x62x32", "?62x?62x?32").replace("896", "? 896"),
        lambda text: "<p>" + text.replace("->", "-&gt;").replace("\n", "<br>") + "</p>",
    ],
)
def test_many_ways_of_filling_it(change) -> None:
    answer = read(change(FILLED))
    assert values(answer) == RIGHT_VALUES
    assert answer.notices == ()


def test_a_changed_argument_is_told_with_its_line() -> None:
    answer = read(FILLED.replace("f=3", "f=5", 1).replace("maxpool 2", "maxpool 3"))
    assert answer.given == RIGHT
    assert answer.notices == (
        "line 3: the given `f=3` was changed to `f=5`",
        "line 5: the given `maxpool 2` was changed to `maxpool 3`",
    )


def test_what_was_left_out_and_added_is_told() -> None:
    answer = read(FILLED.replace("| relu  -> 62", "-> 62").replace("flatten", "batchnorm\nflatten"))
    assert answer.given == RIGHT
    assert answer.notices == ("line 3: the given `| relu` was left out", "line 6 of the answer: `batchnorm` was added")


def test_a_line_that_was_deleted_takes_only_its_own_blanks_along() -> None:
    lines = FILLED.split("\n")
    answer = read("\n".join(lines[:4] + lines[5:]))
    assert answer.given == {key: text for key, text in RIGHT.items() if not key.startswith("maxpool1")}
    assert answer.notices == ("line 5: the given `maxpool 2 -> ?, ? params` was left out",)


def test_a_line_that_was_changed_beyond_recognition_still_has_its_annotation() -> None:
    answer = read(FILLED.replace("flatten  ", "view(-1) "))
    assert answer.given == RIGHT
    assert len(answer.notices) == 1


def test_blanks_left_open_are_no_answer() -> None:
    answer = read(FILLED.replace("62x62x32", "62x?x?").replace("9248", "?").replace("28800", "...").replace("896", ""))
    missing = {"conv1.width", "conv1.channels", "conv2.params", "flatten1.size", "conv1.params"}
    assert answer.given == {key: text for key, text in RIGHT.items() if key not in missing}


def test_a_size_with_too_few_parts_fills_the_first() -> None:
    given = read(FILLED.replace("62x62x32", "62x61")).given
    assert (given["conv1.height"], given["conv1.width"]) == ("62", "61")
    assert "conv1.channels" not in given


def test_a_broken_file_is_read_as_far_as_it_goes() -> None:
    answer = read(FILLED.replace("896 params", "896 params)").replace("30x30x32", "(30, 30, 32").replace("6 |", "6 ||"))
    for key in ("conv1.height", "conv2.params", "flatten1.size", "params"):
        assert answer.given[key] == RIGHT[key]


def test_arguments_choices_numbers_and_layers() -> None:
    answer = read(
        """\
model net(k = 5)
let c = 6
input 28x28x1
block b(n = 2) {
  conv n, f=3x3, p=same
  relu
}
conv 1 024, f=?(5) -> 24x24x7
b
concat {
  branch { conv 8, f=1 }
  branch { concat { branch { conv 3, f=1 | relu } branch { } } }
} -> 24x24x16
conv 6, f=1 | maxpool 2 | relu
flatten
dense 10 | softmax -> 10
expect params <= 60_000
expect output = 10
""",
        open_layers(),
    )
    assert answer.given == {
        "?1": "5 \u2260 6",
        "b1.conv1.f": "3x3",
        "b1.conv1.p": "same",
        "conv1.filters": "1 024",
        "conv1.f": "5",
        "layers1": "concat { branch { conv 3, f=1 | relu } branch { } }",
        "layers2": "maxpool 2 | relu\nflatten\ndense 10",
        "output": "10",
    }
    assert answer.notices == (
        "`?1` was answered twice, `5` and `6`: one number is wanted for all places",
        "line 8: the given `24x24x6` was changed to `24x24x7`",
    )


def test_the_exercise_with_holes_answers_nothing() -> None:
    assert read(open_layers().source.text, open_layers()) == Answer({})


def test_braces_inside_layers_are_told_from_those_around_them() -> None:
    exercise = make_exercise(Source("input 28x28x3\nresidual {\n  ?\n}\n?\n-> 10\n"))
    inner = "concat {\nbranch { conv 3, f=1 }\nbranch { }\n}\nconv 3, f=1"
    answer = read(f"input 28x28x3\nresidual {{\n{inner}\n}}\nflatten\ndense 10\n-> 10\n", exercise)
    assert answer == Answer({"layers1": inner, "layers2": "flatten\ndense 10"})


def test_what_stands_around_layers_and_was_changed_is_told() -> None:
    text = open_layers().source.text.replace("| ? | softmax\n-> 10", "| flatten | dense 9\n-> 9")
    answer = read(text, open_layers())
    assert answer.given == {"layers2": "flatten | dense 9"}
    assert answer.notices == (
        "line 15: the given `-> 10` was changed to `-> 9`",
        "line 14: the given `| softmax` was left out",
    )


def test_values_in_lists_are_told_apart() -> None:
    exercise = make_exercise(
        Source("input 4x4x1\nmaxpool 2\nexample [[1,1,2,4],[5,6,7,8],[3,2,1,0],[1,2,3,4]] -> [[?, ?], [?, ?]]")
    )
    text = exercise.source.text
    keys = [blank.key for blank in exercise.blanks]
    assert list(read(text.replace("[[?, ?], [?, ?]]", "[[6, 8], [3, 4]]"), exercise).given.items()) == list(
        zip(keys, "6834", strict=True)
    )
    decimals = read(text.replace("[[?, ?], [?, ?]]", "[[6,5, 8], [3,25, 4]]"), exercise).given
    assert list(decimals.values()) == ["6,5", "8", "3,25", "4"]


@pytest.mark.parametrize("line", ["# variant: 47 11", "#variante : 47 11", "  # Seed: 47 11"])
def test_the_variant_is_read(line: str) -> None:
    assert seed_of(Submission("", "a.cnn", f"{line}\n{FILLED}".encode())) == clean_seed("47 11")
    assert seed_of(Submission("", "a.cnn", FILLED.encode())) == ""


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "empty"),
        (b"\xef\xbb\xbf \r\n", "empty"),
        (b"%PDF-1.7 ...", "PDF"),
        (b"PK\x03\x04....", "Word"),
        (b"x" * 300_000, "larger than 256 KiB"),
        (b"Je ne sais pas.\nPardon !\n", "nothing in it looks like"),
        (bytes(range(256)), "nothing in it looks like"),
    ],
)
def test_what_is_no_answer_has_a_reason(content: bytes, words: str) -> None:
    answer = read(content)
    assert answer.given == {}
    assert words in answer.problem


def test_the_problem_of_a_submission_is_that_of_the_answer() -> None:
    assert read_answer(hand_signs(), Submission("", "", FILLED.encode(), problem="no")) == Answer({}, problem="no")


# --- properties ------------------------------------------------------------------------------------------------------


@st.composite
def exercises(draw: Any) -> tuple[str, str, list[object]]:
    """An exercise, the same with its blanks filled in some spelling, and what was filled in."""
    layers = st.sampled_from(["conv 6, f=3", "conv 1024, f=5, p=2 | relu", "maxpool 2", "batchnorm | relu"])
    lines = ["input 32x32x3", *draw(st.lists(layers, min_size=1, max_size=4))]
    lines += ["flatten", "dense 1000 | relu", "dense 10 | softmax"][: draw(st.integers(0, 3))]
    network: Any = cnnspec.loads("\n".join(lines))
    asked, filled = [lines[0]], [lines[0]]
    wanted: list[object] = []
    rest = list(network.layers)
    for line in lines[1:]:
        own, rest = rest[: line.count("|") + 1], rest[line.count("|") + 1 :]
        size, count = own[-1].output_size, sum(layer.params for layer in own)
        question, answer = draw(noted(size, count, wanted))
        asked.append(line + question)
        filled.append(line + answer)
    question, answer = "expect params == ?", "expect params == " + draw(counts(network.params))
    wanted.append(network.params)
    end = draw(st.sampled_from(["\n", "\r\n", "  # ok\n", "\n\n"]))
    return "\n".join([*asked, question]), end.join([*filled, answer]), wanted


def noted(size: tuple[int, ...], count: int, wanted: list[object]):
    @st.composite
    def build(draw: Any) -> tuple[str, str]:
        asks: list[str] = []
        tells: list[str] = []
        form = draw(st.sampled_from(["none", "whole", "parts", "last given"]))
        if form == "whole" or (form != "none" and len(size) == 1):
            asks.append("?")
            tells.append(draw(spelled(size)))
            wanted.append(size)
        elif form != "none":
            given = form == "last given"
            asks.append("x".join(["?"] * (len(size) - given) + [str(size[-1])] * given))
            tells.append("x".join(map(str, size)) if given else draw(spelled(size)))
            wanted.extend(size[: len(size) - given])
        if draw(st.booleans()):
            asks.append("? params")
            tells.append(draw(counts(count)) + draw(st.sampled_from([" params", " params", " paramètres"])))
            wanted.append(count)
        return (f" -> {', '.join(asks)}", f" -> {', '.join(tells)}") if asks else ("", "")

    return build()


def spelled(size: tuple[int, ...]):
    forms = ["x", " x ", "\u00d7", " \u00d7 "] if len(size) > 1 else ["x"]
    plain = [sign.join(map(str, size)) for sign in forms]
    lists = [f"({', '.join(map(str, size))})", f"(None, {', '.join(map(str, size))})", f"[{', '.join(map(str, size))}]"]
    return st.sampled_from([*plain, *lists])


def counts(count: int):
    grouped = f"{count:,}"
    forms = [str(count), f"{count:_}", *(grouped.replace(",", sign) for sign in ", \u00a0\u202f'.")]
    return st.sampled_from([*forms, f"{count - 1} + 1", f"2*{count} - {count}", f"{count} = {grouped}"])


@given(exercises())
def test_right_answers_in_any_spelling_are_given_back(made: tuple[str, str, list[object]]) -> None:
    question, text, wanted = made
    exercise = make_exercise(Source(question))
    answer = read(text, exercise)
    assert [blank.key for blank in exercise.blanks] == list(answer.given)
    for blank, right in zip(exercise.blanks, wanted, strict=True):
        written = answer.given[blank.key]
        readings = sizes(written, len(right)) if isinstance(right, tuple) else numbers(written)
        assert right in [reading.value for reading in readings]


@given(st.data())
def test_a_damaged_answer_never_raises_and_what_is_untouched_stays(data) -> None:
    lines = FILLED.split("\n")
    place = data.draw(st.integers(0, len(lines) - 1))
    kept = lines[place]
    lines[place] = data.draw(st.text("0123456789x?,->|(){}[]# abcé=\t\x00", max_size=40))
    start = time.process_time()
    answer = read("\n".join(lines))
    assert time.process_time() - start < 1
    assert set(answer.given) <= set(RIGHT)
    touched = {"conv 32": "conv", "maxpool": "maxpool1", "flatten": "flatten1", "dense": "dense1", "expect": "params"}
    own = next((name for word, name in touched.items() if kept.startswith(word)), "conv")
    if not set("{}[]()|,") & set(lines[place]):
        for key in set(RIGHT) - {"conv1.height"}:
            if not key.startswith(own) and not key.startswith("conv"):
                assert answer.given.get(key) == RIGHT[key]


@given(st.binary(max_size=400) | st.text(max_size=300).map(str.encode))
def test_any_bytes_are_read(content: bytes) -> None:
    for exercise in (hand_signs(), open_layers()):
        for name in ("a.cnn", "a.csv", "a.json", "a.ipynb", "a.txt", ""):
            answer = read(content, exercise, name)
            assert set(answer.given) <= {blank.key for blank in exercise.blanks}


@pytest.mark.parametrize(
    "content",
    [
        "(" * 250_000,
        "?x" * 100_000,
        "[" * 250_000,
        '{"a":' * 40_000,
        "conv 32, f=3 | relu\n" * 12_000,
        "conv 32, f=3 -> " + "1," * 100_000,
        "| conv | 3 | 4 |\n" * 15_000,
        "1,2\n" * 60_000,
        "a;" * 120_000,
        "{" * 250_000,
        "<a" * 120_000,
        "<p><!--" + "<!--" * 60_000,
        "<div>" * 50_000,
        "1 " * 120_000,
        " " * 250_000 + "x",
        "params " * 30_000,
        "\u2502" * 80_000,
        '{"cells": [' + '{"source": "conv 32, f=3"},' * 8000 + "{}]}",
    ],
)
def test_hostile_answers_are_read_in_time(content: str) -> None:
    start = time.process_time()
    for exercise in (hand_signs(), open_layers()):
        read(content, exercise)
    assert time.process_time() - start < 4


ARGUMENTS = "input 14x14x6\nconv ?, f=?, s=? -> 5x5x16\nconv 32, f=? -> 3x3x32\navgpool ? -> 1x1x32\n"
FOUND = {"conv1.filters": "16", "conv1.f": "5", "conv1.s": "2", "conv2.f": "3", "avgpool1.f": "3"}


@pytest.mark.parametrize(
    ("first", "second", "third"),
    [
        ("conv 16, f=5, s=2", "conv 32, f=3", "avgpool 3"),
        ("conv 16, s=2, f=5", "conv f=3, filters=32", "avgpool f=3"),
        ("conv stride=2, kernel=5, filters=16", "conv 32, 3", "avgpool s=3, f=3"),
        ("conv 16, 5, 2", "conv 32, 3, 1, 0", "avgpool 3, 3"),
        ("conv 16,5,2", "conv 32, kernel_size=3, strides=1, padding=0", "avgpool 3, s=3"),
        ("conv 16, f=5, s=2, p=0", "conv 32, f=3, s=1, groups=1, bias=true", "avgpool 3, s=3, p=0"),
        ("conv s=2, 16, f=5", "conv 32, p=valid, f=3", "avgpool 3, s=3x3"),
    ],
)
def test_arguments_are_known_by_their_names_whatever_their_order(first: str, second: str, third: str) -> None:
    text = f"input 14x14x6\n{first} -> 5x5x16\n{second} -> 3x3x32\n{third} -> 1x1x32\n"
    found = read(text, make_exercise(Source(ARGUMENTS)))
    assert found.given == FOUND
    assert found.notices == ()


@pytest.mark.parametrize(
    ("second", "added"),
    [
        ("conv 32, f=3, s=2", ["s=2"]),
        ("conv 32, f=3, activation=relu", ["activation=relu"]),
        ("conv 32, s=1, f=3 | relu", ["| relu"]),
        ("conv 32, f=3, groups=2 | relu | batchnorm", ["groups=2", "| relu", "| batchnorm"]),
    ],
)
def test_what_was_added_is_told_and_the_blanks_are_read(second: str, added: list[str]) -> None:
    text = f"input 14x14x6\nconv 16, f=5, s=2 -> 5x5x16\n{second} -> 3x3x32\navgpool 3 -> 1x1x32\n"
    found = read(text, make_exercise(Source(ARGUMENTS)))
    assert found.given == FOUND
    assert found.notices == tuple(f"line 3: `{one}` was added to what was given" for one in added)


def test_a_named_argument_is_no_answer_for_another() -> None:
    found = read("input 14x14x6\nconv f=5\n", make_exercise(Source("input 14x14x6\nconv ?, f=? -> 10x10x16\n")))
    assert found.given == {"conv1.f": "5"}


def test_a_line_that_shares_the_first_word_only_is_no_answer() -> None:
    exercise = hand_signs()
    text = "conv 7, z=1, k=4, q=8 | tanh | gelu -> 62x62x32, 896 params\n"
    answer = read_answer(exercise, Submission("a", "a.cnn", text.encode()))
    assert answer.problem
    assert not answer.given
