"""Every layer kind: the size is onnxruntime's, the count is the tensors', the values are the definition's."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from cnnspec import layers
from tests.layers.conformance import OPSETS, Entry, draw_inputs, draw_tensors, entries, layout, operation, run


def tries(number: int) -> int:
    """That many examples of each kind; as many as the profile says where it searches."""
    profile = settings.get_profile(settings.get_current_profile_name())
    return profile.max_examples if profile.max_examples > 100 else number


def test_every_kind_has_an_entry() -> None:
    assert sorted(entries()) == sorted(layers.names())


@pytest.mark.parametrize("kind", layers.names())
def test_the_kind_does_what_it_says(kind: str) -> None:
    entry = entries()[kind]

    @given(data=st.data())
    @settings(max_examples=tries(entry.tries), suppress_health_check=[HealthCheck.too_slow])
    def holds(data: st.DataObject) -> None:
        conforms(kind, entry, data)

    holds()


def conforms(kind: str, entry: Entry, data: st.DataObject) -> None:
    op = operation(kind, data.draw(entry.cases, label=kind))
    opset = data.draw(st.just(17) | st.sampled_from(OPSETS), label="opset")
    rng = np.random.default_rng(data.draw(st.integers(0, 9), label="seed"))
    tensors = draw_tensors(op, rng)
    inputs = draw_inputs(op, entry, rng)

    output = run(op, inputs, tensors, opset)

    assert output.shape == layout(op.output)
    assert op.params == sum(array.size for array in tensors.values())
    assert op.trainable == sum(tensors[t.name].size for t in op.tensors if t.trainable)
    expected = entry.reference(op, inputs, {name: array.astype(np.float64) for name, array in tensors.items()})
    assert expected.shape == output.shape
    np.testing.assert_allclose(output, expected, rtol=1e-4, atol=1e-5 * max(1.0, np.abs(expected).max()))


@pytest.mark.parametrize("kind", layers.names())
@given(data=st.data())
@settings(max_examples=tries(10), suppress_health_check=[HealthCheck.too_slow])
def test_the_explanation_says_what_comes_out(kind: str, data: st.DataObject) -> None:
    op = operation(kind, data.draw(entries()[kind].cases, label=kind))
    definition = op.kind
    assert definition.explain_size(op)
    lines = definition.explain_params(op)
    assert lines
    if len(op.tensors) == 1 or (op.params and len(lines) == 1):
        assert lines[-1].endswith(f"{op.params:,}") or f"= {op.params:,}" in lines[-1]
    assert (op.macs == 0) == (definition.explain_macs(op) == ())
    assert all(line.endswith(f"{op.macs:,}") for line in definition.explain_macs(op))


@pytest.mark.parametrize("kind", layers.names())
def test_the_kind_has_its_page(kind: str) -> None:
    found = layers.find(kind)
    assert found is not None
    assert found.name == kind
    assert found.family
    assert found.formula
    assert found.source
    assert "->" in found.example
    assert found.example.startswith("input")
    assert type(found).__doc__
    assert type(found).__doc__ != type(found).__mro__[1].__doc__
    assert all(argument.doc for argument in found.arguments)
