"""What a file means: names, scopes, loops, branches, blocks, shared weights, blanks."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

import cnnspec


def codes(text: str, **settings: Any) -> list[str]:
    return [d.code for d in cnnspec.check(text, settings=settings) if d.severity == "error"]


def names(text: str, **settings: Any) -> list[str]:
    return [layer.name for layer in cnnspec.loads(text, **settings).layers]


def output(text: str, **settings: Any) -> tuple[Any, ...]:
    (size,) = cnnspec.loads(text, **settings).outputs.values()
    return size


# --- names of layers -------------------------------------------------------------------------------------------------


def test_layers_are_numbered_by_kind_within_their_scope() -> None:
    assert names("input 28x28x1\nconv 4, f=3 | relu | conv 4, f=3 | relu") == ["conv1", "relu1", "conv2", "relu2"]


def test_a_block_instance_is_a_scope() -> None:
    text = "block cb(n) { conv n, f=3 | batchnorm }\ninput 28x28x1\ncb 4 | cb 4 as stem"
    assert names(text) == ["cb1.conv1", "cb1.batchnorm1", "stem.conv1", "stem.batchnorm1"]


def test_a_named_layer_still_counts() -> None:
    assert names("input 28x28x1\nconv 4, f=3 as first | conv 4, f=3") == ["first", "conv2"]


def test_a_name_that_repeats_in_a_loop_is_numbered() -> None:
    assert names("input 28x28x1\nrepeat 3 { conv 4, f=3 as c }") == ["c", "c_2", "c_3"]


def test_names_never_collide() -> None:
    assert len(set(names("input 28x28x1\nconv 4, f=3 as conv2 | conv 4, f=3 | conv 4, f=3"))) == 3


def test_the_newest_value_of_a_name_in_a_loop_counts() -> None:
    assert output("input 28x28x1\nfor n in [4, 8] { conv n, f=1 as c }\nrelu\nfrom c") == (28, 28, 8)


@pytest.mark.parametrize(
    "flow",
    [
        "conv 4, f=3 as a | conv 4, f=3 as a",
        "repeat 2 { conv 4, f=3 as a | relu as a }",
        "concat { branch { relu as a } branch { abs as a } }",
        "let a = 3\nrelu as a",
        "let b = 3\nblock b { relu }",
        "block b { relu }\nlet b = 3",
        "let b = 3\nlet b = 4",
    ],
)
def test_a_name_given_twice_is_refused(flow: str) -> None:
    assert codes(f"input 28x28x1\n{flow}") == ["E209"]


def test_a_name_is_given_in_either_branch_of_an_if() -> None:
    assert codes("input 8\nif true { relu as a } else { abs as a }\nadd a") == []


# --- scopes ----------------------------------------------------------------------------------------------------------


def test_a_let_at_top_level_is_seen_by_the_whole_file() -> None:
    assert output("block b { dense k }\ninput 8\nb\nlet k = 3") == (3,)


def test_a_let_ends_with_its_braces() -> None:
    assert codes("input 8\nif true {\n  let k = 3\n}\ndense k") == ["E208"]


def test_a_block_does_not_see_its_callers_names() -> None:
    assert codes("block b { add a }\ninput 8\nrelu as a | b") == ["E208"]


def test_a_default_may_use_earlier_parameters_and_the_flow() -> None:
    assert output("block b(n = channels // 4, m = n + 1) { dense m }\ninput 16\nb") == (5,)


def test_a_parameter_hides_a_figure_of_the_flow() -> None:
    assert output("block b(channels) { dense channels }\ninput 16\nb 3") == (3,)


def test_a_value_and_a_kind_may_be_arguments() -> None:
    text = "block up(skip, act) { concat skip | act }\ninput 8x8x2\nrelu as s\nup s, act=tanh"
    network = cnnspec.loads(text)
    assert network.outputs == {"output": (8, 8, 4)}
    assert network.layers[-1].kind == "tanh"


def test_a_model_parameter_is_set_from_outside() -> None:
    text = "model m(classes = 10, act = relu)\ninput 8\ndense classes | act"
    assert output(text) == (10,)
    assert output(text, classes=3) == (3,)
    assert codes(text, clases=3) == ["E220"]
    assert codes(text, classes="three") == ["E206"]


def test_the_last_of_several_inputs_flows() -> None:
    text = "input left: 8x8x1\ninput right: 8x8x3\nconv 4, f=1 | concat left"
    assert output(text) == (8, 8, 5)


# --- flow ------------------------------------------------------------------------------------------------------------


def test_an_empty_branch_is_the_arriving_value() -> None:
    assert output("input 8x8x3\nconcat { branch { conv 5, f=1 } branch { } }") == (8, 8, 8)


def test_branches_may_stand_in_loops_and_conditions() -> None:
    text = "input 8x8x3\nconcat {\n  for d in [1, 2] { branch { conv 4, f=3, p=d, d=d } }\n  if true { branch { } }\n}"
    assert output(text) == (8, 8, 11)


def test_a_lone_branch_leaves_the_flow() -> None:
    text = "input 8x8x3\nbranch { flatten | dense 2 } as aux\nrelu as main\noutput main, aux"
    assert cnnspec.loads(text).outputs == {"main": (8, 8, 3), "aux": (2,)}


def test_residual_adds_the_arriving_value() -> None:
    network = cnnspec.loads("input 8x8x3\nresidual { conv 3, f=3, p=1 }")
    assert network.layers[-1].inputs == ("conv1", "input")


@pytest.mark.parametrize(("condition", "kinds"), [("true", ["relu", "add"]), ("false", ["relu"])])
def test_residual_if(condition: str, kinds: list[str]) -> None:
    network = cnnspec.loads(f"input 8\nresidual if {condition} {{ relu }}")
    assert [layer.kind for layer in network.layers] == kinds


def test_repeat_nothing_is_nothing() -> None:
    assert names("input 8\nrepeat 0 { relu }") == []
    assert codes("input 8\nrepeat -1 { relu }") == ["E207"]


def test_for_unpacks_lists() -> None:
    assert output("input 8\nfor n, k in [[2, 1], [3, 2]] { dense n * k }") == (6,)
    assert codes("input 8\nfor n, k in [[2, 1], [3]] { dense n * k }") == ["E223"]


def test_frozen_parameters_are_not_trainable() -> None:
    network = cnnspec.loads("input 8\nfrozen { dense 4 }\ndense 2")
    assert (network.params, network.trainable, network.non_trainable) == (46, 10, 36)


def test_apply_counts_shared_weights_once() -> None:
    text = "block head { dense 4 | relu }\ninput left: 8\nhead as h\ninput right: 8\napply h as r\nsub h"
    network = cnnspec.loads(text)
    assert network.params == 36
    assert [p.name for p in network.parameters] == ["h.dense1.weight", "h.dense1.bias"]
    shared = [layer.shares.name for layer in network.layers if layer.shares]
    assert shared == ["h.dense1"]


def test_apply_needs_the_same_shapes() -> None:
    assert codes("input 8\ndense 4 as d | apply d") == ["E408"]


def test_apply_before_the_name_is_refused() -> None:
    assert codes("input 8\napply d\ndense 8 as d") == ["E406"]
    assert codes("input 8\napply d") == ["E208"]


def test_several_mistakes_stay_apart_and_do_not_follow_on() -> None:
    text = "input 4x4x3\nconv 8, f=7\nconv 16, f=3 | flatten | dense 3\nlinear 5 | relu\ndense 4 -> 4"
    assert codes(text) == ["E301", "E201"]


def test_a_mistake_in_a_block_is_reported_once_with_its_call() -> None:
    text = "block b { conv 8, f=9 }\ninput 4x4x3\nb\nb"
    (diagnostic,) = cnnspec.check(text)
    assert diagnostic.code == "E301"
    assert diagnostic.trace == ("in `b`, called at line 3",)


def test_a_block_that_nobody_calls_is_looked_through() -> None:
    assert codes("block b(n) { conv n, f=3, stride_=2 }\ninput 4x4x3\nrelu") == ["E202"]


def test_recursion_is_refused_called_or_not() -> None:
    assert codes("block b { b }\ninput 4\nrelu") == ["E210"]
    assert codes("block a { b }\nblock b { a }\ninput 4\na") == ["E210"]
    assert codes("block a(f) { f f }\ninput 4\na a") != []


def test_blocks_and_lets_only_are_a_valid_file() -> None:
    assert codes("let k = 3\nblock b { dense k }") == []
    with pytest.raises(cnnspec.CnnSpecError, match="no `input`"):
        cnnspec.loads("let k = 3\nblock b { dense k }")


# --- what is expected ------------------------------------------------------------------------------------------------


def test_figures_in_an_annotation_are_those_of_the_arriving_value() -> None:
    assert codes("input 8x6x2\nconv 5, f=2, s=2 -> [height // 2, width // 2, 5], (2*2*channels + 1)*5 params") == []


@pytest.mark.parametrize(
    "expectation",
    [
        "params == 112",
        "trainable == 112 and non_trainable == 0",
        "output == 6x6x4",
        "macs == 6*6*4 * 3*3*3",
        "depth == 1",
        "receptive_field == 3",
        "count(conv, depthwise) == 1",
        "count() == 2",
        "params(conv1) <= 112",
        "params < 113 or false",
    ],
)
def test_expectations_that_hold(expectation: str) -> None:
    text = "input 8x8x3\nconv 4, f=3 | relu"
    assert codes(f"{text}\nexpect {expectation}") == []
    assert codes(f"{text}\nexpect not ({expectation})") == ["E404"]


def test_a_size_equals_a_number_when_each_axis_does() -> None:
    assert codes("input 8x8x8\nrelu\nexpect output == 8") == []


def test_a_misspelt_figure_is_refused_in_every_comparison() -> None:
    for condition in ("parmas == 3", "parmas != 3", "3 != parmas", "parmas > 3"):
        assert codes(f"input 8\nrelu\nexpect {condition}") == ["E410"]


@pytest.mark.parametrize(
    ("line", "size"),
    [
        ("conv 1, f=3 as c", "6x6x1"),
        ("residual { conv 3, f=1 } as c", "8x8x3"),
        ("branch { conv 2, f=3 } as c", "6x6x2"),
        ("branch { relu } as c", "8x8x3"),
        ("block b { conv 4, f=1 | relu }\nb as c", "8x8x4"),
    ],
)
def test_the_size_of_a_named_value_is_a_figure(line: str, size: str) -> None:
    text = f"input 8x8x3\n{line}\nexpect "
    (error,) = cnnspec.check(f"{text}c == {size}", "a.cnn")[:1]
    assert (error.code, error.help) == ("E410", "write `output(c)` for its size")
    assert codes(f"{text}output(c) == {size}") == codes(f"{text}output (c)[0] > 5 and output != 1") == []
    assert codes(f"{text}output(c) == 1x1x1") == ["E404"]
    assert codes(f"{text}output(d) == {size}") == ["E208"]
    assert codes("input c: 8x8x3\nrelu\nexpect output(c) == 8x8x3") == []


@pytest.mark.parametrize("name", ["params", "depth", "count", "receptive_field"])
def test_figures_cannot_be_bound_at_top_level(name: str) -> None:
    assert codes(f"input 8\nrelu as {name}") == ["E217"]
    assert codes(f"let {name} = 3\ninput 8\nrelu") == ["E217"]
    assert codes(f"block b({name}) {{ dense {name} }}\ninput 8\nb 3") == []


def test_annotations_are_checked_to_the_last_unit() -> None:
    assert codes("input 8x8x3\nconv 4, f=3 -> 6x6x4, 112 params") == []
    assert codes("input 8x8x3\nconv 4, f=3 -> 6x6x5, 113 params") == ["E402", "E403"]


def test_examples_must_fit_the_sizes() -> None:
    assert codes("input 2\nrelu\nexample [[0, 1]] -> [0, 1]") == []
    assert codes("input 2\nrelu\nexample [0, 1, 2] -> [0, 1]") == ["E409"]


# --- blanks ----------------------------------------------------------------------------------------------------------


def test_blanks_are_counted_and_not_judged() -> None:
    text = "input 28x28x1\nconv ?, f=5 -> 24x24x?, ? params\nmaxpool ?1, s=?1\nflatten | dense 10\nexpect params == ?"
    network = cnnspec.loads(text)
    assert network.blanks == 5
    assert cnnspec.check("input 28x28x1\nconv 6, f=? -> 28x28x6\nconv 4, f=29") != []


def test_what_a_blank_leaves_open_is_fixed_by_the_annotation() -> None:
    assert codes("input 28x28x1\nconv 6, f=? -> 28x28x6\nconv 4, f=3 -> 26x26x4") == []
    assert codes("input 28x28x1\n? -> 5x5x6\nconv 4, f=3 -> 3x3x5") == ["E402"]


# --- use -------------------------------------------------------------------------------------------------------------


def test_use_brings_in_blocks_and_lets(tmp_path: Path) -> None:
    (tmp_path / "blocks.cnn").write_text("let k = 3\nblock b(n) { conv n, f=k }\ninput 5\nexpect params == 1\n")
    main = tmp_path / "main.cnn"
    main.write_text('use "blocks.cnn"\ninput 8x8x1\nb 4\n')
    assert cnnspec.load(main).outputs == {"output": (6, 6, 4)}


def test_use_stays_inside_the_folder(tmp_path: Path) -> None:
    (tmp_path / "blocks.cnn").write_text("block b { relu }\n")
    (tmp_path / "inner").mkdir()
    main = tmp_path / "inner" / "main.cnn"
    for path in ("../blocks.cnn", str(tmp_path / "blocks.cnn"), "missing.cnn", "."):
        main.write_text(f'use "{path}"\ninput 8\nrelu\n')
        with pytest.raises(cnnspec.CnnSpecError) as error:
            cnnspec.load(main)
        assert [d.code for d in error.value.diagnostics] == ["E218"]


def test_a_link_does_not_lead_outside(tmp_path: Path) -> None:
    (tmp_path / "blocks.cnn").write_text("block b { relu }\n")
    (tmp_path / "inner").mkdir()
    (tmp_path / "inner" / "link.cnn").symlink_to(tmp_path / "blocks.cnn")
    main = tmp_path / "inner" / "main.cnn"
    main.write_text('use "link.cnn"\ninput 8\nrelu\n')
    with pytest.raises(cnnspec.CnnSpecError, match="outside"):
        cnnspec.load(main)


def test_a_file_may_be_used_on_two_ways(tmp_path: Path) -> None:
    (tmp_path / "a.cnn").write_text("block a { relu }\n")
    (tmp_path / "b.cnn").write_text('use "a.cnn"\nblock b { a | abs }\n')
    main = tmp_path / "main.cnn"
    main.write_text('use "a.cnn"\nuse "b.cnn"\ninput 8\nb | a\n')
    assert [layer.kind for layer in cnnspec.load(main).layers] == ["relu", "abs", "relu"]


@pytest.mark.parametrize("own", ['use "b.cnn"', "block a { abs }", "let a = 3"])
def test_a_name_that_two_files_define_is_refused(tmp_path: Path, own: str) -> None:
    (tmp_path / "a.cnn").write_text("block a { relu }\n")
    (tmp_path / "b.cnn").write_text("let a = 3\n")
    text = f'use "a.cnn"\n{own}\ninput 8\nrelu\n'
    diagnostics = cnnspec.check(text, filename=str(tmp_path / "main.cnn"))
    assert [d.code for d in diagnostics if d.severity == "error"] == ["E209"]


def test_after_a_failed_use_unknown_names_are_not_judged(tmp_path: Path) -> None:
    text = 'use "missing.cnn"\ninput 8\ncb 4 | add skip\ndense 3, g=4'
    assert [d.code for d in cnnspec.check(text, filename=str(tmp_path / "main.cnn"))] == ["E218", "E202"]


def test_files_that_use_each_other_in_a_circle_are_refused(tmp_path: Path) -> None:
    (tmp_path / "a.cnn").write_text('use "b.cnn"\nblock a { relu }\n')
    (tmp_path / "b.cnn").write_text('use "a.cnn"\nblock b { relu }\n')
    main = tmp_path / "main.cnn"
    main.write_text('use "a.cnn"\ninput 8\na\n')
    with pytest.raises(cnnspec.CnnSpecError, match="in turn"):
        cnnspec.load(main)


# --- limits ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "text",
    [
        "repeat 1_000_000_000 { relu }",
        "repeat 1000 { repeat 1000 { repeat 1000 { relu } } }",
        "for i in 1..1_000_000_000 { relu }",
        "repeat 1_000_000_000 { }",
        "block b0 { }\n"
        + "".join(f"block b{i} {{ {' | '.join([f'b{i - 1}'] * 10)} }}\n" for i in range(1, 11))
        + "b10",
        "let a0 = [1, 1]\n" + "".join(f"let a{i + 1} = [a{i}, a{i}, a{i}, a{i}]\n" for i in range(40)) + "relu",
    ],
)
def test_what_expands_too_far_is_an_error_like_any_other(text: str) -> None:
    assert "E219" in codes(f"input 8x8x1\n{text}")


def test_lets_that_wait_for_each_other_end_in_an_error() -> None:
    chain = "".join(f"let a{i} = a{i + 1}\n" for i in range(5000))
    assert codes(f"{chain}let a5000 = 1\ninput 8\nrelu") == ["E103"]
    assert codes("let a = b\nlet b = a\ninput 8\ndense a") == ["E208"]


def test_very_many_mistakes_end_the_walk() -> None:
    assert len(codes("input 8\n" + "add nowhere\n" * 20_000)) == 200


def test_blocks_nested_too_deeply_are_refused() -> None:
    chain = "block b0 { relu }\n" + "".join(f"block b{i} {{ b{i - 1} }}\n" for i in range(1, 200))
    assert codes(f"{chain}input 8\nb199") == ["E103"]


def test_huge_sizes_are_exact() -> None:
    network = cnnspec.loads("input 1_000_000_000x1_000_000_000x3\nflatten | dense 512")
    assert network.params == 512 * (3 * 10**18 + 1)


def test_after_an_error_an_annotation_is_believed() -> None:
    assert codes("input 9x9x3\nreshape 9x9x4 -> 9x9x3\nflatten -> 243\ndense 3 -> 3, 732 params") == ["E308"]
    assert codes("input 9x9x3\nreshape 9x9x4 | relu -> 9x9x3\nflatten -> 243") == ["E308"]
    assert codes("input 9x9x3\nreshape 9x9x4 | relu -> 9x9x3\nflatten -> 242") == ["E308", "E402"]


def test_the_remedies_of_annotations_can_be_written() -> None:
    (diagnostic,) = cnnspec.check("input 100\ndense 10 -> 10, 1000 params")
    assert "`1_010 params`" in diagnostic.help


@pytest.mark.parametrize("path", ["a\0b", "\ud800", "", "a\tb"])
def test_a_path_that_is_none_is_refused(path: str) -> None:
    assert codes(f'use "{path}"\ninput 8\nrelu') in (["E218"], ["E105"])


def test_numpys_numbers_set_model_parameters() -> None:
    import numpy as np

    assert output("model m(n = 3)\ninput 4\ndense n", n=np.int64(4)) == (4,)


def test_a_layer_as_an_argument_is_the_next_layer() -> None:
    (diagnostic,) = cnnspec.check("input 4\ndense 10, softmax")
    assert "`| softmax`" in diagnostic.help


def test_a_circle_of_blocks_that_nobody_calls_is_found() -> None:
    assert codes("block a { b }\nblock b { c }\nblock c { a }\nblock d { a }\ninput 4\nrelu") == ["E210"]


def test_recursion_behind_a_condition_that_does_not_hold_is_refused() -> None:
    assert codes("block f(n) { if n > 0 { f n - 1 } }\ninput 4\nf 0\nrelu") == ["E210"]
    assert codes("block a(n) { if n > 0 { b n } }\nblock b(n) { a n - 1 }\ninput 4\na 0\nb 0\nrelu") == ["E210"]


def test_a_value_called_like_a_layer_is_told_of_from() -> None:
    (diagnostic,) = cnnspec.check("input 8\nrelu as s\nadd s\ns")
    assert diagnostic.code == "E201"
    assert "`from s`" in diagnostic.help


def test_the_remedy_of_an_annotation_in_a_loop_speaks_of_the_round() -> None:
    (diagnostic,) = cnnspec.check("input 9x9x3\nrepeat 3 {\n    conv 3, f=3 -> 7x7x3\n    relu\n}")
    assert "round 2" in diagnostic.help


def test_a_value_is_no_instance_for_apply() -> None:
    (diagnostic,) = (
        d for d in cnnspec.check("input 8\nadd { branch { } branch { relu } } as both\napply both\nadd both")
    )
    assert diagnostic.code == "E208"
    assert "is a value" in diagnostic.message


def test_a_comma_in_a_count_is_named() -> None:
    (diagnostic,) = cnnspec.check("input 32x32x3\nconv 6, f=3 -> 1,168 params")
    assert "`1_168 params`" in diagnostic.help
