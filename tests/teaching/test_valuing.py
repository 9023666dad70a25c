"""Values by hand: the figures of the lecture, known slips, follow-through; compared with onnxruntime."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import cnnspec
from cnnspec.diagnostics import CnnSpecError
from cnnspec.source import Source
from cnnspec.teaching.exercise import Exercise, make_exercise, settings_of
from cnnspec.teaching.model import Answer, Judgement
from cnnspec.teaching.values.evaluating import KINDS, Map, evaluate
from cnnspec.teaching.values.judge import NAMES, judge_values, message_of, search_values, wrong_values
from cnnspec.teaching.values.maps import read_grids

PADDING = """\
input 5x5x1
conv 1, f=3, p=1, weight=[[0, 1, 0], [1, 0, 1], [1, 0, 1]], bias=false
example [[0, 1, 0, 1, 0], [1, 0, 1, 0, 1], [1, 0, 1, 0, 1], [0, 1, 0, 1, 0], [0, 1, 0, 1, 0]] -> ?
"""
LAPLACIAN = """\
input 4x4x1
conv 1, f=3, weight=[[-1, -1, -1], [-1, 8, -1], [-1, -1, -1]], bias=false
example [[50, 200, 235, 201], [15, 135, 88, 100], [0, 42, 77, 165], [63, 108, 250, 1]] -> ?
"""
POOLED = "input 4x4x1\n{kind} 2\nexample [[1, 1, 2, 4], [5, 6, 7, 8], [3, 2, 1, 0], [1, 2, 3, 4]] -> ?\n"
CHAIN = """\
input 4x4x1
conv 1, f=3, p=1, weight=[[0, 1, 0], [1, 2, 1], [0, 1, 0]], bias=-3 as c
maxpool 2 as m
output c, m
example [[1, 1, 2, 4], [5, 6, 7, 8], [3, 2, 1, 0], [1, 2, 3, 4]] -> ?, ?
"""


def exercise(text: str) -> Exercise:
    return make_exercise(Source(text))


def judged(text: str, answer: str) -> Judgement:
    return judge_values(exercise(text), Answer({"example1": answer}))["example1"]


@pytest.mark.parametrize(
    ("text", "right"),
    [
        (PADDING, "[[1, 2, 2, 2, 1], [0, 5, 0, 5, 0], [2, 2, 3, 2, 2], [3, 0, 5, 0, 3], [1, 1, 2, 1, 1]]"),
        (LAPLACIAN, "[[373, -451], [-400, -273]]"),
        (POOLED.format(kind="maxpool"), "[[6, 8], [3, 4]]"),
        (POOLED.format(kind="avgpool"), "[[3.25, 5.25], [2, 2]]"),
    ],
)
def test_the_values_of_the_lecture(text: str, right: str) -> None:
    assert search_values(exercise(text)) == {"example1": right}
    assert judged(text, right).credit == 1


@pytest.mark.parametrize(
    "answer",
    [
        "[[3.25, 5.25], [2, 2]]",
        "3.25 5.25\n2 2",
        "3,25 5,25; 2 2",
        "[[13/4, 21/4], [2, 2]]",
        "((3.25;5.25);(2;2))",
        "3.25 | 5.25\n2 | 2",
    ],
)
def test_a_map_may_be_written_in_many_ways(answer: str) -> None:
    assert judged(POOLED.format(kind="avgpool"), answer).status == "right"


@pytest.mark.parametrize(
    "answer", ["abc", "[[1, 2], [3]]", "[[1, 2], [3, 4]", "1 2\n3", "__import__('os')", "1e999 2; 3 4"]
)
def test_what_is_no_map(answer: str) -> None:
    assert judged(LAPLACIAN, answer).status == "unreadable"


def test_the_share_of_right_numbers() -> None:
    one = judged(LAPLACIAN, "[[373, -451], [-400, 273]]")
    assert (one.status, one.credit) == ("wrong", 3 / 4)
    assert one.message == "3 of 4 numbers are right; look at row 2, column 2"
    assert judged(LAPLACIAN, "[[373, -451]]").credit == 0


def test_too_few_digits_are_not_enough() -> None:
    assert judged(POOLED.format(kind="avgpool"), "[[3.3, 5.3], [2, 2]]").credit == 1 / 2


@pytest.mark.parametrize(
    ("text", "answer", "name"),
    [
        (PADDING, "[[5, 0, 5], [2, 3, 2], [0, 5, 0]]", "forgot-padding"),
        (POOLED.format(kind="avgpool"), "[[6, 8], [3, 4]]", "max-for-average"),
        (POOLED.format(kind="maxpool"), "[[6, 3], [8, 4]]", "map-transposed"),
        (POOLED.format(kind="maxpool"), "[[6, 7, 8], [6, 7, 8], [3, 3, 4]]", "stride-ignored"),
        (LAPLACIAN.replace("bias=false", "bias=5"), "[[373, -451], [-400, -273]]", "forgot-bias-value"),
        (LAPLACIAN.replace("bias=false", "bias=false | relu"), "[[373, -451], [-400, -273]]", "forgot-activation"),
        (LAPLACIAN.replace("[-1, 8, -1]", "[-1, 8, 0]"), "[[388, -316], [-400, -231]]", "kernel-flipped"),
    ],
)
def test_known_slips_have_names(text: str, answer: str, name: str) -> None:
    one = judged(text, answer)
    assert (one.status, one.mistake) == ("mistake", name)
    assert one.message == message_of(name)
    assert one.credit < 1


def test_a_slip_is_never_the_right_answer() -> None:
    for text in (PADDING, LAPLACIAN, POOLED.format(kind="maxpool"), CHAIN):
        task = exercise(text)
        for key, right in search_values(task).items():
            wrongs = list(wrong_values(task, key))
            assert right not in [wrong.value for wrong in wrongs]
            assert {wrong.mistake for wrong in wrongs} <= set(NAMES)


def test_a_later_map_may_follow_from_the_students_own() -> None:
    own = "[[5, 9, 14, 13], [14, 21, 25, 20], [7, 11, 10, 10], [4, 7, 10, 8]]"
    both = judge_values(exercise(CHAIN), Answer({"example1.1": own, "example1.2": "[[21, 25], [11, 10]]"}))
    assert both["example1.1"].status == "wrong"
    assert (both["example1.2"].status, both["example1.2"].credit) == ("follow-through", 0.75)
    assert both["example1.2"].follows == "[[21, 25], [11, 10]]"
    trivial = judge_values(exercise(CHAIN), Answer({"example1.1": "0 0 0 0\n" * 4, "example1.2": "[[0, 0], [0, 0]]"}))
    assert trivial["example1.2"].credit == 0


def test_nothing_follows_from_a_map_of_equal_numbers() -> None:
    text = """\
input 3x3x1
conv 1, f=1, weight=2, bias=1 as a
conv 1, f=3, p=1, weight=[[1, 1, 1], [1, 1, 1], [1, 1, 1]], bias=false as b
output a, b
example [[1, 2, 0], [3, 5, 1], [0, 4, 2]] -> ?, ?
"""
    answers = {"example1.1": "1 1 1\n1 1 1\n1 1 1", "example1.2": "4 6 4\n6 9 6\n4 6 4"}
    assert judge_values(exercise(text), Answer(answers))["example1.2"].credit == 0
    answers = {"example1.1": "1 1 1\n1 1 1\n1 1 2", "example1.2": "4 6 4\n6 10 7\n4 7 5"}
    assert judge_values(exercise(text), Answer(answers))["example1.2"].status == "follow-through"


def test_numbers_in_a_list_are_blanks_of_their_own() -> None:
    task = exercise(LAPLACIAN.replace("-> ?", "-> [[?, -451], [?, ?]]"))
    keys = [blank.key for blank in task.blanks]
    assert list(search_values(task).values()) == ["373", "-400", "-273"]
    answers = judge_values(task, Answer(dict(zip(keys, ("373", "400", ""), strict=True))))
    assert [answers[key].status for key in keys] == ["right", "wrong", "empty"]


def test_the_settings_say_what_a_slip_is_worth() -> None:
    task = make_exercise(Source(PADDING), settings_of({"mistakes": {"forgot-padding": 0.5}}))
    assert judge_values(task, Answer({"example1": "[[5, 0, 5], [2, 3, 2], [0, 5, 0]]"}))["example1"].credit == 0.5


@pytest.mark.parametrize(
    "text",
    [
        "input 4x4x1\nconv 1, f=3\nexample [[1, 0, 0, 1], [0, 1, 1, 0], [0, 1, 1, 0], [1, 0, 0, 1]] -> ?\n",
        "input 2\nbatchnorm\nexample [1, 2] -> ?\n",
    ],
)
def test_what_cannot_be_computed_is_refused(text: str) -> None:
    with pytest.raises(CnnSpecError) as caught:
        exercise(text)
    assert [d.code for d in caught.value.diagnostics] == ["E514"]


# --- against onnxruntime ---------------------------------------------------------------------------------------------

LAYERS = {
    "conv": "conv 3, f=3, s=2, p=[1, 0, 0, 2], d=1, weight={w}, bias={b}",
    "depthwise": "depthwise 2, p=1, multiplier=2, weight={w}, bias={b}",
    "conv_transpose": "conv_transpose 2, f=3, s=2, p=1, output_pad=1, weight={w}, bias={b}",
    "maxpool": "maxpool 3, s=2, p=1, d=1, ceil=true",
    "avgpool": "avgpool 3, s=2, p=1, ceil=true, count_pad=true",
    "global_maxpool": "global_maxpool",
    "global_avgpool": "global_avgpool keep=true",
    "dense": "flatten | dense 3, weight={w}, bias={b}",
    "leaky_relu": "leaky_relu 0.2",
    "elu": "elu 0.7",
    "clip": "clip -1, 2",
    "rescale": "rescale [0.5, -2], 3",
    "scale": "scale weight={w}, bias={b}",
    "pad": "pad [1, 0, 2, 1]",
    "crop": "crop [1, 0, 1, 2]",
    "upsample": "upsample 2",
    "add": "relu as a\nabs\nadd a",
    "sub": "relu as a\nabs\nsub a",
    "mul": "relu as a\nabs\nmul a",
    "average": "relu as a\nabs\naverage a",
    "maximum": "relu as a\nabs\nmaximum a",
    "concat": "relu as a\nabs\nconcat a",
    "drop_path": "drop_path 0.5",
}
MORE = [
    "conv 4, f=3, p=same, s=2, groups=2, weight={w}, bias=false",
    "conv 2, f=2, d=2, weight={w}, bias={b}",
    "conv_transpose 4, f=2, s=3, p=same, groups=2, weight={w}, bias=false",
    "avgpool 2, s=1, p=same",
    "maxpool 2x3, s=1x2",
]


def with_weights(text: str, rng: np.random.Generator) -> str:
    """The network with numbers in the place of `{w}` and `{b}`, of the shape that the layer has."""
    learned = cnnspec.loads("input 5x6x2\n" + text.replace("{w}", "true").replace("{b}", "true"))
    for p in learned.parameters:
        place = "{w}" if p.name.endswith("weight") else "{b}"
        text = text.replace(place, str(rng.integers(-4, 5, p.shape).tolist()), 1)
    return "input 5x6x2\n" + text


@pytest.mark.parametrize("text", [*(LAYERS.get(kind, kind) for kind in KINDS), *MORE])
def test_each_kind_computes_what_onnxruntime_computes(text: str) -> None:
    rng = np.random.default_rng(7)
    net = cnnspec.loads(with_weights(text, rng))
    x = rng.integers(-9, 10, (5, 6, 2))
    ours = evaluate(net, {"input": Map((5, 6, 2), tuple(x.reshape(-1).tolist()))})[net.output_values["output"]]
    theirs = net.session().run(np.moveaxis(x, -1, 0)[None].astype(np.float32))["output"][0]
    assert ours.size == net.outputs["output"]
    np.testing.assert_allclose(np.array(ours.values), np.moveaxis(theirs, 0, -1).reshape(-1), rtol=1e-5, atol=1e-5)


@given(st.integers(1, 6), st.integers(1, 6), st.integers(1, 3), st.integers(1, 3), st.integers(0, 2), st.data())
@settings(max_examples=60)
def test_a_convolution_is_the_sum_of_its_products(n: int, m: int, f: int, s: int, p: int, data: st.DataObject) -> None:
    if min(n, m) + 2 * p < f:
        return
    numbers = st.integers(-9, 9)
    x = data.draw(st.lists(st.lists(numbers, min_size=m, max_size=m), min_size=n, max_size=n))
    w = data.draw(st.lists(st.lists(numbers, min_size=f, max_size=f), min_size=f, max_size=f))
    net = cnnspec.loads(f"input {n}x{m}x1\nconv 1, f={f}, s={s}, p={p}, weight={w if f > 1 else w[0][0]}, bias=2")
    ours = evaluate(net, {"input": Map((n, m, 1), tuple(itertools.chain(*x)))})[net.output_values["output"]]
    expected = [
        2 + sum(w[a][b] * x[i + a][j + b] for a in range(f) for b in range(f) if 0 <= i + a < n and 0 <= j + b < m)
        for i in range(-p, n + p - f + 1, s)
        for j in range(-p, m + p - f + 1, s)
    ]
    assert list(ours.values) == expected


@given(st.text(alphabet="0123456789.,;[]()- \n|eE/", max_size=60))
def test_any_text_is_read_or_refused(text: str) -> None:
    for grid in read_grids(text):
        assert len(grid.numbers) == int(np.prod(grid.shape))
