"""Syntax tree to Network: expansion of blocks and loops, sizes, counts, checks, in one walk."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from typing import Any

from cnnspec.diagnostics import ERROR, Diagnostic, Mistake
from cnnspec.elaborate.program import SYNTAX_OR_CHECK, Program
from cnnspec.elaborate.uses import Uses
from cnnspec.network import Network
from cnnspec.source import Source, Span
from cnnspec.syntax import tree


def elaborate(
    source: Source,
    file: tree.File,
    *,
    settings: Mapping[str, Any] | None = None,
    root: str | None = None,
    syntax_errors: bool = False,
    make: Callable[..., Network] = Network,
) -> tuple[Network | None, list[Diagnostic]]:
    """The checked network of a file and everything that is wrong with it.

    `settings` are the values of model parameters, `root` the folder that `use` may read in (by default the file's own).
    The network is None where the file has errors that leave none, or holds blocks and lets only.
    """
    folder = root if root is not None else os.path.dirname(os.path.abspath(source.filename))
    program = Program(source, file, Uses(folder), settings or {})
    program.walk()
    sound = not syntax_errors and all(d.severity != ERROR or d.code in SYNTAX_OR_CHECK for d in program.diagnostics)
    network = program.network(make, count_blanks(source, file)) if sound else None
    if network is not None:
        program.check_expectations(network)
    elif sound and needs_input(file):
        empty = Mistake(
            "E401",
            "the file has no `input`" if file.body else "the file is empty",
            help="begin with the size of the input, for example `input 28x28x1`",
        )
        program.report(empty, Span(0, 0))
    return network, program.diagnostics


def needs_input(file: tree.File) -> bool:
    """A file of blocks and lets only is no network, and none is missed."""
    return not file.body or any(not isinstance(s, (tree.Block, tree.Let, tree.Use)) for s in file.body)


def count_blanks(source: Source, file: tree.File) -> int:
    """How many blanks are to be filled: each written `?` once, `?1` once however often it is written."""
    if "?" not in source.text:
        return 0
    blanks: set[Any] = set()
    stack: list[Any] = [file]
    while stack:
        node = stack.pop()
        if isinstance(node, tree.Blank):
            blanks.add(node.number if node.number is not None else node.span)
        elif isinstance(node, tuple) and not isinstance(node, Span):
            stack.extend(node)
    return len(blanks)
