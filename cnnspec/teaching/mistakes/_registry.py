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


class Rules(list[Known]):
    """Known mistakes, the likelier first: where two give the same value, the first is named."""

    def known(self, name: str, tell: Tell) -> Callable[[Rule], Rule]:
        """Registers a rule under a name."""

        def register(rule: Rule) -> Rule:
            self.append(Known(name, rule, tell))
            return rule

        return register


class Candidate(Record):
    """A wrong value with the name of its mistake, and what says so when it is needed."""

    value: Any
    mistake: str
    tell: Callable[[], str]
