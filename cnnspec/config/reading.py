"""Finding and reading the configuration that holds for a file."""

from __future__ import annotations

import os
import re
from typing import TYPE_CHECKING, Any

from cnnspec.config.selection import UNSAID, Selection, chosen, ignorable
from cnnspec.language import say

if TYPE_CHECKING:
    from cnnspec.config.document import Table
    from cnnspec.config.patterns import Patterns

OWN, SHARED = "cnnspec.toml", "pyproject.toml"
LARGEST = 2**20
_TABLE = re.compile(rb"^(?:\xef\xbb\xbf)?\s*(?:\[\s*)?tool\s*(?:\.\s*[\"']?cnnspec|\])", re.MULTILINE)


class ConfigProblem(ValueError):  # noqa: N818  (it is what somebody wrote, told in sentences)
    """A configuration that cannot be used: `path` is the file, `problems` says what is wrong, a line each."""

    def __init__(self, path: str, *problems: str) -> None:
        self.path = path
        self.problems = problems
        super().__init__(
            "\n".join(say("{name}: {text}", name=os.path.relpath(path), text=problem) for problem in problems)
        )


class Config:
    """What holds for files. `path` is the file it stands in ("": nobody configures anything), and `folder` the one that
    its patterns start from.
    """

    def __init__(self, path: str = "", table: Table | None = None, folder: str | None = None) -> None:
        self.path = path
        self.folder = os.path.dirname(path) if folder is None else folder
        self.selection = Selection()
        self.exclude: Patterns | None = None
        self.per_file_ignores: list[tuple[Patterns, frozenset[str]]] = []
        self.unsafe_fixes = False
        self.root: str | None = None
        self.lang: str | None = None
        if table is not None:
            self._take(table)

    def _take(self, table: Table) -> None:
        from cnnspec.config.patterns import Patterns

        select = None if table.select is None else tuple(table.select)
        self.selection = Selection(select, tuple(table.extend_select), tuple(table.ignore))
        self.exclude = Patterns(table.exclude) if table.exclude else None
        self.per_file_ignores = [
            (Patterns([pattern]), frozenset().union(*map(ignorable, words)))
            for pattern, words in table.per_file_ignores.items()
        ]
        self.unsafe_fixes = table.unsafe_fixes
        self.root = None if table.root is None else os.path.join(self.folder, table.root)
        self.lang = table.lang

    def codes(self, filename: str, told: Selection = UNSAID) -> frozenset[str]:
        """The findings to look for in a file; `told` is what the command line says. Raises UnknownCode."""
        codes = chosen(self.selection, told)
        if self.per_file_ignores:
            path = relative_to(filename, self.folder)
            for patterns, ignored in self.per_file_ignores:
                if path is not None and patterns.match(path):
                    codes -= ignored
        return codes

    def excludes(self, filename: str) -> bool:
        """Whether the configuration leaves a file out."""
        path = relative_to(filename, self.folder) if self.exclude else None
        return path is not None and self.exclude is not None and self.exclude.match(path)


NOTHING = Config()


class Configs:
    """The configuration of each file: of the nearest folder upwards that has one, or the one that was named."""

    def __init__(self, named: str | None = None, *, isolated: bool = False) -> None:
        self._folders: dict[str, Config] = {}
        self._always = NOTHING if isolated else read(named) if named is not None else None

    def of(self, filename: str) -> Config:
        """The configuration that holds for a file. Raises ConfigProblem."""
        return self._always or self.of_folder(os.path.dirname(os.path.abspath(filename)))

    def of_folder(self, folder: str) -> Config:
        """The configuration that holds for the files of a folder, given by its absolute path. Raises ConfigProblem."""
        if self._always is not None:
            return self._always
        known = self._folders.get(folder)
        if known is None:
            parent = os.path.dirname(folder)
            known = _in_folder(folder) or (NOTHING if parent == folder else self.of_folder(parent))
            self._folders[folder] = known
        return known

    @property
    def files(self) -> list[str]:
        """The files that were read."""
        found = (self._always,) if self._always else self._folders.values()
        return sorted({config.path for config in found if config.path})


def read(path: str) -> Config:
    """The configuration of a file that was named; its patterns start where we are. Raises ConfigProblem."""
    data = _bytes_of(path)
    if data is None:
        raise ConfigProblem(path, say("the file does not exist or cannot be read"))
    whole = os.path.basename(path) != SHARED
    return Config(os.path.abspath(path), _table(path, data, whole=whole), os.getcwd())


def _in_folder(folder: str) -> Config | None:
    path = os.path.join(folder, OWN)
    data = _bytes_of(path)
    if data is not None:
        return Config(path, _table(path, data, whole=True))
    path = os.path.join(folder, SHARED)
    data = _bytes_of(path)
    table = _table(path, data, whole=False) if data and _TABLE.search(data) else None
    return Config(path, table) if table else None


def _bytes_of(path: str) -> bytes | None:
    try:
        with open(path, "rb") as file:
            return file.read(LARGEST)
    except (OSError, ValueError):
        return None


def _table(path: str, data: bytes, *, whole: bool) -> Table | None:
    """The table in these bytes; None where a pyproject.toml has no table for us. Raises ConfigProblem."""
    import tomllib

    try:
        document: Any = tomllib.loads(data.decode("utf-8-sig"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        from cnnspec.files import explain_toml

        raise ConfigProblem(path, say("this is no TOML: {reason}", reason=_first_small(explain_toml(error)))) from None
    if not whole:
        tool = document.get("tool", {})
        if not isinstance(tool, dict) or "cnnspec" not in tool:
            return None
        document = tool["cnnspec"]
    from cnnspec.config.document import validated

    return validated(path, document)


def _first_small(text: str) -> str:
    return text[:1].lower() + text[1:]


def relative_to(filename: str, folder: str) -> str | None:
    """The path of a file as seen from a folder above it, with `/`; None of one that lies elsewhere."""
    path = os.path.abspath(filename)
    prefix = os.path.join(folder, "")
    return path[len(prefix) :].replace(os.sep, "/") if path.startswith(prefix) else None
