"""Variants: which networks a file holds, what is said of them, and how far they may go."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

import cnnspec
from cnnspec import api
from cnnspec.elaborate import program, uses, variants
from cnnspec.source import Source
from cnnspec.syntax import reading
from cnnspec.syntax.reading import split_variant
from cnnspec.values import Word

NET = """\
model net(unit = plain, rows = [[4, relu]], mode = "a", k = 1)
block plain(n) { conv n, f=3 }
block deep(n) { conv n, f=1 | conv n, f=3 }
input 8x8x3
for n, act in rows { unit n | act }
if mode == "a" { tanh }
if unit == deep { elu }
conv k, f=1
variant first { expect params == 117 }
variant second(unit = deep, k = 2) { expect params == 174 }
"""


def kinds(net: cnnspec.Network) -> list[str]:
    return [layer.kind for layer in net.layers]


def found(text: str, variant: str | None = None, codes: str = "E", **settings: Any) -> list[cnnspec.Diagnostic]:
    """The errors of a text, or the findings of some codes."""
    return [d for d in cnnspec.check(text, settings=settings, variant=variant) if d.code.startswith(codes)]


def codes(text: str, variant: str | None = None) -> list[tuple[str, int]]:
    return [(d.code, d.row) for d in found(text, variant)]


# --- choosing one -----------------------------------------------------------------------------------------------------


def test_a_variant_is_a_network_of_its_own_name() -> None:
    net, second = cnnspec.loads(NET), cnnspec.loads(NET, variant="second")
    assert (net.model, net.variant, net.variants) == ("net", None, ("first", "second"))
    assert (second.model, second.variant, second.variants) == ("second", "second", ("first", "second"))
    assert (net.params, second.params) == (117, 174)
    assert second.settings == {"unit": Word("deep"), "rows": [[4, Word("relu")]], "mode": "a", "k": 2}


def test_load_takes_the_name_after_a_colon_or_as_an_argument(tmp_path: Path) -> None:
    path = tmp_path / "net.cnn"
    path.write_text(NET)
    assert cnnspec.load(f"{path}:second").params == cnnspec.load(path, variant="second").params == 174
    assert cnnspec.load(f"{path}:second").source.filename == str(path)
    with pytest.raises(cnnspec.CnnSpecError) as caught:
        cnnspec.load(f"{path}:secund")
    (error,) = caught.value.diagnostics
    assert (error.code, error.row, error.column) == ("E227", 1, 7)
    assert error.help == "did you mean `second`? its variants are first, second"


def test_a_variant_is_named_once_and_by_a_text(tmp_path: Path) -> None:
    path = tmp_path / "net.cnn"
    path.write_text(NET)
    assert cnnspec.load(f"{path}:second", variant="second").variant == "second"
    with pytest.raises(ValueError, match="the path names the variant 'second', the argument 'first': give one"):
        cnnspec.load(f"{path}:second", variant="first")
    with pytest.raises(TypeError, match="a variant is named by a text, not 3"):
        cnnspec.loads(NET, variant=3)  # type: ignore[arg-type]


def test_a_file_without_variants_has_none() -> None:
    with pytest.raises(cnnspec.CnnSpecError) as caught:
        cnnspec.loads("input 8\nrelu", variant="big")
    assert [(d.code, d.help) for d in caught.value.diagnostics] == [
        ("E227", "the file has no variants: leave the name out")
    ]


def test_what_is_set_goes_before_the_variant_and_its_expectations_rest() -> None:
    wrong = NET.replace("== 174", "== 1")
    assert codes(wrong) == codes(wrong, "second") == [("E404", 10)]
    assert codes(wrong, "first") == []
    assert cnnspec.loads(wrong, variant="second", k=3).params == 179
    assert found(wrong, k=3) == found(wrong, "second", k=3) == []


def test_expectations_of_the_file_are_for_every_variant() -> None:
    text = NET + "expect count(elu) == 0\n"
    assert codes(text, "first") == []
    assert codes(text, "second") == [("E404", 11)]
    with pytest.raises(cnnspec.CnnSpecError):
        cnnspec.loads(text, variant="second", k=3)


@pytest.mark.parametrize(
    ("path", "parts"),
    [
        ("net.cnn", ("net.cnn", None)),
        ("net.cnn:small", ("net.cnn", "small")),
        ("absent.cnn:Small", ("absent.cnn", "Small")),
        ("net.txt:small", ("net.txt", "small")),
        ("absent.txt:small", ("absent.txt:small", None)),
        ("net.cnn:", ("net.cnn:", None)),
        ("-", ("-", None)),
        ("c:small", ("c:small", None)),
        ("C:\\nets\\net.cnn", ("C:\\nets\\net.cnn", None)),
        ("C:\\nets\\net.cnn:small", ("C:\\nets\\net.cnn", "small")),
        ("odd.cnn:name", ("odd.cnn:name", None)),
        ("a.cnn:b/net.cnn", ("a.cnn:b/net.cnn", None)),
    ],
)
def test_the_file_and_the_variant(
    path: str, parts: tuple[str, str | None], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    for name in ("net.cnn", "net.txt", "odd.cnn", "odd.cnn:name", "c"):
        Path(name).write_text("")
    assert split_variant(path) == parts


# --- words, blocks and lists as parameters ----------------------------------------------------------------------------


def test_a_word_from_outside_is_a_block_or_a_kind() -> None:
    assert "elu" in kinds(cnnspec.loads(NET, unit="deep"))
    assert kinds(cnnspec.loads(NET, rows=[[4, "gelu"], [5, "selu"]])) == [
        *("conv", "gelu", "conv", "selu", "tanh", "conv"),
    ]


def test_a_block_can_be_compared_with_kinds_and_blocks() -> None:
    text = NET + "if unit == relu or unit == plain or unit != deep { gelu }\n"
    assert kinds(cnnspec.loads(text))[-1] == "gelu"
    assert kinds(cnnspec.loads(text, variant="second"))[-1] == "conv"


def test_a_text_from_outside_stays_a_text() -> None:
    net = cnnspec.loads(NET, mode="plain")
    assert type(net.settings["mode"]) is str
    assert "tanh" not in kinds(net)


def test_a_block_of_the_file_can_be_called_in_a_used_one(tmp_path: Path) -> None:
    (tmp_path / "stages.cnn").write_text("block stage(unit, n) { repeat n { unit 4 } }\n")
    path = tmp_path / "net.cnn"
    path.write_text(NET.replace("input 8x8x3", 'use "stages.cnn"\ninput 8x8x3\nstage unit, 2'))
    assert kinds(cnnspec.load(path))[:3] == ["conv", "conv", "conv"]
    assert kinds(cnnspec.load(path, unit="deep")).count("conv") == 2 * 2 + 2 + 1


@pytest.mark.parametrize("value", [3, True, [1, 2], 2.5])
def test_a_block_is_no_number(value: object) -> None:
    with pytest.raises(cnnspec.CnnSpecError) as caught:
        cnnspec.loads(NET, unit=value)
    assert [d.code for d in caught.value.diagnostics] == ["E206"]


def test_a_parameter_without_default_is_what_it_is_set_to() -> None:
    text = "model net(act)\ninput 8\nact\nvariant a(act = relu)\n"
    assert kinds(cnnspec.loads(text, variant="a")) == kinds(cnnspec.loads(text, act="relu")) == ["relu"]
    assert codes(text) == [("E203", 1)]


# --- all of them ------------------------------------------------------------------------------------------------------


def test_a_used_file_is_read_once_and_speaks_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    read: list[str] = []
    real = reading.read

    def counted(path: str) -> Source:
        read.append(path)
        return real(path)

    monkeypatch.setattr(reading, "read", counted)
    (tmp_path / "lib.cnn").write_text("let k = nobody + 1\nblock part { conv k, f=1 | relu }\nlet broken = = 3\n")
    text = 'model net(n = 1)\nuse "lib.cnn"\ninput 8x8x3\nrepeat n { part }\nvariant a(n = 2)\nvariant b(n = 3)\n'
    errors = [d for d in cnnspec.check(text, filename=str(tmp_path / "net.cnn")) if d.severity == "error"]
    assert [(d.code, Path(d.filename).name, d.row) for d in errors] == [("E208", "lib.cnn", 1), ("E104", "lib.cnn", 3)]
    assert [Path(name).name for name in read] == ["lib.cnn"]
    assert uses.MAX_FILES > 1


def test_findings_of_a_variant_are_told_where_the_defaults_have_none() -> None:
    text = NET.replace("expect params == 117", "").replace("first", "third(unit = deep)")
    (finding,) = found(text, codes="W201")
    assert finding.row == 3
    assert finding.trace[-1] == "in the variant `third`, and in 1 more"


def test_one_finding_at_a_place_is_enough() -> None:
    text = "model m(n = 9)\ninput [n, n, 3]\nconv 4, f=3, s=2\nvariant a(n = 8)\nvariant b(n = 10)\nvariant c(n = 12)\n"
    (finding,) = found(text, codes="W301")
    assert (finding.row, finding.trace) == (3, ("in the variant `a`, and in 2 more",))


def test_an_error_in_the_body_of_a_variant_does_not_name_it_again() -> None:
    (error,) = found("model m(k = 1)\ninput 8\ndense k\nvariant a { expect params == 1 }\n")
    assert (error.code, error.trace) == ("E404", ())


def test_broken_lines_leave_the_other_variants() -> None:
    text = "model m(k = 1)\ninput 8\ndense k -> 1\nvariant a(k = ) { expect params == 0 }\nvariant b(k = 2)\n"
    assert codes(text) == [("E402", 3), ("E104", 4)]
    assert codes(text, "a") == [("E104", 4)]


def test_what_is_wrong_with_one_variant_leaves_the_others() -> None:
    text = "model m(k = 1)\ninput 8\ndense k\nvariant a(j = 2)\nvariant b(k = 2)\nvariant c { relu }\n"
    assert codes(text) == [("E220", 4), ("E113", 6)]
    assert (codes(text, "a"), codes(text, "b"), codes(text, "c")) == ([("E220", 4)], [], [("E113", 6)])
    assert (cnnspec.loads(text).params, cnnspec.loads(text, variant="b").params) == (9, 18)
    shown: list[str | None] = []
    api.each_variant(Source(text), lambda net: shown.append(net.variant))
    assert shown == ["b"]


def test_an_annotation_holds_for_every_variant() -> None:
    text = "model m(a = 1)\ninput 8x8x3\nconv a, f=1 -> 8x8x1, 4 params\nvariant q(a = 3)\nvariant r(a = 4)\n"
    assert {(d.code, d.help) for d in found(text)} == {
        ("E402", "write `-> [8, 8, a]`: it has to hold for every variant"),
        ("E403", "write a formula that holds for every variant"),
    }
    assert found(text.replace("8x8x1, 4 params", "[8, 8, a], 4 * a params")) == []
    doubled = text.replace("conv a, f=1 -> 8x8x1, 4 params", "conv 2 * a, f=1 -> 8x8x2")
    assert {d.help for d in found(doubled)} == {"write a formula that holds for every variant"}
    (error,) = found(text.replace("8x8x1, 4", "8x8x2, 4").partition("variant")[0])
    assert error.help == "write `-> 8x8x1`, or change the layers"


def test_an_expectation_after_a_variant_belongs_into_braces() -> None:
    (error,) = found("model m(a = 1)\ninput 8\ndense a\nvariant v(a = 3) expect params == 3\n")
    assert (error.code, error.row, error.help) == ("E113", 4, "put it in braces: `{ expect … }`")


def test_blanks_in_a_variant() -> None:
    text = "model m(k = 1)\ninput 8\ndense k -> 1\nvariant a(k = ?) { expect params == 0 }\n"
    assert codes(text) == []
    assert [cnnspec.loads(text, variant=name).blanks for name in (None, "a")] == [0, 1]


# --- limits -----------------------------------------------------------------------------------------------------------


def test_all_variants_together_have_a_limit(monkeypatch: pytest.MonkeyPatch) -> None:
    for module in (program, variants):
        monkeypatch.setattr(module, "MAX_STEPS_OF_VARIANTS", 10_000)
    text = "model m(k = 1)\ninput 8\nrepeat k { relu }\n" + "".join(f"variant v{i}(k = 1_000)\n" for i in range(9))
    (error,) = found(text)
    assert (error.code, error.row) == ("E219", 7), "four of about 2,000 steps fit"
    assert "10,000 steps together" in error.message
    assert cnnspec.loads(text, variant="v8").layers, "one of them is no more than any file"


def test_a_variant_has_the_limit_of_every_file() -> None:
    text = "model m(k = 1)\ninput 8\nrepeat k { repeat k { relu } }\nvariant big(k = 1_000)\n"
    (error,) = found(text)
    assert (error.code, error.row, error.trace[-1]) == ("E219", 3, "in the variant `big`")


def test_very_many_variants_end_soon() -> None:
    text = "model m(k = 1)\ninput 8\nrelu\n" + "".join(f"variant v{i}(k = 2) \n" for i in range(20_000))
    (error,) = found(text)
    assert error.code == "E219"
    assert 5_000 < error.row < 10_000


def test_other_variants_are_no_steps_of_a_variant() -> None:
    text = "model m(k = 1)\ninput 8\nrelu\n" + "".join(f"variant v{i}(k = 2)\n" for i in range(5_000))
    assert found(text) == []


def test_very_many_errors_end_soon() -> None:
    text = "model m(k = 1)\ninput 8\ndense k\n" + "".join(f"variant v{i} {{ expect k == {i} }}\n" for i in range(500))
    assert len(found(text)) == 200


def test_parameters_that_depend_on_very_many_others() -> None:
    names = ", ".join(f"a{i} = a{i + 1}" for i in range(200))
    assert codes(f"model m({names}, a200 = 1)\ninput 8\ndense a0") == [("E103", 1)]
