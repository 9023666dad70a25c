"""Diagnostics as workflow commands, which GitHub shows beside the lines of a pull request."""

from __future__ import annotations

from collections.abc import Sequence

from cnnspec.diagnostics import Diagnostic
from cnnspec.language import say
from cnnspec.report.checked import Checked, all_diagnostics, in_repository


def render(checked: Sequence[Checked]) -> str:
    """A `::error` or `::warning` command for each diagnostic."""
    return "".join(_command(d) for d in all_diagnostics(checked))


def _command(d: Diagnostic) -> str:
    end = d.source.position(max(d.span.start, d.span.end))
    fields = {"file": in_repository(d.filename), "line": d.row, "col": d.column, "endLine": end.row}
    if end.row == d.row:  # columns of different lines are refused
        fields["endColumn"] = end.column
    fields["title"] = f"{d.code} {d.name}"
    properties = ",".join(f"{name}={_property(str(value))}" for name, value in fields.items())
    text = "\n".join((d.message, *d.trace, *d.notes, *([f"{say('help:')} {d.help}"] if d.help else [])))
    return f"::{d.severity} {properties}::{_data(text)}\n"


def _data(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")
