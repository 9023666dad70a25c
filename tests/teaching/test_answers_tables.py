# ruff: noqa: E501  (tables are as wide as they are printed)
"""Tables of layers as Keras, torchsummary, torchinfo and fvcore print them, and subsets of blanks."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cnnspec.source import Source
from cnnspec.teaching.answers.kinds import kind_of
from cnnspec.teaching.answers.numerals import numbers, sizes
from cnnspec.teaching.exercise import Exercise, load_exercise, make_exercise, solved
from tests.teaching.tables import graded
from tests.teaching.test_answers_cnn import RIGHT, RIGHT_VALUES, hand_signs, read, values

EXERCISES = Path(__file__).parents[2] / "examples" / "exercises"

PRINTED = """\
Net(
  (features): Sequential(
    (0): Sequential(
      (0): Conv2d(3, 32, kernel_size=(3, 3), stride=(1, 1))
      (1): ReLU()
    )
    (1): Sequential(
      (0): Conv2d(32, 32, kernel_size=(3, 3), stride=(1, 1))
      (1): ReLU()
    )
    (2): MaxPool2d(kernel_size=2, stride=2, padding=0, dilation=1, ceil_mode=False)
  )
  (flat): Flatten(start_dim=1, end_dim=-1)
  (fc): Linear(in_features=28800, out_features=6, bias=True)
)
"""
TORCHSUMMARY = """\
----------------------------------------------------------------
        Layer (type)               Output Shape         Param #
================================================================
            Conv2d-1           [-1, 32, 62, 62]             896
              ReLU-2           [-1, 32, 62, 62]               0
            Conv2d-3           [-1, 32, 60, 60]           9,248
              ReLU-4           [-1, 32, 60, 60]               0
         MaxPool2d-5           [-1, 32, 30, 30]               0
           Flatten-6                [-1, 28800]               0
            Linear-7                    [-1, 6]         172,806
           Softmax-8                    [-1, 6]               0
================================================================
Total params: 182,950
Trainable params: 182,950
Non-trainable params: 0
----------------------------------------------------------------
Input size (MB): 0.05
Forward/backward pass size (MB): 4.07
Params size (MB): 0.70
Estimated Total Size (MB): 4.82
----------------------------------------------------------------
"""
TORCHINFO = """\
==========================================================================================
Layer (type:depth-idx)                   Output Shape              Param #
==========================================================================================
Sequential                               [1, 6]                    --
├─Conv2d: 1-1                            [1, 32, 62, 62]           896
├─ReLU: 1-2                              [1, 32, 62, 62]           --
├─Conv2d: 1-3                            [1, 32, 60, 60]           9,248
├─ReLU: 1-4                              [1, 32, 60, 60]           --
├─MaxPool2d: 1-5                         [1, 32, 30, 30]           --
├─Flatten: 1-6                           [1, 28800]                --
├─Linear: 1-7                            [1, 6]                    172,806
├─Softmax: 1-8                           [1, 6]                    --
==========================================================================================
Total params: 182,950
Trainable params: 182,950
Non-trainable params: 0
Total mult-adds (Units.MEGABYTES): 36.91
==========================================================================================
Input size (MB): 0.05
Forward/backward pass size (MB): 1.91
Params size (MB): 0.73
Estimated Total Size (MB): 2.69
==========================================================================================
"""
TORCHINFO_ASCII = """\
==============================================================================================================================================================================================
Layer (type (var_name):depth-idx)        Input Shape               Output Shape              Param #                   Kernel Shape              Mult-Adds                 Trainable
==============================================================================================================================================================================================
Net (Net)                                [16, 3, 64, 64]           [16, 6]                   --                        --                        --                        True
+ Sequential (features): 1-1             [16, 3, 64, 64]           [16, 32, 30, 30]          --                        --                        --                        True
|    + Sequential (0): 2-1               [16, 3, 64, 64]           [16, 32, 62, 62]          --                        --                        --                        True
|    |    + Conv2d (0): 3-1              [16, 3, 64, 64]           [16, 32, 62, 62]          896                       [3, 3]                    55,107,584                True
|    |    + ReLU (1): 3-2                [16, 32, 62, 62]          [16, 32, 62, 62]          --                        --                        --                        --
|    + Sequential (1): 2-2               [16, 32, 62, 62]          [16, 32, 60, 60]          --                        --                        --                        True
|    |    + Conv2d (0): 3-3              [16, 32, 62, 62]          [16, 32, 60, 60]          9,248                     [3, 3]                    532,684,800               True
|    |    + ReLU (1): 3-4                [16, 32, 60, 60]          [16, 32, 60, 60]          --                        --                        --                        --
|    + MaxPool2d (2): 2-3                [16, 32, 60, 60]          [16, 32, 30, 30]          --                        2                         --                        --
+ Flatten (flat): 1-2                    [16, 32, 30, 30]          [16, 28800]               --                        --                        --                        --
+ Linear (fc): 1-3                       [16, 28800]               [16, 6]                   172,806                   --                        2,764,896                 True
==============================================================================================================================================================================================
Total params: 182,950
Trainable params: 182,950
Non-trainable params: 0
Total mult-adds (Units.MEGABYTES): 590.56
==============================================================================================================================================================================================
Input size (MB): 0.79
Forward/backward pass size (MB): 30.49
Params size (MB): 0.73
Estimated Total Size (MB): 32.01
==============================================================================================================================================================================================
"""
TORCHINFO_DEEP = """\
=====================================================================================================================================================================
Layer (type (var_name):depth-idx)        Kernel Shape              Input Shape               Output Shape              Param #                   Param %
=====================================================================================================================================================================
Net (Net)                                --                        [16, 3, 64, 64]           [16, 6]                   --                             --
├─Sequential (features): 1-1             --                        [16, 3, 64, 64]           [16, 32, 30, 30]          --                             --
│    └─Sequential (0): 2-1               --                        [16, 3, 64, 64]           [16, 32, 62, 62]          --                             --
│    │    └─Conv2d (0): 3-1              [3, 3]                    [16, 3, 64, 64]           [16, 32, 62, 62]          896                         0.49%
│    │    └─ReLU (1): 3-2                --                        [16, 32, 62, 62]          [16, 32, 62, 62]          --                             --
│    └─Sequential (1): 2-2               --                        [16, 32, 62, 62]          [16, 32, 60, 60]          --                             --
│    │    └─Conv2d (0): 3-3              [3, 3]                    [16, 32, 62, 62]          [16, 32, 60, 60]          9,248                       5.05%
│    │    └─ReLU (1): 3-4                --                        [16, 32, 60, 60]          [16, 32, 60, 60]          --                             --
│    └─MaxPool2d (2): 2-3                2                         [16, 32, 60, 60]          [16, 32, 30, 30]          --                             --
├─Flatten (flat): 1-2                    --                        [16, 32, 30, 30]          [16, 28800]               --                             --
├─Linear (fc): 1-3                       --                        [16, 28800]               [16, 6]                   172,806                    94.46%
=====================================================================================================================================================================
Total params: 182,950
Trainable params: 182,950
Non-trainable params: 0
Total mult-adds (Units.MEGABYTES): 590.56
=====================================================================================================================================================================
Input size (MB): 0.79
Forward/backward pass size (MB): 30.49
Params size (MB): 0.73
Estimated Total Size (MB): 32.01
=====================================================================================================================================================================
"""
KERAS_3_NESTED = """\
Model: "functional_1"
┏━━━━━━━━━━━━━━━━━━━━━━━━━━━━━┳━━━━━━━━━━━━━━━━━━━━━━━┳━━━━━━━━━━━━┳━━━━━━━┓
┃ Layer (type)                ┃ Output Shape          ┃    Param # ┃ Trai… ┃
┡━━━━━━━━━━━━━━━━━━━━━━━━━━━━━╇━━━━━━━━━━━━━━━━━━━━━━━╇━━━━━━━━━━━━╇━━━━━━━┩
│ input_layer (InputLayer)    │ (None, 64, 64, 3)     │          0 │   -   │
├─────────────────────────────┼───────────────────────┼────────────┼───────┤
│ a_convolution_with_quite_a… │ (None, 62, 62, 32)    │        896 │   Y   │
│ (Conv2D)                    │                       │            │       │
├─────────────────────────────┼───────────────────────┼────────────┼───────┤
│ block (Sequential)          │ (None, 60, 60, 32)    │      9,248 │   Y   │
├─────────────────────────────┼───────────────────────┼────────────┼───────┤
│    └ conv2d (Conv2D)        │ (None, 60, 60, 32)    │      9,248 │   Y   │
├─────────────────────────────┼───────────────────────┼────────────┼───────┤
│ max_pooling2d               │ (None, 30, 30, 32)    │          0 │   -   │
│ (MaxPooling2D)              │                       │            │       │
├─────────────────────────────┼───────────────────────┼────────────┼───────┤
│ flatten (Flatten)           │ (None, 28800)         │          0 │   -   │
├─────────────────────────────┼───────────────────────┼────────────┼───────┤
│ dense (Dense)               │ (None, 6)             │    172,806 │   Y   │
└─────────────────────────────┴───────────────────────┴────────────┴───────┘
 Total params: 182,950 (714.65 KB)
 Trainable params: 182,950 (714.65 KB)
 Non-trainable params: 0 (0.00 B)
"""
KERAS_3_NARROW = """\
Model: "functional_1"
┏━━━━━━━━━━━━━━━━━━━━━━━━━━┳━━━━━━━━━━━━━━━━━━━┳━━━━━━━━━━━┓
┃ Layer (type)             ┃ Output Shape      ┃   Param # ┃
┡━━━━━━━━━━━━━━━━━━━━━━━━━━╇━━━━━━━━━━━━━━━━━━━╇━━━━━━━━━━━┩
│ input_layer (InputLayer) │ (None, 64, 64, 3) │         0 │
├──────────────────────────┼───────────────────┼───────────┤
│ a_convolution_with_quit… │ (None, 62, 62,    │       896 │
│ (Conv2D)                 │ 32)               │           │
├──────────────────────────┼───────────────────┼───────────┤
│ block (Sequential)       │ (None, 60, 60,    │     9,248 │
│                          │ 32)               │           │
├──────────────────────────┼───────────────────┼───────────┤
│    └ conv2d (Conv2D)     │ (None, 60, 60,    │     9,248 │
│                          │ 32)               │           │
├──────────────────────────┼───────────────────┼───────────┤
│ max_pooling2d            │ (None, 30, 30,    │         0 │
│ (MaxPooling2D)           │ 32)               │           │
├──────────────────────────┼───────────────────┼───────────┤
│ flatten (Flatten)        │ (None, 28800)     │         0 │
├──────────────────────────┼───────────────────┼───────────┤
│ dense (Dense)            │ (None, 6)         │   172,806 │
└──────────────────────────┴───────────────────┴───────────┘
 Total params: 182,950 (714.65 KB)
 Trainable params: 182,950 (714.65 KB)
 Non-trainable params: 0 (0.00 B)
"""
KERAS_3_LINKS = """\
Model: "functional_2"
┏━━━━━━━━━━━━━━━━━━━━┳━━━━━━━━━━━━━━━━━┳━━━━━━━━━━┳━━━━━━━━━━━━━━━━━━┓
┃ Layer (type)       ┃ Output Shape    ┃  Param # ┃ Connected to     ┃
┡━━━━━━━━━━━━━━━━━━━━╇━━━━━━━━━━━━━━━━━╇━━━━━━━━━━╇━━━━━━━━━━━━━━━━━━┩
│ input_layer        │ (None, 64, 64,  │        0 │ -                │
│ (InputLayer)       │ 3)              │          │                  │
├────────────────────┼─────────────────┼──────────┼──────────────────┤
│ functional_1       │ (None, 6)       │  182,950 │ input_layer[0][… │
│ (Functional)       │                 │          │ input_layer[0][… │
├────────────────────┼─────────────────┼──────────┼──────────────────┤
│ add (Add)          │ (None, 6)       │        0 │ functional_1[0]… │
│                    │                 │          │ functional_1[1]… │
└────────────────────┴─────────────────┴──────────┴──────────────────┘
 Total params: 182,950 (714.65 KB)
 Trainable params: 182,950 (714.65 KB)
 Non-trainable params: 0 (0.00 B)
"""
KERAS_3_UNBUILT = """\
Model: "sequential"
┏━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━┳━━━━━━━━━━━━━━━━━━━━━━━━┳━━━━━━━━━━━━━━━┓
┃ Layer (type)                    ┃ Output Shape           ┃       Param # ┃
┡━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━╇━━━━━━━━━━━━━━━━━━━━━━━━╇━━━━━━━━━━━━━━━┩
│ conv2d_1 (Conv2D)               │ ?                      │   0 (unbuilt) │
├─────────────────────────────────┼────────────────────────┼───────────────┤
│ flatten_1 (Flatten)             │ ?                      │   0 (unbuilt) │
├─────────────────────────────────┼────────────────────────┼───────────────┤
│ dense_1 (Dense)                 │ ?                      │   0 (unbuilt) │
└─────────────────────────────────┴────────────────────────┴───────────────┘
 Total params: 0 (0.00 B)
 Trainable params: 0 (0.00 B)
 Non-trainable params: 0 (0.00 B)
"""

KERAS_2_CUT = """\
_________________________________________________________________
Layer (type)                 Output Shape              Param #
=================================================================
input_1 (InputLayer)         [(None, 64, 64, 3)]       0
_________________________________________________________________
conv2d_1 (Conv2D)            (None, 62, 62, 32)        896
_________________________________________________________________
a_convolution_of_a_student_1 (None, 60, 60, 32)        9248
_________________________________________________________________
max_pooling2d_1 (MaxPooling2 (None, 30, 30, 32)        0
_________________________________________________________________
flatten_1 (Flatten)          (None, 28800)             0
_________________________________________________________________
dense_1 (Dense)              (None, 6)                 172806
=================================================================
Total params: 182,950.0
Trainable params: 182,950.0
Non-trainable params: 0.0
_________________________________________________________________
""".replace("a_convolution_of_a_student_1", "conv2d_of_a_student (Conv2D)")
KERAS_2_LINKS = """\
__________________________________________________________________________________________________
Layer (type)                    Output Shape         Param #     Connected to
==================================================================================================
input_1 (InputLayer)            [(None, 64, 64, 3)]  0
__________________________________________________________________________________________________
conv2d (Conv2D)                 [(None, 62, 62, 32)  896         input_1[0][0]
__________________________________________________________________________________________________
conv2d_1 (Conv2D)               (None, 60, 60, 32)   9248        conv2d[0][0]
                                                                 input_1[0][0]
__________________________________________________________________________________________________
max_pooling2d (MaxPooling2D)    (None, 30, 30, 32) 0             conv2d_1[0][0]
__________________________________________________________________________________________________
flatten (Flatten)               (None, 28800)        0           max_pooling2d[0][0]
__________________________________________________________________________________________________
dense (Dense)                   (None, 6)            172806      flatten[0][0]
==================================================================================================
Total params: 182,950
"""
KERAS_2_WRAPPED = """\
Model: "model"
__________________________________________________________________________________________________
 Layer (type)                   Output Shape         Param #     Connected to
==================================================================================================
 input_1 (InputLayer)           [(None, 64, 64, 3)]  0           []

 conv2d (Conv2D)                (None, 62, 62, 3     896         ['input_1[0][0]']
                                2)

 conv2d_1_with_a_very_long_nam  (None, 60, 60, 32    9248        ['conv2d[0][0]',
 e (Conv2D)                     )                                 'conv2d_1[0][0]']

 max_pooling2d_26 (MaxPooling2D  (None, 30, 30, 32)  0           ['conv2d_1[0][0]']
 )

 flatten (Flatten)              (None, 28800)        0           ['max_pooling2d_26[0][0]']

 dense (Dense)                  (None, 6)            172806      ['flatten[0][0]']

==================================================================================================
Total params: 182,950
"""
KERAS_2_NESTED = """\
_________________________________________________________________
 Layer (type)                Output Shape              Param #
=================================================================
 block (Sequential)          (None, 60, 60, 32)        10144
|¯¯¯¯¯¯¯¯¯¯¯¯¯¯¯¯¯¯¯¯¯¯¯¯¯¯¯¯¯¯¯¯¯¯¯¯¯¯¯¯¯¯¯¯¯¯¯¯¯¯¯¯¯¯¯¯¯¯¯¯¯¯¯|
| conv2d (Conv2D)            (None, 62, 62, 32)        896      |
|                                                               |
| conv2d_1 (Conv2D)          (None, 60, 60, 32)        9248     |
¯¯¯¯¯¯¯¯¯¯¯¯¯¯¯¯¯¯¯¯¯¯¯¯¯¯¯¯¯¯¯¯¯¯¯¯¯¯¯¯¯¯¯¯¯¯¯¯¯¯¯¯¯¯¯¯¯¯¯¯¯¯¯¯¯
 max_pooling2d (MaxPooling2D  (None, 30, 30, 32)       0
 )

 flatten (Flatten)           (None, 28800)             0

 dense (Dense)               (None, 6)                 172806

=================================================================
Total params: 182,950
"""
KERAS_1 = """\
____________________________________________________________________________________________________
Layer (type)                     Output Shape          Param #     Connected to
====================================================================================================
convolution2d_1 (Convolution2D)  (None, 62, 62, 32)    896         convolution2d_input_1[0][0]
____________________________________________________________________________________________________
activation_1 (Activation)        (None, 62, 62, 32)    0           convolution2d_1[0][0]
____________________________________________________________________________________________________
convolution2d_2 (Convolution2D)  (None, 60, 60, 32)    9248        activation_1[0][0]
____________________________________________________________________________________________________
maxpooling2d_1 (MaxPooling2D)    (None, 30, 30, 32)    0           convolution2d_2[0][0]
____________________________________________________________________________________________________
flatten_1 (Flatten)              (None, 28800)         0           maxpooling2d_1[0][0]
____________________________________________________________________________________________________
dense_1 (Dense)                  (None, 6)             172806      flatten_1[0][0]
====================================================================================================
Total params: 182950
"""
TF_1 = KERAS_2_CUT.replace("(None, ", "(?, ")
FVCORE = """\
| name          | #elements or shape   |
|:--------------|:---------------------|
| model         | 0.2M                 |
|  conv1        |  0.9K                |
|   conv1.weight |   (32, 3, 3, 3)     |
|   conv1.bias  |   (32,)              |
|  features.2   |  9.2K                |
|   features.2.weight |   (32, 32, 3, 3) |
|   features.2.bias |   (32,)          |
|  fc           |  0.2M                |
|   fc.weight   |   (6, 28800)         |
|   fc.bias     |   (6,)               |
"""
WHOLE = {name: globals()[name] for name in sorted(globals()) if name.startswith(("KERAS", "TORCH", "TF"))}
LESS = {"KERAS_3_LINKS", "KERAS_3_UNBUILT"}


@pytest.mark.parametrize("name", sorted(WHOLE.keys() - LESS))
@pytest.mark.parametrize("indent", ["", "    "])
def test_printed_tables_are_read_whole(name: str, indent: str) -> None:
    text = "".join(indent + line for line in WHOLE[name].splitlines(keepends=True))
    answer = read(text, name="summary.txt")
    assert values(answer) == RIGHT_VALUES
    assert len(answer.notices) == name.startswith("TORCH")
    assert all("here the channels stand last" in notice for notice in answer.notices)
    marks = graded(hand_signs(), dict(answer.given))
    assert marks.points == marks.out_of


def test_the_size_of_a_pooling_whose_name_is_cut_off() -> None:
    exercise = make_exercise(Source("input 28x28x1\nconv 6, f=5\nmaxpool 2 -> ?, ? params"))
    row = "max_pooling2d_1 (MaxPooling2 (None, 12, 12, 6)         0         "
    assert read(row, exercise).given == {"maxpool1.size": "(None, 12, 12, 6)", "maxpool1.params": "0"}


def test_counts_of_weights_by_their_shapes() -> None:
    given = read(FVCORE).given
    counts = {key: numbers(text)[0].value for key, text in given.items()}
    assert counts == {"conv1.params": 896, "conv2.params": 9248, "dense1.params": 172806}


def test_a_model_that_was_not_built_says_so() -> None:
    answer = read(KERAS_3_UNBUILT)
    assert answer.given.keys() <= {"params"}
    assert any("was not built" in notice for notice in answer.notices)


def test_sizes_of_many_paths_are_none() -> None:
    given = read(KERAS_2_CUT.replace("(None, 62, 62, 32)", "multiple          ")).given
    assert given.keys() == RIGHT.keys() - {"conv1.height", "conv1.width", "conv1.channels"}


def test_a_size_whose_end_is_cut_off_is_told_and_not_read() -> None:
    answer = read(KERAS_2_CUT.replace("(None, 30, 30, 32)        0", "(None, 30, 30, 3 0"))
    assert "maxpool1.size" not in answer.given
    assert answer.given["maxpool1.params"] == "0"
    assert answer.notices == ("the size `(None, 30, 30, 3` is cut off in the table: print it with wider lines",)


def test_a_printed_module_has_nothing_to_read() -> None:
    assert read(PRINTED).problem == "a module printed by PyTorch tells no sizes and no counts"


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("max_pooling2d_9 (MaxPoolin", "maxpool"),
        ("up (Conv2DTran", "conv"),
        ("conv2d_transpose_1", "conv"),
        ("gap (GlobalAver", "global_avgpool"),
        ("conv1 (Sequential)", ""),
        ("dense (Functi", ""),
        ("Linear (pool): 1-3", "dense"),
        ("AdaptiveAvgPool2d-7", "adaptive_avgpool"),
    ],
)
def test_kinds_of_names(name: str, kind: str) -> None:
    assert kind_of(name) == kind


# --- channels first --------------------------------------------------------------------------------------------------

FIRST = [
    "torch.Size([1, 32, 62, 62])",
    "(1, 32, 62, 62)",
    "[N, 32, 62, 62]",
    "(None, 32, 62, 62)",
    "torch.Size([32, 62, 62])",
]


@pytest.mark.parametrize("text", FIRST)
def test_the_parts_of_a_size_with_the_channels_in_front(text: str) -> None:
    filled = hand_signs().source.text.replace("?x?x?", text, 1)
    for answer in (read(filled), read(f"blank;answer\nconv1;{text}\nconv2.params;1", name="a.csv")):
        assert [answer.given[f"conv1.{part}"] for part in ("height", "width", "channels")] == ["62", "62", "32"]
        assert answer.notices == (f"`{text}` is read as 62x62x32: here the channels stand last",)


@pytest.mark.parametrize("text", ["torch.Size([1, 8, 8, 8])", "(1, 8, 8, 8)", "8x8x8"])
def test_a_cube_reads_the_same_in_both_orders(text: str) -> None:
    exercise = make_exercise(Source("input 10x10x1\nconv 8, f=3 -> ?x?x?"))
    answer = read(exercise.source.text.replace("?x?x?", text), exercise)
    assert list(answer.given.values()) == ["8", "8", "8"]
    assert answer.notices == ()


def test_right_sizes_with_the_channels_in_front_are_turned() -> None:
    answer = read(hand_signs().source.text.replace("?x?x?", "32x62x62", 1))
    assert [answer.given[f"conv1.{part}"] for part in ("height", "width", "channels")] == ["62", "62", "32"]
    assert answer.notices == ("`32x62x62` is read as 62x62x32: here the channels stand last",)


def test_wrong_sizes_without_a_batch_stay_as_they_are_written() -> None:
    given = read(hand_signs().source.text.replace("?x?x?", "32x62x61", 1)).given
    assert [given[f"conv1.{part}"] for part in ("height", "width", "channels")] == ["32", "62", "61"]


def test_a_wrong_size_is_turned_by_its_channels() -> None:
    given = read(hand_signs().source.text.replace("?x?x?", "(1, 32, 61, 61)", 1)).given
    assert [given[f"conv1.{part}"] for part in ("height", "width", "channels")] == ["61", "61", "32"]


# --- words -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "value"),
    [
        *(
            (text, 896)
            for text in ("896 paramètres", "= 896", "≈ 896", "896 params.", "896 !", "soit 896", "total : 896")
        ),
        *(
            (text, 896)
            for text in ("896 paramètres (avec biais)", "896 poids au total", "(3*3*3+1)*32 = 896 paramètres")
        ),
        *((text, 0) for text in ("0 (aucun)", "aucun paramètre", "--", "0 (pas de poids)")),
        ("28 800 neurones", 28800),
    ],
)
def test_words_round_a_number(text: str, value: int) -> None:
    assert [reading.value for reading in numbers(text)] == [value]
    filled = hand_signs().source.text.replace("? params", text, 1)
    assert [one.value for one in numbers(read(filled).given["conv1.params"])] == [value]


@pytest.mark.parametrize(
    "text",
    [
        *("62 x 62 x 32 (hauteur x largeur x canaux)", "62x62x32.", "= 62x62x32", "62 px x 62 px x 32 canaux"),
        *("62 (hauteur) x 62 (largeur) x 32 (canaux)", "[(None, 62, 62, 32)]", "62x62x32 pixels"),
    ],
)
def test_words_round_a_size(text: str) -> None:
    assert sizes(text, 3)[0].value == (62, 62, 32)


@given(
    st.integers(2, 10**6),
    st.integers(2, 10**6),
    st.sampled_from([" ou ", " or ", " et ", "; ", " / ou ", " (", " params ou "]),
)
def test_alternatives_get_no_credit(one: int, other: int, between: str) -> None:
    text = f"{one}{between}{other}{')' * between.count('(')}"
    assert not {one, other} & {reading.value for reading in numbers(text)}


# --- subsets of blanks -----------------------------------------------------------------------------------------------


@cache
def example(name: str) -> tuple[Exercise, dict[str, str]]:
    exercise = load_exercise(EXERCISES / "en" / f"{name}.cnn")
    return exercise, {one.blank.key: one.right for one in solved(exercise)}


@given(st.sampled_from(["hand_signs", "mlp", "mnist", "lenet5", "street", "vgg16"]), st.data())
def test_any_subset_of_blanks_is_read(name: str, data: Any) -> None:
    exercise, key = example(name)
    chosen = data.draw(st.sets(st.sampled_from([blank.key for blank in exercise.blanks])))
    left_open = data.draw(st.sampled_from(["?", "...", "_"]))
    text = exercise.source.text
    places = [(span, blank.key) for blank in exercise.blanks for span in blank.spans]
    for (start, end), own in sorted(places, reverse=True):
        text = text[:start] + (key[own] if own in chosen else left_open) + text[end:]
    answer = read(text, exercise)
    assert answer.given == {one: key[one] for one in key if one in chosen}
    assert answer.problem == ""


def test_the_half_filled_answer_of_the_examples() -> None:
    exercise, key = example("hand_signs")
    answer = read((EXERCISES / "answers" / "hand_signs" / "half.cnn").read_text(encoding="utf-8"), exercise)
    assert answer.given == {one: text for one, text in key.items() if one.startswith("conv")}
    assert answer.notices == ()
