"""W502: one dense layer behind a flatten holds nearly all parameters of the network."""

from __future__ import annotations

from collections.abc import Iterator

from cnnspec.diagnostics import Diagnostic, Label
from cnnspec.language import say
from cnnspec.lint._flow import ELEMENTWISE, NO_OPS, SHAPES, is_raw, layers_of, operand, pixels
from cnnspec.lint._graph import finding
from cnnspec.network import Layer, Network
from cnnspec.values import show, show_count

CODE = "W502"
DEFAULT = True
ON_GRAPHS = True

SHARE = 0.9
FEWEST = 1_000_000  # parameters, 4 MB: below, nobody minds
THROUGH = (*ELEMENTWISE, *NO_OPS, "batchnorm", "layernorm")


def check_network(net: Network) -> Iterator[Diagnostic]:
    """Dense layers on a flattened stack of maps, which global pooling would make a vector of one value a map."""
    for layer in layers_of(net, "dense"):
        held = layer.trainable
        if isinstance(held, int) and held >= FEWEST:
            flattened = _flattened(layer)
            whole = net.params if flattened is not None else None
            if flattened is not None and isinstance(whole, int) and held > SHARE * whole:
                yield _finding(layer, flattened, held, whole)


def _flattened(layer: Layer) -> Layer | None:
    """The flatten of a stack of maps from which the inputs come, where the maps are not the image itself."""
    found = operand(layer, THROUGH)
    if found is None or found.kind not in SHAPES or len(found.operation.input) == 1 or is_raw(found):
        return None
    count = pixels(found.operation.input)
    return found if count is not None and count > 1 else None


def _finding(layer: Layer, flattened: Layer, held: int, whole: int) -> Diagnostic:
    maps = flattened.operation.input
    inputs = layer.operation.input[0]
    return finding(
        CODE,
        say("this layer holds {held} % of all parameters", held=100 * held // whole),
        layer,
        labels=(
            Label(
                flattened.source,
                flattened.span,
                say("makes {inputs} inputs of {maps}", inputs=show_count(inputs), maps=show(maps)),
            ),
        ),
        notes=(say("{held} of {whole}", held=show_count(held), whole=show_count(whole)),),
        help=say(
            "use `global_avgpool` for `{kind}`: {maps} inputs instead of {inputs}",
            kind=flattened.kind,
            maps=show(maps[-1]),
            inputs=show_count(inputs),
        ),
    )
