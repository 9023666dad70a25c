"""Diagnostics as a GitLab code quality report."""

from __future__ import annotations

import json
from collections.abc import Sequence

from cnnspec.diagnostics import ERROR
from cnnspec.report.checked import Checked, all_diagnostics, in_repository, with_fingerprints


def render(checked: Sequence[Checked]) -> str:
    """A list with an issue for each diagnostic."""
    issues = [
        {
            "description": f"{d.message} ({d.help})" if d.help else d.message,
            "check_name": f"{d.code} {d.name}",
            "fingerprint": fingerprint,
            "severity": "major" if d.severity == ERROR else "minor",
            "location": {"path": in_repository(d.filename), "lines": {"begin": d.row}},
        }
        for d, fingerprint in with_fingerprints(all_diagnostics(checked))
    ]
    return json.dumps(issues, indent=2) + "\n"
