"""Whether a fix of a layer's text suits every layer that came from this text.

A step in a block, a loop or a file with variants stands for several layers. A fix stays if each of them has the
finding, and each the same fix.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from typing import TypeAlias

from cnnspec.diagnostics import Diagnostic, Fix
from cnnspec.network import Network
from cnnspec.source import Span

Place: TypeAlias = tuple[str, Span]


class Agreement:
    """What the networks of one file have at each place of a text."""

    def __init__(self) -> None:
        self._layers: Counter[Place] = Counter()
        self._owners: Counter[Place] = Counter()  # without those that take their weights from another
        self._shared: set[Place] = set()  # texts whose weights something else uses, too
        self._found: Counter[tuple[str, Place]] = Counter()
        self._fixes: dict[tuple[str, Place], Fix | None] = {}

    def note(self, net: Network, findings: Iterable[Diagnostic]) -> None:
        """Counts the layers of a network and its findings, before any of them is left out."""
        self._layers.update([(layer.source.filename, layer.span) for layer in net.layers])
        self._owners.update([(layer.source.filename, layer.span) for layer in net.layers if layer.shares is None])
        self._shared.update((other.source.filename, other.span) for layer in net.layers if (other := layer.shares))
        for d in findings:
            key = d.code, (d.filename, d.span)
            self._found[key] += 1
            first = self._fixes.setdefault(key, d.fix)
            if first is not None and (d.fix is None or d.fix.edits != first.edits):
                self._fixes[key] = None

    def everywhere(self, d: Diagnostic) -> bool:
        """Whether all layers of the text that a finding marks have it; those that share weights follow their owner."""
        count = self._owners[d.filename, d.span]
        return not count or self._found[d.code, (d.filename, d.span)] == count

    def holds(self, d: Diagnostic) -> bool:
        """Whether the fix of a finding suits all layers of the texts that it marks or changes."""
        key = d.code, (d.filename, d.span)
        if d.fix is None or key not in self._found:  # not one of the network
            return True
        if self._fixes[key] is None:
            return False
        spans = {d.span, *(edit.span for edit in d.fix.edits)}
        places = {place for span in spans if (place := self._text_around(d.filename, span)) is not None}
        return all(self._layers[place] == self._found[key] and place not in self._shared for place in places)

    def _text_around(self, filename: str, span: Span) -> Place | None:
        """The narrowest text of a layer with this place in it."""
        if (filename, span) in self._layers:
            return filename, span
        around = [
            place
            for place in self._layers
            if place[0] == filename and place[1].start <= span.start and span.end <= place[1].end
        ]
        return min(around, key=lambda place: place[1].end - place[1].start, default=None)
