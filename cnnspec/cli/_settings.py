"""`--set name=value`: values as one writes them in a file."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from typing import Any

from cnnspec.cli._common import UsageError
from cnnspec.language import say

TOKEN = re.compile(
    r"""\s*(?:
        (?P<size>{whole}(?:x{whole})+)(?![0-9a-zA-Z_.])
      | (?P<number>[-+]?{whole}(?:\.[0-9]+)?(?:[eE][-+]?[0-9]+)?)(?![0-9a-zA-Z_.])
      | "(?P<text>[^"]*)"
      | (?P<word>[a-z_][a-z0-9_]*)
      | (?P<sign>[\[\],])
    )\s*""".replace("{whole}", "[0-9]{1,100}(?:_[0-9]{1,100}){0,50}"),
    re.VERBOSE,
)
LONGEST = 10_000
DEEPEST = 50


def parse_settings(items: Sequence[str]) -> dict[str, Any]:
    """`["classes=10", "depths=[1, 2]"]` as {"classes": 10, "depths": [1, 2]}. Raises UsageError."""
    found: dict[str, Any] = {}
    for item in items:
        name, equals, text = item.partition("=")
        name = name.strip()
        if not equals or not name:
            raise UsageError(say("--set takes NAME=VALUE, not `{item}`", item=item[:60]))
        found[name] = parse_value(text, name)
    return found


def parse_value(text: str, name: str = "value") -> Any:
    """A number, true, false, a text, a size or a list. The quotes of a plain word may be left out: shells eat them."""
    tokens = _tokens(text, name)
    value, end = _value(tokens, 0, name, 0)
    if end != len(tokens):
        raise _refused(name, text)
    return value


def _tokens(text: str, name: str) -> list[tuple[str, str]]:
    tokens = []
    position = 0
    while position < len(text):
        match = TOKEN.match(text, position)
        if match is None or len(text) > LONGEST:
            raise _refused(name, text)
        tokens.append((match.lastgroup or "", match.group(match.lastgroup or 0)))
        position = match.end()
    return tokens


def _value(tokens: list[tuple[str, str]], i: int, name: str, depth: int) -> tuple[Any, int]:
    group, text = tokens[i] if i < len(tokens) else ("end", "")
    if (group, text) == ("sign", "[") and depth < DEEPEST:
        return _list(tokens, i + 1, name, depth + 1)
    if group == "number" and abs(number := _number(text)) != math.inf:
        return number, i + 1
    if group == "size":
        return tuple(int(part) for part in text.split("x")), i + 1
    if group == "word" and text in ("true", "false"):
        return text == "true", i + 1
    if group in ("text", "word"):
        return text, i + 1
    raise _refused(name, text)


def _list(tokens: list[tuple[str, str]], i: int, name: str, depth: int) -> tuple[list[Any], int]:
    items: list[Any] = []
    while i < len(tokens) and tokens[i] != ("sign", "]"):
        item, i = _value(tokens, i, name, depth)
        items.append(item)
        if i < len(tokens) and tokens[i] == ("sign", ","):
            i += 1
        elif i < len(tokens) and tokens[i] != ("sign", "]"):
            raise _refused(name, tokens[i][1])
    if i >= len(tokens):
        raise UsageError(say("--set {name}: the list is not closed", name=name))
    return items, i + 1


def _number(text: str) -> int | float:
    return float(text) if any(c in text for c in ".eE") else int(text)


def _refused(name: str, text: str) -> UsageError:
    shown = text if len(text) <= 60 else text[:57] + "..."
    message = say("--set {name}: `{text}` is no number, true, false, text or list", name=name, text=shown)
    if text.lower() in ("true", "false"):
        message = say("{message} (write true or false)", message=message)
    return UsageError(message)
