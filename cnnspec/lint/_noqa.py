"""A finding about what is meant to be so: a comment in its line allows it, `# noqa: W301`, as in other linters."""

from __future__ import annotations

import re

from cnnspec.diagnostics import Diagnostic

NOQA = re.compile(r"#.*\bnoqa:((?:\s*,?\s*W\d{3})+)", re.IGNORECASE)


def is_allowed(finding: Diagnostic) -> bool:
    """Whether the line where the finding starts has a comment that allows its code."""
    codes = NOQA.search(finding.source.line(finding.row))
    return codes is not None and finding.code in codes[1]
