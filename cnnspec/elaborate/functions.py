"""What to say about the functions of expressions, where they are called in a way that gives nothing."""

from __future__ import annotations

from collections.abc import Iterable

from cnnspec.diagnostics import Mistake
from cnnspec.language import say
from cnnspec.suggest import did_you_mean
from cnnspec.syntax import tree


def how_to_call(function: str) -> str:
    """The remedy for arguments that a function does not take."""
    remedies = {
        "min": say("write `min(a, b)` with numbers"),
        "max": say("write `max(a, b)` with numbers"),
        "floor": say("write `floor(x)` with a number"),
        "ceil": say("write `ceil(x)` with a number"),
        "round": say("write `round(x)` with a number"),
        "sqrt": say("write `sqrt(x)` with a number of 0 or more"),
        "log": say("write `log(x)` with a number above 0 (the natural logarithm)"),
        "abs": say("write `abs(x)` with a number"),
        "len": say("write `len(xs)` with a list or a size"),
        "round_to": say("write `round_to(x, m)` with a number and a whole number m of 1 or more"),
    }
    return remedies[function]


def unknown_function(node: tree.Call, known: Iterable[str]) -> Mistake:
    """The mistake of a function that there is not."""
    listed = ", ".join(f"`{name}`" for name in known)
    remedy = did_you_mean(node.function, known) or say("use one of {functions}", functions=listed)
    if node.function == "range":
        remedy = say("write a range with its two ends, both included: `0..2`")
    return Mistake(
        "E211",
        "there is no function `{name}`",
        help="{remedy}",
        span=node.function_span,
        name=node.function,
        remedy=remedy,
    )
