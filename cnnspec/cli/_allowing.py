"""`check --add-noqa`: allows every finding by a comment in its line."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from cnnspec.cli._common import read_spec
from cnnspec.cli._writing import write
from cnnspec.diagnostics import ERROR, CnnSpecError
from cnnspec.lint.allowing import with_comments
from cnnspec.report.checked import Checked, count_errors
from cnnspec.report.text import plural

if TYPE_CHECKING:
    from cnnspec.cli.check import Job


def allow_all(job: Job) -> int:
    """Adds the comments, and says how many. Returns the exit code."""
    comments = files = 0
    wrong: list[Checked] = []
    for path in job.paths():
        try:
            source, _ = read_spec(path, job.args)
            diagnostics = job.examine(source)[1]
        except CnnSpecError as error:
            wrong.append(Checked(path, tuple(error.diagnostics)))
            continue
        text, added = with_comments(source, diagnostics)
        comments += added
        files += added > 0
        if path == "-":
            sys.stdout.write(text)
        elif added:
            write(path, text)
        if count_errors(diagnostics):
            wrong.append(Checked(source.filename, tuple(d for d in diagnostics if d.severity == ERROR)))
    told = sys.stderr if "-" in job.args.files else sys.stdout
    told.write(f"added {plural(comments, 'comment')} in {plural(files, 'file')}\n")
    if wrong:
        told.write(job.rendered(wrong))
    return 1 if wrong and not job.args.exit_zero else 0
