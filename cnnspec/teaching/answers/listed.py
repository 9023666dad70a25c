"""Answers in a list: `3) 24`, `conv1.height = 24`, or a line for each layer, `pooling 2x2 : 12x12x8`."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from cnnspec.teaching.answers.annotations import split
from cnnspec.teaching.answers.below import maps_of
from cnnspec.teaching.answers.collecting import Collected
from cnnspec.teaching.answers.kinds import kind_of
from cnnspec.teaching.answers.numerals import numbers, sizes
from cnnspec.teaching.answers.rows import Row
from cnnspec.teaching.model import VALUE

LONGEST_LINE = 1_000
MOST_LINES = 2_000

_ITEM = re.compile(
    r"\s{0,20}(?:[-*\u2022]\s{0,9})?(?P<key>[0-9]{1,4}(?=\s{0,9}[).:=])|\?[0-9]{1,4}|[^\W\d_][\w.]{0,80})"
    r"\s{0,9}(?:[.)]|:=|==?|:|->)\s{1,9}(?P<answer>\S.*)"
)
_LAYER = re.compile(
    r"\W{0,9}(?P<name>[^\W\d_][^:=>(\[]{0,80}?)\s{0,9}(?::|=>|->|(?<=\s)=)\s{0,9}(?![0-9]+-[0-9]+\s)(?P<answer>[0-9(\[].*)"
)


def collect(found: Collected, text: str) -> bool:
    """Takes what a list of blanks says, by their keys or numbers; whether the text is one."""
    lines = text.split("\n")[:MOST_LINES]
    asked = [blank for blank in found.exercise.blanks if blank.family == VALUE]
    maps = maps_of(lines) if len(asked) == len(found.exercise.blanks) else []
    if maps and len(maps) == len(asked):  # nothing but rows of numbers
        for blank, written in zip(asked, maps, strict=True):
            found.put(blank, written)
        return True
    lines = [line for line in lines if line.strip()]
    pairs = list(_pairs(lines))
    known = [pair for pair in pairs if found.find(pair[0]) is not None]
    if 2 * len(known) < len(lines):  # among prose, a number or a word may be there by accident
        pairs = known = [pair for pair in known if "." in pair[0]]
    if not known:
        return False
    found.unknown(key for key, answer in pairs if not found.put_by_key(key, answer))
    return True


def _pairs(lines: Sequence[str]) -> Iterator[tuple[str, str]]:
    """Key and answer of each item; `1. input 28x28x1` is a numbered line of a file and no answer."""
    for line in lines:
        item = _ITEM.fullmatch(line[:LONGEST_LINE])
        if item and "->" not in item["answer"] and (numbers(item["answer"]) or sizes(item["answer"])):
            yield item["key"], item["answer"]


def layers_of(lines: Sequence[str]) -> list[Row]:
    """The rows of a list of layers, where most lines are an item of one."""
    if any(line.startswith(("input", "expect")) for line in lines):  # a file in the language
        return []
    rows = []
    for line in lines:
        item = _LAYER.fullmatch(line[:LONGEST_LINE])
        kind = kind_of(item["name"]) if item and not re.search(r"\w\.\w", item["name"]) else ""
        if item and kind:
            parts = split(item["answer"], 0, counted=True)
            rows.append(Row(item["name"], kind, parts.size, parts.params))
    filled = sum(bool(line.strip()) for line in lines)
    return rows if 2 * len(rows) > filled else []
