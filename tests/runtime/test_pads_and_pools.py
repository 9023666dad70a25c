"""A border of zeros before a pool: onnxruntime would make one node of both, which it then refuses or gets wrong."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from numpy.lib.stride_tricks import sliding_window_view

import cnnspec

BORDERS = ([1] * 4, [2] * 4, [3] * 4, [0, 0, 3, 3], [0, 2, 1, 0], [5, 0, 0, 0])  # all starts, then all ends


@pytest.mark.parametrize("between", ["", "dropout | ", "identity | "])
@pytest.mark.parametrize("size", ["8x8x2", "HxWx2"])
@pytest.mark.parametrize("kind", ["avgpool", "maxpool"])
def test_a_border_before_a_pool(kind: str, size: str, between: str) -> None:
    x = np.random.default_rng(0).normal(-2, 1, (2, 2, 8, 8)).astype(np.float32)
    for border, f, s in itertools.product(BORDERS, (1, 2, 3), (1, 2)):
        text = f"input {size}\npad {border} | {between}{kind} {f}, s={s}"
        output = cnnspec.loads(text).session().run(x)["output"]
        top, left, bottom, right = border
        padded = np.pad(x, ((0, 0), (0, 0), (top, bottom), (left, right)))
        windows = sliding_window_view(padded, (f, f), (2, 3))[:, :, ::s, ::s]
        expected = windows.mean((4, 5)) if kind == "avgpool" else windows.max((4, 5))
        np.testing.assert_allclose(output, expected, rtol=1e-5, atol=1e-6, err_msg=text)


@pytest.mark.parametrize(
    "given", ["p=1", "p=1, count_pad=true", "p=same", "ceil=true", "p=1, ceil=true, count_pad=true"]
)
@pytest.mark.parametrize("size", ["7x8x2", "HxWx2"])
def test_a_border_before_a_pool_with_padding(size: str, given: str) -> None:
    x = np.random.default_rng(0).normal(-2, 1, (1, 2, 7, 8)).astype(np.float32)
    after = cnnspec.loads(f"input {size}\navgpool 3, s=2, {given}").session()
    both = cnnspec.loads(f"input {size}\npad 4 | avgpool 3, s=2, {given}").session()
    padded = np.pad(x, ((0, 0), (0, 0), (4, 4), (4, 4)))
    if size == "7x8x2":
        after = cnnspec.loads(f"input 15x16x2\navgpool 3, s=2, {given}").session()
    np.testing.assert_allclose(both.run(x)["output"], after.run(padded)["output"], rtol=1e-5, atol=1e-6)


def test_a_border_before_a_convolution_may_become_its_padding() -> None:
    graph = cnnspec.loads("input 8x8x2\npad 1 as a\nconv 2, f=3\nfrom a | conv 2, f=3 | pad 1 | relu").to_onnx().graph
    assert [len(node.input) for node in graph.node if node.op_type == "Pad"] == [2, 3]
