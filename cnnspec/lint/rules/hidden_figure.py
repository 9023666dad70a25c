"""W103: a name that hides a figure of the arriving value, such as `channels`."""

from __future__ import annotations

from collections.abc import Iterator

from cnnspec.diagnostics import Diagnostic
from cnnspec.language import say
from cnnspec.lint._names import variables
from cnnspec.source import Source
from cnnspec.syntax import tree

CODE = "W103"
DEFAULT = True
ON_GRAPHS = False
ON_BROKEN = True
FIGURES = ("channels", "height", "width", "frames", "length", "features")


def check_tree(file: tree.File, source: Source) -> Iterator[Diagnostic]:
    """Parameters, lets and loop variables with the name of a figure of the flow."""
    for name, span, what in variables(file):
        if name in FIGURES:
            yield Diagnostic(CODE, _message(what, name), source, span, help=say("choose another name"))


def _message(what: str, name: str) -> str:
    if what == "let":
        return say("the let `{name}` hides the figure `{name}` of the arriving value", name=name)
    if what == "loop variable":
        return say("the loop variable `{name}` hides the figure `{name}` of the arriving value", name=name)
    if what == "model parameter":
        return say("the model parameter `{name}` hides the figure `{name}` of the arriving value", name=name)
    return say("the parameter `{name}` hides the figure `{name}` of the arriving value", name=name)
