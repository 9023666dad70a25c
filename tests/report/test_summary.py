"""The table of layers in its four forms, and in notebooks."""

from __future__ import annotations

import csv
import io
import json
import time
from xml.etree import ElementTree as ET

import pytest

import cnnspec
from cnnspec.network import Network
from cnnspec.report import summary
from cnnspec.report.html import html_table
from cnnspec.report.table import add_up, is_chain, rows

LENET = """\
model lenet5
input 28x28x1
conv 6, f=5, p=2 | relu
maxpool 2
conv 16, f=5 | relu
maxpool 2
flatten
dense 120 | relu
dense 84 | relu
dense 10 | softmax
"""
RESIDUAL = """\
model tiny
block unit(filters) {
    residual { conv filters, f=3, p=1, bias=false | batchnorm }
    relu
}
block pair { unit 8 | unit 8 }
input 8x8x8
conv 8, f=1 as stem
pair
unit 8 as last
global_avgpool
"""
BLANKS = "input 28x28x1\nconv ?, f=3 | relu -> ?\n? -> 7x7x32\nflatten | dense 10\n"


def lines(text: str, depth: int | None = None) -> list[str]:
    return list(summary.text(cnnspec.loads(text), depth))


def document(net: Network) -> dict[str, object]:
    found: dict[str, object] = json.loads("\n".join(summary.json(net)))
    return found


def test_json_has_the_fields_that_others_rely_on() -> None:
    found = document(cnnspec.loads("# a\n" + LENET))
    layers = found.pop("layers")
    assert found == {
        "model": "lenet5",
        "inputs": [{"name": "input", "size": [28, 28, 1]}],
        "outputs": [{"name": "output", "size": [10]}],
        "params": 61706,
        "trainable": 61706,
        "non_trainable": 0,
        "macs": 416520,
        "memory": {"weights": 246824, "activations": 40768, "peak_layer": "relu1", "batch": 1},
        "smallest_inputs": None,
    }
    assert isinstance(layers, list)
    assert len(layers) == 13
    assert layers[0] == {
        "name": "conv1",
        "kind": "conv",
        "inputs": ["input"],
        "output_size": [28, 28, 6],
        "params": 156,
        "trainable": 156,
        "macs": 117600,
        "line": 4,
        "receptive_field": [5, 5],
        "stride": [1, 1],
        "offset": [-2, -2],
    }
    assert [layers[-1][name] for name in ("receptive_field", "stride", "offset")] == [None] * 3


def test_the_smallest_input_is_shown_when_asked_for_and_with_letters() -> None:
    known, letters = (cnnspec.loads(f"input {size}\nconv 6, f=5 | maxpool 2") for size in ("28x28x1", "HxWx1"))
    shown = "smallest input   6x6x1"
    assert shown in list(summary.text(known, smallest=True))
    assert shown in list(summary.text(letters))
    assert not any(line.startswith("smallest") for line in summary.text(known))
    assert "  largest live   hangs on the size of the input: `--set H=14 --set W=14` says it" in list(
        summary.text(letters)
    )
    assert any("H*W" in line for line in summary.text(letters) if line.startswith("memory"))
    assert "- smallest input: 6x6x1" in list(summary.markdown(letters))
    assert summary.head_document(letters)["smallest_inputs"] == [{"name": "input", "size": [6, 6, 1]}]


def test_json_tells_trained_parameters_apart() -> None:
    found = document(cnnspec.loads("input 8x8x4\nconv 4, f=1 | batchnorm\nfrozen { conv 4, f=1 }\n"))
    assert (found["params"], found["trainable"], found["non_trainable"]) == (56, 28, 28)
    layers = found["layers"]
    assert isinstance(layers, list)
    assert [(layer["params"], layer["trainable"]) for layer in layers] == [(20, 20), (16, 8), (20, 0)]


def test_json_of_open_figures_and_of_no_layers() -> None:
    found = document(cnnspec.loads(BLANKS))
    assert found["params"] == "?"
    layers = found["layers"]
    assert isinstance(layers, list)
    assert layers[0]["output_size"] == [26, 26, "?"]
    assert document(cnnspec.loads("input 8"))["layers"] == []


def test_text_of_a_chain() -> None:
    found = lines(LENET)
    assert found[:6] == [
        "lenet5",
        "",
        "layer (kind)        output size  params     MACs",
        "------------------------------------------------",
        "input (input)       28x28x1           0        0",
        "conv1 (conv)        28x28x6         156  117,600",
    ]
    assert found[-6:] == [
        "params            61,706",
        "  trainable       61,706",
        "  non-trainable        0",
        "MACs             416,520   (a multiply and an add are one; biases and element-wise layers not counted)",
        "memory           weights 0.247 MB, the outputs of all layers for one image 0.060 MB (4 bytes a number)",
        "  largest live   0.041 MB of activations at one time, at relu1, with a batch of 1",
    ]


def test_a_network_with_branches_says_where_values_come_from() -> None:
    found = lines(RESIDUAL)
    assert found[2].split() == ["layer", "(kind)", "from", "output", "size", "params", "MACs"]
    assert any(line.split()[:4] == ["pair1.unit1.add1", "(add)", "pair1.unit1.batchnorm1,", "stem"] for line in found)
    assert [line.split() for line in found[-6:-3]] == [
        ["params", "1,896"],
        ["trainable", "1,848"],
        ["non-trainable", "48"],
    ]
    assert is_chain(cnnspec.loads(LENET))
    assert not is_chain(cnnspec.loads(RESIDUAL))


@pytest.mark.parametrize(
    ("depth", "names"),
    [
        (1, ["input", "stem", "pair1", "last", "global_avgpool1"]),
        (2, ["input", "stem", "pair1.unit1", "pair1.unit2", "last.conv1", "last.batchnorm1"]),
    ],
)
def test_block_instances_become_one_row(depth: int, names: list[str]) -> None:
    net = cnnspec.loads(RESIDUAL)
    found = list(rows(net, depth))
    assert [row.name for row in found][: len(names)] == names
    assert sum(row.params for row in found) == net.params
    assert sum(row.macs for row in found) == net.macs


def test_the_row_of_a_block_instance() -> None:
    pair = next(row for row in rows(cnnspec.loads(RESIDUAL), 1) if row.name == "pair1")
    assert (pair.kind, pair.sources, pair.size) == ("pair", ("stem",), (8, 8, 8))
    assert (pair.params, pair.trainable) == (2 * (576 + 32), 2 * (576 + 16))


def test_shared_weights_are_said_and_counted_once() -> None:
    net = cnnspec.loads("input 8x8x4\nconv 4, f=3, p=1 as eye\nrelu | apply eye\n")
    found = list(summary.text(net))
    assert any("weights of eye" in line for line in found)
    assert add_up(net.layers).params == 148


def test_blanks_are_shown_open() -> None:
    found = lines(BLANKS)
    assert any(line.startswith("conv1 (conv)") and "26x26x?" in line for line in found)
    assert found[-1] == "blanks           3 to fill; what they leave open is shown as ?"


def test_markdown() -> None:
    found = list(summary.markdown(cnnspec.loads(LENET)))
    assert found[:4] == ["# lenet5", "", "| layer (kind) | output size | params | MACs |", "|---|---|---:|---:|"]
    assert "| conv1 (conv) | 28x28x6 | 156 | 117,600 |" in found
    assert "- params: 61,706 (61,706 trainable, 0 non-trainable)" in found
    assert "- largest live: 0.041 MB of activations at one time, at relu1, with a batch of 1" in found


def test_csv() -> None:
    found = list(csv.DictReader(io.StringIO("\n".join(summary.csv(cnnspec.loads(RESIDUAL))))))
    assert found[1] == {
        "name": "stem",
        "kind": "conv",
        "inputs": "input",
        "output_size": "8x8x8",
        "params": "72",
        "trainable": "72",
        "non_trainable": "0",
        "macs": "4096",
    }
    assert sum(int(row["params"]) for row in found) == cnnspec.loads(RESIDUAL).params


def test_a_notebook_gets_a_table() -> None:
    net = cnnspec.loads(LENET)
    table = ET.fromstring(f"<div>{net._repr_html_()}</div>".replace("<br>", "<br/>"))
    cells = [cell.text for cell in table.iter("td")]
    assert cells[4:8] == ["conv1 (conv)", "28x28x6", "156", "117,600"]


def test_nothing_in_a_file_becomes_markup() -> None:
    net = cnnspec.loads(LENET)
    net.model = "<script>alert(1)</script>"
    assert "<script>" not in html_table(net)


def test_thousands_of_layers_are_no_trouble() -> None:
    net = cnnspec.loads("input 8x8x8\nblock f { conv 8, f=1 | relu }\nrepeat 5_000 { f }\n")
    start = time.perf_counter()
    assert sum(1 for _ in summary.text(net)) > 10_000
    assert sum(1 for _ in summary.text(net, 1)) > 5_000
    assert sum(1 for _ in summary.json(net)) > 10_000
    assert time.perf_counter() - start < 10


def test_huge_counts_stay_readable() -> None:
    found = lines("input 1_000_000_000x1_000_000_000x3\nconv 1, f=1\n")
    assert any("3,000,000,000,000,000,000" in line for line in found)
