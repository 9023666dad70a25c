"""The files of a folder, without what `.gitignore` or the configuration leaves out."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from cnnspec.config.patterns import Patterns
from cnnspec.config.reading import Configs, relative_to

NEVER = frozenset({"node_modules", "venv", "__pycache__", "site-packages"})
ENDING = ".cnn"
LARGEST = 2**20


def files_of(folder: str, configs: Configs, exclude: Patterns | None = None, ending: str = ENDING) -> Iterator[str]:
    """The .cnn files in a folder and below, in alphabetical order, those of a folder before its subfolders.

    `ending` is for files of another sort. `exclude` holds further patterns, relative to the working directory.
    """
    walk = _Walk(configs, exclude, ending)
    top = os.path.abspath(folder)
    yield from walk.below(folder, top, _rules_above(top))


def holds_any(folder: str, endings: tuple[str, ...]) -> bool:
    """Whether a folder, or one below, holds such a file, excluded or not."""
    for _, folders, files in os.walk(folder):
        folders[:] = [name for name in folders if not name.startswith(".") and name not in NEVER]
        if any(name.endswith(endings) for name in files):
            return True
    return False


class Rules(NamedTuple):
    """A folder (absolute), and the patterns of its `.gitignore`."""

    folder: str
    patterns: Patterns


class _Walk:
    def __init__(self, configs: Configs, exclude: Patterns | None, ending: str) -> None:
        self.configs = configs
        self.exclude = exclude
        self.ending = ending
        self.here = os.getcwd()

    def below(self, shown: str, folder: str, rules: Sequence[Rules]) -> Iterator[str]:
        """The files below a folder, named as seen from the one that was given."""
        rules = [*rules, *_rules_of(folder)]
        folders: list[str] = []
        files: list[str] = []
        try:
            with os.scandir(folder) as entries:
                for entry in entries:
                    if entry.is_dir(follow_symlinks=False):
                        if not entry.name.startswith(".") and entry.name not in NEVER:
                            folders.append(entry.name)
                    elif entry.name.endswith(self.ending):
                        files.append(entry.name)
        except OSError:
            return
        for name in sorted(files):
            if not self.leaves_out(os.path.join(folder, name), rules):
                yield os.path.join(shown, name)
        for name in sorted(folders):
            if not self.leaves_out(os.path.join(folder, name), rules, folder=True):
                yield from self.below(os.path.join(shown, name), os.path.join(folder, name), rules)

    def leaves_out(self, path: str, rules: Sequence[Rules], *, folder: bool = False) -> bool:
        """Whether a file or folder, given by its absolute path, is ignored or excluded."""
        config = self.configs.of_folder(os.path.dirname(path))
        if self._excluded(config.exclude, config.folder, path, folder=folder):
            return True
        if self._excluded(self.exclude, self.here, path, folder=folder):
            return True
        for base, patterns in reversed(rules):
            inside = relative_to(path, base)
            verdict = None if inside is None else patterns.verdict(inside, folder=folder)
            if verdict is not None:
                return verdict
        return False

    def _excluded(self, patterns: Patterns | None, base: str, path: str, *, folder: bool) -> bool:
        inside = relative_to(path, base) if patterns else None
        return inside is not None and patterns is not None and bool(patterns.verdict(inside, folder=folder))


def _rules_above(folder: str) -> list[Rules]:
    """What the repository around a folder says, outermost first; nothing where there is no repository."""
    found: list[Rules] = []
    place = folder
    while not os.path.exists(os.path.join(place, ".git")):
        parent = os.path.dirname(place)
        if parent == place:
            return []
        found = [*_rules_of(parent), *found]
        place = parent
    return [*_rules_in(place, os.path.join(place, ".git", "info", "exclude")), *found]


def _rules_of(folder: str) -> list[Rules]:
    return _rules_in(folder, os.path.join(folder, ".gitignore"))


def _rules_in(folder: str, path: str) -> list[Rules]:
    try:
        with open(path, encoding="utf-8-sig", errors="replace") as file:
            return [Rules(folder, Patterns(file.read(LARGEST).split("\n")))]
    except OSError:
        return []
