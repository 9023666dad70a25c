"""`check --add-noqa`: allows every finding by a comment in its line."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from cnnspec.cli._common import describe_problem
from cnnspec.cli._fixing import read_all
from cnnspec.cli._together import Together
from cnnspec.cli._writing import write
from cnnspec.diagnostics import ERROR
from cnnspec.files import FileProblem
from cnnspec.language import plural
from cnnspec.lint.allowing import with_comments
from cnnspec.report.checked import Checked, count_errors

if TYPE_CHECKING:
    from cnnspec.cli.check import Job


def allow_all(job: Job) -> int:
    """Adds the comments, and says how many. Returns the exit code."""
    comments = files = 0
    refused = False
    sources, wrong = read_all(job, job.paths())
    together = Together(job, list(sources.values()))
    for path, source in sources.items():
        diagnostics = together.told(source)
        text, added = with_comments(source, diagnostics)
        try:
            if path == "-":
                sys.stdout.write(text)
            elif added:
                write(path, text)
        except FileProblem as problem:
            sys.stderr.write(describe_problem(problem))
            refused = True
            continue
        comments += added
        files += added > 0
        if count_errors(diagnostics):
            wrong.append(Checked(source.filename, tuple(d for d in diagnostics if d.severity == ERROR)))
    told = sys.stderr if "-" in job.args.files else sys.stdout
    among = plural("{n} file", "{n} files", files)
    told.write(plural("added {n} comment in {files}", "added {n} comments in {files}", comments, files=among) + "\n")
    if wrong:
        told.write(job.rendered(wrong))
    return 1 if refused or (wrong and not job.args.exit_zero) else 0
