"""W203 to W207: activations that are too many, too early, too flat or missing."""

from __future__ import annotations

import numpy as np
import pytest

import cnnspec
from tests.lint.finding import find, fixed, marked, rows

# --- W203 ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "steps",
    [
        "relu | relu",
        "relu6 | relu",
        "relu6 | relu6",
        "sigmoid | relu",
        "sigmoid | relu6",
        "softplus | relu",
        "relu | leaky_relu",
        "relu | elu",
        "relu | celu",
        "relu | abs",
        "clip 0, 6 | relu6",
        "abs | relu",
        "relu | identity | relu",
        "relu | dropout 0.5 | relu",
        "relu | maxpool 2 | relu",
        "relu | avgpool 3, s=1, p=1 | relu",
        "relu | global_avgpool | relu",
        "relu | flatten | relu",
        "relu | upsample 2, mode=linear | relu",
        "relu | pad 1 | relu",
        "relu | lrn 5 | relu",
        "relu | channel_shuffle 4 | slice 0, 4 | relu",
        "concat { branch { relu } branch { sigmoid } } | relu",
        "add { branch { relu } branch { relu6 } } | relu",
        "add { branch { sigmoid } branch { sigmoid } } | relu6",
        "mul { branch { relu } branch { sigmoid } } | relu",
        "maximum { branch { } branch { relu } } | relu",
    ],
)
def test_an_activation_that_changes_nothing(steps: str) -> None:
    """The safe fix takes it out; onnxruntime computes the same without it."""
    before = f"input 8x8x8\nconv 8, f=3\n{steps}\n"
    after = fixed(before, "W203", "safe")
    assert after == before.rpartition(" | ")[0] + "\n"
    x = np.random.default_rng(0).normal(0, 8, (2, 8, 8, 8)).astype(np.float32)
    with_it, without = (cnnspec.loads(text).session(seed=3).run(x)["output"] for text in (before, after))
    np.testing.assert_array_equal(with_it, without)


@pytest.mark.parametrize(
    "steps",
    [
        "tanh | rescale 2 | tanh",
        "relu | conv 8, f=1 | relu",
        "relu | batchnorm | relu",
        "relu | rescale -1 | relu",
        "relu | scale | relu",
        "relu | dropout 0.5 | clip 0, 6",
        "tanh | clip -1, 1",  # a guard
        "relu6 | rescale 2 | relu6",
        "add { branch { relu } branch { } } | relu",
        "add { branch { relu6 } branch { relu6 } } | relu6",
        "sub { branch { relu } branch { relu } } | relu",
        "mul { branch { tanh } branch { relu } } | relu",
        "concat { branch { relu } branch { tanh } } | relu",
        "relu | clip 0, 6",
        "tanh | abs",
        "softplus | tanh",
        "relu | maxpool 2 | sigmoid",
        "relu | global_avgpool | softmax",
        "relu | maxout 2",
        "gelu",
    ],
)
def test_activations_that_are_apart(steps: str) -> None:
    assert rows(f"input 8x8x8\nconv 8, f=3\n{steps}\n", "W203") == []


@pytest.mark.parametrize(
    ("steps", "after"),
    [
        ("relu | sigmoid", "sigmoid"),
        ("relu | softmax", "softmax"),
        ("sigmoid | softmax", "softmax"),
        ("gelu | log_softmax", "log_softmax"),
        ("relu | tanh", "tanh"),
        ("relu | dropout 0.2 | sigmoid", "dropout 0.2 | sigmoid"),
        ("tanh | tanh", "tanh"),
        ("relu6 | dropout 0.5 | relu6", "relu6 | dropout 0.5"),  # what stays is larger in training
        ("gelu | gelu", "gelu"),
        ("hard_swish | hard_swish", "hard_swish"),
    ],
)
def test_an_activation_right_after_another(steps: str, after: str) -> None:
    text = "input 8\ndense 4\n{}\n"
    assert len(find(text.format(steps), "W203")) == 1
    assert fixed(text.format(steps), "W203", "unsafe") == text.format(after)


def test_of_two_activations_nobody_knows_which_is_meant() -> None:
    (d,) = find("input 8\ndense 4 | relu | gelu\n", "W203")
    assert (d.fix, d.help) == (None, "keep one of the two")
    (d,) = find("input 8\ndense 4 | relu | prelu\n", "W203")
    assert d.fix is not None
    assert d.fix.applicability == "unsafe"  # its weights go with it


def test_a_value_that_is_used_before_the_second_activation() -> None:
    assert rows("input 8\ndense 4 | relu as a | sigmoid as b\noutput a, b\n", "W203") == []
    assert rows("input 8\ndense 4 | relu as a\nbranch { sigmoid } as gate\nmul gate\n", "W203") == []
    assert rows("input 8\ndense 4 | relu as a | relu as b\noutput a, b\n", "W203") == [2]
    assert rows("input 8x8x4\nbranch { relu | softmax } as attention\nmul attention\n", "W203") == []


def test_what_the_second_activation_can_no_longer_give() -> None:
    notes = {
        steps: find(f"input 8\ndense 10 | {steps}\n", "W203")[0].notes
        for steps in ("relu | sigmoid", "relu | softmax", "sigmoid | softmax", "tanh | softmax", "gelu | tanh")
    }
    assert notes == {
        "relu | sigmoid": ("after `relu`, `sigmoid` is never below 0.5",),
        "relu | softmax": ("all scores below 0 become equal",),
        "sigmoid | softmax": ("after `sigmoid`, no class of 10 can have a probability above 0.232",),
        "tanh | softmax": ("after `tanh`, no class of 10 can have a probability above 0.451",),
        "gelu | tanh": (),
    }


def test_a_text_that_has_to_do_somewhere() -> None:
    loop = "input 8x8x4\n{}\nrepeat 3 {{\n    relu as skip\n    conv 4, f=3, p=1 | relu\n    add skip\n}}\n"
    assert rows(loop.format("conv 4, f=3"), "W203") == []
    assert rows(loop.format("conv 4, f=3 | relu"), "W203") == [4]
    block = "block act {\n    relu\n}\ninput 8\ndense 4 | act\n"
    assert rows(f"{block}dense 4 | act | act\n", "W203") == []
    assert rows("input 8\ndense 4 | relu\nrepeat 3 { relu }\n", "W203") == [3]


# --- W204 ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("steps", "after", "applicability"),
    [
        ("softmax | relu", "softmax", "safe"),
        ("softmax | relu6", "softmax", "safe"),
        ("softmax | abs", "softmax", "safe"),
        ("softmax | sigmoid", "softmax", "unsafe"),
        ("softmax | softmax", "softmax", "unsafe"),
        ("softmax | log_softmax", "softmax", "unsafe"),
        ("log_softmax | softmax", "log_softmax", "unsafe"),
        ("log_softmax | relu", "log_softmax", "unsafe"),
        ("softmax | dropout 0 | tanh", "softmax | dropout 0", "unsafe"),
    ],
)
def test_an_activation_after_softmax(steps: str, after: str, applicability: str) -> None:
    text = "input 8\ndense 4 | {}\n"
    assert fixed(text.format(steps), "W204", applicability) == text.format(after)
    assert [d.code for d in cnnspec.check(text.format(steps))] == ["W204"]


@pytest.mark.parametrize("steps", ["softmax", "softmax | rescale 10", "softmax | clip 1e-7, 1", "relu | softmax"])
def test_no_activation_after_softmax(steps: str) -> None:
    assert rows(f"input 8\ndense 4 | {steps}\n", "W204") == []


def test_a_relu_of_logarithms_is_nothing() -> None:
    (d,) = find("input 8\ndense 4 | log_softmax | relu\n", "W204")
    assert d.notes == ("a logarithm of a probability is never positive, so `relu` makes 0 of all",)


# --- W205 ------------------------------------------------------------------------------------------------------------


def test_softmax_over_one() -> None:
    text = "input 8\ndense 1 | {}\n"
    assert fixed(text.format("softmax"), "W205", "unsafe") == text.format("sigmoid")
    (d,) = find(text.format("log_softmax"), "W205")
    assert (d.message, d.fix) == ("`log_softmax` of a single value is always 0", None)
    assert rows("input 8x8x3\nconv 1, f=1 | softmax\n", "W205") == [2]
    assert rows("model m(classes = 2)\ninput 8\ndense classes | softmax\n", "W205") == []
    assert rows("input 8x8x3\nconv 2, f=8 | softmax\n", "W205") == []  # one pixel, two channels


# --- W206 ------------------------------------------------------------------------------------------------------------


def hidden(*activations: str) -> str:
    return "input 64\n" + "".join(f"dense {60 - i} | {one}\n" for i, one in enumerate(activations)) + "dense 10\n"


@pytest.mark.parametrize(
    ("activations", "found"),
    [
        (["sigmoid"] * 4, []),
        (["sigmoid"] * 5, [2]),
        (["hard_sigmoid"] * 5, [2]),
        (["tanh"] * 9, []),
        (["tanh"] * 10, [2]),
        (["tanh"] * 2 + ["sigmoid"] * 4, [2]),
        (["relu", *["sigmoid"] * 5], [3]),
        (["sigmoid", "relu"] * 4, []),
        (["sigmoid", "relu"] * 5, [2]),
        (["softsign"] * 20, []),
    ],
)
def test_saturating_activations(activations: list[str], found: list[int]) -> None:
    """Five sigmoids, ten tanh; only hidden ones."""
    assert rows(hidden(*activations), "W206") == found


def test_the_last_activation_is_no_hidden_one() -> None:
    assert rows("input 64\nrepeat 4 { dense 32 | sigmoid }\ndense 4 | sigmoid\n", "W206") == []
    assert rows("input 64\nrepeat 5 { dense 32 | sigmoid }\ndense 4 | sigmoid\n", "W206") == [2]


@pytest.mark.parametrize(
    "layer",
    [
        "dense 32 | batchnorm | sigmoid",
        "residual { dense channels | sigmoid | dense 32 }",
        "dense 32 | mul { branch { } branch { dense 32 | sigmoid } }",
        "average { branch { dense 32 | sigmoid } branch { dense 32 | relu } }",
        "mul { branch { dense 32 | tanh } branch { dense 32 | sigmoid } }",
    ],
)
def test_ways_around_saturation(layer: str) -> None:
    layer = layer.replace("channels", "features")
    assert rows(f"input 32\nrepeat 12 {{ {layer} }}\ndense 4\n", "W206") == []


def test_saturation_is_said_once() -> None:
    (d,) = find(hidden(*["sigmoid"] * 7), "W206")
    assert d.message == "7 hidden layers in a row end in `sigmoid`, which saturate"
    assert [label.text for label in d.labels] == ["the last of them"]
    assert marked(hidden(*["sigmoid"] * 5), "W206") == "sigmoid"


def test_gates_are_not_hidden_activations() -> None:
    gate = "mul { branch { } branch { global_avgpool keep=true | conv 4, f=1 | relu | conv 8, f=1 | sigmoid } }"
    assert rows(f"input 16x16x8\nrepeat 12 {{ conv 8, f=3, p=1 | relu | {gate} }}\nconv 4, f=1\n", "W206") == []


# --- W207 ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "between",
    [
        "maxpool 2",
        "global_maxpool keep=true",
        "adaptive_maxpool 4",
        "lrn 5",
        "instancenorm",
        "groupnorm 4",
        "batchnorm | maxpool 2",
        "maxpool 2 | dropout 0.2 | batchnorm",
    ],
)
def test_no_activation(between: str) -> None:
    text = f"input 16x16x8\nconv 16, f=3\n{between}\nconv 16, f=1 | relu\n"
    assert rows(text, "W207") == [2]
    assert fixed(text, "W207", "unsafe") == text.replace("conv 16, f=3", "conv 16, f=3 | relu")


@pytest.mark.parametrize("last", ["flatten | dense 10", "global_maxpool | dense 10"])
def test_no_activation_before_the_first_dense_layer(last: str) -> None:
    assert rows(f"input 16x16x8\nconv 16, f=3 | maxpool 2\n{last} | softmax\n", "W207") == [2]


@pytest.mark.parametrize(
    "text",
    [
        "conv 16, f=3 | relu | maxpool 2 | conv 16, f=3",
        "conv 16, f=3 | maxpool 2 | relu | conv 16, f=3",  # the order is the same to it
        "conv 16, f=3 | layernorm | conv 16, f=3",
        "conv 4, f=1 | maxpool 2 | conv 16, f=3",  # fewer channels between more
        "depthwise 3 | maxpool 2 | conv 16, f=1",
        "conv 16, f=3, groups=8 | maxpool 2 | conv 16, f=1",
        "residual { conv 8, f=3, p=1 } | maxpool 2 | conv 16, f=3",
        "conv 16, f=3 | maxpool 2",
        "conv 16, f=3 | maxpool 2 | softmax",
        "conv 16, f=3 | batchnorm | add { branch { } branch { relu } } | conv 16, f=3",
        "conv 16, f=3 | maxpool 2 as a | conv 16, f=3, p=1 | add a",
        "conv 16, f=3 | maxpool 2 | batchnorm | relu | conv 16, f=3",
        "conv 16, f=3 | maxpool 2 | maxout 2 | conv 16, f=3",
        "conv 16, f=3 | maxpool 2\n?\nconv 16, f=3",
    ],
)
def test_an_activation_or_a_design(text: str) -> None:
    assert rows(f"input 16x16x8\n{text}\n", "W207") == []


def test_linear_steps_are_another_rule() -> None:
    found = cnnspec.check("input 16x16x8\nconv 16, f=3 | avgpool 2\nconv 16, f=3 | relu\n")
    assert [d.code for d in found] == ["W201"]


def test_a_name_keeps_its_value() -> None:
    """`conv … | relu as a` would be another value of that name."""
    (d,) = find("input 16x16x8\nconv 16, f=3 as a | maxpool 2 | conv 16, f=3 | relu\n", "W207")
    assert d.fix is None
