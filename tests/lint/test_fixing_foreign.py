"""Layers as PyTorch writes them: translated with their arguments, or not changed at all."""

from __future__ import annotations

import pytest

from cnnspec.api import check_source
from cnnspec.diagnostics import Diagnostic
from cnnspec.lint.fixing import fix_all
from cnnspec.source import Source


def check(source: Source) -> list[Diagnostic]:
    return check_source(source, codes=())[1]


def mended(line: str) -> str:
    source = Source(f"input 28x28x4\n{line}\n")
    return fix_all(source, check(source), check).source.text.split("\n", 1)[1].rstrip("\n")


@pytest.mark.parametrize(
    ("line", "right"),
    [
        ("Conv2d(4, 8, 3, 1, 1)", "conv 8, f=3, s=1, p=1"),
        ("Conv2d(4, 64, 7)", "conv 64, f=7"),
        ("Conv2d 4, 64, 7", "conv 64, f=7"),
        ("Conv2d(\n    4, 8,\n    3,\n)", "conv 8, f=3"),
        ("Conv2d(4, 8, (3, 5), stride=2, padding=1, bias=False)", "conv 8, f=3x5, s=2, p=1, bias=false"),
        ("Conv2d(in_channels=4, out_channels=8, kernel_size=3)", "conv 8, f=3"),
        ("Conv2d(4, 8, 3, padding='same') | ReLU()", "conv 8, f=3, p=same | relu"),
        ("x = Conv2d(4, 8, 3)", "conv 8, f=3 as x"),
        ("ConvTranspose2d(4, 8, 2, 2)", "conv_transpose 8, f=2, s=2"),
        ("BatchNorm2d(4)  # first", "batchnorm  # first"),
        ("BatchNorm2d(4, eps=0.001, momentum=0.01)", "batchnorm eps=0.001"),
        ("BatchNorm2d(4, affine=False)", "batchnorm weight=false, bias=false"),
        ("InstanceNorm2d(4)", "instancenorm weight=false, bias=false"),
        ("GroupNorm(2, 4)", "groupnorm 2"),
        ("flatten | Linear(3136, 10)", "flatten | dense 10"),
        ("Conv2D(8, 3)", "conv 8, 3"),  # Keras's order is the one here
        ("Conv2D(8, 3, 2)", "conv 8, 3, 2"),
        ("MaxPool2d(3, 2, 1)", "maxpool 3, 2, 1"),
        ("Upsample(scale_factor=2)", "upsample factor=2"),
    ],
)
def test_arguments_in_another_order_are_translated(line: str, right: str) -> None:
    assert mended(line) == right
    assert check(Source(f"input 28x28x4\n{right}\n")) == []


@pytest.mark.parametrize(
    ("line", "told"),
    [
        ("LayerNorm(4)", "`layernorm`: elsewhere they are `normalized_shape, eps`"),
        ("BatchNormalization(1)", "`batchnorm`: elsewhere they are `axis, eps`"),
        ("Upsample(2)", "`upsample factor`: elsewhere they are `size, scale_factor, mode`"),
        (
            "Conv2d(4, 8, 3, padding_mode='circular')",
            "elsewhere they are `in_channels, out_channels, kernel_size, ...`",
        ),
        ("Conv2d(4, 8, size(3))", "elsewhere they are `in_channels, out_channels, kernel_size, ...`"),
        ("conv2d 4, 8, 3", "elsewhere they are `in_channels, out_channels, kernel_size, ...`"),
        ("linear 4, 8", "`dense units`: elsewhere they are `in_features, out_features, bias`"),
        ("batchnorm2d 4", "`batchnorm`: elsewhere they are `num_features, eps, momentum, ...`"),
    ],
)
def test_arguments_that_are_not_clear_stay(line: str, told: str) -> None:
    assert mended(line) == line
    (d,) = check(Source(f"input 28x28x4\n{line}\n"))
    assert d.fix is None
    assert d.help.startswith("give the arguments as in")
    assert told in d.help


def test_the_rest_of_the_text_is_read_on() -> None:
    source = Source("input 28x28x4\nConv2d(4, 8, 3) | cnv 3\nrepeat 2 { BatchNorm2d(8) | Conv2d(8, 8, 99) }\n")
    assert [(d.code, d.row) for d in check(source)] == [("E110", 2), ("E201", 2), ("E110", 3), ("E110", 3)]


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("MaxPool2d((3, 2))", "maxpool 3x2"),
        ("maxpool((3,2), 2)", "maxpool 3x2, 2"),
        ("maxpool (3, 2), 2", "maxpool 3x2, 2"),
        ("DepthwiseConv2D((3, 5))", "depthwise 3x5"),
        ("AvgPool2d((3,2), stride=(2,1), padding=(1,0))", "avgpool 3x2, stride=2x1, padding=1x0"),
        ("ZeroPadding2D((1,2))", "pad 1x2"),
        ("conv (6, 5)", "conv 6, 5"),
        ("conv((4), 3)", "conv (4), 3"),
    ],
)
def test_the_parentheses_of_a_tuple_stay_a_size(written: str, meant: str) -> None:
    assert mended(written) == meant
