"""W110: the end of a stage or of a block does not say which size it expects."""

from __future__ import annotations

from collections.abc import Iterator

from cnnspec.diagnostics import Diagnostic
from cnnspec.language import say
from cnnspec.network import Layer, Network, Value
from cnnspec.source import Source, Span
from cnnspec.syntax import tree
from cnnspec.values import Size, is_open, known, show

CODE = "W110"
DEFAULT = False
ON_GRAPHS = False


def check_network(net: Network) -> Iterator[Diagnostic]:
    """Statements of the file that change the size, and the last ones of blocks that yield one size at every call.

    Variants have sizes of their own, which no single annotation states.
    """
    if net.trial is None or net.variants:
        return
    ends = _ends(net.source)
    seen: dict[Span, list[Size]] = {}
    changed: set[Span] = set()

    def see(node: tree.Flow, source: Source, arriving: Value | None, result: Value | None, _: list[Layer]) -> None:
        if source is net.source and node.span in ends and result is not None:
            seen.setdefault(node.span, []).append(result.size)
            if arriving is None or arriving.size != result.size:
                changed.add(node.span)

    net.trial.statements(see)
    for span, sizes in seen.items():
        if span in changed and len(set(map(show, sizes))) == 1 and not is_open(sizes[0]) and known(sizes[0]):
            yield from [_finding(net, ends[span], sizes[0])] * len(sizes)


def _ends(source: Source) -> dict[Span, tree.Flow]:
    """The statements of the top level, and the last of each block, that have no annotation."""
    from cnnspec.syntax.parser import parse

    body = parse(source)[0].body
    flows = [statement for statement in body if isinstance(statement, tree.Flow)]
    last = [block.body[-1] for block in body if isinstance(block, tree.Block) and block.body]
    flows += [statement for statement in last if isinstance(statement, tree.Flow)]
    return {flow.span: flow for flow in flows if flow.annotation is None}


def _finding(net: Network, flow: tree.Flow, size: Size) -> Diagnostic:
    from cnnspec.lint._edits import fix
    from cnnspec.lint._statements import annotate

    last = flow.steps[-1]
    return Diagnostic(
        CODE,
        say("no annotation states the size {size}", size=show(size)),
        net.source,
        last.span,
        help=say("write `-> {size}` behind it", size=show(size)),
        fix=fix("safe", say("write `-> {size}`", size=show(size)), annotate(net.source, last.span.start, show(size))),
    )
