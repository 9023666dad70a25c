"""How a mistake is registered: its name, what it makes of an operation, and what to say to who made it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from cnnspec.layers._kind import Operation
from cnnspec.record import Record

Rule = Callable[[Operation], Any]
Tell = Callable[[Operation], str]


class Known(Record):
    """A mistake by name. `rule` gives the wrong value for an operation, or None where it cannot be made there."""

    name: str
    rule: Rule
    tell: Tell


SIZES: list[Known] = []
"""Wrong sizes, the likelier mistake first: where two give the same value, the first is named."""
COUNTS: list[Known] = []
"""Wrong counts of one layer, likewise."""


def size(name: str, tell: Tell) -> Callable[[Rule], Rule]:
    """Registers a rule that yields a whole size."""
    return _registering(SIZES, name, tell)


def count(name: str, tell: Tell) -> Callable[[Rule], Rule]:
    """Registers a rule that yields a number of parameters."""
    return _registering(COUNTS, name, tell)


def _registering(known: list[Known], name: str, tell: Tell) -> Callable[[Rule], Rule]:
    def register(rule: Rule) -> Rule:
        known.append(Known(name, rule, tell))
        return rule

    return register
