"""Options about weights, where they come from, and progress: what `compile`, `weights`, `run` and `test` share."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from cnnspec.cli._common import UsageError, whole
from cnnspec.language import say
from cnnspec.network import Network

if TYPE_CHECKING:
    from cnnspec.weights.sources import Source

INITS = ("auto", "he", "glorot", "zeros")
LONG_WORK = 50_000_000  # bytes from which on progress is shown


def add_weights(parser: argparse.ArgumentParser, *, initialiser: bool = True) -> None:
    """`--weights` and `--seed`; with `initialiser` also `--init` and `--zero`."""
    group = parser.add_argument_group("weights")
    group.add_argument("--weights", metavar="FILE", help="weights from a .safetensors or .npz file")
    group.add_argument("--seed", type=whole, metavar="N", help="seed of random weights (default: 0)")
    if initialiser:
        group.add_argument(
            "--init",
            choices=INITS,
            help="random weights: he, glorot, zeros, or auto: he for what feeds a relu or the like, else glorot",
        )
        group.add_argument("--zero", action="store_true", help="zeros in place of random weights: as --init zeros")


def source_of(net: Network, args: argparse.Namespace) -> Source:
    """The weights that the options ask for. Raises FileProblem, UsageError."""
    init = getattr(args, "init", None)
    zero = getattr(args, "zero", False)
    if args.weights:
        if init or zero or args.seed is not None:
            raise UsageError(say("--weights stands alone: --seed, --init and --zero are for networks without weights"))
        from cnnspec.weights.reading import open_weights

        source, notes = open_weights(net, args.weights)
        for note in notes:
            sys.stderr.write(f"{say('note:')} {say('{name}: {text}', name=args.weights, text=note)}\n")
        return source
    if zero and init not in {None, "zeros"}:
        raise UsageError(say("--zero and --init {init} exclude each other", init=init))
    from cnnspec.weights import sources

    return sources.source_of(net, seed=args.seed or 0, init="zeros" if zero else init or "auto")


def mention_random(net: Network, args: argparse.Namespace) -> None:
    """Says that what comes out means nothing, where weights were drawn at random."""
    if not args.weights and any(not isinstance(p.tensor.values, list) and p.trainable for p in net.parameters):
        sys.stderr.write(
            say(
                "note: no --weights given: random ones (seed {seed}), so the results mean nothing yet",
                seed=args.seed or 0,
            )
            + "\n"
        )


@contextmanager
def progress(total: int, what: str) -> Iterator[Callable[[int], object]]:
    """Shows on a terminal's standard error how much of so many bytes is done, where it takes a while."""
    if total < LONG_WORK or not sys.stderr.isatty():
        from cnnspec.weights.writing import unseen

        yield unseen
        return
    from tqdm import tqdm

    with tqdm(total=total, desc=what, unit="B", unit_scale=True, leave=False, file=sys.stderr) as bar:
        yield bar.update
