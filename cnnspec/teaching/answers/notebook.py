"""A Jupyter notebook: one of its cells holds the answer."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

MOST_CELLS = 500

_NAMED = re.compile(r'\s*[A-Za-z_]\w{0,99}[ \t]*=[ \t]*"""((?:[^"\\]|\\.|"(?!""))*+)"""\s*', re.DOTALL)
_MAGIC = re.compile(r"\s*%%(?:cnnspec|exercise)\b[^\n]*(?:\n|$)")


def is_notebook(document: Any) -> bool:
    """Whether a JSON document is one."""
    return isinstance(document, dict) and isinstance(document.get("cells"), list)


def texts_of(document: dict[str, Any]) -> Iterator[str]:
    """The texts of the cells: those with a magic word of ours first, without it."""
    cells = [_source(cell) for cell in document["cells"][:MOST_CELLS]]
    magic = [text[found.end() :] for text in cells if (found := _MAGIC.match(text))]
    yield from reversed(magic)
    yield from (text for text in cells if text.strip() and not _MAGIC.match(text))


def _source(cell: Any) -> str:
    source = cell.get("source", "") if isinstance(cell, dict) else ""
    if isinstance(source, list):
        source = "".join(line for line in source if isinstance(line, str))
    return _text_in(source) if isinstance(source, str) else ""


def _text_in(source: str) -> str:
    """The text of a cell that does nothing but give it a name, as in the notebooks that tests check."""
    found = _NAMED.fullmatch(source)
    return re.sub(r'\\([\\"])', r"\1", found[1]) if found else source
