"""Messages as people read them."""

from __future__ import annotations

from cnnspec.diagnostics import Diagnostic, Fix, Label
from cnnspec.network import Network
from cnnspec.report.checked import Checked
from cnnspec.report.message import one_diagnostic
from cnnspec.report.text import render
from cnnspec.source import Source, Span
from tests.report.samples import LENET, checked, diagnostic, place, window


def shown(d: Diagnostic) -> str:
    return one_diagnostic(d)


def excerpt(d: Diagnostic) -> list[str]:
    """The lines of the excerpt without the gutter of numbers."""
    return [line.partition("|")[2][1:] for line in shown(d).splitlines() if "|" in line and "-->" not in line]


def test_the_sample_of_the_reference() -> None:
    assert shown(window()) == (
        "error[E301] window-exceeds-input: the window 7x7 is larger than the input 4x4\n"
        "  --> lenet.cnn:9:11\n"
        "   |\n"
        " 7 | maxpool 2\n"
        "   | --------- gives 4x4x16\n"
        " 9 | conv 120, f=7\n"
        "   |           ^^^ needs at least 7x7\n"
        "   |\n"
        "   = (n + 2p - f)/s + 1 = (4 + 2*0 - 7)/1 + 1 = -2\n"
        "   = help: use f=4 or smaller, or p=2\n"
    )


def test_a_bare_diagnostic_is_short() -> None:
    source = Source("input 8\nrelu\n", "a.cnn")
    assert shown(diagnostic(source, "relu")) == (
        "error[E301] window-exceeds-input: something\n  --> a.cnn:2:1\n   |\n 2 | relu\n   | ^^^^\n"
    )


def test_a_finding_is_called_so() -> None:
    source = Source("input 8\n", "a.cnn")
    assert shown(diagnostic(source, "8", code="W301")).startswith("finding[W301] dropped-columns: something\n")


def test_the_trace_comes_before_the_arithmetic() -> None:
    d = diagnostic(Source("relu", "a.cnn"), "relu", trace=("in `stage`, called at line 31",), notes=("1 + 1 = 2",))
    assert shown(d).endswith("   |\n   = in `stage`, called at line 31\n   = 1 + 1 = 2\n")


def test_a_fix_stands_in_for_the_help() -> None:
    d = diagnostic(Source("relu", "a.cnn"), "relu", fix=Fix("safe", "write `gelu`", ()))
    assert shown(d).endswith("   = help: write `gelu`\n")


def test_line_numbers_make_room() -> None:
    source = Source("# x\n" * 99 + "relu\n", "a.cnn")
    assert shown(diagnostic(source, "relu")).splitlines()[1:4] == ["    --> a.cnn:100:1", "     |", " 100 | relu"]


def test_what_is_left_out_between_two_lines_is_marked() -> None:
    source = Source("one\ntwo\nthree\n\n# only a comment\n\nfour\n", "a.cnn")

    def lines(first: str, second: str) -> list[str]:
        d = diagnostic(source, second, labels=(Label(source, place(source, first), ""),))
        return [line for line in shown(d).splitlines() if "..." in line]

    assert lines("one", "three") == [" ..."]
    assert lines("one", "two") == []
    assert lines("three", "four") == []


def test_several_labels_on_a_line_hang_below_their_marks() -> None:
    source = Source("conv 120, f=7\n", "a.cnn")
    labels = (Label(source, place(source, "conv"), "the kind"), Label(source, place(source, "120"), "the filters"))
    assert excerpt(diagnostic(source, "f=7", label="the window", labels=labels)) == [
        "",
        "conv 120, f=7",
        "---- ---  ^^^ the window",
        "|    |",
        "|    the filters",
        "the kind",
    ]


def test_a_long_word_never_runs_into_another_mark() -> None:
    source = Source("conv 120, f=7\n", "a.cnn")
    labels = (Label(source, place(source, "f=7"), "a window"),)
    assert excerpt(diagnostic(source, "conv", label="a kind of layer", labels=labels))[2:] == [
        "^^^^      --- a window",
        "|",
        "a kind of layer",
    ]


def test_a_mark_over_several_lines() -> None:
    source = Source("repeat 2 {\n    relu\n\n    gelu\n    tanh\n    abs\n}\n", "a.cnn")
    d = Diagnostic("E301", "x", source, Span(0, len(source.text) - 1), label="never closed")
    assert shown(d).splitlines()[3:] == [
        " 1 | repeat 2 {",
        "   | ^^^^^^^^^^",
        " 2 |     relu",
        "   |     ^^^^",
        " ...",
        " 7 | }",
        "   | ^ never closed",
    ]


def test_a_tab_takes_the_room_that_it_shows() -> None:
    source = Source("\tconv\t6, f=5\n", "a.cnn")
    assert excerpt(diagnostic(source, "f=5"))[1:] == ["    conv    6, f=5", "               ^^^"]


def test_wide_characters_take_two_columns() -> None:
    source = Source('use "漢字.cnn" | é | e\u0301 | relu\n', "a.cnn")
    line, marks = excerpt(diagnostic(source, "relu"))[1:]
    assert line == 'use "漢字.cnn" | é | e\u0301 | relu'
    assert marks == " " * 25 + "^^^^"


def test_a_long_line_is_cut_around_its_place() -> None:
    source = Source("x" * 5000 + " f=7 " + "y" * 5000 + "\n", "a.cnn")
    line, marks = excerpt(diagnostic(source, "f=7", label="here"))[1:]
    assert len(line) <= 103
    assert line.startswith("...xxx")
    assert line.endswith("yyy...")
    assert line[marks.index("^") :].startswith("f=7 y")


def test_places_far_apart_on_a_long_line_are_shown_apart() -> None:
    source = Source("first " + "x" * 5000 + " last\n", "a.cnn")
    lines = excerpt(diagnostic(source, "last", label="b", labels=(Label(source, place(source, "first"), "a"),)))[1:]
    assert [line for line in lines if set(line) & set("^-")] == ["----- a", " " * 69 + "^^^^ b"]


def test_ten_megabytes_of_one_line_are_no_trouble() -> None:
    source = Source("x" * 10_000_000, "a.cnn")
    d = Diagnostic("E301", "x", source, Span(5_000_000, 9_999_999))
    assert max(map(len, shown(d).splitlines())) < 120


def test_the_end_of_the_text_and_an_empty_text() -> None:
    source = Source("relu {\n", "a.cnn")
    assert shown(Diagnostic("E106", "x", source, Span(7, 7))).endswith(" 2 |\n   | ^\n")
    empty = Diagnostic("E401", "the file is empty", Source("", "a.cnn"), Span(0, 0), help="begin with `input`")
    assert shown(empty) == "error[E401] no-input: the file is empty\n  --> a.cnn\n   = help: begin with `input`\n"


def test_a_place_beyond_the_text_does_not_fail() -> None:
    source = Source("relu", "a.cnn")
    assert "a.cnn:1:" in shown(Diagnostic("E106", "x", source, Span(90, 99)))


def test_windows_line_ends() -> None:
    source = Source("input 8\r\nrelu\r\n", "a.cnn")
    assert shown(diagnostic(source, "relu")).splitlines()[3:] == [" 2 | relu", "   | ^^^^"]


def test_another_file_has_an_excerpt_of_its_own() -> None:
    other = Source("block f { relu }\n", "blocks.cnn")
    source = Source("f\n", "a.cnn")
    d = diagnostic(source, "f", labels=(Label(other, place(other, "relu"), "in this block"),))
    assert shown(d).splitlines()[5:] == [
        "  ::: blocks.cnn",
        "   |",
        " 1 | block f { relu }",
        "   |           ---- in this block",
    ]


def test_control_characters_command_nothing() -> None:
    source = Source('use "\x1b[31m\u202e\x07"\n', "evil\x1b[2J.cnn")
    d = diagnostic(source, "use", message="no file \x1b]0;x\x07", notes=("\x9b",))
    assert not set(render(checked(d))) & {"\x1b", "\x07", "\u202e", "\x9b"}
    assert 'use "␛[31m\ufffd␇"' in shown(d)
    assert "\x1b" not in render([Checked("evil\x1b[2J.cnn", ())])


def test_colour_changes_nothing_but_colour() -> None:
    import re

    d = window()
    colored = one_diagnostic(d, color=True)
    assert "\x1b[1;31m" in colored
    assert re.sub(r"\x1b\[[0-9;]*m", "", colored) == shown(d)


def test_the_closing_line_counts() -> None:
    a, b = Source("input 8\nrelu\n", "a.cnn"), Source("relu\n", "b.cnn")
    errors = [diagnostic(a, "relu"), diagnostic(a, "input"), diagnostic(b, "relu")]
    finding = diagnostic(b, "relu", code="W301")

    def last(*found: Diagnostic) -> str:
        return render(checked(*found)).splitlines()[-1]

    assert last(errors[0]) == "1 error"
    assert last(*errors, finding) == "3 errors, 1 finding in 2 files"
    assert last(finding) == "1 finding"
    assert render([Checked("a.cnn", ()), Checked("b.cnn", ())]) == "all good: 2 files\n"
    assert render(checked(*errors), closing=False) == "\n".join(shown(d) for d in (errors[1], errors[0], errors[2]))


def test_the_closing_line_of_one_good_file_says_what_it_is() -> None:
    import cnnspec

    net = cnnspec.loads("input 28x28x1\nconv 6, f=5 | relu\n")
    assert render([Checked("a.cnn", (), net)]) == "all good: 2 layers, 156 parameters, 86,400 MACs\n"
    empty = Network(model="m", source=Source("", "a.cnn"), inputs={}, outputs={}, layers=(), blanks=2)
    assert render([Checked("a.cnn", (), empty, blanks=2)]).splitlines() == [
        "a.cnn: 2 blanks to fill",
        "all good",
    ]


def test_a_diagnostic_of_a_file_that_two_others_use_comes_once() -> None:
    shared = Source("relu 6\n", "blocks.cnn")
    twice = [Checked(name, (diagnostic(shared, "6"),)) for name in ("a.cnn", "b.cnn")]
    assert render(twice).count("error[") == 1


def test_diagnostics_come_in_the_order_of_the_file() -> None:
    source = Source(LENET, "a.cnn")
    found = (diagnostic(source, "f=7"), diagnostic(source, "input"), diagnostic(Source("x", "0.cnn"), "x"))
    rows = [line for line in render([Checked("a.cnn", found)]).splitlines() if "-->" in line]
    assert rows == ["  --> a.cnn:1:1", "  --> a.cnn:9:11", "  --> 0.cnn:1:1"]
