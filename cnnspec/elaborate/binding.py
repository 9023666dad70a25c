"""Arguments as written to parameters: for layer kinds and blocks alike."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

from cnnspec import layers
from cnnspec.diagnostics import Mistake, Repair
from cnnspec.language import plural, say
from cnnspec.layers._kind import REQUIRED, Kind
from cnnspec.record import Record
from cnnspec.source import Span
from cnnspec.suggest import closest
from cnnspec.syntax import tree

# what people know from elsewhere, and the name here
FOREIGN_NAMES = {
    "kernel_size": "f",
    "kernel_shape": "f",
    "pool_size": "f",
    "size": "f",
    "strides": "s",
    "pads": "p",
    "dilations": "d",
    "dilation_rate": "d",
    "out_channels": "filters",
    "num_filters": "filters",
    "group": "groups",
    "use_bias": "bias",
    "out_features": "units",
    "epsilon": "eps",
    "negative_slope": "alpha",
    "slope": "alpha",
    "output_padding": "output_pad",
    "ceil_mode": "ceil",
    "count_include_pad": "count_pad",
    "scale_factor": "factor",
    "num_groups": "groups",
    "num_embeddings": "vocabulary",
    "embedding_dim": "width",
    "depth_multiplier": "multiplier",
    "taille": "f",
    "fenetre": "f",
    "noyau": "f",
    "pas": "s",
    "remplissage": "p",
    "filtres": "filters",
    "canaux": "filters",
    "neurones": "units",
    "biais": "bias",
    "groupes": "groups",
    "facteur": "factor",
}


class Slot(Record):
    """A parameter that an argument can go to."""

    name: str
    long: str = ""
    required: bool = False
    keyword_only: bool = False


def slots_of(kind: Kind) -> tuple[Slot, ...]:
    return tuple(
        Slot(a.name, a.long, a.default is REQUIRED and not a.default_from, a.keyword_only) for a in kind.arguments
    )


def slots_of_block(block: tree.Block) -> tuple[Slot, ...]:
    return tuple(Slot(p.name, required=p.default is None) for p in block.parameters)


def bind(
    callee: str,
    slots: Sequence[Slot],
    arguments: Sequence[tree.Argument],
    usage: Callable[[], str],
    report: Callable[[Mistake, tree.Argument], None],
) -> Iterator[tuple[str, tree.Argument]]:
    """Pairs each argument with the short name of its parameter; reports the ones that fit nowhere."""
    positional = [slot for slot in slots if not slot.keyword_only]
    taken: set[str] = set()
    named = False
    for index, argument in enumerate(arguments):
        if argument.name is None and named:
            report(_after_named(arguments[index - 1], argument), argument)
            return
        named = argument.name is not None
        if argument.name is None:
            slot = positional[index] if index < len(positional) else None
            mistake = None if slot else _too_many(callee, len(positional), arguments, usage)
        else:
            slot = _named(slots, argument.name)
            mistake = None if slot else _unknown(callee, slots, argument.name, usage)
        if slot is None:
            assert mistake is not None
            report(mistake, argument)
            if argument.name is None:
                return
        elif slot.name in taken:
            report(Mistake("E205", "`{name}` is given twice", help="keep one of the two", name=slot.name), argument)
        else:
            taken.add(slot.name)
            yield slot.name, argument


def _named(slots: Sequence[Slot], name: str) -> Slot | None:
    for slot in slots:
        if name in (slot.name, slot.long):
            return slot
    if name == "padding":
        return _named(slots, "p")
    return None


def _unknown(callee: str, slots: Sequence[Slot], name: str, usage: Callable[[], str]) -> Mistake:
    foreign = FOREIGN_NAMES.get(name, "")
    repair = None
    if name == "activation":
        remedy = say("write the activation as a step of its own, for example `| relu`")
    elif foreign and _named(slots, foreign):
        remedy, repair = say("write `{right}=`", right=foreign), Repair(foreign)
    else:
        near = closest(name, [n for slot in slots for n in (slot.name, slot.long) if n])
        remedy, repair = (say("did you mean `{word}`?", word=near), Repair(near, "unsafe")) if near else ("", None)
    if not slots:
        shown = say("leave it out")
    elif remedy:
        shown = say("{remedy}; its arguments are `{usage}`", remedy=remedy, usage=usage())
    else:
        shown = say("write `{right}`", right=usage())
    return Mistake(
        "E202",
        "`{callee}` has no argument `{name}`",
        help="{remedy}",
        repair=repair,
        remedy=shown,
        callee=callee,
        name=name,
    )


def _after_named(before: tree.Argument, argument: tree.Argument) -> Mistake:
    remedy, repair = say("put it before those with names, or give it its name"), None
    whole, decimals = before.value, argument.value
    if isinstance(whole, tree.Number) and isinstance(decimals, tree.Number) and whole.text == "0":
        right = f"{whole.text}.{decimals.text}"
        remedy = say(
            "write decimals with a point: `{name}={right}`; or give it its name", name=before.name, right=right
        )
        repair = Repair(right, "unsafe", Span(whole.span.start, decimals.span.end))
    return Mistake(
        "E204",
        "an argument without a name stands after one with a name",
        help="{remedy}",
        repair=repair,
        remedy=remedy,
    )


def _too_many(callee: str, most: int, arguments: Sequence[tree.Argument], usage: Callable[[], str]) -> Mistake:
    given = sum(argument.name is None for argument in arguments)
    values = [a.value for a in arguments if a.name is None]
    remedy = say("write `{right}`", right=usage()) if most else say("write `{callee}` alone", callee=callee)
    repair = None
    if len(values) == most + 1 and most:
        whole, decimals = values[-2:]
        if isinstance(whole, tree.Number) and isinstance(decimals, tree.Number) and whole.text == "0":
            right = f"{whole.text}.{decimals.text}"
            remedy = say("write decimals with a point: `{right}`", right=right)
            repair = Repair(right, "safe", Span(whole.span.start, decimals.span.end))
    extra = values[most] if len(values) > most else None
    if isinstance(extra, tree.Name) and layers.find(extra.name):
        remedy = say("write `| {kind}` for the next layer", kind=extra.name)
    return Mistake(
        "E204",
        "{takes}, here are {given}",
        help="{remedy}",
        repair=repair,
        remedy=remedy,
        takes=_takes(callee, most),
        given=given,
    )


def _takes(callee: str, most: int) -> str:
    if not most:
        return say("`{callee}` takes no arguments", callee=callee)
    return plural(
        "`{callee}` takes {n} argument without a name",
        "`{callee}` takes {n} arguments without names",
        most,
        callee=callee,
    )
