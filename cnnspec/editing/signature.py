"""The arguments of the layer or block that is being typed."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from cnnspec.editing.completion import _callee, analysis_text
from cnnspec.editing.context import Context, context_at
from cnnspec.editing.hover import comment_above
from cnnspec.language import say

if TYPE_CHECKING:
    from cnnspec.editing.analysis import Analysis


class Parameter(NamedTuple):
    """A parameter: where it stands in the label, and what it means."""

    start: int
    end: int
    text: str


class Signature(NamedTuple):
    """`conv filters, f, s=1`; `active` is the index of the parameter under way, None where it is none of them."""

    label: str
    text: str
    parameters: list[Parameter]
    active: int | None


def signature(analysis: Analysis, offset: int) -> Signature | None:
    """The signature of the call around the place, if there is one."""
    place = context_at(analysis, offset) or _in_number(analysis, offset)
    if place is None or not place.callee:
        return None
    kind, block = _callee(analysis, place)
    if kind is not None:
        from cnnspec.report.reference import doc, prose

        names = [(a.name, a.long, say("{name}: {text}", name=doc(a), text=a.type.describe())) for a in kind.arguments]
        written = _usage(kind.usage(), [name for name, _, _ in names], kind.name)
        text = prose(kind)[0] if kind.__doc__ else ""
    elif block is not None:
        names = [(p.name, "", analysis_text(block, p.span)) for p in block.node.parameters]
        written = [analysis_text(block, p.span) for p in block.node.parameters]
        text = comment_above(block.source, block.node.span.start)
    else:
        return None
    label, parameters = place.callee, []
    for i, (part, (_, _, meaning)) in enumerate(zip(written, names, strict=True)):
        label += ", " if i else " "
        parameters.append(Parameter(len(label), len(label) + len(part), meaning))
        label += part
    return Signature(label, text, parameters, _active(place, names))


def _usage(usage: str, names: list[str], kind: str) -> list[str]:
    """How each argument is shown: `filters`, `s=1`; those that the usage leaves out with their names."""
    shown = {part.partition("=")[0]: part for part in usage.removeprefix(kind).strip().split(", ")}
    return [shown.get(name, f"{name}=true") for name in names]


def _active(place: Context, names: list[tuple[str, str, str]]) -> int | None:
    if place.argument:
        wanted = "p" if place.argument == "padding" else place.argument
        return next((i for i, (name, long, _) in enumerate(names) if wanted in (name, long)), None)
    return place.position if place.position < len(names) else None


def _in_number(analysis: Analysis, offset: int) -> Context | None:
    """In a number nothing is proposed, but it is an argument all the same."""
    token = analysis.tokens.at(offset)
    if token is None or token.kind not in ("NUMBER", "SIZE", "ODD_NUMBER"):
        return None
    return context_at(analysis, token.start) if token.start < offset else None
