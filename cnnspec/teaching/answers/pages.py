"""What Moodle's editor makes of an answer: a page, from which the text is taken."""

from __future__ import annotations

import re
from html.parser import HTMLParser

_PAGE = re.compile(r"\s*<(?:!doctype html|html|head|body|p|div|pre|table|span|br)\b[^<>]{0,300}>", re.IGNORECASE)
_BREAKING = frozenset({"br", "p", "div", "tr", "li", "pre", "h1", "h2", "h3", "table", "ul", "ol"})


class _Plain(HTMLParser):
    """The text of a page, with lines where the page has them."""

    def __init__(self) -> None:
        super().__init__()
        self.parts: list[str] = []
        self.silent = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:  # noqa: ARG002
        self.silent += tag in ("script", "style")
        if tag in _BREAKING:
            self.parts.append("\n")
        elif tag in ("td", "th"):
            self.parts.append(" | ")

    def handle_endtag(self, tag: str) -> None:
        self.silent -= tag in ("script", "style") and self.silent > 0
        if tag in _BREAKING and tag != "br":
            self.parts.append("\n")

    def handle_data(self, data: str) -> None:
        if not self.silent:
            self.parts.append(data)


def is_page(text: str) -> bool:
    """Whether a text begins as pages do."""
    return bool(_PAGE.match(text))


def plain(page: str) -> str:
    """The text of an HTML page.

    >>> plain("<p>conv 6, f=5 -&gt; 24x24x6<br>dense 10</p>")
    'conv 6, f=5 -> 24x24x6\\ndense 10'
    """
    parser = _Plain()
    parser.feed(page)
    parser.close()
    return re.sub(r"\n{2,}", "\n", "".join(parser.parts)).strip("\n")
