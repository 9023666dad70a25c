"""`check --fix` and `check --diff`: mends files, or shows what would be mended."""

from __future__ import annotations

import difflib
import os
import sys
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from cnnspec.cli._common import describe_problem, read_spec
from cnnspec.cli._together import Together
from cnnspec.cli._writing import write
from cnnspec.diagnostics import CnnSpecError
from cnnspec.files import FileProblem
from cnnspec.language import plural, say
from cnnspec.lint.fixing import Fixed, fix_all
from cnnspec.report.checked import Checked, relative
from cnnspec.report.text import Mended
from cnnspec.source import Source

if TYPE_CHECKING:
    from cnnspec.cli.check import Job


def fix_files(job: Job) -> int:
    """Mends every file, then reports what is left. Returns the exit code."""
    paths = job.paths()
    sources, unreadable = read_all(job, paths)
    together = Together(job, list(sources.values()))
    names = {id(source): path for path, source in sources.items()}
    changes: list[str] = []
    fixed = 0
    refused = False
    for source in together.used_first():
        unsafe = job.unsafe(source.filename)
        outcome = fix_all(source, together.told(source), together.check, unsafe=unsafe)
        try:
            changes += _settle(names[id(source)], source, outcome, job)
        except FileProblem as problem:
            sys.stderr.write(describe_problem(problem))
            refused = True
            together.settle(source)
            continue
        together.settle(outcome.source)
        fixed += len(outcome.applied)
        _tell_left_out(outcome)
    one = len(paths) == 1
    found = (job.outcome(e.source, e.diagnostics, e.network, keep=one) for e in together.examined.values())
    order = {path: place for place, path in enumerate(paths)}
    checked = sorted([*unreadable, *found], key=lambda one: order.get(one.filename, 0))
    if job.args.diff:
        return _show(job, changes, checked, fixed)
    if "-" in job.args.files:  # standard output holds the text
        sys.stderr.write(job.rendered(checked, Mended(fixed, unsafe=job.args.unsafe_fixes)))
    else:
        job.emit(job.rendered(checked, Mended(fixed, unsafe=job.args.unsafe_fixes)))
    return 1 if refused else job.exit_code(checked)


def read_all(job: Job, paths: Iterable[str]) -> tuple[dict[str, Source], list[Checked]]:
    """The texts of the files, each file once, and what cannot be read."""
    sources: dict[str, Source] = {}
    unreadable: list[Checked] = []
    seen: set[str] = set()
    for path in paths:
        try:
            source, _ = read_spec(path, job.args)
        except CnnSpecError as error:
            unreadable.append(Checked(path, tuple(error.diagnostics)))
            continue
        if os.path.realpath(source.filename) not in seen:
            seen.add(os.path.realpath(source.filename))
            sources[path] = source
    return sources, unreadable


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
    said = plural("would fix {n} place", "would fix {n} places", fixed) if fixed else say("nothing to fix")
    sys.stderr.write(f"{said}\n")
    return 1 if (changes or unreadable) and not job.args.exit_zero else 0


def _tell_left_out(outcome: Fixed) -> None:
    for d, error in outcome.left_out:
        place = f"{relative(d.filename)}:{d.row}:{d.column}"
        if error:
            brought = f"{error.code} {error.message}"
            said = say("{code} is not fixed: that would bring {error}", code=d.code, error=brought)
        else:
            said = say("{code} is not fixed: that would take out what another fix has written", code=d.code)
        sys.stderr.write(f"{place}: {said}\n")
