"""`check --watch`: checks again whenever a file changes."""

from __future__ import annotations

import argparse
import os
import re
import sys
import time
from collections.abc import Callable

from cnnspec.cli._common import UsageError, spec_paths
from cnnspec.config import ConfigProblem, Configs, UnknownCode
from cnnspec.config.reading import OWN, SHARED
from cnnspec.language import say
from cnnspec.syntax.reading import LARGEST, split_variant

PAUSE = 0.3
CLEAR = "\x1b[2J\x1b[H"
_USE = re.compile(r'^\s*use\s+"([^"\n]+)"', re.MULTILINE)

Stamp = tuple[int, int] | None  # when a file was changed, and its size; None where there is none


def watch(args: argparse.Namespace, once: Callable[[argparse.Namespace], int], pause: float = PAUSE) -> int:
    """Checks now and after each change, until Ctrl-C ends it."""
    try:
        while True:
            stamps = _stamps(args)
            if sys.stdout.isatty():
                sys.stdout.write(CLEAR)
            _check(args, once)
            sys.stdout.flush()
            sys.stderr.write(say("watching for changes, Ctrl-C ends") + "\n")
            sys.stderr.flush()
            while _stamps(args) == stamps:
                time.sleep(pause)
    except KeyboardInterrupt:
        return 0


def _check(args: argparse.Namespace, once: Callable[[argparse.Namespace], int]) -> None:
    """One round; a configuration that is wrong for the moment ends nothing."""
    try:
        once(args)
    except (ConfigProblem, UnknownCode, UsageError) as problem:
        sys.stderr.write(say("{name}: {text}", name="cnnspec check", text=problem) + "\n")


def _stamps(args: argparse.Namespace) -> dict[str, Stamp]:
    """Every file that the check depends on."""
    found: dict[str, Stamp] = {}
    try:
        configs = Configs(args.config, isolated=args.isolated)
        paths = list(spec_paths(args.files, configs, args.exclude, warn=False))
    except ConfigProblem as problem:
        paths = [*args.files, problem.path]
    waiting = [split_variant(path)[0] for path in paths]
    waiting += [args.config] if args.config else _configurations(waiting)
    while waiting:
        path = os.path.normpath(waiting.pop())
        if path not in found:
            found[path] = _stamp(path)
            if path.endswith(".cnn"):
                waiting += _used(path)
    return found


def _configurations(paths: list[str]) -> list[str]:
    """Where a configuration may be: in the folders of the files, and in those above."""
    found: set[str] = set()
    for path in paths:
        folder = os.path.dirname(os.path.abspath(path))
        while folder not in found:
            found.add(folder)
            folder = os.path.dirname(folder)
    return [os.path.join(folder, name) for folder in found for name in (OWN, SHARED)]


def _stamp(path: str) -> Stamp:
    try:
        status = os.stat(path)
    except (OSError, ValueError):
        return None
    return status.st_mtime_ns, status.st_size


_known: dict[str, tuple[Stamp, list[str]]] = {}


def _used(path: str) -> list[str]:
    """The files that a file uses; read again only when it has changed."""
    stamp = _stamp(path)
    if path not in _known or _known[path][0] != stamp:
        try:
            with open(path, encoding="utf-8", errors="replace") as file:
                names = _USE.findall(file.read(LARGEST))
        except OSError:
            names = []
        _known[path] = stamp, [os.path.join(os.path.dirname(path), name) for name in names]
    return _known[path][1]
