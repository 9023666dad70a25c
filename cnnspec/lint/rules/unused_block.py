"""W102: a block that is never called."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from cnnspec.diagnostics import Diagnostic
from cnnspec.language import say
from cnnspec.lint._names import has_flow, mentioned
from cnnspec.source import Source
from cnnspec.syntax import tree

CODE = "W102"
DEFAULT = True
ON_GRAPHS = False


def check_tree(file: tree.File, source: Source) -> Iterator[Diagnostic]:
    """Blocks that neither the flow nor another block mentions; in a file of blocks only, others may call them."""
    if not has_flow(file):
        return
    blocks = [statement for statement in file.body if isinstance(statement, tree.Block)]
    rest = mentioned(tuple(statement for statement in file.body if not isinstance(statement, tree.Block)))
    words = [mentioned((block.parameters, block.body)) for block in blocks]
    times = Counter(word for of_block in words for word in of_block)
    for block, own in zip(blocks, words, strict=True):
        if block.name not in rest and times[block.name] == (block.name in own):
            yield _finding(block, source)


def _finding(block: tree.Block, source: Source) -> Diagnostic:
    from cnnspec.lint._edits import fix
    from cnnspec.lint._statements import remove_statement

    return Diagnostic(
        CODE,
        say("the block `{name}` is never called", name=block.name),
        source,
        block.name_span,
        help=say("call it or leave it out"),
        fix=fix("unsafe", say("take `{name}` out", name=block.name), remove_statement(source, block.span.start)),
    )
