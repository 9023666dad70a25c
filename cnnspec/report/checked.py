"""The outcome of checking files, as every report of diagnostics receives it."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Sequence

from cnnspec.diagnostics import ERROR, Diagnostic
from cnnspec.network import Network
from cnnspec.record import Record


class Checked(Record):
    """One file that was checked; `network` is None where errors left none, and where nobody wants its figures.

    `variants` were checked with it.
    """

    filename: str
    diagnostics: tuple[Diagnostic, ...]
    network: Network | None = None
    variants: int = 0
    blanks: int = 0


def in_order(diagnostics: Iterable[Diagnostic], filename: str = "") -> tuple[Diagnostic, ...]:
    """Sorted by place: the file itself first, then the files that it uses."""
    return tuple(sorted(diagnostics, key=lambda d: (d.filename != filename, d.filename, d.span, d.code, d.message)))


def each_once(checked: Sequence[Checked]) -> Iterator[tuple[Checked, tuple[Diagnostic, ...]]]:
    """The diagnostics of each file in order; what two files find in a third that both use comes once."""
    seen: set[tuple[str, int, int, str, str]] = set()
    for one in checked:
        fresh = []
        for d in in_order(one.diagnostics, one.filename):
            key = (d.filename, d.span.start, d.span.end, d.code, d.message)
            if key not in seen:
                seen.add(key)
                fresh.append(d)
        yield one, tuple(fresh)


def all_diagnostics(checked: Sequence[Checked]) -> list[Diagnostic]:
    """Every diagnostic of every file, once, in order."""
    return [d for _, diagnostics in each_once(checked) for d in diagnostics]


def count_errors(diagnostics: Iterable[Diagnostic]) -> int:
    return sum(d.severity == ERROR for d in diagnostics)


def relative(filename: str) -> str:
    """The path as seen from the working directory, with `/`; one that lies elsewhere stays as it is."""
    path = os.path.normpath(filename)
    if os.path.isabs(path):
        try:
            inside = os.path.relpath(path)
        except ValueError:  # another drive
            inside = path
        path = path if inside.startswith("..") else inside
    return path.replace(os.sep, "/")


def repository_root(start: str) -> str | None:
    """The folder of the repository around a folder; None where there is none."""
    folder = os.path.abspath(start)
    while not os.path.exists(os.path.join(folder, ".git")):
        folder, before = os.path.dirname(folder), folder
        if folder == before:
            return None
    return folder


def in_repository(filename: str) -> str:
    """The path as seen from the root of the repository around the working directory, with `/`.

    Where there is no repository, as seen from the working directory; one that lies elsewhere stays as it is.
    """
    root = repository_root(".")
    path = os.path.abspath(filename)
    if root is None or not path.startswith(os.path.join(root, "")) or filename.startswith("<"):
        return relative(filename)
    return os.path.relpath(path, root).replace(os.sep, "/")


def fingerprint(d: Diagnostic, occurrence: int) -> str:
    """A name for the diagnostic that stays when lines move: code, file, text of the line, and its number among such."""
    import hashlib

    line = d.source.line(d.row).strip()
    parts = (d.code, in_repository(d.filename), line[:500], d.message, str(occurrence))
    return hashlib.sha256("\0".join(parts).encode("utf-8", "backslashreplace")).hexdigest()[:32]


def with_fingerprints(diagnostics: Iterable[Diagnostic]) -> Iterator[tuple[Diagnostic, str]]:
    """Each diagnostic with a fingerprint of its own."""
    seen: dict[str, int] = {}
    for d in diagnostics:
        first = fingerprint(d, 0)
        number = seen[first] = seen.get(first, -1) + 1
        yield d, fingerprint(d, number) if number else first
