"""A Jupyter notebook: one of its cells holds the answer."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

MOST_CELLS = 500

_MAGIC = re.compile(r"\s*%%(?:cnnspec|exercise)\b[^\n]*(?:\n|$)")


def is_notebook(document: Any) -> bool:
    """Whether a JSON document is one."""
    return isinstance(document, dict) and isinstance(document.get("cells"), list)


def texts_of(document: dict[str, Any]) -> Iterator[str]:
    """The texts of the cells: those with a magic word of ours first, without it."""
    cells = [_source(cell) for cell in document["cells"][:MOST_CELLS]]
    magic = [text for text in cells if _MAGIC.match(text)]
    yield from (_MAGIC.sub("", text, count=1) for text in reversed(magic))
    yield from (text for text in cells if text.strip() and not _MAGIC.match(text))


def _source(cell: Any) -> str:
    source = cell.get("source", "") if isinstance(cell, dict) else ""
    if isinstance(source, list):
        source = "".join(line for line in source if isinstance(line, str))
    return source if isinstance(source, str) else ""
