"""Diagnostics as SARIF 2.1.0, which code scanning services read."""

from __future__ import annotations

import json
import os
from collections.abc import Sequence
from typing import Any

from cnnspec.codes import CODES, OFF
from cnnspec.diagnostics import ERROR, Diagnostic, Fix
from cnnspec.language import flat, language, say
from cnnspec.report.checked import Checked, all_diagnostics, in_repository, with_fingerprints
from cnnspec.report.pages import first_sentence, page
from cnnspec.source import Source, Span

SCHEMA = "https://json.schemastore.org/sarif-2.1.0.json"
ROOT = "%SRCROOT%"


def render(checked: Sequence[Checked], *, version: str = "") -> str:
    """One run with the rules that it uses."""
    found = all_diagnostics(checked)
    rules = sorted({d.code for d in found})
    index = {code: i for i, code in enumerate(rules)}
    driver: dict[str, Any] = {"name": "cnnspec", "rules": [_rule(code) for code in rules]}
    if version:
        driver["version"] = version
    run = {
        "tool": {"driver": driver},
        "columnKind": "unicodeCodePoints",
        "originalUriBaseIds": {ROOT: {"description": {"text": say("the root of the repository")}}},
        "results": [_result(d, index, fingerprint) for d, fingerprint in with_fingerprints(found)],
    }
    return json.dumps({"$schema": SCHEMA, "version": "2.1.0", "runs": [run]}, indent=2) + "\n"


def _rule(code: str) -> dict[str, Any]:
    name = "".join(word.capitalize() for word in CODES[code].split("-"))
    rule: dict[str, Any] = {
        "id": code,
        "name": name,
        "shortDescription": {"text": _in_short(code)},
        "defaultConfiguration": {"enabled": code not in OFF, "level": "error" if code.startswith("E") else "warning"},
    }
    text = page(code)
    if text:
        rule["fullDescription"] = {"text": flat(text.split("\n\n")[1])}
        rule["help"] = {"text": text, "markdown": text}
    return rule


def _in_short(code: str) -> str:
    """The name of a code in English; its first sentence in a language that has no names of its own."""
    return CODES[code].replace("-", " ") if language() == "en" else first_sentence(code)


def _result(d: Diagnostic, index: dict[str, int], fingerprint: str) -> dict[str, Any]:
    text = "\n".join((d.message, *d.trace, *d.notes, *([f"{say('help:')} {d.help}"] if d.help else [])))
    result: dict[str, Any] = {
        "ruleId": d.code,
        "ruleIndex": index[d.code],
        "level": "error" if d.severity == ERROR else "warning",
        "message": {"text": text},
        "locations": [{"physicalLocation": _place(d.source, d.span)}],
        "partialFingerprints": {"primaryLocationLineHash": f"{fingerprint}:1"},
    }
    if d.labels:
        related = [
            {"physicalLocation": _place(label.source, label.span), "message": {"text": label.text}}
            for label in d.labels
        ]
        result["relatedLocations"] = [one for i, one in enumerate(related) if one not in related[:i]]
    if d.fix:
        result["fixes"] = [_fix(d.source, d.fix)]
    return result


def _place(source: Source, span: Span) -> dict[str, Any]:
    return {"artifactLocation": _artifact(source), "region": _region(source, span)}


def _artifact(source: Source) -> dict[str, str]:
    from urllib.parse import quote

    path = in_repository(source.filename)
    if os.path.isabs(source.filename) and path.startswith("/"):
        return {"uri": "file://" + quote(path, errors="surrogateescape")}
    return {"uri": quote(path, errors="surrogateescape"), "uriBaseId": ROOT}


def _region(source: Source, span: Span) -> dict[str, int]:
    start, end = source.position(span.start), source.position(max(span))
    return {"startLine": start.row, "startColumn": start.column, "endLine": end.row, "endColumn": end.column}


def _fix(source: Source, fix: Fix) -> dict[str, Any]:
    replacements = [
        {"deletedRegion": _region(source, edit.span), "insertedContent": {"text": edit.content}} for edit in fix.edits
    ]
    return {
        "description": {"text": fix.message},
        "artifactChanges": [{"artifactLocation": _artifact(source), "replacements": replacements}],
    }
