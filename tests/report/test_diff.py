"""What changed between two networks: alignment, differences, and their three forms."""

from __future__ import annotations

import json
import time
from functools import cache
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

import cnnspec
from cnnspec.report.diff import Differences, differences, table
from cnnspec.report.diff.alignment import _of_unique, align, common
from cnnspec.report.diff.document import document
from cnnspec.report.diff.matching import bare_name, match_layers
from cnnspec.report.documents import Diff

ROOT = Path(__file__).parents[2]
LENET = (
    "model lenet\ninput 28x28x1\nconv 6, f=5, p=2 | relu | maxpool 2\nconv 16, f=5 | relu | maxpool 2\n"
    "flatten | dense 120 | relu | dense 84 | relu\ndense 10 | softmax\n"
)
STACK = "input 32x32x8\nrepeat {} {{ conv 8, f=3, p=1 | batchnorm | relu }}\nglobal_avgpool | dense 10\n"


def diff(before: str, after: str) -> Differences:
    return differences(cnnspec.loads(before), cnnspec.loads(after))


def said(found: Differences) -> list[tuple[object, ...]]:
    """(status, name before, name after, changes) of each layer that differs."""
    return [
        (
            one.status,
            *(value.name if value else None for value in (one.before, one.after)),
            *(f"{change.what}: {change.before} -> {change.after}" for change in one.changes),
        )
        for one in found.layers
    ]


# --- alignment --------------------------------------------------------------------------------------------------------


def longest(a: str, b: str) -> int:
    """The length of a longest common subsequence, by its definition."""

    @cache
    def of(i: int, j: int) -> int:
        if i == len(a) or j == len(b):
            return 0
        return of(i + 1, j + 1) + 1 if a[i] == b[j] else max(of(i + 1, j), of(i, j + 1))

    return of(0, 0)


@given(st.text("abc", max_size=12), st.text("abc", max_size=12))
def test_what_is_common_is_common_in_order_and_as_long_as_can_be(a: str, b: str) -> None:
    pairs = common(a, b)
    assert all(a[i] == b[j] for i, j in pairs)
    assert all(i < k and j < m for (i, j), (k, m) in pairwise(pairs))
    assert len(pairs) == longest(a, b)


@given(st.permutations(range(8)), st.permutations(range(8)))
def test_very_long_sequences_are_aligned_by_what_is_unique(a: list[int], b: list[int]) -> None:
    pairs = _of_unique(a, b)
    assert all(a[i] == b[j] for i, j in pairs)
    assert len(pairs) == longest("".join(map(str, a)), "".join(map(str, b)))


@given(st.text("abcdef", max_size=9), st.text("abcdef", max_size=9))
def test_what_is_there_twice_is_left_out_then(a: str, b: str) -> None:
    assert all(a[i] == b[j] and a.count(a[i]) == b.count(b[j]) == 1 for i, j in _of_unique(a, b))


@given(st.text("aAbB", max_size=10), st.text("aAbB", max_size=10))
def test_gaps_are_aligned_by_the_next_key(a: str, b: str) -> None:
    pairs = align(a, b, [str, str.lower])
    assert set(common(a, b)) <= set(pairs)
    assert all(a[i].lower() == b[j].lower() for i, j in pairs)
    assert all(i < k and j < m for (i, j), (k, m) in pairwise(pairs))


def test_names_without_their_numbers() -> None:
    names = ("conv3", "stage2.conv_bn3.conv1", "eye_2", "s4.conv1", "conv2d")
    assert [bare_name(name) for name in names] == ["conv", "stage.conv_bn.conv", "eye", "s.conv", "conv2d"]


@given(st.lists(st.sampled_from(("conv 8, f=3, p=1", "conv 8, f=1", "relu", "batchnorm")), max_size=12), st.data())
def test_every_layer_is_matched_once(lines: list[str], data: st.DataObject) -> None:
    other = data.draw(st.permutations(lines))
    before, after = (cnnspec.loads("\n".join(["input 8x8x8", *some])).layers for some in (lines, other))
    matches = match_layers(before, after)
    assert [a for a, _ in matches if a] == list(before)
    assert [b for _, b in matches if b] == list(after)


# --- differences ------------------------------------------------------------------------------------------------------


def test_the_same_network_differs_in_nothing() -> None:
    assert diff(LENET, LENET).all == ()
    assert diff(STACK.format(20), STACK.format(20).replace("repeat 20", "for i in 1..20")).all == ()


def test_an_argument_and_what_follows_from_it() -> None:
    found = diff(LENET, LENET.replace("16, f=5", "32, f=3"))
    assert said(found) == [
        ("changed", "conv2", "conv2", "filters: 16 -> 32", "f: 5 -> 3"),
        ("follows", "relu2", "relu2"),
        ("follows", "maxpool2", "maxpool2"),
        ("follows", "flatten1", "flatten1"),
        ("follows", "dense1", "dense1"),
    ]
    conv, *_, dense = found.layers
    assert [conv.delta(count) for count in ("params", "trainable", "macs")] == [-656, -656, 12 * 12 * 32 * 54 - 240_000]
    assert dense.delta("params") == (6 * 6 * 32 - 400) * 120
    before, after = found.totals
    assert after.params - before.params == sum(one.delta("params") for one in found.layers)


def test_a_layer_at_the_top_leaves_those_below_as_they_were() -> None:
    found = diff(STACK.format(4), STACK.format(4).replace("repeat", "conv 8, f=5, p=2\nrepeat"))
    assert said(found) == [("added", None, "conv1")]
    assert said(diff(STACK.format(4), STACK.format(3))) == [
        ("removed", f"{kind}4", None) for kind in ("conv", "batchnorm", "relu")
    ]


def test_renumbered_layers_are_found_again() -> None:
    after = LENET.replace("input 28x28x1\n", "input 28x28x1\nconv 1, f=1 | relu\n").replace("dense 84", "dense 90")
    assert said(diff(LENET, after)) == [
        ("added", None, "conv1"),
        ("added", None, "relu1"),
        ("changed", "dense2", "dense2", "units: 84 -> 90"),
        ("follows", "relu4", "relu5"),
        ("follows", "dense3", "dense3"),
    ]


def test_another_activation_replaces_the_one_that_was() -> None:
    found = said(diff(STACK.format(2), STACK.format(2).replace("relu", "silu")))
    assert found == [
        ("changed", "relu1", "silu1", "kind: relu -> silu"),
        ("changed", "relu2", "silu2", "kind: relu -> silu"),
    ]


def test_only_what_is_written_is_an_argument_that_changed() -> None:
    """The stride of a pooling goes with its window, but may be written."""
    pool = "input 30x30x1\nmaxpool 2"
    assert said(diff(pool, "input 30x30x1\nmaxpool 3")) == [("changed", "maxpool1", "maxpool1", "f: 2 -> 3")]
    assert said(diff(pool, "input 30x30x1\nmaxpool 3, s=2")) == [("changed", "maxpool1", "maxpool1", "f: 2 -> 3")]
    assert said(diff(pool, "input 30x30x1\nmaxpool 2, p=1")) == [("changed", "maxpool1", "maxpool1", "p: 0 -> 1")]


def test_values_and_weights_in_the_file() -> None:
    line = "input 3\ndense 1, weight=[[1, 2, {}]], bias=false"
    assert said(diff(line.format(3), line.format(4))) == [
        ("changed", "dense1", "dense1", "weight: [...] -> other values")
    ]
    assert said(diff("input 3\ndense 1", "input 3\nfrozen { dense 1 }")) == [
        ("changed", "dense1", "dense1", "frozen: false -> true")
    ]
    twice = "input 4\ndense 4 as eye | relu\n{}"
    assert said(diff(twice.format("dense 4"), twice.format("apply eye"))) == [
        ("changed", "dense2", "eye_2", "weights: its own -> eye")
    ]
    both = "input 4\ndense 4 as eye | relu | dense 4 as ear | relu\napply {}"
    assert said(diff(both.format("eye"), both.format("ear"))) == [("changed", "eye_2", "ear_2", "weights: eye -> ear")]


def test_other_connections() -> None:
    skip = "input 8x8x4\nconv 4, f=1 as a\nconv 4, f=1 as b\nconv 4, f=1\nadd {}"
    assert said(diff(skip.format("a"), skip.format("b"))) == [
        ("changed", "add1", "add1", "inputs: conv3, a -> conv3, b")
    ]
    wide = skip.replace("add", "concat")
    assert said(diff(wide.format("a"), wide.format("a, b"))) == [
        ("changed", "concat1", "concat1", "inputs: conv3, a -> conv3, a, b")
    ]


HEAD = "input 4x4x2\nconv 2, f=1 as a\nrelu as b\n"


@pytest.mark.parametrize(
    ("before", "after", "change"),
    [
        ("from a | add a", "from a | add b", "a, a -> a, b"),
        ("from a | concat b", "from b | concat a", "a, b -> b, a"),
        ("concat a, b", "concat b, b", "b, a, b -> b, b, b"),
        ("sub a", "from a | sub b", "b, a -> a, b"),
        ("from a | mul a, b", "from a | mul b, b", "a, a, b -> a, b, b"),
        ("concat a", "concat a, input", "b, a -> b, a, input"),
        ("add a", "add a, input", "b, a -> b, a, input"),
    ],
)
def test_the_order_and_number_of_what_comes_in(before: str, after: str, change: str) -> None:
    (one,) = said(diff(HEAD + before, HEAD + after))
    assert one[3] == f"inputs: {change}"
    (one,) = said(diff(HEAD + after, HEAD + before))
    assert one[3] == f"inputs: {' -> '.join(reversed(change.split(' -> ')))}"


def test_the_order_of_a_sum_is_no_change() -> None:
    for join in ("add", "mul", "average", "maximum"):
        assert diff(f"{HEAD}from a | {join} b, input", f"{HEAD}from input | {join} a, b").all == ()


def test_branches_in_another_order() -> None:
    both = "concat {{ branch {{ {} }} branch {{ {} }} }}"
    found = diff(HEAD + both.format("", "tanh"), HEAD + both.format("tanh", ""))
    assert said(found) == [("changed", "concat1", "concat1", "inputs: b, tanh1 -> tanh1, b")]
    wide = ("conv 2, f=1", "conv 2, f=3, p=1")
    assert diff(HEAD + both.format(*wide), HEAD + both.format(*reversed(wide))).all


def test_what_only_gives_its_size_is_no_connection() -> None:
    """`crop like=b` cuts as `crop like=a` does where the two are of one size; where not, another size shows."""
    assert diff(HEAD + "crop like=a", HEAD + "crop like=b").all == ()
    pooled = HEAD + "maxpool 2 as c\nfrom b | crop like={}"
    assert [one.status for one in diff(pooled.format("a"), pooled.format("c")).layers] == ["follows"]


@st.composite
def graphs(draw: st.DrawFn) -> tuple[list[tuple[str, list[int]]], list[int]]:
    """Layers over two inputs, each with its kind and the numbers of the values that it reads; and the outputs."""
    layers = []
    for i in range(2, 2 + draw(st.integers(1, 5))):
        kind = draw(st.sampled_from(("relu", "add", "sub")))
        count = 1 if kind == "relu" else draw(st.integers(2, 3))
        layers.append((kind, draw(st.lists(st.integers(0, i - 1), min_size=count, max_size=count))))
    last = len(layers) + 1
    return layers, draw(st.lists(st.integers(2, last), min_size=1, max_size=3, unique=True))


def as_text(graph: tuple[list[tuple[str, list[int]]], list[int]]) -> str:
    layers, outputs = graph
    lines = ["input v0: 2", "input v1: 2"]
    for i, (kind, (first, *others)) in enumerate(layers, 2):
        step = f"{kind} {', '.join(f'v{k}' for k in others)}".rstrip()
        lines.append(f"from v{first} | {step} as v{i}")
    return "\n".join([*lines, f"output {', '.join(f'v{k}' for k in outputs)}"])


def rewired(draw: st.DrawFn, graph: tuple[list[tuple[str, list[int]]], list[int]]) -> Any:
    """The same layers, perhaps with other connections of one of them, or with the outputs in another order."""
    layers, outputs = [(kind, list(inputs)) for kind, inputs in graph[0]], list(graph[1])
    place = draw(st.integers(0, len(layers) - 1))
    kind, inputs = layers[place]
    if draw(st.booleans()):
        outputs = draw(st.permutations(outputs))
    elif draw(st.booleans()):
        layers[place] = (kind, draw(st.permutations(inputs)))
    else:
        inputs[draw(st.integers(0, len(inputs) - 1))] = draw(st.integers(0, place + 1))
    return layers, outputs


def as_meant(graph: tuple[list[tuple[str, list[int]]], list[int]]) -> object:
    """What makes two such graphs the same: the order of a sum does not count."""
    layers, outputs = graph
    return [(kind, sorted(inputs) if kind == "add" else list(inputs)) for kind, inputs in layers], list(outputs)


@given(st.data())
def test_with_the_same_layers_it_is_the_connections_that_decide(data: st.DataObject) -> None:
    before = data.draw(graphs())
    after = data.draw(st.composite(rewired)(before))
    assert (diff(as_text(before), as_text(after)).all == ()) == (as_meant(before) == as_meant(after))


def test_what_is_put_into_a_connection_does_not_change_its_end() -> None:
    plain = "input 8x8x4\nconv 4, f=1 as a\nresidual { conv 4, f=3, p=1 }"
    assert said(diff(plain, f"{plain} shortcut {{ dropout 0.5 }}")) == [("added", None, "dropout1")]
    assert said(diff(f"{plain} shortcut {{ dropout 0.5 }}", plain)) == [("removed", "dropout1", None)]


def test_a_new_name_is_a_change_of_its_own() -> None:
    found = diff("input 3\ndense 4 | relu", "input 3\ndense 4 as stem | relu")
    assert said(found) == [("renamed", "dense1", "stem")]
    block = "block part { dense 4 | relu }\ninput 3\npart"
    assert [status for status, *_ in said(diff("input 3\ndense 4 | relu", block))] == ["renamed", "renamed"]


def test_inputs_and_outputs() -> None:
    found = diff("input 28x28x1\nconv 4, f=3", "input 32x32x3\nconv 4, f=3")
    assert [(one.status, one.changes[0][1:]) for one in found.inputs] == [("changed", ("28x28x1", "32x32x3"))]
    assert [(one.status, one.names) for one in found.outputs] == [("follows", ("output", "output"))]
    two = "input a: 4\ninput b: 4\nadd a\nbranch { dense 3 as head }\ndense 2 as main\noutput main"
    found = diff(two, f"{two}, head")
    assert [(one.status, one.names[0]) for one in found.outputs] == [("added", "head")]
    assert said(found) == []
    found = diff(
        "input 4\ndense 2 as a\nbranch { relu as b }\noutput a", "input 4\ndense 2 as a\nbranch { relu as b }\noutput b"
    )
    assert [(one.status, one.names[0]) for one in found.outputs] == [("removed", "a"), ("added", "b")]
    found = diff("input words: 9\ndense 2", "input tokens: 9\ndense 2")
    assert [(one.status, one.before.name, one.after.name) for one in found.inputs if one.before and one.after] == [
        ("renamed", "words", "tokens")
    ]


def test_inputs_and_outputs_in_another_order() -> None:
    two = "input {}: 4\ninput {}: 4\nfrom a | add b\ndense 2 as main\nbranch {{ relu as head }}\noutput {}"
    found = diff(two.format("a", "b", "main, head"), two.format("b", "a", "main, head"))
    assert [(one.names, *one.changes) for one in found.all] == [
        (("", ""), ("position", "1", "2")),
        (("", ""), ("position", "2", "1")),
    ]
    found = diff(two.format("a", "b", "main, head"), two.format("a", "b", "head, main"))
    assert [(one.names[0], *one.changes) for one in found.all] == [
        ("main", ("position", "1", "2")),
        ("head", ("position", "2", "1")),
    ]
    assert "~  main (output)  position: 1 -> 2  2" in "\n".join(table.text(found, ("a", "b"))).splitlines()[4]
    (one,) = diff(HEAD, f"{HEAD}from a").all
    assert (one.names[0], one.changes) == ("output", (("inputs", "b", "a"),))
    more = diff(two.format("a", "b", "main, head"), "input c: 4\n" + two.format("a", "b", "main, head"))
    assert [(one.status, one.after and one.after.name) for one in more.inputs] == [("added", "c")]


def test_what_is_open_is_the_same_as_what_is_open() -> None:
    blanks = "input 28x28x1\nconv ?, f=3 | relu -> ?"
    assert diff(blanks, blanks).all == ()
    assert "params  ?  ?  ?" in "\n".join(
        " ".join(line.split()).replace(" ", "  ") for line in table.text(diff(blanks, blanks), ("a", "b"))
    )
    found = diff(blanks, blanks.replace("conv ?", "conv 4"))
    assert said(found)[0] == ("changed", "conv1", "conv1", "filters: ? -> 4")
    assert str(found.layers[0].delta("params")) == "?"


def test_thousands_of_layers_take_no_time() -> None:
    net = cnnspec.loads(STACK.format(1_700))
    lines = "\n".join(
        "conv 8, f=1 | relu" if i % 9 == 0 else "conv 8, f=3, p=1 | batchnorm | relu" for i in range(1_700)
    )
    other = cnnspec.loads(f"input 32x32x8\nconv 8, f=1\n{lines}\nglobal_avgpool | dense 10\n")
    start = time.perf_counter()
    found = differences(net, other)
    assert len(found.layers) == 1 + 2 * 189
    assert time.perf_counter() - start < 5


# --- forms ------------------------------------------------------------------------------------------------------------


def test_text() -> None:
    found = diff(LENET, LENET.replace("16, f=5", "32, f=3"))
    lines = list(table.text(found, ("a.cnn", "b.cnn")))
    assert lines[:5] == [
        "a.cnn -> b.cnn",
        "",
        "   layer (kind)        change                                output size            params     MACs",
        "---------------------------------------------------------------------------------------------------",
        "~  conv2 (conv)        filters=16 -> filters=32, f=5 -> f=3  10x10x16 -> 12x12x32     -656   +8,832",
    ]
    assert lines[10:] == [
        "                  before    after",
        "layers                13       13        =",
        "params            61,706  151,290  +89,584  (+145.2 %)",
        "  trainable       61,706  151,290  +89,584  (+145.2 %)",
        "  non-trainable        0        0        =",
        "MACs             416,520  515,592  +99,072   (+23.8 %)",
        "",
        "+ added, - removed, ~ changed, = renamed, > only the size or the counts",
    ]


def test_text_of_symbolic_sizes() -> None:
    found = diff("input HxWx1\nconv 4, f=1", "input HxWx1\nconv 6, f=1")
    rows = [line.split() for line in table.text(found, ("a", "b"))]
    assert ["MACs", "4*H*W", "6*H*W", "+2*H*W"] in rows
    assert any(row[-2:] == ["+4", "+2*H*W"] for row in rows)


def test_text_in_short_and_in_colour() -> None:
    found = diff(LENET, LENET.replace("16, f=5", "32, f=3"))
    brief = list(table.text(found, ("a", "b"), brief=True))
    assert "4 more with another size, count or name only" in brief
    assert not any("relu2" in line for line in brief)
    colored = list(table.text(found, ("a", "b"), color=True))
    assert [line.replace("\x1b[33m", "").replace("\x1b[2m", "").replace("\x1b[0m", "") for line in colored] == list(
        table.text(found, ("a", "b"))
    )
    assert any(line.startswith("\x1b[33m~") for line in colored)


def test_markdown_is_no_markup_of_the_file() -> None:
    lines = list(table.markdown(diff("input 3\ndense 4", "input 3\ndense 5 | relu"), ("a|`b`", "c")))
    assert lines[0] == "### `a|'b'` → `c`"
    assert "| params | 16 | 20 | +4 (+25.0 %) |" in lines
    assert "| ~ | dense1 (dense) | units=4 -> units=5 | 4 -> 5 | +4 | +3 |" in lines
    assert "| + | relu1 (relu) | relu | 5 |  |  |" in lines


def test_lists_and_sizes_as_they_are_written() -> None:
    found = diff("input 4x4x2\nselect [0, 1]", "input 4x4x2\nselect [1, 1]\nreshape 2x2x8 | reshape 32")
    assert said(found)[0] == ("changed", "select1", "select1", "indices: [0, 1] -> [1, 1]")
    rows = [line.split("  ") for line in table.text(diff("input 8", "input 8\nreshape 2x2x2"), ("a", "b"))]
    assert any("reshape 2x2x2" in row for row in rows)
    found = diff("input 4x4x2\nrescale [1, 1]", "input 4x4x2\nrescale [1, 2], b=3")
    assert said(found) == [("changed", "rescale1", "rescale1", "a: [1, 1] -> [1, 2]", "b: 0 -> 3")]


def test_nothing_changed_is_a_line() -> None:
    one = "input 2\ndense 1, bias=false"
    assert table.same(diff(one, one), ("a", "b")) == "a -> b: the same network, 1 layer, 2 parameters, 2 MACs"
    one = "input 1\ndense 1, bias=false"
    assert table.same(diff(one, one), ("a", "b")) == "a -> b: the same network, 1 layer, 1 parameter, 1 MAC"
    assert table.same(diff(LENET, LENET), ("a", "b")) == (
        "a -> b: the same network, 13 layers, 61,706 parameters, 416,520 MACs"
    )


def test_json_keeps_to_its_schema() -> None:
    before, after = cnnspec.loads(LENET), cnnspec.loads(LENET.replace("flatten", "flatten | dropout 0.4"))
    text = document(differences(before, after), before, after, ("a.cnn", "b.cnn"))
    found = Diff.model_validate_json(text)
    assert (found.changed, found.before.filename, found.after.layers) == (True, "a.cnn", 14)
    assert [(one.status, one.before, one.after and one.after.written) for one in found.layers] == [
        ("added", None, "dropout rate=0.4")
    ]
    assert set(json.loads(text)) == set(Diff.model_fields)


@pytest.mark.parametrize("pair", [("lenet5", "lenet5_1998"), ("resnet", "resnet_v2"), ("unet", "fcn_resnet")])
def test_totals_are_the_sums_of_the_differences(pair: tuple[str, str]) -> None:
    before, after = (cnnspec.load(ROOT / "examples" / "architectures" / f"{name}.cnn") for name in pair)
    found = differences(before, after)
    for count, total in (("params", "params"), ("trainable", "trainable"), ("macs", "macs")):
        difference = getattr(found.totals[1], total) - getattr(found.totals[0], total)
        assert sum(one.delta(count) for one in found.layers) == difference
    text = document(found, before, after, pair)
    assert Diff.model_validate_json(text).delta.params == after.params - before.params
