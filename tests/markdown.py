"""The code blocks of a Markdown page, each with the comments that stand before it."""

from __future__ import annotations

import re
from pathlib import Path
from typing import NamedTuple

BLOCK = re.compile(
    r"(?P<comments>(?:^<!-- [^\n]* -->\n)*)^```(?P<language>[a-z]*)\n(?P<text>.*?)^```$", re.MULTILINE | re.DOTALL
)
COMMENT = re.compile(r"<!-- (?P<key>[a-z ]+?)(?:: (?P<value>[^\n]*?))? -->")


class Block(NamedTuple):
    """A fenced block: its language, its text, its place in the page, and the `<!-- key: value -->` before it."""

    language: str
    text: str
    start: int
    end: int
    line: int
    says: dict[str, str]


def blocks_of(page: str) -> list[Block]:
    found = []
    for match in BLOCK.finditer(page):
        says = {comment["key"]: comment["value"] or "" for comment in COMMENT.finditer(match["comments"])}
        start, end = match.span("text")
        found.append(Block(match["language"], match["text"], start, end, page.count("\n", 0, start), says))
    return found


def links_of(page: str) -> list[str]:
    """The targets of links that lead to files and headings of the project."""
    prose = BLOCK.sub("", page)
    return [target for target in re.findall(r"\]\(([^)\s]+)\)", prose) if not re.match(r"[a-z]+:", target)]


def anchors_of(path: Path) -> set[str]:
    """The anchors of a page's headings, as Markdown viewers make them."""
    headings = re.findall(r"^#+ (.*)$", BLOCK.sub("", path.read_text(encoding="utf-8")), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}
