"""Depth and receptive field, against counting by hand: which inputs change a value when they change."""

from __future__ import annotations

import numpy as np
import pytest

import cnnspec
from cnnspec.figures import depth, receptive_field

ONE_AXIS = [
    "conv 1, f=3 | conv 1, f=3",
    "conv 1, f=5, s=2 | conv 1, f=3",
    "conv 1, f=3, d=2 | maxpool 2",
    "maxpool 3, s=2, p=1 | conv 1, f=3, p=same | avgpool 2",
    "conv_transpose 1, f=2, s=2",
    "conv_transpose 1, f=3, s=2",
    "conv_transpose 1, f=4, s=2, p=1",
    "maxpool 2 | upsample 2",
    "maxpool 2 | upsample 2 | conv 1, f=3, p=1",
    "upsample 2, mode=linear",
    "concat { branch { conv 1, f=1 } branch { conv 1, f=5, p=2 } } | conv 1, f=3",
    "residual { conv 1, f=3, p=1 | conv 1, f=3, p=1 }",
]


@pytest.mark.parametrize("flow", ONE_AXIS)
def test_the_receptive_field_is_what_a_value_depends_on(flow: str) -> None:
    net = cnnspec.loads(f"input 40x1\n{flow}")
    weights = {name: np.ones_like(value) for name, value in net.weights().items()}
    session = net.session(weights)
    base = np.linspace(1, 2, 40, dtype=np.float32).reshape(1, 1, 40)
    (name,) = net.outputs
    plain = session.run(base)[name][0]
    reached = np.zeros((40, plain.shape[-1]), dtype=bool)
    for i in range(40):
        changed = base.copy()
        changed[0, 0, i] += 100
        reached[i] = (np.abs(session.run(changed)[name][0] - plain) > 1e-3).any(axis=0)
    seen = [np.flatnonzero(column) for column in reached.T if column.any()]
    assert receptive_field(net) == max(indices[-1] - indices[0] + 1 for indices in seen)


def test_the_longest_path_counts() -> None:
    net = cnnspec.loads(
        "input 8x8x1\nconcat { branch { conv 1, f=1 | conv 1, f=1 } branch { relu } } | flatten | dense 2"
    )
    assert depth(net) == 3


def test_axes_that_differ_give_a_size() -> None:
    assert receptive_field(cnnspec.loads("input 28x28x1\nconv 4, f=1x7")) == (1, 7)
