"""The list of a class, as several commands take it."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from cnnspec.language import say

if TYPE_CHECKING:
    from cnnspec.teaching.variants.students import Student


def listed(path: str, column: str | None = None) -> tuple[Student, ...]:
    """The students of the list; a warning on standard error for each row that has no number. Raises FileProblem."""
    from cnnspec.teaching.variants.students import class_list

    found = class_list(path, column)
    for row, who in found.unnumbered:
        what = say("row {row} of the list has no number: {who} is left out", row=row, who=who)
        sys.stderr.write(say("warning: {what}", what=what) + "\n")
    return found.students
