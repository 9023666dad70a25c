"""Patterns of file names, as `.gitignore` has them."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import NamedTuple


class Pattern(NamedTuple):
    """One line: what it matches, relative to its folder; whether it takes back; whether it is for folders only."""

    regex: re.Pattern[str]
    negated: bool
    folders_only: bool


class Patterns:
    """The lines of a `.gitignore`, or of a list in the configuration; of those that match, the last one counts.

    >>> patterns = Patterns(["*.cnn", "!lenet.cnn", "/old/"])
    >>> patterns.verdict("nets/a.cnn"), patterns.verdict("nets/lenet.cnn"), patterns.verdict("old", folder=True)
    (True, False, True)
    """

    def __init__(self, lines: Iterable[str]) -> None:
        self.patterns = [pattern for line in lines if (pattern := compile_line(line)) is not None]

    def verdict(self, path: str, *, folder: bool = False) -> bool | None:
        """Whether the path (with `/`, relative to the folder of the patterns) is matched; None: no line says so."""
        for pattern in reversed(self.patterns):
            if (folder or not pattern.folders_only) and pattern.regex.fullmatch(path):
                return not pattern.negated
        return None

    def match(self, path: str) -> bool:
        """Whether a file is matched, by itself or with one of the folders in which it lies."""
        parts = path.split("/")
        folders = ("/".join(parts[:i]) for i in range(1, len(parts)))
        return any(self.verdict(folder, folder=True) for folder in folders) or bool(self.verdict(path))


def compile_line(line: str) -> Pattern | None:
    """One line of a `.gitignore`; None of an empty one, a comment, or one that can match nothing."""
    text = re.sub(r"(?<!\\)((?:\\\\)*) +$", r"\1", line.rstrip("\r\n"))
    if not text or text.startswith("#"):
        return None
    negated = text.startswith("!")
    text = text[negated:]
    folders_only = text.endswith("/")
    text = text.removesuffix("/")
    anchored = "/" in text
    try:
        regex = re.compile(("" if anchored else "(?:.*/)?") + _translated(text.removeprefix("/")), re.DOTALL)
    except (re.error, ValueError):  # a range such as [z-a], a bracket that nobody closes
        return None
    return Pattern(regex, negated, folders_only) if text else None


_PART = re.compile(r"(?:^|/)\*\*/(?:\*\*/)*|/\*\*$|^\*\*$|\*+|\?|\[[!^]?\]?(?:\\.|[^\]\\])*\]|\\.|.", re.DOTALL)


def _translated(glob: str) -> str:
    """The pattern as a regular expression."""
    out = ""
    for match in _PART.finditer(glob):
        part = match[0]
        if part.endswith("**/"):
            out += ("/" if part.startswith("/") else "") + "(?:.*/)?"
        elif part == "/**":
            out += "/.*"
        elif part == "**" and glob == "**":
            out += ".*"
        elif part.startswith("*"):
            out += "[^/]*"
        elif part == "?":
            out += "[^/]"
        elif part.startswith("[") and len(part) > 1:
            out += _set(part)
        elif part in "[\\":
            raise ValueError(glob)
        else:
            out += re.escape(part.removeprefix("\\"))
    return out


def _set(part: str) -> str:
    """`[a-z]`, `[!a]`, where `/` never belongs to it."""
    inner = part[1:-1]
    negated = inner[:1] in ("!", "^")
    inner = inner[negated:]
    body = re.sub(r"\\(.)", lambda m: re.escape(m[1]), inner, flags=re.DOTALL)
    body = re.sub(r"(?<!\\)[\[&~|]|^\^", lambda m: "\\" + m[0], body)
    if body.startswith("]"):
        body = "\\" + body
    return f"(?!/)[{'^' if negated else ''}{body}]"
