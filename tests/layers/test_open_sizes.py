"""Every kind with letters in its sizes: compiled once, it gives at each size what it gives compiled for that size."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import SimpleNamespace
from typing import Any

import numpy as np
import onnxruntime
import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from cnnspec import layers
from cnnspec.diagnostics import Mistake
from cnnspec.layers._kind import Operation
from cnnspec.sizes import at
from cnnspec.symbolic import letter
from cnnspec.values import Size, Symbolic, Word
from tests.layers.conformance import OPSETS, Case, draw_inputs, draw_tensors, entries, layout, model_of, operation
from tests.layers.test_conformance import tries

LETTERS = "HWTC"
SIZES = (1, 2, 3, 4, 5, 6, 7, 9, 12, 13)  # what letters are set to, smallest first


@st.composite
def lifted(draw: st.DrawFn, kind: str) -> Case:
    """A case of the kind's own table with letters in place of some of its numbers, equal ones for equal numbers."""
    case = draw(entries()[kind].cases)
    wide = draw(st.booleans()) if not operation(kind, case).tensors else kind == "dense"
    forms: dict[Any, Any] = {}

    def open_axis(axis: int, n: int, last: bool) -> Any:
        if (last and not wide) or n == 1:
            return n
        if (axis, n) not in forms:
            name = letter(LETTERS[3 if last else axis])
            factor = draw(st.sampled_from([1, 1, 2, 3, 4]))
            added = draw(st.sampled_from([0, 0, 1, -1]))
            known = any(place == axis for place, _ in forms) or draw(st.integers(0, 4)) == 0
            forms[axis, n] = n if known else factor * name + added
        return forms[axis, n]

    def opened(size: Size) -> Size:
        return tuple(open_axis(i, int(str(n)), i == len(size) - 1) for i, n in enumerate(size))

    arguments = dict(case.given)
    if "like" in arguments:
        like = arguments["like"].size
        arguments["like"] = SimpleNamespace(size=(*opened((*like[:-1], 1))[:-1], like[-1]))
    inputs = tuple(map(opened, case.inputs))
    known = {name for size in inputs for n in size if isinstance(n, Symbolic) for name in n.letters}
    assume(known)
    if "like" in arguments:
        assume(all(set(n.letters) <= known for n in arguments["like"].size if isinstance(n, Symbolic)))
    return Case(arguments, inputs)


def settled(case: Case, values: Mapping[str, int]) -> Case:
    """The case with numbers in place of the letters."""
    arguments = dict(case.given)
    if "like" in arguments:
        arguments["like"] = SimpleNamespace(size=at(arguments["like"].size, values))
    if "size" in arguments and isinstance(arguments["size"], (tuple, list)):
        arguments["size"] = at(tuple(arguments["size"]), values)
    elif isinstance(arguments.get("size"), Symbolic):
        (arguments["size"],) = at((arguments["size"],), values)
    return Case(arguments, tuple(at(size, values) for size in case.inputs))


def session_of(op: Operation, tensors: Mapping[str, np.ndarray], opset: int) -> Any:
    options = onnxruntime.SessionOptions()
    options.log_severity_level = 4
    options.intra_op_num_threads = 1
    model = model_of(op, tensors, opset).SerializeToString()
    return onnxruntime.InferenceSession(model, options, providers=["CPUExecutionProvider"])


def results(session: Any, op: Operation, arrays: Sequence[np.ndarray]) -> np.ndarray:
    feed = {f"x{i}": array if op.kind.integers else array.astype(np.float32) for i, array in enumerate(arrays)}
    found: np.ndarray = session.run(None, feed)[0]
    return found


def conforms(kind: str, case: Case, opset: int, seed: int) -> int:
    """Compares at several sizes, and says at how many."""
    try:
        op = operation(kind, case)
    except Mistake as mistake:
        if mistake.code not in ("E302", "E304", "E308", "E310", "E311", "E312", "E315"):
            raise
        return 0
    explained = (*op.kind.explain_size(op), *op.kind.explain_params(op), *op.kind.explain_macs(op))
    assert not any("?" in line for line in explained), "letters are no reason to leave anything open"
    rng = np.random.default_rng(seed)
    tensors = draw_tensors(op, rng)
    session = session_of(op, tensors, opset)
    compared = 0
    for n in SIZES:
        values = {name: n + i if n > 2 else n for i, name in enumerate(LETTERS)}
        try:
            here = operation(kind, settled(case, values))
        except Mistake:
            continue
        if any(part < 1 for size in here.inputs for part in size):
            continue
        inputs = draw_inputs(here, entries()[kind], rng)
        expected = results(session_of(here, tensors, opset), here, inputs)
        output = results(session, here, inputs)
        assert output.shape == layout(here.output), values
        assert at(op.output, values) == here.output
        scale = max(1.0, float(np.abs(expected).max()))
        np.testing.assert_allclose(output, expected, rtol=1e-5, atol=2e-6 * scale, err_msg=str(values))
        compared += 1
    return compared


@pytest.mark.parametrize("kind", layers.names())
def test_one_graph_for_all_sizes(kind: str) -> None:
    compared = 0

    @given(data=st.data())
    @settings(
        max_examples=tries(entries()[kind].tries // 4),
        suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much],
    )
    def holds(data: st.DataObject) -> None:
        nonlocal compared
        opset = data.draw(st.just(17) | st.sampled_from(OPSETS), label="opset")
        compared += conforms(kind, data.draw(lifted(kind), label=kind), opset, data.draw(st.integers(0, 9)))

    holds()
    assert compared or kind in ("dense", "reshape"), "every kind was compared at some size"


H, W, T = map(letter, "HWT")
SAME, LINEAR = Word("same"), Word("linear")
WRITTEN: dict[str, tuple[str, dict[str, Any], tuple[Size, ...]]] = {
    "same with a stride": ("conv", {"filters": 2, "f": 3, "s": 2, "p": SAME}, ((H, W, 2),)),
    "same with a stride and dilation": ("conv", {"filters": 2, "f": 3, "s": 2, "d": 2, "p": SAME}, ((H, W, 2),)),
    "same with windows smaller than steps": ("conv", {"filters": 2, "f": 2, "s": 3, "p": SAME}, ((H, W, 2),)),
    "same with windows far apart": ("conv", {"filters": 2, "f": 2, "s": 5, "p": SAME}, ((H, W, 2),)),
    "same of one pixel": ("conv", {"filters": 2, "f": 1, "s": 3, "p": SAME}, ((H, W, 2),)),
    "same, three axes": ("conv", {"filters": 2, "f": 3, "s": 2, "p": SAME}, ((T, H, W, 2),)),
    "same, depthwise": ("depthwise", {"f": 5, "s": 2, "p": SAME}, ((H + 1, 2 * W, 2),)),
    "same, maximum": ("maxpool", {"f": 3, "s": 2, "p": SAME}, ((H, W, 2),)),
    "same, maximum, dilation": ("maxpool", {"f": 2, "s": 2, "d": 3, "p": SAME}, ((H, W, 2),)),
    "same, maximum, small windows": ("maxpool", {"f": 2, "s": 3, "p": SAME}, ((H, W, 2),)),
    "same, mean": ("avgpool", {"f": 3, "s": 2, "p": SAME}, ((H, W, 2),)),
    "same, mean of padding too": ("avgpool", {"f": 3, "s": 2, "p": SAME, "count_pad": True}, ((H, W, 2),)),
    "same, mean, small windows": ("avgpool", {"f": 2, "s": 3, "p": SAME}, ((H, W, 2),)),
    "same, mean, small, padding too": ("avgpool", {"f": 2, "s": 3, "p": SAME, "count_pad": True}, ((H, W, 2),)),
    "ceil, maximum": ("maxpool", {"f": 3, "s": 2, "ceil": True}, ((H, W, 2),)),
    "ceil, maximum, padding": ("maxpool", {"f": 3, "s": 3, "p": 1, "ceil": True}, ((H, W, 2),)),
    "ceil, maximum, wide steps": ("maxpool", {"f": 2, "s": 3, "ceil": True}, ((H, W, 2),)),
    "ceil, mean": ("avgpool", {"f": 3, "s": 2, "ceil": True}, ((H, W, 2),)),
    "ceil, mean, padding": ("avgpool", {"f": 3, "s": 3, "p": 1, "ceil": True}, ((H, W, 2),)),
    "ceil, mean of padding too": ("avgpool", {"f": 3, "s": 3, "p": 1, "ceil": True, "count_pad": True}, ((H, W, 2),)),
    "ceil, mean, uneven padding": (
        "avgpool",
        {"f": 3, "s": 2, "p": [0, 1, 2, 1], "ceil": True, "count_pad": True},
        ((H, W, 2),),
    ),
    "adaptive": ("adaptive_avgpool", {"size": 3}, ((H, W, 2),)),
    "adaptive, one": ("adaptive_maxpool", {"size": (1, 4)}, ((H, W, 2),)),
    "adaptive, open target": ("adaptive_avgpool", {"size": (H // 2 + 1, 2 * W)}, ((H, W, 2),)),
    "adaptive, half": ("adaptive_maxpool", {"size": (2 * H, W)}, ((4 * H, W, 2),)),
    "adaptive, one and three axes": ("adaptive_avgpool", {"size": (2, 1, 3)}, ((T, H, W, 2),)),
    "nearest": ("upsample", {"size": (H + 3, 2 * W)}, ((H, 3 * W, 2),)),
    "linear": ("upsample", {"size": (H + 3, 2 * W), "mode": LINEAR}, ((H, 3 * W, 2),)),
    "linear, like": ("upsample", {"like": SimpleNamespace(size=(2 * H, W, 9)), "mode": LINEAR}, ((H, 3 * W, 2),)),
    "crop like": ("crop", {"like": SimpleNamespace(size=(H, W + 2, 9))}, ((2 * H + 1, 3 * W, 2),)),
    "reshape to a row": ("reshape", {"size": (H * W, 6)}, ((H, W, 6),)),
    "reshape to more axes": ("reshape", {"size": (H, 2, W, 3)}, ((H, W, 6),)),
    "reshape to all": ("reshape", {"size": (2 * H, W, 3)}, ((H, W, 6),)),
    "flatten": ("flatten", {}, ((H, W, 6),)),
    "channels": ("channel_shuffle", {"groups": 2}, ((H, W, 4 * T),)),
    "normalised": ("instancenorm", {"weight": False, "bias": False}, ((H, W, 4 * T),)),
}


@pytest.mark.parametrize("name", WRITTEN)
@pytest.mark.parametrize("opset", [13, 17, 21])
def test_sizes_that_hang_on_letters(name: str, opset: int) -> None:
    kind, arguments, inputs = WRITTEN[name]
    assert conforms(kind, Case(arguments, inputs[:1]), opset, 1) >= 5
