"""W104: a block with the name of a layer kind."""

from __future__ import annotations

from collections.abc import Iterator

from cnnspec import layers
from cnnspec.diagnostics import Diagnostic
from cnnspec.language import say
from cnnspec.source import Source
from cnnspec.syntax import tree

CODE = "W104"
DEFAULT = True
ON_GRAPHS = False
ON_BROKEN = True


def check_tree(file: tree.File, source: Source) -> Iterator[Diagnostic]:
    """Blocks that take the name of a kind: a reader takes the call for the layer."""
    for statement in file.body:
        if isinstance(statement, tree.Block) and statement.name in layers.names():
            message = say("the block `{name}` hides the layer kind `{name}`", name=statement.name)
            yield Diagnostic(CODE, message, source, statement.name_span, help=say("choose another name"))
