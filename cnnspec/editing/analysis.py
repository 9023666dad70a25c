"""All that is known of one text: tree, diagnostics, network, and what each of its lines does."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from functools import cached_property
from typing import TYPE_CHECKING

from cnnspec.api import Network, with_findings
from cnnspec.diagnostics import ERROR, Diagnostic
from cnnspec.editing.tokens import Tokens
from cnnspec.editing.watching import Seen, Watching
from cnnspec.elaborate.scopes import FileScope
from cnnspec.network import Network as Graph
from cnnspec.source import Source, Span
from cnnspec.syntax import tree
from cnnspec.syntax.parser import parse

if TYPE_CHECKING:
    from cnnspec.editing.hints import Hint
    from cnnspec.editing.names import Names


class Analysis:
    """A text and what follows from it. `seen` says what each line does; `good` is the last analysis without errors."""

    def __init__(
        self,
        source: Source,
        file: tree.File,
        diagnostics: list[Diagnostic],
        network: Graph | None,
        seen: Seen,
        scope: FileScope,
        used: tuple[str, ...],
        *,
        partial: bool = False,
    ) -> None:
        self.source = source
        self.file = file
        self.diagnostics = diagnostics
        self.network = network
        self.seen = seen
        self.scope = scope
        self.used = used
        self.partial = partial  # the variants of the file have not been looked at
        self.good: Analysis | None = None

    @property
    def text(self) -> str:
        return self.source.text

    @cached_property
    def tokens(self) -> Tokens:
        return Tokens(self.text)

    @cached_property
    def names(self) -> Names:
        from cnnspec.editing.names import Names

        return Names(self)

    @cached_property
    def hints(self) -> dict[int, Hint]:
        """The hints by their places, for the texts that come after this one."""
        from cnnspec.editing.hints import hints

        return {hint.offset: hint for hint in hints(self)}

    @cached_property
    def errors(self) -> list[Diagnostic]:
        """The errors in this text, without those of used files."""
        return [d for d in self.diagnostics if d.severity == ERROR and d.source is self.source]

    @property
    def half_typed(self) -> bool:
        """Whether something is written wrongly, so that the sizes after it are not known."""
        return any(d.code[:2] in ("E1", "E2") for d in self.errors)

    @property
    def broken(self) -> bool:
        """Whether the syntax is wrong somewhere."""
        return any(d.code.startswith("E1") for d in self.errors)

    @cached_property
    def exercise(self) -> bool:
        """Whether the text holds blanks: nobody should be told what is to be filled in."""
        return any(token.kind == "BLANK" or (token.kind == "SIZE" and "?" in token.text) for token in self.tokens.all)

    def before(self, span: Span) -> Span | None:
        """Where a stretch of this text stood in the last good one; None where it has changed."""
        if self.good is None:
            return None
        old, new = self.good.text, self.text
        start, end = self._changed
        if span.end <= start:
            return span
        if span.start >= end:
            shift = len(old) - len(new)
            return Span(span.start + shift, span.end + shift)
        return None

    @cached_property
    def _changed(self) -> Span:
        """The stretch of this text that differs from the last good one."""
        assert self.good is not None
        old, new = self.good.text, self.text
        start = _alike(old, new)
        most = min(len(old), len(new)) - start
        end = min(most, _alike(old[::-1], new[::-1]))
        return Span(start, len(new) - end)


def _alike(a: str, b: str) -> int:
    """How many characters two texts have in common at their begin."""
    if a.startswith(b) or b.startswith(a):
        return min(len(a), len(b))
    low, high = 0, min(len(a), len(b))
    while high - low > 1:
        middle = (low + high) // 2
        if a.startswith(b[:middle]):
            low = middle
        else:
            high = middle
    return low


def analyse(
    source: Source,
    texts: Mapping[str, str] | None = None,
    root: str | None = None,
    codes: Collection[str] | None = None,
    *,
    variants: bool = True,
) -> Analysis:
    """Everything about a source. Never raises on a bad text.

    `texts` are newer texts of other files, by real path; `codes` the findings to look for. Without `variants` only the
    file as it stands is looked at, which in a file of many is quicker by far.
    """
    file, errors = parse(source)
    watching = Watching(source, file, root=root, syntax_errors=bool(errors), make=Network)
    watching.watch(texts or {}, None)
    network, found = watching.one()
    several = any(isinstance(statement, tree.Variant) for statement in file.body)
    partial = several and not variants
    diagnostics = with_findings(watching, network, [*errors, *found], codes, alone=partial)
    diagnostics.sort(key=lambda d: (d.source is not source, d.filename, d.span))
    program = watching.program
    assert program is not None
    scope, used = program.top.scope, watching.uses.paths
    return Analysis(source, file, diagnostics, network, watching.seen, scope, used, partial=partial)
