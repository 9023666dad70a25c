"""The arithmetic, step by step."""

from __future__ import annotations

import pytest

import cnnspec
from cnnspec.report.explain import explain, find_layers, names
from cnnspec.report.written import written

LENET = """\
model lenet5
input 28x28x1
conv 6, f=5, p=2 | relu
maxpool 2
conv 16, f=5 | relu
flatten
dense 10 | softmax
"""
NESTED = """\
block conv_bn(filters, f = 3) { conv filters, f=f, p=f // 2, bias=false | batchnorm }
block stage(filters) { conv_bn filters | relu }
input 8x8x8
stage 16
stage 16 as last
"""


def test_a_layer_with_everything() -> None:
    net = cnnspec.loads(LENET)
    assert list(explain(net, find_layers(net, "conv2"))) == [
        "conv2: conv 16, f=5",
        "  where    line 5",
        "  arrives  14x14x6 (maxpool1)",
        "  size     height and width: (n + 2p - f)/s + 1 = (14 + 2*0 - 5)/1 + 1 = 10",
        "           channels = filters = 16",
        "           -> 10x10x16",
        "  params   (f*f*channels + 1)*filters = (5*5*6 + 1)*16 = 2,416",
        "  MACs     output elements * f*f*channels = (10*10*16)*5*5*6 = 240,000",
        "  field    height and width: size + (f - 1)*stride = 6 + (5 - 1)*2 = 14",
        "           height and width: stride*s = 2*1 = 2",
        "           height and width: offset - p*stride = -2 - 0*2 = -2",
        "",
    ]


@pytest.mark.parametrize(
    ("flow", "line"),
    [
        ("conv 1, f=3 | relu", "height and width: size 3, stride 1, offset 0"),
        ("maxpool 2 | upsample 2", "height and width: size 2, stride 1, offset 0"),
        ("global_avgpool keep=true", "height and width: size 28, stride 28, offset 0"),
    ],
)
def test_the_field_of_other_layers(flow: str, line: str) -> None:
    net = cnnspec.loads(f"input 28x28x1\n{flow}")
    found = list(explain(net, net.layers[-1:]))
    assert f"  field    {line}" in found


def test_the_field_along_each_axis() -> None:
    net = cnnspec.loads("input 28x28x1\nconv 1, f=3x1, s=2, d=3x1, p=[4, 0, 3, 0]\nflatten")
    found = list(explain(net, net.layers))
    start = found.index("  field    height: size + d(f - 1)*stride = 1 + 3*(3 - 1)*1 = 7")
    assert found[start + 1 : start + 5] == [
        "           width: size + (f - 1)*stride = 1 + (1 - 1)*1 = 1",
        "           height and width: stride*s = 1*2 = 2",
        "           height: offset - p*stride = 0 - 4*1 = -4",
        "           width: offset - p*stride = 0 - 0*1 = 0",
    ]
    assert sum("field" in line for line in found) == 1  # a vector has none


def test_all_layers_together_leave_their_fields_out() -> None:
    assert not any(line.startswith("  field") for line in explain(cnnspec.loads(LENET)))


def test_the_whole_ends_with_the_sums() -> None:
    found = list(explain(cnnspec.loads(LENET)))
    assert found[0] == "input: 28x28x1"
    assert found[-4:] == [
        "params = 156 + 2,416 + 16,010 = 18,582",
        "MACs = 117,600 + 240,000 + 16,000 = 373,600",
        "depth = 3 layers with weights on the longest path",
        "receptive field = 14 of the last value with rows and columns",
    ]


def test_a_long_sum_goes_by_kind() -> None:
    net = cnnspec.loads("input 8x8x8\nrepeat 20 { conv 8, f=1 | batchnorm | relu }\n")
    assert "params = 1,440 (conv) + 640 (batchnorm) = 2,080" in list(explain(net))
    assert "       = 1,760 trainable + 320 non-trainable" in list(explain(net))


def test_a_layer_in_a_block_says_how_it_came_about() -> None:
    net = cnnspec.loads(NESTED)
    found = list(explain(net, find_layers(net, "stage1.conv_bn1.conv1")))
    assert found[0] == "stage1.conv_bn1.conv1: conv 16, f=3, p=1, bias=false"
    assert found[1:4] == [
        "  where    line 1: conv filters, f=f, p=f // 2, bias=false",
        "           in `conv_bn`, called at line 2",
        "           in `stage`, called at line 4",
    ]


@pytest.mark.parametrize(
    ("name", "found"),
    [
        ("last", ["last.conv_bn1.conv1", "last.conv_bn1.batchnorm1", "last.relu1"]),
        ("stage1.conv_bn1", ["stage1.conv_bn1.conv1", "stage1.conv_bn1.batchnorm1"]),
        ("last.relu1", ["last.relu1"]),
        ("2", ["stage1.relu1", "last.relu1"]),
        ("las", []),
        ("99", []),
    ],
)
def test_finding_layers(name: str, found: list[str]) -> None:
    assert [layer.name for layer in find_layers(cnnspec.loads(NESTED), name)] == found


def test_every_name_is_found() -> None:
    net = cnnspec.loads(NESTED)
    assert {"stage1", "stage1.conv_bn1", "last.conv_bn1.batchnorm1"} <= set(names(net))
    assert all(find_layers(net, name) for name in names(net))


def test_several_layers_end_with_their_sum() -> None:
    net = cnnspec.loads(NESTED)
    assert list(explain(net, find_layers(net, "last")))[-3:] == [
        "params = 2,304 + 64 = 2,368",
        "       = 2,336 trainable + 32 non-trainable",
        "MACs = 147,456",
    ]


def test_shared_and_frozen_weights_are_said() -> None:
    net = cnnspec.loads("input 8x8x4\nfrozen { conv 4, f=3, p=1 as eye }\nrelu | apply eye\n")
    found = list(explain(net))
    assert "           frozen: none of them is trained" in found
    assert "  params   the weights of eye, counted there" in found


def test_blanks_stay_open() -> None:
    net = cnnspec.loads("input 28x28x1\nconv ?, f=3\n? -> 7x7x32\nflatten | dense ?\n")
    found = list(explain(net))
    assert "conv1: conv ?, f=3" in found
    assert "?: open" in found
    assert "params = ?" in found


@pytest.mark.parametrize(
    "line",
    [
        "conv 6, f=5",
        "conv 6, f=1x7, s=2, p=0x3, bias=false",
        "conv 6, f=3, p=same",
        "conv 6, f=3, p=[0, 0, 1, 1]",
        "maxpool 2",
        "maxpool 3, s=2, p=1, ceil=true",
        "avgpool 2x1",
        "batchnorm eps=0.001",
        "upsample 2, mode=linear",
        "adaptive_avgpool 7x5",
        "reshape 64x8",
        "select [0, 4, 5]",
        "pad [1, 0, 0, 1], mode=edge",
        "dropout rate=0.4",
        "rescale 2",
        "clip 0, max=6",
        "global_avgpool keep=true",
        "leaky_relu alpha=0.2",
    ],
)
def test_an_operation_is_written_as_people_write_it(line: str) -> None:
    """What is written can be read again, and is the same operation."""
    net = cnnspec.loads(f"input 8x8x8\n{line}\n")
    text = written(net.layers[0].operation)
    again = cnnspec.loads(f"input 8x8x8\n{text}\n").layers[0].operation
    assert vars(again.args) == vars(net.layers[0].operation.args)
    if not line.startswith(("clip", "select", "adaptive")):
        assert text == line
