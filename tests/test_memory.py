"""The largest live set of activations, against a count that looks at every layer anew."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import cnnspec
from cnnspec.memory import Memory, memory
from cnnspec.network import Layer, Network, Value
from cnnspec.values import UNKNOWN


def test_a_chain_holds_two_values_and_the_input() -> None:
    net = cnnspec.loads("input 8x8x1\nconv 4, f=3, p=1 | relu | maxpool 2 | flatten | dense 10")
    assert memory(net) == Memory(4 * net.params, 4 * (64 + 256 + 256), "relu1", 1)
    assert net.memory(batch=32).activations == 32 * 4 * (64 + 256 + 256)


@pytest.mark.parametrize("batch", [-1, 0, 1.5, 2.0, True, "2", None])
def test_a_batch_is_a_whole_number_of_at_least_one(batch: Any) -> None:
    net = cnnspec.loads("input 8\ndense 4")
    with pytest.raises(ValueError, match="batch is a whole number, 1 or more, not"):
        net.memory(batch=batch)
    three: Any = np.int64(3)
    assert net.memory(batch=three).activations == 3 * net.memory().activations


def test_a_residual_keeps_what_the_shortcut_reads() -> None:
    """At the second convolution: the input, the stem, the first convolution's output, its own. At `add` as much."""
    net = cnnspec.loads(
        "input 4x4x3\nconv 8, f=1 as stem\nresidual { conv 8, f=3, p=1 as a | conv 8, f=3, p=1 as b } | global_avgpool"
    )
    assert memory(net)[1:3] == (4 * (48 + 3 * 128), "b")


def test_a_u_net_keeps_its_skips() -> None:
    net = cnnspec.loads(
        "input 8x8x1\nconv 4, f=3, p=1 as top\nmaxpool 2 as down | conv 8, f=3, p=1 as low\n"
        "upsample 2 as up | concat top as both | conv 1, f=1"
    )
    # input 64, top 256, up 512, both 768; at `up`: input, top, low 128, up.
    assert memory(net)[1:3] == (4 * (64 + 256 + 512 + 768), "both")


def test_outputs_stay_and_unused_values_go() -> None:
    net = cnnspec.loads(
        "input 100\ndense 50 as a\nbranch { dense 1000 as unused }\nbranch { dense 30 as early }\n"
        "dense 10 as main\noutput main, early"
    )
    assert memory(net)[1:3] == (4 * (100 + 50 + 1000), "unused")
    net = cnnspec.loads(
        "input 10\ndense 90 as a\nbranch { relu as head }\ndense 5 | dense 100 as main\noutput main, head"
    )
    assert memory(net)[1:3] == (4 * (10 + 90 + 5 + 100), "main")


def test_what_only_passes_on_takes_no_memory() -> None:
    plain = cnnspec.loads("input 4x4x8\nrelu | flatten | dense 10")
    assert memory(plain)[1:3] == (4 * (2 * 128 + 10), "dense1")
    more = cnnspec.loads(
        "input 4x4x8\nidentity | relu | dropout 0.5 | reshape 2x2x32 | drop_path 0.1 | flatten | dense 10"
    )
    assert memory(more) == memory(plain)


def test_a_network_without_layers() -> None:
    assert memory(cnnspec.loads("input 7"), 3) == Memory(0, 84, None, 3)
    assert memory(cnnspec.loads("input 7\nidentity")) == Memory(0, 28, None, 1)


def test_what_is_open_stays_open() -> None:
    found = memory(cnnspec.loads("input 28x28x1\nconv ?, f=3 | relu"))
    assert found.activations is UNKNOWN
    found = memory(cnnspec.loads("input HxWx1\nconv 2, f=3"))
    assert (found.weights, found.peak_layer) == (4 * 20, None)


def test_shared_weights_are_counted_once() -> None:
    net = cnnspec.loads("input left: 8x8x1\ninput right: 8x8x1\nconv 4, f=3 as eye\nfrom left | apply eye")
    assert memory(net).weights == 4 * 40


@st.composite
def graphs(draw: st.DrawFn) -> str:
    """Vectors that are read again later, here and there, with outputs from anywhere."""
    lines, names = ["input v0: 5"], ["v0"]
    for i in range(1, draw(st.integers(2, 12))):
        name, source = f"v{i}", draw(st.sampled_from(names))
        step = draw(
            st.sampled_from(("dense 3", "dense 8", "dense 21", "relu", "identity", "dropout 0.5", "softmax"))
            | st.sampled_from(names).map(lambda other: f"concat {other}")
        )
        lines.append(f"from {source} | {step} as {name}")
        names.append(name)
    outputs = draw(st.lists(st.sampled_from(names[1:]), max_size=2, unique=True))
    return "\n".join([*lines, *([f"output {', '.join(outputs)}"] if outputs else [])])


@settings(max_examples=150, deadline=None)
@given(graphs(), st.integers(1, 9))
def test_memory_is_what_a_count_from_scratch_gives(text: str, batch: int) -> None:
    net = cnnspec.loads(text)
    sums = [(needed_at(net, i), layer.name) for i, layer in enumerate(net.layers) if not passes_on(layer)]
    most = max((n for n, _ in sums), default=5)
    first = next((name for n, name in sums if n == most), None)
    assert memory(net, batch) == Memory(4 * net.params, 4 * batch * most, first, batch)


def passes_on(value: Value) -> bool:
    return isinstance(value, Layer) and value.kind in ("identity", "dropout")


def needed_at(net: Network, i: int) -> int:
    """The numbers in memory while layer i runs: what it makes, and what was made and will be read or is an output."""
    made: list[Value] = [*net.input_values.values(), *net.layers[: i + 1]]
    read = {name for layer in net.layers[i:] for name in layer.inputs} | {v.name for v in net.output_values.values()}
    while passing := [v for v in net.layers if v.name in read and passes_on(v)]:
        read = (read - {v.name for v in passing}) | {name for v in passing for name in v.inputs}
    keep = [v for v in made if v.name in read or v in net.input_values.values() or v is net.layers[i]]
    sizes: list[Any] = [v.size for v in keep]
    return sum(map(math.prod, sizes))


@pytest.mark.parametrize("batch", [1, 7])
def test_every_number_takes_four_bytes(batch: int) -> None:
    net = cnnspec.loads("input 56, integer\nembedding 100, 8")
    assert memory(net, batch) == Memory(3200, 4 * batch * (56 + 448), "embedding1", batch)
