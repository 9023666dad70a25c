"""Errors and findings in the words of the protocol."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from pathlib import Path

from lsprotocol import types
from pygls import uris

from cnnspec.diagnostics import ERROR, Diagnostic
from cnnspec.editing.analysis import Analysis
from cnnspec.language import say
from cnnspec.lsp.positions import Positions
from cnnspec.report.pages import FOLDER
from cnnspec.source import Source, Span
from cnnspec.syntax import tree

UNNECESSARY = frozenset({"W101", "W102", "W105", "W106", "W107"})

Locate = Callable[[Source], Positions]


def problems(analysis: Analysis, positions: Positions, locate: Locate) -> list[types.Diagnostic]:
    """What is wrong or doubtful in a text, and in the files that it uses as far as it concerns this one."""
    return [_problem(analysis, d, positions, locate) for d in analysis.diagnostics]


def _problem(analysis: Analysis, d: Diagnostic, positions: Positions, locate: Locate) -> types.Diagnostic:
    own = d.source is analysis.source
    span = d.span if own else _entrance(analysis, d)
    lines = [d.message, *d.notes, *([f"{say('help:')} {d.help}"] if d.help else [])]
    related = list(_related(analysis, d, locate))
    if not own:
        lines[0] = say(
            "in {file}, line {row}: {message}", file=os.path.basename(d.filename), row=d.row, message=d.message
        )
        related.insert(0, _information(d.source, d.span, d.message, locate))
    return types.Diagnostic(
        range=positions.range(span),
        message="\n".join(lines),
        severity=types.DiagnosticSeverity.Error if d.severity == ERROR else types.DiagnosticSeverity.Warning,
        code=d.code,
        code_description=_page(d.code),
        source="cnnspec",
        tags=[types.DiagnosticTag.Unnecessary] if d.code in UNNECESSARY and own else None,
        related_information=related or None,
    )


def _page(code: str) -> types.CodeDescription | None:
    """The page of the code, which lies in the package: a link that works without a network."""
    path = Path(FOLDER, f"{code}.md")
    return types.CodeDescription(path.as_uri()) if path.exists() else None


def _related(analysis: Analysis, d: Diagnostic, locate: Locate) -> Iterator[types.DiagnosticRelatedInformation]:
    """The other places that a report shows, and the calls that led here."""
    if d.label:
        yield _information(d.source, d.span, d.label, locate)
    for label in d.labels:
        yield _information(label.source, label.span, label.text, locate)
    sources = _sources(analysis)
    for call in d.calls:
        source = sources.get(call.source.filename)
        if source is not None:
            yield _information(source, _row(source, call.row), call.said(d.source), locate)


def _information(source: Source, span: Span, text: str, locate: Locate) -> types.DiagnosticRelatedInformation:
    uri = uris.from_fs_path(os.path.abspath(source.filename)) or source.filename
    return types.DiagnosticRelatedInformation(types.Location(uri, locate(source).range(span)), text)


def _entrance(analysis: Analysis, d: Diagnostic) -> Span:
    """Where an error in a used file enters this one: the call that leads there, else the `use`."""
    for call in reversed(d.calls):
        if call.source.filename == analysis.source.filename:
            return _row(analysis.source, call.row)
    wanted = os.path.realpath(d.filename)
    here = os.path.dirname(os.path.abspath(analysis.source.filename))
    uses = [statement for statement in analysis.file.body if isinstance(statement, tree.Use)]
    for use in uses:
        if os.path.realpath(os.path.join(here, use.path)) == wanted:
            return use.path_span
    return uses[0].path_span if uses else Span(0, 0)


def _row(source: Source, row: int) -> Span:
    """A row without the blanks around what stands in it."""
    if row > len(source.line_starts):
        return Span(0, 0)
    line, start = source.line(row), source.line_starts[row - 1]
    return Span(start + len(line) - len(line.lstrip()), start + len(line.rstrip()))


def _sources(analysis: Analysis) -> dict[str, Source]:
    """This text and those that it uses, by the names that reports give them."""
    found = {home.source.filename: home.source for _, home in analysis.scope.blocks.values()}
    found[analysis.source.filename] = analysis.source
    return found
