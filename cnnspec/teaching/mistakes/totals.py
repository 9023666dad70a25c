"""Wrong totals of a whole network."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from functools import partial
from typing import Any

from cnnspec.language import say
from cnnspec.network import Layer, Network
from cnnspec.teaching.mistakes import nothing, weights
from cnnspec.teaching.mistakes._registry import Candidate, Known

NAMES = ("forgot-layer", "forgot-non-trainable", "non-trainable-counted", "flops-for-macs", "macs-for-params",
         "params-for-macs")  # fmt: skip


def wrong_totals(figure: str, network: Network) -> Iterator[Candidate]:
    """Wrong values of `params`, `trainable`, `non_trainable` or `macs` of a network."""
    if figure in ("params", "trainable", "non_trainable"):
        yield from _other_figures(figure, network)
    if figure in ("params", "trainable", "macs"):
        yield from _without_one(figure, network.layers)
        yield from counted_once(network.layers, figure)
    if figure in ("params", "trainable"):
        yield from _everywhere(network.layers)
    if figure == "macs":
        yield Candidate(2 * network.macs, "flops-for-macs", lambda: say("a multiply-and-add counts as one, not two"))
        yield Candidate(network.params, "params-for-macs", lambda: say("a weight works at every place: count them all"))
    elif figure == "params":
        yield Candidate(network.macs, "macs-for-params", lambda: say("a weight counts once, however often it is used"))


def _other_figures(figure: str, network: Network) -> Iterator[Candidate]:
    if figure == "params":
        yield Candidate(
            network.trainable,
            "forgot-non-trainable",
            lambda: say("those that are not trained count too: mean and variance of batch normalisation"),
        )
    else:
        yield Candidate(
            network.params, "non-trainable-counted", lambda: say("only part of the parameters is asked for here")
        )


def _without_one(figure: str, layers: Sequence[Layer]) -> Iterator[Candidate]:
    whole: Any = sum(getattr(layer, figure) for layer in layers)
    for layer in reversed(layers):
        if getattr(layer, figure) not in (0, whole):
            yield Candidate(whole - getattr(layer, figure), "forgot-layer", missing(layer))


def missing(layer: Layer) -> Callable[[], str]:
    """Says which layer a sum leaves out."""
    return lambda: say("a layer is missing from the sum: `{layer}`", layer=layer.name)


def _everywhere(layers: Sequence[Layer]) -> Iterator[Candidate]:
    """The same mistake at every layer where it can be made; then at every layer of one kind."""
    kinds = [*dict.fromkeys(layer.kind for layer in layers if layer.params)]
    for known in (*weights.COUNTS, *nothing.COUNTS):
        for some in ((), *(((kind,) for kind in kinds) if len(kinds) > 1 else ())):
            total: Any = 0
            found: Layer | None = None
            for layer in layers:
                wrong = _wrong(known, layer) if not some or layer.kind in some else None
                found = found if wrong is None else layer
                total += layer.params if wrong is None else wrong
            if found is not None:
                yield Candidate(total, known.name, partial(known.tell, found.operation))


def _wrong(known: Known, layer: Layer) -> Any:
    return None if layer.shares or layer.args is None or not layer.params else known.rule(layer.operation)


def counted_once(layers: Sequence[Layer], figure: str) -> Iterator[Candidate]:
    """Sums in which a line that is run several times counts once: its first round, or its last."""
    counts: dict[Any, list[Any]] = {}
    for layer in layers:
        value = getattr(layer, figure)
        if value:
            counts.setdefault((layer.span, layer.trace), []).append(value)
    whole: Any = sum(getattr(layer, figure) for layer in layers)
    for which in (0, -1):
        off: Any = sum(sum(one) - one[which] for one in counts.values())
        if off:
            yield Candidate(
                whole - off,
                "repeat-counted-once",
                lambda: say("each round has weights of its own: all of them count"),
            )
