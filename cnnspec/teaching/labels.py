"""What a blank asks, in words."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from cnnspec.language import say
from cnnspec.syntax import tree
from cnnspec.teaching.model import FIGURE, LAYERS, PARAMS, SIZE, VALUE, Blank

if TYPE_CHECKING:
    from cnnspec.teaching.exercise import Exercise

LONGEST = 60


def allowed_layers(kinds: Sequence[str]) -> str:
    """The sentence that tells a student which layers count.

    >>> allowed_layers(["conv", "relu"])
    'Only these layers may be used: `conv`, `relu`.'
    """
    return say("Only these layers may be used: {kinds}.", kinds=", ".join(f"`{kind}`" for kind in kinds))


def label_of(exercise: Exercise, blank: Blank) -> str:
    """`conv 32, f=3`: height – what is asked, with the line it is asked of."""
    from cnnspec.teaching.truth import places_of

    place = places_of(exercise)[blank.span]
    if place.family == FIGURE:
        return figure_name(place.part)
    if place.family == LAYERS:
        return say("layers in place of `?`")
    if place.family == VALUE:
        return _of_value(blank)
    line = line_of(exercise, place.statement)
    if place.family == PARAMS:
        return say("`{line}`: number of parameters", line=line)
    if place.family == SIZE:
        return say("`{line}`: {part}", line=line, part=part_name(place.part))
    return say("`{line}`: {part}", line=line, part=argument_name(place.part)) if place.part else f"`{line}`"


def figure_name(figure: str) -> str:
    """What an `expect` line asks for, in words where there are some."""
    names = {
        "params": say("total number of parameters"),
        "trainable": say("number of trained parameters"),
        "macs": say("number of multiply-adds"),
    }
    return names.get(figure) or say("`expect`: {figure}", figure=f"`{figure}`")


def argument_name(argument: str) -> str:
    """The argument as written, or in words where its name is not written in the file.

    >>> argument_name("filters"), argument_name("f")
    ('number of filters', '`f`')
    """
    names = {"filters": say("number of filters"), "units": say("number of units")}
    return names.get(argument) or f"`{argument}`"


def _of_value(blank: Blank) -> str:
    if blank.part:
        return say("`{example}`: value {place}", example=blank.key.partition(".")[0], place=blank.part)
    return say("`{example}`: the value", example=blank.key)


def line_of(exercise: Exercise, statement: tree.Statement) -> str:
    """The statement as written, without what is expected of it; cut where it is long."""
    if isinstance(statement, tree.Flow):
        annotation = statement.annotation
        end = annotation.span.start if annotation is not None else statement.span.end
    else:
        end = statement.span.end
    text = " ".join(exercise.source.text[statement.span.start : end].split())
    return text if len(text) <= LONGEST else f"{text[: LONGEST - 1]}…"


def joined(family: str, text: str) -> str:
    """An answer of several lines for where one line is wanted: layers stay apart by the sign that chains them.

    >>> joined("layers", "maxpool 2\\nflatten")
    'maxpool 2 | flatten'
    >>> joined("layers", "residual {\\n  conv 4, f=1\\n}\\nflatten")
    'residual { conv 4, f=1 } | flatten'
    """
    if family != LAYERS:
        return text
    chained = " | ".join(line.strip() for line in text.splitlines() if line.strip())
    return chained.replace("{ | ", "{ ").replace(" | }", " }")


def part_name(part: str) -> str:
    """The part of a size, in the reader's language."""
    names = {
        "size": say("size"),
        "height": say("height"),
        "width": say("width"),
        "channels": say("channels"),
        "length": say("length"),
        "frames": say("frames"),
        "features": say("features"),
    }
    return names.get(part, part)
