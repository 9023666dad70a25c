"""One line a diagnostic: `lenet.cnn:9:11: E301 the window 7x7 is larger than the input 4x4`."""

from __future__ import annotations

from collections.abc import Sequence

from cnnspec.report.checked import Checked, all_diagnostics, relative
from cnnspec.report.excerpt import visible


def render(checked: Sequence[Checked]) -> str:
    """A line for each diagnostic, in the form that editors and grep understand."""
    lines = (
        f"{visible(relative(d.filename))}:{d.row}:{d.column}: {d.code} {visible(d.message)}\n"
        for d in all_diagnostics(checked)
    )
    return "".join(lines)
