"""Runs every rule: modules of `cnnspec.lint.rules` with `check_network(net)` or `check_tree(file, source)`.

`check_network` sees a network without errors, `check_tree` the syntax tree of every file. Rules yield Diagnostics; what
a loop or a second call meets again is reported once, and what a comment in the same line allows, never.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from cnnspec.diagnostics import Diagnostic
from cnnspec.lint._noqa import is_allowed
from cnnspec.lint._names import has_flow
from cnnspec.lint.rules import (
    channels_missing,
    dropped_columns,
    hidden_figure,
    hidden_kind,
    linear_after_linear,
    padding_beyond_half,
    softmax_before_the_end,
    unused_block,
    unused_name,
)
from cnnspec.network import Network
from cnnspec.source import Source
from cnnspec.syntax import tree

UNUSED_RULES = (unused_name, unused_block)
TREE_RULES = (*UNUSED_RULES, hidden_figure, hidden_kind)
NETWORK_RULES = (
    linear_after_linear,
    softmax_before_the_end,
    dropped_columns,
    padding_beyond_half,
    channels_missing,
)


def lint(net: Network | None, file: tree.File | None, source: Source) -> list[Diagnostic]:
    """All findings, in the order of the file; each place once, and none that its line allows."""
    found = (d for d in _each_once(_findings(net, file, source)) if not is_allowed(d))
    return sorted(found, key=lambda d: (d.source is not source, d.filename, d.span))


def _findings(net: Network | None, file: tree.File | None, source: Source) -> Iterator[Diagnostic]:
    if file is not None:
        sound = net is not None or not has_flow(file)  # else the line that uses a name may be one that is broken
        for rule in TREE_RULES:
            if sound or rule not in UNUSED_RULES:
                yield from rule.check_tree(file, source)
    if net is not None:
        for check in NETWORK_RULES:
            yield from check.check_network(net)


def _each_once(findings: Iterable[Diagnostic]) -> Iterator[Diagnostic]:
    seen = set()
    for d in findings:
        key = (d.code, d.filename, d.span)
        if key not in seen:
            seen.add(key)
            yield d
