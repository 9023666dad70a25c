"""What cnnspec says about a file: code, place, arithmetic, remedy."""

from __future__ import annotations

from typing import Any

from cnnspec.language import say
from cnnspec.record import Record
from cnnspec.source import Source, Span, Trace

ERROR = "error"
WARNING = "warning"


class Label(Record):
    """A word about a second place: `maxpool 2` "gives 4x4x16"."""

    source: Source
    span: Span
    text: str


class Edit(Record):
    span: Span
    content: str


class Fix(Record):
    """A change of the text that removes the diagnostic. `safe` fixes keep the meaning."""

    applicability: str  # "safe" or "unsafe"
    message: str
    edits: tuple[Edit, ...]


class Repair(Record):
    """What to write in place of the marked text (or of another place) so that a mistake is gone."""

    content: str
    applicability: str = "safe"
    span: Span | None = None


class Mistake(Exception):  # noqa: N818  (it is the user's mistake, turned into a Diagnostic before anyone sees it)
    """A user's mistake, raised where it is noticed; whoever knows the place makes a Diagnostic of it.

    `message`, `notes` and `help` are templates over `values`, so that they can be translated; `lines` are further
    notes, taken as they are. `argument` names the argument of the layer that is to blame, where one is.
    """

    def __init__(
        self,
        code: str,
        message: str,
        *,
        notes: tuple[str, ...] = (),
        lines: tuple[str, ...] = (),
        help: str = "",
        argument: str = "",
        span: Span | None = None,
        label: str = "",
        repair: Repair | None = None,
        **values: Any,
    ) -> None:
        super().__init__(code, message)
        self.code = code
        self.message = message
        self.notes = notes
        self.lines = lines
        self.help = help
        self.argument = argument
        self.span = span
        self.label = label
        self.repair = repair
        self.values = {"argument": argument, **values} if argument else values

    def at(self, source: Source, span: Span, labels: tuple[Label, ...] = (), fix: Fix | None = None) -> Diagnostic:
        """The Diagnostic of this mistake at a place (its own, where it knows a narrower one)."""
        span = self.span or span
        if fix is None and self.repair is not None:
            content, applicability, place = self.repair
            fix = Fix(applicability, say("write `{content}`", content=content), (Edit(place or span, content),))
        return Diagnostic(
            self.code,
            say(self.message, **self.values),
            source,
            span,
            label=say(self.label, **self.values),
            labels=labels,
            notes=(*(say(note, **self.values) for note in self.notes), *self.lines),
            help=say(self.help, **self.values),
            fix=fix,
        )


class Diagnostic:
    """One error or finding, with everything a report needs to show it.

    `label` stands under the marked place, `labels` under others, `notes` are lines of arithmetic, `trace` says through
    which `calls` the place was reached, innermost first.
    """

    __slots__ = ("calls", "code", "fix", "help", "label", "labels", "message", "notes", "source", "span", "trace")

    def __init__(
        self,
        code: str,
        message: str,
        source: Source,
        span: Span,
        *,
        label: str = "",
        labels: tuple[Label, ...] = (),
        notes: tuple[str, ...] = (),
        help: str = "",
        fix: Fix | None = None,
        trace: tuple[str, ...] = (),
        calls: Trace = (),
    ) -> None:
        self.code = code
        self.message = message
        self.source = source
        self.span = span
        self.label = label
        self.labels = labels
        self.notes = notes
        self.help = help
        self.fix = fix
        self.trace = trace
        self.calls = calls

    @property
    def name(self) -> str:
        """The code in words: `window-exceeds-input` for E301."""
        from cnnspec.codes import CODES

        return CODES[self.code]

    @property
    def severity(self) -> str:
        return ERROR if self.code.startswith("E") else WARNING

    @property
    def filename(self) -> str:
        return self.source.filename

    @property
    def row(self) -> int:
        return self.source.position(self.span.start).row

    @property
    def column(self) -> int:
        return self.source.position(self.span.start).column

    def __repr__(self) -> str:
        return f"{self.filename}:{self.row}:{self.column}: {self.code} {self.message}"


class CnnSpecError(ValueError):
    """A file that is not a network. `diagnostics` holds every error and finding, in the order of the file."""

    def __init__(self, diagnostics: list[Diagnostic]) -> None:
        self.diagnostics = diagnostics
        errors = [d for d in diagnostics if d.severity == ERROR]
        more = len(errors) - 1
        first = repr(errors[0]) if errors else ""
        super().__init__(say("{first} (and {n} more)", first=first, n=more) if more > 0 else first)
