"""The layer kinds. One module a kind: `cnnspec/layers/conv.py` defines the kind `conv` as its `KIND`.

A kind is found by the name of its module, and imported when a file first uses it. Modules whose name begins with an
underscore hold what several kinds share.
"""

from __future__ import annotations

import functools
import importlib
import os

from cnnspec.layers._kind import Kind


@functools.cache
def names() -> tuple[str, ...]:
    """The names of all kinds, in alphabetical order."""
    files = (entry.partition(".") for entry in os.listdir(os.path.dirname(__file__)))
    return tuple(sorted(stem for stem, _, suffix in files if suffix == "py" and not stem.startswith("_")))


@functools.cache
def find(name: str) -> Kind | None:
    """The kind of that name, or None."""
    if name not in names():
        return None
    kind: Kind = importlib.import_module(f"cnnspec.layers.{name}").KIND
    return kind


def all_kinds() -> tuple[Kind, ...]:
    """Every kind, in alphabetical order."""
    return tuple(kind for kind in map(find, names()) if kind is not None)
