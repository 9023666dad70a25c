"""Syntax tree to Network: expansion of blocks and loops, sizes, counts, checks, in one walk."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Mapping
from functools import partial
from typing import Any

from cnnspec.diagnostics import ERROR, Diagnostic, Mistake
from cnnspec.elaborate.program import SYNTAX_OR_CHECK, Program, parted
from cnnspec.elaborate.tours import broken_words
from cnnspec.elaborate.trials import Walks, check_some_size_fits
from cnnspec.elaborate.uses import Uses
from cnnspec.language import say
from cnnspec.network import Network
from cnnspec.source import Source, Span
from cnnspec.syntax import tree


def elaborate(
    source: Source,
    file: tree.File,
    *,
    settings: Mapping[str, Any] | None = None,
    variant: str | None = None,
    root: str | None = None,
    syntax_errors: bool = False,
    make: Callable[..., Network] = Network,
) -> tuple[Network | None, list[Diagnostic]]:
    """The checked network of a file and everything that is wrong with it.

    `settings` are the values of model parameters, `variant` is the name of one of the file's variants, `root` the
    folder that `use` may read in (by default the file's own). The network is None where the file has errors that leave
    none, or holds blocks and lets only.
    """
    elaboration = Elaboration(source, file, settings=settings, root=root, syntax_errors=syntax_errors, make=make)
    return elaboration.one(variant)


class Elaboration:
    """The networks of one file, as it is or as one of its variants; what it uses is read once."""

    def __init__(
        self,
        source: Source,
        file: tree.File,
        *,
        settings: Mapping[str, Any] | None = None,
        root: str | None = None,
        syntax_errors: bool = False,
        make: Callable[..., Network] = Network,
        read: Callable[[str], Source] | None = None,
    ) -> None:
        self.source = source
        self.file = file
        self.settings = settings or {}
        self.uses = Uses(root if root is not None else os.path.dirname(os.path.abspath(source.filename)), read)
        self.parts = parted(file)
        self.syntax_errors = syntax_errors
        self.make = make
        self._collected = False  # whether a run has seen all that the file uses

    def one(self, name: str | None = None) -> tuple[Network | None, list[Diagnostic]]:
        """The network of the file, or of one variant, and everything that is wrong with it."""
        if name is None:
            return self._network(self._program(None))
        if not isinstance(name, str):
            raise TypeError(say("a variant is named by a text, not {value}", value=repr(name)))
        from cnnspec.elaborate.variants import unknown_variant

        variants = self.parts.variants
        program = self._program(variants.get(name))
        if name not in variants:
            program.broken_words.update(broken_words(self.file.body))
            model = next((one for one in self.file.body if isinstance(one, tree.Model)), None)
            program.report(unknown_variant(name, list(variants)), model.name_span if model else Span(0, 0))
        return self._network(program)

    def variants(self) -> Iterator[tuple[str, Network | None, list[Diagnostic]]]:
        """The name of each variant, its network and what is wrong with it; for after `one`."""
        from cnnspec.elaborate.variants import Budget

        budget = Budget()
        for name, variant in self.parts.variants.items():
            if budget.left < 0 or not self._collected:
                return
            program = self._program(variant)
            program.again = True
            budget.lend(program)
            yield name, *self._network(program)
            budget.settle(program)

    def _program(self, variant: tree.Variant | None) -> Program:
        return Program(self.source, self.file, self.uses, self.settings, variant, self.parts)

    def _network(self, program: Program) -> tuple[Network | None, list[Diagnostic]]:
        program.walk()
        self._collected = self._collected or program.top.scope.complete
        found = program.diagnostics
        sound = not self.syntax_errors and all(d.severity != ERROR or d.code in SYNTAX_OR_CHECK for d in found)
        blanks = count_blanks(self.source, self.file, program.variant) if sound else 0
        network = program.network(self.make, blanks) if sound else None
        if network is not None:
            network.trial = Walks(partial(self._program, program.variant))
            program.check_expectations(network)
            check_some_size_fits(program, network)
        elif sound and needs_input(self.file):
            empty = Mistake(
                "E401",
                "the file has no `input`" if self.file.body else "the file is empty",
                help="begin with the size of the input, for example `input 28x28x1`",
            )
            program.report(empty, Span(0, 0))
        return network, found


def needs_input(file: tree.File) -> bool:
    """A file of blocks and lets only is no network, and none is missed."""
    return not file.body or any(not isinstance(s, (tree.Block, tree.Let, tree.Use)) for s in file.body)


def count_blanks(source: Source, file: tree.File, variant: tree.Variant | None = None) -> int:
    """How many blanks are to be filled: each written `?` once, `?1` once however often it is written.

    Of the variants, those of one are counted.
    """
    if "?" not in source.text:
        return 0
    blanks: set[Any] = set()
    stack: list[Any] = [one for one in file.body if not isinstance(one, tree.Variant) or one is variant]
    while stack:
        node = stack.pop()
        if isinstance(node, tree.Blank):
            blanks.add(node.number if node.number is not None else node.span)
        elif isinstance(node, tuple) and not isinstance(node, Span):
            stack.extend(node)
    return len(blanks)
