"""Every known mistake, on a case computed by hand: what it gives, that it is named, and that it is never right."""

from __future__ import annotations

from typing import Any

import pytest

from cnnspec.source import Source
from cnnspec.teaching.exercise import make_exercise, solved
from cnnspec.teaching.judging import judge
from cnnspec.teaching.mistakes import NAMES
from cnnspec.teaching.model import Answer, Submission
from cnnspec.values import show

# mistake, input and line, key of the blank, right value, wrong value
BY_HAND: list[tuple[str, str, str, str, Any, Any]] = [
    # (n + 2p - f)/s + 1
    ("forgot-padding", "12x12x1", "conv 4, f=3, p=1 -> ?x12x4", "conv1.height", 12, 10),
    ("forgot-padding", "12x12x1", "conv 4, f=5, p=same -> ?x12x4", "conv1.height", 12, 8),
    ("forgot-padding", "5x5x2", "conv_transpose 4, f=4, s=2, p=1 -> ?x?x4", "conv_transpose1.width", 10, 12),
    ("padding-once", "12x12x1", "conv 4, f=3, p=1 -> ?x12x4", "conv1.height", 12, 11),
    ("forgot-stride", "13x13x1", "conv 4, f=3, s=2 -> ?x6x4", "conv1.height", 6, 11),
    ("forgot-stride", "5x5x2", "conv_transpose 4, f=4, s=2 -> ?x?x4", "conv_transpose1.width", 12, 8),
    ("forgot-plus-one", "12x12x1", "conv 4, f=3 -> ?x10x4", "conv1.height", 10, 9),
    ("forgot-plus-one", "20x3", "conv 4, f=5 -> ?x4", "conv1.length", 16, 15),
    ("rounded-up", "12x12x1", "conv 4, f=3, s=2 -> 5x?x4", "conv1.width", 5, 6),
    ("rounded-up", "7x7x1", "maxpool 2 -> ?", "maxpool1.size", (3, 3, 1), (4, 4, 1)),
    ("rounded-down", "7x7x3", "maxpool 2, ceil=true -> ?x4x3", "maxpool1.height", 4, 3),
    ("rounded-down", "7x7x3", "conv 2, f=3, s=2, p=same -> ?x4x2", "conv1.height", 4, 3),
    ("forgot-dilation", "12x12x1", "conv 4, f=3, d=2 -> ?x8x4", "conv1.height", 8, 10),
    (
        "forgot-output-padding",
        "5x5x2",
        "conv_transpose 4, f=3, s=2, p=1, output_pad=1 -> ?x10x4",
        "conv_transpose1.height",
        10,
        9,
    ),
    ("transposed-as-conv", "8x8x2", "conv_transpose 4, f=4, s=2, p=1 -> ?x16x4", "conv_transpose1.height", 16, 4),
    ("stride-only", "5x5x2", "conv_transpose 4, f=3, s=2 -> ?x11x4", "conv_transpose1.height", 11, 10),
    ("stride-taken-for-window", "11x11x2", "maxpool 3, s=2 -> ?x5x2", "maxpool1.height", 5, 3),
    ("padding-assumed", "16x16x1", "conv 4, f=5, s=2 -> ?x6x4", "conv1.height", 6, 8),
    ("size-kept", "12x12x1", "conv 4, f=3 -> ?x10x4", "conv1.height", 10, 12),
    ("size-kept", "6x8x8x1", "conv 2, f=3 -> ?x6x6x2", "conv1.frames", 4, 6),
    ("rows-and-columns-swapped", "12x20x1", "conv 4, f=3 -> ?x18x4", "conv1.height", 10, 18),
    ("rows-and-columns-swapped", "12x20x2", "maxpool 2 -> ?", "maxpool1.size", (6, 10, 2), (10, 6, 2)),
    # channels, flattening, joins
    ("channels-kept", "12x12x5", "conv 4, f=3 -> 10x10x?", "conv1.channels", 4, 5),
    ("channels-multiplied", "12x12x5", "conv 4, f=3 -> 10x10x?", "conv1.channels", 4, 20),
    ("one-channel", "12x12x5", "conv 4, f=3 -> 10x10x?", "conv1.channels", 4, 1),
    ("channels-pooled", "8x8x6", "maxpool 2 -> 4x4x?", "maxpool1.channels", 6, 3),
    ("channels-of-one", "8x8x6", "avgpool 2 -> 4x4x?", "avgpool1.channels", 6, 1),
    ("flatten-one-channel", "4x5x6", "flatten -> ?", "flatten1.size", (120,), (20,)),
    ("flatten-one-axis", "4x5x6", "flatten -> ?", "flatten1.size", (120,), (30,)),
    ("flatten-added", "4x5x6", "flatten -> ?", "flatten1.size", (120,), (15,)),
    ("flatten-kept", "4x5x6", "flatten -> ?", "flatten1.size", (120,), (4, 5, 6)),
    ("features-kept", "50", "dense 10 -> ?", "dense1.size", (10,), (50,)),
    ("flattened-instead-of-pooled", "32x32x16", "global_avgpool -> ?", "global_avgpool1.size", (16,), (16_384,)),
    ("axes-kept", "32x32x16", "global_maxpool -> ?", "global_maxpool1.size", (16,), (1, 1, 16)),
    ("axes-left-out", "32x32x16", "global_avgpool keep=true -> ?", "global_avgpool1.size", (1, 1, 16), (16,)),
    ("channels-left-out", "12x14x5", "conv 4, f=3 -> ?", "conv1.size", (10, 12, 4), (10, 12)),
    (
        "concat-as-add",
        "8x8x6",
        "concat { branch { identity } branch { conv 4, f=1 } } -> 8x8x?",
        "concat1.channels",
        10,
        6,
    ),
    ("add-as-concat", "8x8x6", "residual { conv 6, f=1 } -> 8x8x?", "add1.channels", 6, 12),
    # (f*f*channels + 1)*filters = (5*5*3 + 1)*8 = 608
    ("forgot-bias", "20x20x3", "conv 8, f=5 -> ? params", "conv1.params", 608, 600),
    ("bias-counted", "20x20x3", "conv 8, f=5, bias=false -> ? params", "conv1.params", 600, 608),
    ("forgot-channels", "20x20x3", "conv 8, f=5 -> ? params", "conv1.params", 608, 208),
    ("forgot-channels-and-bias", "20x20x3", "conv 8, f=5 -> ? params", "conv1.params", 608, 200),
    ("f-not-squared", "20x20x3", "conv 8, f=5 -> ? params", "conv1.params", 608, 128),
    ("f-squared", "20x3", "conv 8, f=5 -> ? params", "conv1.params", 128, 608),
    ("bias-for-each-channel", "5x5x3", "conv_transpose 8, f=2 -> ? params", "conv_transpose1.params", 104, 99),
    ("forgot-bias", "20x20x1", "conv 8, f=5 -> ? params", "conv1.params", 208, 200),
    ("repeat-counted-once", "9x9x3", "repeat 3 { conv 3, f=3, p=1 } -> ? params", "conv1.params", 252, 84),
    ("repeat-counted-once", "9x9x1", "repeat 3 { conv 2, f=3, p=1 }\nexpect params == ?", "params", 96, 20),
    ("forgot-bias", "20x20x1", "conv 8, f=5 | flatten | dense 9\nexpect params == ?", "params", 18_649, 18_641),
    ("forgot-bias", "20x20x3", "conv 8, f=5\nexpect params(conv1) == ?", "params_conv1", 608, 600),
    ("repeat-counted-once", "9x9x1", "repeat 2 { conv 2, f=3, p=1 } | conv 2, f=1 -> ? params", "conv3.params", 64, 26),
    ("one-filter-only", "20x20x3", "conv 8, f=5 -> ? params", "conv1.params", 608, 76),
    ("one-bias", "20x20x3", "conv 8, f=5 -> ? params", "conv1.params", 608, 601),
    ("bias-for-each-channel", "20x20x3", "conv 8, f=5 -> ? params", "conv1.params", 608, 624),
    ("output-instead-of-input", "20x20x3", "conv 8, f=5 -> ? params", "conv1.params", 608, 1608),
    ("macs-as-params", "20x20x3", "conv 8, f=5 -> ? params", "conv1.params", 608, 153_600),
    ("places-times-params", "20x20x3", "conv 8, f=5 -> ? params", "conv1.params", 608, 155_648),
    ("values-as-params", "20x20x3", "conv 8, f=5 -> ? params", "conv1.params", 608, 2048),
    ("forgot-groups", "20x20x4", "conv 8, f=3, groups=2 -> ? params", "conv1.params", 152, 296),
    ("forgot-groups", "20x20x4", "depthwise 3 -> ? params", "depthwise1.params", 40, 148),
    ("forgot-bias", "50", "dense 10 -> ? params", "dense1.params", 510, 500),
    ("bias-counted", "50", "dense 10, bias=false -> ? params", "dense1.params", 500, 510),
    ("one-filter-only", "50", "dense 10 -> ? params", "dense1.params", 510, 51),
    ("one-bias", "50", "dense 10 -> ? params", "dense1.params", 510, 501),
    ("bias-for-each-channel", "50", "dense 10 -> ? params", "dense1.params", 510, 550),
    ("output-instead-of-input", "50", "dense 10 -> ? params", "dense1.params", 510, 110),
    # normalisation, embedding, layers that have none
    ("batchnorm-two", "10x10x16", "batchnorm -> ? params", "batchnorm1.params", 64, 32),
    ("batchnorm-four", "10x10x16", "layernorm -> ? params", "layernorm1.params", 32, 64),
    ("norm-one", "10x10x16", "batchnorm -> ? params", "batchnorm1.params", 64, 16),
    ("norm-for-each-value", "10x10x16", "batchnorm -> ? params", "batchnorm1.params", 64, 6400),
    ("norm-without-parameters", "10x10x16", "batchnorm -> ? params", "batchnorm1.params", 64, 0),
    ("embedding-with-bias", "20, integer", "embedding 1000, 8 -> ? params", "embedding1.params", 8000, 8008),
    ("embedding-of-text", "20, integer", "embedding 1000, 8 -> ? params", "embedding1.params", 8000, 160),
    ("pooling-parameters", "8x8x5", "maxpool 2 -> ? params", "maxpool1.params", 0, 4),
    ("pooling-parameters", "8x8x5", "maxpool 2 -> ? params", "maxpool1.params", 0, 105),
    ("activation-parameters", "8x8x5", "relu -> ? params", "relu1.params", 0, 320),
    ("flatten-parameters", "8x8x5", "flatten -> ? params", "flatten1.params", 0, 321),
    ("parameters-of-nothing", "50", "dropout 0.5 -> ? params", "dropout1.params", 0, 50),
    # sums
    ("forgot-layer", "20x20x3", "conv 8, f=5 | batchnorm -> ? params", "conv1.params", 640, 32),
    ("forgot-layer", "50", "dense 10 | dense 5\nexpect params == ?", "params", 565, 510),
    ("forgot-bias", "50", "dense 10 | dense 5\nexpect params == ?", "params", 565, 550),
    ("forgot-non-trainable", "10x10x16", "batchnorm\nexpect params == ?", "params", 64, 32),
    ("non-trainable-counted", "10x10x16", "batchnorm\nexpect trainable == ?", "trainable", 32, 64),
    ("flops-for-macs", "50", "dense 10\nexpect macs == ?", "macs", 500, 1000),
    ("params-for-macs", "50", "dense 10\nexpect macs == ?", "macs", 500, 510),
    ("macs-for-params", "20x20x3", "conv 8, f=5 | flatten | dense 2\nexpect params == ?", "params", 4706, 157_696),
    ("shared-counted-again", "50", "dense 50 as d\napply d -> ? params", "d_2.params", 0, 2550),
]


@pytest.mark.parametrize(("mistake", "size", "line", "key", "right", "wrong"), BY_HAND)
def test_by_hand(mistake: str, size: str, line: str, key: str, right: Any, wrong: Any) -> None:
    exercise = make_exercise(Source(f"input {size}\n{line}\n"))
    answers = {one.blank.key: one for one in solved(exercise)}
    assert answers[key].value == right
    given = {one.blank.key: one.right for one in answers.values()}
    marks = judge(exercise, Submission("", "", b""), Answer({**given, key: show(wrong)}))
    verdict = next(verdict for verdict in marks.verdicts if verdict.blank == key)
    assert (verdict.status, verdict.mistake) == ("mistake", mistake)
    assert verdict.message
    assert marks.points == marks.out_of - 1
    assert [one for one in answers[key].wrongs if one.value == wrong]


def test_all_are_tested() -> None:
    assert {name for name, *_ in BY_HAND} == set(NAMES)


@pytest.mark.parametrize("line", sorted({(size, line) for _, size, line, *_ in BY_HAND}))
def test_none_is_right_and_each_value_has_one_name(line: tuple[str, str]) -> None:
    for one in solved(make_exercise(Source("input {}\n{}\n".format(*line)))):
        values = [wrong.value for wrong in one.wrongs]
        assert one.value not in values
        assert len(values) == len(set(values))
        assert {wrong.mistake for wrong in one.wrongs} <= set(NAMES)
