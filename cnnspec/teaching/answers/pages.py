"""What Moodle's editor makes of an answer: a page, from which the text is taken.

Python's own parser of pages takes a minute over half a megabyte of `<!--`; this one looks at each sign once.
"""

from __future__ import annotations

import re
from html import unescape

_PAGE = re.compile(r"\s*<(?:!doctype html|html|head|body|p|div|pre|table|span|br)\b[^<>]{0,300}>", re.IGNORECASE)
_TAG = re.compile(r"<(/?)([a-zA-Z][a-zA-Z0-9]{0,20})\b[^<>]{0,2000}>|<!--[^<>]{0,2000}-->|<![^<>]{0,2000}>")
_BREAKING = frozenset({"br", "p", "div", "tr", "li", "pre", "h1", "h2", "h3", "table", "ul", "ol"})
_SILENT = frozenset({"script", "style", "head"})


def is_page(text: str) -> bool:
    """Whether a text begins as pages do."""
    return bool(_PAGE.match(text))


def plain(page: str) -> str:
    """The text of an HTML page.

    >>> plain("<p>conv 6, f=5 -&gt; 24x24x6<br>dense 10</p>")
    'conv 6, f=5 -> 24x24x6\\ndense 10'
    """
    parts = []
    position = 0
    silent = ""
    for tag in _TAG.finditer(page):
        if not silent:
            parts.append(unescape(page[position : tag.start()]))
        position = tag.end()
        name = (tag[2] or "").lower()
        if name in _SILENT:
            silent = "" if tag[1] and name == silent else silent or ("" if tag[1] else name)
        elif not silent:
            parts.append("\n" if name in _BREAKING else " | " if name in ("td", "th") and not tag[1] else "")
    parts.append("" if silent else unescape(page[position:]))
    return re.sub(r"\n{2,}", "\n", "".join(parts)).strip("\n")
