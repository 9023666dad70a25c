"""W105: a layer that computes something for nobody: no layer reads its value, and it is no output."""

from __future__ import annotations

import re
from collections.abc import Iterator

from cnnspec.diagnostics import Diagnostic
from cnnspec.language import plural, say
from cnnspec.lint._graph import computed_layers, consumers, finding
from cnnspec.lint._names import lone_branches, mentioned, nodes
from cnnspec.network import Layer, Network
from cnnspec.source import Listing, Source, Span
from cnnspec.syntax import tree
from cnnspec.values import show_count

CODE = "W105"
DEFAULT = True
ON_GRAPHS = True


def check_network(net: Network) -> Iterator[Diagnostic]:
    """The last layer of each way that leads nowhere; lone branches, and names that are used elsewhere, are W101's."""
    if net.blanks:
        return
    used = {id(value) for layer in net.layers for value in (*layer.operands, layer.shares)}
    used.update(id(value) for value in net.output_values.values())
    ends = [layer for layer in computed_layers(net) if id(layer) not in used]
    if ends:
        texts = None if isinstance(net.source, Listing) else _Texts(net)
        for layer in ends:
            if texts is None or not texts.speak_of(layer):
                yield _finding(net, layer)


def _finding(net: Network, layer: Layer) -> Diagnostic:
    from cnnspec.lint._edits import fix, remove_step

    wasted = _wasted(net, layer)
    params = sum(one.params for one in wasted if isinstance(one.params, int))
    return finding(
        CODE,
        say("nothing uses the value of `{name}`", name=layer.name),
        layer,
        notes=(
            plural(
                "{n} layer with {params} parameters for nothing",
                "{n} layers with {params} parameters for nothing",
                len(wasted),
                params=show_count(params),
            ),
        ),
        help=say("name it in `output`, join it, or leave it out"),
        fix=fix("unsafe", say("take `{kind}` out", kind=layer.kind), remove_step(layer)) if len(wasted) == 1 else None,
    )


def _wasted(net: Network, end: Layer) -> list[Layer]:
    """The layers that work for this one alone."""
    readers = consumers(net)
    outputs = {id(value) for value in net.output_values.values()}
    found: dict[int, Layer] = {}
    waiting = [end]
    while waiting:
        layer = waiting.pop()
        found[id(layer)] = layer
        for value in layer.operands:
            alone = all(id(reader) in found for reader in readers[id(value)])
            if alone and isinstance(value, Layer) and id(value) not in outputs:
                waiting.append(value)
    return list(found.values())


class _Texts:
    """The files that a network is written in, read once more where a layer is in doubt."""

    def __init__(self, net: Network) -> None:
        self.files: dict[str, tree.File] = {}
        self.words = mentioned(self.file(net.source))

    def file(self, source: Source) -> tree.File:
        if source.filename not in self.files:
            from cnnspec.syntax.parser import parse

            self.files[source.filename] = parse(source)[0]
        return self.files[source.filename]

    def speak_of(self, layer: Layer) -> bool:
        """Whether the layer has a name that is used somewhere, or stands in a lone branch."""
        if self.words & {re.sub(r"_\d+$", "", part) for part in layer.name.split(".")}:
            return True
        places = [(layer.source, layer.line), *((call.source, call.row) for call in layer.trace)]
        return any(self._in_lone_branch(source, row) for source, row in places)

    def _in_lone_branch(self, source: Source, row: int) -> bool:
        bodies = (self.file(source).body, *(s.body for s in self.file(source).body if isinstance(s, tree.Block)))
        spans = (_extent(branch) for body in bodies for branch in lone_branches(body))
        return any(source.row(span.start) <= row <= source.row(span.end) for span in spans)


def _extent(branch: tree.Branch) -> Span:
    return Span(branch.span.start, max(node.span.end for node in nodes(branch) if hasattr(node, "span")))
