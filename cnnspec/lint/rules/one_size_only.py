"""W309: a fixed size in the middle of a network whose input is open."""

from __future__ import annotations

from collections.abc import Iterator

from cnnspec.diagnostics import Diagnostic
from cnnspec.language import listing, say
from cnnspec.lint._graph import argument_span, computed_layers, finding
from cnnspec.network import Layer, Network
from cnnspec.values import Symbolic, show

CODE = "W309"
DEFAULT = True
ON_GRAPHS = False


def check_network(net: Network) -> Iterator[Diagnostic]:
    """An image that grows with the input is enlarged to a size that does not."""
    if not net.letters:
        return
    for layer in computed_layers(net):
        if layer.kind == "upsample" and _grows(layer.operation.input) and _stands(layer.output_size):
            yield _finding(layer, net)


def _grows(size: tuple[object, ...]) -> bool:
    return any(isinstance(n, Symbolic) for n in size[:-1])


def _stands(size: tuple[object, ...]) -> bool:
    return all(isinstance(n, int) for n in size[:-1])


def _finding(layer: Layer, net: Network) -> Diagnostic:
    letters = listing([f"`{letter}`" for letter in net.letters])
    size = show(layer.output_size[:-1])
    arriving = show(layer.operation.input)
    return finding(
        CODE,
        say("the output is {size} whatever {letters} is", size=size, letters=letters)
        if len(net.letters) == 1
        else say("the output is {size} whatever {letters} are", size=size, letters=letters),
        layer,
        span=argument_span(layer, "size"),
        notes=(
            say(
                "{arriving} becomes {output_size}: right for one size of the input only",
                arriving=arriving,
                output_size=show(layer.output_size),
            ),
        ),
        help=say("use a factor, or `like=NAME` with the value whose size is meant"),
    )
