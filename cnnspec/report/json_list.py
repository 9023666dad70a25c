"""Diagnostics as JSON: the fields stay, others may join them."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from cnnspec.diagnostics import WARNING, Diagnostic, Fix
from cnnspec.report.checked import Checked, all_diagnostics
from cnnspec.source import Source, Span


def render(checked: Sequence[Checked]) -> str:
    """A list with an object for each diagnostic."""
    return json.dumps([document(d) for d in all_diagnostics(checked)], indent=2) + "\n"


def document(d: Diagnostic) -> dict[str, Any]:
    """One diagnostic; rows and columns count from 1, columns in characters."""
    return {
        "code": d.code,
        "name": d.name,
        "severity": d.severity,
        "message": d.message,
        "filename": d.filename,
        **places(d.source, d.span),
        "help": d.help,
        "fix": _fix(d.source, d.fix) if d.fix else None,
        "noqa_row": d.row if d.severity == WARNING else None,
        "url": None,
        "notes": list(d.notes),
        "labels": [
            {"message": label.text, "filename": label.source.filename, **places(label.source, label.span)}
            for label in d.labels
        ],
        "trace": list(d.trace),
    }


def places(source: Source, span: Span) -> dict[str, dict[str, int]]:
    """Where a span begins, and the place just behind it."""
    return {"location": _position(source, span.start), "end_location": _position(source, max(span))}


def _position(source: Source, offset: int) -> dict[str, int]:
    place = source.position(offset)
    return {"row": place.row, "column": place.column}


def _fix(source: Source, fix: Fix) -> dict[str, Any]:
    return {
        "applicability": fix.applicability,
        "message": fix.message,
        "edits": [{"content": edit.content, **places(source, edit.span)} for edit in fix.edits],
    }
