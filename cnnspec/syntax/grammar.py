"""The grammar file, found and made into a parser, with lark's own cache of the tables."""

from __future__ import annotations

import os
import sys
from typing import Any

from lark import Lark

from cnnspec.language import say

_HERE = os.path.dirname(os.path.abspath(__file__))
_PLACES = (
    os.path.join(os.path.dirname(_HERE), "grammar", "cnnspec.lark"),  # an installed wheel
    os.path.join(os.path.dirname(os.path.dirname(_HERE)), "grammar", "cnnspec.lark"),  # a checkout
)


def grammar_path() -> str:
    """Where `cnnspec.lark` lies."""
    for place in _PLACES:
        if os.path.exists(place):
            return place
    raise FileNotFoundError(say("the grammar `cnnspec.lark` is missing from this installation"))


def make_parser(builder: Any) -> Lark:
    """A LALR(1) parser whose reductions call the methods of `builder`: nodes come straight out."""
    with open(grammar_path(), encoding="utf-8") as file:
        text = file.read()
    return Lark(
        text,
        parser="lalr",
        lexer="basic",
        keep_all_tokens=True,
        transformer=builder,
        cache=_cache_path() or False,
    )


def _cache_path() -> str | None:
    """A place for the tables: beside the compiled modules, else among the user's caches, else none."""
    name = f"cnnspec-grammar.{sys.implementation.cache_tag}.tables"
    for folder in (os.path.join(_HERE, "__pycache__"), _user_cache()):
        try:
            os.makedirs(folder, exist_ok=True)
        except OSError:
            continue
        if os.access(folder, os.W_OK):
            return os.path.join(folder, name)
    return None


def _user_cache() -> str:
    base = os.environ.get("XDG_CACHE_HOME") or os.path.join(os.path.expanduser("~"), ".cache")
    return os.path.join(base, "cnnspec")
