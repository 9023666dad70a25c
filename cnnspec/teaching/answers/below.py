"""Answers on the lines below the one that asks: joined to it, so that all else reads one statement on one line."""

from __future__ import annotations

import re
from collections.abc import Sequence

MOST_LINES = 2_000

_ANSWER = re.compile(r"\s*+(?:->|[:=>])?\s*+(?P<answer>[0-9(\[~\u2248\u2212.-].*)")
_ASKS = re.compile(r"(?P<given>[^#]*?(?:->|==?|<=|>=))\s*(?P<asked>[^#>]*)")
_EXAMPLE = re.compile(r"(?P<given>\s*example\b[^#]*->)\s*(?P<asked>[^#>]*)")
_ROW = re.compile(r"[\s\d.,;|+\-\u2212/eE]+")


def joined(text: str, exercise: str) -> str:
    """The text with each answer in the line that it stands below; as many lines as before.

    >>> joined("flatten -> ?\\n   256\\ndense 10", "flatten -> ?\\ndense 10")
    'flatten -> 256\\n\\ndense 10'
    """
    lines = text.split("\n")
    given = {line.strip() for line in exercise.split("\n")}
    if len(lines) > MOST_LINES:
        return text
    for start, line in enumerate(lines):
        example = _EXAMPLE.fullmatch(line)
        asks = example or _ASKS.fullmatch(line)
        if asks and (example or not asks["asked"].strip() or "?" in asks["asked"]):
            end = _end(lines, start + 1, given)
            if any(lines[start + 1 : end]):
                answer = _answer(asks["asked"], lines[start + 1 : end], rows=bool(example))
                lines[start:end] = [f"{asks['given']} {answer}", *[""] * (end - start - 1)]
    return "\n".join(lines)


def _end(lines: Sequence[str], start: int, given: set[str]) -> int:
    """The line after the last of the answers that begin here."""
    end = start
    for i in range(start, len(lines)):
        if lines[i].strip() and (lines[i].strip() in given or not _ANSWER.fullmatch(lines[i])):
            break
        end = i + 1 if lines[i].strip() else end
    return end


def _answer(asked: str, lines: Sequence[str], *, rows: bool) -> str:
    """What is to stand in the place of what was asked."""
    texts = [match["answer"].strip() if (match := _ANSWER.fullmatch(line)) else "" for line in lines]
    if rows:
        lines = [asked if "?" not in asked else "", *texts]
        return ", ".join(maps_of(lines) or [line.rstrip(" ,") for line in lines if line.strip()])
    answer = ", ".join(text for text in texts if text)
    if asked.count("?") == 1 and re.search("[0-9]", asked) and not re.search(r"[,;xX\u00d7]", answer):
        count = re.sub(r"(?<!\s)\s*+(?<![^\W\d_])[^\W\d_]++\s*$", "", answer)  # the size was given, the count is below
        return asked.replace("?", count, 1)
    return answer


def maps_of(lines: Sequence[str]) -> list[str]:
    """Rows of numbers as nested lists: a new map begins after an empty line, and where rows get another length.

    >>> maps_of(["3 5", "7 9", "", "9"]), maps_of(["3,5 5", "9,5"]), maps_of(["a b"])
    (['[[3, 5], [7, 9]]', '[[9]]'], ['[[3.5, 5]]', '[[9.5]]'], [])
    """
    if any(line.strip() and not _ROW.fullmatch(line) for line in lines):
        return []
    decimal = any(re.search(r"[0-9],[0-9]+(?:[ \t;|]+[0-9]|[ \t]*;)", line) for line in lines)
    maps: list[list[list[str]]] = [[]]
    for line in lines:
        row = _numbers(line, decimal=decimal)
        if maps[-1] and (not row or len(row) != len(maps[-1][-1])):
            maps.append([])
        if row:
            maps[-1].append(row)
    return [_nested(rows) for rows in maps if rows]


def _numbers(line: str, *, decimal: bool) -> list[str]:
    """The numbers of a row: commas part them, unless something else does."""
    parts = re.split(r"[\s;|]+" if decimal else r"[\s;|,]+", line.strip())
    return [part.strip(",").replace(",", ".") for part in parts if part]


def _nested(rows: Sequence[Sequence[str]]) -> str:
    return "[" + ", ".join(f"[{', '.join(row)}]" for row in rows) + "]"
