"""How often each code occurs."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Sequence

from cnnspec.codes import CODES
from cnnspec.language import number, plural
from cnnspec.report.checked import Checked, all_diagnostics

KEYS = ("code", "name", "count", "fixable")


def render(checked: Sequence[Checked], *, form: str = "text") -> str:
    """A line for each code, the most frequent first; or the same as JSON."""
    found = all_diagnostics(checked)
    counts = Counter(d.code for d in found)
    fixable = Counter(d.code for d in found if d.fix)
    rows = [
        (code, CODES[code], n, fixable[code]) for code, n in sorted(counts.items(), key=lambda one: (-one[1], one[0]))
    ]
    if form == "json":
        return (
            json.dumps([dict(zip(("code", "name", "count", "fixable"), row, strict=True)) for row in rows], indent=2)
            + "\n"
        )
    width = max((len(number(n)) for _, _, n, _ in rows), default=1)
    longest = max((len(name) for _, name, _, _ in rows), default=1)
    lines = (_line(row, width, longest) for row in rows)
    return "".join(f"{line}\n" for line in lines)


def _line(row: tuple[str, str, int, int], width: int, longest: int) -> str:
    code, name, count, fixable = row
    mended = plural("{n} fixable", "{n} fixable", fixable) if fixable else ""
    return f"{number(count):>{width}}  {code}  {name:<{longest}}  {mended}".rstrip()
