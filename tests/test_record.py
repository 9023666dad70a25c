"""A Record is what a NamedTuple of the same fields is."""

from __future__ import annotations

import pickle
from typing import NamedTuple

import pytest

from cnnspec.record import Record


class Wanted(NamedTuple):
    """Three fields, one with a default."""

    first: int
    second: str
    third: tuple[int, ...] = ()

    @property
    def twice(self) -> int:
        return 2 * self.first


class Made(Record):
    """Three fields, one with a default."""

    first: int
    second: str
    third: tuple[int, ...] = ()

    @property
    def twice(self) -> int:
        return 2 * self.first


def test_values_and_defaults() -> None:
    for kind in (Wanted, Made):
        for one in (kind(1, "a"), kind(1, second="a"), kind(second="a", first=1), kind(1, "a", ())):
            assert (one.first, one.second, one.third, one.twice) == (1, "a", (), 2)
            assert one == (1, "a", ())
            assert hash(one) == hash((1, "a", ()))
            assert repr(one) == f"{kind.__name__}(first=1, second='a', third=())"
        assert kind(1, "a", (3,))._replace(second="b") == (1, "b", (3,))
        assert type(kind(1, "a")._replace(first=2)) is kind
        assert kind(1, "a")._asdict() == {"first": 1, "second": "a", "third": ()}
        assert kind._fields == ("first", "second", "third")
        assert kind.__doc__ == "Three fields, one with a default."
        assert pickle.loads(pickle.dumps(kind(1, "a"))) == (1, "a", ())
        assert not hasattr(kind(1, "a"), "__dict__")


@pytest.mark.parametrize("kind", [Wanted, Made])
def test_what_is_refused(kind: type) -> None:
    for values, named in (
        ((), {}),
        ((1,), {}),
        ((1, "a", (), 4), {}),
        ((1, "a"), {"fourth": 4}),
        ((1, "a"), {"first": 2}),
    ):
        with pytest.raises(TypeError):
            kind(*values, **named)
    with pytest.raises(AttributeError):
        kind(1, "a").first = 2
