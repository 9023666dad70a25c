"""`check --fix` and `check --diff`: mends files, or shows what would be mended."""

from __future__ import annotations

import difflib
import sys
from collections.abc import Iterator
from typing import TYPE_CHECKING

from cnnspec.cli._common import read_spec
from cnnspec.cli._writing import write
from cnnspec.diagnostics import CnnSpecError
from cnnspec.lint.fixing import Fixed, fix_all
from cnnspec.report.checked import Checked, relative
from cnnspec.report.text import Mended, plural
from cnnspec.source import Source

if TYPE_CHECKING:
    from cnnspec.cli.check import Job


def fix_files(job: Job) -> int:
    """Mends every file, then reports what is left. Returns the exit code."""
    checked: list[Checked] = []
    changes: list[str] = []
    fixed = 0
    paths = job.paths()
    for path in paths:
        try:
            source, _ = read_spec(path, job.args)
            network, diagnostics = job.examine(source)
        except CnnSpecError as error:
            checked.append(Checked(path, tuple(error.diagnostics)))
            continue
        outcome = fix_all(source, diagnostics, lambda text: job.examine(text)[1], unsafe=job.unsafe(source.filename))
        fixed += len(outcome.applied)
        if outcome.source is not source:
            network = job.examine(outcome.source)[0]
        checked.append(job.outcome(outcome.source, outcome.remaining, network, keep=len(paths) == 1))
        changes += _settle(path, source, outcome, job)
        _tell_left_out(outcome)
    if job.args.diff:
        return _show(job, changes, checked, fixed)
    if "-" in job.args.files:  # standard output holds the text
        sys.stderr.write(job.rendered(checked, Mended(fixed, unsafe=job.args.unsafe_fixes)))
    else:
        job.emit(job.rendered(checked, Mended(fixed, unsafe=job.args.unsafe_fixes)))
    return job.exit_code(checked)


def _settle(path: str, source: Source, outcome: Fixed, job: Job) -> Iterator[str]:
    """Writes the text, or yields the lines of the difference."""
    text = outcome.source.text
    if job.args.diff:
        yield from difference(source, text)
    elif path == "-":
        sys.stdout.write(text)
    elif text != source.text:
        write(path, text)


def difference(source: Source, text: str) -> Iterator[str]:
    """The change of a file as `diff -u` shows it."""
    name = relative(source.filename)
    before, after = source.text.splitlines(keepends=True), text.splitlines(keepends=True)
    for line in difflib.unified_diff(before, after, name, name):
        yield line if line.endswith("\n") else f"{line}\n\\ No newline at end of file\n"


def _show(job: Job, changes: list[str], checked: list[Checked], fixed: int) -> int:
    job.emit("".join(changes))
    unreadable = [d for one in checked for d in one.diagnostics if d.code in ("E100", "E101", "E102")]
    if unreadable:
        from cnnspec.report import concise

        sys.stderr.write(concise.render([Checked("", tuple(unreadable))]))
    sys.stderr.write(f"would fix {plural(fixed, 'place')}\n" if fixed else "nothing to fix\n")
    return 1 if (changes or unreadable) and not job.args.exit_zero else 0


def _tell_left_out(outcome: Fixed) -> None:
    for d, error in outcome.left_out:
        place = f"{relative(d.filename)}:{d.row}:{d.column}"
        sys.stderr.write(f"{place}: {d.code} is not fixed: that would bring {error.code} {error.message}\n")
