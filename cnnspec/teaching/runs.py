"""What the checker says of each statement of a file: what arrives, what it yields, the layers in it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from cnnspec.network import Layer, Network
from cnnspec.record import Record
from cnnspec.sizes import total
from cnnspec.source import Span
from cnnspec.values import UNKNOWN, Dim, Size

if TYPE_CHECKING:
    from cnnspec.network import Value
    from cnnspec.source import Source
    from cnnspec.syntax import tree


class Run(Record):
    """One run of a statement: in a loop or a block, there are several. An open size is UNKNOWN."""

    arriving: Size | Any
    result: Size | Any
    layers: tuple[Layer, ...]

    @classmethod
    def of(cls, arriving: Value | None, result: Value | None, layers: list[Layer]) -> Run:
        """The run of a statement as the checker shows it."""
        return cls(
            UNKNOWN if arriving is None else arriving.size,
            UNKNOWN if result is None else result.size,
            tuple(layers),
        )

    @property
    def params(self) -> Dim:
        return total(layer.params for layer in self.layers)


Runs = Mapping[Span, tuple[Run, ...]]


def runs_of(network: Network, carried: Mapping[Span, Size] | None = None) -> Runs:
    """Every run of every statement of the network's own file, by the span of the statement.

    After the statements at the places `carried` the flow goes on with the size given there.
    """
    found: dict[Span, list[Run]] = {}

    def see(node: tree.Flow, source: Source, arriving: Value | None, result: Value | None, layers: list[Layer]) -> None:
        if source is network.source:
            found.setdefault(node.span, []).append(Run.of(arriving, result, layers))

    assert network.trial is not None
    network.trial.statements(see, carried)
    return {span: tuple(runs) for span, runs in found.items()}
