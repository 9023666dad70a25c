"""The function that reads each operator."""

from __future__ import annotations

from collections.abc import Callable

from cnnspec.onnx.reading import activations, borders, dense, joins, norms, parts, reductions, shapes, windows
from cnnspec.onnx.reading.constants import fold
from cnnspec.onnx.reading.node import Node
from cnnspec.onnx.reading.patterns import recognise
from cnnspec.onnx.reading.walk import Walk

Handler = Callable[[Walk, Node], None]

OPERATORS: dict[str, Handler] = {
    **activations.OPERATORS,
    **borders.OPERATORS,
    **dense.OPERATORS,
    **joins.OPERATORS,
    **norms.OPERATORS,
    **parts.OPERATORS,
    **reductions.OPERATORS,
    **shapes.OPERATORS,
    **windows.OPERATORS,
}


def read_node(w: Walk, node: Node) -> None:
    """Gives every value of the node its place in the network."""
    if fold(w, node) or recognise(w, node):
        return
    handler = None if node.domain else OPERATORS.get(node.op)
    if handler is None or not node.output:
        open_all(w, node)
        return
    handler(w, node)
    for output in node.outputs:
        if output and output not in w.values:
            w.open(node, output=output)


def open_all(w: Walk, node: Node, *, doubtful: bool = False) -> None:
    """An operator of which no more than the sizes are known."""
    for output in node.outputs:
        if output:
            w.open(node, output=output, doubtful=doubtful)
