"""`use "blocks.cnn"`: other files, which stay inside the folder of the file that was given."""

from __future__ import annotations

import os
from collections.abc import Callable

from cnnspec.diagnostics import CnnSpecError, Diagnostic, Mistake
from cnnspec.elaborate.scopes import FileScope
from cnnspec.source import Source
from cnnspec.syntax import tree

MAX_FILES = 200


class Uses:
    """Opens used files, each once. `root` is the folder that they must lie in; `read` gives texts newer than files."""

    def __init__(self, root: str | None, read: Callable[[str], Source] | None = None) -> None:
        self._read = read
        self.root = os.path.realpath(root) if root is not None else None
        self._scopes: dict[str, FileScope] = {}
        self._diagnostics: dict[int, list[Diagnostic]] = {}

    def open(self, node: tree.Use, source: Source) -> tuple[FileScope, tree.File | None]:
        """The scope of the used file, and its tree the first time. Raises Mistake."""
        path = self._resolve(node.path, source)
        if path in self._scopes:
            return self._scopes[path], None
        if len(self._scopes) >= MAX_FILES:
            raise Mistake("E218", "more than {limit} files are used", limit=MAX_FILES)
        from cnnspec.syntax.parser import parse

        try:
            used = self.read(path)
        except CnnSpecError as error:
            raise Mistake(
                "E218", "cannot use {path}: {why}", path=repr(node.path), why=error.diagnostics[0].message
            ) from None
        used.filename = os.path.join(os.path.dirname(source.filename), node.path)
        file, diagnostics = parse(used)
        scope = self._scopes[path] = FileScope(used)
        self._diagnostics[id(scope)] = diagnostics
        return scope, file

    def read(self, path: str) -> Source:
        """The text of a file. Raises CnnSpecError. An editor has newer texts of some."""
        from cnnspec.syntax.reading import read

        return (self._read or read)(path)

    def diagnostics_of(self, scope: FileScope) -> list[Diagnostic]:
        """What the parser said of a used file."""
        return self._diagnostics[id(scope)]

    def _resolve(self, path: str, source: Source) -> str:
        if self.root is None:
            raise Mistake("E218", "a text without a file cannot use other files", help="give the text a filename")
        if not path.isprintable() or not path:
            raise Mistake("E218", "{path} is no path of a file", help="write the path of a .cnn file", path=repr(path))
        full = os.path.realpath(os.path.join(os.path.dirname(os.path.abspath(source.filename)), path))
        if os.path.commonpath([full, self.root]) != self.root:
            raise Mistake(
                "E218",
                "{path} lies outside the folder of the file that was given",
                help="move it inside, or allow a wider folder with --root",
                path=repr(path),
            )
        return full
