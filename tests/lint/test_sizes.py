"""W3xx: windows, paddings, poolings and receptive fields that their author hardly meant."""

from __future__ import annotations

import pytest

import cnnspec
from tests.lint.finding import find, fixed, marked, rows

# --- W301, with letters ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("size", "layer", "dropped"),
    [
        ("[2 * H + 1, 2 * W + 1, 3]", "maxpool 2", True),
        ("[2 * H, 2 * W, 3]", "maxpool 2", False),
        ("[2 * H, 2 * W, 3]", "conv 8, f=3, s=2", True),
        ("[2 * H + 1, 2 * W + 1, 3]", "conv 8, f=3, s=2", False),
        ("HxWx3", "maxpool 2", False),
        ("[16 * H + 3, 16 * W, 3]", "maxpool 4", True),
    ],
)
def test_what_is_dropped_whatever_the_letters_are(size: str, layer: str, dropped: bool) -> None:
    """Only where every size of the input loses as many rows."""
    assert rows(f"input {size}\n{layer}\n", "W301") == ([2] if dropped else [])


def test_the_rows_that_letters_drop_are_counted() -> None:
    (d,) = find("input [16 * H + 3, 16 * W, 3]\nmaxpool 4\n", "W301")
    assert d.message == "the last 3 rows of the [16*H + 3, 16*W, 3] input are not used"


@pytest.mark.parametrize(
    ("text", "w301", "w304"),
    [
        ("input 4x4x3\navgpool 3, s=4\n", [2], []),  # one window: no gap between windows, but a loss at the end
        ("input 4x4x3\nconv 4, f=3, s=4\n", [2], []),
        ("input 5x5x3\nconv 4, f=3, s=4\n", [2], []),
        ("input 3x3x3\nconv 4, f=3, s=4\n", [], []),
        ("input 7x7x3\nconv 4, f=3, s=4\n", [], [2]),
        ("input 8x8x3\nconv 4, f=3, s=4\n", [], [2]),  # the last row is one more gap
        ("input 2x2x3\nconv 4, f=1, s=2\n", [], []),  # it thins out
    ],
)
def test_one_window_leaves_no_gap(text: str, w301: list[int], w304: list[int]) -> None:
    assert (rows(text, "W301"), rows(text, "W304")) == (w301, w304)


@pytest.mark.parametrize("layer", ["avgpool 3, s=4", "conv 4, f=3, s=4"])
def test_what_lies_before_another_window_is_kept_by_a_larger_one_only(layer: str) -> None:
    (d,) = find(f"input 4x4x3\n{layer}\n", "W301")
    assert (d.help, d.fix) == ("use a larger window to keep them", None)
    (d,) = find(f"input 5x5x3\n{layer}\n", "W301")
    assert d.fix is not None
    assert find(f"input 4x4x3\n{layer.replace('3,', '4,').replace('f=3', 'f=4')}\n", "W301") == []


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("input 10x10x3\npad [0, 0, 1, 1] | maxpool 2\n", ""),
        ("input 10x10x3\npad [0, 0, 1, 1], mode=edge | dropout 0.1 | conv 4, f=2, s=2\n", ""),
        ("input 9x9x3\npad 1 | pad [0, 0, 1, 1] | maxpool 5, s=5 \n", ""),
        ("input 10x10x3\npad [1, 1, 0, 0] | maxpool 2\n", "row and column of the 11x11x3 input are"),
        ("input 9x10x3\npad [0, 1, 1, 0] | maxpool 2\n", "column of the 10x11x3 input is"),
        ("input 10x10x3\npad [0, 0, 1, 1] | maxpool 3\n", "row and column of the 11x11x3 input are"),
        ("input [2 * H, 2 * W, 3]\npad [0, 0, 1, 1] | maxpool 2\n", ""),
    ],
)
def test_padding_of_a_step_of_its_own_is_no_loss_either(text: str, said: str) -> None:
    found = find(text, "W301")
    assert [d.message for d in found] == ([f"the last {said} not used"] if said else [])


@pytest.mark.parametrize(
    ("text", "after"),
    [
        ("input 11x11x1\nmaxpool 2 | relu\n", "input 11x11x1\nmaxpool 2, ceil=true | relu\n"),
        ("input 11x11x1\nmaxpool 2, ceil=false\n", "input 11x11x1\nmaxpool 2, ceil=true\n"),
        ("input 28x28x1\nconv 4, f=3, s=2 # s\n", "input 28x28x1\nconv 4, f=3, s=2, p=[0, 0, 1, 1] # s\n"),
        ("input 28x29x1\nconv 4, f=3, s=2, p=0\n", "input 28x29x1\nconv 4, f=3, s=2, p=[0, 0, 1, 0]\n"),
    ],
)
def test_the_fix_for_dropped_columns(text: str, after: str) -> None:
    assert fixed(text, "W301", "unsafe") == after


@pytest.mark.parametrize(
    ("text", "after"),
    [
        ("input 28x28x4\nmaxpool 3, s=1, p=2\n", "input 28x28x4\nmaxpool 3, s=1, p=1\n"),
        ("input 28x28x4\nmaxpool 3, s=1, p=[0, 0, 2, 1]\n", "input 28x28x4\nmaxpool 3, s=1, p=[0, 0, 1, 1]\n"),
        ("input 28x28x4\nmaxpool 5x3, s=1, p=4x1\n", "input 28x28x4\nmaxpool 5x3, s=1, p=2x1\n"),
    ],
)
def test_the_fix_for_padding_beyond_half(text: str, after: str) -> None:
    assert fixed(text, "W302", "unsafe") == after


def test_the_fix_for_missing_channels() -> None:
    assert fixed("input 28x28\nflatten | dense 10\n", "W303", "unsafe") == "input 28x28x1\nflatten | dense 10\n"
    (d,) = find("let n = 28\ninput [n, n]\nflatten | dense 10\n", "W303")
    assert d.fix is None


# --- W304 ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("layer", "found"),
    [
        ("conv 8, f=2, s=3", True),
        ("conv 8, f=3, s=3", False),
        ("conv 8, f=3x1, s=2", True),
        ("conv 8, f=3, s=4, d=2", False),
        ("conv 8, f=2, s=4, d=2", True),
        ("conv 8, f=1, s=2", True),
        ("maxpool 2, s=3", True),
        ("maxpool 2", False),
        ("avgpool 1, s=2", True),
        ("depthwise 3, s=4", True),
        ("conv 8, f=28, s=40", False),
    ],
)
def test_stride_exceeds_window(layer: str, found: bool) -> None:
    """By hand: pixels lie between windows where s > d(f - 1) + 1, unless there is one window only."""
    assert rows(f"input 28x28x4\n{layer}\n", "W304") == ([2] if found else [])


def test_a_shortcut_may_thin_out() -> None:
    beside = "residual { conv 8, f=3, s=2, p=1 | relu | conv 8, f=3, p=1 } shortcut { conv 8, f=1, s=2 }"
    assert rows(f"input 28x28x4\n{beside}\n", "W304") == []
    first = "residual { conv 8, f=1, s=2 | relu | conv 8, f=3, p=1 } shortcut { maxpool 1, s=2 | conv 8, f=1 }"
    assert rows(f"input 28x28x4\n{first}\n", "W304") == []
    wide = "residual { conv 8, f=2, s=3 } shortcut { conv 8, f=1, s=3, p=[0, 0, 1, 1] }"
    assert rows(f"input 29x29x4\n{wide}\n", "W304") == [2]
    after = f"{beside}\nconv 8, f=1, s=2\n{beside}"
    assert rows(f"input 64x64x4\n{after}\n", "W304") == [3]


def test_the_stride_is_marked() -> None:
    assert marked("input 29x29x4\nconv 8, f=2, s=3\n", "W304") == "s=3"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("input 29x29x4\nconv 8, f=2, s=3\n", "with stride 3, windows of 2 leave 5 of every 9 pixels unseen"),
        ("input 29x29x4\nconv 8, f=1, s=2\n", "with stride 2, windows of 1 leave 3 of every 4 pixels unseen"),
        ("input 29x29x4\nconv 8, f=2, s=1x3\n", "with stride 3, windows of 2 leave 1 of every 3 pixels unseen"),
        ("input 29x2x4\nconv 8, f=2, s=3\n", "with stride 3, windows of 2 leave 1 of every 3 pixels unseen"),
        ("input 29x4\nconv 8, f=2, s=3\n", "with stride 3, windows of 2 leave 1 of every 3 pixels unseen"),
        ("input 29x29x29x4\nconv 8, f=2, s=3\n", "with stride 3, windows of 2 leave 19 of every 27 pixels unseen"),
    ],
)
def test_the_share_is_that_of_the_whole_image(text: str, said: str) -> None:
    """By hand: windows of 2x2 in cells of 3x3 see 4 of 9."""
    (d,) = find(text, "W304")
    assert d.message == said


# --- W305, W306 ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("layer", "w305", "w306"),
    [
        ("conv 8, f=1, p=1", True, False),
        ("conv 8, f=1, p=[0, 0, 0, 1]", True, False),
        ("conv 8, f=1, p=same", False, False),
        ("conv 8, f=1", False, False),
        ("conv 8, f=1x3, p=1", True, False),
        ("conv 8, f=1x3, p=0x1", False, False),
        ("depthwise 1, p=1", True, False),
        ("conv 8, f=3, p=1", False, False),
        ("conv 8, f=3, p=2", False, False),
        ("conv 8, f=3, p=3", False, True),
        ("conv 8, f=3, p=4, d=2", False, False),
        ("conv 8, f=3, p=5, d=2", False, True),
        ("conv 8, f=3, p=[0, 0, 0, 3]", False, True),
        ("conv 8, f=3, p=[3, 0, 0, 0]", False, True),
        ("depthwise 2, p=2", False, True),
        ("conv_transpose 8, f=2, p=1", False, False),
    ],
)
def test_padding_of_convolutions(layer: str, w305: bool, w306: bool) -> None:
    text = f"input 28x28x8\n{layer}\n"
    assert rows(text, "W305") == ([2] if w305 else [])
    assert rows(text, "W306") == ([2] if w306 else [])


@pytest.mark.parametrize(
    ("layer", "after"),
    [
        ("conv 8, f=1, p=1 | relu", "conv 8, f=1, p=0 | relu"),
        ("conv 8, f=1x3, pad=1", "conv 8, f=1x3, pad=0x1"),
        ("conv 8, 1, 1, 1", "conv 8, 1, 1, 0"),
    ],
)
def test_the_fix_for_a_padded_pointwise(layer: str, after: str) -> None:
    assert fixed(f"input 28x28x8\n{layer}\n", "W305", "unsafe") == f"input 28x28x8\n{after}\n"


def test_the_fix_for_padding_as_large_as_the_window() -> None:
    assert fixed("input 28x28x8\nconv 8, f=5, p=6\n", "W306", "unsafe") == "input 28x28x8\nconv 8, f=5, p=2\n"
    assert marked("input 28x28x8\nconv 8, f=5, p=6\n", "W306") == "p=6"


def test_a_border_is_called_what_it_is() -> None:
    (biased,) = find("input 8x8x8\nconv 8, f=1, p=1\n", "W305")
    (plain,) = find("input 8x8x8\nconv 8, f=1, p=1, bias=false\n", "W305")
    assert (biased.message.split()[-2:], plain.message.split()[-1]) == (["the", "bias"], "zeros")


# --- W307 ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("size", "layer", "found"),
    [
        ("28x28x4", "conv 8, f=4, p=same", True),
        ("28x28x4", "conv 8, f=3x2, p=same", True),
        ("28x28x4", "depthwise 2, p=same", True),
        ("HxWx4", "conv 8, f=4, p=same", True),
        ("28x28x4", "conv 8, f=3, p=same", False),
        ("28x28x4", "conv 8, f=4", False),
        ("28x28x4", "conv 8, f=4, p=[1, 1, 2, 2]", False),
        ("28x28x4", "conv 8, f=4, d=2, p=same", False),
        ("28x28x4", "conv 8, f=4, s=2, p=same", False),
        ("28x28x4", "upsample 2 | conv 8, f=2, p=same", False),
        ("28x28x4", "maxpool 2, s=1, p=same", False),
        ("28x4", "conv 8, f=4, p=same", False),
    ],
)
def test_even_window_with_same(size: str, layer: str, found: bool) -> None:
    assert rows(f"input {size}\n{layer}\n", "W307") == ([2] if found else [])


# --- W308 ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("size", "layer", "found"),
    [
        ("1x1x8", "global_avgpool", True),
        ("1x1x8", "global_maxpool keep=true", True),
        ("1x1x8", "adaptive_avgpool 1", True),
        ("1x1x8", "adaptive_avgpool 7", False),
        ("1x1x8", "maxpool 3, s=1, p=1", True),
        ("1x1x8", "avgpool 3, s=1, p=1, count_pad=true", False),
        ("1x1x8", "avgpool 3, s=1, p=1", True),
        ("8x8x8", "maxpool 1", True),
        ("8x8x8", "avgpool 1, s=1", True),
        ("8x8x8", "maxpool 1, s=2", False),
        ("8x8x8", "global_avgpool", False),
        ("8x8x8", "adaptive_avgpool 8", False),
        ("1x8x8", "global_avgpool", False),
    ],
)
def test_pooling_one_pixel(size: str, layer: str, found: bool) -> None:
    assert rows(f"input {size}\n{layer}\n", "W308") == ([2] if found else [])


def test_a_pooling_that_is_idle_in_one_call_only() -> None:
    block = "block stage(pool) { conv 8, f=3, p=1 | relu | maxpool pool }\ninput 8x8x8\n"
    assert rows(f"{block}stage 1\nstage 2\n", "W308") == []
    assert rows(f"{block}stage 1\nstage 1\n", "W308") == [1]


@pytest.mark.parametrize(
    ("text", "after"),
    [
        ("input 8x8x8\nmaxpool 1 | relu\n", "input 8x8x8\nrelu\n"),
        ("input 8x8x8\nconv 4, f=8 | maxpool 1\n", "input 8x8x8\nconv 4, f=8\n"),
        ("input 1x1x8\nglobal_avgpool | dense 3\n", "input 1x1x8\nflatten | dense 3\n"),
        ("input 1x1x8\nglobal_avgpool keep=true | relu\n", "input 1x1x8\nrelu\n"),
    ],
)
def test_the_fix_for_an_idle_pooling_changes_no_value(text: str, after: str) -> None:
    assert fixed(text, "W308", "safe") == after
    before, later = cnnspec.loads(text), cnnspec.loads(after)
    assert before.outputs == later.outputs
    assert before.params == later.params
    (d,) = find(text, "W308")
    assert d.fix is not None
    assert d.fix.applicability == "safe"


# --- W309 ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("input HxWx3\nconv 8, f=3, p=1\nupsample size=64x64\n", [3]),
        ("input HxWx3\nconv 8, f=3, p=1\nupsample size=[H, W]\n", []),
        ("input HxWx3\nconv 8, f=3, p=1\nupsample 2\n", []),
        ("input HxWx3\nidentity as image\nconv 8, f=3\nupsample like=image\n", []),
        ("input 32x32x3\nconv 8, f=3, p=1\nupsample size=64x64\n", []),
        ("input HxWx3\nadaptive_avgpool 7\nupsample size=14x14\n", []),
        ("input HxWx3\nadaptive_avgpool 7 | flatten | dense 10\n", []),
        ("input Hx64x3\nconv 8, f=3, p=1\nupsample size=128x128\n", [3]),
    ],
)
def test_one_size_only(text: str, found: list[int]) -> None:
    assert rows(text, "W309") == found


# --- W310, W311 ------------------------------------------------------------------------------------------------------

HEAD = "global_avgpool | dense 10 | softmax\n"


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("input 224x224x3\nrepeat 3 { conv 8, f=3, p=1 | relu }\n" + HEAD, [3]),  # 7 of 224
        ("input 56x56x3\nrepeat 3 { conv 8, f=3, p=1 | relu }\n" + HEAD, []),  # 7 of 56: just an eighth
        ("input 57x57x3\nrepeat 3 { conv 8, f=3, p=1 | relu }\n" + HEAD, [3]),
        ("input 224x224x3\nrepeat 3 { conv 8, f=3, p=1 | relu }\nadaptive_avgpool 1 | flatten | dense 10\n", [3]),
        ("input 224x224x3\nrepeat 3 { conv 8, f=3, p=1 | relu }\nadaptive_avgpool 7 | flatten | dense 10\n", []),
        ("input 224x224x3\nrepeat 3 { conv 8, f=3, p=1 | relu }\nglobal_maxpool | dense 10\n", []),
        ("input 224x224x3\nrepeat 3 { conv 8, f=3, p=1 | relu }\nglobal_avgpool\n", []),
        ("input 224x3\nrepeat 3 { conv 8, f=3, p=1 | relu }\n" + HEAD, []),
        ("input 224x224x3\nconv 8, f=3, p=1 | reshape 50176x8\n" + HEAD, []),
        ("input 16x16x3\nconv 8, f=1\n" + HEAD, []),
        ("input HxWx3\nrepeat 3 { conv 8, f=3, p=1 | relu }\n" + HEAD, []),
        ("input 224x224x3\nrepeat 5 { conv 8, f=3, s=2, p=1 | relu }\n" + HEAD, []),  # 63 of 224
    ],
)
def test_small_receptive_field(text: str, found: list[int]) -> None:
    assert rows(text, "W310") == found


def test_a_gate_may_see_little() -> None:
    gate = "branch { global_avgpool | dense 4 | relu | dense 8 | sigmoid } as gate\nmul gate\n"
    stages = "repeat 5 { conv 8, f=3, s=2, p=1 | relu }\n"
    assert rows(f"input 224x224x3\nconv 8, f=3, p=1 | relu as x\n{gate}{stages}{HEAD}", "W310") == []


def test_large_receptive_field() -> None:
    """16 pixels after two strides of 2: each further window adds 8; 7 + 40*8 = 327 is the first beyond 20*16."""
    start = "input 16x16x3\nrepeat 2 { conv 16, f=3, s=2, p=1 | relu }\n"
    assert rows(start + "repeat 39 { conv 16, f=3, p=1 | relu }\n", "W311") == []
    assert rows(start + "repeat 40 { conv 16, f=3, p=1 | relu }\n", "W311") == [3]


def test_large_receptive_field_is_off_by_default() -> None:
    text = "input 8x8x3\nrepeat 2 { conv 16, f=3, s=2, p=1 | relu }\nrepeat 40 { conv 16, f=3, p=1 | relu }\n"
    assert "W311" not in [d.code for d in cnnspec.check(text)]
    assert rows(text, "W311") == [3]
