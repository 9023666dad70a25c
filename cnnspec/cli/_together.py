"""The files of one run, which may use each other: what all of them find in one of them."""

from __future__ import annotations

import os
from collections.abc import Iterator
from copy import copy
from typing import TYPE_CHECKING, NamedTuple

from cnnspec.diagnostics import ERROR, Diagnostic
from cnnspec.source import Source, Span

if TYPE_CHECKING:
    from cnnspec.api import Network
    from cnnspec.cli.check import Job


class Examined(NamedTuple):
    """What one file holds, and the files that it uses, by real path."""

    source: Source
    network: Network | None
    diagnostics: list[Diagnostic]
    used: set[str]

    def says_nothing_of(self, code: str, span: Span, where: str, *, foreign: bool) -> bool:
        """Whether this file has the place, or may have it in a variant, and no such finding there."""
        if any(d.code == code and d.span == span and _real(d.source) == where for d in self.diagnostics):
            return False
        if foreign and (self.network is None or self.network.variants):
            return True
        layers = self.network.layers if self.network else ()
        return any(layer.span == span and _real(layer.source) == where for layer in layers)


class Together:
    """The texts as they are by now, and what has been found in them."""

    def __init__(self, job: Job, sources: list[Source]) -> None:
        self.job = job
        self.texts = {_real(source): source.text for source in sources}
        self.examined = {_real(source): self.examine(source) for source in sources}

    def examine(self, source: Source) -> Examined:
        """Checks one text, with the others as they are by now."""
        used: set[str] = set()

        def read(path: str) -> Source:
            from cnnspec.syntax.reading import read as read_file

            used.add(path)
            return Source(self.texts[path], path) if path in self.texts else read_file(path)

        network, diagnostics = self.job.examine(source, read=read)
        return Examined(source, network, diagnostics, used)

    def used_first(self) -> list[Source]:
        """The sources, those that others use before the others."""
        used = {path for one in self.examined.values() for path in one.used}
        return sorted((one.source for one in self.examined.values()), key=lambda source: _real(source) not in used)

    def check(self, source: Source) -> list[Diagnostic]:
        """What is wrong with a text in place of the one so far: its own findings and those of the files that use it."""
        where = _real(source)
        users = [user.source for path, user in self.examined.items() if path != where and where in user.used]
        self.texts[where] = source.text
        own = self.examined[where] = self.examine(source)
        for user in users:
            self.examined[_real(user)] = self.examine(user)
        return [*own.diagnostics, *self._from_users(own)]

    def settle(self, source: Source) -> None:
        """This is the text from now on."""
        if self.examined[_real(source)].source is not source:
            self.check(source)

    def told(self, source: Source) -> list[Diagnostic]:
        """What is wrong with a text as it is, by itself and where it is used."""
        own = self.examined[_real(source)]
        return [*own.diagnostics, *self._from_users(own)]

    def _from_users(self, own: Examined) -> Iterator[Diagnostic]:
        """What users find here, as findings of this source, and their own errors."""
        where = _real(own.source)
        users = [user for path, user in self.examined.items() if path != where and where in user.used]
        seen = {(d.code, d.span) for d in own.diagnostics if d.source is own.source}
        for d in own.diagnostics:
            if d.source is own.source and any(u.says_nothing_of(d.code, d.span, where, foreign=False) for u in users):
                d.fix = d.fix if d.severity == ERROR else None
        for user in users:
            for d in user.diagnostics:
                if _real(d.source) != where:
                    if d.severity == ERROR:
                        yield d
                elif (d.code, d.span) not in seen:
                    seen.add((d.code, d.span))
                    yield self._adopted(d, own.source, users)

    def _adopted(self, d: Diagnostic, source: Source, users: list[Examined]) -> Diagnostic:
        """The finding, with its fix if all users agree upon that."""
        where = _real(source)
        adopted = copy(d)
        adopted.source = source
        same = [
            other for u in users for other in u.diagnostics
            if (other.code, other.span) == (d.code, d.span) and _real(other.source) == where
        ]  # fmt: skip
        silent = d.severity != ERROR and any(u.says_nothing_of(d.code, d.span, where, foreign=True) for u in users)
        if silent or any(other.fix != d.fix for other in same):
            adopted.fix = None
        return adopted


def _real(source: Source) -> str:
    return os.path.realpath(source.filename)
