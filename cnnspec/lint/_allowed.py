"""A finding about what is meant to be so: a comment in its line allows it, `# allow W301`."""

from __future__ import annotations

import re

from cnnspec.diagnostics import Diagnostic

ALLOW = re.compile(r"#.*\ballow((?:\s*,?\s*W\d{3})+)")


def is_allowed(finding: Diagnostic) -> bool:
    """Whether the line where the finding starts has a comment that allows its code."""
    codes = ALLOW.search(finding.source.line(finding.row))
    return codes is not None and finding.code in codes[1]
