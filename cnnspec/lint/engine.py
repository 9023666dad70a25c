"""Runs the rules: modules of `cnnspec.lint.rules` with `check_network(net)` or `check_tree(file, source)`.

`check_network` sees a network without errors, `check_tree` the syntax tree. Rules yield Diagnostics, one for each layer
that is concerned; what a loop, a second call or another variant meets again is reported once.

The module of a rule is named like its code's words. It has `CODE`, `DEFAULT` (whether it is on unless somebody says
otherwise), `ON_GRAPHS` (whether it makes sense for a graph without source text) and perhaps `ON_BROKEN` (a rule for
trees that does not mind errors elsewhere in the file) or `HELP_FOR_SOME` (the help where only some of the layers that
came from a text have the finding). It is imported when its code is selected.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from importlib import import_module
from types import ModuleType

from cnnspec import layers
from cnnspec.codes import CODES, OFF
from cnnspec.diagnostics import Diagnostic
from cnnspec.lint._agreement import Agreement
from cnnspec.lint._names import has_flow, nodes
from cnnspec.lint._noqa import UNUSED, Suppressions
from cnnspec.network import Network
from cnnspec.source import Source
from cnnspec.syntax import tree

RULES = {code: name.replace("-", "_") for code, name in CODES.items() if code.startswith("W")}
DEFAULT = frozenset(RULES) - OFF


def rule(code: str) -> ModuleType:
    """The module of a code."""
    return import_module(f"cnnspec.lint.rules.{RULES[code]}")


def lint(
    net: Network | None, file: tree.File | None, source: Source, codes: Collection[str] | None = None
) -> list[Diagnostic]:
    """All findings of one network and of its text, in the order of the file; each place once."""
    linter = Linter(source, codes)
    found = linter.look(net, file)
    found = linter.finish(found, whole=net is not None and not (net.variants or net.blanks))
    return sorted(found, key=lambda d: (d.source is not source, d.filename, d.span))


class Linter:
    """The findings of one file: of its tree, its network and those of its variants.

    `codes` are those to look for (None: the default ones). `graph` is for a network that was not read from a text.
    """

    def __init__(self, source: Source, codes: Collection[str] | None = None, *, graph: bool = False) -> None:
        self.source = source
        self.codes = DEFAULT if codes is None else frozenset(codes)
        self._allowing = "noqa" in source.text.lower()
        self.judged: set[str] = set()  # the codes that were looked for
        self._file: tree.File | None = None
        self._agreement = Agreement()
        self._suppressions: dict[str, Suppressions] = {}
        self._rows: set[int] = set()  # with layers that some network has
        modules = [rule(code) for code in RULES if code in self.codes and code != UNUSED]
        if graph:
            modules = [module for module in modules if module.ON_GRAPHS]
        self._tree_rules = [module for module in modules if hasattr(module, "check_tree")]
        self._network_rules = [module for module in modules if hasattr(module, "check_network")]

    def look(self, net: Network | None, file: tree.File | None = None) -> list[Diagnostic]:
        """The findings of a network, and of the file's tree where it is given; without those that a comment allows."""
        found: list[Diagnostic] = []
        if file is not None:
            self._file = file
            found += self._look_at_tree(file, sound=net is not None or not has_flow(file))
        if net is not None:
            found += self._look_at_network(net)
        return [d for d in _each_once(found) if not self._allows(d)]

    def finish(self, found: list[Diagnostic], *, whole: bool) -> list[Diagnostic]:
        """The findings and errors of all runs: fixes that do not hold everywhere are gone, idle comments are found.

        `whole` says whether nothing was left out: every variant has been looked at, and no blank hides anything.
        """
        for d in found:
            if d.code in self.judged and not self._agreement.everywhere(d):
                d.help = getattr(rule(d.code), "HELP_FOR_SOME", d.help)
            if d.fix is not None and not self._agreement.holds(d):
                d.fix = None
        if UNUSED in self.codes and self._allowing:
            found = [*found, *self._idle_comments(whole=whole)]
        return found

    def _look_at_tree(self, file: tree.File, *, sound: bool) -> Iterator[Diagnostic]:
        for module in self._tree_rules:
            if sound or getattr(module, "ON_BROKEN", False):  # the line that uses a name may be one that is broken
                self.judged.add(module.CODE)
                yield from module.check_tree(file, self.source)

    def _look_at_network(self, net: Network) -> list[Diagnostic]:
        found: list[Diagnostic] = []
        for module in self._network_rules:
            self.judged.add(module.CODE)
            found += module.check_network(net)
        self._agreement.note(net, found)
        if self._allowing:
            self._rows.update(layer.line for layer in net.layers if layer.source is self.source)
        return found

    def _allows(self, d: Diagnostic) -> bool:
        """Whether a comment in the finding's file allows it."""
        known = self._suppressions.get(d.filename)
        if known is None:
            known = self._suppressions[d.filename] = Suppressions(d.source)
        return known.allow(d)

    def _idle_comments(self, *, whole: bool) -> list[Diagnostic]:
        """Comments of this file that allow nothing; unless it is known as a whole, those only that cannot."""
        suppressions = self._suppressions.setdefault(self.source.filename, Suppressions(self.source))
        judged, unreached = (self.judged, self._unreached()) if whole else (None, ())
        idle = rule(UNUSED).check_suppressions(self.source, suppressions, judged, unreached)
        return [d for d in idle if not suppressions.allow(d)]

    def _unreached(self) -> set[int]:
        """The rows with layers that no network has: of blocks that nobody calls, of cases that do not hold."""
        if self._file is None:
            return set()
        kinds = layers.names()
        written = (node for node in nodes(self._file) if isinstance(node, tree.Layer) and node.kind in kinds)
        return {self.source.row(node.span.start) for node in written} - self._rows


def _each_once(findings: Iterable[Diagnostic]) -> Iterator[Diagnostic]:
    seen = set()
    for d in findings:
        key = (d.code, d.filename, d.span)
        if key not in seen:
            seen.add(key)
            yield d
