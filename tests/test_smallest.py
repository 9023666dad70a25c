"""The smallest input, against trying every size."""

from __future__ import annotations

from pathlib import Path

import pytest

import cnnspec
from cnnspec.smallest import smallest_inputs
from cnnspec.source import Source

LECTURES = sorted((Path(__file__).parent.parent / "examples" / "lectures").glob("*.cnn"))


def accepted(text: str, size: str) -> bool:
    """Whether the network checks with another size of its input, by writing it there."""
    lines = [f"input {size}" if line.startswith("input ") else line.partition("->")[0] for line in text.splitlines()]
    kept = [line for line in lines if not line.startswith(("expect", "example"))]
    errors = [d for d in cnnspec.check(Source("\n".join(kept), "x").text) if d.code.startswith("E")]
    return not errors


@pytest.mark.parametrize(
    ("layers", "least"),
    [
        ("conv 6, f=5", 5),
        ("conv 6, f=5, p=2", 1),
        ("conv 6, f=5 | maxpool 2 | conv 16, f=5 | maxpool 2", 16),
        ("conv 6, f=3, d=4", 9),
        ("maxpool 3, s=2, ceil=true", 2),
        ("conv 8, f=3, s=2, p=same | maxpool 2", 3),
        ("pad 3, mode=reflect", 4),
        ("crop 3", 7),
        ("add { branch { crop [1, 1, 0, 0] } branch { conv 3, f=2 } }", 2),
        ("flatten | dense 10", 1),
    ],
)
def test_every_smaller_square_is_refused(layers: str, least: int) -> None:
    net = cnnspec.loads(f"input 64x64x3\n{layers}")
    assert smallest_inputs(net) == {"input": (least, least, 3)}
    text = f"input 64x64x3\n{layers}"
    assert [n for n in range(1, 33) if accepted(text, f"{n}x{n}x3")] == list(range(least, 33))


def test_what_is_said_of_the_written_size_is_not_judged() -> None:
    text = "input 64x64x3\nconv 6, f=5 -> 60x60x6, 456 params\nflatten -> 21_600\ndense 10\nexpect output == 10"
    assert smallest_inputs(cnnspec.loads(text)) == {"input": (5, 5, 3)}


def test_sizes_that_fit_now_and_then() -> None:
    text = "input 64x64x3\nconcat { branch { maxpool 4 | upsample 4 } branch { } }"
    assert smallest_inputs(cnnspec.loads(text)) == {"input": (4, 4, 3)}


def test_letters_become_as_small_as_they_can() -> None:
    text = "input [4 * H, 2 * W, 3]\nconv 8, f=5 | conv 8, f=1x5"
    assert smallest_inputs(cnnspec.loads(text)) == {"input": (8, 10, 3)}


def test_each_axis_for_itself() -> None:
    assert smallest_inputs(cnnspec.loads("input 100x64x3\nconv 8, f=9x3")) == {"input": (9, 3, 3)}
    assert smallest_inputs(cnnspec.loads("input 100x64\nconv 8, f=9")) == {"input": (9, 64)}
    assert smallest_inputs(cnnspec.loads("input 16x112x112x3\nconv 8, f=3x5x7")) == {"input": (3, 5, 7, 3)}


def test_several_inputs() -> None:
    text = "input a: 32x32x3\nconv 4, f=5\ninput b: 28x28x4\nadd conv1"
    net = cnnspec.loads(text.replace("conv 4, f=5", "conv 4, f=5 as conv1"))
    assert smallest_inputs(net) == {"a": (5, 5, 3), "b": (1, 1, 4)}


def test_inputs_of_different_scale_shrink_in_proportion() -> None:
    text = "input a: 30x40x3\ninput b: 15x20x3\nupsample 2 | add a\nconv 3, f=5"
    assert smallest_inputs(cnnspec.loads(text)) == {"a": (6, 6, 3), "b": (3, 3, 3)}


def test_a_search_that_would_take_long_ends_without_a_result() -> None:
    k = 16
    down = "".join(f"conv 1, f=3, s=2, p=1 as s{i}\n" for i in range(k))
    up = "".join(f"upsample 2\nadd s{i}\n" for i in reversed(range(k - 1)))
    net = cnnspec.loads(f"input 65536x65536x1\n{down}{up}repeat 300 {{ relu }}")
    assert smallest_inputs(net) is None
    assert net.trial is not None
    assert net.trial.steps < 600_000


def test_blanks_leave_it_open() -> None:
    assert smallest_inputs(cnnspec.loads("input ?x?x3\nconv 6, f=5")) is None


def test_a_vector_has_nothing_to_make_smaller() -> None:
    assert smallest_inputs(cnnspec.loads("input 784\ndense 10")) == {"input": (784,)}


@pytest.mark.parametrize("path", LECTURES, ids=lambda path: path.stem)
def test_the_lectures(path: Path) -> None:
    """What is found is accepted; one pixel less along any axis is not, where a letter could stand for it."""
    net = cnnspec.load(path)
    found = smallest_inputs(net)
    assert found is not None
    assert net.trial is not None
    assert net.trial.error(found) is None
    for name, size in found.items():
        for axis in range(len(size) - 1):
            smaller = tuple(n - (i == axis) for i, n in enumerate(size))
            assert smaller[axis] == 0 or net.trial.error({**found, name: smaller}) is not None
