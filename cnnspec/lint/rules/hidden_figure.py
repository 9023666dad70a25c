"""W103: a name that hides a figure of the arriving value, such as `channels`."""

from __future__ import annotations

from collections.abc import Iterator

from cnnspec.diagnostics import Diagnostic
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
            message = f"the {what} `{name}` hides the figure `{name}` of the arriving value"
            yield Diagnostic(CODE, message, source, span, help="choose another name")
