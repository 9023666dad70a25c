"""The texts that are open in an editor, and how they depend on each other."""

from __future__ import annotations

import os
from collections.abc import Collection, Iterator, Mapping
from copy import copy
from typing import NamedTuple

from cnnspec.diagnostics import CnnSpecError, Diagnostic
from cnnspec.editing.analysis import Analysis, analyse
from cnnspec.editing.watching import Seen
from cnnspec.source import Source, Span

FILES = 300  # that are looked through for the uses of a name


class Settings(NamedTuple):
    """What holds for a file: the findings to look for (None: the usual ones), and the folder for `use`."""

    codes: Collection[str] | None = None
    root: str | None = None


class NotOpen(LookupError):  # noqa: N818  (it says what the matter is, not what went wrong)
    """A text that is not open is asked for."""


class Workspace:
    """The open texts, by path, and their analyses, each made when somebody asks for it."""

    def __init__(self) -> None:
        self._texts: dict[str, str] = {}
        self._names: dict[str, str] = {}  # the path by which the editor knows a file
        self._analyses: dict[str, Analysis] = {}
        self._good: dict[str, Analysis] = {}

    def settings(self, path: str) -> Settings:  # noqa: ARG002  (for subclasses that read a configuration)
        """What holds for a file."""
        return Settings()

    # --- texts -------------------------------------------------------------------------------------------------------

    def put(self, path: str, text: str) -> None:
        """A text as it stands now; what was known of it, and of those that use it, is forgotten."""
        key = os.path.realpath(path)
        self._names[key] = path
        self._texts[key] = text
        self._forget(key)

    def close(self, path: str) -> None:
        """From now on the file on disk counts."""
        key = os.path.realpath(path)
        for table in (self._texts, self._good, self._names):
            table.pop(key, None)
        self._forget(key)

    def __contains__(self, path: str) -> bool:
        return os.path.realpath(path) in self._texts

    @property
    def paths(self) -> list[str]:
        """The open files, as the editor knows them."""
        return list(self._names.values())

    def forget(self, path: str | None = None) -> None:
        """A file has changed on disk; without a path, everything may have."""
        if path is None:
            self._analyses.clear()
        else:
            self._forget(os.path.realpath(path))

    def _forget(self, key: str) -> None:
        self._analyses.pop(key, None)
        for other in [other for other, analysis in self._analyses.items() if key in analysis.used]:
            del self._analyses[other]

    # --- analyses ----------------------------------------------------------------------------------------------------

    def analysis(self, path: str, *, whole: bool = False) -> Analysis:
        """What is known of an open text; `whole` with all variants of the file. Raises NotOpen."""
        key = os.path.realpath(path)
        if key not in self._texts:
            raise NotOpen(path)
        known = self._analyses.get(key)
        if known is None or (whole and known.partial):
            settings = self.settings(path)
            source = Source(self._texts[key], self._names[key])
            known = analyse(source, self._texts, settings.root, settings.codes, variants=whole)
            self._analyses[key] = known
            if known.errors:
                known.good = self._good.get(key)
            else:
                self._good[key] = known
        return known

    def again(self, analysis: Analysis, texts: Mapping[str, str]) -> Analysis:
        """A text once more, where some texts have changed (by real path), its own perhaps among them."""
        name = analysis.source.filename
        settings = self.settings(name)
        text = texts.get(os.path.realpath(name), analysis.text)
        return analyse(Source(text, name), {**self._texts, **texts}, settings.root, settings.codes, variants=False)

    def dependents(self, path: str) -> list[str]:
        """The open files that use this one."""
        key = os.path.realpath(path)
        return [
            self._names[other]
            for other in self._texts
            if other != key and self._uses(self._texts[other]) and key in self.analysis(self._names[other]).used
        ]

    def users(self, path: str) -> tuple[tuple[Seen, Source], ...]:
        """What the walks of other open files have seen in this one, and under which name they know it."""
        analysis = self.analysis(path)
        found = []
        for other in self.dependents(path):
            user = self.analysis(other)
            homes = [home for _, home in user.scope.blocks.values()]
            source = next(
                (h.source for h in homes if os.path.realpath(h.source.filename) == os.path.realpath(path)), None
            )
            if source is not None and source.text == analysis.text:
                found.append((user.seen, source))
        return tuple(found)

    def told(self, path: str) -> list[Diagnostic]:
        """What open files that use this one find in it, once each; a fix stays where they all propose it."""
        text = self.analysis(path).text
        key = os.path.realpath(path)
        found: dict[tuple[str, Span], list[Diagnostic]] = {}
        for other in self.dependents(path):
            for d in self.analysis(other, whole=True).diagnostics:
                if d.source.text == text and os.path.realpath(d.filename) == key:
                    found.setdefault((d.code, d.span), []).append(d)
        return [_agreed(same) for same in found.values()]

    def family(self, path: str, name: str, home: str | None = None) -> list[Analysis]:
        """The texts in which a name of this file may occur, or which comes from `home`, a file that it uses.

        The two themselves, open files, files in the folder of `home` and below.
        """
        own = os.path.realpath(path)
        given = own if home is None else os.path.realpath(home)
        found = {own: self.analysis(path)}
        for key in [given, *self._texts, *_files_below(os.path.dirname(given))]:
            text = None if key in found else self._text(key)
            if text is not None and (key == given or (self._uses(text) and name in text)):
                found[key] = self._of(key, text)
        return [
            one
            for key, one in found.items()
            if key in (own, given) or set(one.used) & found.keys() or key in found[own].used
        ]

    def used(self, analysis: Analysis) -> list[Analysis]:
        """The files that a text uses, as analyses of their own."""
        return [self._of(key, text) for key in analysis.used if (text := self._text(key)) is not None]

    def _of(self, key: str, text: str) -> Analysis:
        """What is known of a text, open or not."""
        if key in self._texts:
            return self.analysis(self._names[key])
        return analyse(Source(text, key), self._texts, codes=(), variants=False)

    def _text(self, key: str) -> str | None:
        if key in self._texts:
            return self._texts[key]
        from cnnspec.syntax.reading import read

        try:
            return read(key).text
        except CnnSpecError:
            return None

    @staticmethod
    def _uses(text: str) -> bool:
        """Whether a text may use others: it is cheap to ask."""
        return "use" in text


def _agreed(same: list[Diagnostic]) -> Diagnostic:
    """One finding for several of the same place, with a fix if all of them have this one."""
    first = same[0]
    if all(d.fix == first.fix for d in same):
        return first
    without = copy(first)
    without.fix = None
    return without


def _files_below(folder: str) -> Iterator[str]:
    """The .cnn files in a folder and below, as many as can be looked through."""
    count = 0
    for place, folders, files in os.walk(folder):
        folders[:] = sorted(name for name in folders if not name.startswith(".") and name != "node_modules")
        for name in sorted(files):
            if name.endswith(".cnn"):
                count += 1
                if count > FILES:
                    return
                yield os.path.realpath(os.path.join(place, name))
