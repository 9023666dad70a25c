"""Exercises: which blanks there are and by what keys, what is refused, and the settings beside the file."""

from __future__ import annotations

from pathlib import Path

import pytest

from cnnspec.diagnostics import CnnSpecError
from cnnspec.elaborate import count_blanks
from cnnspec.files import FileProblem
from cnnspec.source import Source
from cnnspec.syntax import tree
from cnnspec.syntax.parser import parse
from cnnspec.teaching.blanks import expression, filled, places
from cnnspec.teaching.exercise import load_exercise, make_exercise, read_settings, settings_of, solved
from cnnspec.values import Word
from tests.teaching.tables import HAND_SIGNS, exercise_of


def keys(text: str) -> list[tuple[str, str, str]]:
    return [(blank.key, blank.family, blank.layer) for blank in make_exercise(Source(text)).blanks]


def test_the_keys_of_a_table() -> None:
    assert [blank.key for blank in exercise_of(HAND_SIGNS).blanks] == [
        *("conv1.height", "conv1.width", "conv1.channels", "conv1.params"),
        *("conv2.height", "conv2.width", "conv2.channels", "conv2.params"),
        *("maxpool1.size", "maxpool1.params", "flatten1.size", "flatten1.params", "dense1.size", "dense1.params"),
        "params",
    ]


def test_blanks_say_where_they_stand() -> None:
    exercise = exercise_of(HAND_SIGNS)
    for number, blank in enumerate(exercise.blanks, 1):
        assert blank.number == number
        assert HAND_SIGNS[blank.span.start : blank.span.end] == "?"
        assert blank.statement.start <= blank.span.start < blank.statement.end
    assert len(exercise.blanks) == count_blanks(exercise.source, exercise.file) == exercise.network.blanks


@pytest.mark.parametrize(
    ("line", "found"),
    [
        ("relu | conv 4, f=1 -> ?", [("conv1.size", "size", "conv1")]),
        ("relu -> ?", [("relu1.size", "size", "relu1")]),
        ("conv ?, f=?, s=1 -> 6x6x4", [("conv1.filters", "argument", "conv1"), ("conv1.f", "argument", "conv1")]),
        ("conv 4, kernel=? -> 6x6x4", [("conv1.f", "argument", "conv1")]),
        (
            "conv 4, f=?x? -> 6x6x4",
            [("conv1.f.height", "argument", "conv1"), ("conv1.f.width", "argument", "conv1")],
        ),
        ("conv 4, f=3 as first -> ?x6x4", [("first.height", "size", "first")]),
        ("flatten -> [?]", [("flatten1.features", "size", "flatten1")]),
        ("conv 4, f=3 -> [?, 6, 4]", [("conv1.height", "size", "conv1")]),
        (
            "residual { conv 3, f=1 -> ? params } -> ?",
            [("conv1.params", "params", "conv1"), ("add1.size", "size", "add1")],
        ),
        ("?\n? -> 4\nexpect count(conv) >= 3", [("layers1", "layers", ""), ("layers2", "layers", "")]),
        ("relu\nexpect params == ?", [("params", "figure", "")]),
        (
            "relu\nexpect ? == count(conv) and depth == ?",
            [("count_conv", "figure", ""), ("depth", "figure", "")],
        ),
        ("conv 8, f=3\nconv ?1, f=1 -> 6x6x?1", [("?1", "argument", "conv2")]),
        ("conv 3, f=3, p=1\nlet k = ?\nrelu | maxpool k -> 4x4x3", [("k", "argument", "")]),
        ("relu as a\nfrom a -> ?\nfrom a -> ?", [("from.size", "size", ""), ("from_2.size", "size", "")]),
        (
            "block unit(k) {\n  conv k, f=1 -> ?x8x?\n}\nunit 5 -> ? params",
            [
                ("unit1.conv1.height", "size", "unit1.conv1"),
                ("unit1.conv1.channels", "size", "unit1.conv1"),
                ("unit1.params", "params", "unit1.conv1"),
            ],
        ),
        (
            "block unit(k) {\n  conv k, f=1\n}\nunit ? -> 8x8x5",
            [("unit1.k", "argument", "unit1.conv1")],
        ),
    ],
)
def test_keys(line: str, found: list[tuple[str, str, str]]) -> None:
    assert keys(f"input 8x8x3\n{line}\n") == found


def test_axes_of_signals_images_and_volumes() -> None:
    names = [
        [blank.part for blank in make_exercise(Source(f"input {size}\nrelu -> {'x'.join('?' * n)}")).blanks]
        for size, n in (("9x2", 2), ("9x9x2", 3), ("9x9x9x2", 4))
    ]
    assert names == [
        ["length", "channels"],
        ["height", "width", "channels"],
        ["frames", "height", "width", "channels"],
    ]


def test_keys_stay_when_lines_are_added_elsewhere() -> None:
    before = keys("input 8x8x3\nconv 4, f=3 -> ?\nmaxpool 2 -> ?\n")
    after = keys("input 8x8x3\nconv 4, f=3 -> ?\nrelu | dropout 0.5\nmaxpool 2 -> ?\nflatten -> ?\n")
    assert set(before) < set(after)


def test_a_line_in_a_loop_is_one_blank() -> None:
    assert keys("input 8x8x3\nrepeat 3 {\n  conv 3, f=3, p=1 -> ?x8x3, ? params\n}\n") == [
        ("conv1.height", "size", "conv1"),
        ("conv1.params", "params", "conv1"),
    ]


def test_a_numbered_blank_is_one() -> None:
    (blank,) = make_exercise(Source("input 8x8x3\nconv 4, f=3 -> ?1x?1x4\nrelu -> ?1x6x4\n")).blanks
    assert (blank.key, blank.family, len(blank.spans)) == ("?1", "size", 3)


def test_choices_are_kept() -> None:
    blanks = make_exercise(Source("input 8x8x3\nconv 4, f=?(3, 5), p=?(same, 1) -> ?(8x8x4, 6x6x4)\n")).blanks
    assert [blank.choices for blank in blanks] == [(3, 5), (Word("same"), 1), ((8, 8, 4), (6, 6, 4))]


# --- filling ---------------------------------------------------------------------------------------------------------


def test_filling_keeps_every_place() -> None:
    source = Source("input 8x8x3\nconv ?, f=?, p=? -> ?x?x4\n")
    file, _ = parse(source)
    found = sorted(place.blank.span for place in places(file))
    whole = filled(file, {span: expression(n, span) for span, n in zip(found, (4, (3, 3), Word("same")), strict=False)})
    flow = whole.body[1]
    assert isinstance(flow, tree.Flow)
    step = flow.steps[0]
    assert isinstance(step, tree.Layer)
    assert [type(argument.value).__name__ for argument in step.arguments] == ["Number", "SizeLiteral", "Name"]
    assert [argument.value.span for argument in step.arguments] == found[:3]
    assert filled(file, {}) == file


# --- what is refused -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("code", "text"),
    [
        ("E501", "input 8x8x3\nrelu\n"),
        ("E502", "input 8x8x3\nrepeat 2 { conv 4, f=3 -> ?x?x4 }\n"),
        ("E502", "input 8x8x3\nrepeat 2 { conv 4, f=3, p=1 -> ? params }\n"),
        ("E502", "input 8x8x3\nblock b(k) { conv k, f=1 -> ? }\nb 3\nb 4\n"),
        ("E503", "input 8x8x3\n?\nflatten -> ?\n"),
        ("E503", "input 8x8x3\n?\nexpect params == ?\n"),
        ("E504", "input 8x8x3\nrelu\nexpect params < ?\n"),
        ("E504", "input 8x8x3\nrelu\nexpect ? == ?\n"),
        ("E504", "input 2\nrelu\nexample ? -> [0, 1]\n"),
        ("E505", "input 8x8x3\nconv 4, f=3 -> ?1x?2x?1\n"),
        ("E506", "input 8x8x3\nconv 4, f=3 -> [?(5, 7), 6, 4]\n"),
        ("E506", "input 8x8x3\nflatten -> ?(191, 193)\n"),
        ("E507", "input 8x8x3\nif 1 > 2 { relu -> ? }\nrelu\n"),
        ("E508", "input HxWx3\nrelu -> ?\n"),
        ("E402", "input 8x8x3\nrelu -> ?x9x3\n"),
        ("E401", "relu -> ?\n"),
        ("E115", "input 8x8x3\nrelu -> ? ?\n"),
    ],
)
def test_what_cannot_be_graded_is_refused(code: str, text: str) -> None:
    with pytest.raises(CnnSpecError) as refused:
        make_exercise(Source(text))
    assert refused.value.diagnostics[0].code == code


def test_choices_of_a_vector() -> None:
    assert keys("input 8x8x3\nflatten -> ?(192, 64)\n") == [("flatten1.size", "size", "flatten1")]


def test_channels_of_an_image_of_any_size() -> None:
    exercise = exercise_of("input HxWx3\nconv 6, f=5 -> [H - 4, W - 4, ?], ? params\n")
    assert [one.right for one in solved(exercise)] == ["6", "456"]


# --- settings --------------------------------------------------------------------------------------------------------


def test_settings_have_defaults(tmp_path: Path) -> None:
    path = tmp_path / "signs.cnn"
    path.write_text(HAND_SIGNS, encoding="utf-8")
    exercise = load_exercise(path)
    assert (exercise.title, exercise.language, exercise.seed) == ("signs", None, "")
    assert exercise.settings.follow_through == 0.75


def problems(document: str, tmp_path: Path) -> tuple[str, ...]:
    (tmp_path / "e.cnn").write_text(HAND_SIGNS, encoding="utf-8")
    (tmp_path / "e.toml").write_text(document, encoding="utf-8")
    with pytest.raises(FileProblem) as refused:
        load_exercise(tmp_path / "e.cnn")
    assert refused.value.path == str(tmp_path / "e.toml")
    return refused.value.problems


@pytest.mark.parametrize(
    ("document", "said"),
    [
        ("points = 0", "`points`: this has to be more than 0"),
        ("points = 'many'", "`points`: a number is wanted here"),
        ("follow_trough = 1", "did you mean `follow_through`?"),
        ("colour = 1", "there are `title`"),
        ("feedback = 'all'", "`feedback`: this can be 'nothing', 'hint', 'formula', 'solution'"),
        ("language = 'de'", "`language`: this can be 'en', 'fr'"),
        ("title = 1", "`title`: a text is wanted here"),
        ("rounded = 'x'", "`rounded`: `true` or `false` is wanted here"),
        ("hints = 'x'", "`hints`: a table is wanted here"),
        ("kinds = 'conv'", "`kinds`: a list is wanted here"),
        ("points_of = {size = -1}", "`points_of.size`: this has to be at least 0"),
        ("follow_through = 2", "`follow_through`: this can be at most 1"),
        ("points_of = {conv1_params = 2}", "did you mean `conv1.params`?"),
        ("hints = {conv9 = 'think'}", "`hints`: there is no key `conv9`"),
        ("mistakes = {forgot-bais = 0.5}", "did you mean `forgot-bias`?"),
        ("tolerance = 1", "`tolerance`: this has to be less than 0.5"),
        ("points_of.conv1.params = -1", "`points_of.conv1.params`: this has to be at least 0"),
        ("points = 20\npoints_of = {size = 0, params = 0, figure = 0}", "every blank has the weight 0"),
        ("due = 'tomorrow'", "`due`: a date is wanted here"),
        ("points = ", "this is not TOML"),
    ],
)
def test_settings_that_cannot_be_used(document: str, said: str, tmp_path: Path) -> None:
    (problem,) = problems(document, tmp_path)
    assert said in problem


def test_all_problems_are_told_at_once(tmp_path: Path) -> None:
    assert len(problems("points = -1\nfeedback = 1\ncolour = 2\n", tmp_path)) == 3


def test_keys_numbers_and_families_are_known(tmp_path: Path) -> None:
    document = (
        '[points_of]\n"conv1.params" = 2\n3 = 1\nsize = 4\n[hints]\nfigure = "add up"\n[mistakes]\nforgot-bias = 0.5\n'
    )
    (tmp_path / "e.cnn").write_text(HAND_SIGNS, encoding="utf-8")
    (tmp_path / "e.toml").write_text(document, encoding="utf-8")
    assert load_exercise(tmp_path / "e.cnn").settings.points_of == {"conv1.params": 2, "3": 1, "size": 4}


def test_keys_need_no_quotes(tmp_path: Path) -> None:
    document = "[points_of]\nconv1.params = 2\nconv1.height = 3\n[hints]\nconv2.params = 'x'\n"
    (tmp_path / "e.cnn").write_text(HAND_SIGNS, encoding="utf-8")
    (tmp_path / "e.toml").write_text(document, encoding="utf-8")
    settings = load_exercise(tmp_path / "e.cnn").settings
    assert settings.points_of == {"conv1.params": 2, "conv1.height": 3}
    assert settings.hints == {"conv2.params": "x"}


def test_a_line_of_several_layers_is_known_by_those_that_are_asked_for() -> None:
    assert keys("input 8x8x3\nflatten | dense 10 | softmax -> ?, ? params\nexpect params == ?\n") == [
        ("flatten1.size", "size", "flatten1"),
        ("dense1.params", "params", "dense1"),
        ("params", "figure", ""),
    ]
    assert keys("input 8x8x3\nrelu | flatten -> ? params\n")[0][0] == "flatten1.params"


def test_settings_that_are_no_text(tmp_path: Path) -> None:
    (tmp_path / "e.toml").write_bytes(b"\xff\xfe")
    with pytest.raises(FileProblem, match="UTF-8"):
        read_settings(tmp_path / "e.toml")
    (tmp_path / "e.toml").write_bytes(b"#" * (2**20 + 1))
    with pytest.raises(FileProblem, match="larger"):
        read_settings(tmp_path / "e.toml")
    with pytest.raises(FileProblem, match="no such file"):
        read_settings(tmp_path / "other.toml")


def test_settings_of_a_table() -> None:
    assert settings_of({"points": 20}).points == 20


# --- the key ---------------------------------------------------------------------------------------------------------


def test_the_key_of_every_family() -> None:
    text = (
        "input 4x4x1\nconv 1, f=2, weight=[[[0, 0], [0, 1]]], bias=false -> 3x3x1, ? params\nexpect params == ?\n"
        "example [[1, 2, 3, 4], [5, 6, 7, 8], [1, 2, 3, 4], [5, 6, 7, 8]] -> ?\n"
    )
    found = {one.blank.key: (one.value, one.right) for one in solved(exercise_of(text))}
    assert found["conv1.params"] == (4, "4")
    assert found["params"] == (4, "4")
    assert found["example1"] == ([[6, 7, 8], [2, 3, 4], [6, 7, 8]], "[[6, 7, 8], [2, 3, 4], [6, 7, 8]]")
    (asked,) = solved(exercise_of("input 8x8x3\nconv 4, f=? -> 6x6x4\n"))
    assert (asked.value, asked.right) == (None, "f=3")


def test_labels() -> None:
    text = "input 8x8x3\nconv 4, f=?, p=1 | relu -> ?x8x4, ? params\nexpect params == ?\n"
    assert [one.label for one in solved(exercise_of(text))] == [
        "`conv 4, f=?, p=1 | relu`: `f`",
        "`conv 4, f=?, p=1 | relu`: height",
        "`conv 4, f=?, p=1 | relu`: number of parameters",
        "total number of parameters",
    ]
