"""The open documents of a server: their texts, their positions, and when each is checked."""

from __future__ import annotations

import asyncio
import os
import time
from collections.abc import Callable

from pygls import uris
from pygls.workspace import PositionCodec

from cnnspec.config import ConfigProblem, Configs, UnknownCode
from cnnspec.editing.analysis import Analysis
from cnnspec.editing.workspace import Settings, Workspace
from cnnspec.lsp.positions import Positions
from cnnspec.source import Source

QUICK = 0.03  # seconds: what takes no longer is checked at every keystroke
LONGEST = 0.6  # that one waits for more keystrokes
IDLE = 0.4  # after which the variants of a file are looked at, and the files that use it


class Documents(Workspace):
    """The open texts, with the configuration of their folders."""

    def __init__(self) -> None:
        super().__init__()
        self.codec = PositionCodec()
        self.uris: dict[str, str] = {}
        self.configs = Configs()
        self.problem = ""  # of the configuration
        self._positions: dict[str, tuple[str, Positions]] = {}

    def settings(self, path: str) -> Settings:
        try:
            config = self.configs.of(path)
            settings = Settings(config.codes(path), config.root)
        except (ConfigProblem, UnknownCode) as problem:
            self.problem = str(problem)
            return Settings()
        self.problem = ""
        return settings

    def language(self, folder: str) -> str | None:
        """The language that the configuration of a folder asks for."""
        try:
            return self.configs.of_folder(os.path.abspath(folder)).lang
        except ConfigProblem:  # it is told when a file is looked at
            return None

    def reload(self) -> None:
        """The configuration may have changed."""
        self.configs = Configs()
        self.forget()

    def path(self, uri: str) -> str:
        """The path of a document; of one that lies in no file, a name in the working folder."""
        path = uris.to_fs_path(uri) if uri.startswith("file:") else None
        path = path or os.path.abspath(uri.rpartition(":")[2].strip("/").replace("/", "_") or "untitled")
        self.uris[path] = uri
        return path

    def uri(self, path: str) -> str:
        """The name that the editor has for a file."""
        return self.uris.get(path) or uris.from_fs_path(os.path.abspath(path)) or path

    def positions(self, source: Source) -> Positions:
        known = self._positions.get(source.filename)
        if known is None or known[0] is not source.text:
            known = self._positions[source.filename] = source.text, Positions(source.text, self.codec)
        return known[1]


class Checks:
    """Decides when an open document is checked: at once where that is quick, else when nobody types for a moment."""

    def __init__(
        self, documents: Documents, publish: Callable[[str, Analysis], None], refresh: Callable[[], None]
    ) -> None:
        self.documents = documents
        self.publish = publish
        self.refresh = refresh
        self._timers: dict[str, asyncio.TimerHandle] = {}
        self._took: dict[str, float] = {}

    def soon(self, path: str) -> None:
        """A document has changed."""
        took = self._took.get(path, 0.0)
        self._later(path, 0.0 if took < QUICK else min(LONGEST, 2 * took), self._check)

    def forget(self, path: str) -> None:
        timer = self._timers.pop(path, None)
        if timer is not None:
            timer.cancel()
        self._took.pop(path, None)

    def _later(self, path: str, delay: float, run: Callable[[str], None]) -> None:
        if path in self._timers:
            self._timers[path].cancel()
        self._timers[path] = asyncio.get_running_loop().call_later(delay, run, path)

    def _check(self, path: str) -> None:
        """Checks the file as it stands; its variants and the files that use it have their turn when nobody types."""
        if path not in self.documents:
            return
        start = time.perf_counter()
        analysis = self.documents.analysis(path)
        self._took[path] = time.perf_counter() - start
        self.publish(path, analysis)
        self._later(path, IDLE, self._check_more)

    def _check_more(self, path: str) -> None:
        if path not in self.documents:
            return
        if self.documents.analysis(path).partial:
            self.publish(path, self.documents.analysis(path, whole=True))
        others = self.documents.dependents(path)
        for other in others:
            self.publish(other, self.documents.analysis(other, whole=True))
        if others or any(used in self.documents for used in self.documents.analysis(path).used):
            self.refresh()  # what one file says of sizes, another shows
