"""What is open is not judged, and nothing takes time in proportion to a number."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from cnnspec import layers
from cnnspec.diagnostics import Mistake
from cnnspec.layers._kind import JoinKind, Kind, Operation
from cnnspec.values import UNKNOWN, Size
from tests.layers.conformance import Case, entries, operation

KINDS = layers.names()
HUGE = (10**7, 10**18, 10**100)


def opened(value: Any) -> Iterator[Any]:
    """The value with one part open, or all of it."""
    if isinstance(value, (tuple, list)):
        for i, part in enumerate(value):
            for open_part in opened(part):
                yield type(value)([*value[:i], open_part, *value[i + 1 :]])
    yield UNKNOWN


def variants(case: Case) -> Iterator[Case]:
    """The case with a part of a size or an argument open, and with all of it."""
    for i, size in enumerate(case.inputs):
        for axis in range(len(size)):
            hidden = (*size[:axis], UNKNOWN, *size[axis + 1 :])
            yield Case(case.given, (*case.inputs[:i], hidden, *case.inputs[i + 1 :]))
    for name, value in case.given.items():
        for hidden in opened(value):
            yield Case({**case.given, name: hidden}, case.inputs)
    yield Case(case.given, tuple((UNKNOWN,) * len(size) for size in case.inputs))
    yield Case(dict.fromkeys(case.given, UNKNOWN), tuple((UNKNOWN,) * len(size) for size in case.inputs))


def agrees(part: Any, whole: Any) -> bool:
    """Whether what is known of a number or a size is right."""
    if part is UNKNOWN or part is None:
        return True
    if isinstance(whole, tuple):
        return len(part) == len(whole) and all(map(agrees, part, whole))
    return bool(part == whole)


def explanations(op: Operation) -> tuple[str, ...]:
    kind = op.kind
    return (*kind.explain_size(op), *kind.explain_params(op), *kind.explain_macs(op))


def window_of(op: Operation) -> Any:
    """Size, stride and begin of the window along each axis."""
    reaches: Any = op.kind.window(op.args, op.input)
    return reaches and tuple((reach.size, reach.stride, reach.begin) for reach in reaches)


@pytest.mark.parametrize("kind", KINDS)
@given(data=st.data())
@settings(max_examples=10, suppress_health_check=[HealthCheck.too_slow])
def test_what_is_open_is_not_judged_and_what_is_known_is_right(kind: str, data: st.DataObject) -> None:
    case = data.draw(entries()[kind].cases)
    whole = operation(kind, case)
    for variant in variants(case):
        op = operation(kind, variant)
        assert agrees(op.output, whole.output), variant
        assert agrees(op.params, whole.params), variant
        assert agrees(op.trainable, whole.trainable), variant
        assert agrees(op.macs, whole.macs), variant
        assert agrees(window_of(op), window_of(whole)), variant
        assert all(isinstance(line, str) for line in explanations(op))


@pytest.mark.parametrize("kind", KINDS)
@given(data=st.data())
@settings(max_examples=10, suppress_health_check=[HealthCheck.too_slow])
def test_a_guess_is_right_as_far_as_it_goes(kind: str, data: st.DataObject) -> None:
    case = data.draw(entries()[kind].cases)
    whole = operation(kind, case)
    for variant in (case, *variants(case)):
        assert agrees(guess(whole.kind, variant), whole.output), variant


def guess(kind: Kind, case: Case) -> Size | None:
    """What elaboration goes on with when the kind refuses the case."""
    return kind.guess_joined(case.inputs) if isinstance(kind, JoinKind) else kind.guess(case.given, case.inputs[0])


@pytest.mark.parametrize("kind", KINDS)
def test_a_guess_survives_what_is_no_number(kind: str) -> None:
    found = layers.find(kind)
    assert found is not None
    found.guess({}, (8, 8, 4))
    for value in ("text", True, [1, 2], (3, 3), -4, 0.5, None):
        for x in ((8, 8, 4), (8, 4), (4,), (UNKNOWN,)):
            found.guess({argument.name: value for argument in found.arguments}, x)


def huge(value: Any, big: int) -> Any:
    if isinstance(value, (tuple, list)):
        return type(value)(huge(part, big) for part in value)
    return big if isinstance(value, int) and not isinstance(value, bool) else value


@pytest.mark.parametrize("kind", KINDS)
@given(data=st.data())
@settings(max_examples=3, suppress_health_check=[HealthCheck.too_slow])
def test_huge_numbers_take_no_time(kind: str, data: st.DataObject) -> None:
    case = data.draw(entries()[kind].cases)
    for big in HUGE:
        inputs = tuple((big,) * len(size) for size in case.inputs)
        enlarged = {name: huge(value, big) for name, value in case.given.items()}
        for variant in (Case(case.given, inputs), Case(enlarged, inputs), Case(enlarged, case.inputs)):
            start = time.perf_counter()
            with contextlib.suppress(Mistake):
                op = operation(kind, variant)
                explanations(op)
                window_of(op)
            assert time.perf_counter() - start < 0.5
