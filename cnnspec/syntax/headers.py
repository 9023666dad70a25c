"""Hints for the first lines of `model`, `block` and `variant`: the name, and what stands in parentheses."""

from __future__ import annotations

import re

from cnnspec.diagnostics import Mistake
from cnnspec.syntax.forms import KEYWORDS
from cnnspec.syntax.tokens import lexeme
from cnnspec.syntax.trouble import Hint, Trouble

_WITH_PARAMETERS = frozenset({"MODEL", "BLOCK", "VARIANT"})


def quoted_name(trouble: Trouble) -> Hint | None:
    """`variant "resnet18"`."""
    name = trouble.token.value[1:-1]
    if trouble.token.type != "STRING" or trouble.before.type not in _WITH_PARAMETERS | {"LET", "AS"}:
        return None
    mistake = Mistake("E104", "a name stands without quotes", help="write it in lower case: `small_net`")
    if not re.fullmatch("[a-z][a-z0-9_]*", name) or name.upper() in KEYWORDS:
        return trouble.hint(mistake)
    start, end = trouble.token.start_pos, trouble.token.end_pos
    mistake.help = "write `{right}`"
    mistake.values["right"] = f"{trouble.before.value} {name}"
    tokens = [*trouble.tokens[: trouble.index], lexeme("NAME", name, start, end), *trouble.tokens[trouble.index + 1 :]]
    return trouble.hint(mistake, tokens, (start, end, name))


def missing_parentheses(trouble: Trouble) -> Hint | None:
    """`variant small width = 16`."""
    first = trouble.index
    named = trouble.at(first).type == "NAME" and trouble.at(first + 1).type == "EQUAL"
    if trouble.head.type not in _WITH_PARAMETERS or first != 3 or not named:
        return None
    last = len(trouble.tokens) - (2 if trouble.tokens[-1].type == "LBRACE" else 1)
    start, end = trouble.before.end_pos, trouble.at(last).end_pos
    right = f"{trouble.text(1, 2)}({trouble.text(first, last)})"
    mistake = Mistake("E104", "parentheses are missing after `{name}`", help="write `{right}`", right=right)
    mistake.values["name"] = trouble.before.value
    tokens = [
        *trouble.tokens[:first],
        lexeme("CALL", "(", start, start),
        *trouble.tokens[first : last + 1],
        lexeme("RPAR", ")", end, end),
        *trouble.tokens[last + 1 :],
    ]
    return trouble.hint(mistake, tokens, (start, trouble.token.start_pos, "("), (end, end, ")"))
