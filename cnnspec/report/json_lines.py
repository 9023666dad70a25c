"""Diagnostics as JSON, an object a line: for programs that read while others write."""

from __future__ import annotations

import json
from collections.abc import Sequence

from cnnspec.report.checked import Checked, all_diagnostics
from cnnspec.report.json_list import document


def render(checked: Sequence[Checked]) -> str:
    """A line for each diagnostic, with the fields of the JSON list."""
    return "".join(f"{json.dumps(document(d))}\n" for d in all_diagnostics(checked))
